//! Measurements of an entry by the day they were taken.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};
use serde_json::Value;

use crate::app::insight::measure::Measure;
use crate::growth::body::bmi;
use crate::model::kind::KindDef;
use crate::model::kinds;
use crate::model::notebook::NotebookType;
use crate::model::value::{FieldValue, Fields};

/// The kinds that hold measurements of a child, in the order of the form.
pub(in crate::app) fn kinds_of_child() -> impl DoubleEndedIterator<Item = &'static KindDef> {
    let measured = |kind: &&KindDef| kind.notebooks.contains(&NotebookType::Child) && kind.measured().next().is_some();
    kinds::KINDS.iter().filter(measured)
}

/// Measurements that were taken together: a day of an entry, and BMI where weight and stature are among them.
pub(in crate::app) struct Occasion {
    pub(in crate::app) on: NaiveDate,
    pub(in crate::app) values: Vec<(Measure, f64)>,
}

impl Occasion {
    /// Returns one of its values.
    pub(in crate::app) fn value(&self, wanted: Measure) -> Option<f64> {
        self.values.iter().find(|(measure, _)| *measure == wanted).map(|(_, value)| *value)
    }
}

/// The occasions of an entry, as the form says: which fields are measurements, in which unit, on which day.
pub(in crate::app) fn occasions(kind: &KindDef, on: Option<NaiveDate>, fields: &Fields) -> Vec<Occasion> {
    let Some(on) = on else { return Vec::new() };
    let mut by_day: BTreeMap<Option<&str>, Vec<(Measure, f64)>> = BTreeMap::new();
    for (field, measured) in kind.measured() {
        if let Some(number) = fields.get(field.key).and_then(Value::as_f64) {
            let measure = Measure::of(measured.quantity);
            let value = if field.field_type.unit() == "g" && measure.unit() == "kg" { number / 1000.0 } else { number };
            by_day.entry(measured.day).or_default().push((measure, value));
        }
    }
    let occasion = |(day, values): (Option<&str>, Vec<(Measure, f64)>)| {
        let mut occasion = Occasion { on: day.and_then(|key| day_in(fields.get(key)?)).unwrap_or(on), values };
        let pair = occasion.value(Measure::Weight).zip(occasion.value(Measure::Length));
        let index = pair.and_then(|(weight, length)| bmi(weight, length));
        occasion.values.extend(index.map(|index| (Measure::Bmi, index)));
        occasion
    };
    by_day.into_iter().map(occasion).collect()
}

/// The day of a date, or of a date and time.
fn day_in(value: &Value) -> Option<NaiveDate> {
    NaiveDate::from_json(value).or_else(|| NaiveDateTime::from_json(value).map(|time| time.date()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::field::FieldType;

    /// A field that the form calls a measurement reaches the curves, whatever its kind, with its own day and in the
    /// unit of the curves.
    #[test]
    fn every_measured_field_of_every_kind_is_a_measurement() {
        let (on, day) = (NaiveDate::from_ymd_opt(2026, 3, 1).unwrap(), NaiveDate::from_ymd_opt(2026, 3, 5).unwrap());
        let mut seen = 0;
        for kind in kinds::KINDS {
            for (field, measured) in kind.measured() {
                let (measure, unit) = (Measure::of(measured.quantity), field.field_type.unit());
                let divisor = match (unit, measure.unit()) {
                    ("g", "kg") => 1000.0,
                    (same, wanted) => {
                        assert_eq!(same, wanted, "{}.{}: no way to this unit", kind.id, field.key);
                        1.0
                    }
                };
                let mut fields: Fields = [(field.key.to_owned(), Value::from(50))].into();
                if let Some(key) = measured.day {
                    let text = match kind.field(key).unwrap().field_type {
                        FieldType::DateTime => format!("{day}T08:00"),
                        _ => day.to_string(),
                    };
                    fields.insert(key.to_owned(), Value::from(text));
                }
                let occasions = occasions(kind, Some(on), &fields);
                let wanted = if measured.day.is_some() { day } else { on };
                assert_eq!(occasions.len(), 1, "{}.{}", kind.id, field.key);
                assert_eq!(
                    (occasions[0].on, occasions[0].value(measure)),
                    (wanted, Some(50.0 / divisor)),
                    "{}",
                    field.key
                );
                seen += 1;
            }
        }
        assert!(seen >= 19, "{seen} measured fields");
    }
}
