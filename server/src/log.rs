//! What a store of logs must do. One contract suite (`tests/server`) runs against every store.
//!
//! A notebook has one log: control statements and envelopes in the order in which they were taken, numbered from 1. What is
//! taken is never changed; an answer to what is there already is always the first one.

use std::future::Future;

use ayumi_protocol::control::Statement;
use ayumi_protocol::envelope::{Envelope, Receipt};
use ayumi_protocol::{NotebookId, accept, control};

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

/// What stands at one place of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its number in the notebook.
    pub position: u64,
    /// Milliseconds since 1970, the server's clock.
    pub taken_at: u64,
    /// Whether it is a control statement; else an envelope.
    pub control: bool,
    /// Byte for byte as it came.
    pub bytes: Vec<u8>,
}

/// Some of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// In order.
    pub items: Vec<Item>,
    /// The last position of the log.
    pub end: u64,
    /// Which life of the store this is: random, new at every initialisation or restore.
    pub store_epoch: [u8; 16],
}

/// A store of logs. Several requests may run at once; each is whole or did not happen.
pub trait Log: Send + Sync {
    /// Takes a control statement at the chain's head; the first one begins the notebook. The same statement again gets its
    /// first position.
    fn append_statement(&self, statement: Statement, now_ms: u64)
    -> impl Future<Output = Result<u64, LogError>> + Send;

    /// Takes an envelope; the receipt is given only after it is durable.
    fn append_envelope(
        &self,
        envelope: Envelope,
        now_ms: u64,
    ) -> impl Future<Output = Result<Receipt, LogError>> + Send;

    /// What stands behind a position, at most so many bytes but at least one item.
    fn page(
        &self,
        notebook: NotebookId,
        after: u64,
        max_bytes: usize,
    ) -> impl Future<Output = Result<Page, LogError>> + Send;
}
