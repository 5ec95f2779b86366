//! Persons and their places: what a family sees when owners fall out.

use ayumi_core::app::{Error, Handbook, MemberView, NotebookId};
use ayumi_protocol::control::Role;
use ayumi_tests::family::{Direct, Time, sync, wait};
use ayumi_tests::phones::{Phone, family, phone};

/// Lets a new phone in.
fn join(by: &Phone, notebook: NotebookId, role: Role, carer: &str, time: &Time, way: &Direct) -> Phone {
    let code = wait(by.book.members().invite(notebook, role, "", way)).unwrap().code;
    let new = phone(time, carer);
    wait(new.book.members().join(&code, way)).unwrap();
    sync(&by.book, way);
    sync(&new.book, way);
    new
}

fn member(book: &Handbook, notebook: NotebookId, name: &str) -> MemberView {
    book.members().list(notebook).unwrap().into_iter().find(|member| member.name == name).unwrap()
}

/// The mother, and the father whom she made an owner.
fn two_owners() -> (Time, Direct, Phone, Phone, NotebookId) {
    let (time, way, mother, father, notebook) = family();
    sync(&mother.book, &way);
    let his = member(&mother.book, notebook, "父").id;
    wait(mother.book.members().set_role(notebook, &his, Role::Owner, &way)).unwrap();
    sync(&father.book, &way);
    (time, way, mother, father, notebook)
}

#[test]
fn a_junior_owner_is_told_that_the_mother_stays_and_nothing_is_sent() {
    let (_time, way, mother, father, notebook) = two_owners();
    let hers = member(&father.book, notebook, "母").id;
    let before = father.book.members().list(notebook).unwrap();
    assert_eq!(wait(father.book.members().remove(notebook, &hers, &way)), Err(Error::Senior));
    assert_eq!(wait(father.book.members().set_role(notebook, &hers, Role::Writer, &way)), Err(Error::Senior));
    assert_eq!(father.book.members().list(notebook).unwrap(), before, "nothing waits to go out later");
    let his = member(&mother.book, notebook, "父").id;
    wait(mother.book.members().remove(notebook, &his, &way)).unwrap();
}

#[test]
fn who_is_taken_out_whole_is_shown_with_all_devices_and_all_whom_they_let_in() {
    let (time, way, mother, father, notebook) = two_owners();
    let code = wait(father.book.members().invite_own_device(notebook, Role::Owner, "", &way)).unwrap().code;
    let tablet = phone(&time, "父のタブレット");
    wait(tablet.book.members().join(&code, &way)).unwrap();
    sync(&father.book, &way);
    sync(&tablet.book, &way);
    let _friend = join(&tablet, notebook, Role::Reader, "友人", &time, &way);
    sync(&mother.book, &way);
    let his = member(&mother.book, notebook, "父");
    let also = mother.book.members().companions(notebook, &his.id).unwrap();
    let names = |members: &[MemberView]| members.iter().map(|member| member.name.clone()).collect::<Vec<_>>();
    assert_eq!((names(&also.devices), names(&also.let_in)), (vec!["父のタブレット".into()], vec!["友人".into()]));
    assert_eq!(also.devices[0].person, his.person);
    assert_eq!(member(&mother.book, notebook, "友人").let_in_by, Some(also.devices[0].id.clone()));
    // One of a person's devices takes the other one out.
    wait(tablet.book.members().remove(notebook, &his.id, &way)).unwrap();
    sync(&mother.book, &way);
    assert_eq!(names(&mother.book.members().companions(notebook, &also.devices[0].id).unwrap().let_in), ["友人"]);
}

#[test]
fn each_person_has_a_sheet_and_one_that_is_used_ends_no_other() {
    let (time, way, mother, father, notebook) = two_owners();
    let hers = wait(mother.book.members().print_recovery(&way)).unwrap().code;
    let his = wait(father.book.members().print_recovery(&way)).unwrap().code;
    let new = phone(&time, "父の新しい電話");
    assert_eq!(wait(new.book.members().recover(&his, &way)), Ok(vec![notebook]));
    // He has his place, and not hers.
    let mothers = member(&new.book, notebook, "母").id;
    assert_eq!(wait(new.book.members().remove(notebook, &mothers, &way)), Err(Error::Senior));
    let again = phone(&time, "母の新しい電話");
    assert_eq!(wait(again.book.members().recover(&hers, &way)), Ok(vec![notebook]));
    assert_eq!(member(&again.book, notebook, "母の新しい電話").person, member(&again.book, notebook, "母").person);
    let fathers = member(&again.book, notebook, "父").id;
    wait(again.book.members().remove(notebook, &fathers, &way)).unwrap();
}

#[test]
fn the_sheet_of_somebody_who_was_taken_out_opens_nothing_later() {
    let (time, way, mother, father, notebook) = two_owners();
    let his = wait(father.book.members().print_recovery(&way)).unwrap().code;
    sync(&mother.book, &way);
    let fathers = member(&mother.book, notebook, "父").id;
    wait(mother.book.members().remove(notebook, &fathers, &way)).unwrap();
    let new = phone(&time, "父の新しい電話");
    assert!(matches!(wait(new.book.members().recover(&his, &way)), Err(Error::Invalid { .. })));
}
