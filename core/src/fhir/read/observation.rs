//! Measurements and temperatures of others.

use chrono::NaiveDate;
use serde_json::Value;

use super::taken::Taken;
use super::types::{self, Quantity, elements};
use crate::fhir::codes::{LOINC, Meaning, UCUM, meaning};
use crate::fhir::open::Resource;
use crate::fhir::when;
use crate::fhir::why::Why;
use crate::model::field::FieldDef;
use crate::model::kind::{KindDef, Record};
use crate::model::kinds::{Growth, Temperature};
use crate::model::value::{FieldValue, Fields};

/// The elements that are read, or that say only what is said otherwise.
pub(super) const ELEMENTS: &[&str] = &[
    "identifier",
    "status",
    "category",
    "code",
    "subject",
    "effectiveDateTime",
    "effectiveInstant",
    "effectivePeriod",
    "valueQuantity",
    "note",
    "issued",
];

/// LOINC: body height, lying.
const LYING: &str = "8306-3";

/// A measurement that was read.
pub(super) struct Measured {
    pub kind: &'static str,
    pub day: NaiveDate,
    /// The moment as it was written.
    pub moment: String,
    pub fields: Fields,
}

impl Measured {
    /// Whether it was measured with another: one visit, each thing once.
    pub(super) fn goes_with(&self, taken: &Taken) -> bool {
        let growth = Growth::KIND.id;
        self.kind == growth && taken.kind == growth && self.fields.keys().all(|key| !taken.fields.contains_key(key))
    }
}

pub(super) fn read(resource: &Resource) -> Result<Measured, Why> {
    let read: types::Observation = elements(resource)?;
    match read.status.as_str() {
        "final" | "amended" | "corrected" => {}
        "" => return Err(Why::Unreadable),
        _ => return Err(Why::NotFinal),
    }
    let known = read.code.coding.iter().find_map(|coding| meaning(&coding.system, &coding.code));
    let (kind, field): (&'static KindDef, &FieldDef) = match known.ok_or(Why::UnknownCode)? {
        Meaning::Body(quantity) => {
            let field = Growth::KIND.measured().find(|(_, measured)| measured.quantity == quantity);
            (&Growth::KIND, field.ok_or(Why::UnknownCode)?.0)
        }
        Meaning::Temperature => (&Temperature::KIND, Temperature::KIND.field("value").ok_or(Why::UnknownCode)?),
    };
    let value = amount(read.value_quantity.as_ref().ok_or(Why::NoValue)?, field)?;
    let moment = [read.effective_date_time, read.effective_instant, read.effective_period.start];
    let moment = moment.into_iter().find(|text| !text.is_empty()).ok_or(Why::NoDay)?;
    let at = when::read(&moment).ok_or(Why::NoDay)?;
    let mut fields = Fields::from([(field.key.to_owned(), value)]);
    let note: Vec<&str> = read.note.iter().map(|note| note.text.trim()).filter(|text| !text.is_empty()).collect();
    if !note.is_empty() {
        fields.insert("note".into(), note.join("\n").into());
    }
    if let (Some(time), true) = (at.time, kind.id == Temperature::KIND.id) {
        fields.insert("at".into(), time.to_json());
    }
    if read.code.coding.iter().any(|coding| coding.system == LOINC && coding.code == LYING) {
        fields.insert("posture".into(), "lying".into());
    }
    Ok(Measured { kind: kind.id, day: at.day, moment, fields })
}

/// A quantity in the unit of a field. Factors are exact: the international pound and inch.
pub(super) fn amount(quantity: &Quantity, field: &FieldDef) -> Result<Value, Why> {
    let value = quantity.value.filter(|_| quantity.comparator.is_none()).ok_or(Why::NoValue)?;
    let said = if quantity.system == UCUM && !quantity.code.is_empty() { &quantity.code } else { &quantity.unit };
    let own = field.field_type.unit();
    let in_kilograms = match said.trim() {
        "kg" => Some(1.0),
        "g" => Some(0.001),
        "[lb_av]" | "lb" | "lbs" => Some(0.453_592_37),
        "[oz_av]" | "oz" => Some(0.028_349_523_125),
        _ => None,
    };
    let in_centimetres = match said.trim() {
        "cm" => Some(1.0),
        "m" => Some(100.0),
        "mm" => Some(0.1),
        "[in_i]" | "in" => Some(2.54),
        _ => None,
    };
    let converted = match (own, said.trim()) {
        ("kg", _) => in_kilograms.map(|factor| value * factor),
        ("g", _) => in_kilograms.map(|factor| value * factor * 1000.0),
        ("cm", _) => in_centimetres.map(|factor| value * factor),
        ("°C", "Cel" | "°C" | "degC" | "C") => Some(value),
        ("°C", "[degF]" | "°F" | "degF" | "F") => Some((value - 32.0) / 1.8),
        (own, said) if own == said => Some(value),
        _ => None,
    };
    // As fine as the handbook keeps it.
    let digits = match field.field_type {
        crate::model::field::FieldType::Decimal { decimals, .. } => i32::from(decimals),
        _ => 0,
    };
    let scale = 10_f64.powi(digits);
    converted.map(|number| Value::from((number * scale).round() / scale)).ok_or(Why::UnknownUnit)
}
