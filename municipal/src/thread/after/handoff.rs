//! Handing a thread over to another desk. Until that desk says "received", the first one answers for it; the parent is told of
//! each step, and what fails is in the first desk's queue again at once.

use ayumi_protocol::municipal::thread::id::DeskId;
use ayumi_protocol::municipal::thread::{HandoffState, ThreadId, Urgency};

use super::Step;
use crate::office::Desk;
use crate::thread::duty::{Duty, Telling};
use crate::thread::refusal::Refusal;
use crate::thread::row::{Handoff, Stored};

impl Step<'_> {
    /// Returns how far the hand-over is, if there is one.
    fn handoff_state(&self) -> Option<HandoffState> {
        self.row.handoff.as_ref().map(|handoff| handoff.state)
    }

    /// Whether the other desk is one to which words may go; with its parent's consent to any that is open.
    fn is_open_desk(&self, desk: &DeskId) -> bool {
        self.office.desks.get(desk).is_some_and(Desk::is_open)
    }

    fn move_handoff(&mut self, state: HandoffState) {
        if let Some(handoff) = &mut self.row.handoff {
            handoff.state = state;
        }
        self.tell(Telling::Handoff(state));
    }

    pub(super) fn ask_handoff(&mut self, to: &DeskId) -> Result<(), Refusal> {
        let fits = *to != self.row.desk && self.is_open_desk(to);
        if !fits || self.row.under_way().is_some() {
            return Err(Refusal::Handoff);
        }
        let by = self.now.after(self.office.limits.consent);
        self.row.handoff = Some(Handoff { to: to.clone(), state: HandoffState::Asked, by, thread: None });
        self.duties.push(Duty::AskHandoff(to.clone()));
        self.tell(Telling::Handoff(HandoffState::Asked));
        self.keep_answered();
        Ok(())
    }

    pub(super) fn agree(&mut self, thread: ThreadId) -> Result<(), Refusal> {
        let is_open = self.row.is_open();
        let asked = self.row.handoff.as_mut().filter(|handoff| is_open && handoff.state == HandoffState::Asked);
        let handoff = asked.ok_or(Refusal::Handoff)?;
        handoff.thread = Some(thread);
        self.move_handoff(HandoffState::Agreed);
        Ok(())
    }

    pub(super) fn refuse_handoff(&mut self) -> Result<(), Refusal> {
        if self.handoff_state() != Some(HandoffState::Asked) {
            return Err(Refusal::Handoff);
        }
        self.move_handoff(HandoffState::Refused);
        self.keep_answered();
        Ok(())
    }

    /// Ends a hand-over that is under way, and puts the thread into the first desk's queue if it was sent.
    pub(super) fn end_handoff(&mut self, state: HandoffState) -> Result<(), Refusal> {
        let before = self.row.under_way().map(|handoff| handoff.state).ok_or(Refusal::Handoff)?;
        self.move_handoff(state);
        if before == HandoffState::Sent {
            let thread = self.row.handoff.as_ref().and_then(|handoff| handoff.thread);
            self.duties.extend(thread.map(Duty::EndHandoff));
            if self.row.stored == Stored::Answered {
                self.enter_queue();
            }
        }
        self.keep_answered();
        Ok(())
    }

    pub(super) fn receive(&mut self) -> Result<(), Refusal> {
        self.row.sent().ok_or(Refusal::Handoff)?;
        self.move_handoff(HandoffState::Received);
        // Words that came to the first desk meanwhile are still the first desk's.
        if self.row.stored == Stored::Answered {
            self.end_waiting();
            let closes = self.now.after(self.office.limits.silent);
            self.row.answer.closes_at = Some(self.row.answer.closes_at.map_or(closes, |other| other.max(closes)));
            self.row.answer.review_at = self.row.answer.review_at.max(closes);
            self.keep_answered();
        }
        Ok(())
    }

    /// What is due of a hand-over: no answer is no; what was agreed goes out; what was not received comes back.
    pub(super) fn handoff_due(&mut self) -> bool {
        let Some(handoff) = self.row.under_way().cloned() else { return false };
        let is_over = handoff.by <= self.now;
        if !self.is_open_desk(&handoff.to) {
            return self.end_handoff(HandoffState::Returned).is_ok();
        }
        match (handoff.state, handoff.thread) {
            (HandoffState::Asked, _) if is_over => self.refuse_handoff().is_ok(),
            (HandoffState::Agreed, Some(thread)) => {
                self.send(handoff.to, thread);
                true
            }
            (HandoffState::Sent, _) if is_over => {
                let ended = self.end_handoff(HandoffState::Expired).is_ok();
                // The second desk is called, whoever is at the first: its time was used up at the other desk.
                self.call_second_desk();
                ended
            }
            _ => false,
        }
    }

    /// Gives it to the other desk. Here it is answered up to the time by which it must have been received.
    fn send(&mut self, to: DeskId, thread: ThreadId) {
        let waiting_since = self.row.waiting_since.unwrap_or(self.now);
        let by = match self.row.urgency {
            Urgency::Now => self.now.after(self.office.limits.received_now),
            Urgency::Today | Urgency::Week => self.office.open_day_after(&to, self.now),
        };
        if let Some(handoff) = &mut self.row.handoff {
            handoff.by = by;
        }
        self.move_handoff(HandoffState::Sent);
        self.end_hold();
        self.forget_waiting();
        self.row.alarm = None;
        self.row.stored = Stored::Answered;
        self.duties.push(Duty::OpenHandoff { to, thread, waiting_since, urgency: self.row.urgency });
        self.keep_answered();
    }
}
