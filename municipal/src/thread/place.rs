//! Where a thread is, read from its row and a moment: nothing has to have run before.
//!
//! A place whose time is over reads as the queue, so that somebody whose page fell silent holds nothing a moment longer than the
//! row says. What was answered is in the queue again only if somebody is to look at it; otherwise it stays answered, or is closed
//! on the day that its parent was told. Whether the queue is one that somebody stands at ([`Place::Queue`]) or that waits ([`Place::Waiting`]) is read
//! from how long anybody is known to be present. A thread whose term is over reads as destroyed.

use ayumi_protocol::municipal::thread::{HandoffState, Standing, ThreadState, UnixMs};

use super::row::{Handoff, Row, Stored};

/// The places of a thread. It is always in exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// Q: in the queue of a desk where somebody is present.
    Queue,
    /// W: waits for a desk where nobody is.
    Waiting,
    /// H: held by somebody who is present.
    Held,
    /// A: answered.
    Answered,
    /// C: closed.
    Closed,
    /// S: the family left.
    Sealed,
    /// D: its key is destroyed.
    Destroyed,
}

impl Place {
    /// All of them.
    pub const ALL: &[Self] =
        &[Self::Queue, Self::Waiting, Self::Held, Self::Answered, Self::Closed, Self::Sealed, Self::Destroyed];
}

impl Row {
    /// Returns where the thread is.
    pub fn place(&self, now: UnixMs) -> Place {
        let stands = self.until > now;
        match self.stored {
            Stored::Destroyed => Place::Destroyed,
            Stored::Closed if stands => Place::Closed,
            Stored::Sealed(_) if stands => Place::Sealed,
            Stored::Closed | Stored::Sealed(_) => Place::Destroyed,
            Stored::Held(_) if stands => Place::Held,
            Stored::Answered if self.closes_now(now) => Place::Closed,
            Stored::Answered if !self.comes_back(now) => Place::Answered,
            _ if self.present_until > now => Place::Queue,
            _ => Place::Waiting,
        }
    }

    /// Whether an answered thread is the first desk's to look at again: its day of follow-up has come, or another desk did not
    /// receive it in time.
    fn comes_back(&self, now: UnixMs) -> bool {
        let is_over = |moment: UnixMs| moment <= now;
        self.follow_up.is_some_and(is_over) || self.sent().is_some_and(|handoff| is_over(handoff.by))
    }

    /// Whether an answered thread is closed by now: its reply was fetched, its parent told the day, and nothing is to come. Of a
    /// parent who did not answer whether another desk may have it, no answer is no.
    fn closes_now(&self, now: UnixMs) -> bool {
        let closes = self.answer.closes_at.is_some_and(|closes| closes <= now);
        let refused = |handoff: &Handoff| handoff.state == HandoffState::Asked && handoff.by <= now;
        let is_over = self.follow_up.is_none() && self.under_way().is_none_or(refused);
        closes && self.answer.was_warned && self.is_fetched() && is_over
    }

    /// Whether the newest reply reached a phone, or there is none.
    pub fn is_fetched(&self) -> bool {
        self.fetched >= self.lines.newest_reply()
    }

    /// Whether the parent knows that the desk is closed, of a thread that waits: a phone said that it has the news, or shows
    /// the hours from its feed.
    pub fn is_told(&self, now: UnixMs) -> bool {
        self.shown_until > now || self.waiting_news.is_some_and(|news| self.acknowledged >= news)
    }

    /// Returns since when an alarm rings for the thread; `None` if none does. For a thread that waits untold one rings since it
    /// began to wait, also before any job ran.
    pub fn rings_since(&self, now: UnixMs) -> Option<UnixMs> {
        let untold = || (self.place(now) == Place::Waiting && !self.is_told(now)).then(|| self.waits_from());
        self.alarm.map(|alarm| alarm.since).or_else(untold)
    }

    /// Returns when the last one whom the row knows to be present was gone.
    pub(super) fn waits_from(&self) -> UnixMs {
        match self.stored {
            Stored::Held(_) | Stored::Answered => self.until.max(self.present_until),
            _ => self.present_until.max(self.queued_at),
        }
    }

    /// Returns what its family's phones are told.
    pub fn standing(&self, now: UnixMs) -> Standing {
        let place = self.place(now);
        let handed_off = self.handoff.as_ref().is_some_and(|handoff| handoff.is_there());
        let state = match place {
            Place::Queue | Place::Waiting => ThreadState::Queued,
            Place::Held => ThreadState::Claimed,
            Place::Answered if handed_off => ThreadState::HandedOff,
            Place::Answered => ThreadState::Answered,
            Place::Closed => ThreadState::Closed,
            Place::Sealed => ThreadState::Sealed,
            Place::Destroyed => ThreadState::Destroyed,
        };
        let waits = place == Place::Waiting;
        Standing {
            id: self.id,
            desk: self.desk.clone(),
            state,
            until: self.until,
            fetched: self.is_fetched(),
            closes_on: self.answer.closes_at.filter(|_| place == Place::Answered),
            second_desk: self.second.clone().filter(|_| self.joined),
            handoff: self.handoff.as_ref().map(|handoff| handoff.state),
            expected_by: self.under_way().map(|handoff| handoff.by),
            opens_at: self.opens_at.filter(|_| waits),
            may_be_closed: waits && !self.opening_is_sure,
            open_now: self.present_until > now,
            news: self.news,
        }
    }
}
