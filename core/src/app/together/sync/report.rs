//! What a sync may take, how it ended, and where a notebook stands.

use ayumi_protocol::NotebookId;
use ayumi_protocol::control::Role;

use super::absent::Absent;
use super::odd::OddWords;
use crate::sync::halt::Halt;
use crate::texts::{self, Locale};

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
    /// Everything is sent and everything has come; nothing waits.
    #[default]
    Done,
    /// This device was taken out of a notebook, as it has just learnt. Everything else is sent and has come.
    Removed,
    /// A notebook is closed at the server, or gone there, as this device has just learnt, or its words wait
    /// ([`NotebookSync::why`]). Everything else is sent and has come.
    Gone,
    /// Something still waits: the budget is used up, or a notebook says why ([`NotebookSync::why`]). The next sync goes on.
    More,
    /// The server cannot be reached, or asks to wait. Entries wait safely; try again later.
    Offline,
    /// No server is known yet.
    NoServer,
    /// The server has no room left for a notebook.
    Full,
    /// The server lets notebooks begin with a municipality's ticket only, and none is here that it takes. Entries wait
    /// safely.
    NoTicket,
    /// A notebook has stopped: its server, or a copy of this device, shows another past. A carer decides.
    Halted,
    /// A defect of the app ended a notebook's sync ([`SyncWhy::Failed`]). The others had their turn.
    Failed,
    /// Another sync of this handbook is running.
    Busy,
}

impl SyncOutcome {
    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Removed => "removed",
            Self::Gone => "gone",
            Self::More => "more",
            Self::Offline => "offline",
            Self::NoServer => "no_server",
            Self::Full => "full",
            Self::NoTicket => "no_ticket",
            Self::Halted => "halted",
            Self::Failed => "failed",
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
    /// Changes that came and may not stand in their notebook, as this version judges, or do not count in their author's line: kept
    /// and passed on, not shown, and told here once.
    pub apart: u64,
    /// Whose phones wrote words among them that no honest phone writes so.
    pub odd: Vec<OddWords>,
    /// Thumbnails that went to the server.
    pub thumbnails_pushed: u64,
    /// Thumbnails that came. Photos come when somebody looks.
    pub thumbnails_pulled: u64,
    /// Photos that went to the server.
    pub photos_pushed: u64,
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
    /// How each notebook stands, in the order of the list; empty if nobody was asked.
    pub notebooks: Vec<NotebookSync>,
}

/// How one notebook stands after a sync. One notebook's trouble keeps no other one back.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct NotebookSync {
    /// The notebook.
    pub notebook: NotebookId,
    /// How it ended.
    pub outcome: SyncOutcome,
    /// Changes that wait to be sent.
    pub waiting: u64,
    /// Changes that the server will not take.
    pub refused: u64,
    /// Why it is not done.
    pub why: Option<SyncWhy>,
    /// Why it has stopped, until a carer decides.
    pub halted: Option<Halt>,
    /// The member who took this device out, by name; empty if the name cannot be read.
    pub removed_by: Option<String>,
    /// The owner who closed it at this server, by name; empty if the name cannot be read.
    pub closed_by: Option<String>,
    /// Until when a closed notebook can be opened again, or since when it is gone: milliseconds since 1970, by the
    /// server's clock.
    pub gone_at: Option<u64>,
    /// When the server would have deleted it, had nobody come, in milliseconds since 1970: told in the last six months before.
    /// Whoever comes keeps it there.
    pub ends_at: Option<u64>,
    /// Whose phone has not yet confirmed that this device came in, by name; empty if the name cannot be read.
    pub waiting_for: Option<String>,
    /// When each other member's phone was heard of last.
    pub last_heard: Vec<LastHeard>,
    /// Whose phones name something of whom that is not here, once all that the server shows has come: told until it comes.
    pub absent: Vec<Absent>,
}

/// When a member's phone was heard of last: that it wrote something which has come here.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct LastHeard {
    /// The member's id, as in the list of members.
    pub member: String,
    /// The member's name.
    pub name: String,
    /// Milliseconds since 1970, by that phone's clock.
    pub at: u64,
}

/// Why a notebook is not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum SyncWhy {
    /// The server was not reached, or asks to wait.
    NotReached,
    /// The time was over before it was finished.
    NoTime,
    /// Another member's snapshot shows what was written; the log itself is read the next time ([`SyncState::provisional`]).
    Provisional,
    /// The server has no room left.
    NoRoom,
    /// The server takes a new notebook only with a ticket of the municipality.
    NoTicket,
    /// It has stopped: a carer decides.
    Stopped,
    /// This device was taken out: what can be done is to ask an owner for a new invitation.
    Removed,
    /// Another device has taken this one's place under new keys: a phone to which this one moved, or a copy of it. If it was
    /// not the carer's, the recovery sheet brings them back, and the other device is taken out then.
    Replaced,
    /// An owner closed it at this server. Until [`NotebookSync::gone_at`] an owner can open it again; then it is deleted there.
    Closed,
    /// Its owners closed it, and it is deleted at this server. Another server may be told it.
    ClosedForGood,
    /// Whoever runs the server deleted it, as somebody had asked. Another server may be told it.
    Forgotten,
    /// The server deleted it because its time was over, or nobody came for long. With a ticket it begins there again.
    Expired,
    /// Only a newer version of the app knows what the server asks for.
    NewerApp,
    /// The server does not take some of what others wrote: it stays on this device, and another server may take it.
    NotTaken,
    /// This device was not given the notebook's present key, or another one than everybody has: an owner must make a new
    /// one.
    NoKey,
    /// Something was stamped by a clock that is ahead: it is sent when its time has come.
    ClockAhead,
    /// This device came in by a code, and the phone that made the code has not answered yet ([`NotebookSync::waiting_for`]):
    /// nothing that is written here is sent until it does, or until six words were compared.
    NotConfirmed,
    /// A defect of the app ended it: what is here is kept, and the next version may go on. The app log has its number.
    Failed,
}

impl SyncWhy {
    /// Every reason.
    pub const ALL: [Self; 18] = [
        Self::NotReached,
        Self::NoTime,
        Self::Provisional,
        Self::NoRoom,
        Self::NoTicket,
        Self::Stopped,
        Self::Removed,
        Self::Replaced,
        Self::Closed,
        Self::ClosedForGood,
        Self::Forgotten,
        Self::Expired,
        Self::NewerApp,
        Self::NotTaken,
        Self::NoKey,
        Self::ClockAhead,
        Self::NotConfirmed,
        Self::Failed,
    ];

    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::NotReached => "not_reached",
            Self::NoTime => "no_time",
            Self::Provisional => "provisional",
            Self::NoRoom => "no_room",
            Self::NoTicket => "no_ticket",
            Self::Stopped => "stopped",
            Self::Removed => "removed",
            Self::Replaced => "replaced",
            Self::Closed => "closed",
            Self::ClosedForGood => "closed_for_good",
            Self::Forgotten => "forgotten",
            Self::Expired => "expired",
            Self::NewerApp => "newer_app",
            Self::NotTaken => "not_taken",
            Self::NoKey => "no_key",
            Self::ClockAhead => "clock_ahead",
            Self::NotConfirmed => "not_confirmed",
            Self::Failed => "failed",
        }
    }
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
    /// Whose phone has not yet confirmed that this device came in, by name; till then nothing that is written here is sent.
    pub waiting_for: Option<String>,
    /// Changes that wait.
    pub waiting: u64,
    /// Changes that the server will not take.
    pub refused: u64,
    /// Envelopes that this version cannot read, or not all of.
    pub unread: u64,
    /// Changes in them, or brought by a file, that may not stand in the notebook, as this version judges, or do not count in their
    /// author's line.
    pub apart: u64,
    /// Changes that another member's snapshot shows before the log was read: as soon as it was, they stand only as it tells them.
    pub provisional: u64,
}

impl SyncState {
    /// What to tell a parent while a snapshot shows what the log has not told yet.
    pub fn told(&self, locale: Locale) -> Option<String> {
        let words = texts::members("provisional", locale).replace("{count}", &self.provisional.to_string());
        (self.provisional > 0).then_some(words)
    }
}

/// Told while a sync runs: how much of the notebook that is read now has come, as positions in its log.
pub type Progress<'a> = &'a (dyn Fn(u64, u64) + Send + std::marker::Sync);
