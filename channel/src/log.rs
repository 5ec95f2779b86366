//! What a store of logs must do. One contract suite (`tests/server`) runs against every store.
//!
//! A notebook has one log: control statements and envelopes in the order in which they were taken, numbered from 1.
//! What is taken is never changed; an answer to what is there already is always the first one. Beside it lie photos
//! and snapshots in sealed chunks, and the drawers of recovery sheets.

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

/// Why something is not taken or not found.
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
    /// The database cannot be used now; nothing was taken.
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

/// Where it stands now, and its hash.
pub type Place = (u64, Hash);

/// What stands at one place of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its number in the notebook.
    pub position: u64,
    /// Milliseconds since 1970, the server's clock.
    pub taken_at: u64,
    /// Whether it is a control statement; else an envelope.
    pub control: bool,
    /// Whose; for an envelope with its sequence.
    pub author: KeyId,
    /// The author's number; 0 for a statement.
    pub sequence: u64,
    /// Byte for byte as it came; empty for the reader's own envelopes, unless they were asked for, and for what is
    /// let go.
    pub bytes: Vec<u8>,
    /// For an envelope that the store has let go of: its hash, and what names the log up to it.
    pub gone: Option<(Hash, Prefix)>,
}

/// Some of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// In order.
    pub items: Vec<Item>,
    /// The last position of the log.
    pub end: u64,
    /// The end of the reader's own chain.
    pub own: Tail,
    /// Whether the log up to the cursor has the prefix that the reader knows. If not, there are no items.
    pub agrees: bool,
}

/// What somebody asks of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// Which notebook.
    pub notebook: NotebookId,
    /// Who reads.
    pub reader: KeyId,
    /// What stands behind this position.
    pub after: u64,
    /// What the reader knows to stand up to there; `None` is not compared.
    pub prefix: Option<Prefix>,
    /// At most so many bytes of bodies, but at least one item; 0 for none.
    pub max_bytes: usize,
    /// What of it.
    pub wanted: Wanted,
}

/// How far a device has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed {
    /// In which notebook.
    pub notebook: NotebookId,
    /// Which device.
    pub author: KeyId,
    /// All up to here is safe there.
    pub position: u64,
    /// All who may read.
    pub members: Vec<KeyId>,
    /// Milliseconds since 1970.
    pub now_ms: u64,
}

/// A chunk to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Which notebook.
    pub notebook: NotebookId,
    /// Which photo or snapshot.
    pub name: BlobName,
    /// Which chunk, from 0.
    pub number: u32,
    /// How many there are in all.
    pub of: u32,
    /// Sealed bytes.
    pub bytes: Vec<u8>,
}

/// What is asked by a future of a store.
pub type Answer<T> = Result<T, LogError>;

/// What became of entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// Where each stands, or why not; as far as they were tried.
    pub answers: Vec<Answer<Place>>,
    /// Where the log ended before, and what names it.
    pub before: (u64, Prefix),
    /// The head of the control chain that they were judged by; zeros if there is none.
    pub head: Hash,
}

/// A store of logs. Several requests may run at once; each is whole or did not happen.
pub trait Log: Send + Sync + 'static {
    /// Signs receipts and tickets; knows which life of the store this is.
    fn signer(&self) -> &Signer;

    /// Appends to a notebook's log, in order, up to the first that is refused: the ones behind it are not tried. What
    /// is answered is durable. The first statement of a chain begins the notebook.
    fn append(
        &self,
        notebook: NotebookId,
        entries: Vec<Entry>,
        now_ms: u64,
    ) -> impl Future<Output = Answer<Appended>> + Send;

    /// The control chain as it was a moment ago, if that costs nothing. [`Log::append`] tells whether it still is so.
    fn known_chain(&self, _: NotebookId) -> Option<Arc<State>> {
        None
    }

    /// The control chain as it is; `None` for a notebook that is not here.
    fn chain(&self, notebook: NotebookId) -> impl Future<Output = Answer<Option<Arc<State>>>> + Send;

    /// What stands behind a position.
    fn page(&self, request: PageRequest) -> impl Future<Output = Answer<Page>> + Send;

    /// Notes how far a device has come, lets go of envelopes that [`crate::compact`] allows to go, and notes of
    /// `members` whoever was never noted.
    fn confirm(&self, confirmed: Confirmed) -> impl Future<Output = Answer<()>> + Send;

    /// Keeps a chunk; one that is there already is left alone. Answers what is there now.
    fn put_chunk(&self, chunk: Chunk) -> impl Future<Output = Answer<BlobReply>> + Send;

    /// What there is of a photo or a snapshot; with `from`, also chunks from this one on.
    fn blob(
        &self,
        notebook: NotebookId,
        name: BlobName,
        from: Option<u32>,
    ) -> impl Future<Output = Answer<BlobReply>> + Send;

    /// Fills a drawer, unless a higher edition is there. Answers what is in it now.
    fn fill_drawer(
        &self,
        drawer: KeyId,
        edition: u64,
        sealed: Vec<u8>,
    ) -> impl Future<Output = Answer<DrawerReply>> + Send;

    /// What is in a drawer.
    fn drawer(&self, drawer: KeyId) -> impl Future<Output = Answer<DrawerReply>> + Send;

    /// Whether the store can be used now.
    fn ready(&self) -> impl Future<Output = bool> + Send;
}

/// Bytes of chunks in one reply.
pub const CHUNKS_BYTES: usize = 1024 * 1024;
