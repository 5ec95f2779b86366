//! The person of a document, and the mother where some of it is about her.

use serde_json::{Map, Value, json};

use super::shared::{Document, PERSON, reference, say};
use crate::fhir::names;
use crate::model::kind::Record;
use crate::model::kinds::Profile;
use crate::model::notebook::NotebookType;
use crate::model::value::Fields;

/// The facts that stand in the patient itself, of a child. A pregnancy's or a private notebook's name is no person's.
const IN_PATIENT: [&str; 3] = ["name", "sex", "born"];
/// A link to another notebook: it means nothing outside the device, and would tie two files together.
const LINK: &str = "pregnancy";

/// The facts that the patient does not hold.
pub(super) fn rest(document: &Document<'_>) -> Fields {
    let mut rest = document.profile.clone();
    let child = document.notebook == NotebookType::Child;
    rest.retain(|key, value| key != LINK && !value.is_null() && !(child && IN_PATIENT.contains(&key.as_str())));
    rest
}

pub(super) fn patient(document: &Document<'_>) -> Value {
    let mut patient = Map::new();
    let mut put = |key: &str, value: Value| drop(patient.insert(key.to_owned(), value));
    put("resourceType", "Patient".into());
    put("identifier", json!([{"system": names::PERSON, "value": document.person.to_string()}]));
    if document.notebook == NotebookType::Child {
        let profile = Profile::from_fields(document.profile);
        if let Some(name) = profile.name {
            put("name", json!([{"text": name}]));
        }
        if let Some(sex) = profile.sex {
            put("gender", if sex == "unspecified" { "unknown".into() } else { sex.into() });
        }
        if let Some(born) = profile.born {
            put("birthDate", born.to_string().into());
        }
        if let ("death", Some(on)) = (profile.ended.as_deref().unwrap_or_default(), profile.ended_on) {
            put("deceasedDateTime", on.to_string().into());
        }
    }
    Value::Object(patient)
}

/// The mother in a child's document: nothing is said of her but that she is.
pub(super) fn mother(document: &Document<'_>) -> Value {
    let code = json!([{"system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": "MTH"}]);
    json!({
        "resourceType": "RelatedPerson",
        "patient": reference(document, PERSON),
        "relationship": [{"coding": code, "text": say(document, "mother")}],
    })
}
