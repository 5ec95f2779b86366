//! Every section, field and age point of the ministerial form has its place in the model.

use crate::fixture_text;
use ayumi_core::model::kinds;
use serde_json::Value;

/// Boxes of the form that hold more than one thing; each thing is an entry of its own, of this kind.
const OWN_ENTRIES: &[(&str, &str, &str)] = &[
    ("mother_health", "past_births", "past_birth"),
    ("preg_diary", "emergency_contacts", "contact"),
    ("wellchild", "interim_rows", "growth"),
    // Curves and series are drawn from the measurements.
    ("growth", "percentiles", "growth"),
    ("growth", "items", "growth"),
];

fn form() -> Value {
    serde_json::from_str(&fixture_text("form/handbook_form.json")).unwrap()
}

#[test]
fn every_section_and_field_is_there() {
    let form = form();
    let sections = form["record_sections"].as_array().unwrap();
    assert_eq!(sections.len(), 22);
    for section in sections {
        let id = section["id"].as_str().unwrap();
        let kind = kinds::find(id).unwrap_or_else(|| panic!("no kind for section {id}"));
        for field in section["fields"].as_array().unwrap() {
            let key = field["key"].as_str().unwrap();
            if let Some((.., own)) = OWN_ENTRIES.iter().find(|(s, k, _)| *s == id && *k == key) {
                assert!(kinds::find(own).is_some(), "{own}");
                continue;
            }
            // The day of a record is the entry's own day.
            let day = matches!(key, "date" | "age_date");
            let part = |k: &str| k == key || k.strip_prefix(key).is_some_and(|rest| rest.starts_with('_'));
            assert!(day || kind.fields.iter().any(|f| part(f.key)), "{id}.{key} has no place");
            if let Some(unit) = field["unit"].as_str().filter(|_| field["type"] == "number") {
                let ours = kind.field(key).unwrap().field_type.unit();
                assert!(unit.contains(ours) && !ours.is_empty(), "{id}.{key}: {ours} for {unit}");
            }
            let options = field["options"].as_array().map_or(0, Vec::len);
            let known = kind.fields.iter().filter(|f| part(f.key)).map(|f| f.field_type.options().len()).max();
            assert!(day || known.unwrap_or(0) >= options, "{id}.{key}: {options} options on paper");
        }
    }
}

#[test]
fn every_age_point_and_item_of_the_guardians_record_is_there() {
    let form = form();
    let points = form["guardian_record"]["age_points"].as_array().unwrap();
    assert_eq!(points.len(), 13);
    for point in points {
        let age = point["age"].as_str().unwrap();
        let kind = kinds::find(&format!("guardian_{age}")).unwrap_or_else(|| panic!("{age}"));
        let listed = |name: &str| point[name].as_array().map_or(0, Vec::len);
        let answers: usize =
            point["domains"].as_object().unwrap().values().map(|items| items.as_array().unwrap().len()).sum();
        let of_type = |name: &str| kind.fields.iter().filter(|f| f.field_type.name() == name).count();
        assert_eq!(of_type("approximate_date"), listed("dates"), "{age}: milestones are dates, with precision");
        // Every question, and free notes; "favourite play" and the birthday message are texts.
        let questions = of_type("yes_no") + of_type("yes_no_unsure");
        let texts = of_type("text");
        assert_eq!(questions + texts, answers + listed("text") + 1, "{age}");
        assert_eq!(kind.field("worry").unwrap().field_type.name(), "yes_no_unsure", "{age}");
        assert!(kind.once);
    }
}

#[test]
fn reverse_coded_and_act_soon_items_are_known() {
    let form = form();
    let count = |name: &str| form["guardian_record"][name].as_array().unwrap().len();
    // "Sleep trouble items" are two fields on the form.
    assert_eq!(kinds::REVERSE_CODED.len(), count("reverse_coded") + 1);
    for key in kinds::REVERSE_CODED.iter().chain(kinds::ACT_SOON) {
        assert!(kinds::KINDS.iter().any(|kind| kind.id.starts_with("guardian_") && kind.field(key).is_some()), "{key}");
    }
}
