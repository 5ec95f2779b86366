//! What the office keeps of a thread besides its words: where it was put, until when, since when somebody waits.

use std::collections::BTreeSet;
use std::time::Duration;

use ayumi_protocol::municipal::thread::id::DeskId;
use ayumi_protocol::municipal::thread::{HandoffState, Line, ThreadId, UnixMs, Urgency};

use super::said::{Author, Lines, Said};
use super::seen::Stopped;
use crate::office::Office;
use crate::staff::StaffId;

/// Who holds a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Who.
    pub staff: StaffId,
    /// From which desk: the thread's own or the second.
    pub desk: DeskId,
    /// Since when.
    pub claimed: UnixMs,
}

/// What a thread was before its family left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Was {
    /// Waiting for an answer, or held.
    Open,
    /// Answered.
    Answered,
    /// Closed, and until when its term was.
    Closed(UnixMs),
}

/// A family that left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// When.
    pub at: UnixMs,
    /// Who held the thread then, and reads on for a while.
    pub reader: Option<StaffId>,
    /// What it was.
    pub was: Was,
}

/// Where a thread was put last. What is read from it is [`super::Place`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stored {
    /// In a queue.
    Queued,
    /// Held by somebody.
    Held(Hold),
    /// Answered.
    Answered,
    /// Closed.
    Closed,
    /// Its family left.
    Sealed(Left),
    /// Its key is destroyed.
    Destroyed,
}

/// Why an alarm rings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It waits, and its parent may not know.
    Untold,
    /// Nobody claimed it in time, or whoever did has not answered in time.
    Limit,
    /// It was held again and again, or for long, and is not answered.
    HeldTooLong,
}

/// An alarm. Its steps are counted from its beginning, whoever claims and returns the thread meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alarm {
    /// Since when.
    pub since: UnixMs,
    /// Why.
    pub why: Why,
    /// How many of its steps were taken: others, second desk, outside.
    pub steps: u8,
    /// Until when it is still, because somebody said that they will claim the thread.
    pub still_until: UnixMs,
}

/// What is due of a reply.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Answer {
    /// By when it must be fetched.
    pub fetch_by: UnixMs,
    /// Whether the desk was rung because it was not.
    pub has_rung: bool,
    /// What came of the safe contact: reached or tried (true), or there is none (false).
    pub contacted: Option<bool>,
    /// When the thread closes, once the reply was fetched.
    pub closes_at: Option<UnixMs>,
    /// Whether the parent was told that it closes.
    pub was_warned: bool,
    /// When a supervisor sees it, if it stays unfetched.
    pub review_at: UnixMs,
}

/// A hand-over to another desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handoff {
    /// Where to.
    pub to: DeskId,
    /// How far it is.
    pub state: HandoffState,
    /// Until when the next step is awaited.
    pub by: UnixMs,
    /// The thread that it opens there, named by the parent's phone when she agreed.
    pub thread: Option<ThreadId>,
}

impl Handoff {
    /// Whether the other desk was given the thread.
    pub const fn is_there(&self) -> bool {
        matches!(self.state, HandoffState::Sent | HandoffState::Received)
    }
}

/// A thread. A value: events make a new one of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its name.
    pub id: ThreadId,
    /// The desk that answers for it.
    pub desk: DeskId,
    /// The second desk that may be called; `None` if there is none or the parent declined.
    pub second: Option<DeskId>,
    /// Whether the second desk was called: then it stands in both queues.
    pub joined: bool,
    /// Where it was put last.
    pub stored: Stored,
    /// Until when it is there. Never empty: whatever is kept without an end is forgotten.
    pub until: UnixMs,
    /// Until when anybody is known to be present where it queues.
    pub present_until: UnixMs,
    /// When it came into the queue.
    pub queued_at: UnixMs,
    /// How soon an answer is needed.
    pub urgency: Urgency,
    /// Since when somebody waits for an answer: the first unanswered word. Nothing but an answer changes it.
    pub waiting_since: Option<UnixMs>,
    /// How long of that somebody was present: the clocks of the desk run in open hours.
    pub spent: Duration,
    /// Up to when that is counted.
    pub counted_to: UnixMs,
    /// Whether the second desk was called for this wait.
    pub escalated: bool,
    /// The alarm that rings.
    pub alarm: Option<Alarm>,
    /// Who acknowledged the alarm of this wait; each may once.
    pub acknowledged_by: BTreeSet<StaffId>,
    /// What was said.
    pub lines: Lines,
    /// Up to which line a phone has fetched.
    pub fetched: u32,
    /// Replies that were stopped.
    pub stopped: Vec<Stopped>,
    /// What is due of the newest reply.
    pub answer: Answer,
    /// The day on which somebody looks at it again.
    pub follow_up: Option<UnixMs>,
    /// A hand-over.
    pub handoff: Option<Handoff>,
    /// The thread from which it was handed over.
    pub origin: Option<ThreadId>,
    /// Who may not see it: they know the family, or the parent does not want them.
    pub kept_from: BTreeSet<StaffId>,
    /// The newest thing that the parent was told. The number is the moment, so that none comes twice after a restore.
    pub news: u64,
    /// The newest that a phone said it has.
    pub acknowledged: u64,
    /// The news that the desk is closed, while it waits.
    pub waiting_news: Option<u64>,
    /// When the desk opens, as the parent was told.
    pub opens_at: Option<UnixMs>,
    /// Whether that day is sure.
    pub opening_is_sure: bool,
    /// Until when the published hours alone tell the parent that the desk is closed.
    pub shown_until: UnixMs,
    /// Until when replies wait for what the phones tell again after a restore.
    pub retelling_until: UnixMs,
}

/// How a parent opens a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// At which desk.
    pub desk: DeskId,
    /// Its first line; it names the thread.
    pub line: Line,
    /// How soon an answer is needed.
    pub urgency: Urgency,
    /// Whether the second desk may be called.
    pub second: bool,
}

impl Row {
    /// The row of a thread whose first line is taken now: somebody waits, and where it is the clock says.
    pub(super) fn opened(opened: &Opened, now: UnixMs, office: &Office) -> Self {
        let desk = office.standing_for(&opened.desk).clone();
        let mut lines = Lines::default();
        lines.push(Said { id: opened.line.id, by: Author::Parent, at: now });
        Self {
            id: opened.line.thread,
            second: opened.second.then(|| office.second_of(&desk)).flatten(),
            desk,
            joined: false,
            stored: Stored::Queued,
            until: now,
            present_until: now,
            queued_at: now,
            urgency: opened.urgency,
            waiting_since: Some(now),
            spent: Duration::ZERO,
            counted_to: now,
            escalated: false,
            alarm: None,
            acknowledged_by: BTreeSet::new(),
            lines,
            fetched: 0,
            stopped: Vec::new(),
            answer: Answer::default(),
            follow_up: None,
            handoff: None,
            origin: None,
            kept_from: BTreeSet::new(),
            news: 0,
            acknowledged: 0,
            waiting_news: None,
            opens_at: None,
            opening_is_sure: false,
            shown_until: UnixMs::NEVER,
            retelling_until: UnixMs::NEVER,
        }
    }

    /// Returns the desks at whose queues it stands, or would stand.
    pub fn desks(&self) -> impl Iterator<Item = &DeskId> + Clone {
        std::iter::once(&self.desk).chain(self.second.iter().filter(|_| self.joined))
    }

    /// Returns who holds it, if the row says so.
    pub const fn hold(&self) -> Option<&Hold> {
        match &self.stored {
            Stored::Held(hold) => Some(hold),
            _ => None,
        }
    }

    /// Returns the hand-over of which something is still to come.
    pub fn under_way(&self) -> Option<&Handoff> {
        self.handoff.as_ref().filter(|handoff| handoff.state.is_under_way())
    }

    /// Returns the hand-over that lies at the other desk and was not received there yet.
    pub fn sent(&self) -> Option<&Handoff> {
        self.handoff.as_ref().filter(|handoff| handoff.state == HandoffState::Sent)
    }

    /// Returns until when the desk's clocks run for it, if nothing more is heard of anybody.
    pub(super) fn counts_until(&self) -> UnixMs {
        match self.stored {
            Stored::Queued => self.present_until,
            Stored::Held(_) => self.until.max(self.present_until),
            _ => UnixMs::NEVER,
        }
    }

    /// Whether it is open: not closed, sealed or destroyed.
    pub const fn is_open(&self) -> bool {
        matches!(self.stored, Stored::Queued | Stored::Held(_) | Stored::Answered)
    }

    /// Whether the row may be kept at all: what a database must refuse otherwise.
    pub fn is_sound(&self) -> bool {
        let ends = self.until > UnixMs::NEVER;
        let waits = self.waiting_since.is_some();
        let sent = self.sent().is_some();
        let fits = match &self.stored {
            Stored::Queued => waits && self.until == self.present_until,
            Stored::Held(hold) => waits && self.until >= hold.claimed && self.desks().any(|desk| *desk == hold.desk),
            Stored::Answered => sent || !waits,
            Stored::Closed | Stored::Sealed(_) | Stored::Destroyed => self.alarm.is_none(),
        };
        ends && fits && (self.second.is_some() || !self.joined)
    }
}
