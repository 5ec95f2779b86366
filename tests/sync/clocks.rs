//! Clocks that are wrong do no lasting harm.

use std::sync::atomic::Ordering;

use ayumi_channel::answer::Origins;
use ayumi_channel::memory::Contents;
use ayumi_core::app::VersionView;
use ayumi_core::app::sync::{SyncOutcome, SyncWhy};
use ayumi_core::model::{EntryId, NotebookId};
use ayumi_core::texts::Locale;
use ayumi_protocol::control::Role;
use ayumi_tests::family::{Direct, Municipality, Time, sync, wait};
use ayumi_tests::phones::{Phone, child, family, invite, phone, weigh};

use super::servers::at_one_place;

const YEAR_MS: u64 = 365 * 86_400_000;

/// The server's clock is a year ahead for a day, and then right: nobody is kept from writing for a year.
#[test]
fn after_a_day_with_a_server_a_year_ahead_every_edit_is_taken_within_one_sync() {
    for phones_too in [false, true] {
        after_a_day_a_year_ahead(phones_too);
    }
}

fn after_a_day_a_year_ahead(phones_too: bool) {
    let (time, way, mother, father, notebook) = family();
    let before = weigh(&mother.book, notebook, "9.0");
    sync(&mother.book, &way);
    // The shared time is the server's; phones are as much behind it as it is ahead.
    time.pass(YEAR_MS);
    let behind = |ms: i64| [&mother, &father].map(|phone| phone.wrong_ms.store(ms, Ordering::Relaxed));
    behind(if phones_too { 0 } else { -(YEAR_MS as i64) });
    let then = weigh(&mother.book, notebook, "9.1");
    sync(&mother.book, &way);
    sync(&father.book, &way);
    father.book.entries().edit(then, &[("weight", "9.2")]).unwrap();
    father.book.entries().edit(before, &[("weight", "9.05")]).unwrap();
    assert_eq!(sync(&father.book, &way).outcome, SyncOutcome::Done);
    time.pass(86_400_000);
    sync(&mother.book, &way);
    time.0.fetch_sub(YEAR_MS, Ordering::Relaxed);
    behind(0);
    for (round, phone) in [&mother, &father, &mother].into_iter().enumerate() {
        let new = weigh(&phone.book, notebook, "9.3");
        for kg in ["9.4", "9.5", "9.6"] {
            phone.book.entries().edit(then, &[("weight", kg)]).unwrap();
            phone.book.entries().edit(before, &[("weight", kg)]).unwrap();
        }
        let report = sync(&phone.book, &way);
        assert_eq!((report.outcome, report.pushed, report.waiting), (SyncOutcome::Done, 7, 0), "{round}: {report:?}");
        for other in [&mother, &father] {
            sync(&other.book, &way);
            assert_eq!(other.book.entries().show(then).unwrap().fields["weight"], 9.6);
            assert_eq!(other.book.entries().show(before).unwrap().fields["weight"], 9.6);
            assert!(other.book.entries().show(new).is_ok());
        }
        assert_eq!(phone.book.entries().conflicts().unwrap(), Vec::new(), "{round}");
    }
}

/// A father who wrote while the server's clock was a year ahead, a grandmother who reads and has all of it, and the server as it
/// was before.
fn written_a_year_ahead() -> (Time, Direct, [Phone; 3], NotebookId, Vec<EntryId>, Contents) {
    let (time, way, mother, father, notebook) = family();
    let grandmother = phone(&time, "祖母");
    invite(&mother.book, &grandmother.book, notebook, Role::Reader, &way);
    for phone in [&mother, &grandmother, &father] {
        sync(&phone.book, &way);
    }
    let then = way.0.contents();
    time.pass(YEAR_MS);
    let mut written = Vec::new();
    for (phone, kg) in [(&father, "9.1"), (&mother, "9.2"), (&father, "9.3"), (&mother, "9.4")] {
        written.push(weigh(&phone.book, notebook, kg));
        assert_eq!(sync(&phone.book, &way).outcome, SyncOutcome::Done);
        time.pass(3_600_000);
    }
    for phone in [&father, &mother, &grandmother] {
        assert_eq!(sync(&phone.book, &way).outcome, SyncOutcome::Done);
    }
    time.0.fetch_sub(YEAR_MS, Ordering::Relaxed);
    (time, way, [mother, father, grandmother], notebook, written, then)
}

/// A stamp of next year is shown and counts; it is marked, and no phone stops for it.
#[test]
fn what_a_clock_far_ahead_stamped_is_marked_on_every_phone_and_halts_none() {
    let (time, way, phones, notebook, written, _then) = written_a_year_ahead();
    let marks = |phone: &Phone, entry| {
        let history = phone.book.entries().history(entry).unwrap();
        history.iter().map(|version| version.ahead).collect::<Vec<_>>()
    };
    for phone in &phones {
        let report = sync(&phone.book, &way);
        assert_eq!((report.outcome, report.waiting), (SyncOutcome::Done, 0), "{report:?}");
        assert_eq!(phone.book.sync().state(notebook).unwrap().halted, None);
        assert!(written.iter().all(|entry| marks(phone, *entry) == [true]), "a year ahead of this phone's clock");
        let facts = EntryId::from(notebook);
        assert!(marks(phone, facts).iter().all(|ahead| !ahead), "what was written before is not");
    }
    for locale in Locale::ALL {
        assert!(!VersionView::told_ahead(locale).is_empty());
    }
    // In a year it is a stamp as any other.
    time.pass(YEAR_MS);
    assert!(written.iter().all(|entry| marks(&phones[2], *entry) == [false]));
}

/// Whoever comes first, also one who only reads: the server signed that it had all of it.
#[test]
fn what_a_server_a_year_ahead_took_comes_back_by_anybodys_phone_within_one_sync() {
    for (first, wiped) in [(2, true), (1, true), (2, false), (1, false), (0, true)] {
        let (_time, way, phones, notebook, written, then) = written_a_year_ahead();
        let length = way.0.contents().length(notebook);
        way.0.restore(if wiped { Contents::default() } else { then });
        let report = sync(&phones[first].book, &way);
        assert_eq!((report.outcome, report.waiting), (SyncOutcome::Done, 0), "{first} {wiped}: {report:?}");
        assert_eq!(way.0.contents().length(notebook), length, "{first} {wiped}: nothing is missing");
        for phone in &phones {
            let report = sync(&phone.book, &way);
            assert_eq!((report.outcome, report.waiting, report.pushed), (SyncOutcome::Done, 0, 0), "{report:?}");
            assert!(written.iter().all(|entry| phone.book.entries().show(*entry).is_ok()));
        }
        // It goes on from there, and comes back a second time with what the server signed since.
        let later = weigh(&phones[1].book, notebook, "9.9");
        for phone in [1, 2] {
            assert_eq!(sync(&phones[phone].book, &way).outcome, SyncOutcome::Done);
        }
        way.0.restore(Contents::default());
        let report = sync(&phones[2].book, &way);
        assert_eq!((report.outcome, report.waiting), (SyncOutcome::Done, 0), "{report:?}");
        sync(&phones[0].book, &way);
        assert!(phones[0].book.entries().show(later).is_ok());
    }
}

/// A meeting side by side between, which reads another log, costs nobody what the server signed.
#[test]
fn what_a_server_signed_is_still_known_after_another_log_was_read() {
    let time = Time::default();
    let way = at_one_place(&time, 7, Contents::default());
    let (mother, father) = (phone(&time, "母"), phone(&time, "父"));
    let notebook = child(&mother.book);
    invite(&mother.book, &father.book, notebook, Role::Writer, &way);
    time.pass(YEAR_MS);
    weigh(&father.book, notebook, "9.2");
    assert_eq!(sync(&father.book, &way).outcome, SyncOutcome::Done);
    time.0.fetch_sub(YEAR_MS, Ordering::Relaxed);
    let host = wait(father.book.nearby().host()).unwrap();
    drop(host);
    way.0.0.restore(Contents::default());
    let report = sync(&father.book, &way);
    assert_eq!((report.outcome, report.waiting), (SyncOutcome::Done, 0), "{report:?}");
}

/// What was signed under a former key this server takes; a server that has another key, and never had that one, does not.
#[test]
fn a_server_that_changed_its_key_takes_what_it_signed_before_and_no_other_one_does() {
    for follows in [true, false] {
        let time = Time::default();
        let [way, next] = [7, 8].map(|seed| at_one_place(&time, seed, Contents::default()));
        let (mother, father) = (phone(&time, "母"), phone(&time, "父"));
        let notebook = child(&mother.book);
        invite(&mother.book, &father.book, notebook, Role::Writer, &way);
        time.pass(YEAR_MS);
        weigh(&father.book, notebook, "9.2");
        assert_eq!(sync(&father.book, &way).outcome, SyncOutcome::Done);
        time.0.fetch_sub(YEAR_MS, Ordering::Relaxed);
        let way = if follows {
            way.0.0.change_key();
            way.0.0.restore(Contents::default());
            way
        } else {
            // It has the key that follows, and says nothing of the one before.
            next.0.0.restore(Contents::default());
            next
        };
        let report = sync(&father.book, &way);
        let expected = if follows { (SyncOutcome::Done, 0) } else { (SyncOutcome::More, 1) };
        assert_eq!((report.outcome, report.waiting), expected, "{report:?}");
    }
}

/// What one server took, another one takes from an owner; a member who carries it is told to wait, and says so.
#[test]
fn what_another_server_a_year_ahead_took_comes_by_an_owners_phone() {
    let (time, _, [mother, father, grandmother], notebook, written, _) = written_a_year_ahead();
    let way = Direct(Municipality::with_key(&time, Origins::Nearby, 17));
    for phone in [&mother, &father, &grandmother] {
        phone.book.sync().set_server("https://other.example").unwrap();
    }
    let report = sync(&grandmother.book, &way);
    assert_eq!(report.outcome, SyncOutcome::More, "it waits here: {report:?}");
    assert_eq!(report.waiting, 4);
    let why = report.notebooks.iter().find(|told| told.notebook == notebook).and_then(|told| told.why);
    assert_eq!(why, Some(SyncWhy::NotTaken), "and that is said");
    for phone in [&mother, &grandmother, &father] {
        let report = sync(&phone.book, &way);
        assert_eq!((report.outcome, report.waiting), (SyncOutcome::Done, 0), "{report:?}");
    }
    let aunt = phone(&time, "おば");
    invite(&mother.book, &aunt.book, notebook, Role::Reader, &way);
    assert!(written.iter().all(|entry| aunt.book.entries().show(*entry).is_ok()));
}
