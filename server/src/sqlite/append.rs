//! Appends to the store, inside the writer's transaction.

use std::sync::Arc;

use ayumi_protocol::accept::{Bearer, Known, Refusal, Taken, accept};
use ayumi_protocol::blob::{BlobName, BlobReply};
use ayumi_protocol::control::{ServerKey, State, Statement};
use ayumi_protocol::drawer::DrawerReply;
use ayumi_protocol::end::End;
use ayumi_protocol::envelope::{Envelope, FRAME_BYTES, Frame, Tail};
use ayumi_protocol::key::{Hash, KeyId, hash};
use ayumi_protocol::opening::Remnant;
use ayumi_protocol::{Hlc, NotebookId};
use rusqlite::{OptionalExtension, Row, Transaction};

use super::connection::failed;
use super::writer::Shared;
use super::{admission, erasing, read};
use crate::author::check_cutoff;
use crate::gone::goes_at;
use crate::log::{
    Appended, Chunk, Entry, LogError, LogResult, Place, Release, Terms, codes_gone, fits, kept_form, latest_for,
    next_place,
};

/// Appends entries in order, up to the first refusal.
pub(super) fn append(
    tx: &Transaction<'_>,
    shared: &mut Shared,
    notebook: NotebookId,
    entries: &[Entry],
    (now_ms, terms): (u64, Terms),
) -> LogResult<Appended> {
    let before = read::end(tx, notebook)?.unwrap_or_default();
    let mut end = before;
    let mut answers = Vec::with_capacity(entries.len());
    for entry in entries {
        let taken = match entry {
            Entry::Statement(statement, bearer) => {
                take_statement(tx, shared, &mut end, (statement, *bearer), (now_ms, terms))
            }
            Entry::Envelope(envelope, bearer) => take_envelope(tx, shared, &mut end, envelope, *bearer, now_ms),
            Entry::Remnant(remnant, maker, bearer) => {
                take_remnant(tx, shared, &mut end, (remnant, maker), (*bearer, now_ms))
            }
        };
        match taken {
            // Then nothing of the transaction is stored.
            Err(LogError::Unavailable) => return Err(LogError::Unavailable),
            // An unknown notebook has no chain, so no later entry could be accepted either.
            Err(LogError::NoNotebook) => return Err(LogError::NoNotebook),
            // It is the first statement that did not found.
            Err(LogError::NoTicket) => return Err(LogError::NoTicket),
            Err(LogError::Gone) => return Err(LogError::Gone),
            Err(refused) => {
                answers.push(Err(refused));
                break;
            }
            Ok(place) => answers.push(Ok(place)),
        }
    }
    debug_assert!(entries.iter().all(|entry| match entry {
        Entry::Statement(statement, _) => statement.notebook == notebook,
        Entry::Envelope(..) | Entry::Remnant(..) => true,
    }));
    Ok(Appended { answers, before, end })
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
    (statement, bearer): (&Statement, Bearer),
    (now_ms, terms): (u64, Terms),
) -> LogResult<Place> {
    let (notebook, hash) = (statement.notebook, statement.hash());
    let next = match chain(tx, shared, notebook)? {
        None => {
            let founded = State::founded(statement)?;
            admission::admit(tx, notebook, terms)?;
            founded
        }
        Some(state) if state.knows_head(&hash) => return place_of(tx, notebook, &hash),
        Some(state) => state.after(statement)?,
    };
    check_cutoff(statement, bearer, |author| read::tail(tx, notebook, author))?;
    let (author, body) = (&statement.author.0, &statement.to_bytes());
    let row = NewRow { control: true, author, sequence: 0, attempt: 0, hash, body, remnant: false, second: false };
    let before = chain(tx, shared, notebook)?;
    let place = insert(tx, notebook, end, shared.quota, now_ms, &row)?;
    let was_closed = before.is_some_and(|state| state.closing_at(&shared.server).is_some());
    if was_closed || next.closing_at(&shared.server).is_some() {
        note_closing(tx, &next, &shared.server, place.taken_at)?;
    }
    for code in codes_gone(chain(tx, shared, notebook)?.as_deref(), &next) {
        let mut drop = tx.prepare_cached("DELETE FROM releases WHERE notebook = ?1 AND holder = ?2").map_err(failed)?;
        shared.deleted |= drop.execute((notebook.as_bytes(), &code.0)).map_err(failed)? > 0;
    }
    let next = Arc::new(next);
    erasing::drop_whole(tx, &next, statement)?;
    shared.chains.put(next);
    Ok(place)
}

/// Notes when a closed notebook is deleted, or that it is open again.
fn note_closing(tx: &Transaction<'_>, state: &State, server: &[ServerKey], taken_at: u64) -> LogResult<()> {
    let notebook = state.notebook();
    let id = notebook.as_bytes();
    let mut known = tx.prepare_cached("SELECT closes_at FROM notebooks WHERE id = ?1").map_err(failed)?;
    let before: Option<u64> = known.query_row([id], |row| row.get(0)).map_err(failed)?;
    let at = goes_at(before, state, server, taken_at).map(|at| i64::try_from(at).unwrap_or(i64::MAX));
    let mut write = tx.prepare_cached("UPDATE notebooks SET closes_at = ?2 WHERE id = ?1").map_err(failed)?;
    write.execute((id, at)).map(drop).map_err(failed)
}

/// Finds a statement that was taken.
fn place_of(tx: &Transaction<'_>, notebook: NotebookId, hash: &Hash) -> LogResult<Place> {
    let sql = "SELECT position, taken_at FROM log WHERE notebook = ?1 AND control = 1 AND hash = ?2";
    let place = |row: &Row<'_>| Ok(Place { position: row.get(0)?, hash: *hash, taken_at: row.get(1)? });
    tx.query_row(sql, (notebook.as_bytes(), hash), place).map_err(failed)
}

/// An envelope, or what is left of one, as it is stored.
#[derive(Clone, Copy)]
struct Body<'a> {
    frame: &'a Frame,
    bytes: &'a [u8],
    remnant: bool,
}

fn take_envelope(
    tx: &Transaction<'_>,
    shared: &mut Shared,
    end: &mut End,
    envelope: &Envelope,
    bearer: Bearer,
    now_ms: u64,
) -> LogResult<Place> {
    let frame = envelope.frame();
    let state = chain(tx, shared, frame.header.notebook)?.ok_or(LogError::NoNotebook)?;
    let (bytes, remnant) = kept_form(envelope, &frame, &state);
    take_frame(tx, shared, end, &state, &Body { frame: &frame, bytes: &bytes, remnant }, (bearer, now_ms))
}

/// Takes a frame, and what comes with it.
fn take_frame(
    tx: &Transaction<'_>,
    shared: &mut Shared,
    end: &mut End,
    state: &State,
    body: &Body<'_>,
    (bearer, now_ms): (Bearer, u64),
) -> LogResult<Place> {
    let (header, hash) = (&body.frame.header, body.frame.hash());
    let (notebook, author) = (header.notebook.as_bytes(), &header.author.0);
    let sequence = i64::try_from(header.sequence).map_err(|_| Refusal::Taken)?;
    let before = read::author_tail(tx, header.notebook, header.author)?;
    let mut there: Vec<Place> = Vec::new();
    let by_attempt = |_, attempt| {
        let sql = "SELECT position, hash, taken_at FROM log
                   WHERE notebook = ?1 AND author = ?2 AND attempt = ?3 AND sequence = ?4 AND control = 0";
        let mut known = tx.prepare_cached(sql).map_err(failed)?;
        let place = |row: &Row<'_>| Ok(Place { position: row.get(0)?, hash: row.get(1)?, taken_at: row.get(2)? });
        let places = known.query_map((notebook, author, attempt, sequence), place).map_err(failed)?;
        there = places.collect::<Result<_, _>>().map_err(failed)?;
        Ok(there.iter().map(|place| place.hash).collect())
    };
    let by_hash = |_, hash: &Hash| {
        let sql = format!(
            "SELECT substr(body, 1, {FRAME_BYTES}) FROM log
             WHERE notebook = ?1 AND author = ?2 AND sequence = ?3 AND hash = ?4 AND control = 0"
        );
        let mut known = tx.prepare_cached(&sql).map_err(failed)?;
        let frame = known.query_row((notebook, author, sequence - 1, hash), |row| row.get::<_, Vec<u8>>(0));
        let frame = frame.optional().map_err(failed)?;
        frame.map(|frame| Tail::from_frame(&frame).map_err(|_| LogError::Unavailable)).transpose()
    };
    let known = Known::gather(body.frame, (before.tail, before.two_tongues), by_attempt, by_hash)?;
    let greatest = || {
        let mut tails = state.writers().map(|writer| read::tail(tx, header.notebook, *writer));
        tails.try_fold(Hlc::default(), |greatest, tail| Ok::<_, LogError>(greatest.max(tail?.stamp)))
    };
    let latest = latest_for(body.frame, end, now_ms, greatest)?;
    let taken = accept(body.frame, state, &known, bearer, latest)?;
    if taken == Taken::Again {
        return there.into_iter().find(|place| place.hash == hash).ok_or(LogError::Unavailable);
    }
    let (Body { bytes: body, remnant, .. }, attempt) = (*body, header.attempt);
    let row = NewRow { control: false, author, sequence, attempt, hash, body, remnant, second: taken == Taken::Second };
    insert(tx, header.notebook, end, shared.quota, now_ms, &row)
}

/// A row to write.
struct NewRow<'a> {
    control: bool,
    author: &'a [u8; 16],
    sequence: i64,
    attempt: u32,
    hash: Hash,
    body: &'a [u8],
    remnant: bool,
    second: bool,
}

fn insert(
    tx: &Transaction<'_>,
    notebook: NotebookId,
    end: &mut End,
    quota: u64,
    now_ms: u64,
    row: &NewRow<'_>,
) -> LogResult<Place> {
    let id = notebook.as_bytes();
    // The quota does not limit statements: a family must always be able to remove a member.
    let used = room(tx, notebook, row.body.len(), row.control, quota)?;
    let place = next_place(end, row.hash, row.control, now_ms);
    let sql = "INSERT INTO notebooks (id, bytes, taken_at) VALUES (?1, ?2, ?3)
               ON CONFLICT (id) DO UPDATE SET bytes = excluded.bytes, taken_at = excluded.taken_at";
    tx.prepare_cached(sql).map_err(failed)?.execute((id, used, place.taken_at)).map_err(failed)?;
    let sql = "INSERT INTO log (notebook, position, control, author, sequence, attempt, hash, taken_at, body, prefix, remnant, second)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    let mut write = tx.prepare_cached(sql).map_err(failed)?;
    let NewRow { control, author, sequence, attempt, hash, body, remnant, second } = row;
    let Place { position, taken_at, .. } = place;
    let columns = (id, position, control, author, sequence, attempt, hash, taken_at, body, end.prefix, remnant, second);
    write.execute(columns).map_err(failed)?;
    Ok(place)
}

/// Returns how many bytes a notebook uses with these; refuses them beyond its quota.
fn room(tx: &Transaction<'_>, notebook: NotebookId, bytes: usize, control: bool, quota: u64) -> LogResult<u64> {
    let id = notebook.as_bytes();
    let mut known = tx.prepare_cached("SELECT bytes, open_quota FROM notebooks WHERE id = ?1").map_err(failed)?;
    let known = known.query_row([id], |row| Ok((row.get(0)?, row.get(1)?))).optional().map_err(failed)?;
    let (used, open): (u64, Option<u64>) = known.unwrap_or_default();
    let used = used + bytes as u64;
    if fits(used, control, quota, open) { Ok(used) } else { Err(LogError::Quota) }
}

pub(super) fn put_chunk(tx: &Transaction<'_>, quota: u64, chunk: &Chunk) -> LogResult<BlobReply> {
    let mut known = tx.prepare_cached("SELECT 1 FROM notebooks WHERE id = ?1").map_err(failed)?;
    if !known.exists([chunk.notebook.as_bytes()]).map_err(failed)? {
        return Err(LogError::NoNotebook);
    }
    let there = read::blob(tx, chunk.notebook, &chunk.name, None)?;
    // Another total means other content under the same name: the first stays.
    if there.of == 0 || there.of == chunk.of {
        let sql =
            "INSERT OR IGNORE INTO chunks (notebook, name, number, total, hash, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let id = chunk.notebook.as_bytes();
        let mut write = tx.prepare_cached(sql).map_err(failed)?;
        let row = (id, &chunk.name, chunk.number, chunk.of, hash(&chunk.bytes), &chunk.bytes);
        let new = write.execute(row).map_err(failed)?;
        if new == 1 {
            match room(tx, chunk.notebook, chunk.bytes.len(), false, quota) {
                Ok(used) => {
                    let sql = "UPDATE notebooks SET bytes = ?2 WHERE id = ?1";
                    tx.prepare_cached(sql).map_err(failed)?.execute((id, used)).map_err(failed)?;
                }
                Err(full) => {
                    let sql = "DELETE FROM chunks WHERE notebook = ?1 AND name = ?2 AND number = ?3";
                    tx.execute(sql, (id, &chunk.name, chunk.number)).map_err(failed)?;
                    return Err(full);
                }
            }
        }
    }
    read::blob(tx, chunk.notebook, &chunk.name, None)
}

pub(super) fn drop_blob(tx: &Transaction<'_>, notebook: NotebookId, name: &BlobName) -> LogResult<()> {
    let id = notebook.as_bytes();
    let sql = "UPDATE notebooks SET bytes = max(0, bytes - (SELECT coalesce(sum(length(body)), 0) FROM chunks
               WHERE notebook = ?1 AND name = ?2)) WHERE id = ?1";
    tx.execute(sql, (id, name)).map_err(failed)?;
    tx.execute("DELETE FROM chunks WHERE notebook = ?1 AND name = ?2", (id, name)).map(drop).map_err(failed)
}

pub(super) fn fill_drawer(
    tx: &Transaction<'_>,
    drawer: KeyId,
    edition: u64,
    sealed: &[u8],
    now_ms: u64,
) -> LogResult<DrawerReply> {
    let number = |value| i64::try_from(value).map_err(|_| LogError::Quota);
    let sql = "INSERT INTO drawers (id, edition, sealed, opened_at) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT (id) DO UPDATE SET edition = excluded.edition, sealed = excluded.sealed, opened_at = excluded.opened_at
               WHERE excluded.edition > drawers.edition";
    tx.execute(sql, (&drawer.0, number(edition)?, sealed, number(now_ms)?)).map_err(failed)?;
    Ok(read::drawer(tx, drawer)?.0)
}

/// Writes down that a drawer was opened.
pub(super) fn open_drawer(tx: &Transaction<'_>, drawer: KeyId, now_ms: u64) -> LogResult<()> {
    let mut write = tx.prepare_cached("UPDATE drawers SET opened_at = ?2 WHERE id = ?1").map_err(failed)?;
    write.execute((&drawer.0, i64::try_from(now_ms).unwrap_or(i64::MAX))).map(drop).map_err(failed)
}

/// Writes down that somebody came.
pub(super) fn visit(tx: &Transaction<'_>, notebook: NotebookId, now_ms: u64) -> LogResult<()> {
    let mut write = tx.prepare_cached("UPDATE notebooks SET visited_at = ?2 WHERE id = ?1").map_err(failed)?;
    write.execute((notebook.as_bytes(), i64::try_from(now_ms).unwrap_or(i64::MAX))).map(drop).map_err(failed)
}

/// Stores the release key of a code that is open still.
pub(super) fn put_release(tx: &Transaction<'_>, shared: &mut Shared, release: &Release) -> LogResult<()> {
    let state = chain(tx, shared, release.notebook)?.ok_or(LogError::NoNotebook)?;
    if state.holder(&release.holder).is_none() {
        return Ok(());
    }
    let sql = "INSERT OR REPLACE INTO releases (notebook, holder, ends_at, body) VALUES (?1, ?2, ?3, ?4)";
    let ends_at = release.ends_at.map(|at| i64::try_from(at).unwrap_or(i64::MAX));
    let row = (release.notebook.as_bytes(), &release.holder.0, ends_at, &release.key);
    tx.prepare_cached(sql).map_err(failed)?.execute(row).map(drop).map_err(failed)
}

/// Takes what is left of an envelope, in the place of the envelope if that is there.
fn take_remnant(
    tx: &Transaction<'_>,
    shared: &mut Shared,
    end: &mut End,
    (remnant, maker): (&Remnant, &KeyId),
    how: (Bearer, u64),
) -> LogResult<Place> {
    let state = chain(tx, shared, remnant.frame.header.notebook)?.ok_or(LogError::NoNotebook)?;
    remnant.check(&state)?;
    let body = Body { frame: &remnant.frame, bytes: &remnant.to_bytes(), remnant: true };
    let place = take_frame(tx, shared, end, &state, &body, how)?;
    erasing::replace(tx, &state, place.position, (remnant, maker), Some(shared.quota))?;
    Ok(place)
}
