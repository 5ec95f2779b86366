//! The answers of an entry of ours, from the items of its `QuestionnaireResponse`.

use serde_json::{Map, Value};

use super::types::{Item, Quantity, Response};
use crate::fhir::when;
use crate::fhir::why::Why;
use crate::model::field::{FieldDef, FieldType};
use crate::model::kinds;
use crate::model::value::{FieldValue, Fields};

/// Reads the items as fields of a kind. Whether their values may stand there is asked where entries are made.
pub(super) fn fields(kind: &str, response: &Response) -> Result<Fields, Why> {
    let kind = kinds::find(kind);
    let mut fields = Fields::new();
    for item in &response.item {
        let field = kind.and_then(|kind| kind.field(&item.link_id));
        let value = value(item, field)?;
        if item.link_id.is_empty() || fields.insert(item.link_id.clone(), value).is_some() {
            return Err(Why::SaysTwoThings);
        }
    }
    Ok(fields)
}

fn value(item: &Item, field: Option<&FieldDef>) -> Result<Value, Why> {
    let answers = item.answer.iter().map(|answer| plain(answer, field)).collect::<Result<Vec<_>, Why>>()?;
    match (field.map(|field| field.field_type), answers.as_slice()) {
        (Some(FieldType::Flags(_)), _) => Ok(answers.into()),
        (Some(FieldType::Teeth(_)), _) => {
            let tooth = |tooth: &Item| {
                let number = tooth.link_id.rsplit('/').next().unwrap_or_default().to_owned();
                match tooth.answer.as_slice() {
                    [answer] => Ok((number, plain(answer, field)?)),
                    _ => Err(Why::Unreadable),
                }
            };
            Ok(Value::Object(item.item.iter().map(tooth).collect::<Result<Map<String, Value>, Why>>()?))
        }
        (_, [answer]) => Ok(answer.clone()),
        _ => Err(Why::Unreadable),
    }
}

fn plain(answer: &Map<String, Value>, field: Option<&FieldDef>) -> Result<Value, Why> {
    let yes_no = matches!(field.map(|field| field.field_type), Some(FieldType::YesNo | FieldType::YesNoUnsure));
    let value = answer.iter().find(|(key, _)| key.starts_with("value"));
    let (key, value) = value.ok_or(Why::Unreadable)?;
    let text = || value.as_str().ok_or(Why::Unreadable);
    match key.as_str() {
        "valueCoding" => value.get("code").cloned().ok_or(Why::Unreadable),
        "valueBoolean" if yes_no => Ok(if value == &Value::Bool(true) { "yes".into() } else { "no".into() }),
        "valueQuantity" => {
            let quantity: Quantity = serde_json::from_value(value.clone()).map_err(|_| Why::Unreadable)?;
            let own = field.map_or("", |field| field.field_type.unit());
            if quantity.unit != own || quantity.comparator.is_some() {
                return Err(Why::UnknownUnit);
            }
            value.get("value").cloned().ok_or(Why::NoValue)
        }
        "valueTime" => Ok(text()?.get(..5).ok_or(Why::Unreadable)?.into()),
        "valueDateTime" => {
            let when = when::read(text()?).ok_or(Why::NoDay)?;
            Ok(when.time.map_or_else(|| when.day.to_json(), |time| when.day.and_time(time).to_json()))
        }
        "valueString" | "valueDate" | "valueInteger" | "valueDecimal" | "valueBoolean" => Ok(value.clone()),
        _ => Err(Why::Unreadable),
    }
}
