//! When a desk is open, by the hours that it publishes. Every span belongs to the day on which it begins, and may lead into
//! the next day: a night that begins on a Friday is whole, also where the Saturday is a holiday.

use std::collections::BTreeSet;

use ayumi_protocol::municipal::thread::UnixMs;
use chrono::{Datelike, Days, NaiveDate, Weekday};

use crate::calendar::{Holidays, in_japan, minutes_into};

/// Minutes of a day: no span is longer.
pub const DAY_MINUTES: u32 = 24 * 60;
/// How far ahead an opening is looked for, in days: longer than any season of holidays.
const AHEAD_DAYS: u64 = 62;
/// How many days before a moment's own what reaches into it may have begun: from 24:00 of one day a span of a whole day leads
/// into the second day after it.
const BEFORE_DAYS: u64 = 2;
/// How long a desk without a gap is said to be open, in days.
const OPEN_DAYS: u64 = 8;

/// A stretch of hours on some days of the week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The days of the week on which it begins.
    pub days: Vec<Weekday>,
    /// When it begins, in minutes of the day.
    pub from: u32,
    /// How long it is, in minutes; at most a day.
    pub minutes: u32,
}

/// A desk's published hours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hours {
    /// The stretches of a week; they may overlap.
    pub spans: Vec<Span>,
    /// Whether nothing begins on a national holiday.
    pub closed_on_holidays: bool,
    /// Single days on which nothing begins.
    pub closed: BTreeSet<NaiveDate>,
    /// Days of every year on which nothing begins, as month and day.
    pub closed_yearly: BTreeSet<(u32, u32)>,
}

/// An opening that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opening {
    /// When it begins.
    pub from: UnixMs,
    /// When it ends.
    pub to: UnixMs,
    /// Whether the known holidays reach so far; where not, the desk may be closed.
    pub is_sure: bool,
}

impl Hours {
    /// Whether spans may begin on a day, and whether that is sure.
    fn begins_on(&self, day: NaiveDate, holidays: &Holidays) -> (bool, bool) {
        let closed = self.closed.contains(&day)
            || self.closed_yearly.contains(&(day.month(), day.day()))
            || (self.closed_on_holidays && holidays.has(day));
        (!closed, closed || !self.closed_on_holidays || holidays.knows(day))
    }

    /// Returns what begins on a day, in its order.
    fn of_day(&self, day: NaiveDate, holidays: &Holidays) -> Vec<Opening> {
        let (begins, is_sure) = self.begins_on(day, holidays);
        let spans = self.spans.iter().filter(|span| begins && span.days.contains(&day.weekday()));
        let mut openings: Vec<Opening> = spans
            .map(|span| Opening {
                from: minutes_into(day, span.from.min(DAY_MINUTES)),
                to: minutes_into(day, span.from.min(DAY_MINUTES) + span.minutes.min(DAY_MINUTES)),
                is_sure,
            })
            .filter(|opening| opening.to > opening.from)
            .collect();
        openings.sort_by_key(|opening| (opening.from, opening.to));
        openings
    }

    /// Returns the openings that begin on the day of a moment or later, and those of the days before that may reach into it.
    fn around(&self, now: UnixMs, holidays: &Holidays, days: u64) -> impl Iterator<Item = Opening> {
        let today = in_japan(now).date();
        let first = today.checked_sub_days(Days::new(BEFORE_DAYS)).unwrap_or(today);
        first.iter_days().take((days + BEFORE_DAYS) as usize).flat_map(|day| self.of_day(day, holidays))
    }

    /// Returns the opening in which a moment lies, joined with what follows without a gap; `None` while the desk is closed.
    pub fn open_at(&self, now: UnixMs, holidays: &Holidays) -> Option<Opening> {
        let mut open: Option<Opening> = None;
        for next in self.around(now, holidays, OPEN_DAYS) {
            match &mut open {
                None if next.from <= now && now < next.to => open = Some(next),
                Some(open) if next.from <= open.to && next.to > open.to => {
                    open.to = next.to;
                    open.is_sure &= next.is_sure;
                }
                _ => {}
            }
        }
        open
    }

    /// Returns the first opening that begins after a moment; `None` if there is none within two months.
    pub fn next_after(&self, now: UnixMs, holidays: &Holidays) -> Option<Opening> {
        self.around(now, holidays, AHEAD_DAYS).find(|opening| opening.from > now)
    }

    /// Returns the first opening that begins on a later day than a moment's.
    pub fn next_day_after(&self, now: UnixMs, holidays: &Holidays) -> Option<Opening> {
        let today = in_japan(now).date();
        self.around(now, holidays, AHEAD_DAYS).find(|opening| in_japan(opening.from).date() > today)
    }
}
