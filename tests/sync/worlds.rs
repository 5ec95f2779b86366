//! A notebook is a world of its own: what a member writes there, however it is made, reaches nothing else.

use std::collections::BTreeMap;

use ayumi_core::app::sync::{SyncOutcome, SyncWhy};
use ayumi_core::app::{EntryKey, EntryName, Handbook, ListFilter, NewChild};
use ayumi_core::crypto::FileKey;
use ayumi_core::model::notebook::NotebookType;
use ayumi_core::store::{Db, StoreError};
use ayumi_protocol::control::Role;
use ayumi_protocol::{Change, EntryId, limits};
use ayumi_tests::family::{phone_config, sync as sync_phone, wait};
use ayumi_tests::handbook::day;
use ayumi_tests::phones::{family, weigh};

use super::hostile::{change, invited, is_refused, sends};

#[test]
fn a_writer_in_one_notebook_changes_nothing_in_another() {
    let (time, way, mother, _father, notebook) = family();
    let other = NewChild { name: "もみじ".into(), born: day("2025-05-03"), ..NewChild::default() };
    let other = mother.book.notebooks().add_child(&other).unwrap();
    let weight = weigh(&mother.book, other, "9.1");
    sync_phone(&mother.book, &way);
    let mut guest = invited(&way, &mother.book, notebook, Role::Writer);
    let name = r#"{"n":{"name":"よその子","born":"2001-01-01"}}"#;
    let heavy = r#"{"n":{"weight":19.5}}"#;
    time.pass(1000);
    let changes =
        [change(notebook, other.into(), "profile", &time, name), change(notebook, weight, "growth", &time, heavy)];
    sends(&way, &mut guest, &time, &changes);
    assert_eq!(sync_phone(&mother.book, &way).outcome, SyncOutcome::Done);
    assert_eq!(mother.book.notebooks().find(other).unwrap().name, "もみじ");
    let shown = mother.book.entries().list(other, &ListFilter::default()).unwrap();
    assert_eq!(shown.iter().map(|entry| &entry.fields["weight"]).collect::<Vec<_>>(), [&9.1]);
    assert_eq!(mother.book.doctor().examine(&mut |_, _| ()).unwrap().findings, Vec::<String>::new());
}

#[test]
fn an_id_sent_beforehand_keeps_no_honest_entry_out() {
    let (time, way, mother, father, notebook) = family();
    let other = NewChild { name: "もみじ".into(), born: day("2025-05-03"), ..NewChild::default() };
    let other = mother.book.notebooks().add_child(&other).unwrap();
    let invitation = wait(mother.book.members().invite(other, Role::Reader, "", &way)).unwrap().code;
    wait(father.book.members().join(&invitation, &way)).unwrap();
    let mut guest = invited(&way, &mother.book, notebook, Role::Writer);
    // The father, whose phone is offline, weighs; the guest has read the id over his shoulder, and is first at the server: in
    // its own notebook, and in this one under another kind.
    let weight = weigh(&father.book, notebook, "9.1");
    time.pass(1000);
    let squat = |kind: &str, body: &str| change(notebook, weight, kind, &time, body);
    sends(&way, &mut guest, &time, &[squat("diary", r#"{"n":{"text":"こんにちは","on":"2026-04-01"}}"#)]);
    let private = weigh(&mother.book, other, "5.5");
    sends(&way, &mut guest, &time, &[change(notebook, private, "growth", &time, r#"{"n":{"weight":19.5}}"#)]);
    // The mother's phone has the guest's entries first, the father's has his own first.
    for phone in [&mother, &father, &mother, &father] {
        assert_eq!(sync_phone(&phone.book, &way).outcome, SyncOutcome::Done);
    }
    for book in [&mother.book, &father.book] {
        let shown = |notebook, kind: &str| {
            let filter = ListFilter { kind: Some(kind.into()), ..ListFilter::default() };
            let listed = book.entries().list(notebook, &filter).unwrap();
            listed.into_iter().map(|entry| (entry.id, entry.fields)).collect::<BTreeMap<_, _>>()
        };
        assert_eq!(shown(notebook, "growth")[&weight]["weight"], 9.1, "the honest entry");
        assert_eq!(shown(notebook, "diary")[&weight]["text"], "こんにちは", "and the other one beside it");
        assert_eq!(shown(other, "growth")[&private]["weight"], 5.5);
        // The surface says that the id is not enough, and reaches each by the names it gives.
        assert!(is_refused(book.entries().show(weight)));
        assert!(is_refused(book.entries().edit(private, &[("weight", "5.6")])));
        let honest = EntryKey::new(notebook, "growth", weight);
        assert_eq!(book.entries().show(honest.clone()).unwrap().fields["weight"], 9.1);
        let name = book.entries().shown_one(honest).unwrap().name;
        assert_eq!(book.entries().show(name.to_string().parse::<EntryName>().unwrap()).unwrap().fields["weight"], 9.1);
        assert_eq!(book.doctor().examine(&mut |_, _| ()).unwrap().findings, Vec::<String>::new());
    }
    mother.book.entries().edit(EntryKey::new(other, "growth", private), &[("weight", "5.6")]).unwrap();
    for phone in [&mother, &father] {
        assert_eq!(sync_phone(&phone.book, &way).outcome, SyncOutcome::Done);
    }
    let edited = father.book.entries().show(EntryKey::new(other, "growth", private)).unwrap();
    assert_eq!(edited.fields["weight"], 5.6);
}

#[test]
fn a_flood_in_a_small_envelope_is_put_aside_and_counted() {
    let (time, way, mother, _father, notebook) = family();
    let mut guest = invited(&way, &mother.book, notebook, Role::Writer);
    let flood: Vec<Change> = (0..100_000_u128)
        .map(|n| change(notebook, EntryId::from_slice(&n.to_be_bytes()).unwrap(), "diary", &time, "{}"))
        .collect();
    sends(&way, &mut guest, &time, &flood);
    weigh(&mother.book, notebook, "9.4");
    let report = sync_phone(&mother.book, &way);
    assert_eq!((report.outcome, report.pulled, report.waiting), (SyncOutcome::Done, 0, 0));
    assert_eq!(mother.book.sync().state(notebook).unwrap().unread, 1);
}

#[test]
fn what_may_not_stand_in_a_notebook_is_kept_apart_and_told_once() {
    let (time, way, mother, father, notebook) = family();
    sync_phone(&father.book, &way);
    let mut guest = invited(&way, &mother.book, notebook, Role::Writer);
    let entry = |n: u8| EntryId::from_slice(&[n; 16]).unwrap();
    time.pass(1000);
    let changes = [
        change(notebook, entry(1), "diary", &time, r#"{"n":{"text":"こんにちは"}}"#),
        // Out of its range, of another notebook's kind, of a kind and a field that nobody knows, with signs that move a cursor.
        change(notebook, entry(2), "growth", &time, r#"{"n":{"weight":9100}}"#),
        change(notebook, entry(3), "prenatal_visit", &time, r#"{"n":{}}"#),
        change(notebook, entry(4), "horoscope", &time, r#"{"n":{"sign":"lion"}}"#),
        change(notebook, entry(5), "diary", &time, r#"{"n":{"horoscope":"lion"}}"#),
        change(notebook, entry(6), "diary", &time, "{\"n\":{\"text\":\"\\u001b[2J\"}}"),
    ];
    sends(&way, &mut guest, &time, &changes);
    for phone in [&mother, &father] {
        let report = sync_phone(&phone.book, &way);
        assert_eq!((report.outcome, report.pulled, report.apart), (SyncOutcome::Done, 1, 5));
        let listed = phone.book.entries().list(notebook, &ListFilter::default()).unwrap();
        assert_eq!(listed.iter().map(|entry| entry.id).collect::<Vec<_>>(), [entry(1)], "shown to nobody");
        assert_eq!(sync_phone(&phone.book, &way).apart, 0, "told once");
        let state = phone.book.sync().state(notebook).unwrap();
        assert_eq!((state.unread, state.apart), (1, 5), "kept and counted");
        assert_eq!(phone.book.doctor().examine(&mut |_, _| ()).unwrap().findings, Vec::<String>::new());
    }
}

#[test]
fn a_notebook_never_becomes_one_of_another_type_and_is_never_deleted() {
    let (time, way, mother, _father, notebook) = family();
    let mut guest = invited(&way, &mother.book, notebook, Role::Owner);
    time.pass(1000);
    let profile = |body: &str| change(notebook, notebook.into(), "profile", &time, body);
    sends(&way, &mut guest, &time, &[profile(r#"{"n":{"notebook_type":"private"}}"#)]);
    time.pass(1000);
    let profile = |body: &str| change(notebook, notebook.into(), "profile", &time, body);
    sends(&way, &mut guest, &time, &[profile(r#"{"n":{"notebook_type":null}}"#)]);
    let written = mother.book.entries().history(EntryKey::profile(notebook)).unwrap();
    assert_eq!(sync_phone(&mother.book, &way).apart, 2);
    let found = mother.book.notebooks().find(notebook).unwrap();
    assert_eq!(found.notebook_type, NotebookType::Child);
    assert_eq!(mother.book.entries().history(EntryKey::profile(notebook)).unwrap(), written);
}

#[test]
fn whatever_comes_first_all_phones_judge_alike() {
    let (time, way, mother, father, notebook) = family();
    let mut guest = invited(&way, &mother.book, notebook, Role::Writer);
    let weight = weigh(&mother.book, notebook, "9.1");
    time.pass(1000);
    // Before the birth, and after today: what hangs on a clock or another entry is shown everywhere.
    let early = EntryId::from_slice(&[1; 16]).unwrap();
    let late = EntryId::from_slice(&[2; 16]).unwrap();
    sends(
        &way,
        &mut guest,
        &time,
        &[
            change(notebook, early, "diary", &time, r#"{"n":{"text":"前","on":"2001-01-01"}}"#),
            change(notebook, late, "diary", &time, r#"{"n":{"text":"後","on":"2099-01-01"}}"#),
            change(notebook, weight, "growth", &time, r#"{"n":{"weight":-4}}"#),
        ],
    );
    for phone in [&father, &mother, &father] {
        assert_eq!(sync_phone(&phone.book, &way).outcome, SyncOutcome::Done);
    }
    let shown = |book: &Handbook| {
        let listed = book.entries().list(notebook, &ListFilter::default()).unwrap();
        listed.into_iter().map(|entry| (entry.id, (entry.on, entry.fields))).collect::<BTreeMap<_, _>>()
    };
    assert_eq!(shown(&mother.book), shown(&father.book));
    assert_eq!(shown(&mother.book).keys().collect::<Vec<_>>(), [&early, &weight, &late]);
    assert_eq!(shown(&mother.book)[&weight].1["weight"], 9.1);
}

#[test]
fn an_entry_that_one_member_changes_without_end_stays_as_it_was_then() {
    let (time, way, mother, _father, notebook) = family();
    let mut guest = invited(&way, &mother.book, notebook, Role::Writer);
    let entry = EntryId::from_slice(&[1; 16]).unwrap();
    let mut told = 0;
    for round in 0..3 {
        let changes: Vec<Change> = (0..600)
            .map(|n| {
                time.pass(1);
                change(notebook, entry, "diary", &time, &format!(r#"{{"n":{{"text":"{}"}}}}"#, round * 600 + n))
            })
            .collect();
        sends(&way, &mut guest, &time, &changes);
        told += sync_phone(&mother.book, &way).apart;
    }
    assert_eq!(told, 1800 - limits::ENTRY_CHANGES as u64, "kept apart, and told");
    assert_eq!(mother.book.entries().show(entry).unwrap().fields["text"], (limits::ENTRY_CHANGES - 1).to_string());
    // Another member still changes it.
    mother.book.entries().edit(entry, &[("text", "もとどおり")]).unwrap();
    assert_eq!(mother.book.entries().show(entry).unwrap().fields["text"], "もとどおり");
    assert_eq!(sync_phone(&mother.book, &way).outcome, SyncOutcome::Done);
}

#[test]
fn a_defect_in_one_notebook_keeps_no_other_one_back_and_is_told() {
    let (time, way, mother, father, notebook) = family();
    sync_phone(&father.book, &way);
    let other = NewChild { name: "もみじ".into(), born: day("2025-05-03"), ..NewChild::default() };
    let other = father.book.notebooks().add_child(&other).unwrap();
    let folder = father.folder;
    drop(father.book);
    // Nothing of this notebook can be sealed any more: a defect of ours, which no error of a server or a carer is.
    let trigger = format!(
        "CREATE TRIGGER defect BEFORE INSERT ON sealed WHEN hex(NEW.notebook) = '{}' BEGIN SELECT RAISE(ABORT, ''); END",
        notebook.as_bytes().iter().map(|byte| format!("{byte:02X}")).collect::<String>()
    );
    let sql = |sql: &str| {
        let mut db = Db::open(folder.path(), &FileKey::from_bytes([7; 32])).unwrap();
        db.write(|tx| Ok::<_, StoreError>(tx.execute_batch(sql)?)).unwrap();
    };
    sql(&trigger);
    let book = Handbook::open(&phone_config(folder.path(), &time).0).unwrap();
    let weight = weigh(&book, other, "5.5");
    weigh(&book, notebook, "9.1");
    let report = sync_phone(&book, &way);
    let stands = |id| report.notebooks.iter().find(|state| state.notebook == id).unwrap();
    assert_eq!((stands(notebook).outcome, stands(notebook).why), (SyncOutcome::Failed, Some(SyncWhy::Failed)));
    assert_eq!((stands(other).outcome, stands(other).why), (SyncOutcome::Done, None));
    assert_eq!((report.outcome, stands(notebook).waiting), (SyncOutcome::Failed, 1), "never that everything is sent");
    assert_eq!(book.entries().show(weight).unwrap().fields["weight"], 5.5);
    drop(book);
    sql("DROP TRIGGER defect");
    let book = Handbook::open(&phone_config(folder.path(), &time).0).unwrap();
    assert_eq!(sync_phone(&book, &way).outcome, SyncOutcome::Done, "the next version goes on");
    sync_phone(&mother.book, &way);
}
