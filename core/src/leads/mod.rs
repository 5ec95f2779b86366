//! Readings that lead to a person: which answers and weights must not stay silent, and what settles them.
//!
//! | module | idea |
//! |---|---|
//! | [`answers`] | an answer that leads somewhere, until a later one settles it |
//! | [`weight`] | the newest weight against the one at birth and the ones before |
//!
//! The rules are data (`content/leads/rules.toml`). Nothing here names an illness, counts or compares with others.

pub mod answers;
pub mod weight;

use chrono::{Days, NaiveDate};

use crate::content::lead::{LeadRule, LeadRules};
use crate::model::law::attain;
use crate::model::value::Fields;

pub use weight::Weighing;

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
const MARK: &str = "LEAD/";

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

/// What is open on a day: of each rule the newest, unless `marks` or a later answer has settled it.
pub fn open<'c, 'm>(
    rules: &'c LeadRules,
    known: &Known<'_>,
    marks: impl Iterator<Item = &'m str> + Clone,
    today: NaiveDate,
) -> Vec<Lead<'c>> {
    let of_answers = rules.rule.iter().filter_map(|rule| answers::newest(rule, &known.noted));
    let all = weight::newest(rules, known).into_iter().chain(of_answers);
    let is_open = |lead: &Lead<'_>| {
        let marked = |mark: &str| {
            let (rule, day) = mark.strip_prefix(MARK)?.split_once('/')?;
            Some(rule == lead.rule.id && day.parse::<NaiveDate>().is_ok_and(|day| day >= lead.on))
        };
        stands(lead.rule, known.born, today) && !marks.clone().any(|mark| marked(mark) == Some(true))
    };
    all.filter(is_open).collect()
}

/// Whether a rule's line may stand at this age.
fn stands(rule: &LeadRule, born: Option<NaiveDate>, today: NaiveDate) -> bool {
    let until = rule.until_months.zip(born).and_then(|(months, born)| attain(born, months));
    until.is_none_or(|until| today <= until)
}

/// The day of an age in full days.
fn day_of_life(born: NaiveDate, days: u32) -> Option<NaiveDate> {
    born.checked_add_days(Days::new(u64::from(days)))
}
