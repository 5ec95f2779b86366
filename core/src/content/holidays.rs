//! Days on which an office of a municipality is closed, as far as anybody has said.
//!
//! Its holidays are Saturday and Sunday, the national holidays, and the days around New Year (Local Autonomy Act art.4-2). The
//! national holidays are those of the Cabinet Office's list, `content/agenda/holidays.csv`; it grows by a year each February, when
//! the days of the equinoxes are announced. Nothing is computed beyond it: behind the last year of the list a weekday may be a
//! holiday, and that is what is said. A town may differ.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, Weekday};
use once_cell::sync::Lazy;

use crate::model::law::iso_day;
use crate::packed::packed_text;

static NATIONAL: Lazy<BTreeSet<NaiveDate>> = Lazy::new(|| {
    let text = packed_text!("agenda/holidays.csv");
    text.lines().filter_map(|line| iso_day(line.split(',').next()?)).collect()
});

/// How an office stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfficeDay {
    /// It is no holiday.
    Open,
    /// It is a holiday.
    Closed,
    /// Nobody has said yet which days of that year are holidays.
    MayBeClosed,
}

/// How an office stands on a day.
///
/// ```
/// use ayumi_core::content::holidays::{OfficeDay, office_day};
/// let day = |text: &str| text.parse().unwrap();
/// assert_eq!(office_day(day("2026-09-22")), OfficeDay::Closed, "between two holidays");
/// assert_eq!(office_day(day("2026-09-24")), OfficeDay::Open);
/// assert_eq!(office_day(day("2040-09-24")), OfficeDay::MayBeClosed, "a Monday of a year that no list has");
/// ```
pub fn office_day(day: NaiveDate) -> OfficeDay {
    let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    let new_year = matches!((day.month(), day.day()), (12, 29..=31) | (1, 1..=3));
    if weekend || new_year || NATIONAL.contains(&day) {
        return OfficeDay::Closed;
    }
    let listed = NATIONAL
        .first()
        .zip(NATIONAL.last())
        .is_some_and(|(first, last)| (first.year()..=last.year()).contains(&day.year()));
    if listed { OfficeDay::Open } else { OfficeDay::MayBeClosed }
}

/// The first day from one on that is no holiday; `None` where nobody has said.
pub fn next_open(day: NaiveDate) -> Option<NaiveDate> {
    let next = day.iter_days().find(|day| office_day(*day) != OfficeDay::Closed)?;
    (office_day(next) == OfficeDay::Open).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// Expected: the Cabinet Office's list (syukujitsu.csv), where a Monday after a holiday on a Sunday, and a day between two
    /// holidays, stand as 休日; Local Autonomy Act art.4-2(2).
    #[test]
    fn an_office_is_closed_when_the_list_or_the_law_says_so() {
        use OfficeDay::{Closed, MayBeClosed, Open};
        for (on, expected, why) in [
            ("2026-11-21", Closed, "Saturday"),
            ("2026-11-23", Closed, "勤労感謝の日"),
            ("2026-11-24", Open, "a Tuesday"),
            ("2026-05-06", Closed, "for a Sunday three days before"),
            ("2026-09-22", Closed, "between two holidays"),
            ("2027-03-21", Closed, "春分の日, a Sunday"),
            ("2027-03-22", Closed, "and the day for it"),
            ("2027-03-20", Closed, "a Saturday"),
            ("2025-03-20", Closed, "春分の日 of 2025"),
            ("2025-03-21", Open, "the day of other years"),
            ("2024-09-23", Closed, "秋分の日 was a Sunday"),
            ("2026-12-28", Open, "the last day of the year"),
            ("2026-12-29", Closed, "around New Year"),
            ("2027-01-04", Open, "the first one"),
            ("2027-12-28", Open, "the last day that is known"),
            ("2028-01-03", Closed, "around New Year in any year"),
            ("2028-01-04", MayBeClosed, "a weekday of a year that nobody has said"),
            ("2028-01-08", Closed, "a Saturday of it"),
            ("2023-06-01", MayBeClosed, "before the list"),
        ] {
            assert_eq!(office_day(day(on)), expected, "{on}: {why}");
        }
        for (from, next) in [
            ("2026-11-21", Some("2026-11-24")),
            ("2026-12-29", Some("2027-01-04")),
            ("2026-09-19", Some("2026-09-24")),
            ("2026-11-24", Some("2026-11-24")),
            ("2027-12-29", None),
        ] {
            assert_eq!(next_open(day(from)), next.map(day), "{from}");
        }
    }
}
