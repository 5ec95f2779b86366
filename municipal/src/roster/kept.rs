//! The roster as the database keeps it. A slot with a thread in it does not go, and does not end before its thread moved.

use std::collections::BTreeMap;

use ayumi_protocol::municipal::thread::UnixMs;
use ayumi_protocol::municipal::thread::id::DeskId;

use super::{Roster, Slot};
use crate::database::{DatabaseError, Record, Statement, Transaction};
use crate::staff::StaffId;

const ALL: Statement = Statement::new(
    "roster.all",
    "SELECT staff, desk, starts_at, ends_at FROM slots WHERE tenant = $1 AND ends_at > $2 ORDER BY starts_at, ends_at, staff, desk",
);
const PUT: Statement = Statement::new(
    "roster.put",
    "INSERT INTO slots (tenant, staff, desk, starts_at, ends_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (tenant, staff, desk, starts_at) DO UPDATE SET ends_at = excluded.ends_at
     WHERE slots.ends_at <> excluded.ends_at",
);
const REMOVE: Statement = Statement::new(
    "roster.remove",
    "DELETE FROM slots WHERE tenant = $1 AND staff = $2 AND desk = $3 AND starts_at = $4",
);

/// Every statement of this module.
pub const STATEMENTS: &[&Statement] = &[&ALL, &PUT, &REMOVE];

fn slot(record: Record) -> Result<Slot, DatabaseError> {
    let mut fields = record.fields();
    Ok(Slot { staff: StaffId(fields.id()?), desk: fields.desk()?, from: fields.moment()?, to: fields.moment()? })
}

/// Returns the slots that end after a moment.
///
/// # Errors
/// [`DatabaseError`].
pub async fn after<T: Transaction>(transaction: &mut T, moment: UnixMs) -> Result<Roster, DatabaseError> {
    let records = transaction.run(&ALL, &[moment.into()]).await?;
    Ok(Roster::new(records.into_iter().map(slot).collect::<Result<_, _>>()?))
}

/// What becomes of the slots that are kept when a roster takes the place of another one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Difference {
    /// What is new or ends later: written before any thread moves.
    pub longer: Vec<Slot>,
    /// What ends earlier: written after all threads have moved.
    pub shorter: Vec<Slot>,
    /// What goes, at last.
    pub gone: Vec<Slot>,
}

/// By whom, where and since when: what a slot is known by.
type Key = (StaffId, DeskId, UnixMs);

/// Two slots of somebody at one desk that begin together are one: the longer.
fn by_key(roster: &Roster) -> BTreeMap<Key, Slot> {
    // They stand in the order of beginning and end, so the longest of them comes last.
    let slots = roster.slots().iter();
    slots.map(|slot| ((slot.staff, slot.desk.clone(), slot.from), slot.clone())).collect()
}

/// Compares two rosters.
pub fn difference(before: &Roster, after: &Roster) -> Difference {
    let (before, after) = (by_key(before), by_key(after));
    let mut difference = Difference::default();
    for (key, slot) in &after {
        match before.get(key) {
            Some(known) if known.to == slot.to => {}
            Some(known) if known.to > slot.to => difference.shorter.push(slot.clone()),
            _ => difference.longer.push(slot.clone()),
        }
    }
    difference.gone = before.iter().filter(|(key, _)| !after.contains_key(key)).map(|(_, slot)| slot.clone()).collect();
    difference
}

/// Returns a slot of the roster to come as it is kept until the shorter ones are written.
pub fn not_yet_shorter(slot: &Slot, before: &Roster) -> Slot {
    let same = |known: &&Slot| known.staff == slot.staff && known.desk == slot.desk && known.from == slot.from;
    let known = before.slots().iter().filter(same).map(|known| known.to).max();
    Slot { to: known.map_or(slot.to, |to| to.max(slot.to)), ..slot.clone() }
}

/// Writes slots. One that ends earlier than a thread in it is refused: the thread moves first.
///
/// # Errors
/// [`DatabaseError`].
pub async fn put<T: Transaction>(transaction: &mut T, slots: &[Slot]) -> Result<(), DatabaseError> {
    for slot in slots {
        let values = [slot.staff.0.into(), (&slot.desk).into(), slot.from.into(), slot.to.into()];
        transaction.run(&PUT, &values).await?;
    }
    Ok(())
}

/// Takes slots away. One with a thread in it is refused.
///
/// # Errors
/// [`DatabaseError`].
pub async fn remove<T: Transaction>(transaction: &mut T, slots: &[Slot]) -> Result<(), DatabaseError> {
    for slot in slots {
        transaction.run(&REMOVE, &[slot.staff.0.into(), (&slot.desk).into(), slot.from.into()]).await?;
    }
    Ok(())
}
