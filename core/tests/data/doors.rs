//! One set of rules for every door.

use super::*;

fn file(entries: Value) -> String {
    json!({
        "format": "ayumi-notebook", "version": 1,
        "notebook": {"id": "0193e0a0-0000-7000-8000-000000000001", "type": "child", "name": "さくら"},
        "entries": entries,
    })
    .to_string()
}

fn born(on: &str) -> Value {
    let id = "0193e0a0-0000-7000-8000-000000000001";
    json!({"id": id, "kind": "profile", "fields": {"notebook_type": "child", "name": "さくら", "born": on}})
}

/// Case 5: what typing and tables refuse was written by a file without history.
#[test]
fn a_file_without_history_passes_the_rules_of_typing() {
    let (_folder, book) = empty();
    for (entry, expected) in [
        (json!({"kind": "growth", "on": "2024-11-05", "fields": {"weight": 7.35}}), None),
        (json!({"kind": "growth", "on": "2020-01-05", "fields": {"weight": 7.35}}), Some("before_birth")),
        (json!({"kind": "growth", "on": "2027-01-05", "fields": {"weight": 7.35}}), Some("in_future")),
        (json!({"kind": "diary", "on": "1850-01-05", "fields": {"text": "x"}}), Some("too_long_ago")),
        (json!({"kind": "milestone", "on": "2024-11-05", "fields": {"achieved": "2020-01"}}), Some("before_birth")),
        (json!({"kind": "feelings", "on": "2024-11-05", "fields": {"text": "x"}}), Some("wrong_notebook")),
        (json!({"kind": "growth", "on": "2024-11-05", "fields": {"weight": 735}}), Some("out_of_range")),
        (json!({"kind": "growth", "on": "2024-11-05", "fields": {"mood": "good"}}), Some("unknown_field")),
        (json!({"kind": "growth", "fields": {"weight": 7.35}}), Some("missing")),
        (json!({"kind": "horoscope", "on": "2024-11-05", "fields": {}}), Some("unknown_kind")),
    ] {
        let plan = book.import().plan_json(&file(json!([born("2024-05-03"), entry]))).unwrap();
        let outcome = rows(&plan).pop().unwrap();
        match expected {
            None => assert_eq!(outcome.0, "add", "{entry}"),
            Some(why) => assert_eq!(outcome, ("problem", json!(why)), "{entry}"),
        }
    }
    assert_eq!(reason(book.import().plan_json(&file(json!([born("2030-06-01")])))), Reason::InFuture);
}

/// Case 6.
#[test]
fn a_notebooks_facts_are_edited_under_the_rules_that_begin_it() {
    let (_folder, book, child) = with_child();
    let edit = |fields: &[(&str, &str)]| book.notebooks().edit(child, fields);
    for (field, text, expected) in [
        ("born", "2030-06-01", Reason::InFuture),
        ("born", "1850-06-01", Reason::TooLongAgo),
        ("born", "", Reason::Missing),
        ("name", " ", Reason::Missing),
        ("due", "2025-06-01", Reason::DueTooFar),
        ("ended", "death", Reason::NotByHand),
        ("born", "soon", Reason::NotADate),
        ("multiple", "9", Reason::OutOfRange),
        ("sex", "x", Reason::NotAnOption),
    ] {
        assert_eq!(reason(edit(&[(field, text)])), expected, "{field}={text}");
    }
    edit(&[("生まれた日", "2024/5/4(土)"), ("sex", "男")]).unwrap();
    let profile = book.notebooks().find(child).unwrap().profile;
    assert_eq!((profile.born, profile.sex.as_deref()), (Some(day("2024-05-04")), Some("male")));
}

/// Case 7.
#[test]
fn what_a_photos_pixels_say_is_not_a_carers_to_change() {
    let (_folder, book, child) = filled();
    let photo = book.export().missing_photos(child).unwrap();
    assert!(photo.is_empty());
    let photo = all(&book, child).into_iter().find(|entry| entry[1] == "photo").unwrap();
    let id: ayumi_core::app::EntryId = photo[0].as_str().unwrap().parse().unwrap();
    for field in ["sha256", "thumb_sha256", "width", "height", "bytes"] {
        assert_eq!(reason(book.entries().edit(id, &[(field, "1")])), Reason::NotByHand, "{field}");
        assert_eq!(
            reason(NewEntry::typed(child, "photo", "2024-11-05", &[(field, "1")])),
            Reason::NotByHand,
            "{field}"
        );
    }
    let without = NewEntry::typed(child, "photo", "2024-11-05", &[("caption", "庭")]).unwrap();
    assert_eq!(reason(book.entries().add(&without)), Reason::Missing);
    book.entries().edit(id, &[("caption", "庭")]).unwrap();
    assert!(book.doctor().examine(&mut |_, _| ()).unwrap().findings.is_empty());
}

#[test]
fn an_edit_passes_the_rules_of_a_new_entry() {
    let (_folder, book, child) = with_child();
    let new = book.entries().typed(child, "growth", "2024-11-05", &[("体重", "7キロ350")]).unwrap();
    let id = book.entries().add(&new).unwrap();
    for (field, text, expected) in [
        ("on", "2020-01-01", Reason::BeforeBirth),
        ("on", "2027-01-01", Reason::InFuture),
        ("on", "", Reason::Missing),
        ("weight", "735", Reason::OutOfRange),
        ("weight", "7.35 catties", Reason::UnknownUnit),
        ("weight", "7.12345", Reason::TooFine),
    ] {
        assert_eq!(reason(book.entries().edit(id, &[(field, text)])), expected, "{field}={text}");
    }
    book.entries().edit(id, &[("on", "昨日"), ("weight", "16lb 3oz")]).unwrap();
    let shown = book.entries().show(id).unwrap();
    assert_eq!((shown.on, &shown.fields["weight"]), (Some(day("2026-11-24")), &json!(7.343)));
    let new = book.entries().typed(child, "immunisation", "一昨日", &[("ワクチン", "5種混合")]).unwrap();
    let id = book.entries().add(&new).unwrap();
    let shown = book.entries().show(id).unwrap();
    assert_eq!((shown.on, &shown.fields["vaccine"]), (Some(day("2026-11-23")), &json!("dpt_ipv_hib")));
}
