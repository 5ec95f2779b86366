//! Who comes in by a code sends nothing until the phone that made the code has answered, or six words were compared.

use ayumi_channel::memory::Contents;
use ayumi_core::app::sync::{SyncOutcome, SyncWhy};
use ayumi_core::app::{Confirmed, Error, Handbook, JoinWords};
use ayumi_core::model::NotebookId;
use ayumi_core::store::changes::Delivery;
use ayumi_protocol::control::Role;
use ayumi_tests::family::{Direct, Municipality, Time, sync, wait};
use ayumi_tests::phones::{Phone, family, phone, weigh};

/// Somebody who came in by a code of the mother's, and has heard of nobody since.
fn newcomer(time: &Time, way: &Direct, mother: &Phone, notebook: NotebookId, role: Role) -> Phone {
    let code = wait(mother.book.members().invite(notebook, role, "", way)).unwrap().code;
    let aunt = phone(time, "おば");
    assert_eq!(wait(aunt.book.members().join(&code, way)), Ok(notebook));
    aunt
}

fn waits(book: &Handbook, notebook: NotebookId) -> Option<String> {
    let waits = book.members().unconfirmed(notebook).unwrap().map(|waits| waits.maker);
    assert_eq!(book.sync().state(notebook).unwrap().waiting_for, waits);
    waits
}

/// The words that a phone shows of who came in last.
fn words(book: &Handbook, notebook: NotebookId, name: &str) -> Option<JoinWords> {
    let list = book.members().list(notebook).unwrap();
    list.into_iter().find(|member| member.name == name).unwrap().words
}

#[test]
fn what_a_newcomer_writes_waits_until_the_codes_makers_phone_has_answered() {
    let (time, way, mother, father, notebook) = family();
    let before = weigh(&mother.book, notebook, "9.1");
    sync(&mother.book, &way);
    let aunt = newcomer(&time, &way, &mother, notebook, Role::Writer);
    assert!(aunt.book.entries().show(before).is_ok(), "she sees what she got");
    let word = weigh(&aunt.book, notebook, "9.2");
    let length = way.0.contents().length(notebook);
    for _ in 0..2 {
        let report = sync(&aunt.book, &way);
        assert_eq!((report.outcome, report.waiting, report.pushed), (SyncOutcome::More, 1, 0));
        let told = &report.notebooks[0];
        assert_eq!((told.why, told.waiting_for.as_deref()), (Some(SyncWhy::NotConfirmed), Some("母")));
    }
    assert_eq!(way.0.contents().length(notebook), length, "nothing of hers is at the server");
    assert_eq!(aunt.book.entries().delivery(word), Ok(Delivery::Waiting));
    let report = sync(&mother.book, &way);
    assert_eq!((report.outcome, report.pushed), (SyncOutcome::Done, 0), "her answer holds no words");
    assert_eq!(way.0.contents().length(notebook), length + 1);
    let report = sync(&aunt.book, &way);
    assert_eq!((report.outcome, report.waiting, report.pushed), (SyncOutcome::Done, 0, 1));
    assert_eq!(report.notebooks[0].waiting_for, None);
    for phone in [&mother, &father] {
        assert_eq!(sync(&phone.book, &way).outcome, SyncOutcome::Done);
        assert!(phone.book.entries().show(word).is_ok());
    }
    let length = way.0.contents().length(notebook);
    assert_eq!(sync(&mother.book, &way).outcome, SyncOutcome::Done);
    assert_eq!(way.0.contents().length(notebook), length, "it is said once");
    // Confirmed once is confirmed for ever, also before a server that begins anew.
    way.0.restore(Contents::default());
    assert_eq!(sync(&aunt.book, &way).outcome, SyncOutcome::Done);
    assert_eq!(waits(&aunt.book, notebook), None);
}

#[test]
fn what_the_codes_maker_writes_is_an_answer_too() {
    let (time, way, mother, _father, notebook) = family();
    let aunt = newcomer(&time, &way, &mother, notebook, Role::Writer);
    weigh(&mother.book, notebook, "9.1");
    let length = way.0.contents().length(notebook);
    sync(&mother.book, &way);
    // What was sealed before she had read the join is followed by an answer; what was sealed after it is one.
    weigh(&mother.book, notebook, "9.2");
    sync(&mother.book, &way);
    assert_eq!(sync(&aunt.book, &way).outcome, SyncOutcome::Done);
    assert!(way.0.contents().length(notebook) <= length + 3);
}

/// The operator kept the store of the time before a removal, and who was removed helps.
#[test]
fn an_operator_who_shows_a_newcomer_a_chain_from_before_a_removal_gets_no_word() {
    let (time, way, mother, father, notebook) = family();
    let list = mother.book.members().list(notebook).unwrap();
    let his = list.into_iter().find(|member| member.name == "父").unwrap().id;
    wait(mother.book.members().set_role(notebook, &his, Role::Owner, &way)).unwrap();
    sync(&father.book, &way);
    let code = wait(mother.book.members().invite(notebook, Role::Writer, "", &way)).unwrap().code;
    let then = way.0.contents();
    wait(mother.book.members().remove(notebook, &his, &way)).unwrap();
    let shown = Direct(Municipality::new(&time));
    shown.0.roll_back(then);
    let aunt = phone(&time, "おば");
    assert_eq!(wait(aunt.book.members().join(&code, &shown)), Ok(notebook), "the code was good when it was made");
    let word = weigh(&aunt.book, notebook, "9.2");
    // He writes on top of her join, invites, and sends the mother's words of that time once more.
    weigh(&father.book, notebook, "9.3");
    sync(&father.book, &shown);
    wait(father.book.members().invite(notebook, Role::Reader, "", &shown)).unwrap();
    let length = shown.0.contents().length(notebook);
    let report = sync(&aunt.book, &shown);
    assert_eq!((report.outcome, report.waiting), (SyncOutcome::More, 1));
    assert_eq!(waits(&aunt.book, notebook).as_deref(), Some("母"));
    assert_eq!(shown.0.contents().length(notebook), length, "not a byte of hers came");
    // Nor do her words match on the mother's phone.
    assert!(mother.book.members().list(notebook).unwrap().iter().all(|member| member.words.is_none()));
    assert_eq!(aunt.book.entries().delivery(word), Ok(Delivery::Waiting));
}

#[test]
fn a_word_of_anybody_but_the_codes_maker_confirms_no_join() {
    let (time, way, mother, father, notebook) = family();
    let list = mother.book.members().list(notebook).unwrap();
    let his = list.into_iter().find(|member| member.name == "父").unwrap().id;
    wait(mother.book.members().set_role(notebook, &his, Role::Owner, &way)).unwrap();
    // The mother confirmed his join long ago: that answer is in the log, and is no answer to another join.
    let aunt = newcomer(&time, &way, &mother, notebook, Role::Writer);
    weigh(&father.book, notebook, "9.3");
    assert_eq!(sync(&father.book, &way).outcome, SyncOutcome::Done);
    weigh(&father.book, notebook, "9.4");
    assert_eq!(sync(&father.book, &way).outcome, SyncOutcome::Done);
    assert_eq!(sync(&aunt.book, &way).outcome, SyncOutcome::More);
    assert_eq!(waits(&aunt.book, notebook).as_deref(), Some("母"), "another owner's envelope on top of the join");
}

#[test]
fn six_words_let_a_newcomer_go_on_at_once_and_are_the_same_on_every_phone() {
    let (time, way, mother, father, notebook) = family();
    let aunt = newcomer(&time, &way, &mother, notebook, Role::Writer);
    let word = weigh(&aunt.book, notebook, "9.2");
    sync(&father.book, &way);
    let hers = aunt.book.members().unconfirmed(notebook).unwrap().unwrap().words;
    assert_eq!((hers.hiragana.len(), hers.english.len()), (6, 6));
    assert_eq!(words(&father.book, notebook, "おば"), Some(hers.clone()), "a writer's phone shows them too");
    assert_eq!(words(&aunt.book, notebook, "おば"), Some(hers));
    aunt.book.members().confirm(notebook, Confirmed::WordsMatch).unwrap();
    assert_eq!((waits(&aunt.book, notebook), words(&aunt.book, notebook, "おば")), (None, None));
    assert!(matches!(aunt.book.members().confirm(notebook, Confirmed::WordsMatch), Err(Error::NotFound { .. })));
    assert_eq!(sync(&aunt.book, &way).outcome, SyncOutcome::Done);
    sync(&father.book, &way);
    assert!(father.book.entries().show(word).is_ok());
    sync(&mother.book, &way);
    sync(&father.book, &way);
    assert_eq!(words(&father.book, notebook, "おば"), None, "nothing is left to compare");
}

#[test]
fn who_waits_for_an_answer_decides_nothing_for_others() {
    let (time, way, mother, father, notebook) = family();
    let aunt = newcomer(&time, &way, &mother, notebook, Role::Owner);
    let members = aunt.book.members();
    let his = members.list(notebook).unwrap().into_iter().find(|member| member.name == "父").unwrap().id;
    let refused = |done: Result<(), Error>| matches!(done, Err(Error::Invalid { .. }));
    assert!(refused(wait(members.invite(notebook, Role::Reader, "", &way)).map(drop)));
    assert!(refused(wait(members.remove(notebook, &his, &way))));
    assert!(refused(wait(members.set_role(notebook, &his, Role::Reader, &way))));
    assert!(matches!(wait(members.print_recovery(&way)), Err(Error::NotFound { .. })), "no sheet of it either");
    // Somebody leaves: the new key is made by who knows that this is the family's notebook.
    wait(father.book.members().leave(notebook, &way)).unwrap();
    let length = way.0.contents().length(notebook);
    sync(&aunt.book, &way);
    assert_eq!(way.0.contents().length(notebook), length);
    assert_eq!(wait(members.leave(notebook, &way)), Ok(()), "she may go");
}
