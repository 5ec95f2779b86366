//! Beginning a notebook anew, and a phone that is lost.

use ayumi_core::app::sync::{SyncOutcome, SyncWhy};
use ayumi_core::app::{Error, Handbook, ListFilter, LostOutcome, MemberView, NewChild, NotebookId};
use ayumi_core::crypto::FileKey;
use ayumi_protocol::control::Role;
use ayumi_tests::family::{Nowhere, sync, wait};
use ayumi_tests::handbook::day;
use ayumi_tests::phones::{child, family, phone, weigh};

fn member(book: &Handbook, notebook: NotebookId, name: &str) -> MemberView {
    book.members().list(notebook).unwrap().into_iter().find(|member| member.name == name).unwrap()
}

fn count(book: &Handbook, notebook: NotebookId) -> usize {
    book.entries().list(notebook, &ListFilter::default()).unwrap().len()
}

#[test]
fn who_cannot_take_an_owner_out_begins_anew_with_every_word_and_nobody_is_told() {
    let (time, way, mother, father, notebook) = family();
    let invited = wait(mother.book.members().invite(notebook, Role::Reader, "", &way)).unwrap().code;
    let aunt = phone(&time, "おば");
    wait(aunt.book.members().join(&invited, &way)).unwrap();
    let (hers, his) = (weigh(&mother.book, notebook, "9.1"), weigh(&father.book, notebook, "9.2"));
    for phone in [&mother, &father, &mother, &aunt, &father] {
        sync(&phone.book, &way);
    }
    father.book.entries().edit(hers, &[("weight", "9.15")]).unwrap();
    let unsent = weigh(&father.book, notebook, "9.3");
    let without = [member(&father.book, notebook, "母").id];
    let begun = father.book.members().begin_anew(notebook, &without).unwrap();
    let invite: Vec<&str> = begun.to_invite.iter().map(|member| member.name.as_str()).collect();
    assert_eq!(invite, ["おば"], "all but those without whom it began");
    let new = begun.notebook;
    assert_ne!(new, notebook);
    // Every word is there, with what was said before, and this phone owns it.
    assert_eq!((count(&father.book, new), father.book.notebooks().find(new).unwrap().role), (3, Some(Role::Owner)));
    let history = father.book.entries().history(hers).unwrap();
    assert!(history.len() >= 2, "{history:?}");
    assert_eq!(
        father.book.notebooks().find(notebook).map(drop),
        Err(Error::NotFound { what: ayumi_core::app::Thing::Notebook })
    );
    // At the server the old one is as it was: nobody left it, and nothing came.
    let before = member(&mother.book, notebook, "父");
    assert_eq!(sync(&father.book, &way).outcome, SyncOutcome::Done);
    let report = sync(&mother.book, &way);
    assert_eq!((report.outcome, report.pulled), (SyncOutcome::Done, 0));
    assert_eq!(member(&mother.book, notebook, "父"), before);
    assert!(mother.book.notebooks().find(new).is_err());
    for entry in [hers, his, unsent] {
        let shown = mother.book.entries().show(entry).map(|entry| entry.fields["weight"].clone());
        assert_ne!(shown.unwrap_or_default(), serde_json::json!(9.15), "what was not sent stays with him");
    }
    // Who is invited has both, and reads in the new one what she read in the old.
    let code = wait(father.book.members().invite(new, Role::Reader, "", &way)).unwrap().code;
    assert_eq!(wait(aunt.book.members().join(&code, &way)), Ok(new));
    sync(&father.book, &way);
    sync(&aunt.book, &way);
    assert_eq!((count(&aunt.book, new), count(&aunt.book, notebook)), (3, 2));
}

#[test]
fn nobody_begins_anew_without_somebody_who_is_not_there() {
    let (_time, _way, mother, _father, notebook) = family();
    let nobody = ["0".repeat(32)];
    assert!(matches!(mother.book.members().begin_anew(notebook, &nobody), Err(Error::NotFound { .. })));
    assert!(mother.book.notebooks().find(notebook).is_ok(), "nothing was changed");
    let other = NotebookId::from_slice(&[8; 16]).unwrap();
    assert!(matches!(mother.book.members().begin_anew(other, &[]), Err(Error::NotFound { .. })));
}

#[test]
fn a_notebook_that_began_anew_leaves_this_device_with_the_log_of_the_old_one() {
    let (_time, way, mother, _father, notebook) = family();
    weigh(&mother.book, notebook, "9.1");
    sync(&mother.book, &way);
    let new = mother.book.members().begin_anew(notebook, &[]).unwrap().notebook;
    mother.book.notebooks().forget(new).unwrap();
    drop(mother.book);
    let db = ayumi_core::store::Db::open(mother.folder.path(), &FileKey::from_bytes([7; 32])).unwrap();
    for table in ["frames", "control", "epoch_keys", "tails", "channels"] {
        let rows: i64 = db.reader().query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 0, "{table}");
    }
}

#[test]
fn a_lost_phone_is_out_of_every_notebook_by_one_act() {
    let (time, way, mother, father, notebook) = family();
    let second = child(&mother.book);
    let alone = child(&mother.book);
    for id in [second, alone] {
        weigh(&mother.book, id, "4.1");
    }
    sync(&mother.book, &way);
    let sheet = wait(mother.book.members().print_recovery(&way)).unwrap().code;
    // The phone is lost; a new one comes by the sheet, and the old one must go everywhere.
    let new = phone(&time, "母の新しい電話");
    wait(new.book.members().recover(&sheet, &way)).unwrap();
    let outcomes = |lost: Vec<ayumi_core::app::LostInNotebook>| {
        let mut all: Vec<_> = lost.into_iter().map(|one| (one.notebook, one.outcome, one.removed.len())).collect();
        all.sort_by_key(|(id, ..)| *id);
        all
    };
    let expected = |outcome, removed| {
        let mut all = [notebook, second, alone].map(|id| (id, outcome, removed));
        all.sort_by_key(|(id, ..)| *id);
        all.to_vec()
    };
    assert_eq!(outcomes(wait(new.book.members().lost(None, &Nowhere)).unwrap()), expected(LostOutcome::Offline, 0));
    assert_eq!(outcomes(wait(new.book.members().lost(None, &way)).unwrap()), expected(LostOutcome::Removed, 1));
    assert_eq!(outcomes(wait(new.book.members().lost(None, &way)).unwrap()), expected(LostOutcome::NotThere, 0));
    let report = sync(&mother.book, &way);
    assert!(report.notebooks.iter().all(|one| one.why == Some(SyncWhy::Removed)), "{report:?}");
    // A writer takes nobody out, and is told so for each notebook.
    sync(&father.book, &way);
    let refused = wait(father.book.members().lost(Some("母の新しい電話"), &way)).unwrap();
    assert_eq!(refused[0].outcome, LostOutcome::NotAnOwner);
}

#[test]
fn a_person_goes_by_name_with_all_devices_unless_the_name_is_not_clear() {
    let (time, way, mother, father, notebook) = family();
    sync(&mother.book, &way);
    let his = member(&mother.book, notebook, "父").id;
    wait(mother.book.members().set_role(notebook, &his, Role::Owner, &way)).unwrap();
    sync(&father.book, &way);
    let code = wait(father.book.members().invite_own_device(notebook, Role::Writer, "", &way)).unwrap().code;
    let tablet = phone(&time, "タブレット");
    wait(tablet.book.members().join(&code, &way)).unwrap();
    assert_eq!(wait(father.book.members().lost(Some("母"), &way)).unwrap()[0].outcome, LostOutcome::Senior);
    // Somebody who calls himself the same is not taken for him.
    let code = wait(mother.book.members().invite(notebook, Role::Reader, "", &way)).unwrap().code;
    let other = phone(&time, "父");
    wait(other.book.members().join(&code, &way)).unwrap();
    sync(&mother.book, &way);
    let lost = |who: &str| wait(mother.book.members().lost(Some(who), &way)).unwrap().remove(0);
    let unclear = lost("父");
    assert_eq!((unclear.outcome, unclear.removed.len()), (LostOutcome::SeveralOfThisName, 0));
    let gone = lost(&his);
    assert_eq!((gone.outcome, gone.removed.len()), (LostOutcome::Removed, 2), "with the tablet");
    assert!(
        mother.book.members().list(notebook).unwrap().iter().any(|member| member.name == "父"),
        "the other one stays"
    );
}

#[test]
fn a_child_still_knows_its_pregnancy_when_either_begins_anew_and_nobody_else_learns_of_it() {
    let (time, way, mother, father, _) = family();
    let pregnancy = mother.book.notebooks().add_pregnancy(day("2026-05-10")).unwrap();
    let born = NewChild { name: "そら".into(), born: day("2026-04-01"), ..NewChild::default() };
    let child = mother.book.notebooks().birth(pregnancy, &[born]).unwrap()[0];
    let code = wait(mother.book.members().invite(child, Role::Writer, "", &way)).unwrap().code;
    wait(father.book.members().join(&code, &way)).unwrap();
    let named = |book: &Handbook, id| book.notebooks().find(id).unwrap().profile.pregnancy;
    let anew = mother.book.members().begin_anew(pregnancy, &[]).unwrap().notebook;
    assert_eq!(named(&mother.book, child), Some(anew.to_string()));
    for phone in [&mother, &father] {
        sync(&phone.book, &way);
    }
    assert_eq!(named(&father.book, child), Some(pregnancy.to_string()), "nobody who shares the child is told");
    time.pass(1000);
    let child_anew = mother.book.members().begin_anew(child, &[]).unwrap().notebook;
    assert_eq!(named(&mother.book, child_anew), Some(anew.to_string()));
    let code = wait(mother.book.members().invite(child_anew, Role::Reader, "", &way)).unwrap().code;
    let aunt = phone(&time, "おば");
    wait(aunt.book.members().join(&code, &way)).unwrap();
    assert_eq!(named(&aunt.book, child_anew), Some(anew.to_string()), "written so from its beginning");
}
