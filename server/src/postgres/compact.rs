//! How far devices have come, and what may go because of it. The notebook's row is the lock.

use ayumi_channel::compact::{Cursor, PartAt, may_go_before};
use deadpool_postgres::Object;

use super::connection::{failed, number};
use super::read;
use crate::log::{Confirmed, LogResult};

pub(super) async fn confirm(client: &mut Object, confirmed: &Confirmed) -> LogResult<()> {
    let (id, now) = (&confirmed.notebook.as_bytes()[..], number(confirmed.now_ms));
    let sql = "INSERT INTO ayumi_cursors (notebook, author, position, seen_at) VALUES ($1, $2, $3, $4)
               ON CONFLICT (notebook, author) DO UPDATE SET position = excluded.position, seen_at = excluded.seen_at";
    let note = client.prepare_cached(sql).await.map_err(failed)?;
    let position = number(confirmed.position);
    client.execute(&note, &[&id, &&confirmed.author.0[..], &position, &now]).await.map_err(failed)?;
    let any = client.prepare_cached("SELECT 1 FROM ayumi_parts WHERE notebook = $1 LIMIT 1").await.map_err(failed)?;
    if client.query_opt(&any, &[&id]).await.map_err(failed)?.is_none() {
        return Ok(());
    }
    let tx = client.transaction().await.map_err(failed)?;
    tx.execute("SELECT 1 FROM ayumi_notebooks WHERE id = $1 FOR UPDATE", &[&id]).await.map_err(failed)?;
    let members: Vec<&[u8]> = confirmed.members.iter().map(|member| &member.0[..]).collect();
    let sql = "INSERT INTO ayumi_cursors (notebook, author, position, seen_at)
               SELECT $1, author, 0, $3 FROM unnest($2::bytea[]) AS m (author) ON CONFLICT DO NOTHING";
    tx.execute(sql, &[&id, &members, &now]).await.map_err(failed)?;
    let sql = "SELECT author, position, seen_at FROM ayumi_cursors WHERE notebook = $1 AND author = ANY($2)";
    let rows = tx.query(sql, &[&id, &members]).await.map_err(failed)?;
    let mut cursors = Vec::with_capacity(rows.len());
    for row in &rows {
        let (position, seen_at) = (read::positive(row.get(1)), read::positive(row.get(2)));
        cursors.push(Cursor { author: read::key_of(row.get(0))?, position, seen_at });
    }
    let sql = "SELECT position, author, number, total FROM ayumi_parts WHERE notebook = $1 ORDER BY position";
    let mut parts = Vec::new();
    for row in tx.query(sql, &[&id]).await.map_err(failed)? {
        let small = |column| u16::try_from(row.get::<_, i32>(column)).unwrap_or(u16::MAX);
        let (position, author) = (read::positive(row.get(0)), read::key_of(row.get(1))?);
        parts.push(PartAt { position, author, number: small(2), of: small(3) });
    }
    let Some(before) = may_go_before(&parts, &cursors, confirmed.now_ms).map(number) else {
        return tx.commit().await.map_err(failed);
    };
    let sql = "WITH old AS (SELECT position, length(body) AS n FROM ayumi_log
                            WHERE notebook = $1 AND position < $2 AND NOT control AND length(body) > 0),
                    emptied AS (UPDATE ayumi_log l SET body = '' FROM old WHERE l.notebook = $1 AND l.position = old.position)
               UPDATE ayumi_notebooks SET bytes = greatest(bytes - (SELECT coalesce(sum(n), 0) FROM old), 0) WHERE id = $1";
    tx.execute(sql, &[&id, &before]).await.map_err(failed)?;
    let sql = "DELETE FROM ayumi_parts WHERE notebook = $1 AND position < $2";
    tx.execute(sql, &[&id, &before]).await.map_err(failed)?;
    tx.commit().await.map_err(failed)
}
