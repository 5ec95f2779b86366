//! Stores photos in sealed chunks, and drops them.

use ayumi_protocol::NotebookId;
use ayumi_protocol::blob::{BlobName, BlobReply};
use ayumi_protocol::key::hash;
use deadpool_postgres::Object;

use super::connection::{failed, number};
use super::read;
use crate::log::{Chunk, LogError, LogResult, fits};

/// Stores a chunk; the notebook's row is the lock for its quota.
pub(super) async fn put_chunk(client: &mut Object, quota: u64, chunk: &Chunk) -> LogResult<BlobReply> {
    let tx = client.transaction().await.map_err(failed)?;
    let (id, name) = (&chunk.notebook.as_bytes()[..], &chunk.name[..]);
    let row = tx
        .query_opt("SELECT bytes, open_quota FROM ayumi_notebooks WHERE id = $1 FOR UPDATE", &[&id])
        .await
        .map_err(failed)?;
    let row = row.ok_or(LogError::NoNotebook)?;
    let (used, open): (i64, Option<i64>) = (row.get(0), row.get(1));
    let there = read::blob(&tx, chunk.notebook, &chunk.name, None).await?;
    // Another total means other content under the same name: the first stays.
    if there.of == 0 || there.of == chunk.of {
        let sql = "INSERT INTO ayumi_chunks (notebook, name, number, total, hash, body) VALUES ($1, $2, $3, $4, $5, $6)
                   ON CONFLICT DO NOTHING";
        let int = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
        let hash = hash(&chunk.bytes);
        let params: [&(dyn tokio_postgres::types::ToSql + Sync); 6] =
            [&id, &name, &int(chunk.number), &int(chunk.of), &&hash[..], &chunk.bytes];
        if tx.execute(sql, &params).await.map_err(failed)? == 1 {
            let used = used + number(chunk.bytes.len() as u64);
            if !fits(read::positive(used), false, quota, open.map(read::positive)) {
                return Err(LogError::Quota);
            }
            tx.execute("UPDATE ayumi_notebooks SET bytes = $2 WHERE id = $1", &[&id, &used]).await.map_err(failed)?;
        }
    }
    let reply = read::blob(&tx, chunk.notebook, &chunk.name, None).await?;
    tx.commit().await.map_err(failed)?;
    Ok(reply)
}

/// Drops a photo for good; the notebook's row is the lock for its quota.
pub(super) async fn drop_blob(client: &mut Object, notebook: NotebookId, name: &BlobName) -> LogResult<()> {
    let tx = client.transaction().await.map_err(failed)?;
    let (id, name) = (&notebook.as_bytes()[..], &name[..]);
    tx.query_opt("SELECT 1 FROM ayumi_notebooks WHERE id = $1 FOR UPDATE", &[&id]).await.map_err(failed)?;
    let sql = "WITH gone AS (DELETE FROM ayumi_chunks WHERE notebook = $1 AND name = $2 RETURNING length(body) AS bytes)
               UPDATE ayumi_notebooks SET bytes = greatest(0, bytes - (SELECT coalesce(sum(bytes), 0) FROM gone)::bigint) WHERE id = $1";
    tx.execute(sql, &[&id, &name]).await.map_err(failed)?;
    tx.commit().await.map_err(failed)
}
