//! The data types of FHIR that are read, with the elements that are looked at.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::fhir::open::Resource;
use crate::fhir::why::Why;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Coding {
    pub system: String,
    pub code: String,
    pub display: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Concept {
    pub coding: Vec<Coding>,
    pub text: String,
}

impl Concept {
    /// Its words: its text, else the first name of a code.
    pub(super) fn words(&self) -> String {
        let names = self.coding.iter().map(|coding| &coding.display);
        std::iter::once(&self.text).chain(names).find(|text| !text.trim().is_empty()).cloned().unwrap_or_default()
    }

    pub(super) fn code(&self, system: &str) -> Option<&str> {
        let found = self.coding.iter().find(|coding| coding.system == system && !coding.code.is_empty());
        found.map(|coding| coding.code.as_str())
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reference {
    pub reference: String,
    pub display: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Quantity {
    pub value: Option<f64>,
    pub comparator: Option<String>,
    pub unit: String,
    pub system: String,
    pub code: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Note {
    pub text: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Period {
    pub start: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Observation {
    pub status: String,
    pub code: Concept,
    pub effective_date_time: String,
    pub effective_instant: String,
    pub effective_period: Period,
    pub value_quantity: Option<Quantity>,
    pub note: Vec<Note>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Immunization {
    pub status: String,
    pub vaccine_code: Concept,
    pub occurrence_date_time: String,
    pub lot_number: String,
    pub manufacturer: Reference,
    pub site: Concept,
    pub performer: Vec<Performer>,
    pub note: Vec<Note>,
    pub protocol_applied: Vec<Protocol>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Performer {
    pub actor: Reference,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Protocol {
    pub dose_number_positive_int: Option<i64>,
    pub dose_number_string: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Media {
    pub created_date_time: String,
    pub width: Option<i64>,
    pub height: Option<i64>,
    pub content: Attachment,
    pub note: Vec<Note>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Attachment {
    pub data: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Response {
    pub authored: String,
    pub item: Vec<Item>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Item {
    pub link_id: String,
    pub answer: Vec<serde_json::Map<String, Value>>,
    pub item: Vec<Self>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Patient {
    pub name: Vec<HumanName>,
    pub gender: String,
    pub birth_date: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct HumanName {
    pub text: String,
    pub family: String,
    pub given: Vec<String>,
}

/// Reads the elements of a resource that are looked at.
pub(super) fn elements<T: DeserializeOwned>(resource: &Resource) -> Result<T, Why> {
    T::deserialize(Value::Object(resource.body.clone())).map_err(|_| Why::Unreadable)
}
