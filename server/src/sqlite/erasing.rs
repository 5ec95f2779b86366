//! Keeps only what is left of envelopes of which words were erased.

use ayumi_protocol::control::{State, Statement};
use ayumi_protocol::envelope::Frame;
use ayumi_protocol::key::KeyId;
use ayumi_protocol::opening::Remnant;
use rusqlite::Transaction;

use super::connection::failed;
use crate::log::{LogError, LogResult, Replacement, Stored};

/// Drops the ciphertexts of envelopes that a statement erases whole; `state` is the chain behind it.
pub(super) fn drop_whole(tx: &Transaction<'_>, state: &State, statement: &Statement) -> LogResult<()> {
    for (author, sequence, attempt) in statement.erased_whole() {
        let sql = "SELECT position, body FROM log
                   WHERE notebook = ?1 AND author = ?2 AND attempt = ?3 AND sequence = ?4 AND control = 0";
        let Ok(sequence) = i64::try_from(sequence) else { continue };
        let mut there = tx.prepare_cached(sql).map_err(failed)?;
        let key = (state.notebook().as_bytes().to_owned(), author.0, attempt, sequence);
        let there = there.query_map(key, |row| Ok((row.get::<_, u64>(0)?, row.get::<_, Vec<u8>>(1)?)));
        let there = there.map_err(failed)?.collect::<Result<Vec<_>, _>>().map_err(failed)?;
        for (position, body) in there {
            let frame = Frame::from_start_of(&body).map_err(|_| LogError::Unavailable)?;
            let remnant = Remnant { frame, opening: None };
            if remnant.check(state).is_ok() {
                replace(tx, state, position, (&remnant, &statement.author), None)?;
            }
        }
    }
    Ok(())
}

/// Puts a remnant in the place of an envelope, or of another remnant of it; without a quota whatever it is.
pub(super) fn replace(
    tx: &Transaction<'_>,
    state: &State,
    position: u64,
    new: (&Remnant, &KeyId),
    quota: Option<u64>,
) -> LogResult<()> {
    let notebook = state.notebook();
    let id = notebook.as_bytes();
    let sql = "SELECT l.remnant, l.body, n.bytes, n.open_quota FROM log l JOIN notebooks n ON n.id = l.notebook
               WHERE l.notebook = ?1 AND l.position = ?2";
    let mut there = tx.prepare_cached(sql).map_err(failed)?;
    let there = there.query_row((id, position), |row| {
        Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, u64>(2)?, row.get::<_, Option<u64>>(3)?))
    });
    let (is_remnant, before, used, open) = there.map_err(failed)?;
    let stored = Stored { remnant: is_remnant, bytes: &before };
    let quotas = quota.map(|quota| (quota, open));
    let Some(Replacement { bytes, used }) = stored.replaced_by(new, state, used, quotas)? else { return Ok(()) };
    let sql = "UPDATE log SET body = ?3, remnant = 1 WHERE notebook = ?1 AND position = ?2";
    tx.prepare_cached(sql).map_err(failed)?.execute((id, position, bytes)).map_err(failed)?;
    tx.prepare_cached("UPDATE notebooks SET bytes = ?2 WHERE id = ?1")
        .map_err(failed)?
        .execute((id, used))
        .map_err(failed)?;
    Ok(())
}
