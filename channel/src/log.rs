//! The contract of a store of notebook logs. One contract suite (`tests/server`) runs against every store.
//!
//! A notebook has one log: control statements and envelopes in the order of their acceptance, numbered from 1.
//! The log is kept: an accepted item never changes and never goes before its notebook, and sending it again gets the first
//! reply; only of an envelope of which words were erased no more than the [`Remnant`] is kept. The store also keeps photos in
//! sealed chunks, and the recovery index entries (drawers).

use std::future::Future;
use std::sync::Arc;

use ayumi_protocol::accept::{Bearer, latest_reading};
use ayumi_protocol::blob::{BlobName, BlobReply};
use ayumi_protocol::control::{Erased, State, Statement};
use ayumi_protocol::drawer::DrawerReply;
use ayumi_protocol::end::{End, SignedEnd};
use ayumi_protocol::envelope::{Envelope, Frame, Tail};
use ayumi_protocol::exchange::Wanted;
use ayumi_protocol::key::{Hash, KeyId};
use ayumi_protocol::opening::Remnant;
use ayumi_protocol::prefix::Prefix;
use ayumi_protocol::release::ReleaseKey;
use ayumi_protocol::{Hlc, NotebookId, accept, control};

use crate::gone::{Due, Trace};
use crate::signer::Signer;

/// Why the store refuses or does not find something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// The control chain does not allow the statement.
    #[error(transparent)]
    Control(#[from] control::Refusal),
    /// The envelope may not be appended.
    #[error(transparent)]
    Envelope(#[from] accept::Refusal),
    /// There is no such notebook here.
    #[error("there is no such notebook")]
    NoNotebook,
    /// The notebook was closed by its owners, or forgotten: it does not begin again here.
    #[error("the notebook is gone")]
    Gone,
    /// The notebook has no room left.
    #[error("the notebook has no room left")]
    Quota,
    /// The notebook may not begin: its ticket is not one of this store, or another notebook began with it.
    #[error("the notebook may not begin without a ticket")]
    NoTicket,
    /// The database cannot be used now; nothing was stored.
    #[error("the store cannot be used now")]
    Unavailable,
}

/// Something to append to one notebook's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A control statement, and who brings it.
    Statement(Statement, Bearer),
    /// An envelope, and who brings it.
    Envelope(Envelope, Bearer),
    /// What is left of an envelope of which words were erased, the member who brings it, and how.
    Remnant(Remnant, KeyId, Bearer),
}

/// On what terms a notebook begins; of no account for one that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Terms {
    /// With the whole quota of the store, for as long as the store lives.
    #[default]
    Whole,
    /// The same, with a ticket that has this hash and no other notebook.
    Ticket(Hash),
    /// Small, until a time; never again once that has come.
    Open(OpenTerms),
}

/// Terms of a notebook that began without a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenTerms {
    /// Bytes that it may take.
    pub quota: u64,
    /// When it is deleted, in milliseconds since 1970.
    pub ends_at: u64,
}

/// Whether something more fits into a notebook that uses so many bytes. `open` is the quota of one that began without a
/// ticket.
///
/// The quota does not limit statements: a family must always be able to remove a member. Those of an open notebook end at
/// twice its quota, so that nobody fills the disk with them.
pub fn fits(used: u64, control: bool, quota: u64, open: Option<u64>) -> bool {
    let most = match (open, control) {
        (None, true) => u64::MAX,
        (None, false) => quota,
        (Some(open), true) => open.saturating_mul(2),
        (Some(open), false) => open.min(quota),
    };
    used <= most
}

/// Where an item stands in its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its number in the notebook, from 1.
    pub position: u64,
    /// Its hash.
    pub hash: Hash,
    /// Milliseconds since 1970, the server's clock; never less than that of the item before.
    pub taken_at: u64,
}

/// Returns the place of the next item behind an end, and moves the end behind it. Time never falls, whatever the clock says.
pub fn next_place(end: &mut End, hash: Hash, is_statement: bool, now_ms: u64) -> Place {
    *end = end.then(&hash, is_statement, end.taken_at.max(now_ms));
    Place { position: end.position, hash, taken_at: end.taken_at }
}

/// Returns the latest clock reading that a frame may have at the end of a log, if what `greatest` finds could matter: the
/// greatest reading that stands there. Most envelopes are about as late as the clock.
///
/// # Errors
/// As `greatest`.
pub fn latest_for<E>(
    frame: &Frame,
    end: &End,
    now_ms: u64,
    greatest: impl FnOnce() -> Result<Hlc, E>,
) -> Result<Hlc, E> {
    let taken_at = end.taken_at.max(now_ms);
    let latest = latest_reading(taken_at, Hlc::default());
    if frame.header.stamp <= latest { Ok(latest) } else { Ok(latest_reading(taken_at, greatest()?)) }
}

/// Returns the bytes in which a store keeps an envelope that it takes, and whether they are those of a remnant: the words of one
/// that was erased whole are not stored, whoever brings them.
pub fn kept_form(envelope: &Envelope, frame: &Frame, state: &State) -> (Vec<u8>, bool) {
    let erased = matches!(state.erased(&frame.header), Some((_, Erased::Whole)));
    let mut bytes = frame.to_bytes();
    if !erased {
        bytes.extend_from_slice(&envelope.ciphertext);
    }
    (bytes, erased)
}

/// What a notebook may use: the quota, and that of one that began without a ticket.
pub type Quotas = (u64, Option<u64>);

/// What takes the place of an envelope in a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// The bytes of the remnant.
    pub bytes: Vec<u8>,
    /// Bytes that the notebook uses with it.
    pub used: u64,
}

/// An envelope as a store has it.
#[derive(Debug, Clone, Copy)]
pub struct Stored<'a> {
    /// Whether words of it were erased.
    pub remnant: bool,
    /// The bytes of the envelope, or of what is left of it.
    pub bytes: &'a [u8],
}

impl Stored<'_> {
    /// Returns it as it is brought with a receipt: whatever its clock reading is, this log had it.
    ///
    /// # Errors
    /// [`LogError::Unavailable`] if the store is damaged.
    pub fn carried(&self) -> LogResult<Entry> {
        let damaged = |_| LogError::Unavailable;
        if self.remnant {
            let remnant = Remnant::from_bytes(self.bytes).map_err(damaged)?;
            let author = remnant.frame.header.author;
            return Ok(Entry::Remnant(remnant, author, Bearer::Receipted));
        }
        Ok(Entry::Envelope(Envelope::from_bytes(self.bytes).map_err(damaged)?, Bearer::Receipted))
    }

    /// Returns what to store instead, if a remnant of the same envelope that was found good takes its place: always that of the
    /// ciphertext, and of another remnant as [`Remnant::replaces`] says. `used` are the notebook's bytes so far; without quotas
    /// it is taken whatever it is.
    ///
    /// # Errors
    /// [`LogError::Quota`]; [`LogError::Unavailable`] if the store is damaged.
    pub fn replaced_by(
        &self,
        (remnant, maker): (&Remnant, &KeyId),
        state: &State,
        used: u64,
        quotas: Option<Quotas>,
    ) -> LogResult<Option<Replacement>> {
        if self.remnant {
            let there = Remnant::from_bytes(self.bytes).map_err(|_| LogError::Unavailable)?;
            if !remnant.replaces(&there, state, maker) {
                return Ok(None);
            }
        }
        let bytes = remnant.to_bytes();
        let used = (used + bytes.len() as u64).saturating_sub(self.bytes.len() as u64);
        let free = remnant.is_no_growth(self.bytes.len());
        if quotas.is_some_and(|(quota, open)| !fits(used, free, quota, open)) {
            return Err(LogError::Quota);
        }
        Ok(Some(Replacement { bytes, used }))
    }
}

/// One statement or envelope at its position in a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its number in the notebook.
    pub position: u64,
    /// Milliseconds since 1970, the server's clock.
    pub taken_at: u64,
    /// Whether it is a control statement; else an envelope.
    pub control: bool,
    /// The key of its author.
    pub author: KeyId,
    /// The author's sequence number; 0 for a statement.
    pub sequence: u64,
    /// Its hash.
    pub hash: Hash,
    /// Byte for byte as it came; empty for the reader's own envelopes, unless they were asked for.
    pub bytes: Vec<u8>,
    /// Whether words of the envelope were erased: then the bytes are those of a [`Remnant`].
    pub remnant: bool,
}

/// Consecutive items of a log, as one reader gets them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The items in the order of the log.
    pub items: Vec<Item>,
    /// The end of the log: no item stands behind it.
    pub end: End,
    /// The reader's own greatest envelope.
    pub own: Tail,
    /// Whether the log up to the cursor has the prefix that the reader knows. If not, there are no items.
    pub agrees: bool,
    /// When somebody came last, as far as it was written down: milliseconds since 1970.
    pub visited_at: u64,
}

/// A request for items of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// The notebook to read.
    pub notebook: NotebookId,
    /// The key of the reading device.
    pub reader: KeyId,
    /// The reader's cursor: only later positions are returned.
    pub after: u64,
    /// The prefix hash that the reader knows up to there; `None` is not compared.
    pub prefix: Option<Prefix>,
    /// At most so many bytes of bodies, but at least one item; 0 for none.
    pub max_bytes: usize,
    /// The kinds of items to return.
    pub wanted: Wanted,
}

/// One chunk of a photo to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// The notebook it belongs to.
    pub notebook: NotebookId,
    /// The photo it is part of.
    pub name: BlobName,
    /// Its number, from 0.
    pub number: u32,
    /// The total number of chunks.
    pub of: u32,
    /// Its sealed bytes.
    pub bytes: Vec<u8>,
}

/// A release key to store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Release {
    /// The notebook.
    pub notebook: NotebookId,
    /// The code's key.
    pub holder: KeyId,
    /// The release key.
    pub key: ReleaseKey,
    /// When the code is over, in milliseconds since 1970; `None` for one that never is.
    pub ends_at: Option<u64>,
}

/// Returns the codes that a statement used up or made void: their release keys go with it.
pub fn codes_gone(before: Option<&State>, after: &State) -> Vec<KeyId> {
    let codes = before.into_iter().flat_map(State::codes);
    codes.map(|(id, _)| *id).filter(|id| after.holder(id).is_none()).collect()
}

/// The result of an operation of a store.
pub type LogResult<T> = Result<T, LogError>;

/// The results of one append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// The place of each entry, or why it is refused; ends with the first refusal.
    pub answers: Vec<LogResult<Place>>,
    /// The end of the log before the append.
    pub before: End,
    /// The end of the log behind it.
    pub end: End,
}

/// A chain that was there before the one in a store.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// The head of the chain whose place it takes.
    pub instead_of: Hash,
    /// The first place of the log that is taken out.
    pub from: u64,
    /// When the notebook is deleted, as the statements before that place say.
    pub closes_at: Option<u64>,
    /// Its statements from there on.
    pub statements: Vec<Statement>,
    /// What this server signed about it.
    pub receipts: Vec<SignedEnd>,
}

/// A store of logs. Several requests may run at once; each is whole or did not happen.
pub trait Log: Send + Sync + 'static {
    /// Returns the signer of ends and tokens; it knows the store epoch.
    fn signer(&self) -> &Signer;

    /// Appends entries to a notebook's log, in order, up to the first refusal.
    ///
    /// Later entries are not tried. An accepted entry is durable before this returns. The first statement of a chain
    /// founds the notebook, on these terms; a ticket is used up together with it, or not at all.
    fn append(
        &self,
        notebook: NotebookId,
        entries: Vec<Entry>,
        now_ms: u64,
        terms: Terms,
    ) -> impl Future<Output = LogResult<Appended>> + Send;

    /// Puts a chain that was there first in the place of the one that came since; then takes again the envelopes that still
    /// count, as from a carrier.
    ///
    /// All of it is done, or nothing. Returns whether it was: not if the chain has another head by now. Its receipts are kept, and
    /// those of what is taken out go.
    fn put_aside(
        &self,
        notebook: NotebookId,
        earlier: Earlier,
        now_ms: u64,
    ) -> impl Future<Output = LogResult<bool>> + Send;

    /// Keeps receipts that this server signed earlier for statements which it was told again: for each head the earliest.
    fn keep_receipts(
        &self,
        notebook: NotebookId,
        receipts: Vec<SignedEnd>,
    ) -> impl Future<Output = LogResult<()>> + Send;

    /// Returns the receipts that are kept.
    fn receipts(&self, notebook: NotebookId) -> impl Future<Output = LogResult<Vec<SignedEnd>>> + Send;

    /// Deletes notebooks whose time has come, wholly, and drawers that nobody opened; returns how many notebooks. None of
    /// them begins again without a ticket, and one that was closed begins never again.
    fn expire(&self, due: Due) -> impl Future<Output = LogResult<u64>> + Send;

    /// Deletes a notebook wholly, if it is there, and remembers that it is gone: it does not begin again.
    fn forget(&self, notebook: NotebookId, now_ms: u64) -> impl Future<Output = LogResult<Trace>> + Send;

    /// Deletes every notebook of which one of these was left; returns how many were there. What was closed or forgotten
    /// stays gone in a store that was put back from a backup.
    fn forget_again(&self, traces: Vec<Trace>) -> impl Future<Output = LogResult<u64>> + Send;

    /// Returns what is left of a notebook that is gone.
    fn trace(&self, notebook: NotebookId) -> impl Future<Output = LogResult<Option<Trace>>> + Send;

    /// Returns what is left of all that was closed or forgotten.
    fn traces(&self) -> impl Future<Output = LogResult<Vec<Trace>>> + Send;

    /// Writes down that somebody came.
    fn visit(&self, notebook: NotebookId, now_ms: u64) -> impl Future<Output = LogResult<()>> + Send;

    /// Returns the cached control chain, if there is one. [`Log::append`] returns the end, with the head to compare it with.
    fn known_chain(&self, _: NotebookId) -> Option<Arc<State>> {
        None
    }

    /// Reads the current control chain; `None` for an unknown notebook.
    fn chain(&self, notebook: NotebookId) -> impl Future<Output = LogResult<Option<Arc<State>>>> + Send;

    /// Reads the items after a position.
    fn page(&self, request: PageRequest) -> impl Future<Output = LogResult<Page>> + Send;

    /// Stores a chunk unless it exists already, and returns the state of its blob.
    fn put_chunk(&self, chunk: Chunk) -> impl Future<Output = LogResult<BlobReply>> + Send;

    /// Reads the state of a photo; with `from`, also its chunks from this one on.
    fn blob(
        &self,
        notebook: NotebookId,
        name: BlobName,
        from: Option<u32>,
    ) -> impl Future<Output = LogResult<BlobReply>> + Send;

    /// Gives blobs of one chunk, in the order of their names: for each its chunk, or nothing if there is no such blob. Ends before the
    /// chunk with which there would be more than [`CHUNKS_BYTES`](crate::chunks::CHUNKS_BYTES).
    fn gather(
        &self,
        notebook: NotebookId,
        names: Vec<BlobName>,
    ) -> impl Future<Output = LogResult<Vec<Vec<u8>>>> + Send;

    /// Drops a photo for good.
    fn drop_blob(&self, notebook: NotebookId, name: BlobName) -> impl Future<Output = LogResult<()>> + Send;

    /// Fills a drawer unless it holds the same or a higher edition, and returns its content.
    fn fill_drawer(
        &self,
        drawer: KeyId,
        edition: u64,
        sealed: Vec<u8>,
        now_ms: u64,
    ) -> impl Future<Output = LogResult<DrawerReply>> + Send;

    /// Reads the content of a drawer; one that is opened stays.
    fn drawer(&self, drawer: KeyId, now_ms: u64) -> impl Future<Output = LogResult<DrawerReply>> + Send;

    /// Stores the release key of an open code, in place of the one that is there. It goes as soon as a statement uses the code up or
    /// makes it void, and when the code is over.
    fn put_release(&self, release: Release) -> impl Future<Output = LogResult<()>> + Send;

    /// Returns the release key of a code.
    fn release(
        &self,
        notebook: NotebookId,
        holder: KeyId,
    ) -> impl Future<Output = LogResult<Option<ReleaseKey>>> + Send;

    /// Returns when the newest item of all logs was taken; 0 for an empty store.
    fn last_taken(&self) -> impl Future<Output = LogResult<u64>> + Send;

    /// Checks whether the store can be used now.
    fn ready(&self) -> impl Future<Output = bool> + Send;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notebook_without_a_ticket_is_small_and_still_removes_members() {
        for (used, control, open, expected) in [
            (1000, false, None, true),
            (1001, false, None, false),
            (u64::MAX, true, None, true),
            (100, false, Some(100), true),
            (101, false, Some(100), false),
            (200, true, Some(100), true),
            (201, true, Some(100), false),
            (1001, false, Some(5000), false),
        ] {
            assert_eq!(fits(used, control, 1000, open), expected, "{used} {control} {open:?}");
        }
    }
}
