//! What is read of an answered thread while the clock stands still: the same as a job would make of it.

use super::*;

#[test]
fn a_thread_that_is_to_close_reads_as_closed_before_any_job_ran_and_rings_for_nobody() {
    let (mut town, thread) = answered(Urgency::Today);
    town.fetch(thread);
    town.pass(6 * DAY, &[]);
    town.stand_still(DAY - MS);
    assert_eq!(town.place(thread), Place::Answered);
    town.stand_still(MS);
    assert_eq!((town.place(thread), town.row(thread).rings_since(town.now)), (Place::Closed, None));
    assert_eq!(town.row(thread).standing(town.now).state, ThreadState::Closed);
    town.tick();
    assert_eq!(town.place(thread), Place::Closed);
}

#[test]
fn clocks_of_a_desk_that_stand_still_wake_no_server() {
    let (mut town, thread) = Town::with(&[midwife()], Urgency::Today);
    town.pass(30 * MIN - MS, &[midwife()]);
    assert_eq!(town.row(thread).next_due(town.now, &town.office), town.now.after(MS), "the limit of the queue");
    town.change(&Change::SignOut(midwife())).unwrap();
    let due = town.row(thread).next_due(town.now, &town.office);
    assert!(due >= town.now.after(MIN), "a millisecond is left, and nobody is there: {due:?}");
}

#[test]
fn a_thread_whose_parent_was_not_told_that_it_closes_reads_as_answered() {
    let (mut town, thread) = answered(Urgency::Today);
    town.fetch(thread);
    town.stand_still(8 * DAY);
    assert_eq!((town.place(thread), town.row(thread).rings_since(town.now)), (Place::Answered, None));
    town.tick();
    assert_eq!(town.place(thread), Place::Answered);
    assert!(town.has_duty(&Duty::Tell(Telling::ClosesTomorrow)));
}

#[test]
fn an_answer_that_nobody_fetched_reads_as_answered_also_after_its_week() {
    let (mut town, thread) = answered(Urgency::Today);
    town.stand_still(8 * DAY);
    assert_eq!((town.place(thread), town.row(thread).rings_since(town.now)), (Place::Answered, None));
}

#[test]
fn a_follow_up_reads_as_waiting_on_its_day_and_rings_before_any_job_ran() {
    let (mut town, thread) = answered(Urgency::Today);
    town.fetch(thread);
    town.staff(thread, midwife(), StaffAct::FollowUp(Some(at(7, 11, 0)))).unwrap();
    town.stand_still(2 * HOUR - MS);
    assert_eq!(town.place(thread), Place::Answered);
    town.stand_still(MS);
    assert_eq!((town.place(thread), town.row(thread).rings_since(town.now)), (Place::Waiting, Some(at(7, 11, 0))));
}

#[test]
fn a_hand_over_that_nobody_received_reads_as_the_first_desks_before_any_job_ran() {
    let (mut town, thread, there) = asked();
    town.parent(thread, ParentAct::HandoffAgree(there));
    town.stand_still(30 * MIN - MS);
    assert_eq!(town.place(thread), Place::Answered);
    town.stand_still(MS);
    assert_eq!(town.place(thread), Place::Waiting);
}
