//! Tickets with which notebooks begin, and what keeps one from beginning.

use ayumi_protocol::NotebookId;
use ayumi_protocol::gone::gone_hash;
use ayumi_protocol::key::Hash;
use deadpool_postgres::{GenericClient, Transaction};

use super::connection::{failed, number};
use super::gone;
use crate::beginning::may_begin;
use crate::log::{LogError, LogResult, OpenTerms, Terms};

/// Lets a notebook begin on its terms, and uses its ticket up. Returns its quota if it has none.
pub(super) async fn admit(tx: &Transaction<'_>, notebook: NotebookId, terms: Terms) -> LogResult<Option<u64>> {
    let id = &notebook.as_bytes()[..];
    let before = gone::trace(tx, notebook).await?;
    may_begin(before.map(|trace| trace.why), terms)?;
    let open = match terms {
        Terms::Whole => None,
        Terms::Ticket(hash) => {
            let sql = "UPDATE ayumi_tickets SET notebook = $2 WHERE hash = $1 AND (notebook IS NULL OR notebook = $2)";
            if tx.execute(sql, &[&&hash[..], &id]).await.map_err(failed)? == 0 {
                return Err(LogError::NoTicket);
            }
            None
        }
        Terms::Open(OpenTerms { quota, ends_at }) => {
            let sql = "UPDATE ayumi_notebooks SET open_quota = $2, ends_at = $3 WHERE id = $1";
            tx.execute(sql, &[&id, &number(quota), &number(ends_at)]).await.map_err(failed)?;
            Some(quota)
        }
    };
    if before.is_some() {
        tx.execute("DELETE FROM ayumi_gone WHERE hash = $1", &[&&gone_hash(notebook)[..]]).await.map_err(failed)?;
    }
    Ok(open)
}

pub(super) async fn add_tickets(client: &impl GenericClient, hashes: &[Hash]) -> LogResult<()> {
    let hashes: Vec<&[u8]> = hashes.iter().map(|hash| &hash[..]).collect();
    let sql = "INSERT INTO ayumi_tickets (hash) SELECT unnest($1::bytea[])";
    client.execute(sql, &[&hashes]).await.map(drop).map_err(failed)
}
