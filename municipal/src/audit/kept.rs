//! Rows as the database keeps them. A look and its row are one transaction: without the row nothing is shown.

use ayumi_protocol::municipal::audit::{AuditEntry, ChainHead, Field, Purpose, Tree};
use ayumi_protocol::municipal::thread::id::DeskId;
use ayumi_protocol::municipal::thread::{Profession, RandomId, UnixMs};

use super::{Kept, KeptHead, KeptRow};
use crate::database::{DatabaseError, Fields, Record, Statement, Transaction};
use crate::staff::StaffId;

const END: Statement =
    Statement::new("audit.end", "SELECT number, hash FROM audit_heads WHERE tenant = $1 AND tree = $2 AND chain = $3");
const LAST_PLACE: Statement =
    Statement::new("audit.last place", "SELECT COALESCE(max(place), 0) FROM audit WHERE tenant = $1 AND tree = $2");
const ADD: Statement = Statement::new(
    "audit.add",
    "INSERT INTO audit (tenant, tree, place, chain, number, hash, body) VALUES ($1, $2, $3, $4, $5, $6, $7)",
);
const PUT_END: Statement = Statement::new(
    "audit.put end",
    "INSERT INTO audit_heads (tenant, tree, chain, number, hash) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (tenant, tree, chain) DO UPDATE SET number = excluded.number, hash = excluded.hash",
);
const ROWS: Statement = Statement::new(
    "audit.rows",
    "SELECT tree, place, chain, number, hash, body FROM audit WHERE tenant = $1 ORDER BY tree, place",
);
const CHAIN: Statement = Statement::new(
    "audit.chain",
    "SELECT tree, place, chain, number, hash, body FROM audit WHERE tenant = $1 AND tree = $2 AND chain = $3 ORDER BY number",
);
const ENDS: Statement = Statement::new(
    "audit.ends",
    "SELECT tree, chain, number, hash FROM audit_heads WHERE tenant = $1 ORDER BY tree, chain",
);
const HEADS: Statement = Statement::new(
    "audit.heads",
    "SELECT number, body, danger_through, blind FROM office_heads WHERE tenant = $1 ORDER BY number",
);
const ADD_HEAD: Statement = Statement::new(
    "audit.add head",
    "INSERT INTO office_heads (tenant, number, body, danger_through, blind) VALUES ($1, $2, $3, $4, $5)",
);

/// Every statement of this module.
pub const STATEMENTS: &[&Statement] = &[&END, &LAST_PLACE, &ADD, &PUT_END, &ROWS, &CHAIN, &ENDS, &HEADS, &ADD_HEAD];

/// Who looks at what, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// In which tree its chain stands.
    pub tree: Tree,
    /// Which chain: the thread's id, or [`AuditEntry::OFFICE`].
    pub chain: RandomId,
    /// Who, by which profession; `None` for the server itself.
    pub staff: Option<(StaffId, Profession)>,
    /// At which desk; empty for none.
    pub desk: DeskId,
    /// Why.
    pub purpose: Purpose,
    /// What is shown, each once.
    pub fields: Vec<Field>,
    /// The reason that was typed, sealed.
    pub reason: Vec<u8>,
}

/// Adds a row to its chain, in the transaction that shows what it is about. Returns the chain's new end.
///
/// # Errors
/// [`DatabaseError`]; then nothing is to be shown.
pub async fn add<T: Transaction>(transaction: &mut T, look: &Look, now: UnixMs) -> Result<ChainHead, DatabaseError> {
    let (tree, chain) = (look.tree.key(), look.chain);
    let end = transaction.run(&END, &[tree.into(), chain.into()]).await?.into_iter().next();
    let (last, before) = match end.map(Record::fields) {
        Some(mut fields) => (fields.number()?, fields.array()?),
        None => (0, [0; 32]),
    };
    let mut fields = look.fields.clone();
    fields.sort_unstable();
    fields.dedup();
    let entry = AuditEntry {
        tree: look.tree,
        chain,
        before,
        at: now,
        staff: look.staff.map(|(staff, profession)| (staff.0, profession)),
        desk: look.desk.clone(),
        purpose: look.purpose,
        fields,
        reason: look.reason.clone(),
    };
    let body = entry.to_bytes();
    // What could not be read again is not written.
    AuditEntry::from_bytes(&body).map_err(|_| DatabaseError::Unreadable)?;
    let (number, hash) = (last + 1, AuditEntry::hash_of(&body));
    let place = last_place(transaction, look.tree).await? + 1;
    let values = [tree.into(), place.into(), chain.into(), number.into(), hash.into(), body.into()];
    transaction.run(&ADD, &values).await?;
    transaction.run(&PUT_END, &[tree.into(), chain.into(), number.into(), hash.into()]).await?;
    Ok(ChainHead { chain, count: number, hash })
}

/// Returns how many rows a tree has.
pub(super) async fn last_place<T: Transaction>(transaction: &mut T, tree: Tree) -> Result<u64, DatabaseError> {
    let record = transaction.run(&LAST_PLACE, &[tree.key().into()]).await?.into_iter().next();
    record.ok_or(DatabaseError::Unreadable)?.fields().number()
}

fn row(record: Record) -> Result<KeptRow, DatabaseError> {
    let mut fields = record.fields();
    Ok(KeptRow {
        tree: tree(&mut fields)?,
        place: fields.number()?,
        chain: fields.id()?,
        number: fields.number()?,
        hash: fields.array()?,
        body: fields.bytes()?,
    })
}

fn tree(fields: &mut Fields) -> Result<Tree, DatabaseError> {
    fields.one_of(Tree::ALL, Tree::key)
}

/// Returns the rows of one chain: who looked at a thread.
///
/// # Errors
/// [`DatabaseError`].
pub async fn chain<T: Transaction>(
    transaction: &mut T,
    tree: Tree,
    chain: RandomId,
) -> Result<Vec<KeptRow>, DatabaseError> {
    let records = transaction.run(&CHAIN, &[tree.key().into(), chain.into()]).await?;
    records.into_iter().map(row).collect()
}

/// Returns where every chain is said to end.
pub(super) async fn ends<T: Transaction>(transaction: &mut T) -> Result<Vec<(Tree, ChainHead)>, DatabaseError> {
    let end = |record: Record| {
        let mut fields = record.fields();
        let tree = tree(&mut fields)?;
        Ok((tree, ChainHead { chain: fields.id()?, count: fields.number()?, hash: fields.array()? }))
    };
    transaction.run(&ENDS, &[]).await?.into_iter().map(end).collect()
}

/// Returns what was signed.
pub(super) async fn heads<T: Transaction>(transaction: &mut T) -> Result<Vec<KeptHead>, DatabaseError> {
    let head = |record: Record| {
        let mut fields = record.fields();
        let (number, body) = (fields.number()?, fields.bytes()?);
        Ok(KeptHead { number, body, danger_through: fields.number()?, blind: fields.array()? })
    };
    transaction.run(&HEADS, &[]).await?.into_iter().map(head).collect()
}

/// Adds what was signed.
pub(super) async fn add_head<T: Transaction>(transaction: &mut T, head: &KeptHead) -> Result<(), DatabaseError> {
    let (body, blind) = (head.body.clone(), head.blind);
    transaction.run(&ADD_HEAD, &[head.number.into(), body.into(), head.danger_through.into(), blind.into()]).await?;
    Ok(())
}

/// Returns everything, to be verified.
///
/// # Errors
/// [`DatabaseError`].
pub async fn all<T: Transaction>(transaction: &mut T) -> Result<Kept, DatabaseError> {
    let rows = transaction.run(&ROWS, &[]).await?.into_iter().map(row).collect::<Result<_, _>>()?;
    Ok(Kept { rows, ends: ends(transaction).await?, heads: heads(transaction).await? })
}
