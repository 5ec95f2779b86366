//! Which age a measurement is looked up at.

use chrono::NaiveDate;

use crate::model::date::Gestation;

/// First day after two years. WHO's curves take corrected age until then, itself counted by corrected age (docs/adr/0022).
pub const TWO_YEARS: f64 = 731.0;
/// First day after three years: so long Japan looks at corrected age (docs/adr/0022).
pub const THREE_YEARS: f64 = 1096.0;

/// Ages on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ages {
    /// Days since birth.
    pub chronological: i64,
    /// Days since the term date, for a child born before 37 weeks, as long as they count. Negative before term.
    pub corrected: Option<i64>,
}

impl Ages {
    /// Ages of a child on a day; corrected age counts below `until`, a day such as [`THREE_YEARS`].
    ///
    /// ```
    /// use ayumi_core::growth::age::{Ages, THREE_YEARS};
    /// use ayumi_core::model::date::{Gestation, parse_date};
    /// let (born, on) = (parse_date("2024-01-10").unwrap(), parse_date("2024-07-10").unwrap());
    /// let ages = Ages::on(born, Gestation::parse("30w0d"), on, THREE_YEARS);
    /// assert_eq!((ages.chronological, ages.corrected), (182, Some(182 - 70)));
    /// ```
    pub fn on(born: NaiveDate, gestation: Option<Gestation>, on: NaiveDate, until: f64) -> Self {
        let chronological = (on - born).num_days();
        Self { chronological, corrected: corrected(chronological as f64, gestation, until).map(|days| days as i64) }
    }
}

/// Corrected age in days where it is used: the one rule of tables, charts and lists. The end is counted by corrected age
/// too: a child of two years and two months that was born ten weeks early is not yet two.
///
/// ```
/// use ayumi_core::growth::age::{THREE_YEARS, TWO_YEARS, corrected};
/// use ayumi_core::model::date::Gestation;
/// let born_at = Gestation::parse("30w0d");
/// assert_eq!(corrected(800.0, born_at, TWO_YEARS), Some(730.0), "the last day");
/// assert_eq!(corrected(801.0, born_at, TWO_YEARS), None);
/// assert_eq!(corrected(1165.0, born_at, THREE_YEARS), Some(1095.0), "the last day");
/// assert_eq!(corrected(1166.0, born_at, THREE_YEARS), None);
/// assert_eq!(corrected(790.0, Gestation::parse("37w0d"), TWO_YEARS), None, "not preterm");
/// ```
pub fn corrected(chronological: f64, gestation: Option<Gestation>, until: f64) -> Option<f64> {
    let days = chronological - gestation.and_then(days_early)? as f64;
    (days < until).then_some(days)
}

/// Days between a preterm birth and 40 weeks; `None` from 37 weeks on.
pub fn days_early(gestation: Gestation) -> Option<i64> {
    gestation.days_early().map(i64::from)
}
