//! Puts a chain that was there first in the place of the one that came since, in one job of the writer; and what this server
//! signed about chains before it forgot.

use ayumi_protocol::NotebookId;
use ayumi_protocol::accept::Bearer;
use ayumi_protocol::end::SignedEnd;
use rusqlite::{Connection, Transaction};

use super::append::{append, chain};
use super::connection::failed;
use super::writer::Shared;
use crate::log::{Earlier, Entry, LogError, LogResult, Stored, Terms};

/// As [`crate::log::Log::put_aside`] says.
pub(super) fn put_aside(
    tx: &Transaction<'_>,
    shared: &mut Shared,
    notebook: NotebookId,
    earlier: Earlier,
    now_ms: u64,
) -> LogResult<bool> {
    let Earlier { instead_of, from, closes_at, statements, receipts } = earlier;
    if chain(tx, shared, notebook)?.is_none_or(|state| state.head() != instead_of) {
        return Ok(false);
    }
    let id = notebook.as_bytes();
    let bodies = take_out(tx, notebook, number(from))?;
    let sql = "UPDATE notebooks SET closes_at = ?2 WHERE id = ?1";
    tx.execute(sql, (id, closes_at.map(number))).map_err(failed)?;
    shared.chains.drop_one(notebook);
    for statement in statements {
        let told = Entry::Statement(statement, Bearer::Carrier);
        let taken = append(tx, shared, notebook, &[told], (now_ms, Terms::Whole))?;
        if taken.answers.iter().any(Result::is_err) {
            // Then nothing of the job is stored.
            return Err(LogError::Unavailable);
        }
    }
    for (remnant, body) in bodies {
        let carried = Stored { remnant, bytes: &body }.carried()?;
        // What names a head that was put aside counts nowhere: its author makes it again.
        append(tx, shared, notebook, &[carried], (now_ms, Terms::Whole))?;
    }
    keep_receipts(tx, notebook, &receipts)?;
    let sql = "DELETE FROM receipts WHERE notebook = ?1
               AND head NOT IN (SELECT hash FROM log WHERE notebook = ?1 AND control = 1)";
    tx.execute(sql, [id]).map(|_| true).map_err(failed)
}

/// Takes everything from a position on out of a log; returns the envelopes, and whether words of them were erased.
fn take_out(tx: &Transaction<'_>, notebook: NotebookId, from: i64) -> LogResult<Vec<(bool, Vec<u8>)>> {
    let id = notebook.as_bytes();
    let sql = "SELECT remnant, body FROM log WHERE notebook = ?1 AND position >= ?2 AND control = 0 ORDER BY position";
    let mut rows = tx.prepare_cached(sql).map_err(failed)?;
    let bodies = rows.query_map((id, from), |row| Ok((row.get(0)?, row.get(1)?))).map_err(failed)?;
    let bodies = bodies.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    let sql = "UPDATE notebooks SET bytes = bytes -
               (SELECT coalesce(sum(length(body)), 0) FROM log WHERE notebook = ?1 AND position >= ?2) WHERE id = ?1";
    tx.execute(sql, (id, from)).map_err(failed)?;
    tx.execute("DELETE FROM log WHERE notebook = ?1 AND position >= ?2", (id, from)).map_err(failed)?;
    Ok(bodies)
}

/// As [`crate::log::Log::keep_receipts`] says.
pub(super) fn keep_receipts(tx: &Transaction<'_>, notebook: NotebookId, receipts: &[SignedEnd]) -> LogResult<()> {
    let sql = "INSERT INTO receipts (notebook, head, taken_at, body) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT (notebook, head) DO UPDATE SET taken_at = excluded.taken_at, body = excluded.body
               WHERE excluded.taken_at < taken_at";
    let mut keep = tx.prepare_cached(sql).map_err(failed)?;
    for receipt in receipts {
        let row = (notebook.as_bytes(), receipt.end.head, number(receipt.end.taken_at), receipt.to_bytes());
        keep.execute(row).map_err(failed)?;
    }
    Ok(())
}

/// As [`crate::log::Log::receipts`] says.
pub(super) fn receipts(connection: &Connection, notebook: NotebookId) -> LogResult<Vec<SignedEnd>> {
    let sql = "SELECT body FROM receipts WHERE notebook = ?1";
    let mut kept = connection.prepare_cached(sql).map_err(failed)?;
    let bodies = kept.query_map([notebook.as_bytes()], |row| row.get::<_, Vec<u8>>(0)).map_err(failed)?;
    bodies.map(|body| SignedEnd::from_bytes(&body.map_err(failed)?).map_err(|_| LogError::Unavailable)).collect()
}

fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
