//! What JP Core requires of the resources that it has profiles for. Its packages cannot be had offline, so no profile is
//! declared and HAPI does not check it: this table does. Source: JP Core 1.2.0, repository of 2025-09-26, profiles
//! JP_Patient, JP_Immunization, JP_Observation_Common, JP_Observation_BodyMeasurement.

use serde_json::Value;

use super::frozen::documents;

/// Resource, a path in it, what must stand there: nothing said means "something".
const REQUIRED: &[(&str, &str, &str)] = &[
    ("Patient", "/identifier/0/system", ""),
    ("Patient", "/identifier/0/value", ""),
    ("Immunization", "/status", "completed"),
    ("Immunization", "/vaccineCode/text", ""),
    ("Immunization", "/patient/reference", ""),
    ("Immunization", "/occurrenceDateTime", ""),
];

/// The same of body measurements.
const BODY: &[(&str, &str)] = &[
    ("/status", "final"),
    // category[first]: system and code are fixed.
    ("/category/0/coding/0/system", "http://jpfhir.jp/fhir/core/CodeSystem/JP_SimpleObservationCategory_CS"),
    ("/category/0/coding/0/code", "body-measurement"),
    // category[second]: the system is fixed.
    ("/category/1/coding/0/system", "http://jpfhir.jp/fhir/core/CodeSystem/JP_ObservationBodyMeasurementCategory_CS"),
    ("/category/1/coding/0/code", ""),
    ("/code/coding/0/system", "http://jpfhir.jp/fhir/core/CodeSystem/JP_ObservationBodyMeasurementCode_CS"),
    ("/code/coding/0/code", ""),
    ("/subject/reference", ""),
];

/// Code, and the category that MEDIS files it under.
const CODES: &[(&str, &str)] = &[
    ("31000296", "weight"),
    ("31000297", "weight"),
    ("31002900", "weight"),
    ("31000298", "height"),
    ("31000299", "chest-circumference"),
    ("31006116", "head-circumference"),
];

fn holds(resource: &Value, path: &str, wanted: &str) -> bool {
    let found = resource.pointer(path).and_then(Value::as_str).unwrap_or_default();
    !found.is_empty() && (wanted.is_empty() || found == wanted)
}

/// Checks a document; returns how many body measurements it has.
pub(super) fn check(document: &Value) -> usize {
    let mut body = 0;
    for entry in document["entry"].as_array().unwrap() {
        let resource = &entry["resource"];
        let kind = resource["resourceType"].as_str().unwrap();
        assert!(resource.pointer("/meta/profile").is_none(), "no profile is declared: {resource}");
        for (of, path, wanted) in REQUIRED.iter().filter(|(of, ..)| *of == kind) {
            assert!(holds(resource, path, wanted), "{of}{path} {wanted}: {resource}");
        }
        if kind == "Observation" && resource["category"].as_array().unwrap().len() > 1 {
            body += 1;
            for (path, wanted) in BODY {
                assert!(holds(resource, path, wanted), "Observation{path} {wanted}: {resource}");
            }
            let code = resource["code"]["coding"][0]["code"].as_str().unwrap();
            let category = resource["category"][1]["coding"][0]["code"].as_str().unwrap();
            assert!(CODES.contains(&(code, category)), "{code} {category}");
        }
    }
    body
}

#[test]
fn what_jp_core_requires_is_there() {
    let counts: Vec<usize> = documents().iter().map(check).collect();
    assert_eq!(counts, [12, 0]);
}
