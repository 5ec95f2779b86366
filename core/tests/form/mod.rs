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

/// A line of `fixtures/form/guardian_questions.csv`.
struct Question {
    age: String,
    item: String,
    key: String,
    reversed: bool,
}

fn questions() -> Vec<Question> {
    let text = fixture_text("form/guardian_questions.csv");
    let mut lines = csv::Reader::from_reader(text.as_bytes());
    let cells = |line: csv::StringRecord| line.iter().map(str::to_owned).collect::<Vec<_>>();
    lines
        .records()
        .map(|line| match cells(line.unwrap()).as_slice() {
            [age, item, key, reversed] => {
                Question { age: age.clone(), item: item.clone(), key: key.clone(), reversed: reversed == "yes" }
            }
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn each_question_has_the_key_the_age_and_the_polarity_of_the_form() {
    let form = form();
    let questions = questions();
    for point in form["guardian_record"]["age_points"].as_array().unwrap() {
        let age = point["age"].as_str().unwrap();
        let kind = kinds::find(&format!("guardian_{age}")).unwrap_or_else(|| panic!("{age}"));
        let here = || questions.iter().filter(|question| question.age == age);
        // Every item of the form, and what came in 2023.
        let items: Vec<&str> =
            here().map(|question| question.item.as_str()).filter(|item| !item.starts_with("new in 2023")).collect();
        let of_the_form: Vec<&str> = point["domains"]
            .as_object()
            .unwrap()
            .values()
            .flat_map(|items| items.as_array().unwrap().iter().map(|item| item.as_str().unwrap()))
            .collect();
        let sorted = |mut items: Vec<&str>| {
            items.sort_unstable();
            items.iter().map(|item| (*item).to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(sorted(items), sorted(of_the_form), "{age}");
        // They are what is asked, beside the days of milestones and free words.
        let asked: Vec<&str> = kinds::asked(kind)
            .filter(|field| field.field_type.name() != "approximate_date")
            .map(|field| field.key)
            .filter(|key| !["notes", "birthday_message"].contains(key))
            .collect();
        assert_eq!(sorted(here().map(|question| question.key.as_str()).collect()), sorted(asked), "{age}");
        for question in here() {
            assert_eq!(kinds::REVERSE_CODED.contains(&question.key.as_str()), question.reversed, "{}", question.key);
        }
    }
}

#[test]
fn a_question_that_meant_something_else_is_not_asked_and_its_answers_stay_readable() {
    for (kind, key) in kinds::RETIRED {
        let kind = kinds::find(kind).unwrap_or_else(|| panic!("{kind}"));
        assert!(kinds::asked(kind).all(|field| field.key != *key), "{key} is asked");
        let answer = if *key == "married_age" { "28" } else { "はい" };
        assert!(kind.field(key).is_some_and(|field| field.read(answer).is_ok()), "{key} cannot be read");
    }
}

#[test]
fn every_age_point_of_the_guardians_record_is_there() {
    let form = form();
    let points = form["guardian_record"]["age_points"].as_array().unwrap();
    assert_eq!(points.len(), 13);
    for point in points {
        let age = point["age"].as_str().unwrap();
        let kind = kinds::find(&format!("guardian_{age}")).unwrap_or_else(|| panic!("{age}"));
        let listed = |name: &str| point[name].as_array().map_or(0, Vec::len);
        let of_type = |name: &str| kinds::asked(kind).filter(|f| f.field_type.name() == name).count();
        assert_eq!(of_type("approximate_date"), listed("dates"), "{age}: milestones are dates, with precision");
        assert_eq!(kind.field("worry").unwrap().field_type.name(), "yes_no_unsure", "{age}");
        assert!(kind.once);
    }
}

#[test]
fn reverse_coded_and_act_soon_items_are_known() {
    let form = form();
    let count = |name: &str| form["guardian_record"][name].as_array().unwrap().len();
    // "Sleep trouble items" are two fields on the form; two questions were asked with other words before.
    let asked = |key: &&&str| kinds::KINDS.iter().any(|kind| kinds::asked(kind).any(|field| field.key == **key));
    assert_eq!(kinds::REVERSE_CODED.iter().filter(asked).count(), count("reverse_coded") + 1);
    for key in kinds::REVERSE_CODED.iter().chain(kinds::ACT_SOON) {
        assert!(kinds::KINDS.iter().any(|kind| kind.id.starts_with("guardian_") && kind.field(key).is_some()), "{key}");
    }
}

/// Words.md E: results that stood in free text, or nowhere. Source: standard record of 3-year checks (wic 7518/13-14),
/// newborn hearing by automated ABR (JAOG), vitamin K once a week (proposal of 2021-11-30).
#[test]
fn e_results_have_fields_of_their_own() {
    for (kind, fields) in [
        (
            "wellchild",
            &[
                "vision_r",
                "vision_l",
                "vision_method",
                "refraction",
                "eye_position",
                "hearing",
                "hearing_method",
                "teeth_to_treat",
                "detailed_exam_result",
            ][..],
        ),
        ("tests", &["hearing_r", "hearing_l", "hearing_method", "retest_on"]),
        ("vitamin_k", &["method", "dose_no"]),
        ("prenatal_visit", &["efw", "efw_2", "efw_3", "efw_4"]),
        ("postnatal_care", &["purpose", "days_left"]),
        ("immunisation", &["maker_lot"]),
        ("others_record", &["text", "written_by"]),
        ("mother_self_postpartum", &["mood", "free"]),
    ] {
        let kind = kinds::find(kind).unwrap_or_else(|| panic!("{kind}"));
        for field in fields {
            assert!(kinds::asked(kind).any(|asked| asked.key == *field), "{}.{field} is asked", kind.id);
        }
    }
    let sight = kinds::find("wellchild").unwrap().field("vision_r").unwrap();
    assert_eq!(sight.read("0.5").unwrap(), 0.5);
    assert!(sight.read("5").is_err(), "0.5 without its point");
    let method = kinds::find("tests").unwrap().field("hearing_method").unwrap();
    assert!(method.read("automated_abr").is_ok() && method.read("oae").is_ok());
}
