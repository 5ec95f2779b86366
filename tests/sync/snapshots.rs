//! A log that has grown long: a writer says everything once more, the municipality lets go of what stands before, and
//! nobody loses anything.

use ayumi_core::app::sync::SyncOutcome;
use ayumi_core::app::{Handbook, ListFilter};
use ayumi_core::model::NotebookId;
use ayumi_protocol::control::Role;
use ayumi_tests::family::{Direct, Time, phone_config, sync, wait};

use super::two_phones::open_bare;
use ayumi_tests::phones::{Phone, family, phone, weigh};

const HOUR: u64 = 60 * 60 * 1000;
const AFTER: u64 = 12;

fn small_snapshots(phones: &[&Phone]) {
    phones.iter().for_each(|phone| phone.book.sync().set_snapshot_after(AFTER).unwrap());
}

/// Many days: each writes and sends in turn, each in a new session.
fn live(time: &Time, way: &Direct, phones: &[&Phone], notebook: NotebookId, days: usize) {
    for day in 0..days {
        let phone = phones[day % phones.len()];
        weigh(&phone.book, notebook, &format!("{}.{}", 5 + day % 9, day % 10));
        time.pass(2 * HOUR);
        for phone in phones {
            assert_eq!(sync(&phone.book, way).outcome, SyncOutcome::Done);
        }
    }
}

/// All entries with all their versions, as a carer sees them.
fn seen(book: &Handbook, notebook: NotebookId) -> Vec<(String, usize)> {
    let all = ListFilter { limit: 500, ..ListFilter::default() };
    let list = book.entries().list(notebook, &all).unwrap();
    let mut seen: Vec<_> = list
        .iter()
        .map(|entry| (format!("{} {:?}", entry.id, entry.fields), book.entries().history(entry.id).unwrap().len()))
        .collect();
    seen.sort();
    seen
}

fn join(time: &Time, way: &Direct, by: &Phone, notebook: NotebookId, name: &str) -> Phone {
    let newcomer = phone(time, name);
    let code = wait(by.book.members().invite(notebook, Role::Writer, "", way)).unwrap().code;
    assert_eq!(wait(newcomer.book.members().join(&code, way)), Ok(notebook));
    newcomer
}

#[test]
fn the_city_lets_go_of_what_two_snapshots_hold_and_a_newcomer_sees_everything() {
    let (time, way, mother, father, notebook) = family();
    small_snapshots(&[&mother, &father]);
    let first = weigh(&mother.book, notebook, "3.1");
    mother.book.entries().edit(first, &[("weight", "3.2")]).unwrap();
    live(&time, &way, &[&mother, &father], notebook, 60);
    let now = way.0.contents();
    assert!(now.let_go(notebook) > 30, "{} of {} let go", now.let_go(notebook), now.length(notebook));
    let newcomer = join(&time, &way, &mother, notebook, "祖母");
    assert!(seen(&newcomer.book, notebook) == seen(&mother.book, notebook));
    assert_eq!(newcomer.book.entries().history(first).unwrap().len(), 2, "with the whole history");
    // And what the newcomer writes goes to everybody.
    let id = weigh(&newcomer.book, notebook, "9.9");
    for phone in [&newcomer, &mother, &father] {
        assert_eq!(sync(&phone.book, &way).outcome, SyncOutcome::Done);
    }
    assert_eq!(father.book.entries().show(id).unwrap().fields["weight"], 9.9);
}

#[test]
fn nothing_goes_before_everybody_who_was_here_within_a_year_has_it_and_who_comes_later_starts_from_a_snapshot() {
    let (time, way, mother, father, notebook) = family();
    small_snapshots(&[&mother, &father]);
    let late = join(&time, &way, &mother, notebook, "叔母");
    live(&time, &way, &[&mother, &father], notebook, 60);
    assert_eq!(way.0.contents().let_go(notebook), 0, "somebody has not seen it yet");
    let unsent = weigh(&late.book, notebook, "9.9");
    time.pass(400 * 24 * HOUR);
    live(&time, &way, &[&mother, &father], notebook, 2);
    assert!(way.0.contents().let_go(notebook) > 30, "who was away for a year does not hold it back");
    assert_eq!(sync(&late.book, &way).outcome, SyncOutcome::Done);
    for phone in [&mother, &father] {
        sync(&phone.book, &way);
        assert!(seen(&late.book, notebook) == seen(&phone.book, notebook));
        assert_eq!(phone.book.entries().show(unsent).unwrap().fields["weight"], 9.9, "the outbox was kept");
    }
}

#[test]
fn what_a_snapshot_lacks_is_sent_again_by_who_knows_it() {
    let (time, way, mother, father, notebook) = family();
    let lost = weigh(&mother.book, notebook, "3.1");
    live(&time, &way, &[&mother, &father], notebook, 20);
    // A patched phone leaves something out.
    let Phone { folder, book, .. } = father;
    drop(book);
    let connection = open_bare(folder.path());
    assert_eq!(connection.execute("DELETE FROM changes WHERE entry = ?1", [lost.as_bytes()]).unwrap(), 1);
    drop(connection);
    let (config, wrong_ms) = phone_config(folder.path(), &time);
    let father = Phone { book: Handbook::open(&config).unwrap(), folder, wrong_ms };
    for _ in 0..2 {
        small_snapshots(&[&father]);
        live(&time, &way, &[&father, &mother], notebook, 14);
    }
    live(&time, &way, &[&mother, &father], notebook, 4);
    assert!(way.0.contents().let_go(notebook) > 20);
    let newcomer = join(&time, &way, &mother, notebook, "祖母");
    assert_eq!(newcomer.book.entries().show(lost).unwrap().fields["weight"], 3.1);
    assert!(seen(&newcomer.book, notebook) == seen(&mother.book, notebook));
}

#[test]
fn a_city_that_lets_go_of_what_no_snapshot_holds_is_found_out() {
    let (time, way, mother, _father, notebook) = family();
    for _ in 0..3 {
        weigh(&mother.book, notebook, "3.1");
        sync(&mother.book, &way);
    }
    let code = wait(mother.book.members().invite(notebook, Role::Writer, "", &way)).unwrap().code;
    let mut contents = way.0.contents();
    contents.let_go_of_everything(notebook);
    way.0.roll_back(contents);
    let newcomer = phone(&time, "祖母");
    let joined = wait(newcomer.book.members().join(&code, &way));
    let state = newcomer.book.sync().state(notebook).unwrap();
    assert!(joined.is_err() && state.halted.is_some(), "{joined:?} {:?}", state.halted);
}
