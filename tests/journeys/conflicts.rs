//! Two carers write the same field without seeing each other; the second device's changes come in as a file.

use ayumi_core::app::{NewChild, NewEntry};
use ayumi_core::model::notebook::Sex;
use ayumi_tests::handbook::{day, scratch};
use serde_json::json;

#[test]
fn both_values_are_kept_shown_and_settled() {
    let (_one, mother) = scratch();
    let (_two, father) = scratch();
    let child = NewChild { name: "さくら".into(), sex: Sex::Female, born: day("2024-05-03"), ..NewChild::default() };
    let child = mother.notebooks().add_child(&child).unwrap();
    let id =
        mother.entries().add(&NewEntry::typed(child, "growth", "2025-01-01", &[("weight", "8")]).unwrap()).unwrap();
    let over = |from: &ayumi_core::app::Handbook, to: &ayumi_core::app::Handbook| {
        let plan = to.import().plan_json(&from.export().json(child).unwrap()).unwrap();
        to.import().apply(plan, false).unwrap()
    };
    assert_eq!(over(&mother, &father), 2, "the notebook and its entry");
    assert_eq!(over(&mother, &father), 0, "the same file again writes nothing");
    mother.entries().edit(id, &[("weight", "8.1")]).unwrap();
    father.entries().edit(id, &[("weight", "8.2"), ("note", "父より")]).unwrap();
    over(&father, &mother);
    over(&mother, &father);
    let shown = |book: &ayumi_core::app::Handbook| json!(book.entries().show(id).unwrap().fields);
    assert_eq!(shown(&mother), shown(&father), "both show the same");
    assert_eq!(mother.entries().show(id).unwrap().conflicts, 1);
    let conflicts = mother.entries().conflicts().unwrap();
    assert_eq!((conflicts.len(), conflicts[0].field.as_str()), (1, "weight"));
    let values: Vec<_> = conflicts[0].values.iter().map(|v| v.value.as_f64().unwrap()).collect();
    assert!(values.contains(&8.1) && values.contains(&8.2));
    let chosen = conflicts[0].values.iter().find(|v| v.value == 8.1).unwrap().version;
    mother.entries().settle(id, "weight", chosen).unwrap();
    assert!(mother.entries().conflicts().unwrap().is_empty());
    over(&mother, &father);
    assert_eq!(shown(&father), json!({"weight": 8.1, "note": "父より"}));
    // An edit that the deleter had not seen brings the entry back.
    mother.entries().delete(id).unwrap();
    father.entries().edit(id, &[("head", "44.5")]).unwrap();
    over(&father, &mother);
    assert!(!mother.entries().show(id).unwrap().deleted);
}
