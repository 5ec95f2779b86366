//! What an older client may still do: a municipality that asks for a newer one pauses what would begin with it, and nothing
//! else.

use ayumi_protocol::municipal::feed::ClientVersion;
use ayumi_protocol::municipal::feed::limits::OLDEST_CLIENT_SECONDS;

use super::pinned::Pinned;

/// Something that a client does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// Reads the handbook, or exports it.
    ReadHandbook,
    /// Fetches the feed: only that ends a pause.
    FetchFeed,
    /// Shows desks, their numbers and hours, and the guide.
    ShowNumbers,
    /// Goes on with a thread that is open.
    GoOnWithThread,
    /// Begins a thread.
    BeginThread,
    /// Makes an account with the municipality.
    MakeAccount,
    /// Syncs a notebook; whether the municipality's own server keeps it.
    Sync {
        /// It is the same server.
        same_server: bool,
    },
}

impl Doing {
    /// Whether a pause holds it back.
    const fn pauses(self) -> bool {
        match self {
            Self::ReadHandbook | Self::FetchFeed | Self::ShowNumbers | Self::GoOnWithThread => false,
            Self::BeginThread | Self::MakeAccount => true,
            Self::Sync { same_server } => same_server,
        }
    }
}

impl Pinned {
    /// Whether this client may do something now, in seconds since 1970.
    pub fn may(&self, doing: Doing, own: ClientVersion, now: u64) -> bool {
        !(doing.pauses() && self.is_paused(own, now))
    }

    /// Whether this client is older than the edition that is shown asks for, and was for fourteen days.
    fn is_paused(&self, own: ClientVersion, now: u64) -> bool {
        let oldest = self.held.as_ref().and_then(|held| held.oldest_client);
        let since = self.behind_since.filter(|_| oldest.is_some_and(|oldest| own < oldest));
        since.is_some_and(|since| now >= since.saturating_add(OLDEST_CLIENT_SECONDS))
    }
}
