//! Accounts and rights as the database keeps them; sessions and what leads to them stand in `coming`.

mod coming;
mod run;

use std::collections::BTreeMap;

use ayumi_protocol::municipal::thread::{Profession, UnixMs};

use super::pairs::Made;
use super::password::PasswordHash;
use super::{Capability, Grant, Staff, StaffId};
use crate::database::{DatabaseError, Record, Statement, Transaction, Value};
pub use coming::{
    KeptSession, begin_session, clear_tries, end_sessions, is_known, know, put_link, put_session, put_tries,
    session_of, take_link, tries,
};
use run::{one, only};

macro_rules! account {
    () => {
        "SELECT id, name, public_name, profession, made_by, made_at, password_salt, password_hash, totp_sealed, totp_step
         FROM accounts WHERE tenant = $1 AND left_at IS NULL"
    };
}

const BY_NAME: Statement = Statement::new("staff.by name", concat!(account!(), " AND name = $2"));
const BY_ID: Statement = Statement::new("staff.by id", concat!(account!(), " AND id = $2"));
const ACCOUNTS: Statement = Statement::new("staff.accounts", concat!(account!(), " ORDER BY id"));
const ANYBODY: Statement = Statement::new("staff.anybody", "SELECT count(*) FROM accounts WHERE tenant = $1");
const ADD: Statement = Statement::new(
    "staff.add",
    "INSERT INTO accounts (tenant, id, name, public_name, profession, made_by, made_at, totp_step) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)",
);
const FACTORS: Statement = Statement::new(
    "staff.factors",
    "UPDATE accounts SET password_salt = $3, password_hash = $4, totp_sealed = $5, totp_step = $6 WHERE tenant = $1 AND id = $2",
);
const STEP: Statement = Statement::new(
    "staff.step",
    "UPDATE accounts SET totp_step = $3 WHERE tenant = $1 AND id = $2 AND totp_step < $3 RETURNING totp_step",
);
const LEAVE: Statement = Statement::new(
    "staff.leave",
    "UPDATE accounts SET left_at = $3, password_salt = NULL, password_hash = NULL, totp_sealed = NULL WHERE tenant = $1 AND id = $2",
);
const GRANTS: Statement = Statement::new(
    "staff.grants",
    "SELECT staff, capability, desk, until, asked_by, agreed_by, by_root FROM grants WHERE tenant = $1 ORDER BY staff, desk, capability",
);
const ASK: Statement = Statement::new(
    "staff.ask",
    "INSERT INTO grants (tenant, staff, capability, desk, until, asked_by, agreed_by, by_root, given_at) VALUES ($1, $2, $3, $4, $5, $6, NULL, $7, $8)
     ON CONFLICT (tenant, staff, capability, desk) DO UPDATE SET until = excluded.until, asked_by = excluded.asked_by, agreed_by = NULL,
     by_root = excluded.by_root, given_at = excluded.given_at",
);
const AGREE: Statement = Statement::new(
    "staff.agree",
    "UPDATE grants SET agreed_by = $5 WHERE tenant = $1 AND staff = $2 AND capability = $3 AND desk = $4 AND agreed_by IS NULL AND asked_by = $6
     RETURNING until",
);
const TAKE_WORDS: Statement = Statement::new(
    "staff.take words",
    "DELETE FROM grants WHERE tenant = $1 AND staff = $2 AND capability IN ('answer', 'supervise')",
);
const TAKE_ALL: Statement = Statement::new("staff.take all", "DELETE FROM grants WHERE tenant = $1 AND staff = $2");

/// Every statement of this folder, file by file.
pub const STATEMENTS: [&[&Statement]; 2] = [OWN, coming::OWN];

const OWN: &[&Statement] = &[
    &BY_NAME,
    &BY_ID,
    &ACCOUNTS,
    &ANYBODY,
    &ADD,
    &FACTORS,
    &STEP,
    &LEAVE,
    &GRANTS,
    &ASK,
    &AGREE,
    &TAKE_WORDS,
    &TAKE_ALL,
];

type Done<T> = Result<T, DatabaseError>;

/// An account with what it signs in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Whose.
    pub id: StaffId,
    /// By which they sign in.
    pub name: String,
    /// Which families see.
    pub public_name: String,
    /// Shown on every reply.
    pub profession: Profession,
    /// Who made it; `None` for the first.
    pub made_by: Option<StaffId>,
    /// When.
    pub made_at: UnixMs,
    /// The password, once one is set.
    pub password: Option<PasswordHash>,
    /// The sealed second factor, once one is set.
    pub totp: Option<Vec<u8>>,
    /// The newest step of which a code was taken.
    pub totp_step: u64,
}

fn account(record: Record) -> Done<Account> {
    let mut fields = record.fields();
    let (id, name, public_name) = (StaffId(fields.id()?), fields.text()?, fields.text()?);
    let profession = fields.one_of(Profession::ALL, Profession::key)?;
    let (made_by, made_at) = (fields.id_or_none()?.map(StaffId), fields.moment()?);
    let (salt, hash) = (fields.bytes_or_none()?, fields.bytes_or_none()?);
    let password = match (salt, hash) {
        (Some(salt), Some(hash)) => Some(PasswordHash {
            salt: salt.try_into().map_err(|_| DatabaseError::Unreadable)?,
            hash: hash.try_into().map_err(|_| DatabaseError::Unreadable)?,
        }),
        _ => None,
    };
    let (totp, totp_step) = (fields.bytes_or_none()?, fields.number()?);
    Ok(Account { id, name, public_name, profession, made_by, made_at, password, totp, totp_step })
}

/// Returns the account that signs in by a name.
///
/// # Errors
/// [`DatabaseError`], as of all functions here.
pub async fn by_name<T: Transaction>(transaction: &mut T, name: &str) -> Done<Option<Account>> {
    one(transaction, &BY_NAME, &[name.into()]).await?.map(account).transpose()
}

/// Returns an account.
///
/// # Errors
/// [`DatabaseError`].
pub async fn by_id<T: Transaction>(transaction: &mut T, id: StaffId) -> Done<Option<Account>> {
    one(transaction, &BY_ID, &[id.0.into()]).await?.map(account).transpose()
}

/// Whether there was ever an account.
///
/// # Errors
/// [`DatabaseError`].
pub async fn is_anybody<T: Transaction>(transaction: &mut T) -> Done<bool> {
    let record = one(transaction, &ANYBODY, &[]).await?.ok_or(DatabaseError::Unreadable)?;
    Ok(record.fields().number()? > 0)
}

/// Adds an account without anything to sign in with.
///
/// # Errors
/// [`DatabaseError`].
pub async fn add<T: Transaction>(transaction: &mut T, new: &Account) -> Done<()> {
    let values = [
        new.id.0.into(),
        new.name.as_str().into(),
        new.public_name.as_str().into(),
        new.profession.key().into(),
        new.made_by.map(|by| by.0).into(),
        new.made_at.into(),
    ];
    only(transaction, &ADD, &values).await
}

/// Sets what somebody signs in with, or takes it away. Their sessions end, and no browser is known any more.
///
/// # Errors
/// [`DatabaseError`].
pub async fn set_factors<T: Transaction>(
    transaction: &mut T,
    staff: StaffId,
    factors: Option<(&PasswordHash, Vec<u8>)>,
    step: u64,
) -> Done<()> {
    let (salt, hash, totp) = match factors {
        Some((password, totp)) => (password.salt.into(), password.hash.into(), totp.into()),
        None => (Value::Null, Value::Null, Value::Null),
    };
    only(transaction, &FACTORS, &[staff.0.into(), salt, hash, totp, step.into()]).await?;
    coming::end_sessions(transaction, staff).await?;
    coming::forget_browsers(transaction, staff).await
}

/// Remembers that a step's code was taken; false if that step, or a later one, was taken before.
///
/// # Errors
/// [`DatabaseError`].
pub async fn use_step<T: Transaction>(transaction: &mut T, staff: StaffId, step: u64) -> Done<bool> {
    Ok(one(transaction, &STEP, &[staff.0.into(), step.into()]).await?.is_some())
}

/// Ends an account in one act: nothing to sign in with, no session, no right.
///
/// # Errors
/// [`DatabaseError`].
pub async fn leave<T: Transaction>(transaction: &mut T, staff: StaffId, now: UnixMs) -> Done<()> {
    coming::end_sessions(transaction, staff).await?;
    only(transaction, &TAKE_ALL, &[staff.0.into()]).await?;
    coming::forget_browsers(transaction, staff).await?;
    only(transaction, &LEAVE, &[staff.0.into(), now.into()]).await
}

/// Asks for a right, or names it as the root does (`asked` is `None`). The person's sessions end.
///
/// # Errors
/// [`DatabaseError`].
pub async fn ask<T: Transaction>(
    transaction: &mut T,
    staff: StaffId,
    grant: &Grant,
    asked: Option<StaffId>,
    now: UnixMs,
) -> Done<()> {
    let (capability, by_root) = (grant.capability.key(), asked.is_none());
    let values = [
        staff.0.into(),
        capability.into(),
        (&grant.desk).into(),
        grant.until.into(),
        asked.map(|asked| asked.0).into(),
        by_root.into(),
        now.into(),
    ];
    only(transaction, &ASK, &values).await?;
    coming::end_sessions(transaction, staff).await
}

/// Agrees to a right that another one asked for; false if nobody did. The person's sessions end.
///
/// # Errors
/// [`DatabaseError`].
pub async fn agree<T: Transaction>(
    transaction: &mut T,
    staff: StaffId,
    grant: (Capability, &ayumi_protocol::municipal::thread::id::DeskId),
    agrees: StaffId,
    asked: StaffId,
) -> Done<bool> {
    let values = [staff.0.into(), grant.0.key().into(), grant.1.into(), agrees.0.into(), asked.0.into()];
    let agreed = one(transaction, &AGREE, &values).await?.is_some();
    coming::end_sessions(transaction, staff).await?;
    Ok(agreed)
}

/// Takes all rights to families' words from somebody.
///
/// # Errors
/// [`DatabaseError`].
pub async fn take_words<T: Transaction>(transaction: &mut T, staff: StaffId) -> Done<()> {
    only(transaction, &TAKE_WORDS, &[staff.0.into()]).await?;
    coming::end_sessions(transaction, staff).await
}

/// A right as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptGrant {
    /// Whose.
    pub staff: StaffId,
    /// Which.
    pub grant: Grant,
    /// Who asked for it; `None` if the root names it.
    pub asked_by: Option<StaffId>,
    /// Who agreed.
    pub agreed_by: Option<StaffId>,
    /// Whether the root names it.
    pub by_root: bool,
}

impl KeptGrant {
    /// Whether it counts: what opens words needs a second person, or the root.
    pub const fn counts(&self) -> bool {
        self.by_root || self.agreed_by.is_some() || !self.grant.capability.opens_words()
    }
}

/// Returns all rights, those too that nobody agreed to yet.
///
/// # Errors
/// [`DatabaseError`].
pub async fn grants<T: Transaction>(transaction: &mut T) -> Done<Vec<KeptGrant>> {
    let grant = |record: Record| {
        let mut fields = record.fields();
        let staff = StaffId(fields.id()?);
        let capability = fields.one_of(Capability::ALL, Capability::key)?;
        let grant = Grant { capability, desk: fields.desk()?, until: fields.moment()? };
        let (asked_by, agreed_by) = (fields.id_or_none()?.map(StaffId), fields.id_or_none()?.map(StaffId));
        Ok(KeptGrant { staff, grant, asked_by, agreed_by, by_root: fields.yes()? })
    };
    transaction.run(&GRANTS, &[]).await?.into_iter().map(grant).collect()
}

/// Returns everybody with what counts of their rights, as the office's rules ask for it.
///
/// # Errors
/// [`DatabaseError`].
pub async fn people<T: Transaction>(transaction: &mut T) -> Done<BTreeMap<StaffId, Staff>> {
    let mut people = BTreeMap::new();
    for record in transaction.run(&ACCOUNTS, &[]).await? {
        let account = account(record)?;
        let person = Staff { profession: account.profession, grants: Vec::new(), session: None };
        people.insert(account.id, person);
    }
    for kept in grants(transaction).await?.into_iter().filter(KeptGrant::counts) {
        people.entry(kept.staff).and_modify(|person| person.grants.push(kept.grant));
    }
    for kept in coming::sessions(transaction).await? {
        people.entry(kept.staff).and_modify(|person| person.session = Some(kept.session));
    }
    Ok(people)
}

/// Returns by whom and when accounts were made.
///
/// # Errors
/// [`DatabaseError`].
pub async fn made<T: Transaction>(transaction: &mut T) -> Done<Made> {
    let records = transaction.run(&ACCOUNTS, &[]).await?;
    records.into_iter().map(|record| account(record).map(|one| (one.id, (one.made_by, one.made_at)))).collect()
}
