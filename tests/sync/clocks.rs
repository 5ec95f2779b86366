//! Clocks that are wrong do no lasting harm.

use std::sync::atomic::Ordering;

use ayumi_core::app::sync::SyncOutcome;
use ayumi_protocol::control::Role;
use ayumi_tests::family::{sync, wait};
use ayumi_tests::phones::{family, phone, weigh};

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

/// What such a server took, another one takes from an owner; a member who carries it is told to wait, and says so.
#[test]
fn what_a_server_a_year_ahead_took_comes_back_by_an_owners_phone() {
    let (time, way, mother, father, notebook) = family();
    let grandmother = phone(&time, "祖母");
    let code = wait(mother.book.members().invite(notebook, Role::Reader, "", &way)).unwrap().code;
    wait(grandmother.book.members().join(&code, &way)).unwrap();
    // The mother's phone confirms that she came in.
    for phone in [&mother, &grandmother, &father] {
        sync(&phone.book, &way);
    }
    let then = way.0.contents();
    time.pass(YEAR_MS);
    let his = weigh(&father.book, notebook, "9.2");
    for phone in [&father, &grandmother, &mother] {
        assert_eq!(sync(&phone.book, &way).outcome, SyncOutcome::Done);
    }
    time.0.fetch_sub(YEAR_MS, Ordering::Relaxed);
    way.0.restore(then);
    let report = sync(&grandmother.book, &way);
    assert_eq!((report.outcome, report.waiting), (SyncOutcome::More, 1), "it waits here: {report:?}");
    let report = sync(&mother.book, &way);
    assert_eq!((report.outcome, report.waiting), (SyncOutcome::Done, 0), "{report:?}");
    let report = sync(&grandmother.book, &way);
    assert_eq!((report.outcome, report.waiting), (SyncOutcome::Done, 0), "{report:?}");
    let report = sync(&father.book, &way);
    assert_eq!((report.outcome, report.waiting), (SyncOutcome::Done, 0), "{report:?}");
    let aunt = phone(&time, "おば");
    let code = wait(mother.book.members().invite(notebook, Role::Reader, "", &way)).unwrap().code;
    wait(aunt.book.members().join(&code, &way)).unwrap();
    assert!(aunt.book.entries().show(his).is_ok());
}
