//! An office at one moment: its desks, people, roster, holidays and limits; and who is present.
//!
//! *Present* at a desk is whoever is on its roster, may answer there, is signed in, and whose desk page answered within the
//! last minute and a half. A locked page counts for a quarter of an hour, since it rings on. Fewer than one present means
//! that the desk is closed, for every rule and for the parent.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ayumi_protocol::municipal::thread::id::DeskId;
use ayumi_protocol::municipal::thread::{Profession, Topic, UnixMs};

use crate::calendar::{Holidays, in_japan, minutes_into};
use crate::hours::Hours;
use crate::limits::Limits;
use crate::roster::Roster;
use crate::staff::{Capability, Staff, StaffId};

/// A desk that answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desk {
    /// What it is there for.
    pub topics: Vec<Topic>,
    /// Whether what is said stays there.
    pub is_confidential: bool,
    /// The professions that answer here; empty for all.
    pub professions: Vec<Profession>,
    /// Its published hours.
    pub hours: Hours,
    /// Who is called when nobody here answers. A confidential desk has only a confidential one.
    pub second: Option<DeskId>,
    /// Where its threads went, once it is closed for good.
    pub successor: Option<DeskId>,
}

impl Desk {
    /// Whether its words may go only where it is as confidential.
    pub fn is_own(&self) -> bool {
        self.is_confidential || self.topics.iter().any(|topic| topic.is_own())
    }

    /// Whether it is not closed for good.
    pub const fn is_open(&self) -> bool {
        self.successor.is_none()
    }

    /// Whether people of a profession answer here.
    pub fn takes(&self, profession: Profession) -> bool {
        self.professions.is_empty() || self.professions.contains(&profession)
    }
}

/// When a desk that is closed opens, as far as anybody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promise {
    /// When somebody is to be there; `None` if no opening is known.
    pub opens_at: Option<UnixMs>,
    /// Whether the known holidays reach so far.
    pub is_sure: bool,
    /// Until when the published hours alone say that it is closed: so long every phone shows it from its feed.
    pub shown_until: UnixMs,
}

/// Everything that decisions about threads rest on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Office {
    /// Its desks.
    pub desks: BTreeMap<DeskId, Desk>,
    /// Its people.
    pub staff: BTreeMap<StaffId, Staff>,
    /// Who is on when.
    pub roster: Roster,
    /// The national holidays.
    pub holidays: Holidays,
    /// How long things may take.
    pub limits: Limits,
}

impl Office {
    /// Returns until when somebody may answer at a desk, by roster and capability; `None` if they may not now.
    fn on_until(&self, staff: StaffId, desk: &DeskId, now: UnixMs) -> Option<UnixMs> {
        let (person, place) = (self.staff.get(&staff)?, self.desks.get(desk)?);
        if !place.is_open() || !place.takes(person.profession) {
            return None;
        }
        let may = person.has_until(Capability::Answer, desk, now)?;
        Some(may.min(self.roster.covered_until(staff, desk, now)?))
    }

    /// Returns until when somebody counts as there if their page is silent from now on, with this much patience.
    fn there_until(&self, staff: StaffId, desk: &DeskId, now: UnixMs, patience: Duration) -> Option<UnixMs> {
        let on = self.on_until(staff, desk, now)?;
        let session = self.staff.get(&staff)?.session?;
        let locked = session.locked.map_or(UnixMs::END, |since| since.after(self.limits.locked));
        let until = session.seen.after(patience).min(session.since.after(self.limits.session)).min(locked).min(on);
        (until > now).then_some(until)
    }

    /// Returns until when somebody is present at a desk if nothing more is heard of them; `None` if they are not present.
    pub fn present_until(&self, staff: StaffId, desk: &DeskId, now: UnixMs) -> Option<UnixMs> {
        self.there_until(staff, desk, now, self.limits.heartbeat)
    }

    /// Returns until when somebody keeps what they hold if nothing more is heard of them, whatever its limit; `None` if they
    /// have lost it.
    pub fn keeps_until(&self, staff: StaffId, desk: &DeskId, now: UnixMs) -> Option<UnixMs> {
        self.there_until(staff, desk, now, self.limits.hold_grace)
    }

    /// Returns until when anybody is known to be present at some desks, apart from those whom a thread is kept from;
    /// [`UnixMs::NEVER`] if nobody is.
    pub fn anybody_until<'a>(
        &self,
        desks: impl Iterator<Item = &'a DeskId> + Clone,
        kept_from: &BTreeSet<StaffId>,
        now: UnixMs,
    ) -> UnixMs {
        let people = self.staff.iter().filter(|(id, person)| person.session.is_some() && !kept_from.contains(id));
        let there = people.flat_map(|(id, _)| desks.clone().filter_map(|desk| self.present_until(*id, desk, now)));
        there.max().unwrap_or(UnixMs::NEVER)
    }

    /// Returns the desk that stands for one now: itself, or whoever took over from it.
    pub fn standing_for<'a>(&'a self, desk: &'a DeskId) -> &'a DeskId {
        let mut at = desk;
        // A desk that is closed stays closed, so successors never lead in a circle; the bound is for what a file might say.
        for _ in 0..self.desks.len() {
            match self.desks.get(at).and_then(|desk| desk.successor.as_ref()) {
                Some(next) => at = next,
                None => break,
            }
        }
        at
    }

    /// Returns the second desk of a desk, if it may be one: open, another, and as confidential.
    pub fn second_of(&self, desk: &DeskId) -> Option<DeskId> {
        let home = self.desks.get(desk)?;
        let second = self.standing_for(home.second.as_ref()?);
        (second != desk && self.may_go(desk, second)).then(|| second.clone())
    }

    /// Whether words of one desk may lie at another without asking their author.
    pub fn may_go(&self, from: &DeskId, to: &DeskId) -> bool {
        let own = self.desks.get(from).is_none_or(Desk::is_own);
        self.desks.get(to).is_some_and(|to| to.is_open() && (to.is_confidential || !own))
    }

    /// Returns when a desk opens at which nobody is present now: the first moment within its hours at which somebody is on;
    /// where nobody is on yet, the next time its hours begin.
    pub fn promise(&self, desk: &DeskId, now: UnixMs) -> Promise {
        let nothing = Promise { opens_at: None, is_sure: false, shown_until: UnixMs::NEVER };
        let Some(place) = self.desks.get(desk) else { return nothing };
        let open = place.hours.open_at(now, &self.holidays);
        let next = place.hours.next_after(now, &self.holidays);
        let shown_until = match (open, next) {
            (None, Some(next)) => next.from,
            (None, None) => UnixMs::END,
            (Some(_), _) => UnixMs::NEVER,
        };
        for hours in [open, next].into_iter().flatten() {
            // Somebody who is on already and not here is no promise: the next one who comes on is.
            let slots = self.roster.slots().iter().filter(|slot| slot.desk == *desk);
            let within = slots.filter(|slot| slot.to > hours.from && slot.from < hours.to);
            let first = within.map(|slot| slot.from.max(hours.from)).filter(|from| *from > now).min();
            if first.is_some() {
                return Promise { opens_at: first, is_sure: hours.is_sure, shown_until };
            }
        }
        next.map_or(Promise { shown_until, ..nothing }, |next| Promise {
            opens_at: Some(next.from),
            is_sure: next.is_sure,
            shown_until,
        })
    }

    /// Returns by when a reply that is not urgent must have been fetched: nine o'clock of the next day on which the desk
    /// opens, or when it opens if that is later.
    pub fn fetch_by(&self, desk: &DeskId, now: UnixMs) -> UnixMs {
        let next = self.desks.get(desk).and_then(|desk| desk.hours.next_day_after(now, &self.holidays));
        let nine = |opening: UnixMs| minutes_into(in_japan(opening).date(), self.limits.fetch_hour).max(opening);
        next.map_or_else(|| now.after(Duration::from_secs(24 * 3600)), |next| nine(next.from))
    }

    /// Returns the end of the first opening of a desk that begins after now: one open day of it.
    pub fn open_day_after(&self, desk: &DeskId, now: UnixMs) -> UnixMs {
        let next = self.desks.get(desk).and_then(|desk| desk.hours.next_after(now, &self.holidays));
        next.map_or_else(|| now.after(self.limits.silent), |next| next.to)
    }
}
