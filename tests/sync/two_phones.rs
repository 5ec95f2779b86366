//! Two phones write offline, and meet.

use ayumi_core::app::sync::{Budget, SyncOutcome};
use ayumi_core::app::{Handbook, ListFilter, NewEntry};
use ayumi_core::store::changes::Delivery;
use ayumi_core::sync::halt::Halt;
use ayumi_core::sync::transport::Transport;
use ayumi_protocol::control::Role;
use ayumi_tests::family::{Direct, Municipality, Nowhere, Time, phone_config, sync, wait};
use ayumi_tests::phones::{Phone, family, invite, phone, weigh};
use std::sync::atomic::Ordering;

#[test]
fn what_one_writes_the_other_sees_and_both_values_of_a_conflict_are_kept() {
    let (_time, way, mother, father, notebook) = family();
    assert_eq!(father.book.notebooks().find(notebook).unwrap().name, "さくら");
    let id = weigh(&mother.book, notebook, "9.1");
    assert_eq!(mother.book.entries().delivery(id), Ok(Delivery::Waiting));
    let report = sync(&mother.book, &way);
    assert_eq!((report.outcome, report.pushed, report.waiting), (SyncOutcome::Done, 1, 0));
    assert_eq!(mother.book.entries().delivery(id), Ok(Delivery::Sent));
    assert_eq!(sync(&father.book, &way).pulled, 1);
    assert_eq!(father.book.entries().show(id).unwrap().fields["weight"], 9.1);
    // Offline, both correct the same field.
    mother.book.entries().edit(id, &[("weight", "9.2")]).unwrap();
    father.book.entries().edit(id, &[("weight", "9.3")]).unwrap();
    assert_eq!(sync(&father.book, &Nowhere).outcome, SyncOutcome::Offline);
    for phone in [&mother, &father, &mother] {
        assert_eq!(sync(&phone.book, &way).outcome, SyncOutcome::Done);
    }
    for phone in [&mother, &father] {
        assert_eq!(phone.book.entries().show(id).unwrap().fields["weight"], 9.3, "the later one is shown");
        let conflict = phone.book.entries().conflicts().unwrap().remove(0);
        let values: Vec<_> = conflict.values.iter().map(|value| value.value.as_f64().unwrap()).collect();
        assert_eq!(values, [9.3, 9.2], "both are kept");
    }
    let version = mother.book.entries().conflicts().unwrap()[0].values[1].version;
    mother.book.entries().settle(id, "weight", version).unwrap();
    sync(&mother.book, &way);
    sync(&father.book, &way);
    assert!(father.book.entries().conflicts().unwrap().is_empty());
    assert_eq!(father.book.entries().show(id).unwrap().fields["weight"], 9.2);
}

#[test]
fn nothing_new_is_one_small_question() {
    let (_time, way, mother, _father, _) = family();
    sync(&mother.book, &way);
    let report = sync(&mother.book, &way);
    assert_eq!((report.outcome, report.round_trips, report.pushed + report.pulled), (SyncOutcome::Done, 1, 0));
    assert!(report.bytes_up + report.bytes_down < 180, "{report:?}");
}

#[test]
fn a_clock_that_is_wrong_neither_wins_for_ever_nor_loses() {
    for (wrong, why) in [(3_600_000 * 24 * 365, "a year ahead"), (-3_600_000 * 24 * 365, "a year behind")] {
        let (time, way, mother, father, notebook) = family();
        let id = weigh(&mother.book, notebook, "9.1");
        sync(&mother.book, &way);
        sync(&father.book, &way);
        father.wrong_ms.store(wrong, Ordering::Relaxed);
        father.book.entries().edit(id, &[("weight", "9.2")]).unwrap();
        let other = weigh(&father.book, notebook, "9.9");
        father.book.entries().edit(other, &[("weight", "9.8")]).unwrap();
        time.pass(60_000);
        assert_eq!(sync(&father.book, &way).outcome, SyncOutcome::Done, "{why}");
        sync(&mother.book, &way);
        assert_eq!(mother.book.entries().show(id).unwrap().fields["weight"], 9.2, "{why}");
        assert_eq!(mother.book.entries().show(other).unwrap().fields["weight"], 9.8, "{why}");
        // Later she writes without having seen his next one: hers is later, and is shown.
        time.pass(60_000);
        father.book.entries().edit(id, &[("weight", "9.4")]).unwrap();
        time.pass(60_000);
        mother.book.entries().edit(id, &[("weight", "9.5")]).unwrap();
        for phone in [&father, &mother, &father] {
            assert_eq!(sync(&phone.book, &way).outcome, SyncOutcome::Done, "{why}");
        }
        for phone in [&father, &mother] {
            assert_eq!(phone.book.entries().show(id).unwrap().fields["weight"], 9.5, "{why}");
            assert_eq!(phone.book.entries().conflicts().unwrap().len(), 1, "{why}: both are kept");
            assert!(phone.book.doctor().examine(&mut |_, _| ()).unwrap().findings.is_empty());
        }
    }
}

#[test]
fn a_server_that_forgot_gets_everything_again() {
    for (why, kept) in [("wiped", false), ("put back from a backup", true)] {
        for same_life in [false, true] {
            let (_time, way, mother, father, notebook) = family();
            weigh(&mother.book, notebook, "9.1");
            sync(&mother.book, &way);
            sync(&father.book, &way);
            let backup = if kept { way.0.contents() } else { Default::default() };
            weigh(&father.book, notebook, "9.2");
            sync(&father.book, &way);
            sync(&mother.book, &way);
            weigh(&mother.book, notebook, "9.3");
            sync(&mother.book, &way);
            if same_life {
                way.0.roll_back(backup)
            } else {
                way.0.restore(backup)
            }
            weigh(&father.book, notebook, "9.4");
            if same_life && !kept {
                // It says that it lost nothing, and that it never had the notebook: a carer decides.
                assert_eq!(sync(&father.book, &way).outcome, SyncOutcome::Halted);
                assert_eq!(father.book.sync().state(notebook).unwrap().halted, Some(Halt::Missing));
                assert_eq!(way.0.contents().length(notebook), 0, "nothing was sent to it");
                father.book.sync().go_on(notebook).unwrap();
            }
            for phone in [&father, &mother, &father] {
                assert_eq!(sync(&phone.book, &way).outcome, SyncOutcome::Done, "{why}, {same_life}");
            }
            // A third phone sees everything, and so do they.
            let aunt = phone(&Time::default(), "おば");
            invite(&mother.book, &aunt.book, notebook, Role::Reader, &way);
            for phone in [&mother, &father, &aunt] {
                let entries = phone.book.entries().list(notebook, &ListFilter::default()).unwrap();
                assert_eq!(entries.len(), 4, "{why}, {same_life}");
                assert_eq!(sync(&phone.book, &way).waiting, 0);
            }
        }
    }
}

#[test]
fn another_server_gets_everything_and_the_members_stay() {
    let (time, old, mother, father, notebook) = family();
    let id = weigh(&mother.book, notebook, "9.1");
    sync(&mother.book, &old);
    let new = Direct(Municipality::new(&time));
    new.0.restore(Default::default());
    for phone in [&mother, &father] {
        phone.book.sync().set_server("https://new.example").unwrap();
    }
    assert_eq!(sync(&father.book, &new).outcome, SyncOutcome::Done, "who comes first founds it there");
    assert_eq!(sync(&mother.book, &new).outcome, SyncOutcome::Done);
    sync(&father.book, &new);
    assert_eq!(father.book.entries().show(id).unwrap().fields["weight"], 9.1);
    assert_eq!(mother.book.entries().delivery(id), Ok(Delivery::Sent));
}

#[test]
fn photos_are_sent_in_chunks_and_fetched_when_somebody_looks() {
    let (_time, way, mother, father, notebook) = family();
    let picture = std::fs::read(ayumi_tests::fixture("photos/garden.jpg")).unwrap();
    let entry = NewEntry::typed(notebook, "diary", "2026-04-01", &[("text", "庭")]).unwrap();
    let id = mother.book.entries().add(&entry.with_photo(&picture).unwrap()).unwrap();
    let photo = mother.book.entries().photos_of(id).unwrap()[0].id;
    assert_eq!(sync(&mother.book, &way).outcome, SyncOutcome::Done);
    sync(&father.book, &way);
    assert!(father.book.entries().photo(photo).is_err(), "not here yet");
    let missing = |phone: &Phone| phone.book.export().missing_photos(notebook).unwrap().len();
    assert_eq!((missing(&father), missing(&mother)), (1, 0), "an export says what it would lack");
    let fetched = wait(father.book.sync().fetch_photo(photo, &way)).unwrap();
    assert_eq!(fetched, mother.book.entries().photo(photo).unwrap());
    assert_eq!(father.book.entries().photo(photo).unwrap(), fetched);
    assert_eq!(missing(&father), 0);
    assert!(!father.book.entries().thumbnail(photo).unwrap().is_empty());
    assert!(father.book.doctor().examine(&mut |_, _| ()).unwrap().findings.is_empty());
}

#[test]
fn a_phone_whose_file_was_damaged_is_a_member_still() {
    let (time, way, mother, father, notebook) = family();
    let id = weigh(&mother.book, notebook, "9.1");
    sync(&mother.book, &way);
    sync(&father.book, &way);
    let unsent = weigh(&mother.book, notebook, "9.2");
    let Phone { folder, book, .. } = mother;
    drop(book);
    let path = folder.path().join("handbook.db");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[..2048].fill(0);
    std::fs::write(&path, bytes).unwrap();
    let (config, _) = phone_config(folder.path(), &time);
    assert_eq!(Handbook::open(&config).err().map(|error| error.code()), Some("damaged"));
    ayumi_core::app::doctor::salvage(&config, &mut |_| ()).unwrap();
    let mother = Handbook::open(&config).unwrap();
    let report = sync(&mother, &way);
    assert_eq!((report.outcome, report.waiting), (SyncOutcome::Done, 0));
    assert_eq!(mother.entries().delivery(id), Ok(Delivery::Sent));
    sync(&father.book, &way);
    assert_eq!(father.book.entries().show(unsent).unwrap().fields["weight"], 9.2);
    assert_eq!(
        mother
            .members()
            .list(notebook)
            .unwrap()
            .iter()
            .filter(|member| member.me && member.role == Role::Owner)
            .count(),
        1
    );
}

#[test]
fn in_the_background_nobody_is_asked_before_the_wait_is_over() {
    let (time, way, mother, _father, notebook) = family();
    let quiet = Budget { background: true, ..Budget::default() };
    let run = |way: &dyn Transport, budget| wait(mother.book.sync().run(way, budget, &|_, _| ())).unwrap();
    weigh(&mother.book, notebook, "9.1");
    // Jitter may be nothing at all: then it fails again.
    let waits = std::iter::repeat_with(|| run(&Nowhere, Budget::default()).retry_ms).find(|ms| *ms > 10).unwrap();
    let report = run(&way, quiet);
    assert_eq!((report.outcome, report.round_trips), (SyncOutcome::Offline, 0), "waits {waits} ms");
    assert!((1..=waits).contains(&report.retry_ms), "{}", report.retry_ms);
    time.pass(waits);
    assert_eq!(run(&way, quiet).outcome, SyncOutcome::Done);
    std::iter::repeat_with(|| run(&Nowhere, Budget::default()).retry_ms).find(|ms| *ms > 10).unwrap();
    mother.book.sync().network_changed().unwrap();
    assert_eq!(run(&way, quiet).outcome, SyncOutcome::Done, "another network: at once");
    std::iter::repeat_with(|| run(&Nowhere, Budget::default()).retry_ms).find(|ms| *ms > 10).unwrap();
    assert_eq!(sync(&mother.book, &way).outcome, SyncOutcome::Done, "a carer's tap: at once");
}

#[test]
fn what_an_older_version_could_not_read_is_read_after_an_update_without_asking_anybody() {
    let (time, way, mother, father, notebook) = family();
    let id = weigh(&father.book, notebook, "9.1");
    sync(&father.book, &way);
    sync(&mother.book, &way);
    let Phone { folder, book, .. } = mother;
    drop(book);
    // As an older version left it: the envelope is kept, and nothing of it is shown.
    let connection = open_bare(folder.path());
    let newest = "n = (SELECT max(n) FROM frames)";
    assert_eq!(connection.execute(&format!("UPDATE frames SET state = 1, changes = 0 WHERE {newest}"), []).unwrap(), 1);
    connection.execute("DELETE FROM changes WHERE entry = ?1", [id.as_bytes()]).unwrap();
    connection.execute("UPDATE entries SET deleted = 2 WHERE id = ?1", [id.as_bytes()]).unwrap();
    connection.execute("UPDATE meta SET value = '0.0.0' WHERE key = 'read_by'", []).unwrap();
    drop(connection);
    let (config, _) = phone_config(folder.path(), &time);
    let mother = Handbook::open(&config).unwrap();
    assert_eq!(mother.sync().state(notebook).unwrap().unread, 1);
    assert!(mother.entries().show(id).is_err());
    assert!(sync(&mother, &way).bytes_down < 200, "the log is not read again");
    assert_eq!(mother.sync().state(notebook).unwrap().unread, 0);
    assert_eq!(mother.entries().show(id).unwrap().fields["weight"], 9.1);
    assert_eq!(mother.entries().delivery(id), Ok(Delivery::Sent));
}

/// A phone's file past the core, with the tests' key.
pub(crate) fn open_bare(folder: &std::path::Path) -> rusqlite::Connection {
    let path = folder.join("handbook.db");
    let salt: String = std::fs::read(&path).unwrap()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    let connection = rusqlite::Connection::open(&path).unwrap();
    let key = format!("PRAGMA key = \"x'{}{salt}'\"; PRAGMA cipher_page_size = 2048", "07".repeat(32));
    connection.execute_batch(&key).unwrap();
    connection
}
