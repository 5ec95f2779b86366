//! A dose as an `Immunization`.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::shared::{Document, PERSON, reference, say, tag};
use crate::fhir::FileEntry;
use crate::fhir::codes::{CVX, cvx_of};
use crate::fhir::names::PRODUCTS;
use crate::model::value::Fields;
use crate::texts;

pub(super) fn immunization(document: &Document<'_>, entry: &FileEntry, on: NaiveDate, rest: &mut Fields) -> Value {
    let mut take = |key: &str| rest.remove(key);
    let origin = json!([{"system": "http://terminology.hl7.org/CodeSystem/immunization-origin", "code": "record"}]);
    let mut given = json!({
        "resourceType": "Immunization",
        "identifier": [tag(entry, None)],
        "status": "completed",
        "vaccineCode": vaccine(document, entry, take("vaccine")),
        "patient": reference(document, PERSON),
        "occurrenceDateTime": on.to_string(),
        "primarySource": false,
        "reportOrigin": {"coding": origin, "text": say(document, "origin")},
    });
    if let Some(lot) = take("maker_lot") {
        given["lotNumber"] = lot;
    }
    if let Some(site) = take("site_note") {
        given["site"] = json!({"text": site});
    }
    if let Some(doctor) = take("doctor") {
        given["performer"] = json!([{"actor": {"display": doctor}}]);
    }
    if let Some(remark) = take("remark") {
        given["note"] = json!([{"text": remark}]);
    }
    if let Some(dose) = take("dose_no") {
        given["protocolApplied"] = json!([{"doseNumberPositiveInt": dose}]);
    }
    given
}

/// Our own code first, then the CDC's where it means the same.
fn vaccine(document: &Document<'_>, entry: &FileEntry, product: Option<Value>) -> Value {
    let Some(product) = product.as_ref().and_then(Value::as_str) else {
        return json!({"text": texts::field_label(&entry.kind, "vaccine", document.locale)});
    };
    let label = texts::option_label(&entry.kind, "vaccine", product, document.locale);
    let mut coding = vec![json!({"system": PRODUCTS, "code": product, "display": label})];
    coding.extend(cvx_of(product).map(|code| json!({"system": CVX, "code": code})));
    json!({"coding": coding, "text": label})
}
