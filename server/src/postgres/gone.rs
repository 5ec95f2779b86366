//! Notebooks that go, wholly: closed by their owners, forgotten, or over. What is left is a hash of the id.

use std::collections::BTreeMap;

use ayumi_protocol::NotebookId;
use ayumi_protocol::gone::{WhyGone, gone_hash};
use ayumi_protocol::key::Hash;
use deadpool_postgres::{GenericClient, Object, Transaction};
use tokio_postgres::Row;

use super::connection::{failed, number};
use super::read::{hash_of, positive};
use crate::chains::Chains;
use crate::gone::{Due, Trace};
use crate::log::{LogError, LogResult};

/// Notebooks that are deleted in one transaction.
const AT_ONCE: i64 = 20;

fn trace_of(row: &Row) -> LogResult<Option<Trace>> {
    let why = u8::try_from(row.get::<_, i16>(1)).ok().and_then(WhyGone::from_number);
    let (hash, when_ms) = (hash_of(row.get(0))?, positive(row.get(2)));
    Ok(why.map(|why| Trace { hash, why, when_ms }))
}

/// Returns what is left of a notebook.
pub(super) async fn trace(client: &impl GenericClient, notebook: NotebookId) -> LogResult<Option<Trace>> {
    let sql = "SELECT hash, why, gone_at FROM ayumi_gone WHERE hash = $1";
    let row = client.query_opt(sql, &[&&gone_hash(notebook)[..]]).await.map_err(failed)?;
    Ok(row.map(|row| trace_of(&row)).transpose()?.flatten())
}

/// Returns what is left of all that begins never again.
pub(super) async fn traces(client: &impl GenericClient) -> LogResult<Vec<Trace>> {
    let rows = client.query("SELECT hash, why, gone_at FROM ayumi_gone", &[]).await.map_err(failed)?;
    let traces = rows.iter().map(trace_of).collect::<LogResult<Vec<_>>>()?;
    Ok(traces.into_iter().flatten().filter(|trace| !trace.why.may_begin_again()).collect())
}

/// Remembers a trace; one that is there stays, unless its notebook might begin again.
async fn remember(tx: &Transaction<'_>, trace: &Trace) -> LogResult<()> {
    let sql = "INSERT INTO ayumi_gone (hash, why, gone_at) VALUES ($1, $2, $3)
               ON CONFLICT (hash) DO UPDATE SET why = excluded.why, gone_at = excluded.gone_at WHERE ayumi_gone.why = $4";
    let [why, expired] = [trace.why, WhyGone::Expired].map(|why| i16::from(why.number()));
    tx.execute(sql, &[&&trace.hash[..], &why, &number(trace.when_ms), &expired]).await.map(drop).map_err(failed)
}

/// Deletes all of a notebook but a trace. Returns whether it was there.
async fn delete(tx: &Transaction<'_>, notebook: NotebookId, trace: &Trace) -> LogResult<bool> {
    let id = &notebook.as_bytes()[..];
    // The row is the lock: nobody appends meanwhile.
    tx.query_opt("SELECT 1 FROM ayumi_notebooks WHERE id = $1 FOR UPDATE", &[&id]).await.map_err(failed)?;
    for sql in [
        "DELETE FROM ayumi_log WHERE notebook = $1",
        "DELETE FROM ayumi_tails WHERE notebook = $1",
        "DELETE FROM ayumi_chunks WHERE notebook = $1",
        "DELETE FROM ayumi_receipts WHERE notebook = $1",
        "DELETE FROM ayumi_releases WHERE notebook = $1",
    ] {
        tx.execute(sql, &[&id]).await.map_err(failed)?;
    }
    if !trace.why.may_begin_again() {
        tx.execute("DELETE FROM ayumi_tickets WHERE notebook = $1", &[&id]).await.map_err(failed)?;
    }
    let there = tx.execute("DELETE FROM ayumi_notebooks WHERE id = $1", &[&id]).await.map_err(failed)? > 0;
    remember(tx, trace).await?;
    Ok(there)
}

/// Deletes some notebooks whose time has come, and drawers that nobody opened; returns how many notebooks. One that another
/// process works on waits for the next time.
pub(super) async fn expire(client: &mut Object, chains: &Chains, due: Due) -> LogResult<u64> {
    let tx = client.transaction().await.map_err(failed)?;
    let unvisited = "SELECT id, closes_at <= $1 FROM ayumi_notebooks
               WHERE closes_at <= $1 OR ends_at <= $1 OR greatest(taken_at, visited_at) <= $2
               ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED";
    // Without years that were named the whole table need not be walked.
    let timed = "SELECT id, closes_at <= $1 FROM ayumi_notebooks WHERE closes_at <= $1 OR ends_at <= $1
                 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED";
    let now = number(due.now_ms);
    let rows = match due.unvisited_since {
        Some(since) => tx.query(unvisited, &[&now, &number(since), &AT_ONCE]).await,
        None => tx.query(timed, &[&now, &AT_ONCE]).await,
    };
    let mut gone = 0;
    let mut ids = Vec::new();
    for row in rows.map_err(failed)? {
        let id = NotebookId::from_slice(row.get(0)).map_err(|_| LogError::Unavailable)?;
        let why = if row.get::<_, Option<bool>>(1) == Some(true) { WhyGone::Closed } else { WhyGone::Expired };
        gone += u64::from(delete(&tx, id, &Trace { hash: gone_hash(id), why, when_ms: due.now_ms }).await?);
        ids.push(id);
    }
    let over = "DELETE FROM ayumi_releases WHERE ends_at IS NOT NULL AND ends_at <= $1";
    tx.execute(over, &[&now]).await.map_err(failed)?;
    let sql = "DELETE FROM ayumi_drawers WHERE opened_at <= $1";
    tx.execute(sql, &[&number(due.drawers_since())]).await.map_err(failed)?;
    tx.commit().await.map_err(failed)?;
    ids.into_iter().for_each(|id| chains.drop_one(id));
    Ok(gone)
}

/// Deletes a notebook and remembers that it is forgotten.
pub(super) async fn forget(client: &mut Object, notebook: NotebookId, now_ms: u64) -> LogResult<Trace> {
    let tx = client.transaction().await.map_err(failed)?;
    delete(&tx, notebook, &Trace { hash: gone_hash(notebook), why: WhyGone::Forgotten, when_ms: now_ms }).await?;
    let trace = trace(&tx, notebook).await?.ok_or(LogError::Unavailable)?;
    tx.commit().await.map_err(failed)?;
    Ok(trace)
}

/// Deletes the notebooks of which these were left; returns how many were there.
pub(super) async fn forget_again(client: &mut Object, chains: &Chains, traces: &[Trace]) -> LogResult<u64> {
    let tx = client.transaction().await.map_err(failed)?;
    let mut new: BTreeMap<Hash, &Trace> = traces.iter().map(|trace| (trace.hash, trace)).collect();
    let hashes: Vec<&[u8]> = new.keys().map(|hash| &hash[..]).collect();
    let sql = "SELECT hash FROM ayumi_gone WHERE hash = ANY($1)";
    let known = tx.query(sql, &[&hashes]).await.map_err(failed)?;
    for row in known {
        new.remove(&hash_of(row.get(0))?);
    }
    // Most often the store knows them all.
    if new.is_empty() {
        return Ok(0);
    }
    let mut there = Vec::new();
    for row in tx.query("SELECT id FROM ayumi_notebooks ORDER BY id", &[]).await.map_err(failed)? {
        let id = NotebookId::from_slice(row.get(0)).map_err(|_| LogError::Unavailable)?;
        there.extend(new.get(&gone_hash(id)).map(|trace| (id, *trace)));
    }
    for (id, trace) in &there {
        delete(&tx, *id, trace).await?;
    }
    for trace in new.into_values() {
        remember(&tx, trace).await?;
    }
    tx.commit().await.map_err(failed)?;
    there.iter().for_each(|(id, _)| chains.drop_one(*id));
    Ok(there.len() as u64)
}
