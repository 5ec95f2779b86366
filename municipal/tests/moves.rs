//! Changes of the office take their threads along.

use ayumi_municipal::calendar::Holidays;
use ayumi_municipal::moves::{Change, decide};
use ayumi_municipal::staff::Capability;
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
fn nobody_gives_or_takes_a_right_at_a_desk_that_they_do_not_administer() {
    let everybody = [midwife(), supervisor(), administrator()];
    let (mut town, _) = Town::with(&everybody, Urgency::Today);
    let answer = |desk: &str| grants(&[(Capability::Answer, desk)], at(31, 0, 0));
    let give = |by, staff, grants| Change::Grants { by, staff, grants };
    for by in [midwife(), supervisor()] {
        assert_eq!(town.change(&give(by, nurse(), answer("night"))), Err(Refusal::NotAllowed), "no administrator");
        assert_eq!(town.change(&give(by, nurse(), answer("child"))), Err(Refusal::NotAllowed), "nor to change nothing");
    }
    assert_eq!(town.change(&give(administrator(), nurse(), answer("mind"))), Err(Refusal::NotAllowed), "gives");
    assert_eq!(town.change(&give(administrator(), counsellor(), Vec::new())), Err(Refusal::NotAllowed), "takes");
    assert_eq!(town.change(&give(administrator(), nurse(), answer("night"))), Ok(()));
    assert_eq!(town.office.staff[&nurse()].grants, answer("night"));
    town.change(&Change::Lock(administrator())).unwrap();
    assert_eq!(town.change(&give(administrator(), nurse(), Vec::new())), Err(Refusal::NotSignedIn), "a locked page");
}

#[test]
fn nobody_gives_rights_to_themselves() {
    let (mut town, _) = Town::with(&[administrator()], Urgency::Today);
    let mut more = town.office.staff[&administrator()].grants.clone();
    more.extend(grants(&[(Capability::Answer, "child")], at(31, 0, 0)));
    let change = Change::Grants { by: administrator(), staff: administrator(), grants: more };
    assert_eq!(town.change(&change), Err(Refusal::NotAllowed));
}

#[test]
fn nobody_but_an_administrator_says_who_left_and_which_days_are_holidays() {
    let (mut town, _) = Town::with(&[nurse(), supervisor(), administrator()], Urgency::Today);
    let left = |by| Change::LeftJob { by, staff: midwife() };
    let holidays = |by| Change::Holidays { by, holidays: Holidays::new([day(8)]) };
    let before = town.office.clone();
    for by in [nurse(), supervisor()] {
        assert_eq!(town.change(&left(by)), Err(Refusal::NotAllowed));
        assert_eq!(town.change(&holidays(by)), Err(Refusal::NotAllowed));
    }
    assert_eq!(town.office, before);
    assert_eq!((town.change(&left(administrator())), town.change(&holidays(administrator()))), (Ok(()), Ok(())));
    assert!(town.office.staff[&midwife()].grants.is_empty() && town.office.holidays.has(day(8)));
    town.now = at(31, 0, 0);
    town.change(&Change::SignIn(administrator())).unwrap();
    assert_eq!(town.change(&left(administrator())), Err(Refusal::NotAllowed), "the right has ended");
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
