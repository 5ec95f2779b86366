//! Keeps only what is left of envelopes of which words were erased.

use ayumi_protocol::NotebookId;
use ayumi_protocol::control::{State, Statement};
use ayumi_protocol::envelope::Frame;
use ayumi_protocol::key::KeyId;
use ayumi_protocol::opening::Remnant;
use deadpool_postgres::{GenericClient, Transaction};

use super::connection::{failed, number};
use super::read;
use super::work::Work;
use crate::log::{LogError, LogResult, Replacement, Stored};

/// Drops the ciphertexts of envelopes that a statement erases whole; `state` is the chain behind it.
pub(super) async fn drop_whole(
    tx: &Transaction<'_>,
    work: &mut Work,
    state: &State,
    statement: &Statement,
) -> LogResult<()> {
    for (author, sequence, attempt) in statement.erased_whole() {
        let mut found = in_rows(work, state.notebook(), (author, sequence, attempt));
        found.extend(in_table(tx, state.notebook(), (author, sequence, attempt)).await?);
        for (position, frame) in found {
            let remnant = Remnant { frame, opening: None };
            if remnant.check(state).is_ok() {
                replace(tx, work, state, position, (&remnant, &statement.author, true)).await?;
            }
        }
    }
    Ok(())
}

/// Finds an author's envelopes among those that this transaction is about to write.
fn in_rows(work: &Work, notebook: NotebookId, wanted: (KeyId, u64, u32)) -> Vec<(u64, Frame)> {
    let rows = work.rows.iter().filter(|row| row.notebook == notebook);
    let frames = rows.filter_map(|row| Some((row.place.position, Frame::from_start_of(&row.body).ok()?)));
    let is_wanted = |frame: &Frame| (frame.header.author, frame.header.sequence, frame.header.attempt) == wanted;
    frames.filter(|(_, frame)| is_wanted(frame)).collect()
}

async fn in_table(
    tx: &Transaction<'_>,
    notebook: NotebookId,
    (author, sequence, attempt): (KeyId, u64, u32),
) -> LogResult<Vec<(u64, Frame)>> {
    let sql = "SELECT position, body FROM ayumi_log
               WHERE notebook = $1 AND author = $2 AND attempt = $3 AND sequence = $4 AND NOT control";
    let sql = tx.prepare_cached(sql).await.map_err(failed)?;
    let (id, author) = (&notebook.as_bytes()[..], &author.0[..]);
    let rows = tx.query(&sql, &[&id, &author, &i64::from(attempt), &number(sequence)]).await.map_err(failed)?;
    let found = |row: &tokio_postgres::Row| {
        let frame = Frame::from_start_of(row.get(1)).map_err(|_| LogError::Unavailable)?;
        Ok((read::positive(row.get(0)), frame))
    };
    rows.iter().map(found).collect()
}

/// Puts a remnant in the place of an envelope, or of another remnant of it; `always` whatever the quota says.
pub(super) async fn replace(
    tx: &Transaction<'_>,
    work: &mut Work,
    state: &State,
    position: u64,
    (remnant, maker, always): (&Remnant, &KeyId, bool),
) -> LogResult<()> {
    let notebook = state.notebook();
    let key = (notebook, position);
    let row = work.rows.iter().position(|row| (row.notebook, row.place.position) == key);
    let (is_remnant, before) = match (row.and_then(|row| work.rows.get(row)), work.remnants.get(&key)) {
        (Some(row), _) => (row.remnant, row.body.clone()),
        (None, Some(body)) => (true, body.clone()),
        (None, None) => {
            let sql = "SELECT remnant, body FROM ayumi_log WHERE notebook = $1 AND position = $2";
            let sql = tx.prepare_cached(sql).await.map_err(failed)?;
            let row = tx.query_one(&sql, &[&&notebook.as_bytes()[..], &number(position)]).await.map_err(failed)?;
            (row.get(0), row.get(1))
        }
    };
    let stored = Stored { remnant: is_remnant, bytes: &before };
    let locked = work.notebooks.get_mut(&notebook).ok_or(LogError::NoNotebook)?;
    let quotas = (!always).then_some((work.rules.quota, locked.open_quota));
    let replacement = stored.replaced_by((remnant, maker), state, locked.bytes, quotas)?;
    let Some(Replacement { bytes, used }) = replacement else { return Ok(()) };
    locked.bytes = used;
    match row.and_then(|row| work.rows.get_mut(row)) {
        Some(row) => (row.body, row.remnant) = (bytes, true),
        None => _ = work.remnants.insert(key, bytes),
    }
    Ok(())
}

/// Writes what is left of envelopes that are in the table.
pub(super) async fn write(tx: &Transaction<'_>, work: &Work) -> LogResult<()> {
    if work.remnants.is_empty() {
        return Ok(());
    }
    let notebooks: Vec<&[u8]> = work.remnants.keys().map(|(notebook, _)| &notebook.as_bytes()[..]).collect();
    let positions: Vec<i64> = work.remnants.keys().map(|(_, position)| number(*position)).collect();
    let bodies: Vec<&[u8]> = work.remnants.values().map(|body| &body[..]).collect();
    let sql = "UPDATE ayumi_log l SET body = u.body, remnant = true
               FROM unnest($1::bytea[], $2::bigint[], $3::bytea[]) AS u (notebook, position, body)
               WHERE l.notebook = u.notebook AND l.position = u.position";
    let sql = tx.prepare_cached(sql).await.map_err(failed)?;
    tx.execute(&sql, &[&notebooks, &positions, &bodies]).await.map(drop).map_err(failed)
}
