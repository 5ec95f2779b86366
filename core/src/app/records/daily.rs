//! What was fed and slept, as sums of a day and of a month: no single line of a year is of use on paper.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, NaiveTime};
use serde_json::Value;

use crate::app::view::EntryView;
use crate::model::kind::Record;
use crate::model::kinds::{Feeding, Sleep};
use crate::model::value::FieldValue;

/// The sums of a day or of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::app) struct Sums {
    /// Feeds of breast milk or formula.
    pub(in crate::app) feeds: u32,
    /// Meals, first foods among them.
    pub(in crate::app) meals: u32,
    /// Other feeds.
    pub(in crate::app) others: u32,
    /// What was drunk, mL.
    pub(in crate::app) ml: i64,
    /// Sleeps.
    pub(in crate::app) sleeps: u32,
    /// Time asleep, minutes, of sleeps with a beginning and an end.
    pub(in crate::app) asleep: i64,
}

impl Sums {
    fn add(&mut self, other: Self) {
        self.feeds += other.feeds;
        self.meals += other.meals;
        self.others += other.others;
        self.ml += other.ml;
        self.sleeps += other.sleeps;
        self.asleep += other.asleep;
    }

    fn of(entry: &EntryView) -> Self {
        let text = |key: &str| entry.fields.get(key).and_then(Value::as_str);
        if entry.kind == Sleep::KIND.id {
            let time = |key: &str| entry.fields.get(key).and_then(NaiveTime::from_json);
            let asleep = time("from").zip(time("to")).map_or(0, |(from, to)| minutes_between(from, to));
            return Self { sleeps: 1, asleep, ..Self::default() };
        }
        let ml = entry.fields.get("amount_ml").and_then(Value::as_i64).unwrap_or(0);
        match text("what") {
            Some("weaning_food" | "meal") => Self { meals: 1, ml, ..Self::default() },
            Some("other") => Self { others: 1, ml, ..Self::default() },
            _ => Self { feeds: 1, ml, ..Self::default() },
        }
    }
}

/// From falling asleep to waking, past midnight too.
fn minutes_between(from: NaiveTime, to: NaiveTime) -> i64 {
    (to - from).num_minutes().rem_euclid(24 * 60)
}

/// A month with its days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::app) struct Month {
    /// Its first day.
    pub(in crate::app) first: NaiveDate,
    /// Days with an entry.
    pub(in crate::app) days: Vec<(NaiveDate, Sums)>,
}

impl Month {
    /// The sums of the month.
    pub(in crate::app) fn sums(&self) -> Sums {
        let mut sums = Sums::default();
        self.days.iter().for_each(|(_, day)| sums.add(*day));
        sums
    }
}

/// The sums of feeds or sleeps, oldest month first. An entry without a day is in none.
pub(in crate::app) fn months<'a>(entries: impl IntoIterator<Item = &'a EntryView>) -> Vec<Month> {
    let mut days: BTreeMap<NaiveDate, Sums> = BTreeMap::new();
    for entry in entries.into_iter().filter(|entry| is_summed(&entry.kind)) {
        if let Some(on) = entry.on {
            days.entry(on).or_default().add(Sums::of(entry));
        }
    }
    let mut months: Vec<Month> = Vec::new();
    for (on, sums) in days {
        let first = on.with_day(1).unwrap_or(on);
        match months.last_mut().filter(|month| month.first == first) {
            Some(month) => month.days.push((on, sums)),
            None => months.push(Month { first, days: vec![(on, sums)] }),
        }
    }
    months
}

/// Whether entries of a kind are summed.
pub(in crate::app) fn is_summed(kind: &str) -> bool {
    [Feeding::KIND.id, Sleep::KIND.id].contains(&kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_goes_past_midnight() {
        let time = |text: &str| text.parse().unwrap();
        assert_eq!(minutes_between(time("20:30:00"), time("05:00:00")), 510);
        assert_eq!(minutes_between(time("13:00:00"), time("14:15:00")), 75);
        assert_eq!(minutes_between(time("13:00:00"), time("13:00:00")), 0);
    }
}
