//! What both databases refuse by themselves, whoever wrote the statement.

use ayumi_municipal::database::{Access, Constraint, DatabaseError, Statement, Transaction, Value};
use ayumi_municipal::thread::StaffAct;
use ayumi_protocol::municipal::thread::Urgency;

use crate::place::{Open, Place, tenants};
use crate::town::{Town, child, midwife, nurse};
use crate::walk::Kept;

contract!(
    a_bad_row_is_refused_by_a_constraint,
    a_slot_that_holds_a_thread_neither_goes_nor_ends_before_it,
    a_value_of_another_kind_is_refused,
    what_is_dropped_or_failed_did_nothing,
    who_reads_does_not_write,
);

/// Four threads: one in the queue, one held, one answered, one closed.
fn town() -> Town {
    let (mut town, held) = Town::with(&[midwife(), nurse()], Urgency::Today);
    town.staff(held, midwife(), StaffAct::Claim).unwrap();
    for close in [false, true] {
        let thread = town.open(&child(), Urgency::Week, true);
        town.staff(thread, nurse(), StaffAct::Claim).unwrap();
        town.reply(thread, nurse()).unwrap();
        town.fetch(thread);
        if close {
            town.staff(thread, nurse(), StaffAct::Close).unwrap();
        }
    }
    town.open(&child(), Urgency::Week, true);
    town
}

const CHECK: DatabaseError = DatabaseError::Refused(Constraint::Check);
const REFERENCE: DatabaseError = DatabaseError::Refused(Constraint::Reference);
const MISSING: DatabaseError = DatabaseError::Refused(Constraint::Missing);
const UNIQUE: DatabaseError = DatabaseError::Refused(Constraint::Unique);

fn a_bad_row_is_refused_by_a_constraint<P: Place>() {
    let open = Open::<P>::new();
    Kept::new(&open, 0, town());
    let places = open.sql(&tenants()[0], "SELECT place FROM threads WHERE tenant = $1 ORDER BY place");
    let place = |name: &str| ayumi_municipal::database::Record(vec![name.into()]);
    assert_eq!(places, ["answered", "closed", "held", "queued"].map(place));
    for (sql, expected) in [
        ("UPDATE threads SET until = NULL WHERE tenant = $1", MISSING),
        ("UPDATE threads SET until = 0 WHERE tenant = $1 AND place = 'closed'", CHECK),
        ("UPDATE threads SET place = 'limbo' WHERE tenant = $1 AND place = 'queued'", CHECK),
        ("UPDATE threads SET waiting_since = NULL WHERE tenant = $1 AND place = 'queued'", CHECK),
        ("UPDATE threads SET waiting_since = NULL WHERE tenant = $1 AND place = 'held'", CHECK),
        ("UPDATE threads SET present_until = until + 1 WHERE tenant = $1 AND place = 'queued'", CHECK),
        ("UPDATE threads SET joined = 1, second_desk = NULL WHERE tenant = $1 AND place = 'queued'", CHECK),
        ("UPDATE threads SET joined = 2 WHERE tenant = $1", CHECK),
        ("UPDATE threads SET second_desk = desk WHERE tenant = $1", CHECK),
        // Held by nobody, by somebody without a slot, elsewhere, for ever, since later than until.
        ("UPDATE threads SET place = 'held' WHERE tenant = $1 AND place = 'queued'", CHECK),
        ("UPDATE threads SET slot_starts_at = NULL, slot_ends_at = NULL WHERE tenant = $1 AND place = 'held'", CHECK),
        ("UPDATE threads SET slot_ends_at = slot_ends_at + 1 WHERE tenant = $1 AND place = 'held'", REFERENCE),
        ("UPDATE threads SET held_by = id WHERE tenant = $1 AND place = 'held'", REFERENCE),
        ("UPDATE threads SET held_desk = 'mind' WHERE tenant = $1 AND place = 'held'", CHECK),
        ("UPDATE threads SET until = slot_ends_at + 1 WHERE tenant = $1 AND place = 'held'", CHECK),
        ("UPDATE threads SET claimed_at = until + 1 WHERE tenant = $1 AND place = 'held'", CHECK),
        ("UPDATE threads SET place = 'closed' WHERE tenant = $1 AND place = 'held'", CHECK),
        // Answered while somebody waits; closed while it rings.
        ("UPDATE threads SET waiting_since = 1 WHERE tenant = $1 AND place = 'answered'", CHECK),
        (
            "UPDATE threads SET alarm_since = 1, alarm_why = 'limit', alarm_steps = 0, alarm_still_until = 0 WHERE tenant = $1 AND place = 'closed'",
            CHECK,
        ),
        ("UPDATE threads SET alarm_since = 1 WHERE tenant = $1 AND place = 'queued'", CHECK),
        ("UPDATE threads SET handoff_state = 'sent' WHERE tenant = $1 AND place = 'answered'", CHECK),
        ("UPDATE threads SET place = 'sealed' WHERE tenant = $1 AND place = 'closed'", CHECK),
        ("UPDATE threads SET urgency = 'soon' WHERE tenant = $1", CHECK),
        ("UPDATE threads SET spent_ms = -1 WHERE tenant = $1", CHECK),
        ("UPDATE thread_lines SET taken_at = 0 WHERE tenant = $1", CHECK),
        (
            "INSERT INTO thread_lines (tenant, thread, number, id, taken_at) SELECT tenant, thread, 1000, id, 1 FROM thread_lines WHERE tenant = $1",
            UNIQUE,
        ),
        (
            "INSERT INTO thread_lines (tenant, thread, number, id, taken_at) SELECT DISTINCT tenant, staff, 1, staff, 1 FROM slots WHERE tenant = $1",
            REFERENCE,
        ),
        (
            "INSERT INTO slots (tenant, staff, desk, starts_at, ends_at) SELECT tenant, staff, desk, ends_at, starts_at FROM slots WHERE tenant = $1",
            CHECK,
        ),
    ] {
        assert_eq!(open.try_sql(&tenants()[0], sql, &[]), Err(expected), "{sql}");
    }
}

fn a_slot_that_holds_a_thread_neither_goes_nor_ends_before_it<P: Place>() {
    let open = Open::<P>::new();
    let town = town();
    Kept::new(&open, 0, town.clone());
    let held = town.rows.values().find(|row| row.hold().is_some()).unwrap();
    let staff: Value = midwife().0.into();
    let end = |to: ayumi_protocol::municipal::thread::UnixMs| {
        let sql =
            "UPDATE slots SET ends_at = $2 WHERE tenant = $1 AND staff = $3 AND starts_at <= $4 AND ends_at >= $4";
        open.try_sql(&tenants()[0], sql, &[to.into(), staff.clone(), held.until.into()])
    };
    let gone = "DELETE FROM slots WHERE tenant = $1 AND staff = $2 AND starts_at <= $3 AND ends_at >= $3";
    assert_eq!(open.try_sql(&tenants()[0], gone, &[staff.clone(), held.until.into()]), Err(REFERENCE));
    let before = ayumi_protocol::municipal::thread::UnixMs(held.until.0 - 1);
    assert_eq!(end(before), Err(CHECK), "shorter than the thread that hangs on it");
    assert!(end(held.until).is_ok(), "just as long");
    assert_eq!(end(before), Err(CHECK));
    // In the queue it hangs on nothing.
    let requeued = "UPDATE threads SET place = 'queued', until = present_until, held_by = NULL, held_desk = NULL, claimed_at = NULL,
                    slot_starts_at = NULL, slot_ends_at = NULL WHERE tenant = $1 AND place = 'held'";
    assert!(open.try_sql(&tenants()[0], requeued, &[]).is_ok());
    assert!(end(before).is_ok());
}

fn a_value_of_another_kind_is_refused<P: Place>() {
    let open = Open::<P>::new();
    Kept::new(&open, 0, town());
    let kind = Err(DatabaseError::Refused(Constraint::Kind));
    let until = "UPDATE threads SET until = $2 WHERE tenant = $1";
    assert_eq!(open.try_sql(&tenants()[0], until, &["tomorrow".into()]), kind);
    let desk = "UPDATE slots SET staff = $2 WHERE tenant = $1";
    assert_eq!(open.try_sql(&tenants()[0], desk, &["0123456789abcdef".into()]), kind);
}

fn what_is_dropped_or_failed_did_nothing<P: Place>() {
    let open = Open::<P>::new();
    Kept::new(&open, 0, town());
    let [tenant, _] = tenants();
    let count = || open.sql(&tenant, "SELECT count(*) FROM threads WHERE tenant = $1");
    let before = count();
    let clear = Statement::new("test", "DELETE FROM threads WHERE tenant = $1");
    let mut dropped = open.begin(&tenant, Access::Write);
    open.wait(dropped.run(&clear, &[])).unwrap();
    drop(dropped);
    assert_eq!(count(), before);
    let mut failed = open.begin(&tenant, Access::Write);
    open.wait(async {
        failed.run(&clear, &[]).await.unwrap();
        let wrong = Statement::new("test", "UPDATE slots SET ends_at = NULL WHERE tenant = $1");
        assert_eq!(failed.run(&wrong, &[]).await, Err(MISSING));
        assert_eq!(failed.run(&clear, &[]).await, Err(DatabaseError::Over), "nothing goes on after an error");
        assert_eq!(failed.commit().await, Err(DatabaseError::Over));
    });
    assert_eq!(count(), before);
}

fn who_reads_does_not_write<P: Place>() {
    let open = Open::<P>::new();
    Kept::new(&open, 0, town());
    let mut reads = open.begin(&tenants()[0], Access::Read);
    let clear = Statement::new("test", "DELETE FROM threads WHERE tenant = $1");
    assert_eq!(open.wait(reads.run(&clear, &[])), Err(DatabaseError::ReadOnly));
}
