//! Questions about measurements before they are written: the door of every form.

use crate::app::error::{Error, Result};
use crate::app::insight::growth::{GrowthCharts, Measure, occasions};
use crate::app::records::entries::NewEntry;
use crate::growth::improbable::{Question, Slip, improbable};
use crate::model::Invalid;
use crate::model::date::Gestation;
use crate::model::field::Quantity;
use crate::model::kind::KindDef;
use crate::model::kinds;
use crate::model::naming::EntryName;
use crate::model::notebook::NotebookType;
use crate::model::value::Fields;
use crate::texts::{self, Locale};
use ayumi_protocol::NotebookId;
use chrono::NaiveDate;

/// A measurement to ask back before it is kept: "73.5 kg? Perhaps 7.35 kg?".
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct GrowthQuestion {
    /// What was measured.
    pub measure: Measure,
    /// What was written, in the measure's unit.
    pub given: f64,
    /// What was probably meant.
    pub likely: Option<f64>,
    /// The slip that explains it.
    pub slip: Option<Slip>,
    /// The question in the handbook's language.
    pub words: String,
}

impl GrowthQuestion {
    fn new(question: Question, locale: Locale) -> Self {
        let measure = Measure::of(question.quantity);
        let shown = |value: f64| format!("{} {}", (value * 1000.0).round() / 1000.0, measure.unit());
        let likely = question.likely.map(|(value, _)| value);
        let words = match likely {
            Some(likely) => texts::growth("ask.likely", locale).replace("{likely}", &shown(likely)),
            None => texts::growth("ask", locale).to_owned(),
        };
        let words = words
            .replace("{measure}", texts::growth(&format!("measure.{}", measure.key()), locale))
            .replace("{given}", &shown(question.given));
        Self { measure, given: question.given, likely, slip: question.likely.map(|(_, slip)| slip), words }
    }

    /// The question about one measurement, if there is one.
    pub(in crate::app) fn about(
        measure: Measure,
        value: f64,
        age_days: i64,
        gestation: Option<Gestation>,
        locale: Locale,
    ) -> Option<Self> {
        let question = improbable(measure.quantity()?, value, age_days, gestation)?;
        Some(Self::new(question, locale))
    }
}

impl Measure {
    /// The quantity of the form that it is; a BMI is none.
    const fn quantity(self) -> Option<Quantity> {
        match self {
            Self::Weight => Some(Quantity::Weight),
            Self::Length => Some(Quantity::Length),
            Self::Head => Some(Quantity::Head),
            Self::Chest => Some(Quantity::Chest),
            Self::FetalWeight => Some(Quantity::FetalWeight),
            Self::Bmi => None,
        }
    }
}

impl GrowthCharts {
    /// What to ask back before an entry is written: values that no child of that age measures. A shell asks and writes what
    /// the carer answers; nothing is refused here.
    ///
    /// # Errors
    /// [`crate::app::Error::NotFound`] for the notebook.
    pub fn questions(&self, entry: &NewEntry) -> Result<Vec<GrowthQuestion>> {
        self.asked_of(entry.notebook, entry.kind, entry.on(), &entry.fields)
    }

    /// What to ask back before fields of an entry are changed, as typed.
    ///
    /// # Errors
    /// [`crate::app::Error::NotFound`]; [`crate::app::Error::Invalid`] if a field cannot be read.
    pub fn questions_of_edit(
        &self,
        entry: impl Into<EntryName>,
        fields: &[(&str, &str)],
    ) -> Result<Vec<GrowthQuestion>> {
        let found = self.handbook.entries().show(entry)?;
        let unknown = || Invalid::new("kind", &found.kind, "a kind that this version knows");
        let kind = kinds::find(&found.kind).ok_or_else(unknown)?;
        let changed = kind.read(fields.iter().copied())?;
        let on = changed.get("on").map_or(found.on, crate::model::value::FieldValue::from_json);
        // The day decides all of them; else only what is typed now is asked about.
        let all =
            changed.contains_key("on") || kind.measured().any(|(_, m)| m.day.is_some_and(|d| changed.contains_key(d)));
        let mut now = found.fields.clone();
        now.extend(changed.clone());
        now.retain(|key, value| {
            let is_value = kind.measured().any(|(field, _)| field.key == key);
            !value.is_null() && (all || !is_value || changed.contains_key(key))
        });
        self.asked_of(found.notebook, kind, on, &now)
    }

    /// The same for a row of a file, where nobody is there to answer: the first question is its problem. What came with an id
    /// of its own was asked where it was typed.
    ///
    /// # Errors
    /// [`crate::app::Error::Invalid`] with the question.
    pub(in crate::app) fn ask_back(&self, entry: &NewEntry) -> Result<()> {
        if entry.id.is_some() || entry.kind.measured().next().is_none() {
            return Ok(());
        }
        match self.questions(entry) {
            // The notebook begins with this file: it is asked where it is shown.
            Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
            Ok(asked) => match asked.first() {
                None => Ok(()),
                Some(first) => {
                    let given = format!("{} {}", first.given, first.measure.unit());
                    Err(Invalid::new(first.measure.key(), &given, first.words.clone()).into())
                }
            },
        }
    }

    fn asked_of(
        &self,
        notebook: NotebookId,
        kind: &KindDef,
        on: Option<NaiveDate>,
        fields: &Fields,
    ) -> Result<Vec<GrowthQuestion>> {
        let (notebook, locale) = (self.handbook.notebooks().find(notebook)?, self.handbook.locale());
        let mut found = Vec::new();
        for occasion in occasions(kind, on, fields) {
            let (age, gestation) = match (notebook.notebook_type, notebook.profile.born) {
                (NotebookType::Child, Some(born)) => {
                    (Some((occasion.on - born).num_days()), notebook.profile.gestation_at_birth())
                }
                (NotebookType::Pregnancy, _) => {
                    (notebook.gestation_on(occasion.on).map(|gestation| i64::from(gestation.days())), None)
                }
                _ => (None, None),
            };
            let Some(age) = age else { continue };
            let asked =
                |(measure, value): &(Measure, f64)| GrowthQuestion::about(*measure, *value, age, gestation, locale);
            found.extend(occasion.values.iter().filter_map(asked));
        }
        Ok(found)
    }
}
