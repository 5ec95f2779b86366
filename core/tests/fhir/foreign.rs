//! Files that others wrote.

use ayumi_core::app::{Error, Handbook, Import, ImportPlan, ListFilter, NotebookId, Outcome};
use ayumi_core::model::Reason;
use serde_json::{Value, json};

use super::{foreign, with_child};

/// Place, outcome, and its reason by the beginning of its words in Japanese.
fn rows(plan: &ImportPlan) -> Vec<(u64, &'static str)> {
    plan.rows.iter().map(|row| (row.row, row.outcome.key())).collect()
}

fn all(book: &Handbook, notebook: NotebookId) -> Vec<Value> {
    let found = book.entries().list(notebook, &ListFilter { limit: 999, ..ListFilter::default() }).unwrap();
    found.iter().map(|entry| json!([entry.kind, entry.on, entry.fields])).collect()
}

fn reason(plan: &ImportPlan, place: u64) -> String {
    let row = plan.rows.iter().find(|row| row.row == place).unwrap();
    match (&row.outcome, row.exactly) {
        (_, Some(exactly)) => exactly.to_owned(),
        (Outcome::Problem(why), None) => why.allowed.clone(),
        (other, None) => other.key().to_owned(),
    }
}

#[test]
fn a_bundle_of_a_clinic_abroad_is_taken_or_named_resource_by_resource() {
    let (_folder, book, child) = with_child("2024-05-03");
    let file = foreign("toddler.json");
    assert!(Import::looks_like_fhir(&file));
    let plan = book.import().plan_fhir(Some(child), &file).unwrap();
    assert_eq!(
        rows(&plan),
        [
            (1, "left_out"),
            // Weight and length of one visit are one entry.
            (2, "add"),
            (4, "add"),
            (5, "add"),
            (6, "add"),
            (7, "add"),
            (8, "left_out"),
            (9, "problem"),
            (10, "left_out"),
            (11, "problem"),
            (12, "problem"),
            (13, "left_out"),
            (14, "left_out"),
            (15, "problem"),
            (16, "left_out"),
            (17, "problem"),
            (18, "problem"),
            (19, "left_out"),
            (20, "left_out"),
            (21, "left_out"),
            (22, "problem"),
            (23, "left_out"),
            (24, "add"),
        ]
    );
    for (place, words) in [
        (1, "だれの記録か"),
        (8, "接種しなかった"),
        (9, "年月日"),
        (10, "取り消された"),
        (11, "読みとれない単位"),
        (12, "number from 0.1 to 150 kg"),
        (13, "読みとれるコード"),
        (14, "値がありません"),
        (15, "意味を変える"),
        (17, "生まれた日がちがいます"),
        (18, "だれの記録か分かりません"),
        (19, "これからの予定"),
        (20, "手帳に入れる場所"),
        (22, "FHIR R4の形で"),
    ] {
        assert!(reason(&plan, place).starts_with(words), "{place}: {}", reason(&plan, place));
    }
    assert_eq!(
        plan.ignored_columns(),
        ["Immunization.expirationDate", "Immunization.reaction", "Observation.encounter", "Observation.method"]
    );
    let left: Vec<_> = plan
        .left_out
        .iter()
        .filter(|left| left.rows > 0)
        .map(|left| (left.what.as_str(), left.rows, left.why))
        .collect();
    assert_eq!(
        left,
        [
            ("AllergyIntolerance", 1, Reason::NoPlaceHere),
            ("Immunization", 1, Reason::NotGiven),
            ("ImmunizationRecommendation", 1, Reason::NotNeeded),
            ("Observation", 1, Reason::Missing),
            ("Observation", 1, Reason::NoPlaceHere),
            ("Observation", 1, Reason::NotFinal),
            ("Organization", 1, Reason::NoPlaceHere),
            ("Patient", 3, Reason::NotNeeded),
        ]
    );
    assert!(matches!(book.import().apply(plan, false), Err(Error::Invalid { .. })), "problems wait for a person");
    assert!(all(&book, child).is_empty());
    let plan = book.import().plan_fhir(Some(child), &file).unwrap();
    assert_eq!(book.import().apply(plan, true).unwrap(), 6);
    assert_eq!(
        all(&book, child),
        [
            json!(["growth", "2025-02-01", {"chest": 44.1, "source": "imported"}]),
            json!(["immunisation", "2025-01-10", {
                "vaccine": "other", "maker_lot": "Fluvax (Influenza) / CSL / AAJN11K", "site_note": "left arm", "doctor": "Dr. Ueda",
                "remark": "Notes on administration of vaccine", "source": "imported",
            }]),
            // Half past three in the afternoon of UTC, 101.3 °F.
            json!(["temperature", "2024-12-07", {"value": 38.5, "at": "00:30", "source": "imported"}]),
            json!(["growth", "2024-12-05", {"head": 43.4, "note": "calm", "source": "imported"}]),
            // 16.2 lb and 26 in.
            json!(["growth", "2024-11-05", {"weight": 7.348, "length": 66.04, "posture": "lying", "source": "imported"}]),
            json!(["immunisation", "2024-07-04", {"vaccine": "hepb", "maker_lot": "Y012A", "dose_no": 1, "source": "imported"}]),
        ]
    );
    let again = book.import().plan_fhir(Some(child), &file).unwrap();
    assert_eq!((again.count("add"), again.count("already_there")), (0, 6), "the same file again writes nothing");
}

#[test]
fn what_a_parent_typed_already_is_not_there_twice() {
    let (_folder, book, child) = with_child("2024-05-03");
    for (kind, on, fields) in [
        ("immunisation", "2024-07-04", &[("vaccine", "hepb"), ("doctor", "山田")][..]),
        ("growth", "2024-12-05", &[("head", "43.4"), ("weight", "7.9")]),
    ] {
        book.entries().add(&ayumi_core::app::NewEntry::typed(child, kind, on, fields).unwrap()).unwrap();
    }
    let plan = book.import().plan_fhir(Some(child), &foreign("toddler.json")).unwrap();
    let there: Vec<u64> =
        plan.rows.iter().filter(|row| row.outcome == Outcome::AlreadyThere).map(|row| row.row).collect();
    assert_eq!(there, [4, 6]);
}

#[test]
fn a_resource_alone_needs_a_notebook_and_tells_its_reason_in_the_reader_s_language() {
    let (_folder, book, child) = with_child("2024-05-03");
    let alone = json!({
        "resourceType": "Observation", "status": "final", "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
        "effectiveDateTime": "2024-11-05", "valueQuantity": {"value": 7350, "unit": "g"},
    });
    let bytes = alone.to_string().into_bytes();
    assert!(
        matches!(book.import().plan_fhir(None, &bytes), Err(Error::Invalid { why }) if why.reason == Reason::WhichNotebook)
    );
    let plan = book.import().plan_fhir(Some(child), &bytes).unwrap();
    assert_eq!(plan.fields(&plan.rows[0])["weight"], 7.35);
    for locale in ayumi_core::app::Locale::ALL {
        let (_folder, book) = super::handbook(locale);
        let born = "2024-05-03".parse().unwrap();
        let child = ayumi_core::app::NewChild { name: "x".into(), born, ..Default::default() };
        let child = book.notebooks().add_child(&child).unwrap();
        let plan = book.import().plan_fhir(Some(child), br#"{"resourceType":"Basic"}"#).unwrap();
        assert_eq!(reason(&plan, 1), ayumi_core::app::texts::fhir("why.not_kept", locale));
    }
}

#[test]
fn every_reason_has_words_in_three_languages() {
    for why in ayumi_core::fhir::why::Why::ALL {
        for locale in ayumi_core::app::Locale::ALL {
            assert!(!ayumi_core::app::texts::fhir(&format!("why.{}", why.key()), locale).is_empty(), "{why:?}");
        }
    }
}

/// What somebody typed into another program a hundred times too large is asked back, as in a table.
#[test]
fn what_is_improbable_is_asked_back_where_nobody_is_there_to_answer() {
    let (_folder, book, child) = with_child("2024-05-03");
    let weighed = |kilograms: f64| {
        let file = json!({
            "resourceType": "Observation", "status": "final", "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
            "effectiveDateTime": "2024-11-05", "valueQuantity": {"value": kilograms, "unit": "kg"},
        });
        book.import().plan_fhir(Some(child), file.to_string().as_bytes()).unwrap().rows.remove(0).outcome
    };
    assert_eq!(weighed(7.35), Outcome::Add);
    let Outcome::Problem(why) = weighed(73.5) else { panic!("a child of half a year does not weigh 73.5 kg") };
    assert_eq!(why.field, "weight");
}
