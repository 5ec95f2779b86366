//! Hours: nights, holidays, closed days, what nobody can know yet.

use std::collections::BTreeSet;

use ayumi_municipal::calendar::{Holidays, in_japan, minutes_into};
use ayumi_municipal::hours::Hours;
use ayumi_municipal::roster::{Roster, Slot};
use chrono::NaiveDate;

use super::town::{ALL_DAYS, MS, WEEKDAYS, at, child, day, midwife, night_hours, office_hours, span};

fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

/// The Cabinet Office's days of autumn 2026 and of New Year's Day 2027.
fn holidays() -> Holidays {
    Holidays::new([
        date(2026, 9, 21),
        date(2026, 9, 22),
        date(2026, 9, 23),
        date(2026, 11, 3),
        date(2026, 11, 23),
        date(2027, 1, 1),
    ])
}

#[test]
fn a_day_in_japan_begins_nine_hours_before_a_day_in_greenwich() {
    // 2026-12-06T15:00:00Z, counted by `date -d`.
    assert_eq!(at(7, 0, 0).0, 1_796_569_200_000);
    assert_eq!(in_japan(at(7, 0, 0)).date(), day(7));
    assert_eq!(in_japan(at(7, 0, 0).before(MS)).date(), day(6));
}

#[test]
fn an_hour_is_open_from_its_first_moment_to_the_one_before_its_end() {
    let (hours, none) = (office_hours(), holidays());
    assert!(hours.open_at(at(7, 8, 30).before(MS), &none).is_none());
    assert!(hours.open_at(at(7, 8, 30), &none).is_some());
    assert!(hours.open_at(at(7, 17, 15).before(MS), &none).is_some());
    assert!(hours.open_at(at(7, 17, 15), &none).is_none());
}

#[test]
fn a_night_that_begins_before_a_holiday_is_whole() {
    let nights = Hours { spans: vec![span(&WEEKDAYS, 17 * 60, 16 * 60)], closed_on_holidays: true, ..Hours::default() };
    let six = |of| minutes_into(date(2026, 11, of), 6 * 60);
    // Monday the 23rd is a holiday: the Friday's night leads into Saturday, no night begins on the Monday.
    assert!(nights.open_at(six(21), &holidays()).is_some(), "Friday's night");
    assert!(nights.open_at(six(22), &holidays()).is_none(), "none begins on a Saturday");
    assert!(nights.open_at(six(24), &holidays()).is_none(), "none began on the holiday");
    assert!(nights.open_at(six(25), &holidays()).is_some());
}

#[test]
fn after_a_week_of_holidays_the_next_opening_is_found() {
    let (hours, known) = (office_hours(), holidays());
    // 2026: Saturday 19 to Wednesday 23 September are free (silver week).
    let opening = hours.next_after(minutes_into(date(2026, 9, 18), 18 * 60), &known).unwrap();
    assert_eq!(opening.from, minutes_into(date(2026, 9, 24), 8 * 60 + 30));
    // The office closes from 29 December to 3 January; the 3rd is a Sunday.
    let opening = hours.next_after(minutes_into(date(2026, 12, 28), 18 * 60), &known).unwrap();
    assert_eq!(opening.from, minutes_into(date(2027, 1, 4), 8 * 60 + 30));
    assert!(opening.is_sure);
}

#[test]
fn beyond_the_last_known_year_of_holidays_hours_are_not_sure() {
    let (hours, known) = (office_hours(), Holidays::new([date(2026, 11, 23)]));
    let opening = hours.next_after(minutes_into(date(2026, 12, 28), 18 * 60), &known).unwrap();
    assert!(!opening.is_sure, "4 January 2027 may be a holiday, for all this file knows");
    assert!(hours.open_at(at(7, 9, 0), &known).unwrap().is_sure);
    // A desk that opens on holidays does not depend on them.
    assert!(night_hours().next_after(minutes_into(date(2027, 5, 1), 0), &known).unwrap().is_sure);
}

#[test]
fn without_a_file_of_holidays_no_hour_is_sure() {
    assert!(!office_hours().open_at(at(7, 9, 0), &Holidays::default()).unwrap().is_sure);
}

#[test]
fn a_closed_day_closes_what_begins_on_it_and_nothing_else() {
    let nights = Hours { closed: BTreeSet::from([day(9)]), ..night_hours() };
    assert!(nights.open_at(at(9, 3, 0), &holidays()).is_some(), "the night of the 8th");
    assert!(nights.open_at(at(9, 20, 0), &holidays()).is_none());
    assert!(nights.open_at(at(10, 3, 0), &holidays()).is_none());
    assert_eq!(nights.next_after(at(9, 9, 0), &holidays()).unwrap().from, at(10, 17, 0));
}

#[test]
fn spans_that_overlap_or_touch_are_one_opening() {
    let spans = vec![span(&ALL_DAYS, 9 * 60, 180), span(&ALL_DAYS, 11 * 60, 120), span(&ALL_DAYS, 13 * 60, 60)];
    let opening = Hours { spans, ..Hours::default() }.open_at(at(7, 9, 30), &holidays()).unwrap();
    assert_eq!((opening.from, opening.to), (at(7, 9, 0), at(7, 14, 0)));
    let always = Hours { spans: vec![span(&ALL_DAYS, 0, 24 * 60)], ..Hours::default() };
    assert!(always.open_at(at(7, 0, 0), &holidays()).unwrap().to > at(12, 0, 0));
}

#[test]
fn a_desk_without_hours_promises_no_opening() {
    assert!(Hours::default().next_after(at(7, 9, 0), &holidays()).is_none());
    assert!(Hours::default().open_at(at(7, 9, 0), &holidays()).is_none());
}

#[test]
fn a_slot_crosses_midnight_and_belongs_to_the_day_it_begins() {
    let slot = Slot::on(midwife(), child(), day(31), 17 * 60, 16 * 60);
    assert_eq!(in_japan(slot.to), date(2027, 1, 1).and_hms_opt(9, 0, 0).unwrap());
}

#[test]
fn slots_that_touch_are_one_presence_and_a_gap_ends_it() {
    let slots =
        [(8, 4), (12, 4), (17, 1)].map(|(from, hours)| Slot::on(midwife(), child(), day(7), from * 60, hours * 60));
    let roster = Roster::new(slots.to_vec());
    assert_eq!(roster.covered_until(midwife(), &child(), at(7, 11, 59)), Some(at(7, 16, 0)));
    assert_eq!(roster.covered_until(midwife(), &child(), at(7, 12, 0)), Some(at(7, 16, 0)));
    assert_eq!(roster.covered_until(midwife(), &child(), at(7, 16, 0)), None);
    assert_eq!(roster.covered_until(midwife(), &child(), at(7, 7, 59)), None);
}
