//! The other answers of an entry as a `QuestionnaireResponse`: an item for each field, named by the field's key.

use serde_json::{Value, json};

use super::shared::{Document, subject, tag};
use crate::fhir::FileEntry;
use crate::fhir::names::OPTIONS;
use crate::fhir::when;
use crate::model::field::FieldType;
use crate::model::kinds;
use crate::model::value::{FieldValue, Fields};
use crate::texts;

/// The answers `rest` of an entry.
pub(super) fn response(document: &Document<'_>, entry: &FileEntry, rest: Fields) -> Value {
    let items: Vec<Value> = rest.iter().map(|(key, value)| item(document, &entry.kind, key, value)).collect();
    let mut response = json!({
        "resourceType": "QuestionnaireResponse",
        "identifier": tag(entry, None),
        "status": "completed",
        "subject": subject(document, &entry.kind),
    });
    if let Some(on) = entry.on {
        response["authored"] = on.to_string().into();
    }
    if !items.is_empty() {
        response["item"] = items.into();
    }
    response
}

fn item(document: &Document<'_>, kind: &str, key: &str, value: &Value) -> Value {
    let mut item = json!({"linkId": key, "text": texts::field_label(kind, key, document.locale)});
    let field_type = kinds::find(kind).and_then(|kind| kind.field(key)).map(|field| field.field_type);
    let option = |code: &str| {
        let label = texts::option_label(kind, key, code, document.locale);
        json!({"valueCoding": {"system": OPTIONS, "code": code, "display": label}})
    };
    let answers: Vec<Value> = match (field_type, value) {
        (Some(FieldType::Teeth(_)), Value::Object(teeth)) => {
            let tooth = |(tooth, found): (&String, &Value)| json!({"linkId": format!("{key}/{tooth}"), "text": tooth, "answer": [option(found.as_str().unwrap_or_default())]});
            if !teeth.is_empty() {
                item["item"] = teeth.iter().map(tooth).collect();
            }
            Vec::new()
        }
        (_, Value::Array(keys)) => keys.iter().filter_map(Value::as_str).map(option).collect(),
        (Some(FieldType::YesNo | FieldType::YesNoUnsure), Value::String(answer)) => match answer.as_str() {
            "yes" => vec![json!({"valueBoolean": true})],
            "no" => vec![json!({"valueBoolean": false})],
            other => vec![option(other)],
        },
        (Some(FieldType::Code(_)), Value::String(code)) => vec![option(code)],
        (Some(FieldType::Date), Value::String(day)) => vec![json!({"valueDate": day})],
        (Some(FieldType::Time), Value::String(time)) => vec![json!({"valueTime": format!("{time}:00")})],
        (Some(FieldType::DateTime), Value::String(_)) => {
            let moment = chrono::NaiveDateTime::from_json(value).map(when::write);
            moment.map(|moment| json!({"valueDateTime": moment})).into_iter().collect()
        }
        (field_type, Value::Number(_)) => match field_type.map_or("", FieldType::unit) {
            "" if value.is_i64() => vec![json!({"valueInteger": value})],
            "" => vec![json!({"valueDecimal": value})],
            unit => vec![json!({"valueQuantity": {"value": value, "unit": unit}})],
        },
        (_, Value::Bool(yes)) => vec![json!({"valueBoolean": yes})],
        (_, Value::String(text)) => vec![json!({"valueString": text})],
        (_, other) => vec![json!({"valueString": other.to_string()})],
    };
    if !answers.is_empty() {
        item["answer"] = answers.into();
    }
    item
}
