//! The next doses as a FHIR R4 `ImmunizationRecommendation`.
//!
//! Date criteria carry LOINC codes (30981-5 earliest, 30980-7 due, 59777-3 latest), from R4's value set
//! immunization-recommendation-date-criterion. The status mapping is ours; no JP Core profile was found. LOINC is © Regenstrief
//! Institute, Inc.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::plan::{NextDose, Status};

const STATUS: &str = "http://terminology.hl7.org/CodeSystem/immunization-recommendation-status";

/// The recommendation for a patient reference such as `Patient/…`. `name` gives the words of a series.
pub fn recommendation(next: &[NextDose], patient: &str, today: NaiveDate, name: impl Fn(&str) -> String) -> Value {
    let open: Vec<Value> = next.iter().map(|dose| one(dose, &name)).collect();
    json!({
        "resourceType": "ImmunizationRecommendation",
        "patient": {"reference": patient},
        "date": today.to_string(),
        "recommendation": open,
    })
}

fn one(dose: &NextDose, name: impl Fn(&str) -> String) -> Value {
    let dates = [
        ("30981-5", "Earliest date to give", dose.earliest),
        ("30980-7", "Date vaccine due", dose.standard_from.or(dose.earliest)),
        ("59777-3", "Latest date to give immunization", dose.last_routine_day),
    ];
    let criteria: Vec<Value> = dates
        .into_iter()
        .filter_map(|(code, display, day)| {
            let coding = json!([{"system": "http://loinc.org", "code": code, "display": display}]);
            day.map(|day| json!({"code": {"coding": coding}, "value": day.to_string()}))
        })
        .collect();
    let mut status = json!({"text": dose.status.key()});
    if let Some(code) = status_code(dose.status) {
        status["coding"] = json!([{"system": STATUS, "code": code}]);
    }
    let mut resource = json!({
        "vaccineCode": [{"text": name(&dose.series)}],
        "series": dose.series,
        "doseNumberPositiveInt": dose.dose.max(1),
        "forecastStatus": status,
        "forecastReason": dose.because.iter().map(|rule| json!({"text": rule})).collect::<Vec<_>>(),
    });
    if !criteria.is_empty() {
        resource["dateCriterion"] = Value::Array(criteria);
    }
    resource
}

/// FHIR's own list knows less; the precise status stands beside it as text. Nothing here is ever "overdue": after the
/// standard window a dose is as free as before.
const fn status_code(status: Status) -> Option<&'static str> {
    match status {
        Status::Completed | Status::DroppedByRule => Some("complete"),
        Status::NotYet
        | Status::DueSoon
        | Status::Eligible
        | Status::RecommendedNow
        | Status::PastStandardStillEligible => Some("due"),
        _ => None,
    }
}
