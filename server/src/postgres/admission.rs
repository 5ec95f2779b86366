//! Tickets with which notebooks begin, and the end of those that began without one.

use ayumi_protocol::NotebookId;
use ayumi_protocol::key::Hash;
use deadpool_postgres::{GenericClient, Object, Transaction};

use super::connection::{failed, number};
use crate::chains::Chains;
use crate::log::{LogError, LogResult, OpenTerms, Terms};

/// Notebooks that are deleted in one transaction.
const AT_ONCE: i64 = 20;

/// Lets a notebook begin on its terms, and uses its ticket up. Returns its quota if it has none.
pub(super) async fn admit(tx: &Transaction<'_>, notebook: NotebookId, terms: Terms) -> LogResult<Option<u64>> {
    let id = &notebook.as_bytes()[..];
    match terms {
        Terms::Whole => Ok(None),
        Terms::Ticket(hash) => {
            let sql = "UPDATE ayumi_tickets SET notebook = $2 WHERE hash = $1 AND (notebook IS NULL OR notebook = $2)";
            if tx.execute(sql, &[&&hash[..], &id]).await.map_err(failed)? == 0 {
                return Err(LogError::NoTicket);
            }
            tx.execute("DELETE FROM ayumi_expired WHERE id = $1", &[&id]).await.map_err(failed)?;
            Ok(None)
        }
        Terms::Open(OpenTerms { quota, ends_at }) => {
            let over = tx.query_opt("SELECT 1 FROM ayumi_expired WHERE id = $1", &[&id]).await.map_err(failed)?;
            if over.is_some() {
                return Err(LogError::NoTicket);
            }
            let sql = "UPDATE ayumi_notebooks SET open_quota = $2, ends_at = $3 WHERE id = $1";
            tx.execute(sql, &[&id, &number(quota), &number(ends_at)]).await.map_err(failed)?;
            Ok(Some(quota))
        }
    }
}

/// Deletes some notebooks whose time has come; returns how many. One that another process works on waits for the next time.
pub(super) async fn expire(client: &mut Object, chains: &Chains, now_ms: u64) -> LogResult<u64> {
    let tx = client.transaction().await.map_err(failed)?;
    let sql = "SELECT id FROM ayumi_notebooks WHERE ends_at <= $1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED";
    let rows = tx.query(sql, &[&number(now_ms), &AT_ONCE]).await.map_err(failed)?;
    let ids: Vec<&[u8]> = rows.iter().map(|row| row.get(0)).collect();
    for sql in [
        "DELETE FROM ayumi_log WHERE notebook = ANY($1)",
        "DELETE FROM ayumi_tails WHERE notebook = ANY($1)",
        "DELETE FROM ayumi_chunks WHERE notebook = ANY($1)",
        "DELETE FROM ayumi_notebooks WHERE id = ANY($1)",
        "INSERT INTO ayumi_expired (id) SELECT unnest($1::bytea[]) ON CONFLICT DO NOTHING",
    ] {
        tx.execute(sql, &[&ids]).await.map_err(failed)?;
    }
    tx.commit().await.map_err(failed)?;
    for id in &ids {
        chains.drop_one(NotebookId::from_slice(id).map_err(|_| LogError::Unavailable)?);
    }
    Ok(ids.len() as u64)
}

pub(super) async fn add_tickets(client: &impl GenericClient, hashes: &[Hash]) -> LogResult<()> {
    let hashes: Vec<&[u8]> = hashes.iter().map(|hash| &hash[..]).collect();
    let sql = "INSERT INTO ayumi_tickets (hash) SELECT unnest($1::bytea[])";
    client.execute(sql, &[&hashes]).await.map(drop).map_err(failed)
}
