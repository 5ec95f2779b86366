//! What is known of a child, and what of it somebody should look at.

use chrono::{Days, NaiveDate};

use crate::content::lead::LeadRule;
use crate::model::value::Fields;

/// One weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Weighing {
    /// The day.
    pub on: NaiveDate,
    /// Grams.
    pub grams: u32,
}

impl Weighing {
    /// A weight in kilograms, to the gram.
    pub fn of(on: NaiveDate, kg: f64) -> Self {
        Self { on, grams: (kg * 1000.0).round() as u32 }
    }
}

/// An entry that may hold an answer.
#[derive(Debug, Clone, Copy)]
pub struct Noted<'a> {
    /// Key of its kind.
    pub kind: &'a str,
    /// The day it is about.
    pub on: NaiveDate,
    /// Its fields.
    pub fields: &'a Fields,
}

/// What somebody should look at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lead<'c> {
    /// The rule that holds.
    pub rule: &'c LeadRule,
    /// The day of what was written.
    pub on: NaiveDate,
}

/// What stands in front of a mark's key in the agenda.
pub(super) const MARK: &str = "LEAD/";

impl Lead<'_> {
    /// Its key in the agenda: `LEAD/stool_pale/2026-10-20`.
    pub fn key(&self) -> String {
        key(&self.rule.id, self.on)
    }
}

/// The key of a rule and the day of what was written.
pub fn key(rule: &str, on: NaiveDate) -> String {
    format!("{MARK}{rule}/{on}")
}

/// What is known of a child, for the rules.
#[derive(Debug, Clone, Default)]
pub struct Known<'a> {
    /// Date of birth.
    pub born: Option<NaiveDate>,
    /// Weight at birth in grams.
    pub birth_weight: Option<u32>,
    /// Entries with answers, in any order.
    pub noted: Vec<Noted<'a>>,
    /// Weights that are not asked back, in any order.
    pub weighed: Vec<Weighing>,
}

/// The day of an age in full days.
pub(super) fn day_of_life(born: NaiveDate, days: u32) -> Option<NaiveDate> {
    born.checked_add_days(Days::new(u64::from(days)))
}
