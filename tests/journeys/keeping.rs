//! Keeping a handbook: write, edit, delete, undo, restore, search, page.

use ayumi_core::app::{Error, Handbook, ListFilter, NewChild, NewEntry};
use ayumi_core::growth::Reference;
use ayumi_core::model::NotebookId;
use ayumi_core::model::kind::Record;
use ayumi_core::model::kinds::{Growth, KINDS, PrenatalVisit};
use ayumi_core::model::notebook::{NotebookType, Sex};
use ayumi_tests::handbook::{config, day, scratch};
use serde_json::json;

fn child(book: &Handbook) -> NotebookId {
    let child = NewChild { name: "さくら".into(), sex: Sex::Female, born: day("2024-05-03"), ..NewChild::default() };
    book.notebooks().add_child(&child).unwrap()
}

#[test]
fn an_entry_lives_through_edit_delete_undo_and_every_version() {
    let (folder, book) = scratch();
    let child = child(&book);
    let entries = book.entries();
    let id = entries.add(&NewEntry::typed(child, "growth", "令和6年11月5日", &[("weight", "7350g")]).unwrap()).unwrap();
    entries.edit(id, &[("weight", "7.4"), ("note", "ごきげん")]).unwrap();
    entries.edit(id, &[("note", "")]).unwrap();
    assert_eq!(json!(entries.show(id).unwrap().fields), json!({"weight": 7.4}), "a cleared field is unanswered again");
    entries.undo(id).unwrap();
    assert_eq!(json!(entries.show(id).unwrap().fields), json!({"weight": 7.4, "note": "ごきげん"}));
    entries.delete(id).unwrap();
    assert!(entries.show(id).unwrap().deleted);
    assert!(entries.list(child, &ListFilter::default()).unwrap().is_empty());
    entries.undo(id).unwrap();
    assert!(!entries.show(id).unwrap().deleted);
    entries.delete(id).unwrap();
    entries.restore(id, None).unwrap();
    assert_eq!(json!(entries.show(id).unwrap().fields), json!({"weight": 7.4, "note": "ごきげん"}));
    entries.restore(id, Some(1)).unwrap();
    assert_eq!(json!(entries.show(id).unwrap().fields), json!({"weight": 7.35}));
    let history = entries.history(id).unwrap();
    assert_eq!(history.len(), 9);
    assert_eq!(json!(history[0].fields), json!({"weight": 7.35, "on": "2024-11-05"}));
    assert_eq!(entries.restore(id, Some(99)).unwrap_err(), Error::NotFound { what: ayumi_core::app::Thing::Version });
    // Nothing changes: nothing is written.
    entries.edit(id, &[("weight", "7.35")]).unwrap();
    assert_eq!(entries.history(id).unwrap().len(), 9);
    drop((entries, book));
    let again = Handbook::open(&config(folder.path())).unwrap();
    assert_eq!(again.entries().history(id).unwrap(), history);
}

#[test]
fn every_kind_can_be_written_with_every_field_and_read_as_its_type() {
    let (_folder, book) = scratch();
    let child = child(&book);
    let pregnancy = book.notebooks().add_pregnancy(day("2026-06-01")).unwrap();
    let private = book.notebooks().add_private().unwrap();
    let other = book.entries().add(&NewEntry::typed(child, "diary", "2026-01-01", &[("text", "x")]).unwrap()).unwrap();
    let reference = other.to_string();
    for kind in KINDS.iter().filter(|kind| kind.id != "profile") {
        let notebook = match kind.notebooks[0] {
            NotebookType::Child => child,
            NotebookType::Pregnancy => pregnancy,
            NotebookType::Private => private,
        };
        let mut typed = Vec::new();
        for field in kind.fields {
            use ayumi_core::model::field::FieldType as T;
            let text = match field.field_type {
                T::Text(_) => "ことば".to_owned(),
                T::Integer { max, .. } => max.to_string(),
                T::Decimal { min, .. } => min.to_string(),
                T::Date => "令和6年5月3日".to_owned(),
                T::ApproxDate => "2024-05~".to_owned(),
                T::DateTime => "2024-05-03T14:05".to_owned(),
                T::Time => "14:05".to_owned(),
                T::Gestation => "38w2d".to_owned(),
                T::Code(options) => options[options.len() - 1].to_owned(),
                T::Flags(options) => options.join(","),
                T::YesNo => "いいえ".to_owned(),
                T::YesNoUnsure => "何ともいえない".to_owned(),
                T::BloodPressure => "120/75".to_owned(),
                T::Teeth(options) => format!("16:{0} 55:{0}", options[0]),
                T::Reference => reference.clone(),
            };
            typed.push((field.key, text));
        }
        let typed: Vec<(&str, &str)> = typed.iter().map(|(key, text)| (*key, text.as_str())).collect();
        // What the pixels of a photo are comes with them; nobody types it.
        let facts = ["width", "height", "bytes", "sha256", "thumb_sha256"];
        let photo = kind.id == "photo";
        let typed: Vec<_> = typed.into_iter().filter(|(key, _)| !(photo && facts.contains(key))).collect();
        let new = NewEntry::typed(notebook, kind.id, "2026-01-01", &typed).unwrap();
        let garden = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/photos/garden.jpg");
        let new = if photo { new.with_photo(&std::fs::read(garden).unwrap()).unwrap() } else { new };
        let id = book.entries().add(&new).unwrap();
        let shown = book.entries().show(id).unwrap();
        assert_eq!(shown.fields.len(), kind.fields.len(), "{}", kind.id);
        // What is stored is accepted again, unchanged.
        assert_eq!(kind.validate(&shown.fields).unwrap(), shown.fields, "{}", kind.id);
    }
    // As Rust types, too.
    let visit = PrenatalVisit { weight: Some(54.2), ..PrenatalVisit::default() };
    let id = book.entries().add(&NewEntry::record(pregnancy, day("2026-01-02"), &visit).unwrap()).unwrap();
    assert_eq!(PrenatalVisit::from_fields(&book.entries().show(id).unwrap().fields), visit);
    let wild = Growth { weight: Some(9000.0), ..Growth::default() };
    assert!(
        matches!(NewEntry::record(child, day("2026-01-02"), &wild), Err(Error::Invalid { why }) if why.field == "weight")
    );
}

#[test]
fn what_cannot_be_is_told_with_field_given_and_allowed() {
    let (_folder, book) = scratch();
    let child = child(&book);
    let add = |kind: &str, on: &str, fields: &[(&str, &str)]| {
        NewEntry::typed(child, kind, on, fields).and_then(|new| book.entries().add(&new))
    };
    for (kind, on, fields, field, given) in [
        ("growth", "2024-11-05", &[("weight", "9100")][..], "weight", "9100"),
        ("growth", "2024-11-05", &[("height", "70")], "field", "height"),
        ("growth", "2024-13-05", &[], "on", "2024-13-05"),
        ("growth", "2024-05-02", &[("weight", "3")], "on", "2024-05-02"),
        ("growth", "2026-04-22", &[("weight", "3")], "on", "2026-04-22"),
        ("growth", "2024-11-05", &[("weight", "3"), ("weight", "4")], "field", "weight"),
        ("gardening", "2024-11-05", &[], "kind", "gardening"),
        ("prenatal_visit", "2024-11-05", &[], "notebook", "child"),
    ] {
        let Err(Error::Invalid { why }) = add(kind, on, fields) else { panic!("{kind} {on} {fields:?} was taken") };
        assert_eq!((why.field.as_str(), why.given.as_str()), (field, given));
        assert!(!why.allowed.is_empty());
    }
    assert!(book.entries().list(child, &ListFilter::default()).unwrap().is_empty(), "nothing was half written");
    // Before birth there is still a cover, and what the municipality wrote.
    assert!(add("cover", "2024-01-10", &[("number", "12")]).is_ok());
}

#[test]
fn lists_come_newest_first_in_pages_by_kind_and_day() {
    let (_folder, book) = scratch();
    let child = child(&book);
    let days: Vec<String> = (0..120).map(|i| (day("2025-01-01") + chrono::Days::new(i / 2)).to_string()).collect();
    let new: Vec<NewEntry> = days
        .iter()
        .enumerate()
        .map(|(i, on)| {
            let kind = if i % 2 == 0 { "diary" } else { "feeding" };
            let key = if i % 2 == 0 { "text" } else { "note" };
            NewEntry::typed(child, kind, on, &[(key, &format!("{i}番"))]).unwrap()
        })
        .collect();
    book.entries().add_all(&new).unwrap();
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = book.entries().list(child, &ListFilter { limit: 7, after, ..ListFilter::default() }).unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.place);
        seen.extend(page);
    }
    assert_eq!(seen.len(), 120);
    assert!(seen.windows(2).all(|pair| pair[0].on >= pair[1].on));
    let mut ids: Vec<_> = seen.iter().map(|entry| entry.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 120, "each once");
    let one_day = ListFilter { from: Some(day("2025-01-10")), to: Some(day("2025-01-10")), ..ListFilter::default() };
    assert_eq!(book.entries().list(child, &one_day).unwrap().len(), 2);
    let diaries = ListFilter { kind: Some("diary".into()), limit: 500, ..ListFilter::default() };
    assert_eq!(book.entries().list(child, &diaries).unwrap().len(), 60);
    let found = ListFilter { search: Some("１１番".into()), limit: 500, ..ListFilter::default() };
    assert_eq!(book.entries().list(child, &found).unwrap().len(), 2, "11 and 111, whatever the width");
}

#[test]
fn measurements_come_from_every_kind_that_holds_one() {
    let (_folder, book) = scratch();
    let child = child(&book);
    let add = |kind: &str, on: &str, fields: &[(&str, &str)]| {
        book.entries().add(&NewEntry::typed(child, kind, on, fields).unwrap()).unwrap();
    };
    add(
        "delivery",
        "2024-05-04",
        &[("datetime", "2024-05-03T04:12"), ("weight", "2950"), ("length", "48.8"), ("head", "33.3")],
    );
    add(
        "neonate_early",
        "2024-05-05",
        &[("weight", "2810"), ("discharge_on", "2024-05-08"), ("discharge_weight", "2900")],
    );
    add("wellchild", "2024-08-18", &[("weight", "6.06"), ("length", "60.6")]);
    add("growth", "2024-11-17", &[("weight", "7.47")]);
    let found = book.growth().measurements(child, Reference::Jp2023).unwrap();
    let weights: Vec<_> = found.iter().filter(|m| m.measure.key() == "weight").collect();
    assert_eq!(weights.iter().map(|m| m.value).collect::<Vec<_>>(), [2.95, 2.81, 2.9, 6.06, 7.47]);
    assert_eq!(weights[0].age_days, 0);
    // jp2023_percentiles.csv, girls: the median at birth is 2.95 kg, 48.8 cm, 33.3 cm.
    assert_eq!(weights[0].percentile, Some(50.0));
    assert_eq!(weights[1].reading_key, "first_days", "no score while weight settles");
    assert!(weights[1].z.is_none());
    assert_eq!(weights[4].reading_key, "along");
    assert!(found.iter().any(|m| m.measure.key() == "bmi"));
    assert!(found.iter().all(|m| !m.reading.is_empty()));
    let who = book.growth().measurements(child, Reference::Who).unwrap();
    assert!(
        who.iter().any(|m| m.measure.key() == "bmi" && m.z.is_some() && m.reference.as_deref() == Some("WHO 2006"))
    );
}
