//! Notebooks that go, wholly: closed by their owners, forgotten, or over. What is left is a hash of the id.

use std::collections::BTreeMap;

use ayumi_protocol::NotebookId;
use ayumi_protocol::gone::{WhyGone, gone_hash};
use ayumi_protocol::key::Hash;
use rusqlite::{Connection, OptionalExtension, Row, Transaction};

use super::connection::failed;
use super::writer::Shared;
use crate::gone::{Due, Trace};
use crate::log::{LogError, LogResult};

/// Notebooks that are deleted in one transaction.
const AT_ONCE: usize = 20;

fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn trace_of(row: &Row<'_>) -> rusqlite::Result<Option<Trace>> {
    let why = WhyGone::from_number(row.get(1)?);
    let (hash, when_ms) = (row.get(0)?, row.get(2)?);
    Ok(why.map(|why| Trace { hash, why, when_ms }))
}

/// Returns what is left of a notebook.
pub(super) fn trace(connection: &Connection, notebook: NotebookId) -> LogResult<Option<Trace>> {
    let mut known = connection.prepare_cached("SELECT hash, why, gone_at FROM gone WHERE hash = ?1").map_err(failed)?;
    Ok(known.query_row([gone_hash(notebook)], trace_of).optional().map_err(failed)?.flatten())
}

/// Returns what is left of all that begins never again.
pub(super) fn traces(connection: &Connection) -> LogResult<Vec<Trace>> {
    let mut all = connection.prepare("SELECT hash, why, gone_at FROM gone").map_err(failed)?;
    let traces = all.query_map([], trace_of).map_err(failed)?.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    Ok(traces.into_iter().flatten().filter(|trace| !trace.why.may_begin_again()).collect())
}

/// Remembers a trace; one that is there stays, unless its notebook might begin again.
fn remember(tx: &Transaction<'_>, trace: &Trace) -> LogResult<()> {
    let sql = "INSERT INTO gone (hash, why, gone_at) VALUES (?1, ?2, ?3)
               ON CONFLICT (hash) DO UPDATE SET why = excluded.why, gone_at = excluded.gone_at WHERE why = ?4";
    let expired = WhyGone::Expired.number();
    let row = (trace.hash, trace.why.number(), number(trace.when_ms), expired);
    tx.prepare_cached(sql).map_err(failed)?.execute(row).map(drop).map_err(failed)
}

/// Deletes all of a notebook but a trace. Returns whether it was there.
fn delete(tx: &Transaction<'_>, notebook: NotebookId, trace: &Trace) -> LogResult<bool> {
    let id = notebook.as_bytes();
    for table in ["log", "chunks", "receipts", "releases"] {
        let sql = format!("DELETE FROM {table} WHERE notebook = ?1");
        tx.prepare_cached(&sql).map_err(failed)?.execute([id]).map_err(failed)?;
    }
    if !trace.why.may_begin_again() {
        tx.execute("DELETE FROM tickets WHERE notebook = ?1", [id]).map_err(failed)?;
    }
    let there = tx.execute("DELETE FROM notebooks WHERE id = ?1", [id]).map_err(failed)? > 0;
    remember(tx, trace)?;
    Ok(there)
}

/// Deletes a notebook and remembers that it is forgotten.
pub(super) fn forgotten(tx: &Transaction<'_>, notebook: NotebookId, now_ms: u64) -> LogResult<Trace> {
    delete(tx, notebook, &Trace { hash: gone_hash(notebook), why: WhyGone::Forgotten, when_ms: now_ms })?;
    trace(tx, notebook)?.ok_or(LogError::Unavailable)
}

/// The same, by the writer.
pub(super) fn forget(tx: &Transaction<'_>, shared: &mut Shared, notebook: NotebookId, now_ms: u64) -> LogResult<Trace> {
    shared.chains.drop_one(notebook);
    shared.deleted = true;
    forgotten(tx, notebook, now_ms)
}

/// Deletes some notebooks whose time has come, and drawers that nobody opened; returns how many notebooks.
pub(super) fn expire(tx: &Transaction<'_>, shared: &mut Shared, due: Due) -> LogResult<u64> {
    let now = number(due.now_ms);
    let mut ids = Vec::new();
    for (column, why) in [("closes_at", WhyGone::Closed), ("ends_at", WhyGone::Expired)] {
        let sql = format!("SELECT id FROM notebooks WHERE {column} IS NOT NULL AND {column} <= ?1 LIMIT {AT_ONCE}");
        let mut over = tx.prepare_cached(&sql).map_err(failed)?;
        ids.extend(found(&mut over, now)?.into_iter().map(|id| (id, why)));
    }
    if let Some(since) = due.unvisited_since {
        let sql = format!("SELECT id FROM notebooks WHERE max(taken_at, visited_at) <= ?1 LIMIT {AT_ONCE}");
        let mut unvisited = tx.prepare_cached(&sql).map_err(failed)?;
        ids.extend(found(&mut unvisited, number(since))?.into_iter().map(|id| (id, WhyGone::Expired)));
    }
    let over = "DELETE FROM releases WHERE ends_at IS NOT NULL AND ends_at <= ?1";
    shared.deleted |= tx.prepare_cached(over).map_err(failed)?.execute([now]).map_err(failed)? > 0;
    let sql = "DELETE FROM drawers WHERE opened_at <= ?1";
    tx.prepare_cached(sql).map_err(failed)?.execute([number(due.drawers_since())]).map_err(failed)?;
    let mut gone = 0;
    for (id, why) in ids {
        gone += u64::from(delete(tx, id, &Trace { hash: gone_hash(id), why, when_ms: due.now_ms })?);
        shared.chains.drop_one(id);
        shared.deleted = true;
    }
    Ok(gone)
}

fn found(statement: &mut rusqlite::CachedStatement<'_>, limit: i64) -> LogResult<Vec<NotebookId>> {
    let ids = statement.query_map([limit], |row| row.get::<_, [u8; 16]>(0)).map_err(failed)?;
    let ids = ids.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    ids.iter().map(|id| NotebookId::from_slice(id).map_err(|_| LogError::Unavailable)).collect()
}

/// Deletes the notebooks of which these were left; returns how many were there.
pub(super) fn forget_again(tx: &Transaction<'_>, shared: &mut Shared, traces: &[Trace]) -> LogResult<u64> {
    let mut known = tx.prepare("SELECT 1 FROM gone WHERE hash = ?1").map_err(failed)?;
    let mut new: BTreeMap<Hash, &Trace> = BTreeMap::new();
    for trace in traces {
        if !known.exists([trace.hash]).map_err(failed)? {
            new.insert(trace.hash, trace);
        }
    }
    // Most often the store knows them all.
    if new.is_empty() {
        return Ok(0);
    }
    let mut all = tx.prepare("SELECT id FROM notebooks").map_err(failed)?;
    let ids = all.query_map([], |row| row.get::<_, [u8; 16]>(0)).map_err(failed)?;
    let mut there = Vec::new();
    for id in ids {
        let id = NotebookId::from_slice(&id.map_err(failed)?).map_err(|_| LogError::Unavailable)?;
        there.extend(new.get(&gone_hash(id)).map(|trace| (id, *trace)));
    }
    for (id, trace) in &there {
        delete(tx, *id, trace)?;
        shared.chains.drop_one(*id);
        shared.deleted = true;
    }
    new.into_values().try_for_each(|trace| remember(tx, trace))?;
    Ok(there.len() as u64)
}
