//! A FHIR file is a door that anybody can write to. Each test is named after what somebody wanted with it.

use std::collections::BTreeSet;

use ayumi_core::app::{Error, ListFilter, NewEntry};
use ayumi_core::fhir::open::{RESOURCES, Unopened, open};
use ayumi_core::model::Reason;

use ayumi_core::fhir::read::{own, read};
use serde_json::{Value, json};

use super::random::Random;
use super::with_child;

/// Our own document of another device's notebook of a child born on the same day.
fn exported() -> Value {
    let (_folder, book, child) = with_child("2024-05-03");
    book.entries()
        .add(&NewEntry::typed(child, "growth", "2024-11-05", &[("weight", "7.35"), ("note", "x")]).unwrap())
        .unwrap();
    serde_json::from_str(&book.export().fhir(child).unwrap()).unwrap()
}

fn tagged(document: &mut Value, change: impl Fn(&mut Value)) {
    for entry in document["entry"].as_array_mut().unwrap() {
        let resource = &mut entry["resource"];
        let tags = match &mut resource["identifier"] {
            Value::Array(all) => all.first_mut(),
            one => Some(one),
        };
        if let Some(value) = tags
            .and_then(|tag| tag.get_mut("value"))
            .filter(|value| value.as_str().is_some_and(|text| text.starts_with("growth/")))
        {
            change(value);
        }
    }
}

/// What is already there is named by an id that the file's writer learnt somewhere.
#[test]
fn an_id_of_another_entry_changes_and_revives_nothing() {
    let (_folder, book, child) = with_child("2024-05-03");
    let mine =
        book.entries().add(&NewEntry::typed(child, "growth", "2024-10-01", &[("weight", "6.9")]).unwrap()).unwrap();
    let mut file = exported();
    tagged(&mut file, |value| {
        let field = value.as_str().unwrap().splitn(3, '/').nth(2).map(|field| format!("/{field}")).unwrap_or_default();
        *value = format!("growth/{mine}{field}").into();
    });
    for deleted in [false, true] {
        if deleted {
            book.entries().delete(mine).unwrap();
        }
        let plan = book.import().plan_fhir(Some(child), file.to_string().as_bytes()).unwrap();
        assert_eq!((plan.count("add"), plan.count("update")), (0, 0));
        book.import().apply(plan, true).unwrap();
        let shown = book.entries().show(mine).unwrap();
        assert_eq!((shown.deleted, shown.fields["weight"].clone()), (deleted, json!(6.9)));
    }
}

#[test]
fn a_document_of_another_child_does_not_come_into_a_notebook_by_its_ids() {
    let (_folder, book, child) = with_child("2024-05-03");
    let mine = book.entries().add(&NewEntry::typed(child, "diary", "2024-10-01", &[("text", "x")]).unwrap()).unwrap();
    let mut file = exported();
    // It claims an entry of this notebook, to be brought there; and is of a child born on another day.
    tagged(&mut file, |value| *value = format!("diary/{mine}").into());
    for entry in file["entry"].as_array_mut().unwrap() {
        if entry["resource"]["resourceType"] == "Patient" {
            entry["resource"]["birthDate"] = "2023-01-01".into();
        }
    }
    let plan = book.import().plan_fhir(None, file.to_string().as_bytes()).unwrap();
    assert_eq!(plan.count("add"), 0);
    assert!(plan.count("problem") > 0);
}

#[test]
fn markup_in_a_narrative_is_never_read_and_in_a_text_stays_text() {
    let (_folder, book, child) = with_child("2024-05-03");
    let div = "<div xmlns=\"http://www.w3.org/1999/xhtml\"><script>alert(1)</script></div>";
    let file = json!({
        "resourceType": "Immunization", "text": {"status": "generated", "div": div}, "status": "completed",
        "vaccineCode": {"text": "<img src=x onerror=alert(1)>"}, "patient": {"reference": "Patient/1"}, "occurrenceDateTime": "2024-07-04",
    });
    let plan = book.import().plan_fhir(Some(child), file.to_string().as_bytes()).unwrap();
    book.import().apply(plan, false).unwrap();
    let entry = book.entries().list(child, &ListFilter::default()).unwrap().remove(0);
    assert!(!format!("{:?}", entry.fields).contains("script"));
    let html = book.export().html(child).unwrap();
    assert!(!html.contains("<img src=x") && html.contains("&lt;img src=x"));
    let document: Value = serde_json::from_str(&book.export().fhir(child).unwrap()).unwrap();
    let cover = &document["entry"][0]["resource"];
    assert_eq!(cover["resourceType"], "Composition");
    assert!(!cover["text"]["div"].as_str().unwrap().contains("img"), "nothing typed stands in a narrative");
}

#[test]
fn days_that_cannot_be_are_refused() {
    let (_folder, book, child) = with_child("2024-05-03");
    for on in [
        "9999-12-31",
        "2026-05-01",
        "2024-05-02",
        "1066-10-14",
        "0000-01-01",
        "2024-13-01",
        "-2024-01-01",
        "2024-07-04T99:00:00Z",
    ] {
        let file = json!({
            "resourceType": "Observation", "status": "final", "effectiveDateTime": on,
            "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]}, "valueQuantity": {"value": 7, "unit": "kg"},
        });
        let plan = book.import().plan_fhir(Some(child), file.to_string().as_bytes()).unwrap();
        assert_eq!((plan.count("add"), plan.count("problem")), (0, 1), "{on}");
    }
    // A notebook of a child that is not born yet, or was born before everybody.
    for born in ["2099-01-01", "1066-10-14"] {
        let mut file = exported();
        for entry in file["entry"].as_array_mut().unwrap() {
            if entry["resource"]["resourceType"] == "Patient" {
                entry["resource"]["birthDate"] = born.into();
            }
        }
        let (_folder, other) = super::handbook(ayumi_core::app::Locale::En);
        assert!(
            matches!(other.import().plan_fhir(None, file.to_string().as_bytes()), Err(Error::Invalid { .. })),
            "{born}"
        );
    }
}

#[test]
fn a_file_without_end_is_refused() {
    let deep =
        format!("{}1{}", "{\"resourceType\":\"Bundle\",\"entry\":[{\"resource\":".repeat(500), "}]}".repeat(500));
    assert!(matches!(open(deep.as_bytes()), Err(Unopened::NotFhir(..))));
    // Bundles within bundles, as deep as the parser goes.
    let deep =
        format!("{}{{}}{}", "{\"resourceType\":\"Bundle\",\"entry\":[{\"resource\":".repeat(30), "}]}".repeat(30));
    let found = open(deep.as_bytes()).unwrap();
    assert_eq!(found.iter().map(|one| one.kind.as_str()).collect::<Vec<_>>(), ["Bundle"]);
    let one = "{\"resource\":{\"resourceType\":\"Basic\"}}";
    let many = format!("{{\"resourceType\":\"Bundle\",\"entry\":[{}]}}", vec![one; RESOURCES + 1].join(","));
    assert_eq!(open(many.as_bytes()), Err(Unopened::TooLarge));
    for text in [
        "",
        "{",
        "[]",
        "null",
        "{}",
        "{\"resourceType\":7}x",
        "<Bundle xmlns=\"http://hl7.org/fhir\"/>",
        "{\"resourceType\":\"Bundle\",\"entry\":[7]}",
    ] {
        assert!(open(text.as_bytes()).is_err(), "{text}");
    }
    assert!(open(&[0xff, 0xfe, 0x7b]).is_err());
}

/// Puts something else in the place of one value, anywhere.
fn damage(value: &mut Value, random: &mut Random) {
    let at = |random: &mut Random, count: usize| usize::try_from(random.below(count as u64)).unwrap();
    match value {
        Value::Object(map) if !map.is_empty() && random.below(12) > 0 => {
            let place = at(random, map.len());
            let (_, inner) = map.iter_mut().nth(place).unwrap();
            damage(inner, random);
        }
        Value::Array(items) if !items.is_empty() && random.below(12) > 0 => {
            let place = at(random, items.len());
            damage(&mut items[place], random);
        }
        other => {
            let all = [
                json!(null),
                json!(true),
                json!(-1),
                json!(1e308),
                json!(""),
                json!("\u{0}あ"),
                json!([]),
                json!({}),
                json!([[]]),
                json!("0000-00-00"),
                json!("growth//"),
            ];
            *other = all[at(random, all.len())].clone();
        }
    }
}

/// Every resource of a damaged document is read, or named; nothing ends the program.
#[test]
fn a_damaged_document_is_read_or_named_and_ends_nothing() {
    let frozen = super::frozen::documents();
    for seed in 0..2000 {
        let mut random = Random(seed);
        let mut document = frozen[usize::try_from(seed % 2).unwrap()].clone();
        for _ in 0..=random.below(4) {
            damage(&mut document, &mut random);
        }
        let Ok(found) = open(document.to_string().as_bytes()) else { continue };
        let _ = own(&found);
        let reading = read(&found, Some("2024-05-03".parse().unwrap()));
        let places: BTreeSet<u64> =
            reading.left.iter().map(|left| left.place).chain(reading.taken.iter().map(|taken| taken.place)).collect();
        let tagged = |resource: &ayumi_core::fhir::open::Resource| {
            resource.body.get("identifier").is_some() || resource.kind == "Observation"
        };
        let silent: Vec<_> =
            found.iter().filter(|one| !places.contains(&one.place) && !tagged(one)).map(|one| &one.kind).collect();
        assert!(silent.is_empty(), "{seed}: {silent:?}");
    }
}

/// Two resources under one tag that contradict each other: whichever came last would win.
#[test]
fn a_second_part_does_not_overwrite_the_first() {
    let mut file = exported();
    let again = file["entry"]
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["resource"]["resourceType"] == "Observation")
        .cloned();
    let mut again = again.unwrap();
    again["fullUrl"] = "urn:uuid:40404040-4040-4040-8040-404040404040".into();
    again["resource"]["valueQuantity"]["value"] = json!(9.9);
    file["entry"].as_array_mut().unwrap().push(again);
    let (_folder, other) = super::handbook(ayumi_core::app::Locale::En);
    let plan = other.import().plan_fhir(None, file.to_string().as_bytes()).unwrap();
    assert_eq!(plan.count("problem"), 1);
    other.import().apply(plan, true).unwrap();
    let child = other.notebooks().list().unwrap().remove(0).id;
    let growth = other.entries().list(child, &ListFilter::default()).unwrap().remove(0);
    assert_eq!(growth.fields["weight"], 7.35);
}

/// The server knows a notebook's id; a clinic that gets a file must not be able to ask it about that.
#[test]
fn no_id_of_a_notebook_or_an_entry_stands_in_a_document() {
    let (_folder, book, child) = with_child("2024-05-03");
    let entry = book.entries().add(&NewEntry::typed(child, "diary", "2024-11-05", &[("text", "x")]).unwrap()).unwrap();
    let (one, two) = (book.export().fhir(child).unwrap(), book.export().fhir(child).unwrap());
    for id in [child.to_string(), entry.to_string()] {
        assert!(!one.contains(&id), "{id}");
    }
    let person = |text: &str| -> Value {
        let document: Value = serde_json::from_str(text).unwrap();
        let all = document["entry"].as_array().unwrap().clone();
        all.into_iter().find(|entry| entry["resource"]["resourceType"] == "Patient").unwrap()["resource"]["identifier"]
            .clone()
    };
    assert_ne!(person(&one), person(&two), "a person has another name in each file");
}

/// A day within a resource of ours, not that of the resource: it is judged from the birth and from today, as where people type.
#[test]
fn a_day_within_an_entry_that_cannot_be_is_refused() {
    let (_folder, book, child) = with_child("2024-05-03");
    let walked = [("what", "walking_alone"), ("achieved", "2025-06-01")];
    book.entries().add(&NewEntry::typed(child, "milestone", "2025-06-01", &walked).unwrap()).unwrap();
    let file = book.export().fhir(child).unwrap();
    let (_folder, other) = super::handbook(ayumi_core::app::Locale::En);
    for (achieved, reason) in [("2019-06-01", Reason::BeforeBirth), ("2031-06-01", Reason::InFuture)] {
        let mut document: Value = serde_json::from_str(&file).unwrap();
        for entry in document["entry"].as_array_mut().unwrap() {
            let items = entry["resource"]["item"].as_array_mut();
            for item in items.into_iter().flatten().filter(|item| item["linkId"] == "achieved") {
                item["answer"] = json!([{"valueString": achieved}]);
            }
        }
        let plan = other.import().plan_fhir(None, document.to_string().as_bytes()).unwrap();
        let problems: Vec<Reason> = plan.summary().problems.iter().map(|problem| problem.why.reason).collect();
        assert_eq!(problems, [reason], "{achieved}");
    }
}

#[test]
fn every_type_that_is_left_out_is_counted_once() {
    let (_folder, book, child) = with_child("2024-05-03");
    let file = json!({"resourceType": "Bundle", "entry": [
        {"resource": {"resourceType": "Basic"}}, {"resource": {"resourceType": "Account"}}, {"resource": {"resourceType": "Basic"}},
    ]});
    let plan = book.import().plan_fhir(Some(child), file.to_string().as_bytes()).unwrap();
    let left: Vec<_> = plan.left_out.iter().map(|left| (left.what.as_str(), left.rows, left.why)).collect();
    assert_eq!(left, [("Account", 1, Reason::NoPlaceHere), ("Basic", 2, Reason::NoPlaceHere)]);
}
