//! Two carers write the same field without seeing each other; each hears of the other at the next sync.

use ayumi_core::app::{Handbook, NewEntry, NotebookId};
use ayumi_core::model::EntryId;
use ayumi_core::sync::transport::Transport;
use ayumi_tests::family::sync;
use ayumi_tests::phones::family;
use serde_json::json;

/// A weight that one carer writes.
fn weighed(mother: &Handbook, child: NotebookId) -> EntryId {
    mother.entries().add(&NewEntry::typed(child, "growth", "2026-01-01", &[("weight", "8")]).unwrap()).unwrap()
}

/// Each sends what it has and hears what the other has.
fn exchange(mother: &Handbook, father: &Handbook, way: &dyn Transport) {
    for book in [mother, father, mother] {
        sync(book, way);
    }
}

#[test]
fn both_values_are_kept_shown_and_settled() {
    let (_time, way, mother, father, child) = family();
    let id = weighed(&mother.book, child);
    let exchange = || exchange(&mother.book, &father.book, &way);
    exchange();
    let (mother, father) = (&mother.book, &father.book);
    mother.entries().edit(id, &[("weight", "8.1")]).unwrap();
    father.entries().edit(id, &[("weight", "8.2"), ("note", "父より")]).unwrap();
    exchange();
    let shown = |book: &Handbook| json!(book.entries().show(id).unwrap().fields);
    assert_eq!(shown(mother), shown(father), "both show the same");
    assert_eq!(mother.entries().show(id).unwrap().conflicts, 1);
    let conflicts = mother.entries().conflicts().unwrap();
    assert_eq!((conflicts.len(), conflicts[0].field.as_str()), (1, "weight"));
    let values: Vec<_> = conflicts[0].values.iter().map(|v| v.value.as_f64().unwrap()).collect();
    assert!(values.contains(&8.1) && values.contains(&8.2));
    let chosen = conflicts[0].values.iter().find(|v| v.value == 8.1).unwrap().version;
    mother.entries().settle(id, "weight", chosen).unwrap();
    assert!(mother.entries().conflicts().unwrap().is_empty());
    exchange();
    assert_eq!(shown(father), json!({"weight": 8.1, "note": "父より"}));
    // An edit that the deleter had not seen brings the entry back.
    mother.entries().delete(id).unwrap();
    father.entries().edit(id, &[("head", "44.5")]).unwrap();
    exchange();
    assert!(!mother.entries().show(id).unwrap().deleted);
}

/// Undoing an edit of the note settled a conflict of the weight, on this phone and, after a sync, on the other.
#[test]
fn undo_settles_no_conflict_on_either_phone() {
    let (_time, way, mother, father, child) = family();
    let id = weighed(&mother.book, child);
    let exchange = || exchange(&mother.book, &father.book, &way);
    exchange();
    mother.book.entries().edit(id, &[("weight", "8.1")]).unwrap();
    father.book.entries().edit(id, &[("weight", "8.2")]).unwrap();
    exchange();
    mother.book.entries().edit(id, &[("note", "x")]).unwrap();
    mother.book.entries().undo(id).unwrap();
    mother.book.entries().delete(id).unwrap();
    mother.book.entries().restore(id, None).unwrap();
    exchange();
    for phone in [&mother, &father] {
        let shown = phone.book.entries().show(id).unwrap();
        assert_eq!((shown.conflicts, shown.fields.get("note"), shown.deleted), (1, None, false));
    }
}
