//! Which age a measurement is looked up at.

use chrono::NaiveDate;

use crate::model::date::Gestation;

/// Corrected age is used until this day of life (24 months; `preterm_age_conventions.csv`, cited).
pub const CORRECTED_UNTIL_DAY: i64 = 731;

/// Ages on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ages {
    /// Days since birth.
    pub chronological: i64,
    /// Days since the term date, for a child born before 37 weeks and younger than 24 months. Negative before term.
    pub corrected: Option<i64>,
}

impl Ages {
    /// Ages of a child on a day.
    ///
    /// ```
    /// use ayumi_core::growth::age::Ages;
    /// use ayumi_core::model::date::{Gestation, parse_date};
    /// let (born, on) = (parse_date("2024-01-10").unwrap(), parse_date("2024-07-10").unwrap());
    /// let ages = Ages::on(born, Gestation::parse("30w0d"), on);
    /// assert_eq!((ages.chronological, ages.corrected), (182, Some(182 - 70)));
    /// ```
    pub fn on(born: NaiveDate, gestation: Option<Gestation>, on: NaiveDate) -> Self {
        let chronological = (on - born).num_days();
        let early = gestation.and_then(days_early).filter(|_| chronological < CORRECTED_UNTIL_DAY);
        Self { chronological, corrected: early.map(|early| chronological - early) }
    }

    /// The age to look up: corrected where it is used.
    pub fn to_look_up(self) -> i64 {
        self.corrected.unwrap_or(self.chronological)
    }
}

/// Days between a preterm birth and 40 weeks; `None` from 37 weeks on.
pub fn days_early(gestation: Gestation) -> Option<i64> {
    gestation.days_early().map(i64::from)
}
