//! A measurement that cannot be, by itself or beside another, as a question to the carer.

use crate::app::insight::measure::Measure;
use crate::app::records::words::long_date;
use crate::growth::improbable::{Question, Slip, improbable};
use crate::model::date::Gestation;
use crate::model::field::Quantity;
use crate::model::{Invalid, Reason};
use crate::texts::{self, Locale};
use chrono::NaiveDate;

/// The measurement that another does not fit.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Beside {
    /// Its day.
    pub on: NaiveDate,
    /// Its value, in the measure's unit.
    pub value: f64,
}

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
    /// The measurement that it cannot follow or go before; without one the value cannot be by itself.
    pub beside: Option<Beside>,
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
        let slip = question.likely.map(|(_, slip)| slip);
        Self { measure, given: question.given, likely, slip, beside: None, words }
    }

    /// The question about a measurement beside another, which is the earlier one if it `follows`.
    pub(in crate::app) fn of_run(
        measure: Measure,
        given: f64,
        beside: Beside,
        follows: bool,
        likely: Option<(f64, Slip)>,
        locale: Locale,
    ) -> Self {
        let shown = |value: f64| format!("{} {}", (value * 1000.0).round() / 1000.0, measure.unit());
        let mut words = texts::growth("ask.beside", locale).to_owned();
        if let Some((likely, _)) = likely {
            words.push_str(&texts::growth("ask.beside.likely", locale).replace("{likely}", &shown(likely)));
        }
        // If the number is right, these two are for a doctor and not for a line.
        let falls = (given < beside.value) == follows;
        if matches!((measure.quantity(), falls), (Some(Quantity::Weight), true) | (Some(Quantity::Head), false)) {
            words.push_str(texts::growth("ask.beside.see", locale));
        }
        let words = words
            .replace("{measure}", texts::growth(&format!("measure.{}", measure.key()), locale))
            .replace("{given}", &shown(given))
            .replace("{on}", &long_date(beside.on, locale))
            .replace("{beside}", &shown(beside.value));
        let (likely, slip) = (likely.map(|(value, _)| value), likely.map(|(_, slip)| slip));
        Self { measure, given, likely, slip, beside: Some(beside), words }
    }

    /// The question as the problem of a row: nobody is there to answer.
    pub(in crate::app) fn problem(&self) -> Invalid {
        let given = format!("{} {}", self.given, self.measure.unit());
        Invalid::new(self.measure.key(), &given, self.words.clone()).because(Reason::Improbable)
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
