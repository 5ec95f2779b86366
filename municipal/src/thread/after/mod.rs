//! The table of states: what every event makes of a row.

mod clock;
mod handoff;
mod office;
mod parent;
mod settle;
mod staff;

use ayumi_protocol::municipal::thread::UnixMs;

use super::duty::{Duty, Telling};
use super::event::Event;
use super::place::Place;
use super::refusal::Refusal;
use super::row::{Alarm, Opened, Row, Stored, Why};
use crate::office::Office;

impl Row {
    /// A thread whose first line the server takes now.
    pub fn begin(opened: &Opened, now: UnixMs, office: &Office) -> (Self, Vec<Duty>) {
        let mut step = Step::new(Self::opened(opened, now, office), now, office);
        step.enter_queue();
        step.clock();
        step.done()
    }

    /// The thread that a hand-over opens at the other desk: somebody waits there since they waited at the first one.
    pub fn hand_over(
        opened: &Opened,
        origin: ayumi_protocol::municipal::thread::ThreadId,
        waiting_since: UnixMs,
        now: UnixMs,
        office: &Office,
    ) -> (Self, Vec<Duty>) {
        let (mut row, duties) = Self::begin(opened, now, office);
        row.origin = Some(origin);
        row.waiting_since = Some(waiting_since.min(now));
        (row, duties)
    }

    /// The row after one more event, and the duties that follow. What is due by the clock comes first.
    ///
    /// # Errors
    /// Why it is refused; the row stays as it was.
    pub fn after(&self, event: &Event, now: UnixMs, office: &Office) -> Result<(Self, Vec<Duty>), Refusal> {
        let mut step = Step::new(self.clone(), now, office);
        step.clock();
        match event {
            Event::Clock => {}
            Event::Parent(act) => step.parent(act)?,
            Event::Staff(staff, act) => step.staff(*staff, act)?,
            Event::Office(act) => step.office(*act)?,
        }
        step.clock();
        Ok(step.done())
    }

    /// The row after the office changed: whose hold ends, where the thread queues, when its desk opens.
    pub(crate) fn settled(&self, now: UnixMs, office: &Office, opening_changed: bool) -> (Self, Vec<Duty>) {
        let mut step = Step::new(self.clone(), now, office);
        step.clock();
        step.settle(opening_changed);
        step.clock();
        step.done()
    }
}

/// A row on its way from one event to the next.
struct Step<'a> {
    row: Row,
    duties: Vec<Duty>,
    now: UnixMs,
    office: &'a Office,
}

impl<'a> Step<'a> {
    fn new(row: Row, now: UnixMs, office: &'a Office) -> Self {
        let mut step = Self { row, duties: Vec::new(), now, office };
        step.count();
        step
    }

    fn done(self) -> (Row, Vec<Duty>) {
        (self.row, self.duties)
    }

    fn place(&self) -> Place {
        self.row.place(self.now)
    }

    /// Counts how long somebody was present since this was last counted: the desk's clocks stand still while it is closed.
    fn count(&mut self) {
        let row = &mut self.row;
        if row.waiting_since.is_some() {
            row.spent += self.now.min(row.counts_until()).since(row.counted_to);
        }
        row.counted_to = row.counted_to.max(self.now);
    }

    /// Tells the parent something. Its number is the moment, or one more than the last.
    fn tell(&mut self, telling: Telling) {
        self.row.news = self.now.0.max(self.row.news + 1);
        self.duties.push(Duty::Tell(telling));
    }

    /// Begins a wait, if none is going on. An earlier one is never shortened.
    fn begin_waiting(&mut self) {
        if self.row.waiting_since.is_none() {
            self.row.waiting_since = Some(self.now);
            self.row.spent = std::time::Duration::ZERO;
            self.row.counted_to = self.now;
            self.row.escalated = false;
            self.row.acknowledged_by.clear();
        }
    }

    /// Ends a wait: an answer is there.
    fn end_waiting(&mut self) {
        self.row.waiting_since = None;
        self.row.alarm = None;
        self.row.escalated = false;
        self.row.acknowledged_by.clear();
        self.row.joined = false;
        self.forget_waiting();
    }

    /// Forgets what was told of a desk that is closed.
    fn forget_waiting(&mut self) {
        self.row.waiting_news = None;
        self.row.opens_at = None;
        self.row.shown_until = UnixMs::NEVER;
        if self.row.alarm.is_some_and(|alarm| alarm.why == Why::Untold) {
            self.row.alarm = None;
        }
    }

    /// Puts the thread into the queue of its desks. The clock says whether anybody is there.
    fn enter_queue(&mut self) {
        self.begin_waiting();
        self.row.stored = Stored::Queued;
        self.row.queued_at = self.now;
        self.look_who_is_there();
    }

    /// Reads how long anybody is known to be present where the thread queues.
    fn look_who_is_there(&mut self) {
        let row = &self.row;
        let until = self.office.anybody_until(row.desks(), &row.kept_from, self.now);
        // A queue at which nobody stands is over since now, not since ever.
        let until = if until > self.now { until } else { self.row.present_until.min(self.now) };
        self.row.present_until = until;
        if self.row.stored == Stored::Queued {
            self.row.until = until;
        }
    }

    /// Ends a hold: the draft is kept, and its author told.
    fn end_hold(&mut self) {
        if let Some(hold) = self.row.hold() {
            self.duties.push(Duty::KeepDraft(hold.staff));
        }
    }

    /// Begins an alarm, unless one rings already.
    fn ring(&mut self, why: Why) {
        if self.row.alarm.is_none_or(|alarm| alarm.why == Why::Untold && why != Why::Untold) {
            self.row.alarm = Some(Alarm { since: self.now, why, steps: 0, still_until: UnixMs::NEVER });
            self.duties.push(Duty::Ring(self.row.desk.clone()));
        }
    }
}
