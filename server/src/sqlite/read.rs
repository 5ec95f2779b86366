//! Queries of the store, for readers and inside the writer's transaction.

use ayumi_protocol::NotebookId;
use ayumi_protocol::blob::{BlobName, BlobReply, hash_over};
use ayumi_protocol::control::{self, State, Statement};
use ayumi_protocol::drawer::DrawerReply;
use ayumi_protocol::end::End;
use ayumi_protocol::envelope::{FRAME_BYTES, Tail};
use ayumi_protocol::key::{Hash, KeyId};
use ayumi_protocol::release::ReleaseKey;
use rusqlite::{Connection, OptionalExtension, Row};

use super::connection::failed;
use crate::author::AuthorTail;
use crate::chunks::{CHUNKS_BYTES, that_fit};
use crate::log::{Item, LogError, LogResult, Page, PageRequest};

/// Reads the chain from its statements; `None` for an unknown notebook.
pub(super) fn chain(connection: &Connection, notebook: NotebookId) -> LogResult<Option<State>> {
    let sql = "SELECT body FROM log WHERE notebook = ?1 AND control = 1 ORDER BY position";
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let rows = statement.query_map([notebook.as_bytes()], |row| row.get::<_, Vec<u8>>(0));
    let mut statements: Vec<Statement> = Vec::new();
    for row in rows.map_err(failed)? {
        statements.push(Statement::from_bytes(&row.map_err(failed)?).map_err(|_| LogError::Unavailable)?);
    }
    if statements.is_empty() {
        return Ok(None);
    }
    let read = control::read_chain(&statements);
    read.map(Some).map_err(|_| LogError::Unavailable)
}

/// Reads an author's greatest envelope, and whether the key signed two for one place.
pub(super) fn author_tail(connection: &Connection, notebook: NotebookId, author: KeyId) -> LogResult<AuthorTail> {
    let sql = "SELECT 1 FROM log WHERE notebook = ?1 AND author = ?2 AND second = 1";
    let mut second = connection.prepare_cached(sql).map_err(failed)?;
    let two_tongues = second.exists((notebook.as_bytes(), &author.0)).map_err(failed)?;
    Ok(AuthorTail { tail: tail(connection, notebook, author)?, two_tongues })
}

/// Reads an author's greatest envelope.
pub(super) fn tail(connection: &Connection, notebook: NotebookId, author: KeyId) -> LogResult<Tail> {
    let sql = format!(
        "SELECT substr(body, 1, {FRAME_BYTES}) FROM log WHERE notebook = ?1 AND author = ?2 AND control = 0
         ORDER BY attempt DESC, sequence DESC, hash DESC LIMIT 1"
    );
    let mut last = connection.prepare_cached(&sql).map_err(failed)?;
    let frame = last.query_row((notebook.as_bytes(), &author.0), |row| row.get::<_, Vec<u8>>(0));
    let frame = frame.optional().map_err(failed)?;
    let tail = frame.map(|frame| Tail::from_frame(&frame).map_err(|_| LogError::Unavailable)).transpose()?;
    Ok(tail.unwrap_or_default())
}

/// Reads the end of a log, as it is at one moment; `None` for an unknown notebook.
pub(super) fn end(connection: &Connection, notebook: NotebookId) -> LogResult<Option<End>> {
    let sql = "SELECT position, prefix, taken_at,
                      (SELECT hash FROM log WHERE notebook = ?1 AND control = 1 ORDER BY position DESC LIMIT 1)
               FROM log WHERE notebook = ?1 ORDER BY position DESC LIMIT 1";
    let mut last = connection.prepare_cached(sql).map_err(failed)?;
    let end = |row: &Row<'_>| {
        Ok(End { position: row.get(0)?, prefix: row.get(1)?, taken_at: row.get(2)?, head: row.get(3)? })
    };
    last.query_row([notebook.as_bytes()], end).optional().map_err(failed)
}

pub(super) fn page(connection: &Connection, request: &PageRequest) -> LogResult<Page> {
    let id = request.notebook.as_bytes();
    let end = end(connection, request.notebook)?.ok_or(LogError::NoNotebook)?;
    let own = tail(connection, request.notebook, request.reader)?;
    let mut agrees = true;
    if let Some(prefix) = request.prefix {
        let sql = "SELECT 1 FROM log WHERE notebook = ?1 AND position = ?2 AND prefix = ?3";
        let place = (id, i64::try_from(request.after).unwrap_or(i64::MAX), prefix);
        agrees = connection.prepare_cached(sql).map_err(failed)?.exists(place).map_err(failed)?;
    }
    let mut items = Vec::new();
    if agrees && request.max_bytes > 0 && request.after < end.position {
        let sql = if request.wanted.control_only {
            "SELECT position, taken_at, control, author, sequence, body, remnant, hash FROM log
             WHERE notebook = ?1 AND position > ?2 AND position <= ?3 AND control = 1 ORDER BY position"
        } else {
            "SELECT position, taken_at, control, author, sequence, body, remnant, hash FROM log
             WHERE notebook = ?1 AND position > ?2 AND position <= ?3 ORDER BY position"
        };
        let after = i64::try_from(request.after).unwrap_or(i64::MAX);
        let mut statement = connection.prepare_cached(sql).map_err(failed)?;
        // What came since the end was read stands in the next page.
        let last = i64::try_from(end.position).unwrap_or(i64::MAX);
        let mut rows = statement.query((id, after, last)).map_err(failed)?;
        let mut bytes = 0;
        while let Some(row) = rows.next().map_err(failed)? {
            let author = KeyId(row.get(3).map_err(failed)?);
            let control: bool = row.get(2).map_err(failed)?;
            let known = author == request.reader && !control && !request.wanted.mine_too;
            let item = Item {
                position: row.get(0).map_err(failed)?,
                taken_at: row.get(1).map_err(failed)?,
                control,
                author,
                sequence: row.get(4).map_err(failed)?,
                hash: row.get(7).map_err(failed)?,
                bytes: if known { Vec::new() } else { row.get(5).map_err(failed)? },
                remnant: row.get(6).map_err(failed)?,
            };
            // The framing of an item on the wire costs bytes, too.
            bytes += item.bytes.len() + 16;
            if bytes > request.max_bytes && !items.is_empty() {
                break;
            }
            items.push(item);
        }
    }
    let visited_at = visited_at(connection, request.notebook)?;
    Ok(Page { items, end, own, agrees, visited_at })
}

/// When somebody came last, as far as it was written down.
fn visited_at(connection: &Connection, notebook: NotebookId) -> LogResult<u64> {
    let sql = "SELECT max(taken_at, visited_at) FROM notebooks WHERE id = ?1";
    let mut visited = connection.prepare_cached(sql).map_err(failed)?;
    let visited = visited.query_row([notebook.as_bytes()], |row| row.get(0)).optional().map_err(failed)?;
    visited.ok_or(LogError::NoNotebook)
}

pub(super) fn blob(
    connection: &Connection,
    notebook: NotebookId,
    name: &BlobName,
    from: Option<u32>,
) -> LogResult<BlobReply> {
    let sql = "SELECT number, total, hash FROM chunks WHERE notebook = ?1 AND name = ?2 ORDER BY number";
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let row = |row: &Row<'_>| Ok((row.get::<_, u32>(0)?, row.get(1)?, row.get(2)?));
    let rows = statement.query_map((notebook.as_bytes(), name), row);
    let (mut reply, mut hashes) = (BlobReply::default(), Vec::<Hash>::new());
    for row in rows.map_err(failed)? {
        let (number, total, hash) = row.map_err(failed)?;
        reply.of = total;
        if number != reply.there {
            break;
        }
        reply.there += 1;
        hashes.push(hash);
    }
    if reply.there == reply.of && reply.of > 0 {
        reply.hash = hash_over(&hashes);
    }
    if let Some(from) = from {
        let sql = "SELECT body FROM chunks WHERE notebook = ?1 AND name = ?2 AND number >= ?3 AND number < ?4 ORDER BY number";
        let mut statement = connection.prepare_cached(sql).map_err(failed)?;
        let mut rows = statement.query((notebook.as_bytes(), name, from, reply.there)).map_err(failed)?;
        let mut bytes = 0;
        while let Some(row) = rows.next().map_err(failed)? {
            let body: Vec<u8> = row.get(0).map_err(failed)?;
            bytes += body.len();
            if bytes > CHUNKS_BYTES && !reply.chunks.is_empty() {
                break;
            }
            reply.chunks.push(body);
        }
    }
    Ok(reply)
}

pub(super) fn gather(connection: &Connection, notebook: NotebookId, names: &[BlobName]) -> LogResult<Vec<Vec<u8>>> {
    let sql = "SELECT body FROM chunks WHERE notebook = ?1 AND name = ?2 AND number = 0 AND total = 1";
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let mut broken = None;
    let chunks = names.iter().map_while(|name| {
        let chunk = statement.query_row((notebook.as_bytes(), name), |row| row.get(0)).optional();
        chunk.map_err(|error| broken = Some(failed(error))).ok().map(Option::unwrap_or_default)
    });
    let fit = that_fit(chunks);
    broken.map_or(Ok(fit), Err)
}

pub(super) fn last_taken(connection: &Connection) -> LogResult<u64> {
    let sql = "SELECT coalesce(max(taken_at), 0) FROM notebooks";
    connection.query_row(sql, [], |row| row.get(0)).map_err(failed)
}

/// Returns what is in a drawer, and when it was opened last.
pub(super) fn drawer(connection: &Connection, drawer: KeyId) -> LogResult<(DrawerReply, u64)> {
    let sql = "SELECT edition, sealed, opened_at FROM drawers WHERE id = ?1";
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let content = statement
        .query_row([&drawer.0], |row| Ok((DrawerReply { edition: row.get(0)?, sealed: row.get(1)? }, row.get(2)?)));
    // One that is empty needs no visit.
    Ok(content.optional().map_err(failed)?.unwrap_or((DrawerReply::default(), u64::MAX)))
}

/// Returns the release key of a code.
pub(super) fn release(connection: &Connection, notebook: NotebookId, holder: KeyId) -> LogResult<Option<ReleaseKey>> {
    let sql = "SELECT body FROM releases WHERE notebook = ?1 AND holder = ?2";
    let mut known = connection.prepare_cached(sql).map_err(failed)?;
    known.query_row((notebook.as_bytes(), &holder.0), |row| row.get(0)).optional().map_err(failed)
}
