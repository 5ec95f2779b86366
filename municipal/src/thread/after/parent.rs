//! What a parent does.

use ayumi_protocol::municipal::thread::{HandoffState, Line, MessageId, UnixMs};

use super::Step;
use crate::thread::duty::Duty;
use crate::thread::event::ParentAct;
use crate::thread::place::Place;
use crate::thread::refusal::Refusal;
use crate::thread::row::{Left, Stored, Was, Why};
use crate::thread::said::{Author, Said};

impl Step<'_> {
    pub(super) fn parent(&mut self, act: &ParentAct) -> Result<(), Refusal> {
        match (self.place(), act) {
            (Place::Destroyed, _) => return Err(Refusal::NoSuchThread),
            (Place::Sealed, ParentAct::Undo) => return self.undo(),
            (Place::Sealed, _) => return Err(Refusal::WrongPlace(Place::Sealed)),
            _ => {}
        }
        match act {
            ParentAct::Write(line) => self.write(line),
            ParentAct::Retell { id, by, taken } => self.retell(*id, *by, *taken),
            ParentAct::Retold => {
                self.retold();
                Ok(())
            }
            ParentAct::Close => self.close_by_parent(),
            ParentAct::Reopen => self.reopen(),
            ParentAct::Fetched { through, news } => {
                self.fetched(*through, *news);
                Ok(())
            }
            ParentAct::HandoffAgree(thread) => self.agree(*thread),
            ParentAct::HandoffRefuse => self.refuse_handoff(),
            ParentAct::HandoffWithdraw => self.end_handoff(HandoffState::Withdrawn),
            ParentAct::KeepFrom(staff) => {
                self.keep_from(*staff);
                Ok(())
            }
            ParentAct::Leave => {
                self.leave();
                Ok(())
            }
            ParentAct::Undo => Err(Refusal::WrongPlace(self.place())),
        }
    }

    /// A line: the server's order, each name once. Where it is answered or closed, somebody waits again.
    fn write(&mut self, line: &Line) -> Result<(), Refusal> {
        if line.thread != self.row.id {
            return Err(Refusal::OtherThread);
        }
        if let Some(taken) = self.row.lines.named(line.id) {
            return if taken.by == Author::Parent { Ok(()) } else { Err(Refusal::NameTaken) };
        }
        self.row.lines.push(Said { id: line.id, by: Author::Parent, at: self.now });
        // A word of hers may make it more urgent. What was urgent stays so until it is answered.
        if let Some(urgency) = line.urgency {
            let waits = self.row.waiting_since.is_some();
            self.row.urgency = if waits { self.row.urgency.max(urgency) } else { urgency };
            self.limit_hold();
        }
        match self.row.stored {
            Stored::Answered | Stored::Closed => self.enter_queue(),
            _ => {}
        }
        Ok(())
    }

    fn reopen(&mut self) -> Result<(), Refusal> {
        let place = self.place();
        if place != Place::Closed {
            return Err(Refusal::WrongPlace(place));
        }
        self.enter_queue();
        Ok(())
    }

    fn close_by_parent(&mut self) -> Result<(), Refusal> {
        let place = self.place();
        if !self.row.is_open() {
            return Err(Refusal::WrongPlace(place));
        }
        if let Some(hold) = self.row.hold() {
            self.duties.push(Duty::TellHolder(hold.staff));
        }
        self.end_hold();
        // What another desk was given already goes on there; what was not, does not go any more.
        let asked = self.row.handoff.as_ref().map(|handoff| handoff.state);
        if matches!(asked, Some(HandoffState::Asked | HandoffState::Agreed)) {
            self.end_handoff(HandoffState::Withdrawn)?;
        }
        self.close();
        Ok(())
    }

    fn fetched(&mut self, through: u32, news: u64) {
        let row = &mut self.row;
        let was_fetched = row.is_fetched();
        // A number that was never given out, such as one from before a restore, says nothing.
        if through <= row.lines.newest() {
            row.fetched = row.fetched.max(through);
        }
        if news <= row.news {
            row.acknowledged = row.acknowledged.max(news);
        }
        let told = row.is_told(self.now);
        if told && row.alarm.is_some_and(|alarm| alarm.why == Why::Untold) {
            row.alarm = None;
        }
        if !was_fetched && row.is_fetched() {
            row.answer.closes_at = Some(self.now.after(self.office.limits.silent));
            row.answer.was_warned = false;
            self.keep_answered();
        }
    }

    pub(super) fn keep_from(&mut self, staff: crate::staff::StaffId) {
        self.row.kept_from.insert(staff);
        if self.row.hold().is_some_and(|hold| hold.staff == staff) {
            self.requeue(None);
        }
        if self.row.is_open() && self.row.stored != Stored::Answered {
            self.look_who_is_there();
        }
    }

    /// The family leaves. Whoever held the thread reads on, always as long, so that the hour says nothing of the family.
    fn leave(&mut self) {
        let reader = self.row.hold().map(|hold| hold.staff);
        self.end_hold();
        let was = match self.row.stored {
            Stored::Answered => Was::Answered,
            Stored::Closed => Was::Closed(self.row.until),
            _ => Was::Open,
        };
        self.row.stored = Stored::Sealed(Left { at: self.now, reader, was });
        self.row.alarm = None;
        // The term of a thread that was closed is not made longer.
        self.row.until = match was {
            Was::Closed(until) => until,
            _ => self.now.after(self.office.limits.term),
        };
    }

    fn undo(&mut self) -> Result<(), Refusal> {
        let Stored::Sealed(left) = self.row.stored else { return Err(Refusal::WrongPlace(self.place())) };
        if left.at.after(self.office.limits.undo) <= self.now {
            return Err(Refusal::TooLate);
        }
        match left.was {
            Was::Open => self.enter_queue(),
            Was::Answered => {
                self.row.stored = Stored::Answered;
                self.keep_answered();
            }
            Was::Closed(until) => {
                self.row.stored = Stored::Closed;
                self.row.until = until;
            }
        }
        Ok(())
    }

    fn retell(&mut self, id: MessageId, by: Author, taken: UnixMs) -> Result<(), Refusal> {
        if self.row.retelling_until <= self.now {
            return Err(Refusal::TooLate);
        }
        if self.row.lines.named(id).is_some() {
            return Ok(());
        }
        self.row.lines.push(Said { id, by, at: taken.min(self.now) });
        match by {
            // Who tells a reply again has it.
            Author::Staff(_) => {
                self.row.fetched = self.row.lines.newest();
                self.row.stopped.retain(|stopped| stopped.id != id);
            }
            Author::Parent if self.row.is_open() => {
                self.row.waiting_since = self.row.waiting_since.map(|since| since.min(taken));
            }
            Author::Parent => self.enter_queue(),
        }
        Ok(())
    }

    /// Everything was told again. If the last word is the office's after all, the thread is answered.
    fn retold(&mut self) {
        let newest = self.row.lines.newest();
        let restored = self.row.retelling_until > self.now;
        let answered = self.row.lines.newest_reply() == newest && newest > 0 && self.row.is_fetched();
        self.row.retelling_until = self.row.retelling_until.min(self.now);
        if restored && answered && self.row.stored == Stored::Queued && self.row.follow_up.is_none() {
            self.end_waiting();
            self.row.stored = Stored::Answered;
            self.row.answer.closes_at = Some(self.now.after(self.office.limits.silent));
            self.row.answer.was_warned = false;
            self.keep_answered();
        }
    }
}
