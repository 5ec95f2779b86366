//! What a change of the office makes of a thread: roster, hours, desks, people and their rights, presence.

use super::Step;
use crate::thread::duty::Telling;
use crate::thread::place::Place;
use crate::thread::row::Stored;

impl Step<'_> {
    /// Puts the thread where it belongs now. `opening_changed` says that the time at which a desk opens may be another one.
    pub(super) fn settle(&mut self, opening_changed: bool) {
        self.follow_desks();
        if let Some(hold) = self.row.hold() {
            let keeps = self.office.keeps_until(hold.staff, &hold.desk, self.now);
            match keeps.filter(|_| !self.row.kept_from.contains(&hold.staff)) {
                Some(keeps) => self.limit_until(keeps),
                None => self.requeue(None),
            }
        }
        if matches!(self.row.stored, Stored::Queued | Stored::Held(_)) {
            self.look_who_is_there();
        }
        if opening_changed && self.place() == Place::Waiting {
            let promise = self.office.promise(&self.row.desk, self.now);
            let same = self.row.opens_at == promise.opens_at && self.row.opening_is_sure == promise.is_sure;
            if !same {
                // The clock tells the parent anew.
                self.row.waiting_news = None;
                self.row.opens_at = None;
            }
            self.row.shown_until = promise.shown_until;
        }
    }

    /// A desk that was closed for good is followed by its successor.
    fn follow_desks(&mut self) {
        let desk = self.office.standing_for(&self.row.desk);
        if *desk != self.row.desk {
            let desk = desk.clone();
            if self.row.hold().is_some() {
                self.requeue(None);
            }
            // A declined second desk stays declined.
            let second = self.row.second.is_some().then(|| self.office.second_of(&desk)).flatten();
            self.row.joined = self.row.joined && second.is_some();
            self.row.second = second;
            self.row.desk = desk;
            self.forget_waiting();
            if self.row.is_open() {
                self.tell(Telling::Moved);
            }
            return;
        }
        let Some(second) = &self.row.second else { return };
        let stands = self.office.standing_for(second);
        if stands != second {
            let next = Some(stands.clone()).filter(|next| *next != self.row.desk && self.office.may_go(desk, next));
            if self.row.hold().is_some_and(|hold| hold.desk == *second) {
                self.requeue(None);
            }
            self.row.joined = self.row.joined && next.is_some();
            self.row.second = next;
        }
    }

    /// After something changed that says how long a thread stays answered.
    pub(super) fn keep_answered(&mut self) {
        if self.row.stored == Stored::Answered {
            self.row.until = self.answered_until();
            self.row.present_until = self.now;
        }
    }
}
