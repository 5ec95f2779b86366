//! The contract of a store of notebook logs. One contract suite (`tests/server`) runs against every store.
//!
//! A notebook has one log: control statements and envelopes in the order of their acceptance, numbered from 1.
//! An accepted item never changes; sending it again gets the first reply. The store also keeps photos and snapshots in
//! sealed chunks, and the recovery index entries (drawers).

use std::future::Future;
use std::sync::Arc;

use ayumi_protocol::accept::Tail;
use ayumi_protocol::blob::{BlobName, BlobReply};
use ayumi_protocol::control::{State, Statement};
use ayumi_protocol::drawer::DrawerReply;
use ayumi_protocol::envelope::Envelope;
use ayumi_protocol::exchange::Wanted;
use ayumi_protocol::key::{Hash, KeyId};
use ayumi_protocol::prefix::Prefix;
use ayumi_protocol::{NotebookId, accept, control};

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
    /// The notebook has no room left.
    #[error("the notebook has no room left")]
    Quota,
    /// The database cannot be used now; nothing was stored.
    #[error("the store cannot be used now")]
    Unavailable,
}

/// Something to append to one notebook's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A control statement.
    Statement(Statement),
    /// An envelope.
    Envelope(Envelope),
}

/// The position of an item in its log, and its hash.
pub type Place = (u64, Hash);

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
    /// Byte for byte as it came; empty for the reader's own envelopes, unless they were asked for, and for what is
    /// let go.
    pub bytes: Vec<u8>,
    /// For an envelope that the store has let go of: its hash, and what names the log up to it.
    pub gone: Option<(Hash, Prefix)>,
}

/// Consecutive items of a log, as one reader gets them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The items in the order of the log.
    pub items: Vec<Item>,
    /// The last position of the log.
    pub end: u64,
    /// The end of the reader's own chain.
    pub own: Tail,
    /// Whether the log up to the cursor has the prefix that the reader knows. If not, there are no items.
    pub agrees: bool,
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

/// The position up to which a device has stored a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed {
    /// The notebook of the log.
    pub notebook: NotebookId,
    /// The device's key.
    pub author: KeyId,
    /// The device has stored everything up to this position.
    pub position: u64,
    /// The keys of all members that may read.
    pub members: Vec<KeyId>,
    /// Milliseconds since 1970.
    pub now_ms: u64,
}

/// One chunk of a photo or snapshot to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// The notebook it belongs to.
    pub notebook: NotebookId,
    /// The photo or snapshot it is part of.
    pub name: BlobName,
    /// Its number, from 0.
    pub number: u32,
    /// The total number of chunks.
    pub of: u32,
    /// Its sealed bytes.
    pub bytes: Vec<u8>,
}

/// The result of an operation of a store.
pub type LogResult<T> = Result<T, LogError>;

/// The results of one append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// The place of each entry, or why it is refused; ends with the first refusal.
    pub answers: Vec<LogResult<Place>>,
    /// The end of the log before the append, and its prefix hash.
    pub before: (u64, Prefix),
    /// The head of the control chain that decided; zeros if there is none.
    pub head: Hash,
}

/// A store of logs. Several requests may run at once; each is whole or did not happen.
pub trait Log: Send + Sync + 'static {
    /// Returns the signer of receipts and tickets; it knows the store epoch.
    fn signer(&self) -> &Signer;

    /// Appends entries to a notebook's log, in order, up to the first refusal.
    ///
    /// Later entries are not tried. An accepted entry is durable before this returns. The first statement of a chain
    /// founds the notebook.
    fn append(
        &self,
        notebook: NotebookId,
        entries: Vec<Entry>,
        now_ms: u64,
    ) -> impl Future<Output = LogResult<Appended>> + Send;

    /// Returns the cached control chain, if there is one. [`Log::append`] returns the head to compare it with.
    fn known_chain(&self, _: NotebookId) -> Option<Arc<State>> {
        None
    }

    /// Reads the current control chain; `None` for an unknown notebook.
    fn chain(&self, notebook: NotebookId) -> impl Future<Output = LogResult<Option<Arc<State>>>> + Send;

    /// Reads the items after a position.
    fn page(&self, request: PageRequest) -> impl Future<Output = LogResult<Page>> + Send;

    /// Notes how far a device has come, lets go of envelopes that [`crate::compact`] allows to go, and notes of
    /// `members` whoever was never noted.
    fn confirm(&self, confirmed: Confirmed) -> impl Future<Output = LogResult<()>> + Send;

    /// Stores a chunk unless it exists already, and returns the state of its blob.
    fn put_chunk(&self, chunk: Chunk) -> impl Future<Output = LogResult<BlobReply>> + Send;

    /// Reads the state of a photo or snapshot; with `from`, also its chunks from this one on.
    fn blob(
        &self,
        notebook: NotebookId,
        name: BlobName,
        from: Option<u32>,
    ) -> impl Future<Output = LogResult<BlobReply>> + Send;

    /// Fills a drawer unless it holds the same or a higher edition, and returns its content.
    fn fill_drawer(
        &self,
        drawer: KeyId,
        edition: u64,
        sealed: Vec<u8>,
    ) -> impl Future<Output = LogResult<DrawerReply>> + Send;

    /// Reads the content of a drawer.
    fn drawer(&self, drawer: KeyId) -> impl Future<Output = LogResult<DrawerReply>> + Send;

    /// Checks whether the store can be used now.
    fn ready(&self) -> impl Future<Output = bool> + Send;
}

/// The most bytes of chunks in one reply.
pub const CHUNKS_BYTES: usize = 1024 * 1024;
