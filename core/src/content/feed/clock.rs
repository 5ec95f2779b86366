//! The phone's time, and whether it can be right.

use ayumi_protocol::municipal::feed::limits::AHEAD_SECONDS;

/// Now, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// By the phone.
    pub now: u64,
    /// By the server's reply, where it bears a time. It only tells why: nothing is taken by it.
    pub server: Option<u64>,
}

impl Clock {
    /// Whether the phone's time is earlier than something that it took before: then it is wrong for certain.
    pub fn is_before(self, taken: u64) -> bool {
        self.now.saturating_add(AHEAD_SECONDS) < taken
    }

    /// Whether something that seems to be of the future, or over, is neither by the server's time, which is another one.
    pub fn may_be_wrong(self, made: u64, end: u64) -> bool {
        let fits = |server: u64| server.saturating_add(AHEAD_SECONDS) >= made && server <= end;
        self.server.is_some_and(|server| server.abs_diff(self.now) > AHEAD_SECONDS && fits(server))
    }
}
