//! Handles one request: decodes it, applies the rules, encodes the reply. All lasting state is in the store.
//!
//! | module | idea |
//! |---|---|
//! | `sync` | one round trip: append, and read after the cursor |
//! | `blob` | photos in chunks |
//! | `gone` | what is said of a notebook that is not here |
//! | `release` | what lets a code open its notebook |
//! | `drawer` | where recovery sheets find their notebooks |
//! | `ends` | signed ends, kept for a while |
//! | `session` | authenticates the caller: challenges, tokens |
//! | `told` | which chain stands, when one that is told parts from the store's |
//! | [`Admission`] | who may begin a notebook |
//! | `origin` | where this server can be dialled |

mod admission;
mod blob;
mod drawer;
mod ends;
mod gone;
mod origin;
mod release;
mod session;
mod sync;
mod told;

use std::sync::Arc;

use ayumi_protocol::blob::BlobRequest;
use ayumi_protocol::drawer::DrawerRequest;
pub use ayumi_protocol::endpoint::{Endpoint, Problem};
use ayumi_protocol::exchange::{Answer, Item, Request};
use ayumi_protocol::key::KeyId;
use ayumi_protocol::release::ReleaseRequest;

pub use admission::Admission;
pub use origin::Origins;

use ends::Ends;

use crate::log::{Log, LogError};

/// The current time in milliseconds since 1970.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// Hooks around request handling: rate limits and metrics.
pub trait Watch: Send + Sync {
    /// Counts a request of a device against its rate limit.
    ///
    /// # Errors
    /// [`Problem::TooMany`] if the device is over its limit.
    fn device(&self, author: KeyId) -> Result<(), Problem>;
    /// Checks whether there is room for a notebook that begins.
    ///
    /// # Errors
    /// [`Problem::NoRoom`] if there is none.
    fn founding(&self) -> Result<(), Problem> {
        Ok(())
    }
    /// Counts the accepted, refused and returned items of one request.
    fn synced(&self, answers: &[Answer], items: &[Item]);
}

/// No limits, no counts: between phones of one family.
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
    origins: Origins,
    admission: Admission,
    unvisited_ms: Option<u64>,
    ends: Ends,
}

impl<L> std::fmt::Debug for Channel<L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Channel(…)")
    }
}

impl From<LogError> for Problem {
    fn from(error: LogError) -> Self {
        match error {
            LogError::NoNotebook | LogError::Gone => Self::NoNotebook,
            LogError::Quota => Self::Quota,
            LogError::NoTicket => Self::NoTicket,
            LogError::Control(_) | LogError::Envelope(_) => Self::NotAllowed,
            LogError::Unavailable => Self::Unavailable,
        }
    }
}

impl<L: Log> Channel<L> {
    /// Makes a channel over a store, with a clock, that is reached at these places.
    pub fn new(log: Arc<L>, clock: Clock, watch: Arc<dyn Watch>, origins: Origins) -> Self {
        Self { log, clock, watch, origins, admission: Admission::default(), unvisited_ms: None, ends: Ends::default() }
    }

    /// Says who may begin a notebook; without it anybody.
    #[must_use]
    pub fn admitting(self, admission: Admission) -> Self {
        Self { admission, ..self }
    }

    /// Says after how many milliseconds without a visit a notebook ends; without it none does.
    #[must_use]
    pub fn ending_unvisited(self, unvisited_ms: Option<u64>) -> Self {
        Self { unvisited_ms, ..self }
    }

    fn now_ms(&self) -> u64 {
        (self.clock)()
    }

    /// Handles one request: bytes in, bytes out.
    ///
    /// # Errors
    /// [`Problem::Malformed`] for an unknown path or unreadable bytes, [`Problem::Challenge`] without a valid proof,
    /// [`Problem::NotAHolder`] or [`Problem::NotAllowed`] for a key without the right, [`Problem::NoTicket`], [`Problem::NoNotebook`], [`Problem::Gone`],
    /// [`Problem::TooMany`], [`Problem::Quota`], [`Problem::NoRoom`], and [`Problem::Unavailable`] if the store fails.
    pub async fn answer(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, Problem> {
        let malformed = |_| Problem::Malformed;
        match Endpoint::from_path(path).ok_or(Problem::Malformed)? {
            Endpoint::Sync => Ok(self.exchange(&Request::from_bytes(body).map_err(malformed)?).await?.to_bytes()),
            Endpoint::Blob => Ok(self.chunks(BlobRequest::from_bytes(body).map_err(malformed)?).await?.to_bytes()),
            Endpoint::Release => {
                Ok(self.release(ReleaseRequest::from_bytes(body).map_err(malformed)?).await?.to_bytes())
            }
            Endpoint::Drawer if self.admission == Admission::Nobody => Err(Problem::NotAllowed),
            Endpoint::Drawer => {
                Ok(self.open_drawer(DrawerRequest::from_bytes(body).map_err(malformed)?).await?.to_bytes())
            }
        }
    }
}
