//! Tickets with which notebooks begin, and the end of those that began without one.

use ayumi_protocol::NotebookId;
use ayumi_protocol::key::Hash;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::connection::failed;
use super::writer::Shared;
use crate::log::{LogError, LogResult, OpenTerms, Terms};

/// Notebooks that are deleted in one transaction.
const AT_ONCE: usize = 20;

/// Lets a notebook begin on its terms, and uses its ticket up.
pub(super) fn admit(tx: &Transaction<'_>, notebook: NotebookId, terms: Terms) -> LogResult<()> {
    let id = notebook.as_bytes();
    match terms {
        Terms::Whole => Ok(()),
        Terms::Ticket(hash) => {
            let sql = "UPDATE tickets SET notebook = ?2 WHERE hash = ?1 AND (notebook IS NULL OR notebook = ?2)";
            if tx.execute(sql, (hash, id)).map_err(failed)? == 0 {
                return Err(LogError::NoTicket);
            }
            tx.execute("DELETE FROM expired WHERE id = ?1", [id]).map(drop).map_err(failed)
        }
        Terms::Open(OpenTerms { quota, ends_at }) => {
            let mut over = tx.prepare_cached("SELECT 1 FROM expired WHERE id = ?1").map_err(failed)?;
            if over.exists([id]).map_err(failed)? {
                return Err(LogError::NoTicket);
            }
            let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
            let sql = "INSERT INTO notebooks (id, bytes, taken_at, open_quota, ends_at) VALUES (?1, 0, 0, ?2, ?3)";
            tx.execute(sql, (id, number(quota), number(ends_at))).map(drop).map_err(failed)
        }
    }
}

/// Deletes some notebooks whose time has come; returns how many.
pub(super) fn expire(tx: &Transaction<'_>, shared: &mut Shared, now_ms: u64) -> LogResult<u64> {
    let sql = format!("SELECT id FROM notebooks WHERE ends_at IS NOT NULL AND ends_at <= ?1 LIMIT {AT_ONCE}");
    let mut over = tx.prepare_cached(&sql).map_err(failed)?;
    let now = i64::try_from(now_ms).unwrap_or(i64::MAX);
    let ids = over.query_map([now], |row| row.get::<_, [u8; 16]>(0)).map_err(failed)?;
    let ids = ids.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    for id in &ids {
        for sql in [
            "DELETE FROM log WHERE notebook = ?1",
            "DELETE FROM chunks WHERE notebook = ?1",
            "DELETE FROM notebooks WHERE id = ?1",
            "INSERT OR IGNORE INTO expired (id) VALUES (?1)",
        ] {
            tx.prepare_cached(sql).map_err(failed)?.execute([id]).map_err(failed)?;
        }
        shared.chains.drop_one(NotebookId::from_slice(id).map_err(|_| LogError::Unavailable)?);
    }
    Ok(ids.len() as u64)
}

pub(super) fn add_tickets(connection: &mut Connection, hashes: &[Hash]) -> LogResult<()> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    for hash in hashes {
        tx.prepare_cached("INSERT INTO tickets (hash) VALUES (?1)").map_err(failed)?.execute([hash]).map_err(failed)?;
    }
    tx.commit().map_err(failed)
}
