//! Measurements of the child, and temperatures, as `Observation`s.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::shared::{Document, PERSON, reference, subject, tag};
use crate::fhir::FileEntry;
use crate::fhir::codes::{
    BODY, BodyCode, CATEGORY, JP_BIRTH_WEIGHT, JP_BODY, JP_BODY_CATEGORY, JP_CATEGORY, LOINC, TEMPERATURE, UCUM,
};
use crate::fhir::when;
use crate::model::field::{FieldDef, Quantity};
use crate::model::kind::Record;
use crate::model::kinds::{self, Delivery};
use crate::model::value::{FieldValue, Fields};
use crate::texts;

/// The measurements of an entry that have a code, on the days they were made; they are taken out of `rest`.
pub(super) fn measurements(document: &Document<'_>, entry: &FileEntry, on: NaiveDate, rest: &mut Fields) -> Vec<Value> {
    let Some(kind) = kinds::find(&entry.kind) else { return Vec::new() };
    let mut all = Vec::new();
    for (field, measured) in kind.measured() {
        let Some(body) = BODY.iter().find(|body| body.quantity == measured.quantity) else { continue };
        let Some(value) = rest.get(field.key).filter(|value| value.is_number()) else { continue };
        let day = measured.day.and_then(|day| entry.fields.get(day)).and_then(Value::as_str);
        let effective = match day {
            None => on.to_string(),
            Some(text) => match (NaiveDate::from_json(&text.into()), chrono::NaiveDateTime::from_json(&text.into())) {
                (Some(day), _) => day.to_string(),
                (None, Some(moment)) => when::write(moment),
                (None, None) => continue,
            },
        };
        let code = code(document, entry, field, body);
        all.push(observation(document, entry, field, categories(body), code, effective, value));
        rest.remove(field.key);
    }
    all
}

fn code(document: &Document<'_>, entry: &FileEntry, field: &FieldDef, body: &BodyCode) -> Value {
    let unit = field.field_type.unit();
    let birth_weight = entry.kind == Delivery::KIND.id && body.quantity == Quantity::Weight;
    let jp = if birth_weight {
        Some(JP_BIRTH_WEIGHT)
    } else {
        body.jp.iter().find(|(of, _)| *of == unit).map(|(_, code)| *code)
    };
    let mut coding: Vec<Value> = jp.map(|code| json!({"system": JP_BODY, "code": code})).into_iter().collect();
    coding.extend(body.loinc.map(|(code, name)| json!({"system": LOINC, "code": code, "display": name})));
    json!({"coding": coding, "text": texts::field_label(&entry.kind, field.key, document.locale)})
}

/// JP Core's two; and FHIR's own where the measurement is a vital sign.
fn categories(body: &BodyCode) -> Vec<Value> {
    let one = |system: &str, code: &str| json!({"coding": [{"system": system, "code": code}]});
    let mut all = vec![one(JP_CATEGORY, "body-measurement"), one(JP_BODY_CATEGORY, body.jp_category)];
    if body.loinc.is_some() {
        all.push(one(CATEGORY, "vital-signs"));
    }
    all
}

fn observation(
    document: &Document<'_>,
    entry: &FileEntry,
    field: &FieldDef,
    category: Vec<Value>,
    code: Value,
    effective: String,
    value: &Value,
) -> Value {
    let (unit, ucum) = match field.field_type.unit() {
        "°C" => ("°C", "Cel"),
        unit => (unit, unit),
    };
    json!({
        "resourceType": "Observation",
        "identifier": [tag(entry, Some(field.key))],
        "status": "final",
        "category": category,
        "code": code,
        "subject": subject(document, &entry.kind),
        "effectiveDateTime": effective,
        "valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": ucum},
    })
}

/// A temperature with its time and note; all of it is taken out of `rest`.
pub(super) fn temperature(
    document: &Document<'_>,
    entry: &FileEntry,
    on: NaiveDate,
    rest: &mut Fields,
) -> Option<Value> {
    let field = kinds::Temperature::KIND.field("value")?;
    let value = rest.remove(field.key).filter(Value::is_number)?;
    let time = rest.remove("at").as_ref().and_then(chrono::NaiveTime::from_json);
    let effective = time.map_or_else(|| on.to_string(), |time| when::write(on.and_time(time)));
    let category = json!({"coding": [{"system": CATEGORY, "code": "vital-signs"}]});
    let (loinc, name) = TEMPERATURE;
    let text = texts::field_label(&entry.kind, field.key, document.locale);
    let code = json!({"coding": [{"system": LOINC, "code": loinc, "display": name}], "text": text});
    let mut read = observation(document, entry, field, vec![category], code, effective, &value);
    read["subject"] = reference(document, PERSON);
    if let Some(note) = rest.remove("note") {
        read["note"] = json!([{"text": note}]);
    }
    Some(read)
}
