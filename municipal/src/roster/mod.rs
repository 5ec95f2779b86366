//! The roster: who is on at which desk, from when to when. A slot belongs to the day on which it begins.

pub mod kept;

use ayumi_protocol::municipal::thread::UnixMs;
use ayumi_protocol::municipal::thread::id::DeskId;
use chrono::NaiveDate;

use crate::calendar::minutes_into;
use crate::hours::DAY_MINUTES;
use crate::staff::StaffId;

/// One person on at one desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Who.
    pub staff: StaffId,
    /// Where.
    pub desk: DeskId,
    /// From when.
    pub from: UnixMs,
    /// Until when.
    pub to: UnixMs,
}

impl Slot {
    /// Makes a slot that begins so many minutes into a day in Japan; it may lead into the next day.
    pub fn on(staff: StaffId, desk: DeskId, day: NaiveDate, from: u32, minutes: u32) -> Self {
        let (from, minutes) = (from.min(DAY_MINUTES), minutes.min(DAY_MINUTES));
        Self { staff, desk, from: minutes_into(day, from), to: minutes_into(day, from + minutes) }
    }
}

/// All slots, in the order of their beginning.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roster(Vec<Slot>);

impl Roster {
    /// Puts slots in order.
    pub fn new(mut slots: Vec<Slot>) -> Self {
        slots.sort_by_key(|slot| (slot.from, slot.to));
        Self(slots)
    }

    /// Returns the slots.
    pub fn slots(&self) -> &[Slot] {
        &self.0
    }

    /// Returns until when somebody is on at a desk without a gap; `None` if they are not on now.
    pub fn covered_until(&self, staff: StaffId, desk: &DeskId, now: UnixMs) -> Option<UnixMs> {
        let mut until = now;
        let mut is_on = false;
        for slot in self.0.iter().filter(|slot| slot.to > now && slot.staff == staff && slot.desk == *desk) {
            if slot.from <= until && slot.to > until {
                until = slot.to;
                is_on = true;
            } else if slot.from > until {
                break;
            }
        }
        is_on.then_some(until)
    }

    /// Returns the slot of somebody in which a moment lies, its beginning and its end included; of several the one that ends last.
    pub fn slot_at(&self, staff: StaffId, desk: &DeskId, moment: UnixMs) -> Option<&Slot> {
        let own = self.0.iter().filter(|slot| slot.staff == staff && slot.desk == *desk);
        own.filter(|slot| slot.from <= moment && moment <= slot.to).max_by_key(|slot| slot.to)
    }

    /// Returns when the next slot of a desk begins.
    pub fn next_start(&self, desk: &DeskId, now: UnixMs) -> Option<UnixMs> {
        // Slots stand in the order of their beginning.
        self.0.iter().find(|slot| slot.from > now && slot.desk == *desk).map(|slot| slot.from)
    }
}
