//! Which chain stands, when a server shows another one than this device knows: the one that was there first, by what the
//! server signed. A chain that is put aside takes the envelopes along that name it.

use std::collections::BTreeSet;

use ayumi_protocol::control::{Branch, Statement, earliest_receipts, told_stands};
use ayumi_protocol::end::SignedEnd;
use ayumi_protocol::exchange::Reply;
use ayumi_protocol::key::Hash;
use ayumi_protocol::receipt::Receipt;

use super::kept::changes_in;
use super::lines::settle;
use super::page::{Page, Step};
use crate::app::error::Result;
use crate::app::pinned::keys_of_server;
use crate::store::channel::{self, Channel, StoredStatement};
use crate::store::{StoreError, Tx, View, changes, ends, frames, lines, outbox};
use crate::sync::halt::Halt;
use crate::sync::reader::Reader;
use crate::sync::remedy::Remedy;

/// Statements that a server accepted once and that the log, as it was read now, does not show.
fn told(stored: &[StoredStatement]) -> Vec<Statement> {
    stored.iter().filter(|stored| is_told(stored)).filter_map(read).collect()
}

/// Whether the server is told a statement again.
pub(super) const fn is_told(stored: &StoredStatement) -> bool {
    stored.position == 0 && stored.taken_at > 0
}

fn read(stored: &StoredStatement) -> Option<Statement> {
    Statement::from_bytes(&stored.body).ok()
}

/// Returns for each statement that the server is told again the earliest of what it signed about it: where its own chain parts
/// from them is not known yet.
pub(super) fn receipts(view: &View, channel: &Channel, stored: &[StoredStatement]) -> Result<Vec<Option<Receipt>>> {
    let heads: Vec<Hash> = told(stored).iter().map(Statement::hash).collect();
    if heads.is_empty() {
        return Ok(Vec::new());
    }
    let kept = ends::all(view, channel.notebook, &keys_of_server(view, channel)?)?;
    let signed: Vec<SignedEnd> = kept.iter().map(|receipt| receipt.signed).collect();
    let of = |signed: SignedEnd| kept.iter().find(|receipt| receipt.signed == signed).cloned();
    Ok(earliest_receipts(&heads, &signed).into_iter().map(|signed| signed.and_then(of)).collect())
}

/// A statement that a server shows.
struct Shown {
    hash: Hash,
    previous: Hash,
    taken_at: u64,
}

impl Shown {
    fn of(statement: &Statement, taken_at: u64) -> Self {
        Self { hash: statement.hash(), previous: statement.previous, taken_at }
    }

    fn stored(stored: &StoredStatement) -> Option<Self> {
        Some(Self::of(&read(stored)?, stored.taken_at))
    }
}

/// What statements that are told are against a chain that is shown.
enum Weighed {
    /// They do not part from it.
    Follow,
    /// They were there first.
    Stand,
    /// The chain that is shown was there first.
    Fall,
    /// Nothing that the server signed says which was there first.
    Undated,
}

/// Weighs statements against a chain that a reply shows, by all that its server signed.
fn weigh(view: &View, channel: &Channel, told: &[Statement], shown: &[Shown], reply: &Reply) -> Result<Weighed> {
    let Some(first) = told.first() else { return Ok(Weighed::Follow) };
    let branch = shown.iter().skip_while(|shown| shown.previous != first.previous);
    let (heads, times): (Vec<Hash>, Vec<u64>) = branch.map(|shown| (shown.hash, shown.taken_at)).unzip();
    let Some(taken_at) = times.first().copied() else { return Ok(Weighed::Follow) };
    let Some(key) = channel.server_key else { return Ok(Weighed::Undated) };
    let kept = ends::all(view, channel.notebook, &keys_of_server(view, channel)?)?;
    let mut receipts: Vec<SignedEnd> = kept.iter().map(|receipt| receipt.signed).collect();
    let genuine = |receipt: &SignedEnd| receipt.notebook == channel.notebook && receipt.is_signed_by(key);
    receipts.extend(reply.receipt.filter(genuine));
    let shown = Branch { heads: &heads, taken_at: Some(taken_at) };
    let heads: Vec<Hash> = told.iter().map(Statement::hash).collect();
    Ok(match told_stands(&Branch { heads: &heads, taken_at: None }, &shown, &receipts) {
        Some(true) => Weighed::Stand,
        Some(false) => Weighed::Fall,
        None => Weighed::Undated,
    })
}

/// Decides what follows when a server refuses a statement that it accepted once, because its chain went on elsewhere. `None`
/// to go on: the log was not read to its end yet, or was not told the receipts.
pub(super) fn compare(view: &View, channel: &Channel, page: &Page, reply: &Reply) -> Result<Option<Remedy>> {
    if channel.again || page.reached.position < reply.end.position {
        return Ok(None);
    }
    let stored = channel::statements(view, channel.notebook)?;
    let mut shown: Vec<Shown> = stored.iter().filter(|stored| stored.position > 0).filter_map(Shown::stored).collect();
    shown.extend(page.steps.iter().filter_map(|step| match step {
        Step::Known { body, taken_at, .. } => Some(Shown::of(&Statement::from_bytes(body).ok()?, *taken_at)),
        Step::Statement { statement, taken_at, .. } => Some(Shown::of(statement, *taken_at)),
        Step::Envelope { .. } | Step::Kept { .. } => None,
    }));
    let mut told = told(&stored);
    told.retain(|told| !shown.iter().any(|shown| shown.hash == told.hash()));
    let follows = told.first().is_none_or(|first| first.previous == page.reached.head);
    Ok(match weigh(view, channel, &told, &shown, reply)? {
        Weighed::Follow if follows => None,
        // The server's own word says that its chain was there first.
        Weighed::Fall => Some(Remedy::PutAside),
        // It contradicts its word, or nothing of its word is here.
        Weighed::Follow | Weighed::Stand | Weighed::Undated => Some(Remedy::Halt(Halt::Chain)),
    })
}

/// Whether a chain that a server shows, and in which this device was taken out, stands against the one that this device knows.
pub(super) enum Against {
    /// It is the same, or was there first.
    Stands,
    /// This device's was there first, as the server signed: it is told again.
    CameLater,
    /// It parts from this device's, and nothing that the server signed says which was there first.
    Undated,
}

/// Decides whether a whole chain stands that a server shows. Statements behind the one that took this device out are not shown
/// to it.
pub(super) fn stands(view: &View, channel: &Channel, shown: &[StoredStatement], reply: &Reply) -> Result<Against> {
    let shown: Vec<Shown> = shown.iter().filter_map(Shown::stored).collect();
    let known = channel::statements(view, channel.notebook)?;
    let known = known.iter().filter(|stored| stored.taken_at > 0).filter_map(read);
    let is_shown = |known: &Statement| shown.iter().any(|shown| shown.hash == known.hash());
    let lacking: Vec<Statement> = known.skip_while(is_shown).collect();
    Ok(match weigh(view, channel, &lacking, &shown, reply)? {
        Weighed::Follow | Weighed::Fall => Against::Stands,
        Weighed::Stand => Against::CameLater,
        Weighed::Undated => Against::Undated,
    })
}

/// Reads the chain that is put aside, with the keys that it gave this device: an epoch of the chain that stands may have the same
/// number.
fn former(view: &View, reader: &Reader, told: &[Statement]) -> std::result::Result<Reader, StoreError> {
    let notebook = reader.notebook();
    let keys = channel::epoch_keys(view, notebook)?;
    let mut former = Reader::new(notebook, reader.me().clone()).with(keys, lines::tails(view, notebook)?);
    let parts = told.first().map(|first| first.previous).unwrap_or_default();
    let stored = channel::statements(view, notebook)?;
    let placed = stored.iter().filter(|stored| stored.position > 0).filter_map(read);
    let mut common: Vec<Statement> = Vec::new();
    for statement in placed {
        let last = statement.hash() == parts;
        common.push(statement);
        if last {
            break;
        }
    }
    for statement in common.iter().chain(told) {
        // What does not follow gave no key either.
        let _ = former.statement(&statement.to_bytes());
    }
    Ok(former)
}

/// Puts the chain aside that this device knew: its statements go, and the envelopes that name them count nowhere. What this
/// device wrote in them waits to be sent anew.
pub(super) fn put_aside(tx: &Tx<'_>, reader: &Reader) -> std::result::Result<(), StoreError> {
    let notebook = reader.notebook();
    let told = told(&channel::statements(tx, notebook)?);
    let former = former(tx, reader, &told)?;
    let heads: Vec<Hash> = told.iter().map(Statement::hash).collect();
    for statement in &told {
        channel::drop_statement(tx, notebook, &statement.to_bytes())?;
    }
    let mut authors = BTreeSet::new();
    for (row, held) in frames::naming(tx, notebook, &heads)? {
        let author = held.header().author;
        let words = changes_in(tx, &former, &held)?.unwrap_or_default();
        frames::count_nowhere(tx, row)?;
        if author == reader.id() {
            outbox::requeue(tx, &words)?;
        } else {
            // Until their author has sent them anew.
            changes::withdraw(tx, &words)?;
        }
        authors.insert(author);
    }
    // What one of them had put aside stands again, and so does what a statement of that chain had cut off.
    authors.extend(lines::with_dead(tx, notebook)?);
    authors.into_iter().try_for_each(|author| settle(tx, reader, author).map(drop))
}
