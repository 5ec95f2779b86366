//! A weight or length that cannot be beside the others is asked back at every door, and never refused for good.
//!
//! Examples: the critical reading of the program (12.9 → 9.0 kg in three months), openScale#962 and SparkyFitness#494.

use std::fmt::Write as _;

use ayumi_core::app::{Reference, Slip};

use super::*;

/// With 12.9 kg and 88 cm on 1 August 2026.
fn weighed() -> (TempDir, Handbook, NotebookId) {
    let (folder, book, child) = with_child();
    let typed = NewEntry::typed(child, "growth", "2026-08-01", &[("weight", "12.9"), ("length", "88")]).unwrap();
    book.entries().add(&typed).unwrap();
    (folder, book, child)
}

fn asked(book: &Handbook, child: NotebookId, on: &str, fields: &[(&str, &str)]) -> Vec<String> {
    let new = NewEntry::typed(child, "growth", on, fields).unwrap();
    book.growth().questions(&new).unwrap().into_iter().map(|question| question.words).collect()
}

#[test]
fn a_weight_that_falls_by_a_third_is_asked_back_when_it_is_typed() {
    let (_folder, book, child) = weighed();
    assert_eq!(
        asked(&book, child, "2026-11-01", &[("weight", "9.0")]),
        [
            "体重は9 kgでよいですか。2026年8月1日は12.9 kgです。数字のとおりなら、今日か明日のうちに小児科に伝えて、見てもらってください。"
        ]
    );
    let typed = NewEntry::typed(child, "growth", "2026-11-01", &[("weight", "9.0")]).unwrap();
    let question = book.growth().questions(&typed).unwrap().remove(0);
    let beside = question.beside.unwrap();
    assert_eq!((beside.on, beside.value, question.likely), (day("2026-08-01"), 12.9, None));
    for (fields, count, why) in [
        (&[("weight", "12.4")][..], 0, "a little less"),
        (&[("weight", "13.6")], 0, "a little more"),
        (&[("length", "84")], 1, "shrinks by four centimetres"),
        (&[("length", "87")], 0, "a measuring error"),
        (&[("length", "89")], 0, "grows"),
        (&[("length", "104")], 1, "16 cm in three months"),
        (&[("weight", "9.0"), ("length", "80")], 2, "both"),
        (&[("chest", "30")], 0, "no table"),
        (&[("note", "x")], 0, "nothing measured"),
    ] {
        assert_eq!(asked(&book, child, "2026-11-01", fields).len(), count, "{why}");
    }
    // An earlier day is compared with what comes after it.
    assert_eq!(asked(&book, child, "2026-07-01", &[("weight", "8.4")]).len(), 1);
    let swapped = NewEntry::typed(child, "growth", "2026-11-01", &[("length", "78.9")]).unwrap();
    let question = book.growth().questions(&swapped).unwrap().remove(0);
    assert_eq!((question.likely, question.slip), (Some(87.9), Some(Slip::Digits)), "{}", question.words);
}

/// Asked, and then kept: a form writes what the carer says is right, and shows it with the question in place of a curve.
#[test]
fn what_the_carer_says_is_right_is_kept_and_never_worded_as_a_curve() {
    let (_folder, book, child) = weighed();
    for (on, weight) in [("2026-06-01", "12.5"), ("2026-11-01", "9.0")] {
        let typed = NewEntry::typed(child, "growth", on, &[("weight", weight), ("length", "88.5")]).unwrap();
        book.entries().add(&typed).unwrap();
    }
    let all = book.growth().measurements(child, Reference::default()).unwrap();
    let of = |on: &str, key: &str| all.iter().find(|m| m.on == day(on) && m.measure.key() == key).unwrap();
    let fallen = of("2026-11-01", "weight");
    assert_eq!((fallen.z, fallen.reading_key.as_str()), (None, "ask"));
    assert!(fallen.reading.contains("12.9 kg"), "{}", fallen.reading);
    assert_eq!(of("2026-11-01", "bmi").z, None, "an index of it says nothing either");
    assert!(of("2026-11-01", "length").z.is_some() && of("2026-08-01", "weight").z.is_some());
    // It was no slip: the next one says so, and then nobody is asked any more.
    let typed = NewEntry::typed(child, "growth", "2026-11-20", &[("weight", "9.2")]).unwrap();
    assert!(book.growth().questions(&typed).unwrap().is_empty());
    book.entries().add(&typed).unwrap();
    let all = book.growth().measurements(child, Reference::default()).unwrap();
    assert!(all.iter().all(|m| m.question.is_none()), "both sides agree with themselves");
}

#[test]
fn an_edit_is_compared_with_the_others_and_not_with_itself() {
    let (_folder, book, child) = weighed();
    let typed = NewEntry::typed(child, "growth", "2026-11-01", &[("weight", "13.4")]).unwrap();
    let entry = book.entries().add(&typed).unwrap();
    let questions = |fields: &[(&str, &str)]| book.growth().questions_of_edit(entry, fields).unwrap().len();
    assert_eq!(questions(&[("weight", "9.4")]), 1);
    assert_eq!(questions(&[("weight", "13.9")]), 0);
    assert_eq!(questions(&[("note", "x")]), 0);
    assert_eq!(questions(&[("on", "2024-09-01")]), 1, "13.4 kg at four months");
}

/// A table, in whatever order: the row that does not fit is a problem, its neighbours are not.
#[test]
fn a_table_is_asked_of_as_a_whole() {
    let rows_of = ["2026-05-01,12.0", "2026-06-01,12.2", "2026-07-01,8.1", "2026-08-01,12.6", "2026-09-01,12.8"];
    let orders: [Vec<&str>; 3] = [
        rows_of.to_vec(),
        rows_of.iter().rev().copied().collect(),
        vec![rows_of[2], rows_of[0], rows_of[4], rows_of[1], rows_of[3]],
    ];
    for order in orders {
        let (_folder, book, child) = with_child();
        let table = format!("date,weight\n{}\n", order.join("\n"));
        let plan = planned(&book, child, "growth", &[], &table);
        assert_eq!((plan.count("add"), plan.count("problem")), (4, 1), "{table}");
        let problem = plan.rows.iter().find(|row| row.outcome.key() == "problem").unwrap();
        assert_eq!(problem.on, Some(day("2026-07-01")), "{table}");
        assert_eq!(plan.fields(problem)["weight"], json!(8.1));
        book.import().apply(plan, true).unwrap();
        let kept: Vec<String> = all(&book, child).iter().map(|fields| fields["weight"].to_string()).collect();
        assert_eq!(kept.len(), 4);
        assert!(!kept.contains(&"8.1".to_owned()), "{kept:?}");
    }
    // Beside what is here; and what is here is never the problem of a file.
    let (_folder, book, child) = weighed();
    let plan = planned(&book, child, "growth", &[], "date,weight\n2026-11-01,9.0\n");
    assert_eq!(rows(&plan), [("problem", json!("improbable"))]);
    let plan = planned(&book, child, "growth", &[], "date,weight\n2026-08-01,12.9\n2026-06-01,12.5\n");
    assert_eq!(plan.count("problem"), 0);
}

/// Thousands of rows with one slip among them are asked as one run.
#[test]
fn a_long_table_is_asked_of_in_one_pass() {
    let (_folder, book, child) = with_child();
    let mut table = String::from("date,weight,note\n");
    for row in 0..5000 {
        let weight = if row == 2500 { "8.1" } else { "12.4" };
        writeln!(table, "2026-{:02}-{:02},{weight},{row}", 3 + row / 1000, 1 + (row / 40) % 25).unwrap();
    }
    let plan = planned(&book, child, "growth", &[], &table);
    assert_eq!((plan.count("add"), plan.count("problem")), (4999, 1));
    let problem = plan.rows.iter().find(|row| row.outcome.key() == "problem").unwrap();
    assert_eq!(plan.fields(problem)["note"], json!("2500"));
    let after = plan.rows.iter().find(|row| row.row > problem.row).unwrap();
    assert_eq!(plan.fields(after)["note"], json!("2501"), "what stays keeps its own fields");
}

#[test]
fn json_without_history_and_foreign_fhir_are_asked_too() {
    let (_folder, book, child) = weighed();
    let file = json!({"format": "ayumi-notebook", "version": 1, "notebook": {"id": child, "type": "child", "name": "さくら"},
        "entries": [{"kind": "growth", "on": "2026-11-01", "fields": {"weight": 9.0}}, {"kind": "growth", "on": "2026-11-02", "fields": {"weight": 13.2}}]});
    let plan = book.import().plan_json(&file.to_string()).unwrap();
    assert_eq!(rows(&plan), [("problem", json!("improbable")), ("add", json!({"weight": 13.2}))]);
    book.import().apply(plan, true).unwrap();
    let weights: Vec<Value> = all(&book, child).iter().map(|fields| fields["weight"].clone()).collect();
    assert_eq!(weights.len(), 2, "{weights:?}");
    assert!(!weights.contains(&json!(9.0)));
    let observation = json!({"resourceType": "Observation", "status": "final", "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
        "effectiveDateTime": "2026-11-10", "valueQuantity": {"value": 9.0, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"}});
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": observation}]});
    let plan = book.import().plan_fhir(Some(child), bundle.to_string().as_bytes()).unwrap();
    assert_eq!((plan.count("add"), plan.count("problem")), (0, 1), "{:?}", plan.rows);
    assert_eq!(book.import().apply(plan, true).unwrap(), 0);
}

/// Our own files come back as they went, whatever stands in them: it was asked where it was typed. A number that somebody
/// changed in the file is asked.
#[test]
fn our_own_files_come_back_and_a_number_changed_in_them_is_asked() {
    let (_folder, book, child) = weighed();
    let typed = NewEntry::typed(child, "growth", "2026-11-01", &[("weight", "9.0")]).unwrap();
    book.entries().add(&typed).unwrap();
    let (_other, other) = empty();
    let plan = other.import().plan_json(&book.export().json(child).unwrap()).unwrap();
    assert_eq!(plan.count("problem"), 0);
    assert_eq!(planned(&book, child, "growth", &[], &book.export().csv(child).unwrap()).count("already_there"), 2);
    let (_folder, book, child) = weighed();
    let table = book.export().csv(child).unwrap();
    let plan = planned(&book, child, "growth", &[], &table.replace("12.9", "73.5"));
    assert_eq!(plan.count("problem"), 1, "{:?}", plan.summary());
    let plan = planned(&book, child, "growth", &[], &table.replace("12.9", "12.7"));
    assert_eq!((plan.count("problem"), plan.count("update")), (0, 1), "{:?}", plan.summary());
}

/// A notebook that begins with a file is asked about like any other.
#[test]
fn a_notebook_that_begins_with_a_file_is_asked_about() {
    let (_folder, book) = empty();
    let facts = json!({"notebook_type": "child", "name": "そら", "born": "2025-10-15", "sex": "male"});
    let id = "0193e0a0-0000-7000-8000-000000000001";
    let file = json!({"format": "ayumi-notebook", "version": 1, "notebook": {"id": id, "type": "child", "name": "そら"}, "entries": [
        {"id": id, "kind": "profile", "fields": facts},
        {"kind": "growth", "on": "2026-04-18", "fields": {"weight": 73.5}},
        {"kind": "growth", "on": "2026-05-18", "fields": {"weight": 8.0}},
        {"kind": "growth", "on": "2026-06-18", "fields": {"weight": 5.9}}]});
    let plan = book.import().plan_json(&file.to_string()).unwrap();
    let problems: Vec<u64> = plan.summary().problems.iter().map(|problem| problem.row).collect();
    assert_eq!(problems, [2, 4], "{:?}", plan.summary());
}
