//! One question, one answer: everything between the bytes. What lasts is in the store.
//!
//! | module | idea |
//! |---|---|
//! | `sync` | one round trip: append, and what stands behind the cursor |
//! | `blob` | photos and snapshots in chunks |
//! | `drawer` | where recovery prints find their notebooks |
//! | `session` | who calls: challenges, tokens |

mod blob;
mod drawer;
mod session;
mod sync;

use std::sync::Arc;

use ayumi_protocol::blob::BlobRequest;
use ayumi_protocol::drawer::DrawerRequest;
use ayumi_protocol::exchange::{Answer, Item, Request};
use ayumi_protocol::key::KeyId;

use crate::log::{Log, LogError};

/// Milliseconds since 1970.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// What stands around the answering: how often a device may ask, and counting.
pub trait Watch: Send + Sync {
    /// Whether a device may ask now.
    ///
    /// # Errors
    /// [`Problem::TooMany`].
    fn device(&self, author: KeyId) -> Result<(), Problem>;
    /// What was taken and given.
    fn synced(&self, answers: &[Answer], items: &[Item]);
}

/// No limits, no counts: among one's own phones.
impl Watch for () {
    fn device(&self, _: KeyId) -> Result<(), Problem> {
        Ok(())
    }

    fn synced(&self, _: &[Answer], _: &[Item]) {}
}

/// Answers the notebook channel over a store.
pub struct Channel<L> {
    /// The store.
    pub log: Arc<L>,
    clock: Clock,
    watch: Arc<dyn Watch>,
}

impl<L> std::fmt::Debug for Channel<L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Channel(…)")
    }
}

/// Why a request gets no answer of its own kind. The body is the key, in text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// Not a message of this protocol.
    Malformed,
    /// The key that was shown holds nothing here (any more).
    NotAHolder,
    /// The caller may not do this.
    NotAllowed,
    /// There is no such notebook.
    NoNotebook,
    /// Too many requests; seconds to wait.
    TooMany(u64),
    /// The notebook has no room left.
    Quota,
    /// The store cannot be used now; nothing was taken.
    Unavailable,
    /// Show your key: a challenge to sign.
    Challenge(Vec<u8>),
}

impl From<LogError> for Problem {
    fn from(error: LogError) -> Self {
        match error {
            LogError::NoNotebook => Self::NoNotebook,
            LogError::Quota => Self::Quota,
            LogError::Control(_) | LogError::Envelope(_) => Self::NotAllowed,
            LogError::Unavailable => Self::Unavailable,
        }
    }
}

impl Problem {
    /// HTTP's status and the body.
    pub fn parts(self) -> (u16, Vec<u8>) {
        let (status, key) = match self {
            Self::Malformed => (400, "malformed"),
            Self::NotAHolder => (403, "not_a_holder"),
            Self::NotAllowed => (403, "not_allowed"),
            Self::NoNotebook => (404, "no_notebook"),
            Self::TooMany(_) => (429, "too_many"),
            Self::Quota => (507, "quota"),
            Self::Unavailable => (503, "unavailable"),
            Self::Challenge(bytes) => return (401, bytes),
        };
        (status, key.into())
    }
}

impl<L: Log> Channel<L> {
    /// Over a store, with a clock.
    pub fn new(log: Arc<L>, clock: Clock, watch: Arc<dyn Watch>) -> Self {
        Self { log, clock, watch }
    }

    fn now_ms(&self) -> u64 {
        (self.clock)()
    }

    /// The answer to a request.
    ///
    /// # Errors
    /// A [`Problem`], with its status.
    pub async fn answer(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, Problem> {
        let malformed = |_| Problem::Malformed;
        match path {
            "/v1/sync" => Ok(self.exchange(&Request::from_bytes(body).map_err(malformed)?).await?.to_bytes()),
            "/v1/blob" => Ok(self.chunks(BlobRequest::from_bytes(body).map_err(malformed)?).await?.to_bytes()),
            "/v1/drawer" => Ok(self.open_drawer(DrawerRequest::from_bytes(body).map_err(malformed)?).await?.to_bytes()),
            _ => Err(Problem::Malformed),
        }
    }
}
