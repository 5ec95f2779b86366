//! Queries of the store. Independent queries are sent together.

use std::collections::HashMap;

use ayumi_protocol::NotebookId;
use ayumi_protocol::blob::{BlobName, BlobReply, hash_over};
use ayumi_protocol::control::{self, State, Statement};
use ayumi_protocol::drawer::DrawerReply;
use ayumi_protocol::end::End;
use ayumi_protocol::envelope::Tail;
use ayumi_protocol::key::{Hash, KeyId};
use deadpool_postgres::GenericClient;
use tokio_postgres::Row;

use super::connection::{failed, number};
use crate::chunks::CHUNKS_BYTES;
use crate::log::{Item, LogError, LogResult, Page, PageRequest};

/// Rows of one query.
const ROWS: i64 = 512;

pub(super) fn hash_of(bytes: &[u8]) -> LogResult<Hash> {
    bytes.try_into().map_err(|_| LogError::Unavailable)
}

pub(super) fn tail_of(frame: &[u8]) -> LogResult<Tail> {
    Tail::from_frame(frame).map_err(|_| LogError::Unavailable)
}

pub(super) fn positive(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

pub(super) fn key_of(bytes: &[u8]) -> LogResult<KeyId> {
    bytes.try_into().map(KeyId).map_err(|_| LogError::Unavailable)
}

/// Reads the chain from its statements; `None` for an unknown notebook.
pub(super) async fn chain(client: &impl GenericClient, notebook: NotebookId) -> LogResult<Option<State>> {
    let sql = "SELECT body FROM ayumi_log WHERE notebook = $1 AND control ORDER BY position";
    let statement = client.prepare_cached(sql).await.map_err(failed)?;
    let rows = client.query(&statement, &[&&notebook.as_bytes()[..]]).await.map_err(failed)?;
    let mut statements: Vec<Statement> = Vec::with_capacity(rows.len());
    for row in rows {
        statements.push(Statement::from_bytes(row.get(0)).map_err(|_| LogError::Unavailable)?);
    }
    if statements.is_empty() {
        return Ok(None);
    }
    let read = control::read_chain(&statements);
    read.map(Some).map_err(|_| LogError::Unavailable)
}

fn read_item(row: &Row, request: &PageRequest) -> LogResult<Item> {
    let author = key_of(row.get(3))?;
    let control: bool = row.get(2);
    let body: &[u8] = row.get(5);
    let known = author == request.reader && !control && !request.wanted.mine_too;
    Ok(Item {
        position: positive(row.get(0)),
        taken_at: positive(row.get(1)),
        control,
        author,
        sequence: positive(row.get(4)),
        hash: hash_of(row.get(7))?,
        bytes: if known { Vec::new() } else { body.to_vec() },
        remnant: row.get(6),
    })
}

pub(super) async fn page(client: &impl GenericClient, request: &PageRequest) -> LogResult<Page> {
    let id = &request.notebook.as_bytes()[..];
    let reader = &request.reader.0[..];
    let head = "SELECT n.last, t.frame, n.prefix, n.head, n.taken_at, n.visited_at FROM ayumi_notebooks n
                LEFT JOIN ayumi_tails t ON t.notebook = n.id AND t.author = $2 WHERE n.id = $1 AND n.last > 0";
    let head = client.prepare_cached(head).await.map_err(failed)?;
    let columns = "SELECT position, taken_at, control, author, sequence, body, remnant, hash FROM ayumi_log WHERE notebook = $1 AND position > $2";
    let control = if request.wanted.control_only { "AND control" } else { "" };
    let rows =
        client.prepare_cached(&format!("{columns} {control} ORDER BY position LIMIT $3")).await.map_err(failed)?;
    let mut after = number(request.after);
    let limit = if request.max_bytes == 0 { 0 } else { ROWS };
    let ids: [&(dyn tokio_postgres::types::ToSql + Sync); 2] = [&id, &reader];
    let window: [&(dyn tokio_postgres::types::ToSql + Sync); 3] = [&id, &after, &limit];
    let (notebook, mut some) =
        tokio::try_join!(client.query_opt(&head, &ids), client.query(&rows, &window)).map_err(failed)?;
    let notebook = notebook.ok_or(LogError::NoNotebook)?;
    let end = End {
        position: positive(notebook.get(0)),
        prefix: notebook.get::<_, &[u8]>(2).try_into().map_err(|_| LogError::Unavailable)?,
        head: hash_of(notebook.get(3))?,
        taken_at: positive(notebook.get(4)),
    };
    let own = notebook.get::<_, Option<&[u8]>>(1).map(tail_of).transpose()?.unwrap_or_default();
    let visited_at = end.taken_at.max(positive(notebook.get(5)));
    if let Some(prefix) = request.prefix {
        let sql = "SELECT 1 FROM ayumi_log WHERE notebook = $1 AND position = $2 AND prefix = $3";
        let sql = client.prepare_cached(sql).await.map_err(failed)?;
        let there = client.query_opt(&sql, &[&id, &number(request.after), &&prefix[..]]).await.map_err(failed)?;
        if there.is_none() {
            return Ok(Page { items: Vec::new(), end, own, agrees: false, visited_at });
        }
    }
    let (mut items, mut bytes) = (Vec::new(), 0);
    'all: loop {
        let whole = some.len() == ROWS as usize;
        for row in &some {
            let item = read_item(row, request)?;
            // What came since the end was read stands in the next page.
            if item.position > end.position {
                break 'all;
            }
            // The framing of an item on the wire costs bytes, too.
            bytes += item.bytes.len() + 16;
            if bytes > request.max_bytes && !items.is_empty() {
                break 'all;
            }
            after = number(item.position);
            items.push(item);
        }
        if !whole {
            break;
        }
        some = client.query(&rows, &[&id, &after, &ROWS]).await.map_err(failed)?;
    }
    Ok(Page { items, end, own, agrees: true, visited_at })
}

pub(super) async fn blob(
    client: &impl GenericClient,
    notebook: NotebookId,
    name: &BlobName,
    from: Option<u32>,
) -> LogResult<BlobReply> {
    let (id, name) = (&notebook.as_bytes()[..], &name[..]);
    let sql =
        "SELECT number, total, length(body), hash FROM ayumi_chunks WHERE notebook = $1 AND name = $2 ORDER BY number";
    let mut reply = BlobReply::default();
    let (mut lengths, mut hashes) = (Vec::new(), Vec::new());
    for row in client.query(sql, &[&id, &name]).await.map_err(failed)? {
        reply.of = u32::try_from(row.get::<_, i32>(1)).unwrap_or(0);
        if i64::from(row.get::<_, i32>(0)) != i64::from(reply.there) {
            break;
        }
        reply.there += 1;
        lengths.push(usize::try_from(row.get::<_, i32>(2)).unwrap_or(0));
        hashes.push(hash_of(row.get(3))?);
    }
    if reply.there == reply.of && reply.of > 0 {
        reply.hash = hash_over(&hashes);
    }
    if let Some(from) = from {
        let mut bytes = 0;
        let fit = lengths.iter().skip(from as usize).take_while(|length| {
            bytes += **length;
            bytes <= CHUNKS_BYTES
        });
        let end = from.saturating_add(u32::try_from(fit.count().max(1)).unwrap_or(1)).min(reply.there);
        let sql = "SELECT body FROM ayumi_chunks WHERE notebook = $1 AND name = $2 AND number >= $3 AND number < $4 ORDER BY number";
        let int = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
        let rows = client.query(sql, &[&id, &name, &int(from), &int(end)]).await.map_err(failed)?;
        reply.chunks = rows.iter().map(|row| row.get(0)).collect();
    }
    Ok(reply)
}

pub(super) async fn gather(
    client: &impl GenericClient,
    notebook: NotebookId,
    names: &[BlobName],
) -> LogResult<Vec<Vec<u8>>> {
    let (id, wanted) = (&notebook.as_bytes()[..], names.iter().map(|name| &name[..]).collect::<Vec<_>>());
    let alone = "FROM ayumi_chunks WHERE notebook = $1 AND name = ANY($2) AND number = 0 AND total = 1";
    // How long they are first: of what does not fit into one reply nothing is read.
    let lengths = client.query(&format!("SELECT name, length(body) {alone}"), &[&id, &wanted]).await.map_err(failed)?;
    let lengths: HashMap<Vec<u8>, i64> =
        lengths.iter().map(|row| (row.get(0), i64::from(row.get::<_, i32>(1)))).collect();
    let mut bytes = 0;
    let fit = wanted.iter().take_while(|name| {
        bytes += lengths.get(**name).copied().unwrap_or(0);
        bytes <= number(CHUNKS_BYTES as u64)
    });
    let fit = fit.count().max(1).min(wanted.len());
    let wanted = wanted.get(..fit).unwrap_or_default();
    let rows = client.query(&format!("SELECT name, body {alone}"), &[&id, &wanted]).await.map_err(failed)?;
    let chunks: HashMap<Vec<u8>, Vec<u8>> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    Ok(wanted.iter().map(|name| chunks.get(*name).cloned().unwrap_or_default()).collect())
}

pub(super) async fn last_taken(client: &impl GenericClient) -> LogResult<u64> {
    let sql = "SELECT coalesce(max(taken_at), 0) FROM ayumi_notebooks";
    Ok(positive(client.query_one(sql, &[]).await.map_err(failed)?.get(0)))
}

/// Returns what is in a drawer, and when it was opened last.
pub(super) async fn drawer(client: &impl GenericClient, drawer: KeyId) -> LogResult<(DrawerReply, u64)> {
    let sql = "SELECT edition, sealed, opened_at FROM ayumi_drawers WHERE id = $1";
    let row = client.query_opt(sql, &[&&drawer.0[..]]).await.map_err(failed)?;
    let content = row.map(|row| {
        let content = DrawerReply { edition: positive(row.get(0)), sealed: row.get(1) };
        (content, positive(row.get(2)))
    });
    // One that is empty needs no visit.
    Ok(content.unwrap_or((DrawerReply::default(), u64::MAX)))
}
