//! A child's measurements on the curves: gathered from every kind of entry that holds one.

use ayumi_protocol::NotebookId;
use chrono::NaiveDate;
use serde_json::Value;

use crate::app::error::Result;
use crate::app::handbook::Handbook;
use crate::app::view::{ListFilter, NotebookView};
use crate::growth::age::Ages;
use crate::growth::birth::{self, BirthMeasure, birth_z, fetal_weight_z};
use crate::growth::body::bmi;
use crate::growth::chart::{Band, Point, bands};
use crate::growth::normal::percentile;
use crate::growth::reading::Reading;
use crate::growth::{Indicator, Note, Posture, Query, Reference, score};
use crate::model::Invalid;
use crate::model::date::Gestation;
use crate::model::notebook::{NotebookType, Sex};
use crate::model::value::{FieldValue, Fields};
use crate::texts;

/// Growth of a child, or of a pregnancy's baby.
#[derive(Clone)]
pub struct GrowthCharts {
    pub(in crate::app) handbook: Handbook,
}

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Measure {
    /// kg
    Weight,
    /// cm
    Length,
    /// cm
    Head,
    /// cm
    Chest,
    /// kg/m²
    Bmi,
    /// g
    FetalWeight,
}

impl Measure {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Weight, Self::Length, Self::Head, Self::Chest, Self::Bmi, Self::FetalWeight];

    /// Its key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Weight => "weight",
            Self::Length => "length",
            Self::Head => "head",
            Self::Chest => "chest",
            Self::Bmi => "bmi",
            Self::FetalWeight => "fetal_weight",
        }
    }

    /// From its key.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.key() == key)
    }

    /// Its unit.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Weight => "kg",
            Self::Bmi => "kg/m2",
            Self::FetalWeight => "g",
            Self::Length | Self::Head | Self::Chest => "cm",
        }
    }

    const fn indicator(self) -> Option<Indicator> {
        match self {
            Self::Weight => Some(Indicator::Wfa),
            Self::Length => Some(Indicator::Lhfa),
            Self::Head => Some(Indicator::Hcfa),
            Self::Bmi => Some(Indicator::Bfa),
            // The survey of 2023 has no chest; fetal weight has a table of its own.
            Self::Chest | Self::FetalWeight => None,
        }
    }
}

/// One measurement with where it lies.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Measurement {
    /// The day.
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
    /// What is to know, or why there is no score.
    pub notes: Vec<Note>,
    /// Which plain words fit.
    pub reading_key: String,
    /// The plain words.
    pub reading: String,
    /// How a length was taken, if it was told.
    pub posture: Option<Posture>,
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
    /// Ages shown, in days.
    pub days: Span,
    /// Values shown.
    pub values: Span,
    /// Whether points stand at corrected age.
    pub corrected: bool,
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
        found.sort_by(|a, b| (a.on, a.measure).cmp(&(b.on, b.measure)).then(a.value.total_cmp(&b.value)));
        found.dedup_by(|a, b| a.on == b.on && a.measure == b.measure && a.value == b.value);
        self.read(&mut found);
        Ok(found)
    }

    fn of_child(&self, notebook: &NotebookView, reference: Reference) -> Result<Vec<Measurement>> {
        let Some(born) = notebook.profile.born else { return Ok(Vec::new()) };
        let (sex, gestation) = (notebook.profile.sex_or_unspecified(), notebook.profile.gestation_at_birth());
        let mut found = Vec::new();
        for kind in ["growth", "wellchild", "delivery", "neonate_early", "neonate_late"] {
            let filter = ListFilter { kind: Some(kind.into()), limit: u32::MAX, ..ListFilter::default() };
            for entry in self.handbook.entries().list(notebook.id, &filter)? {
                for (on, fields) in occasions(kind, entry.on, &entry.fields) {
                    for (measure, value) in values(&fields) {
                        let posture = fields.get("posture").and_then(Value::as_str).and_then(Posture::from_key);
                        let ages = Ages::on(born, gestation, on);
                        let mut one = Measurement { posture, ..Measurement::bare(on, measure, value, ages) };
                        // Beside a BMI stands the stature that it came from, for a posture that does not fit the age.
                        let stature = fields.get("length").and_then(Value::as_f64);
                        one.look_up(reference, sex, gestation, stature);
                        found.push(one);
                    }
                }
            }
        }
        Ok(found)
    }

    fn of_pregnancy(&self, notebook: &NotebookView) -> Result<Vec<Measurement>> {
        let filter = ListFilter { kind: Some("prenatal_visit".into()), limit: u32::MAX, ..ListFilter::default() };
        let mut found = Vec::new();
        for entry in self.handbook.entries().list(notebook.id, &filter)? {
            let Some((on, grams)) = entry.on.zip(entry.fields.get("efw").and_then(Value::as_f64)) else { continue };
            let written = entry.fields.get("ga").and_then(Gestation::from_json);
            let gestation = written.or_else(|| notebook.gestation_on(on));
            let days = gestation.map_or(0, |g| i64::from(g.days()));
            let ages = Ages { chronological: days, corrected: None };
            let mut one = Measurement::bare(on, Measure::FetalWeight, grams, ages);
            match gestation.map(|g| fetal_weight_z(grams, g)) {
                Some(Some(z)) => one.set(z, birth::FETAL_VERSION),
                Some(None) => one.notes.push(Note::AgeOutOfRange),
                None => one.notes.push(Note::AgeMissing),
            }
            found.push(one);
        }
        Ok(found)
    }

    /// Puts plain words beside each measurement, from the score before it of the same measure.
    fn read(&self, found: &mut [Measurement]) {
        let locale = self.handbook.locale();
        for i in 0..found.len() {
            let before = found[..i].iter().rev().find(|m| m.measure == found[i].measure && m.z.is_some());
            let reading = Reading::of(before.and_then(|m| m.z), found[i].z);
            let why = [Note::FirstDays, Note::BeforeTerm, Note::SexUnspecified];
            let key = match found[i].notes.iter().find(|note| found[i].z.is_none() && why.contains(note)) {
                Some(note) => note.key(),
                None => reading.key(),
            };
            found[i].reading_key = key.to_owned();
            found[i].reading = texts::growth(key, locale).to_owned();
        }
    }

    /// A chart of one measure.
    ///
    /// # Errors
    /// [`crate::app::Error::NotFound`]; [`crate::app::Error::Invalid`] where there is nothing to draw.
    pub fn chart(&self, notebook: NotebookId, measure: Measure, reference: Reference) -> Result<Chart> {
        let notebook = self.handbook.notebooks().find(notebook)?;
        let all = self.measurements(notebook.id, reference)?;
        let points: Vec<Point> = all
            .iter()
            .filter(|m| m.measure == measure)
            .map(|m| Point { day: m.corrected_age_days.unwrap_or(m.age_days) as f64, value: m.value })
            .collect();
        let corrected = all.iter().any(|m| m.measure == measure && m.corrected_age_days.is_some());
        if notebook.notebook_type != NotebookType::Child || notebook.baby_silent() {
            let allowed = "a child's notebook with measurements";
            return Err(Invalid::new("notebook", notebook.notebook_type.key(), allowed).into());
        }
        let last = points.iter().map(|point| point.day).fold(0.0, f64::max);
        // Six months of room at first, then years: the axis of the handbook grows with the child.
        let until = [183.0, 366.0, 731.0, 1096.0, 1461.0, 1827.0, 2192.0, 2374.0].into_iter().find(|end| last <= *end);
        let until = until.unwrap_or(last);
        let bands = measure.indicator().map_or_else(Vec::new, |indicator| {
            bands(reference, indicator, notebook.profile.sex_or_unspecified(), until)
        });
        let shown = || points.iter().chain(bands.iter().flat_map(|band| &band.line)).map(|point| point.value);
        let (low, high) = shown().fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)));
        if low > high {
            return Err(Invalid::new("measure", measure.key(), "a measure that was taken").into());
        }
        let room = ((high - low) * 0.05).max(0.1);
        let first = points.iter().map(|point| point.day).fold(0.0, f64::min);
        Ok(Chart {
            measure,
            reference,
            bands,
            points,
            days: Span { from: first, to: until },
            values: Span { from: (low - room).max(0.0), to: high + room },
            corrected,
        })
    }
}

impl Measurement {
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
        }
    }

    fn set(&mut self, z: f64, reference: &'static str) {
        self.z = Some(z);
        self.percentile = Some(percentile(z));
        self.reference = Some(reference.to_owned());
    }

    fn look_up(&mut self, reference: Reference, sex: Sex, gestation: Option<Gestation>, stature_cm: Option<f64>) {
        // At a preterm birth the size is compared with babies born in the same week.
        if self.age_days == 0
            && self.corrected_age_days.is_some()
            && let Some(z) = self.birth_score(sex, gestation)
        {
            return self.set(z, birth::BIRTH_VERSION);
        }
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
                self.set(found.z, reference.version());
                self.notes.extend(found.notes.into_iter().flatten());
            }
            Err(note) => self.notes.push(note),
        }
    }

    fn birth_score(&self, sex: Sex, gestation: Option<Gestation>) -> Option<f64> {
        let (measure, value) = match self.measure {
            Measure::Weight => (BirthMeasure::Weight, self.value * 1000.0),
            Measure::Length => (BirthMeasure::Length, self.value),
            Measure::Head => (BirthMeasure::Head, self.value),
            _ => return None,
        };
        birth_z(measure, value, gestation?, sex, None)
    }
}

/// The days of an entry on which something was measured, with fields in the common names and units.
fn occasions(kind: &str, on: Option<NaiveDate>, fields: &Fields) -> Vec<(NaiveDate, Fields)> {
    let Some(on) = on else { return Vec::new() };
    let day = |key: &str| fields.get(key).and_then(NaiveDate::from_json);
    let pick = |prefix: &str, grams: bool| -> Fields {
        let part = ["weight", "length", "head", "chest", "posture"].into_iter().filter_map(|name| {
            let value = fields.get(&format!("{prefix}{name}"))?;
            let in_kg = name == "weight" && grams;
            let value = if in_kg { value.as_f64().map(|g| Value::from(g / 1000.0))? } else { value.clone() };
            Some((name.to_owned(), value))
        });
        part.collect()
    };
    match kind {
        "delivery" => {
            let born = fields.get("datetime").and_then(chrono::NaiveDateTime::from_json).map(|t| t.date());
            vec![(born.unwrap_or(on), pick("", true))]
        }
        "neonate_early" => {
            vec![(on, pick("", true)), (day("discharge_on").unwrap_or(on), pick("discharge_", true))]
        }
        "neonate_late" => vec![(on, pick("", true)), (day("visit_on").unwrap_or(on), pick("visit_", true))],
        _ => vec![(on, pick("", false))],
    }
}

/// The measurements among an occasion's fields; BMI where weight and stature were taken together.
fn values(fields: &Fields) -> Vec<(Measure, f64)> {
    let number = |key: &str| fields.get(key).and_then(Value::as_f64);
    let mut found: Vec<(Measure, f64)> = [Measure::Weight, Measure::Length, Measure::Head, Measure::Chest]
        .into_iter()
        .filter_map(|measure| Some((measure, number(measure.key())?)))
        .collect();
    if let (Some(weight), Some(length)) = (number("weight"), number("length"))
        && let Some(index) = bmi(weight, length)
    {
        found.push((Measure::Bmi, index));
    }
    found
}
