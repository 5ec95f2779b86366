//! The table of states, row by row; each test is named after what it prevents.

use std::time::Duration;

use ayumi_municipal::moves::Change;
use ayumi_municipal::thread::{OfficeAct, ParentAct, StaffAct, Telling};
use ayumi_municipal::{Duty, Event, Place, Refusal};
use ayumi_protocol::municipal::thread::{HandoffState, MessageId, Reply, ThreadId, ThreadState, Urgency};

use super::town::*;

mod reading;

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

fn answered(urgency: Urgency) -> (Town, ThreadId) {
    let (mut town, thread) = Town::with(&[midwife(), nurse()], urgency);
    town.staff(thread, midwife(), StaffAct::Claim).unwrap();
    town.reply(thread, midwife()).unwrap();
    (town, thread)
}

#[test]
fn a_word_to_an_open_desk_stands_in_its_queue_at_once() {
    let (town, thread) = Town::with(&[midwife()], Urgency::Today);
    assert_eq!(town.place(thread), Place::Queue);
}

#[test]
fn a_word_at_night_is_told_when_the_desk_opens_and_rings_nobody() {
    let mut town = Town::new();
    town.now = at(7, 20, 0);
    let thread = town.open(&child(), Urgency::Week, false);
    assert_eq!(town.place(thread), Place::Waiting);
    assert_eq!(town.row(thread).standing(town.now).opens_at, Some(at(8, 8, 30)));
    town.pass(HOUR, &[]);
    assert!(!town.has_duty(&Duty::OutsideLine), "the feed shows that it is closed");
}

#[test]
fn a_word_to_a_desk_whose_people_did_not_come_rings_until_somebody_outside_hears_it() {
    let mut town = Town::new();
    let thread = town.open(&child(), Urgency::Today, false);
    assert_eq!(town.place(thread), Place::Waiting);
    assert!(town.row(thread).rings_since(town.now).is_some());
    town.pass(11 * MIN, &[]);
    let duties = town.new_duties();
    assert!(duties.contains(&Duty::OutsideLine) && duties.contains(&Duty::Tell(Telling::NobodyHasSeen)));
}

#[test]
fn a_second_claim_is_told_who_has_it_and_takes_nothing() {
    let (mut town, thread) = Town::with(&[midwife(), nurse()], Urgency::Today);
    town.staff(thread, midwife(), StaffAct::Claim).unwrap();
    assert_eq!(town.staff(thread, nurse(), StaffAct::Claim), Err(Refusal::HeldBy(midwife())));
}

#[test]
fn a_full_queue_forgets_nobody_for_longer_than_its_limit() {
    for (urgency, minutes) in [(Urgency::Now, 5), (Urgency::Today, 30), (Urgency::Week, 30)] {
        let (mut town, thread) = Town::with(&[midwife()], urgency);
        town.pass(minutes * MIN - MS, &[midwife()]);
        assert!(!town.row(thread).escalated);
        town.pass(MS, &[midwife()]);
        let duties = town.new_duties();
        assert!(town.row(thread).joined && duties.contains(&Duty::RingSecond(night())), "{urgency:?}");
        assert!(duties.contains(&Duty::Tell(Telling::SecondDesk)));
    }
}

#[test]
fn a_parent_who_declined_the_second_desk_is_not_shown_to_it() {
    let (mut town, _) = Town::with(&[midwife()], Urgency::Now);
    let thread = town.open(&child(), Urgency::Now, false);
    town.new_duties();
    town.pass(6 * MIN, &[midwife()]);
    assert!(!town.row(thread).joined && town.row(thread).alarm.is_some());
}

#[test]
fn an_alarm_that_nobody_hears_goes_from_the_desk_to_others_to_the_second_desk_to_outside() {
    let (mut town, _) = Town::with(&[midwife()], Urgency::Now);
    town.pass(5 * MIN, &[midwife()]);
    for (minutes, duty) in [(3, Duty::RingOthers(child())), (3, Duty::RingSecond(night())), (4, Duty::OutsideLine)] {
        town.new_duties();
        town.pass(minutes * MIN, &[midwife()]);
        assert!(town.has_duty(&duty), "{duty:?}");
    }
}

#[test]
fn an_acknowledged_alarm_without_a_claim_rings_on_and_cannot_be_stilled_twice() {
    let (mut town, thread) = Town::with(&[midwife()], Urgency::Now);
    town.pass(5 * MIN, &[midwife()]);
    town.staff(thread, midwife(), StaffAct::Acknowledge).unwrap();
    town.new_duties();
    town.pass(4 * MIN, &[midwife()]);
    assert!(!town.has_duty(&Duty::RingOthers(child())));
    town.pass(MIN, &[midwife()]);
    assert!(town.has_duty(&Duty::RingOthers(child())));
    assert_eq!(town.staff(thread, midwife(), StaffAct::Acknowledge), Err(Refusal::NothingRings));
}

#[test]
fn a_page_that_falls_silent_leaves_nobody_in_its_queue() {
    let (mut town, thread) = Town::with(&[midwife()], Urgency::Today);
    town.stand_still(Duration::from_secs(90) - MS);
    assert_eq!(town.place(thread), Place::Queue);
    town.stand_still(MS);
    assert_eq!(town.place(thread), Place::Waiting, "before any job ran");
    assert!(town.row(thread).rings_since(town.now).is_some());
}

#[test]
fn when_the_last_one_leaves_whoever_is_at_the_second_desk_has_it() {
    let (mut town, _) = Town::with(&[], Urgency::Today);
    town.now = at(7, 17, 5);
    for who in [midwife(), night_nurse()] {
        town.change(&Change::SignIn(who)).unwrap();
    }
    let thread = town.open(&child(), Urgency::Today, true);
    assert!(!town.row(thread).joined);
    town.change(&Change::SignOut(midwife())).unwrap();
    assert!(town.row(thread).joined && town.place(thread) == Place::Queue);
}

#[test]
fn a_locked_page_rings_for_a_quarter_of_an_hour_and_then_counts_no_more() {
    let (mut town, thread) = Town::with(&[midwife()], Urgency::Week);
    town.change(&Change::Lock(midwife())).unwrap();
    town.pass(15 * MIN - MS, &[midwife()]);
    assert_eq!(town.place(thread), Place::Queue);
    assert_eq!(town.staff(thread, midwife(), StaffAct::Claim), Err(Refusal::NotSignedIn));
    town.pass(MS, &[midwife()]);
    assert_eq!(town.place(thread), Place::Waiting);
}

#[test]
fn a_line_that_is_sent_twice_from_two_phones_stands_once() {
    let (mut town, thread) = Town::with(&[midwife()], Urgency::Today);
    let line = ayumi_protocol::municipal::thread::Line { id: MessageId(id(77)), thread, urgency: None };
    town.parent(thread, ParentAct::Write(line.clone()));
    town.parent(thread, ParentAct::Write(line));
    assert_eq!(town.row(thread).lines.newest(), 2);
}

#[test]
fn a_word_after_the_answer_is_no_word_to_nobody() {
    let (mut town, thread) = answered(Urgency::Today);
    town.write(thread);
    assert_eq!((town.place(thread), town.row(thread).waiting_since), (Place::Queue, Some(town.now)));
}

#[test]
fn who_closes_her_thread_stops_the_reply_and_not_her_other_phone() {
    let (mut town, thread) = Town::with(&[midwife()], Urgency::Today);
    town.staff(thread, midwife(), StaffAct::Claim).unwrap();
    town.parent(thread, ParentAct::Close);
    assert_eq!(town.place(thread), Place::Closed);
    assert!(town.new_duties().contains(&Duty::KeepDraft(midwife())));
    town.write(thread);
    assert_eq!(town.place(thread), Place::Queue, "an unsent word of the other phone opens it");
}

#[test]
fn a_desk_that_does_not_open_in_time_is_counted_and_told_again() {
    let mut town = Town::new();
    town.now = at(7, 7, 0);
    let thread = town.open(&child(), Urgency::Week, false);
    town.new_duties();
    town.pass(90 * MIN, &[]);
    let duties = town.new_duties();
    assert!(duties.contains(&Duty::CountUnopened) && duties.contains(&Duty::OutsideLine));
    assert!(town.row(thread).opens_at.unwrap() > town.now);
}

#[test]
fn somebody_who_comes_takes_the_wait_as_long_as_it_is() {
    let mut town = Town::new();
    town.now = at(7, 7, 0);
    let thread = town.open(&child(), Urgency::Week, false);
    town.pass(100 * MIN, &[]);
    town.change(&Change::SignIn(midwife())).unwrap();
    assert_eq!((town.place(thread), town.row(thread).waiting_since), (Place::Queue, Some(at(7, 7, 0))));
}

#[test]
fn a_thread_that_is_held_and_not_answered_comes_back_with_an_alarm() {
    for (urgency, minutes) in [(Urgency::Now, 10), (Urgency::Today, 60)] {
        let (mut town, thread) = Town::with(&[midwife()], urgency);
        town.staff(thread, midwife(), StaffAct::Claim).unwrap();
        town.pass(minutes * MIN - MS, &[midwife()]);
        assert_eq!(town.place(thread), Place::Held);
        town.pass(MS, &[midwife()]);
        assert_eq!(town.place(thread), Place::Queue);
        let duties = town.new_duties();
        assert!(duties.contains(&Duty::KeepDraft(midwife())) && duties.contains(&Duty::Ring(child())));
    }
}

#[test]
fn claiming_and_returning_for_ever_stills_no_alarm() {
    let (mut town, thread) = Town::with(&[midwife(), nurse()], Urgency::Now);
    for _ in 0..16 {
        town.staff(thread, midwife(), StaffAct::Claim).unwrap();
        town.pass(MIN, &[midwife(), nurse()]);
        town.staff(thread, midwife(), StaffAct::Return).unwrap();
    }
    assert!(town.row(thread).escalated && town.has_duty(&Duty::RingSecond(night())));
}

#[test]
fn two_who_take_over_from_each_other_for_ever_hide_nothing_from_the_second_desk() {
    let (mut town, thread) = Town::with(&[midwife(), nurse()], Urgency::Now);
    town.staff(thread, midwife(), StaffAct::Claim).unwrap();
    for turn in 0..4 {
        assert!(!town.row(thread).escalated, "{turn}");
        town.pass(4 * MIN, &[midwife(), nurse()]);
        let next = if turn % 2 == 0 { nurse() } else { midwife() };
        town.staff(thread, next, StaffAct::TakeOver { reason: "so".into() }).unwrap();
    }
    // Five minutes of the queue and ten of the answer together.
    assert!(town.row(thread).escalated && town.row(thread).joined && town.place(thread) == Place::Held);
    assert!(town.has_duty(&Duty::RingSecond(night())));
    town.pass(10 * MIN - MS, &[midwife(), nurse()]);
    assert!(town.has_duty(&Duty::OutsideLine));
}

#[test]
fn who_is_gone_for_five_minutes_holds_nothing_also_when_the_clock_stands_still() {
    let (mut town, thread) = Town::with(&[midwife()], Urgency::Today);
    town.staff(thread, midwife(), StaffAct::Claim).unwrap();
    town.stand_still(5 * MIN - MS);
    assert_eq!(town.place(thread), Place::Held);
    town.stand_still(MS);
    assert_eq!(town.place(thread), Place::Waiting);
    town.change(&Change::Seen(midwife())).unwrap();
    assert_eq!(town.place(thread), Place::Queue, "coming back does not give it back");
}

#[test]
fn the_end_of_a_slot_leaves_no_thread_with_who_went_home() {
    let mut town = Town::new();
    town.now = at(7, 17, 0);
    town.change(&Change::SignIn(midwife())).unwrap();
    let thread = town.open(&child(), Urgency::Today, false);
    town.staff(thread, midwife(), StaffAct::Claim).unwrap();
    town.pass(15 * MIN, &[midwife()]);
    assert_eq!(town.place(thread), Place::Waiting);
    assert!(town.has_duty(&Duty::HandOverList));
    assert_eq!(town.reply(thread, midwife()), Err(Refusal::NotHeld));
}

#[test]
fn who_signs_out_leaves_the_job_or_loses_the_right_holds_nothing() {
    let (by, staff) = (administrator(), midwife());
    let taken = Change::Grants { by, staff, grants: Vec::new() };
    for change in [Change::SignOut(midwife()), Change::LeftJob { by, staff }, taken] {
        let (mut town, thread) = Town::with(&[midwife(), nurse(), administrator()], Urgency::Today);
        town.staff(thread, midwife(), StaffAct::Claim).unwrap();
        town.change(&change).unwrap();
        assert_eq!(town.place(thread), Place::Queue, "{change:?}");
        assert!(town.reply(thread, midwife()).is_err());
        assert_eq!(town.staff(thread, nurse(), StaffAct::Claim), Ok(()));
    }
}

#[test]
fn who_knows_the_family_sees_the_thread_no_more() {
    let (mut town, thread) = Town::with(&[midwife()], Urgency::Today);
    town.staff(thread, midwife(), StaffAct::Claim).unwrap();
    town.staff(thread, midwife(), StaffAct::Know).unwrap();
    assert_eq!(town.place(thread), Place::Waiting, "she is the only one there, and not for this family");
    assert_eq!(town.staff(thread, midwife(), StaffAct::Claim), Err(Refusal::NoSuchThread));
}

#[test]
fn taking_over_needs_a_reason_and_keeps_the_formers_draft() {
    let (mut town, thread) = Town::with(&[midwife(), nurse()], Urgency::Today);
    town.staff(thread, midwife(), StaffAct::Claim).unwrap();
    let over = |reason: &str| StaffAct::TakeOver { reason: reason.into() };
    assert_eq!(town.staff(thread, nurse(), over(" ")), Err(Refusal::NoReason));
    town.staff(thread, nurse(), over("she was called away")).unwrap();
    assert!(town.has_duty(&Duty::KeepDraft(midwife())));
    assert_eq!(town.reply(thread, midwife()), Err(Refusal::NotHeld));
}

#[test]
fn an_urgent_answer_that_lies_unfetched_rings_within_ten_minutes() {
    let (mut town, thread) = Town::with(&[midwife()], Urgency::Now);
    town.staff(thread, midwife(), StaffAct::Claim).unwrap();
    let reply = Reply { id: MessageId(id(500)), thread, seen_through: 1, read_beside: None, urgent: true };
    town.staff(thread, midwife(), StaffAct::Reply(reply)).unwrap();
    town.pass(10 * MIN - MS, &[]);
    assert!(!town.has_duty(&Duty::RingUnfetched(child())));
    town.pass(MS, &[]);
    assert!(town.has_duty(&Duty::RingUnfetched(child())));
}

#[test]
fn any_other_answer_that_lies_unfetched_rings_at_nine_of_the_next_open_day() {
    let (mut town, _) = answered(Urgency::Today);
    town.pass(DAY - MS, &[]);
    assert!(!town.has_duty(&Duty::RingUnfetched(child())));
    town.pass(MS, &[]);
    assert_eq!(town.now, at(8, 9, 0));
    assert!(town.has_duty(&Duty::RingUnfetched(child())));
}

#[test]
fn nobody_closes_what_the_family_has_not_got_or_what_is_to_be_looked_at_again() {
    let (mut town, thread) = answered(Urgency::Today);
    assert_eq!(town.staff(thread, midwife(), StaffAct::Close), Err(Refusal::Unfetched));
    town.fetch(thread);
    town.staff(thread, midwife(), StaffAct::FollowUp(Some(at(9, 9, 0)))).unwrap();
    assert_eq!(town.staff(thread, midwife(), StaffAct::Close), Err(Refusal::FollowUp));
    town.staff(thread, midwife(), StaffAct::FollowUp(None)).unwrap();
    assert_eq!(town.staff(thread, midwife(), StaffAct::Close), Ok(()));
}

#[test]
fn a_follow_up_comes_back_on_its_day_and_reaches_the_second_desk_if_nobody_takes_it() {
    let (mut town, thread) = answered(Urgency::Today);
    town.fetch(thread);
    town.staff(thread, midwife(), StaffAct::FollowUp(Some(at(7, 11, 0)))).unwrap();
    town.pass(2 * HOUR - MS, &[midwife()]);
    assert_eq!(town.place(thread), Place::Answered);
    town.pass(MS, &[midwife()]);
    assert_eq!(town.place(thread), Place::Queue);
    town.pass(30 * MIN, &[midwife()]);
    assert!(town.row(thread).joined);
}

#[test]
fn a_silent_thread_closes_after_a_week_and_not_untold() {
    let (mut town, thread) = answered(Urgency::Today);
    town.fetch(thread);
    town.new_duties();
    town.pass(6 * DAY, &[]);
    assert!(town.has_duty(&Duty::Tell(Telling::ClosesTomorrow)));
    town.pass(DAY - MS, &[]);
    assert_eq!(town.place(thread), Place::Answered);
    town.pass(MS, &[]);
    assert_eq!(town.place(thread), Place::Closed);
}

#[test]
fn an_answer_that_nobody_ever_fetches_goes_to_a_supervisor_and_stays_open() {
    let (mut town, thread) = answered(Urgency::Today);
    town.pass(7 * DAY, &[]);
    assert!(town.has_duty(&Duty::Supervisor));
    assert_eq!(town.place(thread), Place::Answered);
}

fn asked() -> (Town, ThreadId, ThreadId) {
    let (mut town, thread) = Town::with(&[midwife()], Urgency::Now);
    town.staff(thread, midwife(), StaffAct::Claim).unwrap();
    town.staff(thread, midwife(), StaffAct::HandoffAsk(mind())).unwrap();
    let there = ThreadId(town.fresh());
    (town, thread, there)
}

#[test]
fn nobody_who_does_not_answer_is_handed_over() {
    let (mut town, thread, _) = asked();
    town.pass(DAY, &[]);
    assert_eq!(town.row(thread).handoff.as_ref().unwrap().state, HandoffState::Refused);
}

#[test]
fn a_handed_over_thread_waits_there_as_long_as_it_did_here() {
    let (mut town, thread, there) = asked();
    town.parent(thread, ParentAct::HandoffAgree(there));
    assert_eq!(
        (town.place(thread), town.row(thread).handoff.as_ref().unwrap().state),
        (Place::Answered, HandoffState::Sent)
    );
    assert_eq!(town.row(there).waiting_since, Some(at(7, 9, 0)));
    assert_eq!(town.staff(thread, midwife(), StaffAct::Close), Err(Refusal::Handoff));
}

#[test]
fn a_hand_over_that_nobody_received_is_the_first_desks_again_and_calls_the_second() {
    let (mut town, thread, there) = asked();
    town.parent(thread, ParentAct::HandoffAgree(there));
    town.pass(30 * MIN, &[midwife()]);
    assert_eq!(town.row(thread).handoff.as_ref().unwrap().state, HandoffState::Expired);
    assert!(town.row(thread).joined && town.place(thread) == Place::Queue);
    assert_eq!(town.place(there), Place::Closed, "one desk has it");
}

#[test]
fn a_hand_over_that_was_received_ends_the_first_desks_wait() {
    let (mut town, thread, there) = asked();
    town.parent(thread, ParentAct::HandoffAgree(there));
    town.now = at(7, 9, 5);
    assert_eq!(town.staff(thread, nurse(), StaffAct::HandoffReceive), Err(Refusal::NotSignedIn));
    town.office.roster = ayumi_municipal::roster::Roster::new(vec![ayumi_municipal::roster::Slot::on(
        counsellor(),
        mind(),
        day(7),
        0,
        1440,
    )]);
    town.change(&Change::SignIn(counsellor())).unwrap();
    town.staff(thread, counsellor(), StaffAct::HandoffReceive).unwrap();
    assert_eq!(town.row(thread).waiting_since, None);
    assert_eq!(town.place(there), Place::Queue);
}

#[test]
fn a_reopened_thread_belongs_to_the_desk_and_never_to_a_person_who_is_off() {
    let (mut town, thread) = answered(Urgency::Today);
    town.fetch(thread);
    town.staff(thread, midwife(), StaffAct::Close).unwrap();
    town.change(&Change::SignOut(midwife())).unwrap();
    town.parent(thread, ParentAct::Reopen);
    assert_eq!((town.place(thread), town.row(thread).hold()), (Place::Queue, None));
}

#[test]
fn who_held_a_thread_whose_family_left_reads_on_for_an_hour_and_nobody_else_does() {
    use ayumi_municipal::access::{Act, check};
    let (mut town, thread) = Town::with(&[midwife(), nurse()], Urgency::Today);
    town.staff(thread, midwife(), StaffAct::Claim).unwrap();
    town.parent(thread, ParentAct::Leave);
    let reads = |town: &Town, who| check(Act::Open, None, who, town.row(thread), &town.office, town.now);
    town.pass(60 * MIN - MS, &[midwife(), nurse()]);
    assert_eq!(reads(&town, midwife()), Ok(()));
    assert_eq!(reads(&town, nurse()), Err(Refusal::NoSuchThread));
    town.pass(MS, &[midwife(), nurse()]);
    assert_eq!(reads(&town, midwife()), Err(Refusal::NoSuchThread));
}

#[test]
fn leaving_is_undone_within_a_day_and_not_later() {
    let (mut town, thread) = Town::with(&[midwife()], Urgency::Today);
    town.parent(thread, ParentAct::Leave);
    town.stand_still(DAY);
    assert_eq!(town.try_do(thread, Event::Parent(ParentAct::Undo)), Err(Refusal::TooLate));
    town.now = town.now.before(MS);
    town.parent(thread, ParentAct::Undo);
    assert_eq!((town.place(thread), town.row(thread).waiting_since), (Place::Waiting, Some(at(7, 9, 0))));
}

#[test]
fn after_a_restore_no_reply_is_taken_before_the_phones_told_what_they_have() {
    let (mut town, thread) = Town::with(&[midwife()], Urgency::Today);
    town.try_do(thread, Event::Office(OfficeAct::Restored)).unwrap();
    town.staff(thread, midwife(), StaffAct::Claim).unwrap();
    assert_eq!(town.reply(thread, midwife()), Err(Refusal::Retelling));
    town.pass(10 * MIN, &[midwife()]);
    assert_eq!(town.reply(thread, midwife()), Ok(()));
}

#[test]
fn an_answer_that_the_server_lost_and_a_phone_has_is_no_second_wait() {
    let (before, thread) = Town::with(&[midwife()], Urgency::Today);
    let mut town = before;
    town.try_do(thread, Event::Office(OfficeAct::Restored)).unwrap();
    let by = ayumi_municipal::thread::said::Author::Staff(midwife());
    town.parent(thread, ParentAct::Retell { id: MessageId(id(900)), by, taken: town.now });
    town.parent(thread, ParentAct::Retold);
    assert_eq!(town.place(thread), Place::Answered);
}

#[test]
fn a_thread_whose_term_is_over_is_unreadable_before_any_job_ran() {
    let (mut town, thread) = Town::with(&[midwife()], Urgency::Today);
    town.parent(thread, ParentAct::Close);
    town.now = town.row(thread).until.before(MS);
    assert_eq!(town.place(thread), Place::Closed);
    town.stand_still(MS);
    assert_eq!(town.place(thread), Place::Destroyed);
    town.new_duties();
    town.tick();
    assert!(town.has_duty(&Duty::DestroyKey));
}

#[test]
fn a_restore_brings_no_family_back_that_left() {
    let (mut town, thread) = Town::with(&[midwife()], Urgency::Today);
    town.parent(thread, ParentAct::Leave);
    town.try_do(thread, Event::Office(OfficeAct::Restored)).unwrap();
    assert_eq!(town.place(thread), Place::Sealed);
}

#[test]
fn urgency_is_never_lowered_and_a_raised_one_shortens_the_hold() {
    let (mut town, thread) = Town::with(&[midwife()], Urgency::Today);
    town.staff(thread, midwife(), StaffAct::Claim).unwrap();
    assert_eq!(town.staff(thread, midwife(), StaffAct::Raise(Urgency::Week)), Err(Refusal::Lowered));
    town.staff(thread, midwife(), StaffAct::Raise(Urgency::Now)).unwrap();
    town.pass(10 * MIN, &[midwife()]);
    assert_eq!(town.place(thread), Place::Queue);
}
