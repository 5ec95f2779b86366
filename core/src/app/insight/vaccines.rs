//! Vaccinations for carers: what is next, what has been, which visits could be made of it.

use ayumi_protocol::NotebookId;
use chrono::{Days, NaiveDate};
use serde_json::Value;

use crate::agenda::doses::is_either;
use crate::app::error::Result;
use crate::app::handbook::Handbook;
use crate::app::records::words::long_date;
use crate::content::Content;
use crate::content::series::{Programme, Subject, VaccineRules};
use crate::texts::Locale;
use crate::vaccines::history::{History, Judged};
use crate::vaccines::{Given, MATERNAL_RSV, NextDose, Person, Status, fhir, next_doses, visits};

/// How far ahead visits are planned at most: beyond any childhood.
const FARTHEST_DAYS: u32 = 20 * 366;

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
    /// What the clinic is to be asked about on the way.
    pub ask: Vec<DoseNumber>,
    /// The same in words.
    pub ask_titles: Vec<String>,
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
    let plan = next_doses(rules, person, given, today);
    plan.into_iter().map(|next| dose_view(content, rules, next, today, locale)).collect()
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
        let today = self.handbook.clock().today();
        Ok(History::new(rules, &facts.given, today).judge(rules, &person, today))
    }

    /// Visits that could be made within so many days: doses that fit one day together. Which are given is the doctor's.
    ///
    /// # Errors
    /// [`crate::app::Error::NotFound`].
    pub fn visits(&self, notebook: NotebookId, days: u32, voluntary: bool) -> Result<Vec<VisitView>> {
        let (facts, content) = (self.handbook.facts(notebook)?, self.handbook.content()?);
        let (Some(person), Some(rules)) = (facts.person(), content.vaccines()) else { return Ok(Vec::new()) };
        let today = self.handbook.clock().today();
        let until = today + Days::new(days.min(FARTHEST_DAYS).into());
        let visits = visits::visits(rules, &person, &facts.given, today, until, voluntary);
        let locale = self.handbook.locale();
        let view = |visit: visits::Visit| {
            let plan = next_doses(rules, &person, &facts.given, today);
            // Which of two products is begun is not ours to say.
            let either = |series: &str| {
                let dose = plan.iter().find(|dose| dose.series == series);
                dose.is_some_and(|dose| is_either(rules, &plan, dose, visit.on))
            };
            let name = |(series, n): &(String, u8)| title(&content, rules, series, either(series), *n, locale);
            let ask = |dose: &(String, u8)| content.word("vaccine.ask", locale).replace("{vaccine}", &name(dose));
            let (titles, ask_titles) = (visit.doses.iter().map(name).collect(), visit.ask.iter().map(ask).collect());
            let dose = |(series, number)| DoseNumber { series, number };
            VisitView {
                on: visit.on,
                titles,
                ask_titles,
                doses: visit.doses.into_iter().map(dose).collect(),
                ask: visit.ask.into_iter().map(dose).collect(),
            }
        };
        Ok(visits.into_iter().map(view).collect())
    }

    /// How to begin for a family that has typed no dose yet though some are behind it: copy the page of the paper handbook.
    ///
    /// # Errors
    /// [`crate::app::Error::NotFound`].
    pub fn paper_note(&self, notebook: NotebookId) -> Result<Option<String>> {
        let (facts, content) = (self.handbook.facts(notebook)?, self.handbook.content()?);
        let child = facts.person().filter(|person| person.subject == Subject::Child);
        let (Some(person), Some(rules)) = (child, content.vaccines()) else { return Ok(None) };
        let plan = next_doses(rules, &person, &facts.given, self.handbook.clock().today());
        let words = content.word("vaccine.copy_paper", self.handbook.locale()).into_owned();
        Ok((facts.given.is_empty() && plan.iter().any(is_behind)).then_some(words))
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
        Ok(self.recommended(notebook, &format!("Patient/{notebook}"))?.1)
    }

    /// The same for a patient of a document; nothing if there is nothing to recommend.
    pub(in crate::app) fn recommendation(&self, notebook: NotebookId, patient: &str) -> Result<Option<Value>> {
        let silent = self.handbook.notebooks().find(notebook)?.baby_silent();
        let (count, resource) = self.recommended(notebook, patient)?;
        Ok(Some(resource).filter(|_| count > 0 && !silent))
    }

    fn recommended(&self, notebook: NotebookId, patient: &str) -> Result<(usize, Value)> {
        let (facts, content) = (self.handbook.facts(notebook)?, self.handbook.content()?);
        let (today, locale) = (self.handbook.clock().today(), self.handbook.locale());
        let next = match (facts.person(), content.vaccines()) {
            (Some(person), Some(rules)) => next_doses(rules, &person, &facts.given, today),
            _ => Vec::new(),
        };
        let name = |series: &str| content.word(&format!("series.{series}"), locale).into_owned();
        Ok((next.len(), fhir::recommendation(&next, patient, today, name)))
    }
}

/// Whether a dose would have been due by now.
fn is_behind(dose: &NextDose) -> bool {
    matches!(dose.status, Status::PastStandardStillEligible | Status::EligibilityEnded | Status::NotRecommended)
}

/// Name of a vaccine, or of either of two, and number of the dose, where there are several.
pub(in crate::app) fn title(
    content: &Content,
    rules: &VaccineRules,
    series: &str,
    either: bool,
    n: u8,
    locale: Locale,
) -> String {
    let known = rules.series(series);
    let several = known.is_none_or(|series| series.path.iter().any(|path| path.doses.len() > 1));
    let key = if several { "event.VACCINE" } else { "event.VACCINE_ONE" };
    let word = known.and_then(|series| series.either.as_deref()).filter(|_| either).unwrap_or(series);
    let name = content.word(&format!("series.{word}"), locale);
    content.word(key, locale).replace("{vaccine}", &name).replace("{n}", &n.to_string())
}

/// The last day on which all doses of a series still fit, once it is near; empty before.
pub(in crate::app) fn finish_words(
    content: &Content,
    finish_by: Option<NaiveDate>,
    today: NaiveDate,
    locale: Locale,
) -> String {
    let ahead = content.vaccines().map_or(0, |rules| rules.finish_days);
    let near = finish_by.filter(|by| *by <= today + Days::new(ahead.into()));
    let words = |by| content.word("vaccine.finish_by", locale).replace("{date}", &long_date(by, locale));
    near.map(words).unwrap_or_default()
}

fn dose_view(content: &Content, rules: &VaccineRules, next: NextDose, today: NaiveDate, locale: Locale) -> DoseView {
    let routine = rules.series(&next.series).is_some_and(|series| series.programme == Programme::Routine);
    let from = next.standard_from.or(next.earliest);
    let to = next.standard_to.or(next.last_routine_day);
    let day = |date: NaiveDate| long_date(date, locale);
    let window_words = match (from, to) {
        // No day is proposed before somebody was asked; only how long there is time for it.
        _ if next.status.is_question() => next
            .last_routine_day
            .filter(|last| *last >= today)
            .map(|last| content.word("agenda.until", locale).replace("{date}", &day(last)))
            .unwrap_or_default(),
        _ if next.status == Status::PastStandardStillEligible => match next.last_routine_day {
            Some(last) => content.word("vaccine.soon_until", locale).replace("{date}", &day(last)),
            None => content.word("vaccine.soon", locale).into_owned(),
        },
        (Some(from), Some(to)) => {
            content.word("agenda.span", locale).replace("{from}", &day(from)).replace("{to}", &day(to))
        }
        (Some(from), None) => content.word("agenda.from", locale).replace("{date}", &day(from)),
        (None, _) => String::new(),
    };
    let past = next.status == Status::PastStandardStillEligible;
    let end = if past { next.last_routine_day } else { to };
    // A day on which it is over anyway adds nothing.
    let finish_by = next.finish_by.filter(|by| end.is_none_or(|end| *by < end));
    let window_words = window_words + &finish_words(content, finish_by, today, locale);
    let mut because_words: Vec<String> = next
        .because
        .iter()
        .map(|rule| content.word(&format!("why.{}", why_key(rule)), locale).into_owned())
        .filter(|words| !words.is_empty())
        .collect();
    because_words.dedup();
    DoseView {
        title: title(content, rules, &next.series, false, next.dose.max(1), locale),
        status_words: content.word(&status_key(&next, routine), locale).into_owned(),
        window_words,
        because_words,
        routine,
        next,
    }
}

/// The words of a status: what cannot be given any more is not over at public cost, and a lead by a doctor is no question.
fn status_key(next: &NextDose, routine: bool) -> String {
    // What nobody has to do is not said as if it were due.
    let open = [Status::DueSoon, Status::Eligible, Status::RecommendedNow, Status::PastStandardStillEligible];
    if !routine && open.contains(&next.status) {
        return "status.voluntary".into();
    }
    if !routine && next.status == Status::NotYet {
        return "status.voluntary_not_yet".into();
    }
    let because = |rule: &str| next.because.iter().any(|known| why_key(known) == rule);
    let own = ["age_limit", "led_by_doctor", "after_today"].into_iter().find(|rule| because(rule));
    match own {
        Some(rule) => format!("status.{}.{rule}", next.status.key()),
        None => format!("status.{}", next.status.key()),
    }
}

/// `JP-HEPB/default/3/gap:dose:1` is a gap; `LIVE27` is itself.
fn why_key(rule: &str) -> &str {
    let last = rule.rsplit('/').next().unwrap_or(rule);
    if last.starts_with("gap:") { "gap" } else { last }
}
