//! A measurement that no child of that age has, as a question to the carer.

use crate::app::insight::measure::Measure;
use crate::growth::improbable::{Question, Slip, improbable};
use crate::model::date::Gestation;
use crate::texts::{self, Locale};

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
