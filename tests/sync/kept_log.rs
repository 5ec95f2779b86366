//! The log is kept by servers and phones: any member brings back what a server lost, and what does not count comes back
//! nowhere.

use ayumi_channel::memory::Contents;
use ayumi_core::app::sync::SyncOutcome;
use ayumi_core::app::{Handbook, Holding, ListFilter, NewEntry};
use ayumi_core::model::NotebookId;
use ayumi_core::store::changes::Delivery;
use ayumi_protocol::control::Role;
use ayumi_tests::family::{Direct, Time, sync, wait};
use ayumi_tests::phones::{Phone, family, invite, phone, weigh};

fn join(time: &Time, way: &Direct, by: &Phone, notebook: NotebookId, role: Role, name: &str) -> Phone {
    let newcomer = phone(time, name);
    invite(&by.book, &newcomer.book, notebook, role, way);
    newcomer
}

/// All entries with all their versions, as a carer sees them.
fn seen(book: &Handbook, notebook: NotebookId) -> Vec<(String, usize)> {
    let all = ListFilter { limit: 500, ..ListFilter::default() };
    let list = book.entries().list(notebook, &all).unwrap();
    let versions = |entry| book.entries().history(entry).unwrap().len();
    let mut seen: Vec<_> =
        list.iter().map(|entry| (format!("{} {:?}", entry.id, entry.fields), versions(entry.id))).collect();
    seen.sort();
    seen
}

/// The id of the other member who is no reader.
fn writer_among(book: &Handbook, notebook: NotebookId) -> String {
    let list = book.members().list(notebook).unwrap();
    let writer = list.into_iter().find(|m| m.what == Holding::Member && m.role == Role::Writer);
    writer.unwrap().id
}

#[test]
fn a_readers_phone_alone_brings_a_wiped_server_back() {
    let (time, way, mother, father, notebook) = family();
    let grandmother = join(&time, &way, &mother, notebook, Role::Reader, "祖母");
    for (phone, kg) in [(&mother, "9.1"), (&father, "9.2"), (&mother, "9.3"), (&father, "9.4")] {
        weigh(&phone.book, notebook, kg);
        sync(&phone.book, &way);
        time.pass(60_000);
    }
    for phone in [&mother, &father, &grandmother] {
        sync(&phone.book, &way);
    }
    let length = way.0.contents().length(notebook);
    way.0.restore(Contents::default());
    let report = sync(&grandmother.book, &way);
    assert_eq!((report.outcome, report.waiting, report.refused), (SyncOutcome::Done, 0, 0));
    assert!(report.pushed >= 5, "{report:?}");
    assert_eq!(way.0.contents().length(notebook), length);
    for phone in [&mother, &father] {
        let report = sync(&phone.book, &way);
        assert_eq!((report.outcome, report.pushed, report.pulled), (SyncOutcome::Done, 0, 0), "nothing is missing");
    }
    let newcomer = join(&time, &way, &mother, notebook, Role::Reader, "叔母");
    assert_eq!(seen(&newcomer.book, notebook), seen(&mother.book, notebook));
    assert_eq!(way.0.contents().length(notebook), length + 3, "an invitation, a join, and the answer to it");
}

#[test]
fn what_a_server_lost_shows_as_waiting_until_it_is_there_again() {
    let (_time, way, mother, father, notebook) = family();
    let hers = weigh(&mother.book, notebook, "9.1");
    sync(&mother.book, &way);
    sync(&father.book, &way);
    assert_eq!(father.book.entries().delivery(hers), Ok(Delivery::Sent));
    // The other server refuses nobody, and is not there.
    father.book.sync().set_server("https://other.example").unwrap();
    assert_eq!(father.book.entries().delivery(hers), Ok(Delivery::Waiting));
    assert!(father.book.sync().state(notebook).unwrap().waiting > 0);
    let other = Direct(ayumi_tests::family::Municipality::new(&Time::default()));
    other.0.restore(Contents::default());
    assert_eq!(sync(&father.book, &other).outcome, SyncOutcome::Done);
    assert_eq!(father.book.entries().delivery(hers), Ok(Delivery::Sent));
    assert_eq!(father.book.sync().state(notebook).unwrap().waiting, 0);
}

/// A removal names the last words that count: what the removed one sent to a place that the remover never saw is taken back
/// by who had believed it.
#[test]
fn words_beyond_a_removal_are_taken_back() {
    let (time, way, mother, father, notebook) = family();
    let grandmother = join(&time, &way, &mother, notebook, Role::Reader, "祖母");
    let before = weigh(&father.book, notebook, "9.1");
    for phone in [&father, &mother, &grandmother] {
        sync(&phone.book, &way);
    }
    let then = way.0.contents();
    let beyond = weigh(&father.book, notebook, "19.9");
    let edited = father.book.entries().edit(before, &[("weight", "19.1")]);
    edited.unwrap();
    sync(&father.book, &way);
    sync(&grandmother.book, &way);
    assert_eq!(grandmother.book.entries().show(beyond).unwrap().fields["weight"], 19.9);
    assert_eq!(grandmother.book.entries().show(before).unwrap().fields["weight"], 19.1);
    // The server is put back; the mother takes the father out.
    way.0.restore(then);
    let gone = writer_among(&mother.book, notebook);
    wait(mother.book.members().remove(notebook, &gone, &way)).unwrap();
    for phone in [&grandmother, &mother] {
        let report = sync(&phone.book, &way);
        assert_eq!((report.outcome, report.waiting), (SyncOutcome::Done, 0), "{report:?}");
        assert!(phone.book.entries().show(beyond).is_err(), "it is shown nowhere");
        assert_eq!(phone.book.entries().show(before).unwrap().fields["weight"], 9.1, "and the value before is back");
        assert_eq!(phone.book.doctor().examine(&mut |_, _| ()).unwrap().findings, Vec::<String>::new());
    }
    assert_eq!(seen(&grandmother.book, notebook), seen(&mother.book, notebook));
    // What he wrote stays with him, refused.
    sync(&father.book, &way);
    assert_eq!(father.book.sync().state(notebook).unwrap().role, None);
    assert_eq!(father.book.entries().delivery(beyond), Ok(Delivery::Refused));
    assert_eq!(father.book.entries().show(beyond).unwrap().fields["weight"], 19.9);
}

/// Who becomes a writer again goes on behind the last words that counted.
#[test]
fn who_may_write_again_goes_on_behind_the_cutoff() {
    let (_time, way, mother, father, notebook) = family();
    let first = weigh(&father.book, notebook, "9.1");
    sync(&father.book, &way);
    sync(&mother.book, &way);
    let his = writer_among(&mother.book, notebook);
    wait(mother.book.members().set_role(notebook, &his, Role::Reader, &way)).unwrap();
    let offline = weigh(&father.book, notebook, "9.2");
    sync(&father.book, &way);
    assert_eq!(father.book.entries().delivery(offline), Ok(Delivery::Refused));
    wait(mother.book.members().set_role(notebook, &his, Role::Writer, &way)).unwrap();
    sync(&father.book, &way);
    let later = weigh(&father.book, notebook, "9.3");
    let report = sync(&father.book, &way);
    assert_eq!((report.outcome, report.waiting, report.refused), (SyncOutcome::Done, 0, 0));
    sync(&mother.book, &way);
    for (entry, kg) in [(first, 9.1), (offline, 9.2), (later, 9.3)] {
        assert_eq!(mother.book.entries().show(entry).unwrap().fields["weight"], kg);
    }
}

/// Nothing of it is left in the file, and everything else goes on.
#[test]
fn a_notebook_that_was_forgotten_has_left_this_device() {
    let (_time, way, mother, father, notebook) = family();
    let word = "わすれることば";
    let private = mother.book.notebooks().add_private().unwrap();
    let note = NewEntry::typed(private, "diary", "2026-04-01", &[("text", word)]).unwrap();
    let note = mother.book.entries().add(&note).unwrap();
    mother.book.entries().edit(note, &[("text", "わすれることば、もう一度")]).unwrap();
    sync(&mother.book, &way);
    let kept = weigh(&mother.book, notebook, "9.1");
    mother.book.maintain().unwrap();
    mother.book.notebooks().forget(private).unwrap();
    assert!(mother.book.notebooks().find(private).is_err() && mother.book.entries().show(note).is_err());
    assert_eq!(mother.book.notebooks().forget(private).err().map(|error| error.code()), Some("not_found"));
    assert_eq!(mother.book.notebooks().list().unwrap().len(), 1);
    assert_eq!(mother.book.doctor().examine(&mut |_, _| ()).unwrap().findings, Vec::<String>::new());
    // What is written next takes the numbers of rows that went, and is sent all the same.
    let later = weigh(&mother.book, notebook, "9.2");
    mother.book.entries().edit(kept, &[("weight", "9.3")]).unwrap();
    assert_eq!(sync(&mother.book, &way).outcome, SyncOutcome::Done);
    sync(&father.book, &way);
    assert_eq!(father.book.entries().show(later).unwrap().fields["weight"], 9.2);
    assert_eq!(father.book.entries().show(kept).unwrap().fields["weight"], 9.3);
    let Phone { folder, book, .. } = mother;
    drop(book);
    let connection = super::two_phones::open_bare(folder.path());
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'search%'";
    let tables: Vec<String> =
        connection.prepare(tables).unwrap().query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    for table in tables {
        let mut statement = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                use rusqlite::types::ValueRef;
                let bytes = match row.get_ref(column).unwrap() {
                    ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes,
                    _ => continue,
                };
                let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
                assert!(!holds(word.as_bytes()) && !holds(private.as_bytes()), "{table}, column {column}");
            }
        }
    }
}

/// The log that shows a removal is another one than the removed phone knew, and the same statements have other places in it.
#[test]
fn a_phone_that_was_removed_by_a_log_it_never_saw_says_who_did_it() {
    let (time, way, mother, father, notebook) = family();
    for kg in ["9.1", "9.2", "9.3"] {
        weigh(&father.book, notebook, kg);
        sync(&father.book, &way);
    }
    let grandmother = join(&time, &way, &mother, notebook, Role::Reader, "祖母");
    sync(&grandmother.book, &way);
    wait(mother.book.members().invite(notebook, Role::Reader, "", &way)).unwrap();
    way.0.restore(Contents::default());
    for _ in 0..2 {
        assert_eq!(sync(&mother.book, &way).outcome, SyncOutcome::Done);
    }
    let list = mother.book.members().list(notebook).unwrap();
    let reader = list.into_iter().find(|m| m.what == Holding::Member && m.role == Role::Reader).unwrap().id;
    wait(mother.book.members().remove(notebook, &reader, &way)).unwrap();
    let report = sync(&grandmother.book, &way);
    assert_eq!(report.outcome, SyncOutcome::Removed);
    assert_eq!(report.notebooks[0].removed_by.as_deref(), Some("母"));
    assert_eq!(sync(&grandmother.book, &way).outcome, SyncOutcome::Done);
    assert_eq!(grandmother.book.sync().state(notebook).unwrap().role, None);
}

#[test]
fn what_a_forgotten_removal_cuts_off_is_sent_by_its_author_who_comes_back() {
    let (_time, way, mother, father, notebook) = family();
    for phone in [&mother, &father] {
        sync(&phone.book, &way);
    }
    let then = way.0.contents();
    let his = writer_among(&mother.book, notebook);
    wait(mother.book.members().remove(notebook, &his, &way)).unwrap();
    way.0.restore(then);
    let word = weigh(&father.book, notebook, "9.2");
    assert_eq!(sync(&father.book, &way).outcome, SyncOutcome::Done);
    sync(&mother.book, &way);
    assert!(mother.book.entries().show(word).is_err(), "it is beyond the removal, which came back");
    assert_eq!(sync(&father.book, &way).outcome, SyncOutcome::Removed);
    assert_eq!(father.book.entries().delivery(word), Ok(Delivery::Refused));
    invite(&mother.book, &father.book, notebook, Role::Writer, &way);
    for phone in [&father, &mother] {
        assert_eq!(sync(&phone.book, &way).outcome, SyncOutcome::Done);
        assert_eq!(phone.book.entries().show(word).unwrap().fields["weight"], 9.2);
    }
    assert_eq!(father.book.entries().delivery(word), Ok(Delivery::Sent));
}

/// The server's chain no longer knows the epoch in which the words were sealed: their author has its key.
#[test]
fn words_of_an_epoch_that_a_server_lost_come_back_with_their_author() {
    let (time, way, mother, _father, notebook) = family();
    let sheet = wait(mother.book.members().print_recovery(&way)).unwrap().code;
    sync(&mother.book, &way);
    let second = phone(&time, "母の二台目");
    assert_eq!(wait(second.book.members().recover(&sheet, &way)).unwrap(), [notebook]);
    let word = weigh(&second.book, notebook, "9.2");
    assert_eq!(sync(&second.book, &way).outcome, SyncOutcome::Done);
    wait(second.book.members().leave(notebook, &way)).unwrap();
    way.0.restore(Contents::default());
    assert_eq!(sync(&mother.book, &way).outcome, SyncOutcome::Done);
    invite(&mother.book, &second.book, notebook, Role::Writer, &way);
    for phone in [&second, &mother] {
        assert_eq!(sync(&phone.book, &way).outcome, SyncOutcome::Done);
        assert_eq!(phone.book.entries().show(word).unwrap().fields["weight"], 9.2);
    }
}
