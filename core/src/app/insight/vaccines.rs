//! Vaccinations for carers: what is next, what has been, which visits could be made of it.

use ayumi_protocol::NotebookId;
use chrono::{Days, NaiveDate};
use serde_json::Value;

use crate::app::error::Result;
use crate::app::facts::Facts;
use crate::app::handbook::Handbook;
use crate::app::records::words::long_date;
use crate::content::Content;
use crate::content::series::{Programme, VaccineRules};
use crate::model::notebook::NotebookType;
use crate::texts::Locale;
use crate::vaccines::history::{History, Judged};
use crate::vaccines::{Given, MATERNAL_RSV, NextDose, Person, Status, fhir, next_doses, visits};

/// The word key of the dose that either rotavirus product begins: which one is the clinic's choice.
pub(in crate::app) const EITHER_ROTAVIRUS: &str = "ROTA";

/// Vaccinations of a handbook.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/handbook.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let (handbook, child) = handbook(folder.path())?;
/// let plan = handbook.vaccines().plan(child)?;
/// assert!(plan.iter().any(|dose| dose.next.series == "JP-HEPB"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Vaccines {
    pub(in crate::app) handbook: Handbook,
}

/// The next dose of a series, ready to show.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct DoseView {
    /// What the engine says.
    pub next: NextDose,
    /// Name of the vaccine and number of the dose.
    pub title: String,
    /// The status in words.
    pub status_words: String,
    /// The window in words; empty where there is none.
    pub window_words: String,
    /// The reasons in words.
    pub because_words: Vec<String>,
    /// Whether it belongs to the routine programme (定期接種).
    pub routine: bool,
}

/// A dose of a series.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct DoseNumber {
    /// Key of the series.
    pub series: String,
    /// Number of the dose.
    pub number: u8,
}

/// A visit that could be made, ready to show.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct VisitView {
    /// Day of the visit.
    pub on: NaiveDate,
    /// Series and number of each dose.
    pub doses: Vec<DoseNumber>,
    /// The doses in words.
    pub titles: Vec<String>,
}

/// The next doses of a person outside any handbook: for shells that only ask.
pub fn plan_for(
    content: &Content,
    person: &Person,
    given: &[Given],
    today: NaiveDate,
    locale: Locale,
) -> Vec<DoseView> {
    let Some(rules) = content.vaccines() else { return Vec::new() };
    next_doses(rules, person, given, today).into_iter().map(|next| dose_view(content, rules, next, locale)).collect()
}

impl Vaccines {
    /// The next dose of every series. Empty after a loss or a death, and for a private notebook.
    ///
    /// # Errors
    /// [`crate::app::Error::NotFound`].
    pub fn plan(&self, notebook: NotebookId) -> Result<Vec<DoseView>> {
        let (facts, content) = (self.handbook.facts(notebook)?, self.handbook.content()?);
        let Some(person) = facts.person() else { return Ok(Vec::new()) };
        Ok(plan_for(&content, &person, &facts.given, self.handbook.clock().today(), self.handbook.locale()))
    }

    /// Every dose that was given, judged by the rules of its day.
    ///
    /// # Errors
    /// [`crate::app::Error::NotFound`].
    pub fn history(&self, notebook: NotebookId) -> Result<Vec<Judged>> {
        let (facts, content) = (self.handbook.facts(notebook)?, self.handbook.content()?);
        let (Some(person), Some(rules)) = (facts.person(), content.vaccines()) else { return Ok(Vec::new()) };
        Ok(History::new(rules, &facts.given).judge(rules, &person, self.handbook.clock().today()))
    }

    /// Visits that could be made within so many days: doses that fit one day together. Which are given is the doctor's.
    ///
    /// # Errors
    /// [`crate::app::Error::NotFound`].
    pub fn visits(&self, notebook: NotebookId, days: u32, voluntary: bool) -> Result<Vec<VisitView>> {
        let (facts, content) = (self.handbook.facts(notebook)?, self.handbook.content()?);
        let (Some(person), Some(rules)) = (facts.person(), content.vaccines()) else { return Ok(Vec::new()) };
        let today = self.handbook.clock().today();
        let visits = visits::visits(rules, &person, &facts.given, today, today + Days::new(days.into()), voluntary);
        let (locale, given) = (self.handbook.locale(), &facts.given);
        // Which of two products is begun is not ours to say.
        let open = |series: &str| {
            rules.series(series).is_some_and(|series| {
                !series.exclusive_with.is_empty() && !given.iter().any(|dose| series.products.contains(&dose.product))
            })
        };
        let view = |visit: visits::Visit| {
            let titles = visit.doses.iter().map(|(series, n)| {
                title(&content, rules, if open(series) { EITHER_ROTAVIRUS } else { series }, *n, locale)
            });
            let titles = titles.collect();
            let dose = |(series, number)| DoseNumber { series, number };
            VisitView { on: visit.on, titles, doses: visit.doses.into_iter().map(dose).collect() }
        };
        Ok(visits.into_iter().map(view).collect())
    }

    /// What to know of the rules themselves: once their year is over, that they have not been checked for the new one.
    ///
    /// # Errors
    /// Any [store error](crate::app::Error#store-errors).
    pub fn rules_note(&self) -> Result<Option<String>> {
        let content = self.handbook.content()?;
        let last = content.vaccines().map(|rules| rules.checked_for.1.0);
        let over = last.filter(|last| *last < self.handbook.clock().today());
        let locale = self.handbook.locale();
        let words = |last| content.word("vaccine.checked_to", locale).replace("{date}", &long_date(last, locale));
        Ok(over.map(words))
    }

    /// The day on which the mother was vaccinated against RSV in the pregnancy of a child: her record, shown on the
    /// baby's page.
    ///
    /// # Errors
    /// [`crate::app::Error::NotFound`].
    pub fn mother_rsv(&self, child: NotebookId) -> Result<Option<String>> {
        let facts = self.handbook.facts(child)?;
        let pregnancy = facts.notebook.profile.pregnancy.as_deref().and_then(|id| id.parse().ok());
        let Some(pregnancy) = pregnancy.filter(|_| !facts.notebook.baby_silent()) else { return Ok(None) };
        let given = match self.handbook.facts(pregnancy) {
            Ok(facts) => facts.given.clone(),
            // It has not come to this device.
            Err(crate::app::error::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let on = given.iter().filter(|dose| dose.product == MATERNAL_RSV).map(|dose| dose.on).max();
        let locale = self.handbook.locale();
        let words = self.handbook.content()?.word("vaccine.mother_rsv", locale).into_owned();
        Ok(on.map(|on| words.replace("{date}", &long_date(on, locale))))
    }

    /// The plan as a FHIR R4 `ImmunizationRecommendation`.
    ///
    /// # Errors
    /// [`crate::app::Error::NotFound`].
    pub fn fhir(&self, notebook: NotebookId) -> Result<Value> {
        let (facts, content) = (self.handbook.facts(notebook)?, self.handbook.content()?);
        let (today, locale) = (self.handbook.clock().today(), self.handbook.locale());
        let next = match (facts.person(), content.vaccines()) {
            (Some(person), Some(rules)) => next_doses(rules, &person, &facts.given, today),
            _ => Vec::new(),
        };
        let name = |series: &str| content.word(&format!("series.{series}"), locale).into_owned();
        Ok(fhir::recommendation(&next, &format!("Patient/{notebook}"), today, name))
    }
}

/// Doses of a notebook for the agenda.
pub(in crate::app) fn of_facts(content: &Content, facts: &Facts, today: NaiveDate) -> Vec<NextDose> {
    let (Some(person), Some(rules)) = (facts.person(), content.vaccines()) else { return Vec::new() };
    let mut next = next_doses(rules, &person, &facts.given, today);
    if facts.notebook.notebook_type == NotebookType::Child {
        // Of two series of which one is to be chosen, one line is enough.
        let open: Vec<String> = next.iter().filter(|dose| dose.dose == 1).map(|dose| dose.series.clone()).collect();
        let second = |dose: &NextDose| {
            let series = rules.series(&dose.series);
            series.is_some_and(|series| {
                series.exclusive_with.iter().any(|other| open.contains(other) && *other < dose.series)
            })
        };
        next.retain(|dose| !second(dose) || dose.status == Status::Completed);
    }
    next
}

/// Name of a vaccine and number of the dose, where there are several.
pub(in crate::app) fn title(content: &Content, rules: &VaccineRules, series: &str, n: u8, locale: Locale) -> String {
    let several = rules.series(series).is_none_or(|series| series.path.iter().any(|path| path.doses.len() > 1));
    let key = if several { "event.VACCINE" } else { "event.VACCINE_ONE" };
    let name = content.word(&format!("series.{series}"), locale);
    content.word(key, locale).replace("{vaccine}", &name).replace("{n}", &n.to_string())
}

fn dose_view(content: &Content, rules: &VaccineRules, next: NextDose, locale: Locale) -> DoseView {
    let routine = rules.series(&next.series).is_some_and(|series| series.programme == Programme::Routine);
    let from = next.standard_from.or(next.earliest);
    let to = next.standard_to.or(next.last_routine_day);
    let day = |date: NaiveDate| long_date(date, locale);
    let window_words = match (from, to) {
        (Some(from), Some(to)) if next.status == Status::PastStandardStillEligible => {
            let last = next.last_routine_day.unwrap_or(to).max(from);
            content.word("agenda.until", locale).replace("{date}", &day(last))
        }
        (Some(from), Some(to)) => {
            content.word("agenda.span", locale).replace("{from}", &day(from)).replace("{to}", &day(to))
        }
        (Some(from), None) => content.word("agenda.from", locale).replace("{date}", &day(from)),
        (None, _) => String::new(),
    };
    let mut because_words: Vec<String> = next
        .because
        .iter()
        .map(|rule| content.word(&format!("why.{}", why_key(rule)), locale).into_owned())
        .filter(|words| !words.is_empty())
        .collect();
    because_words.dedup();
    DoseView {
        title: title(content, rules, &next.series, next.dose.max(1), locale),
        status_words: content.word(&format!("status.{}", next.status.key()), locale).into_owned(),
        window_words,
        because_words,
        routine,
        next,
    }
}

/// `JP-HEPB/default/3/gap:dose:1` is a gap; `LIVE27` is itself.
fn why_key(rule: &str) -> &str {
    let last = rule.rsplit('/').next().unwrap_or(rule);
    if last.starts_with("gap:") { "gap" } else { last }
}
