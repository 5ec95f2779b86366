//! Threads as the database keeps them. What must never be kept ([`Row::is_sound`]) it refuses by itself.

mod columns;

use ayumi_protocol::municipal::thread::{MessageId, ThreadId, UnixMs};

use super::row::Row;
use super::said::{Author, Said};
use super::seen::Stopped;
use crate::database::{DatabaseError, Record, Statement, Transaction, Value};
use crate::office::Office;
use crate::roster::Slot;
use crate::staff::StaffId;
use columns::{row, values};

/// The columns of a thread, in the order in which they are written and read.
macro_rules! columns {
    () => {
        "id, desk, second_desk, joined, place, until, present_until, queued_at, due_at, held_by, held_desk, claimed_at,
     slot_starts_at, slot_ends_at, left_at, left_reader, left_was, left_closed_until, urgency, waiting_since,
     spent_ms, counted_to, escalated, alarm_since, alarm_why, alarm_steps, alarm_still_until, fetched, fetch_by,
     fetch_rung, contacted, closes_at, was_warned, review_at, follow_up, handoff_to, handoff_state, handoff_by,
     handoff_thread, origin, news, acknowledged, waiting_news, opens_at, opening_is_sure, shown_until,
     retelling_until"
    };
}

const PUT: Statement = Statement::new(
    "thread.put",
    concat!(
        "INSERT INTO threads (tenant, ",
        columns!(),
        ")
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
     $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46,
     $47, $48)
     ON CONFLICT (tenant, id) DO UPDATE SET desk = excluded.desk, second_desk = excluded.second_desk, joined = excluded.joined, place = excluded.place,
     until = excluded.until, present_until = excluded.present_until, queued_at = excluded.queued_at,
     due_at = excluded.due_at, held_by = excluded.held_by, held_desk = excluded.held_desk,
     claimed_at = excluded.claimed_at, slot_starts_at = excluded.slot_starts_at,
     slot_ends_at = excluded.slot_ends_at, left_at = excluded.left_at, left_reader = excluded.left_reader,
     left_was = excluded.left_was, left_closed_until = excluded.left_closed_until, urgency = excluded.urgency,
     waiting_since = excluded.waiting_since, spent_ms = excluded.spent_ms, counted_to = excluded.counted_to,
     escalated = excluded.escalated, alarm_since = excluded.alarm_since, alarm_why = excluded.alarm_why,
     alarm_steps = excluded.alarm_steps, alarm_still_until = excluded.alarm_still_until, fetched = excluded.fetched,
     fetch_by = excluded.fetch_by, fetch_rung = excluded.fetch_rung, contacted = excluded.contacted,
     closes_at = excluded.closes_at, was_warned = excluded.was_warned, review_at = excluded.review_at,
     follow_up = excluded.follow_up, handoff_to = excluded.handoff_to, handoff_state = excluded.handoff_state,
     handoff_by = excluded.handoff_by, handoff_thread = excluded.handoff_thread, origin = excluded.origin,
     news = excluded.news, acknowledged = excluded.acknowledged, waiting_news = excluded.waiting_news,
     opens_at = excluded.opens_at, opening_is_sure = excluded.opening_is_sure, shown_until = excluded.shown_until,
     retelling_until = excluded.retelling_until"
    ),
);
const GET: Statement =
    Statement::new("thread.get", concat!("SELECT ", columns!(), " FROM threads WHERE tenant = $1 AND id = $2"));
const OPEN: Statement = Statement::new(
    "thread.open",
    concat!(
        "SELECT ",
        columns!(),
        " FROM threads WHERE tenant = $1 AND place IN ('queued', 'held', 'answered') ORDER BY queued_at, id"
    ),
);
const DUE: Statement = Statement::new(
    "thread.due",
    "SELECT id FROM threads WHERE tenant = $1 AND place <> 'destroyed' AND due_at <= $2 ORDER BY due_at, id LIMIT $3",
);
const LINES: Statement = Statement::new(
    "thread.lines",
    "SELECT id, staff, taken_at FROM thread_lines WHERE tenant = $1 AND thread = $2 ORDER BY number",
);
const LAST_LINE: Statement = Statement::new(
    "thread.last line",
    "SELECT COALESCE(max(number), 0) FROM thread_lines WHERE tenant = $1 AND thread = $2",
);
const PUT_LINE: Statement = Statement::new(
    "thread.put line",
    "INSERT INTO thread_lines (tenant, thread, number, id, staff, taken_at) VALUES ($1, $2, $3, $4, $5, $6)",
);
const PEOPLE: Statement = Statement::new(
    "thread.people",
    "SELECT staff, relation FROM thread_people WHERE tenant = $1 AND thread = $2 ORDER BY staff, relation",
);
const CLEAR_PEOPLE: Statement =
    Statement::new("thread.clear people", "DELETE FROM thread_people WHERE tenant = $1 AND thread = $2");
const PUT_PERSON: Statement = Statement::new(
    "thread.put person",
    "INSERT INTO thread_people (tenant, thread, staff, relation) VALUES ($1, $2, $3, $4)",
);
const STOPPED: Statement = Statement::new(
    "thread.stopped",
    "SELECT id, staff, begun_at FROM thread_stopped WHERE tenant = $1 AND thread = $2 ORDER BY number",
);
const CLEAR_STOPPED: Statement =
    Statement::new("thread.clear stopped", "DELETE FROM thread_stopped WHERE tenant = $1 AND thread = $2");
const PUT_STOPPED: Statement = Statement::new(
    "thread.put stopped",
    "INSERT INTO thread_stopped (tenant, thread, id, staff, begun_at, number) VALUES ($1, $2, $3, $4, $5, $6)",
);

/// Every statement of this module.
pub const STATEMENTS: &[&Statement] = &[
    &PUT,
    &GET,
    &OPEN,
    &DUE,
    &LINES,
    &LAST_LINE,
    &PUT_LINE,
    &PEOPLE,
    &CLEAR_PEOPLE,
    &PUT_PERSON,
    &STOPPED,
    &CLEAR_STOPPED,
    &PUT_STOPPED,
];

/// In which relation somebody stands to a thread, besides holding it.
const KEPT_FROM: &str = "kept_from";
const ACKNOWLEDGED: &str = "acknowledged";

/// Writes a thread as it is now.
///
/// # Errors
/// [`DatabaseError::Refused`] for a row that must not be kept, or a holder without a slot.
pub async fn put<T: Transaction>(
    transaction: &mut T,
    row: &Row,
    office: &Office,
    now: UnixMs,
) -> Result<(), DatabaseError> {
    let slot = row.hold().and_then(|hold| office.roster.slot_at(hold.staff, &hold.desk, row.until));
    put_in(transaction, row, slot, row.next_due(now, office)).await
}

/// Writes a thread, tied to the slot of its holder.
pub(crate) async fn put_in<T: Transaction>(
    transaction: &mut T,
    row: &Row,
    slot: Option<&Slot>,
    due_at: UnixMs,
) -> Result<(), DatabaseError> {
    transaction.run(&PUT, &values(row, slot, due_at)).await?;
    let id = Value::from(row.id.0);
    let of = std::slice::from_ref(&id);
    let last = transaction.run(&LAST_LINE, of).await?.into_iter().next();
    let last: usize = last.ok_or(DatabaseError::Unreadable)?.fields().small()?;
    for (place, line) in row.lines.all().iter().enumerate().skip(last) {
        let by = match line.by {
            Author::Parent => None,
            Author::Staff(staff) => Some(staff.0),
        };
        let number = Value::from(place as u64 + 1);
        transaction.run(&PUT_LINE, &[id.clone(), number, line.id.0.into(), by.into(), line.at.into()]).await?;
    }
    transaction.run(&CLEAR_PEOPLE, of).await?;
    for (people, relation) in [(&row.kept_from, KEPT_FROM), (&row.acknowledged_by, ACKNOWLEDGED)] {
        for person in people {
            transaction.run(&PUT_PERSON, &[id.clone(), person.0.into(), relation.into()]).await?;
        }
    }
    transaction.run(&CLEAR_STOPPED, of).await?;
    for (number, stopped) in row.stopped.iter().enumerate() {
        let of =
            [id.clone(), stopped.id.0.into(), stopped.by.0.into(), stopped.begun_at.into(), (number as u64).into()];
        transaction.run(&PUT_STOPPED, &of).await?;
    }
    Ok(())
}

/// Returns a thread; `None` if there is none of this name.
///
/// # Errors
/// [`DatabaseError`].
pub async fn get<T: Transaction>(transaction: &mut T, id: ThreadId) -> Result<Option<Row>, DatabaseError> {
    match transaction.run(&GET, &[id.0.into()]).await?.into_iter().next() {
        Some(record) => whole(transaction, record).await.map(Some),
        None => Ok(None),
    }
}

/// Returns all threads that are open, those first that have queued longest.
///
/// # Errors
/// [`DatabaseError`].
pub async fn open<T: Transaction>(transaction: &mut T) -> Result<Vec<Row>, DatabaseError> {
    let mut rows = Vec::new();
    for record in transaction.run(&OPEN, &[]).await? {
        rows.push(whole(transaction, record).await?);
    }
    Ok(rows)
}

/// Returns which threads their clock must look at by now, so many at most.
///
/// # Errors
/// [`DatabaseError`].
pub async fn due<T: Transaction>(transaction: &mut T, now: UnixMs, most: u32) -> Result<Vec<ThreadId>, DatabaseError> {
    let records = transaction.run(&DUE, &[now.into(), most.into()]).await?;
    records.into_iter().map(|record| record.fields().id().map(ThreadId)).collect()
}

/// Reads what belongs to a row besides its columns.
async fn whole<T: Transaction>(transaction: &mut T, record: Record) -> Result<Row, DatabaseError> {
    let mut row = row(record)?;
    let id = [Value::from(row.id.0)];
    for line in transaction.run(&LINES, &id).await? {
        let mut fields = line.fields();
        let (name, by) = (MessageId(fields.id()?), fields.id_or_none()?);
        let by = by.map_or(Author::Parent, |staff| Author::Staff(StaffId(staff)));
        row.lines.push(Said { id: name, by, at: fields.moment()? });
    }
    for person in transaction.run(&PEOPLE, &id).await? {
        let mut fields = person.fields();
        let staff = StaffId(fields.id()?);
        match fields.text()?.as_str() {
            KEPT_FROM => row.kept_from.insert(staff),
            ACKNOWLEDGED => row.acknowledged_by.insert(staff),
            _ => return Err(DatabaseError::Unreadable),
        };
    }
    for stopped in transaction.run(&STOPPED, &id).await? {
        let mut fields = stopped.fields();
        let (id, by) = (MessageId(fields.id()?), StaffId(fields.id()?));
        row.stopped.push(Stopped { id, by, begun_at: fields.small()? });
    }
    Ok(row)
}
