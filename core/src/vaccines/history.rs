//! A person's records, each once and in order.

use chrono::NaiveDate;

use super::plan::Given;
pub use super::verdict::{Judged, Verdict};
use crate::content::series::VaccineRules;

/// A person's records in order, each once.
#[derive(Debug, Clone)]
pub struct History {
    pub(super) given: Vec<Given>,
    /// Records of days that are still to come: they are no doses yet.
    pub(super) later: Vec<Given>,
}

impl History {
    /// Orders records and takes out what was typed twice, so that the order of typing never matters. What lies after the
    /// asked day is kept apart.
    pub fn new(rules: &VaccineRules, given: &[Given], today: NaiveDate) -> Self {
        let mut given: Vec<Given> =
            given.iter().filter(|dose| rules.product(&dose.product).is_some()).cloned().collect();
        given.sort();
        given.dedup();
        let later = given.split_off(given.partition_point(|dose| dose.on <= today));
        Self { given, later }
    }

    /// All records up to the asked day.
    pub fn given(&self) -> &[Given] {
        &self.given
    }

    /// Whether any of these products was given.
    pub(super) fn has_any(&self, products: &[String]) -> bool {
        self.given.iter().any(|dose| products.contains(&dose.product))
    }

    /// Whether any of these products was given between two days.
    pub(super) fn has_any_within(&self, products: &[String], days: Option<(NaiveDate, NaiveDate)>) -> bool {
        let within = |dose: &Given| days.is_none_or(|(first, last)| first <= dose.on && dose.on <= last);
        self.given.iter().any(|dose| products.contains(&dose.product) && within(dose))
    }
}
