//! Appends to the store, inside the writer's transaction.

use std::sync::Arc;

use ayumi_protocol::NotebookId;
use ayumi_protocol::accept::{Taken, accept};
use ayumi_protocol::blob::BlobReply;
use ayumi_protocol::control::{State, Statement};
use ayumi_protocol::drawer::DrawerReply;
use ayumi_protocol::envelope::Envelope;
use ayumi_protocol::key::{Hash, KeyId};
use ayumi_protocol::prefix::{Prefix, extend};
use rusqlite::{OptionalExtension, Transaction};

use super::connection::failed;
use super::read;
use super::writer::Shared;
use crate::log::{Appended, Chunk, Entry, LogError, LogResult, Place};
use ayumi_channel::compact::PartAt;

/// Appends entries in order, up to the first refusal.
pub(super) fn append(
    tx: &Transaction<'_>,
    shared: &mut Shared,
    notebook: NotebookId,
    entries: &[Entry],
    now_ms: u64,
) -> LogResult<Appended> {
    let before = last(tx, notebook)?;
    let mut end = before;
    let mut answers = Vec::with_capacity(entries.len());
    for entry in entries {
        let taken = match entry {
            Entry::Statement(statement) => take_statement(tx, shared, &mut end, statement, now_ms),
            Entry::Envelope(envelope) => take_envelope(tx, shared, &mut end, envelope, now_ms),
        };
        match taken {
            // Then nothing of the transaction is stored.
            Err(LogError::Unavailable) => return Err(LogError::Unavailable),
            // An unknown notebook has no chain, so no later entry could be accepted either.
            Err(LogError::NoNotebook) => return Err(LogError::NoNotebook),
            Err(refused) => {
                answers.push(Err(refused));
                break;
            }
            Ok(place) => answers.push(Ok(place)),
        }
    }
    debug_assert!(entries.iter().all(|entry| match entry {
        Entry::Statement(statement) => statement.notebook == notebook,
        Entry::Envelope(_) => true,
    }));
    let head = chain(tx, shared, notebook)?.map(|state| state.head()).unwrap_or_default();
    Ok(Appended { answers, before, head })
}

/// Returns the current chain; `None` for an unknown notebook.
pub(super) fn chain(tx: &Transaction<'_>, shared: &mut Shared, notebook: NotebookId) -> LogResult<Option<Arc<State>>> {
    if let Some(known) = shared.chains.get(notebook) {
        return Ok(Some(known));
    }
    let read = read::chain(tx, notebook)?.map(Arc::new);
    Ok(read.inspect(|state| shared.chains.put(state.clone())))
}

fn take_statement(
    tx: &Transaction<'_>,
    shared: &mut Shared,
    end: &mut End,
    statement: &Statement,
    now_ms: u64,
) -> LogResult<Place> {
    let (notebook, hash) = (statement.notebook, statement.hash());
    let next = match chain(tx, shared, notebook)? {
        None => State::founded(statement)?,
        Some(state) if state.knows_head(&hash) => return Ok((position_of(tx, notebook, &hash)?, hash)),
        Some(state) => state.after(statement)?,
    };
    let row = Row { control: true, author: &statement.author.0, sequence: 0, hash: &hash, body: &statement.to_bytes() };
    let position = insert(tx, notebook, end, shared.quota, now_ms, &row)?;
    shared.chains.put(Arc::new(next));
    Ok((position, hash))
}

fn position_of(tx: &Transaction<'_>, notebook: NotebookId, hash: &Hash) -> LogResult<u64> {
    let sql = "SELECT position FROM log WHERE notebook = ?1 AND control = 1 AND hash = ?2";
    tx.query_row(sql, (notebook.as_bytes(), hash), |row| row.get(0)).map_err(failed)
}

fn take_envelope(
    tx: &Transaction<'_>,
    shared: &mut Shared,
    end: &mut End,
    envelope: &Envelope,
    now_ms: u64,
) -> LogResult<Place> {
    let (header, hash) = (&envelope.header, envelope.hash());
    let state = chain(tx, shared, header.notebook)?.ok_or(LogError::NoNotebook)?;
    let (notebook, author) = (header.notebook.as_bytes(), &header.author.0);
    let sequence = i64::try_from(header.sequence).map_err(|_| ayumi_protocol::accept::Refusal::Taken)?;
    let sql = "SELECT hash, position FROM log WHERE notebook = ?1 AND author = ?2 AND sequence = ?3 AND control = 0";
    let mut known = tx.prepare_cached(sql).map_err(failed)?;
    let there =
        known.query_row((notebook, author, sequence), |row| Ok((row.get::<_, Hash>(0)?, row.get::<_, u64>(1)?)));
    let there = there.optional().map_err(failed)?;
    let tail = read::tail(tx, header.notebook, header.author)?;
    let position = match accept(envelope, &state, there.as_ref().map(|(hash, _)| hash), &tail, &end.1, now_ms)? {
        Taken::Again => there.map(|(_, position)| position).ok_or(LogError::Unavailable)?,
        Taken::New => {
            let row = Row { control: false, author, sequence, hash: &hash, body: &envelope.to_bytes() };
            let position = insert(tx, header.notebook, end, shared.quota, now_ms, &row)?;
            if let Some(part) = PartAt::of(envelope, position) {
                let sql = "INSERT INTO parts (notebook, position, author, number, total) VALUES (?1, ?2, ?3, ?4, ?5)";
                tx.execute(sql, (notebook, position, author, part.number, part.of)).map_err(failed)?;
            }
            position
        }
    };
    Ok((position, hash))
}

/// The last position of a log, and its prefix hash.
type End = (u64, Prefix);

fn last(tx: &Transaction<'_>, notebook: NotebookId) -> LogResult<End> {
    let sql = "SELECT position, prefix FROM log WHERE notebook = ?1 ORDER BY position DESC LIMIT 1";
    let mut last = tx.prepare_cached(sql).map_err(failed)?;
    let last = last.query_row([notebook.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?))).optional();
    Ok(last.map_err(failed)?.unwrap_or_default())
}

/// A row to write.
struct Row<'a> {
    control: bool,
    author: &'a [u8; 16],
    sequence: i64,
    hash: &'a Hash,
    body: &'a [u8],
}

fn insert(
    tx: &Transaction<'_>,
    notebook: NotebookId,
    end: &mut End,
    quota: u64,
    now_ms: u64,
    row: &Row<'_>,
) -> LogResult<u64> {
    let id = notebook.as_bytes();
    // The quota does not limit statements: a family must always be able to remove a member.
    use_bytes(tx, notebook, row.body.len(), if row.control { u64::MAX } else { quota })?;
    *end = (end.0 + 1, extend(&end.1, row.hash));
    let (position, prefix) = *end;
    let sql = "INSERT INTO log (notebook, position, control, author, sequence, hash, taken_at, body, prefix)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let mut write = tx.prepare_cached(sql).map_err(failed)?;
    let columns = (id, position, row.control, row.author, row.sequence, row.hash, now_ms, row.body, prefix);
    write.execute(columns).map_err(failed)?;
    Ok(position)
}

/// Counts bytes against a notebook's quota.
fn use_bytes(tx: &Transaction<'_>, notebook: NotebookId, bytes: usize, quota: u64) -> LogResult<()> {
    let id = notebook.as_bytes();
    let mut used = tx.prepare_cached("SELECT bytes FROM notebooks WHERE id = ?1").map_err(failed)?;
    let used: u64 = used.query_row([id], |row| row.get(0)).optional().map_err(failed)?.unwrap_or(0);
    let used = used + bytes as u64;
    if used > quota {
        return Err(LogError::Quota);
    }
    let sql = "INSERT INTO notebooks (id, bytes) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET bytes = excluded.bytes";
    tx.prepare_cached(sql).map_err(failed)?.execute((id, used)).map_err(failed)?;
    Ok(())
}

pub(super) fn put_chunk(tx: &Transaction<'_>, quota: u64, chunk: &Chunk) -> LogResult<BlobReply> {
    let there = read::blob(tx, chunk.notebook, &chunk.name, None)?;
    // Another total means other content under the same name: the first stays.
    if there.of == 0 || there.of == chunk.of {
        let sql = "INSERT OR IGNORE INTO chunks (notebook, name, number, total, body) VALUES (?1, ?2, ?3, ?4, ?5)";
        let id = chunk.notebook.as_bytes();
        let mut write = tx.prepare_cached(sql).map_err(failed)?;
        let new = write.execute((id, &chunk.name, chunk.number, chunk.of, &chunk.bytes)).map_err(failed)?;
        if new == 1
            && let Err(full) = use_bytes(tx, chunk.notebook, chunk.bytes.len(), quota)
        {
            let sql = "DELETE FROM chunks WHERE notebook = ?1 AND name = ?2 AND number = ?3";
            tx.execute(sql, (id, &chunk.name, chunk.number)).map_err(failed)?;
            return Err(full);
        }
    }
    read::blob(tx, chunk.notebook, &chunk.name, None)
}

pub(super) fn fill_drawer(tx: &Transaction<'_>, drawer: KeyId, edition: u64, sealed: &[u8]) -> LogResult<DrawerReply> {
    let edition = i64::try_from(edition).map_err(|_| LogError::Quota)?;
    let sql = "INSERT INTO drawers (id, edition, sealed) VALUES (?1, ?2, ?3)
               ON CONFLICT (id) DO UPDATE SET edition = excluded.edition, sealed = excluded.sealed
               WHERE excluded.edition > drawers.edition";
    tx.execute(sql, (&drawer.0, edition, sealed)).map_err(failed)?;
    read::drawer(tx, drawer)
}
