//! Who reads and writes.

use ayumi_core::app::sync::{SyncOutcome, SyncWhy};
use ayumi_core::app::{Error, ListFilter, Recovering, SheetState};
use ayumi_core::store::changes::Delivery;
use ayumi_protocol::control::Role;
use ayumi_tests::family::{Direct, Municipality, Nowhere, sync, wait};

use ayumi_tests::phones::{child, family, invite, phone, weigh};

#[test]
fn an_invitation_is_used_once_and_the_list_shows_who_came() {
    let (time, way, mother, _father, notebook) = family();
    let invited = wait(mother.book.members().invite(notebook, Role::Reader, "おばあちゃん", &way)).unwrap();
    let names = || {
        let list = mother.book.members().list(notebook).unwrap();
        let mut rows: Vec<_> =
            list.into_iter().map(|member| (member.name, member.role.key(), member.what.key(), member.me)).collect();
        rows.sort();
        rows
    };
    let own = |name: &str, role, what, me| (name.to_owned(), role, what, me);
    assert!(names().contains(&own("おばあちゃん", "reader", "invitation", false)));
    let (first, second) = (phone(&time, "祖母"), phone(&time, "だれか"));
    assert_eq!(wait(first.book.members().join(&invited.code, &way)), Ok(notebook));
    assert!(matches!(wait(second.book.members().join(&invited.code, &way)), Err(Error::Invalid { .. })), "single use");
    assert!(second.book.notebooks().list().unwrap().is_empty(), "nothing half-done");
    assert!(matches!(wait(first.book.members().join(&invited.code, &way)), Err(Error::AlreadyThere { .. })));
    sync(&mother.book, &way);
    let mut expected = [
        own("母", "owner", "member", true),
        own("父", "writer", "member", false),
        own("祖母", "reader", "member", false),
    ];
    expected.sort();
    assert_eq!(names(), expected);
    // Late, mistyped, from nowhere.
    let late = wait(mother.book.members().invite(notebook, Role::Reader, "", &way)).unwrap();
    time.pass(25 * 60 * 60 * 1000);
    assert!(matches!(wait(second.book.members().join(&late.code, &way)), Err(Error::Invalid { .. })), "expired");
    assert!(matches!(wait(second.book.members().join("J-1234", &way)), Err(Error::Invalid { .. })));
    assert_eq!(wait(mother.book.members().invite(notebook, Role::Reader, "", &Nowhere)), Err(Error::Offline));
}

#[test]
fn a_reader_reads_and_what_is_written_there_is_refused() {
    let (time, way, mother, _father, notebook) = family();
    let invited = wait(mother.book.members().invite(notebook, Role::Reader, "", &way)).unwrap();
    let aunt = phone(&time, "おば");
    wait(aunt.book.members().join(&invited.code, &way)).unwrap();
    assert_eq!(aunt.book.notebooks().find(notebook).unwrap().role, Some(Role::Reader));
    let entry = ayumi_core::app::NewEntry::typed(notebook, "growth", "2026-04-01", &[("weight", "9")]).unwrap();
    assert!(matches!(aunt.book.entries().add(&entry), Err(Error::Invalid { .. })), "said at once, not after a sync");
}

#[test]
fn who_was_removed_reads_nothing_written_later_and_keeps_what_was_written_offline() {
    let (_time, way, mother, father, notebook) = family();
    let before = weigh(&mother.book, notebook, "9.1");
    sync(&mother.book, &way);
    sync(&father.book, &way);
    let id = mother.book.members().list(notebook).unwrap().into_iter().find(|member| !member.me).unwrap().id;
    let offline = weigh(&father.book, notebook, "9.2");
    wait(mother.book.members().remove(notebook, &id, &way)).unwrap();
    let later = weigh(&mother.book, notebook, "9.3");
    assert_eq!(sync(&mother.book, &way).outcome, SyncOutcome::Done);
    let report = sync(&father.book, &way);
    assert_eq!((report.outcome, report.refused), (SyncOutcome::Removed, 1));
    let told = &report.notebooks[0];
    assert_eq!((told.why, told.removed_by.as_deref()), (Some(SyncWhy::Removed), Some("母")), "by whom");
    assert_eq!(sync(&father.book, &way).outcome, SyncOutcome::Done, "it is told once");
    assert!(father.book.entries().show(before).is_ok(), "what came before stays");
    assert!(father.book.entries().show(later).is_err(), "nothing written later comes");
    assert_eq!(father.book.entries().delivery(offline), Ok(Delivery::Refused));
    assert_eq!(father.book.sync().state(notebook).unwrap().role, None);
    sync(&mother.book, &way);
    assert!(mother.book.entries().show(offline).is_err());
    // Invited again, he comes back with everything, and what waited is sent.
    invite(&mother.book, &father.book, notebook, Role::Writer, &way);
    assert_eq!(sync(&father.book, &way).outcome, SyncOutcome::Done);
    sync(&mother.book, &way);
    assert!(mother.book.entries().show(offline).is_ok() && father.book.entries().show(later).is_ok());
}

#[test]
fn who_leaves_is_followed_by_a_new_key_and_the_last_owner_stays() {
    let (_time, way, mother, father, notebook) = family();
    assert!(matches!(wait(mother.book.members().leave(notebook, &way)), Err(Error::Invalid { .. })), "the last owner");
    wait(father.book.members().leave(notebook, &way)).unwrap();
    let later = weigh(&mother.book, notebook, "9.3");
    assert_eq!(sync(&mother.book, &way).outcome, SyncOutcome::Done);
    assert_eq!(sync(&mother.book, &way).waiting, 0);
    sync(&father.book, &way);
    assert!(father.book.entries().show(later).is_err());
    assert!(matches!(
        wait(father.book.members().invite(notebook, Role::Owner, "", &way)),
        Err(Error::Invalid { .. } | Error::NotFound { .. })
    ));
}

#[test]
fn one_print_recovers_all_notebooks_on_a_new_phone_once() {
    let (time, way, mother, father, notebook) = family();
    let second = child(&mother.book);
    weigh(&mother.book, notebook, "9.1");
    weigh(&mother.book, second, "4.1");
    let old = wait(mother.book.members().print_recovery(&way)).unwrap();
    let print = wait(mother.book.members().print_recovery(&way)).unwrap();
    assert_eq!(print.notebooks.len(), 2);
    // A child who is born later is on the same print.
    let third = child(&mother.book);
    weigh(&mother.book, third, "3.1");
    sync(&mother.book, &way);
    assert_eq!(wait(mother.book.members().extend_recovery(&way)), Ok(1));
    assert_eq!(wait(mother.book.members().extend_recovery(&way)), Ok(0));
    sync(&father.book, &way);
    drop(mother);
    let new = phone(&time, "母");
    assert!(
        matches!(wait(new.book.members().recover(&old.code, &way)), Err(Error::Invalid { .. })),
        "an older print is void"
    );
    let mut recovered = wait(new.book.members().recover(&print.code, &way)).unwrap();
    recovered.sort();
    assert!(recovered.iter().all(|id| new.book.members().unconfirmed(*id) == Ok(None)), "a recovery waits for nobody");
    let mut all = vec![notebook, second, third];
    all.sort();
    assert_eq!(recovered, all);
    for id in all {
        assert_eq!(new.book.entries().list(id, &ListFilter::default()).unwrap().len(), 1);
        assert_eq!(new.book.notebooks().find(id).unwrap().role, Some(Role::Owner));
    }
    assert!(
        matches!(wait(phone(&time, "だれか").book.members().recover(&print.code, &way)), Err(Error::Invalid { .. })),
        "once"
    );
    // The others go on under the new key.
    weigh(&new.book, notebook, "9.5");
    sync(&new.book, &way);
    sync(&father.book, &way);
    weigh(&father.book, notebook, "9.6");
    assert_eq!(sync(&father.book, &way).outcome, SyncOutcome::Done);
    sync(&new.book, &way);
    assert_eq!(new.book.entries().list(notebook, &ListFilter::default()).unwrap().len(), 3);
}

#[test]
fn with_a_removed_member_goes_the_print_that_may_lie_at_home() {
    let (time, way, mother, _father, notebook) = family();
    let print = wait(mother.book.members().print_recovery(&way)).unwrap();
    let id = mother.book.members().list(notebook).unwrap().into_iter().find(|member| member.name == "父").unwrap().id;
    wait(mother.book.members().remove(notebook, &id, &way)).unwrap();
    let stranger = phone(&time, "父の新しい電話");
    assert!(matches!(wait(stranger.book.members().recover(&print.code, &way)), Err(Error::Invalid { .. })));
    assert_eq!(wait(mother.book.members().extend_recovery(&way)), Ok(0), "a void print does not come back");
}

#[test]
fn a_void_sheet_is_shown_as_void_until_a_new_one_is_made() {
    let (_time, way, mother, father, notebook) = family();
    let shown = || {
        let sheets = mother.book.members().sheets().unwrap();
        assert_eq!(sheets.iter().map(|sheet| sheet.notebook).collect::<Vec<_>>(), [notebook]);
        (sheets[0].sheet, sheets[0].one_owner)
    };
    assert_eq!(shown(), (SheetState::None, true), "and nobody else could decide");
    let sheet = wait(mother.book.members().print_recovery(&way)).unwrap();
    assert_eq!(sheet.members, ["母", "父"].map(str::to_owned));
    assert_eq!(shown(), (SheetState::Valid, true));
    let his = mother.book.members().list(notebook).unwrap().into_iter().find(|member| member.name == "父").unwrap().id;
    wait(mother.book.members().remove(notebook, &his, &way)).unwrap();
    assert_eq!(shown(), (SheetState::Void, true));
    wait(mother.book.members().print_recovery(&way)).unwrap();
    assert_eq!(shown(), (SheetState::Valid, true));
    assert_eq!(father.book.members().sheets(), Ok(Vec::new()), "who owns nothing is not asked for one");
}

/// The operator kept the store of the time before a removal, in which the sheet still counts.
#[test]
fn a_server_that_shows_who_recovers_a_notebook_from_before_a_removal_gets_no_word_for_the_removed() {
    let (time, way, mother, father, notebook) = family();
    let sheet = wait(mother.book.members().print_recovery(&way)).unwrap();
    sync(&father.book, &way);
    let then = way.0.contents();
    let his = mother.book.members().list(notebook).unwrap().into_iter().find(|member| member.name == "父").unwrap().id;
    wait(mother.book.members().remove(notebook, &his, &way)).unwrap();
    let shown = Direct(Municipality::new(&time));
    shown.0.roll_back(then);
    let new = phone(&time, "母の新しい電話");
    let length = shown.0.contents().length(notebook);
    let look = wait(new.book.members().look_into_sheet(&sheet.code, false, &shown)).unwrap();
    let names = |name: &str| look[0].members.iter().find(|member| member.name == name).map(|member| member.id.clone());
    assert_eq!((look.len(), look[0].notebook, names("父")), (1, notebook, Some(his.clone())), "he is in there again");
    assert_eq!(shown.0.contents().length(notebook), length, "looking changes nothing");
    let keep = |keep: Vec<String>| Recovering { keep: Some(keep), another_key: false };
    let nobody = wait(new.book.members().recover_as(&sheet.code, &keep(vec!["0".repeat(32)]), &shown));
    assert!(matches!(nobody, Err(Error::NotFound { .. })), "a slip: nothing is written");
    assert_eq!(shown.0.contents().length(notebook), length);
    let hers = keep(vec![names("母").unwrap()]);
    assert_eq!(wait(new.book.members().recover_as(&sheet.code, &hers, &shown)), Ok(vec![notebook]));
    let word = weigh(&new.book, notebook, "9.2");
    assert_eq!(sync(&new.book, &shown).outcome, SyncOutcome::Done);
    assert_eq!(sync(&father.book, &shown).outcome, SyncOutcome::Removed);
    assert!(father.book.entries().show(word).is_err());
    assert!(new.book.members().list(notebook).unwrap().iter().all(|member| member.name != "父"));
}

/// The lost phone had not read everything; what is in the log counts, and what comes later does not.
#[test]
fn who_is_left_out_of_a_recovery_keeps_what_the_log_has_and_adds_nothing() {
    let (time, way, mother, father, notebook) = family();
    let sheet = wait(mother.book.members().print_recovery(&way)).unwrap().code;
    let there = weigh(&father.book, notebook, "9.1");
    assert_eq!(sync(&father.book, &way).outcome, SyncOutcome::Done);
    let new = phone(&time, "母の新しい電話");
    let look = wait(new.book.members().look_into_sheet(&sheet, false, &way)).unwrap();
    let hers = look[0].members.iter().find(|member| member.name == "母").unwrap().id.clone();
    let length = way.0.contents().length(notebook);
    let keep = Recovering { keep: Some(vec![hers]), another_key: false };
    assert_eq!(wait(new.book.members().recover_as(&sheet, &keep, &way)), Ok(vec![notebook]));
    assert_eq!(way.0.contents().length(notebook), length + 1, "one statement, and nothing between");
    assert_eq!(new.book.entries().show(there).unwrap().fields["weight"], 9.1);
    let late = weigh(&father.book, notebook, "9.2");
    let report = sync(&father.book, &way);
    assert_eq!(
        (report.outcome, report.notebooks[0].removed_by.as_deref()),
        (SyncOutcome::Removed, Some("母の新しい電話"))
    );
    weigh(&new.book, notebook, "9.3");
    for phone in [&new, &mother] {
        assert_eq!(sync(&phone.book, &way).outcome, SyncOutcome::Done);
        assert!(phone.book.entries().show(there).is_ok() && phone.book.entries().show(late).is_err());
    }
}
