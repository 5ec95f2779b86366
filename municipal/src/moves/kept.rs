//! A change of the office and the threads that it moves, written in one transaction.
//!
//! The order matters: first the slots that are new or longer, then the threads, which are tied to them, then the slots that are
//! shorter or go. A slot from under a thread that has not moved is refused by the database, whatever the rules said.

use ayumi_protocol::municipal::thread::UnixMs;

use super::{Change, Moved, decide};
use crate::database::{DatabaseError, Transaction};
use crate::office::Office;
use crate::roster::kept::{Difference, difference, not_yet_shorter, put, remove};
use crate::thread::kept::{self as threads, put_in};
use crate::thread::{Refusal, Row};

/// Why a change was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotChanged {
    /// The rules refuse it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It cannot be kept.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Changes the office: its slots and all threads that hang on the change. Returns the office as it is then and the threads that
/// moved, with their duties.
///
/// # Errors
/// [`NotChanged`]; then the transaction is not to be committed.
pub async fn change<T: Transaction>(
    transaction: &mut T,
    office: &Office,
    change: &Change,
    now: UnixMs,
) -> Result<(Office, Vec<Moved>), NotChanged> {
    let rows = threads::open(transaction).await?;
    let (after, moved) = decide(office, change, rows.iter(), now)?;
    let slots = difference(&office.roster, &after.roster);
    put(transaction, &slots.longer).await?;
    // Whoever goes on holding a thread may do so in another slot now.
    let others = slots != Difference::default();
    let stay = |row: &&Row| others && row.hold().is_some() && moved.iter().all(|(other, _)| other.id != row.id);
    for row in moved.iter().map(|(row, _)| row).chain(rows.iter().filter(stay)) {
        let slot = row.hold().and_then(|hold| after.roster.slot_at(hold.staff, &hold.desk, row.until));
        let slot = slot.map(|slot| not_yet_shorter(slot, &office.roster));
        put_in(transaction, row, slot.as_ref(), row.next_due(now, &after)).await?;
    }
    put(transaction, &slots.shorter).await?;
    remove(transaction, &slots.gone).await?;
    Ok((after, moved))
}
