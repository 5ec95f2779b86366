//! A server that shows who comes in by a code any past of the notebook since the code was made.

use ayumi_core::app::sync::SyncOutcome;
use ayumi_core::app::{Error, Handbook, Holding, Recovering};
use ayumi_core::model::NotebookId;
use ayumi_protocol::control::Role;
use ayumi_tests::family::{Direct, Municipality, Time, sync, wait};
use ayumi_tests::phones::{family, phone, weigh};

fn member(book: &Handbook, notebook: NotebookId, name: &str) -> String {
    book.members().list(notebook).unwrap().into_iter().find(|member| member.name == name).unwrap().id
}

/// A mother's codes and all that came after them, as the server could show it: a friend comes and goes, then the father goes.
struct Past {
    time: Time,
    notebook: NotebookId,
    mother: ayumi_tests::phones::Phone,
    code: String,
    sheet: String,
    shown: Vec<Direct>,
}

fn past() -> Past {
    let (time, way, mother, father, notebook) = family();
    wait(mother.book.members().set_role(notebook, &member(&mother.book, notebook, "父"), Role::Owner, &way)).unwrap();
    sync(&father.book, &way);
    let code = wait(mother.book.members().invite(notebook, Role::Writer, "", &way)).unwrap().code;
    let sheet = wait(mother.book.members().print_recovery(&way)).unwrap().code;
    let friend = phone(&time, "友人");
    let mut shown = Vec::new();
    let mut keep = || {
        let then = Direct(Municipality::new(&time));
        then.0.roll_back(way.0.contents());
        shown.push(then);
    };
    keep();
    weigh(&mother.book, notebook, "9.1");
    sync(&mother.book, &way);
    keep();
    let his = wait(father.book.members().invite(notebook, Role::Writer, "", &way)).unwrap().code;
    keep();
    assert_eq!(wait(friend.book.members().join(&his, &way)), Ok(notebook));
    keep();
    sync(&mother.book, &way);
    for name in ["友人", "父"] {
        wait(mother.book.members().remove(notebook, &member(&mother.book, notebook, name), &way)).unwrap();
        keep();
    }
    Past { time, notebook, mother, code, sheet, shown }
}

/// Each past, as long as the code was open in it; then it opens nothing.
const OPEN: [bool; 6] = [true, true, true, true, false, false];

#[test]
fn whatever_past_a_server_shows_who_joins_it_gets_no_word() {
    let Past { time, notebook, mother, code, shown, .. } = past();
    let mut open = Vec::new();
    for then in &shown {
        let aunt = phone(&time, "おば");
        let joined = wait(aunt.book.members().join(&code, then));
        open.push(joined.is_ok());
        if joined.is_err() {
            assert!(matches!(joined, Err(Error::Invalid { .. })), "{joined:?}");
            continue;
        }
        weigh(&aunt.book, notebook, "9.2");
        let length = then.0.contents().length(notebook);
        for _ in 0..2 {
            let report = sync(&aunt.book, then);
            assert_eq!((report.outcome, report.waiting, report.pushed), (SyncOutcome::More, 1, 0));
        }
        assert_eq!(then.0.contents().length(notebook), length);
        let hers = aunt.book.members().unconfirmed(notebook).unwrap().unwrap().words;
        let list = mother.book.members().list(notebook).unwrap();
        assert!(
            list.into_iter().all(|member| member.words != Some(hers.clone())),
            "no words match on the mother's phone"
        );
    }
    assert_eq!(open, OPEN);
}

#[test]
fn whatever_past_a_server_shows_who_recovers_nobody_who_is_left_out_gets_a_word() {
    let Past { time, notebook, sheet, shown, .. } = past();
    let mut open = Vec::new();
    for then in &shown {
        let new = phone(&time, "母の新しい電話");
        let members = new.book.members();
        let look = wait(members.look_into_sheet(&sheet, false, then));
        open.push(look.is_ok());
        let Ok(look) = look else { continue };
        let there = &look[0].members;
        let hers = there.iter().find(|member| member.name == "母").unwrap().id.clone();
        let length = then.0.contents().length(notebook);
        let keep = Recovering { keep: Some(vec![hers]), another_key: false };
        assert_eq!(wait(members.recover_as(&sheet, &keep, then)), Ok(vec![notebook]));
        assert_eq!(then.0.contents().length(notebook), length + 1, "nothing stands before they are out");
        let list = members.list(notebook).unwrap();
        let names: Vec<&str> = list.iter().map(|member| member.name.as_str()).collect();
        assert_eq!((names.len(), names.contains(&"父"), names.contains(&"友人")), (2, false, false), "{names:?}");
        assert!(list.iter().all(|member| member.what == Holding::Member), "no code of anybody's is open");
        weigh(&new.book, notebook, "9.3");
        assert_eq!(sync(&new.book, then).outcome, SyncOutcome::Done);
    }
    assert_eq!(open, OPEN);
}
