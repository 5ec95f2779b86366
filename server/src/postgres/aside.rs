//! Puts a chain that was there first in the place of the one that came since, in one transaction; and what this server signed
//! about chains before it forgot.

use std::collections::BTreeSet;

use ayumi_protocol::NotebookId;
use ayumi_protocol::accept::Bearer;
use ayumi_protocol::end::SignedEnd;
use deadpool_postgres::{GenericClient, Object, Transaction};
use tokio::sync::oneshot;

use super::append::{Job, append_in};
use super::connection::{failed, number};
use super::work::Rules;
use crate::chains::Chains;
use crate::log::{Appended, Earlier, Entry, LogError, LogResult, Stored, Terms};

/// As [`crate::log::Log::put_aside`] says.
pub(super) async fn put_aside(
    client: &mut Object,
    (chains, rules): (&Chains, &Rules),
    notebook: NotebookId,
    earlier: Earlier,
    now_ms: u64,
) -> LogResult<bool> {
    let Earlier { instead_of, from, closes_at, statements, receipts } = earlier;
    let tx = client.transaction().await.map_err(failed)?;
    let id = &notebook.as_bytes()[..];
    let sql = "SELECT head FROM ayumi_notebooks WHERE id = $1 FOR UPDATE";
    let row = tx.query_opt(sql, &[&id]).await.map_err(failed)?.ok_or(LogError::NoNotebook)?;
    if row.get::<_, &[u8]>(0) != instead_of {
        return Ok(false);
    }
    let envelopes = take_out(&tx, notebook, number(from)).await?;
    let sql = "UPDATE ayumi_notebooks SET closes_at = $2 WHERE id = $1";
    tx.execute(sql, &[&id, &closes_at.map(number)]).await.map_err(failed)?;
    let job = |entry| {
        let (answer, _) = oneshot::channel();
        Job { notebook, entries: vec![entry], now_ms, terms: Terms::Whole, answer }
    };
    let told = statements.len();
    let statements = statements.into_iter().map(|told| job(Entry::Statement(told, Bearer::Carrier)));
    // What names a head that was put aside counts nowhere: its author makes it again. So each is tried by itself.
    let jobs: Vec<Job> = statements.chain(envelopes.into_iter().map(job)).collect();
    let (answers, states) = append_in(&tx, &jobs, chains, rules).await?;
    let taken = |told: &LogResult<Appended>| told.as_ref().is_ok_and(|told| told.answers.iter().all(Result::is_ok));
    if !answers.iter().take(told).all(taken) {
        return Err(LogError::Unavailable);
    }
    keep_receipts(&tx, notebook, &receipts).await?;
    let sql = "DELETE FROM ayumi_receipts WHERE notebook = $1
               AND head NOT IN (SELECT hash FROM ayumi_log WHERE notebook = $1 AND control)";
    tx.execute(sql, &[&id]).await.map_err(failed)?;
    tx.commit().await.map_err(failed)?;
    states.into_iter().for_each(|state| chains.put(state));
    Ok(true)
}

/// Takes everything from a position on out of a log that is locked; returns the envelopes.
async fn take_out(tx: &Transaction<'_>, notebook: NotebookId, from: i64) -> LogResult<Vec<Entry>> {
    let id = &notebook.as_bytes()[..];
    let sql = "DELETE FROM ayumi_log WHERE notebook = $1 AND position >= $2 RETURNING position, control, author, body, remnant";
    let mut rows = tx.query(sql, &[&id, &from]).await.map_err(failed)?;
    rows.sort_by_key(|row| row.get::<_, i64>(0));
    let bytes: i64 = rows.iter().map(|row| number(row.get::<_, &[u8]>(3).len() as u64)).sum();
    let (mut envelopes, mut authors) = (Vec::new(), BTreeSet::new());
    for row in rows.iter().filter(|row| !row.get::<_, bool>(1)) {
        envelopes.push(Stored { remnant: row.get(4), bytes: row.get(3) }.carried()?);
        authors.insert(row.get::<_, Vec<u8>>(2));
    }
    let sql = "UPDATE ayumi_notebooks n SET bytes = n.bytes - $3, last = l.position, prefix = l.prefix, taken_at = l.taken_at,
                      head = (SELECT hash FROM ayumi_log WHERE notebook = $1 AND control ORDER BY position DESC LIMIT 1)
               FROM ayumi_log l WHERE n.id = $1 AND l.notebook = $1 AND l.position = $2::bigint - 1";
    tx.execute(sql, &[&id, &from, &bytes]).await.map_err(failed)?;
    let authors: Vec<Vec<u8>> = authors.into_iter().collect();
    tx.execute("DELETE FROM ayumi_tails WHERE notebook = $1 AND author = ANY($2)", &[&id, &authors])
        .await
        .map_err(failed)?;
    let sql = format!(
        "INSERT INTO ayumi_tails (notebook, author, frame, two_tongues)
         SELECT DISTINCT ON (author) notebook, author, substr(body, 1, {}), EXISTS (
             SELECT 1 FROM ayumi_log o WHERE o.notebook = l.notebook AND o.author = l.author AND NOT o.control
             GROUP BY o.attempt, o.sequence HAVING count(*) > 1)
         FROM ayumi_log l WHERE notebook = $1 AND author = ANY($2) AND NOT control
         ORDER BY author, attempt DESC, sequence DESC, hash DESC",
        ayumi_protocol::envelope::FRAME_BYTES
    );
    tx.execute(&sql, &[&id, &authors]).await.map_err(failed)?;
    Ok(envelopes)
}

/// As [`crate::log::Log::keep_receipts`] says.
pub(super) async fn keep_receipts(
    client: &impl GenericClient,
    notebook: NotebookId,
    receipts: &[SignedEnd],
) -> LogResult<()> {
    let sql = "INSERT INTO ayumi_receipts AS kept (notebook, head, taken_at, body) VALUES ($1, $2, $3, $4)
               ON CONFLICT (notebook, head) DO UPDATE SET taken_at = excluded.taken_at, body = excluded.body
               WHERE excluded.taken_at < kept.taken_at";
    let keep = client.prepare_cached(sql).await.map_err(failed)?;
    for receipt in receipts {
        let (id, head, at) = (&notebook.as_bytes()[..], &receipt.end.head[..], number(receipt.end.taken_at));
        client.execute(&keep, &[&id, &head, &at, &receipt.to_bytes()]).await.map_err(failed)?;
    }
    Ok(())
}

/// As [`crate::log::Log::receipts`] says.
pub(super) async fn receipts(client: &impl GenericClient, notebook: NotebookId) -> LogResult<Vec<SignedEnd>> {
    let sql = "SELECT body FROM ayumi_receipts WHERE notebook = $1";
    let rows = client.query(sql, &[&&notebook.as_bytes()[..]]).await.map_err(failed)?;
    rows.iter().map(|row| SignedEnd::from_bytes(row.get(0)).map_err(|_| LogError::Unavailable)).collect()
}
