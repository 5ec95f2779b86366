//! The columns of a thread, there and back.

use std::collections::BTreeSet;
use std::time::Duration;

use ayumi_protocol::municipal::thread::{HandoffState, ThreadId, UnixMs, Urgency};

use crate::database::{DatabaseError, Fields, Record, Value};
use crate::roster::Slot;
use crate::staff::StaffId;
use crate::thread::row::{Alarm, Answer, Handoff, Hold, Left, Row, Stored, Was, Why};
use crate::thread::said::Lines;

const QUEUED: &str = "queued";
const HELD: &str = "held";
const ANSWERED: &str = "answered";
const CLOSED: &str = "closed";
const SEALED: &str = "sealed";
const DESTROYED: &str = "destroyed";

const WAS_OPEN: &str = "open";

const fn key_of(why: Why) -> &'static str {
    match why {
        Why::Untold => "untold",
        Why::Limit => "limit",
        Why::HeldTooLong => "held_too_long",
    }
}

fn place_of(stored: &Stored) -> &'static str {
    match stored {
        Stored::Queued => QUEUED,
        Stored::Held(_) => HELD,
        Stored::Answered => ANSWERED,
        Stored::Closed => CLOSED,
        Stored::Sealed(_) => SEALED,
        Stored::Destroyed => DESTROYED,
    }
}

/// Returns the values of a row, in the order of the columns.
pub(super) fn values(row: &Row, slot: Option<&Slot>, due_at: UnixMs) -> Vec<Value> {
    let hold = row.hold();
    let left = match &row.stored {
        Stored::Sealed(left) => Some(left),
        _ => None,
    };
    let (was, closed_until) = match left.map(|left| left.was) {
        None => (None, None),
        Some(Was::Open) => (Some(WAS_OPEN), None),
        Some(Was::Answered) => (Some(ANSWERED), None),
        Some(Was::Closed(until)) => (Some(CLOSED), Some(until)),
    };
    let (alarm, handoff, answer) = (row.alarm, row.handoff.as_ref(), &row.answer);
    vec![
        row.id.0.into(),
        (&row.desk).into(),
        row.second.as_ref().into(),
        row.joined.into(),
        place_of(&row.stored).into(),
        row.until.into(),
        row.present_until.into(),
        row.queued_at.into(),
        due_at.into(),
        hold.map(|hold| hold.staff.0).into(),
        hold.map(|hold| &hold.desk).into(),
        hold.map(|hold| hold.claimed).into(),
        slot.map(|slot| slot.from).into(),
        slot.map(|slot| slot.to).into(),
        left.map(|left| left.at).into(),
        left.and_then(|left| left.reader).map(|reader| reader.0).into(),
        was.into(),
        closed_until.into(),
        row.urgency.key().into(),
        row.waiting_since.into(),
        u64::try_from(row.spent.as_millis()).unwrap_or(u64::MAX).into(),
        row.counted_to.into(),
        row.escalated.into(),
        alarm.map(|alarm| alarm.since).into(),
        alarm.map(|alarm| key_of(alarm.why)).into(),
        alarm.map(|alarm| u32::from(alarm.steps)).into(),
        alarm.map(|alarm| alarm.still_until).into(),
        row.fetched.into(),
        answer.fetch_by.into(),
        answer.has_rung.into(),
        answer.contacted.into(),
        answer.closes_at.into(),
        answer.was_warned.into(),
        answer.review_at.into(),
        row.follow_up.into(),
        handoff.map(|handoff| &handoff.to).into(),
        handoff.map(|handoff| handoff.state.key()).into(),
        handoff.map(|handoff| handoff.by).into(),
        handoff.and_then(|handoff| handoff.thread).map(|thread| thread.0).into(),
        row.origin.map(|origin| origin.0).into(),
        row.news.into(),
        row.acknowledged.into(),
        row.waiting_news.into(),
        row.opens_at.into(),
        row.opening_is_sure.into(),
        row.shown_until.into(),
        row.retelling_until.into(),
    ]
}

type Read<T> = Result<T, DatabaseError>;

/// Reads a row from its columns; lines, people and stopped replies are read beside it.
pub(super) fn row(record: Record) -> Read<Row> {
    let mut fields = record.fields();
    let fields = &mut fields;
    let (id, desk, second) = (ThreadId(fields.id()?), fields.desk()?, fields.desk_or_none()?);
    let (joined, place) = (fields.yes()?, fields.text()?);
    let (until, present_until, queued_at) = (fields.moment()?, fields.moment()?, fields.moment()?);
    fields.moment()?;
    let hold = read_hold(fields)?;
    let left = read_left(fields)?;
    let urgency = fields.one_of(Urgency::ALL, Urgency::key)?;
    let waiting_since = fields.moment_or_none()?;
    let (spent, counted_to) = (Duration::from_millis(fields.number()?), fields.moment()?);
    let (escalated, alarm) = (fields.yes()?, read_alarm(fields)?);
    let (fetched, answer) = (fields.small()?, read_answer(fields)?);
    let (follow_up, handoff) = (fields.moment_or_none()?, read_handoff(fields)?);
    let origin = fields.id_or_none()?.map(ThreadId);
    Ok(Row {
        id,
        desk,
        second,
        joined,
        stored: match (place.as_str(), hold, left) {
            (QUEUED, None, None) => Stored::Queued,
            (HELD, Some(hold), None) => Stored::Held(hold),
            (ANSWERED, None, None) => Stored::Answered,
            (CLOSED, None, None) => Stored::Closed,
            (SEALED, None, Some(left)) => Stored::Sealed(left),
            (DESTROYED, None, None) => Stored::Destroyed,
            _ => return Err(DatabaseError::Unreadable),
        },
        until,
        present_until,
        queued_at,
        urgency,
        waiting_since,
        spent,
        counted_to,
        escalated,
        alarm,
        acknowledged_by: BTreeSet::new(),
        lines: Lines::default(),
        fetched,
        stopped: Vec::new(),
        answer,
        follow_up,
        handoff,
        origin,
        kept_from: BTreeSet::new(),
        news: fields.number()?,
        acknowledged: fields.number()?,
        waiting_news: fields.number_or_none()?,
        opens_at: fields.moment_or_none()?,
        opening_is_sure: fields.yes()?,
        shown_until: fields.moment()?,
        retelling_until: fields.moment()?,
    })
}

fn read_hold(fields: &mut Fields) -> Read<Option<Hold>> {
    let (staff, desk, claimed) = (fields.id_or_none()?, fields.desk_or_none()?, fields.moment_or_none()?);
    // The slot is the roster's.
    fields.moment_or_none()?;
    fields.moment_or_none()?;
    let hold = staff.zip(desk).zip(claimed);
    Ok(hold.map(|((staff, desk), claimed)| Hold { staff: StaffId(staff), desk, claimed }))
}

fn read_left(fields: &mut Fields) -> Read<Option<Left>> {
    let (at, reader) = (fields.moment_or_none()?, fields.id_or_none()?.map(StaffId));
    let was = match (fields.text_or_none()?.as_deref(), fields.moment_or_none()?) {
        (None, None) => None,
        (Some(WAS_OPEN), None) => Some(Was::Open),
        (Some(ANSWERED), None) => Some(Was::Answered),
        (Some(CLOSED), Some(until)) => Some(Was::Closed(until)),
        _ => return Err(DatabaseError::Unreadable),
    };
    Ok(at.zip(was).map(|(at, was)| Left { at, reader, was }))
}

fn read_alarm(fields: &mut Fields) -> Read<Option<Alarm>> {
    let (since, why) = (fields.moment_or_none()?, fields.text_or_none()?);
    let (steps, still_until) = (fields.number_or_none()?, fields.moment_or_none()?);
    let Some((((since, why), steps), still_until)) = since.zip(why).zip(steps).zip(still_until) else {
        return Ok(None);
    };
    let why = [Why::Untold, Why::Limit, Why::HeldTooLong].into_iter().find(|one| key_of(*one) == why);
    let why = why.ok_or(DatabaseError::Unreadable)?;
    let steps = u8::try_from(steps).map_err(|_| DatabaseError::Unreadable)?;
    Ok(Some(Alarm { since, why, steps, still_until }))
}

fn read_answer(fields: &mut Fields) -> Read<Answer> {
    Ok(Answer {
        fetch_by: fields.moment()?,
        has_rung: fields.yes()?,
        contacted: fields.number_or_none()?.map(|contacted| contacted != 0),
        closes_at: fields.moment_or_none()?,
        was_warned: fields.yes()?,
        review_at: fields.moment()?,
    })
}

fn read_handoff(fields: &mut Fields) -> Read<Option<Handoff>> {
    let (to, state) = (fields.desk_or_none()?, fields.text_or_none()?);
    let (by, thread) = (fields.moment_or_none()?, fields.id_or_none()?.map(ThreadId));
    let Some(((to, state), by)) = to.zip(state).zip(by) else { return Ok(None) };
    let state = HandoffState::ALL.iter().copied().find(|one| one.key() == state);
    Ok(Some(Handoff { to, state: state.ok_or(DatabaseError::Unreadable)?, by, thread }))
}
