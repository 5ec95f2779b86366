//! What is due because time passed. It may run late, twice, or not at all: reading does not depend on it.

use std::time::Duration;

use ayumi_protocol::municipal::thread::{HandoffState, UnixMs, Urgency};

use super::Step;
use crate::office::Office;
use crate::thread::duty::{Duty, Telling};
use crate::thread::place::Place;
use crate::thread::row::{Hold, Row, Stored, Why};

/// What is due at once is done in at most so many rounds; each of them ends something.
const ROUNDS: usize = 16;

impl Step<'_> {
    /// Does everything that is due.
    pub(super) fn clock(&mut self) {
        for _ in 0..ROUNDS {
            if !self.next_due() {
                break;
            }
        }
    }

    /// Does one thing that is due; says whether there was one.
    fn next_due(&mut self) -> bool {
        match &self.row.stored {
            Stored::Destroyed => false,
            Stored::Closed | Stored::Sealed(_) => self.destroy(),
            Stored::Held(hold) => {
                let hold = hold.clone();
                self.handoff_due() || self.hold_ended(&hold) || self.held_too_long() || self.alarm_step()
            }
            Stored::Answered => self.handoff_due() || self.answered_due(),
            Stored::Queued => {
                self.handoff_due()
                    || self.follow_up_is_here()
                    || self.waits()
                    || self.limit_of_queue()
                    || self.alarm_step()
            }
        }
    }

    fn destroy(&mut self) -> bool {
        let is_over = self.row.until <= self.now;
        if is_over {
            self.row.stored = Stored::Destroyed;
            self.row.until = UnixMs::END;
            self.duties.push(Duty::DestroyKey);
        }
        is_over
    }

    /// Takes away a day of follow-up that has come; one that comes while somebody waits anyway has done its work by that.
    fn follow_up_is_here(&mut self) -> bool {
        let is_here = self.row.follow_up.is_some_and(|day| day <= self.now);
        if is_here {
            self.row.follow_up = None;
        }
        is_here
    }

    fn hold_ended(&mut self, hold: &Hold) -> bool {
        if self.row.until > self.now {
            return false;
        }
        let limit = self.office.limits.answer.of(self.row.urgency);
        let by_limit = hold.claimed.after(limit) <= self.now;
        self.requeue(if by_limit { Some(Why::Limit) } else { None });
        true
    }

    /// From a holder back to the queue; by the limit with an alarm, otherwise on the list for the next shift.
    pub(super) fn requeue(&mut self, why: Option<Why>) {
        self.end_hold();
        self.enter_queue();
        match why {
            Some(why) => self.ring(why),
            None => self.duties.push(Duty::HandOverList),
        }
    }

    /// Somebody held it, or one after another did, for longer than queue and answer may take together.
    fn held_too_long(&mut self) -> bool {
        let due = self.row.spent >= self.limit_of_both();
        due && self.escalate(Why::HeldTooLong)
    }

    fn limit_of_both(&self) -> Duration {
        let limits = &self.office.limits;
        limits.queue.of(self.row.urgency) + limits.answer.of(self.row.urgency)
    }

    fn limit_of_queue(&mut self) -> bool {
        let limit = self.office.limits.queue.of(self.row.urgency);
        let due = self.place() == Place::Queue && self.row.spent >= limit;
        due && self.escalate(Why::Limit)
    }

    /// Rings and calls the second desk, once for a wait; says whether it did.
    fn escalate(&mut self, why: Why) -> bool {
        let is_first = !self.row.escalated;
        if is_first {
            self.row.escalated = true;
            self.ring(why);
            self.call_second_desk();
        }
        is_first
    }

    /// Puts the thread into the second desk's queue, too, if it has one that its parent did not decline.
    pub(super) fn call_second_desk(&mut self) {
        self.row.joined = self.row.second.is_some();
        self.look_who_is_there();
        if let Some(second) = self.row.second.clone() {
            self.duties.push(Duty::RingSecond(second));
            self.tell(Telling::SecondDesk);
        }
    }

    /// Nobody is where it queues: the second desk's queue if somebody is there, and otherwise the parent is told.
    fn waits(&mut self) -> bool {
        if self.place() != Place::Waiting {
            let was_told = self.row.waiting_news.is_some();
            if was_told {
                self.forget_waiting();
            }
            return was_told;
        }
        // A slot that begins makes somebody present whose page is open already: no event says so.
        self.look_who_is_there();
        if self.place() != Place::Waiting || self.second_desk_takes() {
            return true;
        }
        let passed = self.row.opens_at.is_some_and(|opens| opens <= self.now);
        if self.row.waiting_news.is_none() || passed {
            let is_urgent = self.row.urgency == Urgency::Now;
            if passed {
                self.duties.push(Duty::CountUnopened);
            }
            if passed || is_urgent {
                self.duties.push(Duty::OutsideLine);
            }
            let promise = self.office.promise(&self.row.desk, self.now);
            self.row.opens_at = promise.opens_at;
            self.row.opening_is_sure = promise.is_sure;
            self.row.shown_until = promise.shown_until;
            self.tell(Telling::Waits);
            self.row.waiting_news = Some(self.row.news);
            return true;
        }
        let untold = !self.row.is_told(self.now) && self.row.alarm.is_none();
        if untold {
            self.ring(Why::Untold);
        }
        untold
    }

    fn second_desk_takes(&mut self) -> bool {
        let Some(second) = self.row.second.clone().filter(|_| !self.row.joined) else { return false };
        let there = self.office.anybody_until(std::iter::once(&second), &self.row.kept_from, self.now);
        let takes = there > self.now;
        if takes {
            self.call_second_desk();
        }
        takes
    }

    fn alarm_step(&mut self) -> bool {
        let limits = self.office.limits;
        let held = matches!(self.row.stored, Stored::Held(_));
        let Some(alarm) = self.row.alarm.as_mut() else { return false };
        // Whoever holds it is given their time; unless that is just what rings.
        if (held && alarm.why != Why::HeldTooLong) || alarm.still_until > self.now {
            return false;
        }
        let Some(length) = step_after(alarm.steps, &limits) else { return false };
        if alarm.since.after(length) > self.now {
            return false;
        }
        alarm.steps += 1;
        match alarm.steps {
            1 => self.duties.push(Duty::RingOthers(self.row.desk.clone())),
            2 => self.duties.extend(self.row.second.clone().map(Duty::RingSecond)),
            _ => {
                self.duties.push(Duty::OutsideLine);
                self.tell(Telling::NobodyHasSeen);
            }
        }
        true
    }

    fn answered_due(&mut self) -> bool {
        let now = self.now;
        if self.follow_up_is_here() {
            self.enter_queue();
            self.duties.push(Duty::HandOverList);
            return true;
        }
        let sent = self.row.sent().is_some();
        if !self.row.is_fetched() {
            return self.unfetched_due();
        }
        let Some(closes) = self.row.answer.closes_at.filter(|_| !sent) else { return false };
        if !self.row.answer.was_warned && closes.before(self.office.limits.warned) <= now {
            // Whoever is told late closes late.
            self.row.answer.was_warned = true;
            self.row.answer.closes_at = Some(closes.max(now.after(self.office.limits.warned)));
            self.row.until = self.answered_until();
            self.tell(Telling::ClosesTomorrow);
            return true;
        }
        let closing = closes <= now && self.row.under_way().is_none() && self.row.follow_up.is_none();
        if closing {
            self.close();
        }
        closing
    }

    fn unfetched_due(&mut self) -> bool {
        let answer = &mut self.row.answer;
        if answer.fetch_by <= self.now && !answer.has_rung && answer.contacted.is_none() {
            answer.has_rung = true;
            self.duties.push(Duty::RingUnfetched(self.row.desk.clone()));
            return true;
        }
        let due = answer.review_at <= self.now;
        if due {
            answer.review_at = self.now.after(self.office.limits.silent);
            self.row.until = self.answered_until();
            self.duties.push(Duty::Supervisor);
        }
        due
    }

    /// Until when an answered thread stays answered if nothing happens: the day on which it closes, is looked at again, or
    /// must have been received by another desk.
    pub(super) fn answered_until(&self) -> UnixMs {
        let row = &self.row;
        let own = if row.is_fetched() { row.answer.closes_at } else { Some(row.answer.review_at) };
        let own = own.unwrap_or(UnixMs::END);
        let until = match row.under_way() {
            Some(handoff) if handoff.state == HandoffState::Sent => handoff.by,
            Some(handoff) => own.max(handoff.by),
            None => own,
        };
        row.follow_up.map_or(until, |day| until.min(day))
    }

    /// Closes the thread; its term begins.
    pub(super) fn close(&mut self) {
        self.end_waiting();
        self.row.stored = Stored::Closed;
        self.row.follow_up = None;
        self.row.until = self.now.after(self.office.limits.term);
        self.tell(Telling::Closed);
    }
}

/// Returns how long after an alarm's beginning its next step is.
const fn step_after(steps: u8, limits: &crate::limits::Limits) -> Option<Duration> {
    match steps {
        0 => Some(limits.alarm_others),
        1 => Some(limits.alarm_second),
        2 => Some(limits.alarm_outside),
        _ => None,
    }
}

impl Row {
    /// Returns the next moment at which the clock may have something to do; the server looks again then, and not before.
    pub fn next_due(&self, now: UnixMs, office: &Office) -> UnixMs {
        let limits = &office.limits;
        let mut due = vec![self.until];
        let open = self.is_open();
        if open {
            due.extend(self.under_way().map(|handoff| handoff.by));
            due.extend(self.follow_up);
        }
        if self.stored == Stored::Answered {
            due.extend((!self.is_fetched()).then_some(self.answer.fetch_by));
            due.extend(self.answer.closes_at.map(|closes| closes.before(limits.warned)));
        } else if open {
            let limit = limits.queue.of(self.urgency);
            let both = limit + limits.answer.of(self.urgency);
            let reached = [limit, both].map(|limit| self.counted_to.after(limit.saturating_sub(self.spent)));
            // Clocks that stand still before they get there make nothing due.
            due.extend(reached.into_iter().filter(|moment| *moment <= self.counts_until()));
            due.extend([self.present_until, self.shown_until]);
            due.extend(self.opens_at);
            let desks = std::iter::once(&self.desk).chain(&self.second);
            due.extend(desks.filter_map(|desk| office.roster.next_start(desk, now)));
            if let Some(alarm) = self.alarm {
                due.extend(step_after(alarm.steps, limits).map(|length| alarm.since.after(length)));
                due.push(alarm.still_until);
            }
        }
        due.into_iter().filter(|moment| *moment > now).min().unwrap_or(UnixMs::END)
    }
}
