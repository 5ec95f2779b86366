//! What a sync may take, how it ended, and where a notebook stands.

use ayumi_protocol::NotebookId;
use ayumi_protocol::control::Role;

use crate::sync::reader::Halt;

/// How much a sync may take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "SyncBudget"))]
pub struct Budget {
    /// Milliseconds; `None` for as long as it takes. Work in progress is finished, so this may be exceeded slightly.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub time_ms: Option<u64>,
    /// Background sync: honours the delay after a failure ([`SyncReport::retry_ms`]). A user-initiated sync ignores it.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub background: bool,
}

/// How a sync ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum SyncOutcome {
    /// Everything is sent and everything has come.
    #[default]
    Done,
    /// The budget is used up, or the server refuses something for a reason that only a newer version of the app
    /// knows; the next sync goes on.
    More,
    /// The server cannot be reached, or asks to wait. Entries wait safely; try again later.
    Offline,
    /// No server is known yet.
    NoServer,
    /// The server has no room left for a notebook.
    Full,
    /// A notebook has stopped: its server, or a copy of this device, shows another past. A carer decides.
    Halted,
    /// Another sync of this handbook is running.
    Busy,
}

impl SyncOutcome {
    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::More => "more",
            Self::Offline => "offline",
            Self::NoServer => "no_server",
            Self::Full => "full",
            Self::Halted => "halted",
            Self::Busy => "busy",
        }
    }
}

/// What a sync did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct SyncReport {
    /// How it ended.
    pub outcome: SyncOutcome,
    /// Changes that the server accepted.
    pub pushed: u64,
    /// Changes that came.
    pub pulled: u64,
    /// Bytes of bodies sent.
    pub bytes_up: u64,
    /// Bytes of bodies that came.
    pub bytes_down: u64,
    /// Requests sent.
    pub round_trips: u64,
    /// Changes that wait to be sent.
    pub waiting: u64,
    /// Changes that the server will not take.
    pub refused: u64,
    /// Milliseconds to wait before the next try, after a failure.
    pub retry_ms: u64,
}

/// Where one notebook stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct SyncState {
    /// The notebook.
    pub notebook: NotebookId,
    /// What this device may do there; `None` once it is no member any more.
    pub role: Option<Role>,
    /// Why nothing more is sent, until a carer decides.
    pub halted: Option<Halt>,
    /// Changes that wait.
    pub waiting: u64,
    /// Changes that the server will not take.
    pub refused: u64,
    /// Items that only a newer version can read.
    pub unread: u64,
}

/// Told while a sync runs: how much of the notebook that is read now has come, as positions in its log.
pub type Progress<'a> = &'a (dyn Fn(u64, u64) + Send + std::marker::Sync);
