//! Changes of the office take their threads along.

use ayumi_municipal::moves::{Change, decide};
use ayumi_municipal::thread::{StaffAct, Telling};
use ayumi_municipal::{Duty, Place, Refusal};
use ayumi_protocol::municipal::thread::{Topic, Urgency};

use super::town::*;

#[test]
fn a_desk_without_a_successor_is_not_closed_and_one_with_takes_its_threads_along() {
    let (mut town, thread) = Town::with(&[midwife(), supervisor()], Urgency::Today);
    town.staff(thread, midwife(), StaffAct::Claim).unwrap();
    let close = |successor: Option<&str>| Change::CloseDesk {
        by: supervisor(),
        desk: child(),
        successor: successor.map(Into::into),
    };
    assert_eq!(town.change(&close(None)), Err(Refusal::NoSuccessor));
    assert_eq!(town.place(thread), Place::Held);
    town.change(&close(Some("night"))).unwrap();
    assert_eq!((town.row(thread).desk.clone(), town.row(thread).hold()), (night(), None));
    assert!(town.has_duty(&Duty::Tell(Telling::Moved)));
}

#[test]
fn words_of_a_confidential_desk_never_move_to_one_that_is_not() {
    let mut town = Town::new();
    town.change(&Change::SignIn(supervisor())).unwrap();
    let close = Change::CloseDesk { by: supervisor(), desk: mind(), successor: Some(night()) };
    assert_eq!(town.change(&close), Err(Refusal::NoSuccessor));
    assert_eq!(town.office.second_of(&mind()), None, "nor is it a second desk");
    town.office.desks.get_mut(&child()).unwrap().topics = vec![Topic::Violence];
    assert_eq!(town.office.second_of(&child()), None);
}

#[test]
fn a_shorter_slot_moves_what_hangs_on_it_in_the_same_decision() {
    let (mut town, thread) = Town::with(&[midwife(), supervisor()], Urgency::Today);
    town.staff(thread, midwife(), StaffAct::Claim).unwrap();
    let change = Change::Slots { by: supervisor(), desk: child(), slots: Vec::new() };
    let (_, moved) = decide(&town.office, &change, town.rows.values(), town.now).unwrap();
    assert_eq!(moved[0].0.place(town.now), Place::Waiting);
    town.change(&change).unwrap();
    assert_eq!(town.place(thread), Place::Waiting);
}

#[test]
fn nobody_changes_a_roster_or_hours_without_the_right_to() {
    let (mut town, _) = Town::with(&[midwife()], Urgency::Today);
    let slots = Change::Slots { by: midwife(), desk: child(), slots: Vec::new() };
    let hours = Change::Hours { by: midwife(), desk: child(), hours: night_hours() };
    for change in [slots, hours] {
        assert_eq!(town.change(&change), Err(Refusal::NotAllowed));
    }
}

#[test]
fn a_desk_of_other_people_learns_of_no_thread() {
    let (mut town, thread) = Town::with(&[midwife()], Urgency::Today);
    town.office.roster = ayumi_municipal::roster::Roster::new(vec![ayumi_municipal::roster::Slot::on(
        counsellor(),
        mind(),
        day(7),
        0,
        1440,
    )]);
    town.change(&Change::SignIn(counsellor())).unwrap();
    for act in [StaffAct::Claim, StaffAct::Know, StaffAct::Close, StaffAct::Acknowledge] {
        assert_eq!(town.staff(thread, counsellor(), act), Err(Refusal::NoSuchThread));
    }
}
