//! The phone's time, and whether it can be right.

use ayumi_protocol::municipal::feed::FeedRefusal;
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

    /// Why an edition is not fresh now, and since when: its key's end, or its own. Where the phone's time may be wrong it is that,
    /// and nobody can say since when.
    pub fn over(self, made: u64, key_ends: u64, expires: u64) -> Option<(FeedRefusal, Option<u64>)> {
        let ends = [(key_ends, FeedRefusal::KeyEnded), (expires, FeedRefusal::Expired)];
        let (end, reason) = ends.into_iter().find(|(end, _)| self.now > *end)?;
        Some(if self.may_be_wrong(made, end) { (FeedRefusal::PhoneClock, None) } else { (reason, Some(end)) })
    }

    /// Whether something that seems to be of the future, or over, is neither by the server's time, which is another one.
    pub fn may_be_wrong(self, made: u64, end: u64) -> bool {
        let fits = |server: u64| server.saturating_add(AHEAD_SECONDS) >= made && server <= end;
        self.server.is_some_and(|server| server.abs_diff(self.now) > AHEAD_SECONDS && fits(server))
    }
}
