//! A child's measurements on the curves: gathered from every kind of entry that holds one.

use ayumi_protocol::NotebookId;
use chrono::NaiveDate;
use serde_json::Value;

use crate::app::error::Result;
use crate::app::handbook::Handbook;
use crate::app::insight::growth_question::GrowthQuestion;
use crate::app::insight::lead_words;
use crate::app::insight::measure::Measure;
use crate::app::insight::occasions::{kinds_of_child, occasions};
use crate::app::insight::runs::Runs;
use crate::app::view::{EntryView, ListFilter, NotebookView};
use crate::growth::age::Ages;
use crate::growth::birth::{self, fetal_weight_z};
use crate::growth::chart::{Band, Point, bands};
use crate::growth::normal::percentile;
use crate::growth::reading::Reading;
use crate::growth::{Note, Posture, Query, Reference, score};
use crate::leads::{Known, Weighing, weight};
use crate::model::date::Gestation;
use crate::model::field::Quantity;
use crate::model::kind::Record;
use crate::model::kinds::PrenatalVisit;
use crate::model::notebook::{NotebookType, Sex};
use crate::model::{Invalid, Reason};
use crate::texts;

/// Growth of a child, or of a pregnancy's baby.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/handbook.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let (handbook, child) = handbook(folder.path())?;
/// use ayumi_core::app::{NewEntry, Reference};
/// handbook.entries().add(&NewEntry::typed(child, "growth", "2024-11-05", &[("weight", "7350g")])?)?;
/// let measurements = handbook.growth().measurements(child, Reference::default())?;
/// assert_eq!((measurements[0].value, measurements[0].age_days), (7.35, 186));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct GrowthCharts {
    pub(in crate::app) handbook: Handbook,
}

/// One measurement with where it lies.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "GrowthMeasurement"))]
pub struct Measurement {
    /// Local date of the measurement.
    pub on: NaiveDate,
    /// What was measured.
    pub measure: Measure,
    /// In the measure's unit.
    pub value: f64,
    /// Days since birth; for a pregnancy, days of pregnancy.
    pub age_days: i64,
    /// Days since the term date, for a child born early.
    pub corrected_age_days: Option<i64>,
    /// z-score.
    pub z: Option<f64>,
    /// Percentile, 0 to 100.
    pub percentile: Option<f64>,
    /// Edition of the reference that was used.
    pub reference: Option<String>,
    /// Caveats, or why there is no score.
    pub notes: Vec<Note>,
    /// Which plain words fit.
    pub reading_key: String,
    /// The plain words.
    pub reading: String,
    /// How a length was taken, if it was entered.
    pub posture: Option<Posture>,
    /// Which baby of a pregnancy with several, counted from 1.
    pub baby: Option<u32>,
    /// No child of that age measures this, or none after what was measured before: the carer is asked, in place of a score and of words about a curve.
    pub question: Option<GrowthQuestion>,
}

/// From one number to another: an axis.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Span {
    /// The first.
    pub from: f64,
    /// The last.
    pub to: f64,
}

/// A chart ready to draw.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "GrowthChart"))]
pub struct Chart {
    /// What it shows.
    pub measure: Measure,
    /// The reference of its bands.
    pub reference: Reference,
    /// Curves of the reference; none for a child of unspecified sex.
    pub bands: Vec<Band>,
    /// The child's points: age in days (corrected where that is used) and value.
    pub points: Vec<Point>,
    /// Points that are asked back, apart from the line and the axes.
    pub asked: Vec<Point>,
    /// Ages shown, in days.
    pub days: Span,
    /// Values shown.
    pub values: Span,
    /// Whether points stand at corrected age.
    pub corrected: bool,
    /// For a child whose points stand at corrected age: days between birth and the due date.
    pub born_early: Option<f64>,
}

impl GrowthCharts {
    /// Every measurement of a notebook, oldest first.
    ///
    /// # Errors
    /// [`crate::app::Error::NotFound`].
    pub fn measurements(&self, notebook: NotebookId, reference: Reference) -> Result<Vec<Measurement>> {
        let notebook = self.handbook.notebooks().find(notebook)?;
        if notebook.baby_silent() {
            return Ok(Vec::new());
        }
        let mut found = match notebook.notebook_type {
            NotebookType::Child => self.of_child(&notebook, reference)?,
            NotebookType::Pregnancy => self.of_pregnancy(&notebook)?,
            NotebookType::Private => Vec::new(),
        };
        let place = |m: &Measurement| (m.on, m.measure, m.baby);
        found.sort_by(|a, b| place(a).cmp(&place(b)).then(a.value.total_cmp(&b.value)));
        found.dedup_by(|a, b| place(a) == place(b) && a.value == b.value);
        self.ask_of_runs(&notebook, &mut found);
        self.read(&notebook, &mut found)?;
        Ok(found)
    }

    fn of_child(&self, notebook: &NotebookView, reference: Reference) -> Result<Vec<Measurement>> {
        let Some(born) = notebook.profile.born else { return Ok(Vec::new()) };
        let (sex, gestation) = (notebook.profile.sex_or_unspecified(), notebook.profile.gestation_at_birth());
        let mut found = Vec::new();
        // Last in the form comes the kind that tells the posture: of equal measurements the first one stays.
        for kind in kinds_of_child().rev() {
            let filter = ListFilter { kind: Some(kind.id.into()), limit: u32::MAX, ..ListFilter::default() };
            for entry in self.handbook.entries().list(notebook.id, &filter)? {
                let posture = entry.fields.get("posture").and_then(Value::as_str).and_then(Posture::from_key);
                for occasion in occasions(kind, entry.on, &entry.fields) {
                    let ages = Ages::on(born, gestation, occasion.on, reference.corrected_until());
                    // Beside a BMI stands the stature that it came from, for a posture that does not fit the age.
                    let stature = occasion.value(Measure::Length);
                    let asks = |measure, value| {
                        GrowthQuestion::about(measure, value, ages.chronological, gestation, self.handbook.locale())
                    };
                    let doubtful = occasion.values.iter().any(|(measure, value)| asks(*measure, *value).is_some());
                    for (measure, value) in &occasion.values {
                        let (bare, question) =
                            (Measurement::bare(occasion.on, *measure, *value, ages), asks(*measure, *value));
                        let mut measurement = Measurement { posture, question, ..bare };
                        // An index of a value that is asked back says nothing either.
                        if measurement.question.is_some() || (*measure == Measure::Bmi && doubtful) {
                            measurement.notes.push(Note::CheckMeasurement);
                        } else {
                            measurement.look_up(reference, sex, gestation, stature);
                        }
                        found.push(measurement);
                    }
                }
            }
        }
        Ok(found)
    }

    /// A measurement that cannot follow the one before it is asked back in place of a score, and its index with it.
    fn ask_of_runs(&self, notebook: &NotebookView, found: &mut [Measurement]) {
        let Some(mut runs) = Runs::of(notebook) else { return };
        for (at, measurement) in found.iter().enumerate() {
            runs.add(measurement.on, measurement.measure, measurement.value, false, at);
        }
        for (at, question) in runs.questions(self.handbook.locale()) {
            let (on, measure) = (found[at].on, found[at].measure);
            found[at].question = Some(question);
            let index = matches!(measure, Measure::Weight | Measure::Length);
            for (i, measurement) in found.iter_mut().enumerate() {
                if i == at || (index && measurement.measure == Measure::Bmi && measurement.on == on) {
                    measurement.unscore();
                }
            }
        }
    }

    fn of_pregnancy(&self, notebook: &NotebookView) -> Result<Vec<Measurement>> {
        let kind = PrenatalVisit::KIND;
        let filter = ListFilter { kind: Some(kind.id.into()), limit: u32::MAX, ..ListFilter::default() };
        let entries = self.handbook.entries().list(notebook.id, &filter)?;
        let weights = |entry: &EntryView| -> Vec<(u32, f64)> {
            let fields = kind.measured().filter(|(_, measured)| measured.quantity == Quantity::FetalWeight);
            fields.filter_map(|(field, _)| Some((baby_of(field.key), entry.fields.get(field.key)?.as_f64()?))).collect()
        };
        let several = entries.iter().any(|entry| weights(entry).iter().any(|(baby, _)| *baby > 1));
        let mut found = Vec::new();
        for entry in &entries {
            let Some(on) = entry.on else { continue };
            let written = PrenatalVisit::from_fields(&entry.fields).ga;
            let gestation = written.or_else(|| notebook.gestation_on(on));
            let days = gestation.map_or(0, |gestation| i64::from(gestation.days()));
            let ages = Ages { chronological: days, corrected: None };
            for (baby, grams) in weights(entry) {
                let bare = Measurement::bare(on, Measure::FetalWeight, grams, ages);
                let mut measurement = Measurement { baby: several.then_some(baby), ..bare };
                if gestation.is_some() {
                    let locale = self.handbook.locale();
                    measurement.question = GrowthQuestion::about(Measure::FetalWeight, grams, days, None, locale);
                }
                match gestation.map(|gestation| fetal_weight_z(grams, gestation)) {
                    _ if measurement.question.is_some() => measurement.notes.push(Note::CheckMeasurement),
                    Some(Some(z)) => measurement.set(z, birth::FETAL_VERSION),
                    Some(None) => measurement.notes.push(Note::AgeOutOfRange),
                    None => measurement.notes.push(Note::AgeMissing),
                }
                found.push(measurement);
            }
        }
        Ok(found)
    }

    /// Puts plain words beside each measurement, from the score before it of the same measure. A weight that somebody should look
    /// at says so; where a later weight is written, the words say to look at that one.
    fn read(&self, notebook: &NotebookView, found: &mut [Measurement]) -> Result<()> {
        let locale = self.handbook.locale();
        let content = self.handbook.content()?;
        let facts = self.handbook.facts(notebook.id)?;
        let weighing = |m: &Measurement| {
            let weighs = m.measure == Measure::Weight && m.question.is_none();
            weighs.then(|| Weighing::of(m.on, m.value))
        };
        let weighed = found.iter().filter_map(weighing).collect();
        let known =
            Known { born: notebook.profile.born, birth_weight: facts.birth_weight(), noted: Vec::new(), weighed };
        let newest = known.weighed.iter().copied().max();
        for i in 0..found.len() {
            let before = found[..i].iter().rev().find(|m| m.is_of(&found[i]) && m.z.is_some());
            let reading = Reading::of(before.and_then(|m| m.z), found[i].z);
            let why = [Note::FirstDays, Note::BeforeTerm, Note::SexUnspecified];
            let key = match found[i].notes.iter().find(|note| found[i].z.is_none() && why.contains(note)) {
                Some(note) => note.key(),
                None => reading.key(),
            };
            let led =
                weighing(&found[i]).and_then(|weight| Some((weight, weight::of(content.leads(), &known, weight)?)));
            let (key, words) = match (&found[i].question, led) {
                (Some(question), _) => ("ask", question.words.clone()),
                (None, Some((weight, rule))) => {
                    let later = newest.is_some_and(|newest| newest > weight);
                    let words = if later {
                        content.word("lead.weight_past", locale).into_owned()
                    } else {
                        lead_words::words(&content, &facts, rule, locale)
                    };
                    (rule.id.as_str(), words)
                }
                (None, None) if found[i].measure == Measure::FetalWeight && reading == Reading::Lower => {
                    (key, texts::growth("lower.fetal", locale).to_owned())
                }
                (None, None) => (key, texts::growth(key, locale).to_owned()),
            };
            found[i].reading_key = key.to_owned();
            found[i].reading = words;
        }
        Ok(())
    }

    /// A chart of one measure.
    ///
    /// # Errors
    /// [`crate::app::Error::NotFound`]; [`crate::app::Error::Invalid`] where there is nothing to draw.
    pub fn chart(&self, notebook: NotebookId, measure: Measure, reference: Reference) -> Result<Chart> {
        let notebook = self.handbook.notebooks().find(notebook)?;
        let all = self.measurements(notebook.id, reference)?;
        let point = |m: &Measurement| Point { day: m.corrected_age_days.unwrap_or(m.age_days) as f64, value: m.value };
        let of_measure = all.iter().filter(|m| m.measure == measure);
        let (asked, points): (Vec<&Measurement>, Vec<&Measurement>) =
            of_measure.partition(|m| m.notes.contains(&Note::CheckMeasurement) && m.z.is_none());
        let [asked, points] = [asked, points].map(|some| some.into_iter().map(point).collect::<Vec<Point>>());
        let early = |m: &Measurement| Some((m.age_days - m.corrected_age_days?) as f64);
        let born_early = all.iter().filter(|m| m.measure == measure).find_map(early);
        if notebook.notebook_type != NotebookType::Child || notebook.baby_silent() {
            let allowed = "a child's notebook with measurements";
            return Err(Invalid::new("notebook", notebook.notebook_type.key(), allowed)
                .because(Reason::NothingToDraw)
                .into());
        }
        let last = points.iter().chain(&asked).map(|point| point.day).fold(0.0, f64::max);
        // Six months of room at first, then years: the axis of the handbook grows with the child.
        let ends = [183.0, 366.0, 731.0, 1096.0, 1461.0, 1827.0, 2192.0, 2374.0, 2922.0, 3652.0, 5479.0, 6939.0];
        let until = ends.into_iter().find(|end| last <= *end).unwrap_or(last);
        let bands = measure.indicator().map_or_else(Vec::new, |indicator| {
            bands(reference, indicator, notebook.profile.sex_or_unspecified(), until)
        });
        let shown = || points.iter().chain(bands.iter().flat_map(|band| &band.line)).map(|point| point.value);
        let (low, high) = shown().fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)));
        if low > high {
            return Err(Invalid::new("measure", measure.key(), "a measure that was taken")
                .because(Reason::NothingToDraw)
                .into());
        }
        let room = ((high - low) * 0.05).max(0.1);
        let first = points.iter().chain(&asked).map(|point| point.day).fold(0.0, f64::min);
        Ok(Chart {
            measure,
            reference,
            bands,
            points,
            asked,
            days: Span { from: first, to: until },
            values: Span { from: (low - room).max(0.0), to: high + room },
            corrected: born_early.is_some(),
            born_early,
        })
    }
}

impl Measurement {
    /// Whether it is of the same measure, and of the same baby.
    fn is_of(&self, other: &Self) -> bool {
        self.measure == other.measure && self.baby == other.baby
    }

    fn bare(on: NaiveDate, measure: Measure, value: f64, ages: Ages) -> Self {
        Self {
            on,
            measure,
            value,
            age_days: ages.chronological,
            corrected_age_days: ages.corrected,
            z: None,
            percentile: None,
            reference: None,
            notes: Vec::new(),
            reading_key: String::new(),
            reading: String::new(),
            posture: None,
            baby: None,
            question: None,
        }
    }

    fn set(&mut self, z: f64, reference: &'static str) {
        self.z = Some(z);
        self.percentile = Some(percentile(z));
        self.reference = Some(reference.to_owned());
    }

    /// Says nothing about curves: the value is asked back.
    fn unscore(&mut self) {
        (self.z, self.percentile, self.reference) = (None, None, None);
        self.notes = vec![Note::CheckMeasurement];
    }

    fn look_up(&mut self, reference: Reference, sex: Sex, gestation: Option<Gestation>, stature_cm: Option<f64>) {
        let Some(indicator) = self.measure.indicator() else {
            self.notes.push(Note::NotInReference);
            return;
        };
        let query = Query {
            sex,
            age_days: Some(self.age_days as f64),
            indicator,
            value: self.value,
            stature_cm,
            posture: self.posture,
            gestation,
        };
        match score(reference, &query) {
            Ok(found) => {
                self.set(found.z, found.edition);
                self.notes.extend(found.notes.into_iter().flatten());
            }
            Err(note) => self.notes.push(note),
        }
    }
}

/// Which baby a field is of: `efw` the first, `efw_2` the second.
fn baby_of(key: &str) -> u32 {
    key.rsplit_once('_').and_then(|(_, number)| number.parse().ok()).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quantity_is_a_measure_that_can_be_asked_for_and_has_a_name() {
        let quantities = crate::model::kinds::KINDS
            .iter()
            .flat_map(crate::model::kind::KindDef::measured)
            .map(|(_, measured)| measured.quantity);
        for measure in quantities.map(Measure::of).chain(Measure::ALL) {
            assert_eq!(Measure::from_key(measure.key()), Some(measure), "not in Measure::ALL");
            for locale in crate::texts::Locale::ALL {
                assert!(!crate::texts::growth(&format!("measure.{}", measure.key()), locale).is_empty(), "{measure:?}");
            }
        }
    }
}
