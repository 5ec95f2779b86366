//! What comes next for a person's vaccinations: any birth date, due date, history and day.
//!
//! History is judged first, then the next dose of each series is found, as CDSi separates it; the rules are data
//! (`content/vaccines/rules.toml`). Three layers stay apart: legal eligibility, standard window, minimum distance.
//!
//! | module | idea |
//! |---|---|
//! | [`history`] | a person's records, each once and in order |
//! | `judge`, `verdict` | which dose of which series each record is, judged by the rules of its day |
//! | `walk` | one person's records under the rules, and the walk through one series: each record's place, and what a doctor must answer |
//! | `window` | the days of one dose |
//! | [`forecast`] | the next dose of each series: earliest, standard window, last routine day, status, reasons |
//! | [`visits`] | doses packed into visits, as parents wish |
//! | [`fhir`] | the same as a FHIR `ImmunizationRecommendation` |
//!
//! The words "vaccinate today" are never said: windows are, and the clinic decides.

pub mod fhir;
pub mod forecast;
pub mod history;
mod judge;
mod plan;
mod season;
mod verdict;
pub mod visits;
mod walk;
mod window;

use chrono::NaiveDate;

pub use plan::{Given, NextDose, Person, Status};

use crate::content::series::VaccineRules;

/// The product that protects a newborn through the mother; the child's plan mentions its date.
pub const MATERNAL_RSV: &str = "rsv_maternal";

/// The next doses of a person.
///
/// ```
/// use ayumi_core::content::{Content, moment::Anchors, series::Subject};
/// use ayumi_core::model::notebook::Sex;
/// use ayumi_core::vaccines::{Given, Person, next_doses};
/// let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
/// let content = Content::default();
/// let child = Person {
///     anchors: Anchors { born: Some(day("2026-01-15")), ..Anchors::default() },
///     sex: Sex::Female,
///     subject: Subject::Child,
/// };
/// let given = [Given { on: day("2026-03-14"), product: "hepb".into() }];
/// let next = next_doses(content.vaccines().unwrap(), &child, &given, day("2026-04-20"));
/// let hepb = next.iter().find(|dose| dose.series == "JP-HEPB").unwrap();
/// assert_eq!((hepb.dose, hepb.earliest), (2, Some(day("2026-04-11"))), "27 full days between");
/// assert_eq!(hepb.last_routine_day, Some(day("2027-01-14")), "the day before the first birthday");
/// ```
pub fn next_doses(rules: &VaccineRules, person: &Person, given: &[Given], today: NaiveDate) -> Vec<NextDose> {
    let history = history::History::new(rules, given, today);
    let life = walk::Life { rules, person, history: &history, today };
    rules.series.iter().filter_map(|series| forecast::next(&life, series)).collect()
}
