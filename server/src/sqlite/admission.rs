//! Tickets with which notebooks begin, and what keeps one from beginning.

use ayumi_protocol::NotebookId;
use ayumi_protocol::gone::gone_hash;
use ayumi_protocol::key::Hash;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::connection::failed;
use super::gone;
use crate::beginning::may_begin;
use crate::log::{LogError, LogResult, OpenTerms, Terms};

/// Lets a notebook begin on its terms, and uses its ticket up.
pub(super) fn admit(tx: &Transaction<'_>, notebook: NotebookId, terms: Terms) -> LogResult<()> {
    let id = notebook.as_bytes();
    let before = gone::trace(tx, notebook)?;
    may_begin(before.map(|trace| trace.why), terms)?;
    match terms {
        Terms::Whole => {}
        Terms::Ticket(hash) => {
            let sql = "UPDATE tickets SET notebook = ?2 WHERE hash = ?1 AND (notebook IS NULL OR notebook = ?2)";
            if tx.execute(sql, (hash, id)).map_err(failed)? == 0 {
                return Err(LogError::NoTicket);
            }
        }
        Terms::Open(OpenTerms { quota, ends_at }) => {
            let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
            let sql = "INSERT INTO notebooks (id, bytes, taken_at, open_quota, ends_at) VALUES (?1, 0, 0, ?2, ?3)";
            tx.execute(sql, (id, number(quota), number(ends_at))).map_err(failed)?;
        }
    }
    if before.is_some() {
        tx.execute("DELETE FROM gone WHERE hash = ?1", [gone_hash(notebook)]).map_err(failed)?;
    }
    Ok(())
}

pub(super) fn add_tickets(connection: &mut Connection, hashes: &[Hash]) -> LogResult<()> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    for hash in hashes {
        tx.prepare_cached("INSERT INTO tickets (hash) VALUES (?1)").map_err(failed)?.execute([hash]).map_err(failed)?;
    }
    tx.commit().map_err(failed)
}
