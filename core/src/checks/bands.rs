//! Which check is due when. Each begins on a monthly birthday and lasts until the next begins.

use chrono::{Months, NaiveDate};

use crate::content::item::CheckRules;
use crate::model::date::{Gestation, months_and_days};

/// Whom a check is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Child {
    /// Date of birth.
    pub born: NaiveDate,
    /// Weeks of pregnancy at birth.
    pub gestation: Option<Gestation>,
    /// Whether a carer wants no ages: then nothing is offered because of them. A worry and what a carer has noticed
    /// lead on as ever.
    pub without_ages: bool,
}

/// When a check can be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckWindow {
    /// Its first month, which names it.
    pub check: u32,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
}

impl Child {
    /// The day that ages are counted from: the due date for a child born before 37 weeks.
    fn term(&self) -> NaiveDate {
        let early = self.gestation.and_then(Gestation::days_early).unwrap_or(0);
        self.born.checked_add_days(chrono::Days::new(u64::from(early))).unwrap_or(self.born)
    }

    /// Whether ages are corrected on a day.
    pub fn corrected_on(&self, rules: &CheckRules, on: NaiveDate) -> bool {
        let corrected = months_and_days(self.term(), on).map_or(0, |(months, _)| months);
        self.term() != self.born && corrected < rules.corrected_until
    }

    /// Completed months of age on a day: corrected for preterm children until 36 months. `None` before birth or term.
    ///
    /// ```
    /// use ayumi_core::checks::Child;
    /// use ayumi_core::content::Content;
    /// use ayumi_core::model::date::Gestation;
    /// let day = |text: &str| text.parse().unwrap();
    /// let content = Content::default();
    /// let child = Child { born: day("2024-01-10"), gestation: Gestation::parse("30w0d"), without_ages: false };
    /// assert_eq!(child.months_on(content.checks(), day("2025-07-10")), Some(15), "18 months, 10 weeks early");
    /// ```
    pub fn months_on(&self, rules: &CheckRules, on: NaiveDate) -> Option<u32> {
        let from = if self.corrected_on(rules, on) { self.term() } else { self.born };
        months_and_days(from, on).map(|(months, _)| months)
    }

    /// Whether the months of a check are counted from the due date.
    pub fn corrects(&self, rules: &CheckRules, check: u32) -> bool {
        self.term() != self.born && check <= rules.corrected_until
    }

    /// When each check can be looked at.
    pub fn windows(&self, rules: &CheckRules) -> Vec<CheckWindow> {
        let start = |months: u32| {
            let from = if self.corrects(rules, months) { self.term() } else { self.born };
            from.checked_add_months(Months::new(months))
        };
        let ends = rules.bands.iter().skip(1).chain([&rules.end]);
        let window = |(check, next): (&u32, &u32)| {
            let to = start(*next)?.pred_opt()?;
            Some(CheckWindow { check: *check, from: start(*check)?, to })
        };
        // For a child born very early the last corrected check may be over before it begins.
        rules.bands.iter().zip(ends).filter_map(window).filter(|window| window.from <= window.to).collect()
    }
}
