//! How far devices have come, and what may go because of it; inside the writer's transaction.

use ayumi_channel::compact::{Cursor, PartAt, may_go_before};
use ayumi_protocol::key::KeyId;
use rusqlite::Transaction;

use super::connection::failed;
use crate::log::{Confirmed, LogResult};

pub(super) fn confirm(tx: &Transaction<'_>, confirmed: &Confirmed) -> LogResult<()> {
    let id = confirmed.notebook.as_bytes();
    let sql = "INSERT INTO cursors (notebook, author, position, seen_at) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT (notebook, author) DO UPDATE SET position = excluded.position, seen_at = excluded.seen_at";
    let position = i64::try_from(confirmed.position).unwrap_or(i64::MAX);
    tx.execute(sql, (id, &confirmed.author.0, position, confirmed.now_ms)).map_err(failed)?;
    let mut parts =
        tx.prepare_cached("SELECT position, author, number, total FROM parts WHERE notebook = ?1 ORDER BY position");
    let parts = parts.as_mut().map_err(|_| crate::log::LogError::Unavailable)?;
    let parts = parts.query_map([id], |row| {
        Ok(PartAt { position: row.get(0)?, author: KeyId(row.get(1)?), number: row.get(2)?, of: row.get(3)? })
    });
    let parts = parts.map_err(failed)?.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    if parts.is_empty() {
        return Ok(());
    }
    let mut cursors = Vec::with_capacity(confirmed.members.len());
    for author in &confirmed.members {
        let sql =
            "INSERT INTO cursors (notebook, author, position, seen_at) VALUES (?1, ?2, 0, ?3) ON CONFLICT DO NOTHING";
        tx.execute(sql, (id, &author.0, confirmed.now_ms)).map_err(failed)?;
        let sql = "SELECT position, seen_at FROM cursors WHERE notebook = ?1 AND author = ?2";
        let cursor = tx.query_row(sql, (id, &author.0), |row| {
            Ok(Cursor { author: *author, position: row.get(0)?, seen_at: row.get(1)? })
        });
        cursors.push(cursor.map_err(failed)?);
    }
    let Some(before) = may_go_before(&parts, &cursors, confirmed.now_ms) else { return Ok(()) };
    let gone = "notebook = ?1 AND position < ?2 AND control = 0";
    let sql = format!("SELECT coalesce(sum(length(body)), 0) FROM log WHERE {gone}");
    let bytes: u64 = tx.query_row(&sql, (id, before), |row| row.get(0)).map_err(failed)?;
    let empty = format!("UPDATE log SET body = x'' WHERE {gone} AND length(body) > 0");
    tx.execute(&empty, (id, before)).map_err(failed)?;
    tx.execute("UPDATE notebooks SET bytes = max(bytes - ?2, 0) WHERE id = ?1", (id, bytes)).map_err(failed)?;
    tx.execute("DELETE FROM parts WHERE notebook = ?1 AND position < ?2", (id, before)).map_err(failed)?;
    Ok(())
}
