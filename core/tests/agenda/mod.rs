//! Events of the agenda against `fixtures/events/events.json`, where they came from.

use std::collections::BTreeSet;

use crate::fixture_text;
use ayumi_core::content::Content;
use ayumi_core::content::event::{EventDef, ForWhom, Force};
use ayumi_core::content::moment::Confidence;
use serde_json::Value;

/// In the source, and elsewhere in Ayumi.
const ELSEWHERE: [(&str, &str); 2] = [
    ("RSV_MAT", "a vaccination: content/vaccines"),
    ("PRENATAL_TESTS", "what a visit holds, not a day of its own: the form has its fields"),
];

#[test]
fn every_event_of_the_source_is_there_with_its_confidence_force_and_sources() {
    let json: Value = serde_json::from_str(&fixture_text("events/events.json")).unwrap();
    let content = Content::default();
    let rules = content.agenda().unwrap();
    let (mut seen, mut prenatal) = (BTreeSet::new(), 0);
    let events = json.as_object().unwrap().values().filter_map(Value::as_array).flatten();
    for event in events.filter(|event| event.get("ja").is_some()) {
        let id = event["id"].as_str().unwrap();
        if ELSEWHERE.iter().any(|(known, _)| *known == id) {
            continue;
        }
        // Nominal weeks of fourteen visits: only the frequencies are national, so there are no slots to run out of.
        if id.starts_with("PRENATAL_") {
            prenatal += 1;
            continue;
        }
        let ours = rules.event.iter().find(|ours| ours.id == id).unwrap_or_else(|| panic!("{id} is missing"));
        assert_eq!(event["conf"].as_str().unwrap(), ours.confidence.to_string(), "{id}");
        let sources: Vec<&str> = event["sources"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(sources, ours.sources, "{id}");
        assert_eq!(
            ours.force == Force::Statutory || ours.force == Force::Duty,
            by_law(event),
            "{id}: {}",
            event["force"]
        );
        if ours.confidence == Confidence::C || event["conf_window"] == "C" {
            assert!(ours.from.is_none() && ours.where_offered, "{id}: an unconfirmed window drives nothing");
        }
        let whom = event["subject"].as_str().unwrap();
        let fits = match ours.whom {
            ForWhom::Pregnant => whom == "pregnant",
            ForWhom::Postpartum => whom == "postpartum",
            ForWhom::Child => whom == "child",
            // A visit to the newborn is a visit to the family.
            ForWhom::Household => whom == "household" || id.starts_with("VISIT"),
        };
        assert!(fits, "{id}: {whom}");
        seen.insert(id.to_owned());
    }
    assert_eq!(prenatal, 14);
    let left: Vec<&EventDef> = rules.event.iter().filter(|event| !seen.contains(&event.id)).collect();
    assert!(left.is_empty(), "{left:?}");
    let weeks: Vec<(u32, u32)> = rules.prenatal.iter().map(|step| (step.from_week, step.every_weeks)).collect();
    assert_eq!(weeks, [(0, 4), (24, 2), (36, 1)], "every 4 weeks to 23w, 2 to 35w, weekly from 36w");
}

/// What the source's words say of law: a duty of the family, or something that the municipality or school must offer.
fn by_law(event: &Value) -> bool {
    let force = event["force"].as_str().unwrap();
    force.contains("law duty")
        || force.contains("immigration law")
        || force.starts_with("STATUTORY")
        || force.contains("municipal duty under Child Welfare Act")
        || force.contains("School Health and Safety Act")
}
