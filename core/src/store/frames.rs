//! The log as this device has it: every envelope byte for byte, or what is left of one of which words were erased. Any member can
//! give a server back what it lost.

use ayumi_protocol::envelope::{FRAME_BYTES, Frame, Tail};
use ayumi_protocol::key::{Hash, KeyId};
use ayumi_protocol::opening::{Held, Remnant};
use ayumi_protocol::{Hlc, NotebookId};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, Transaction, params};

use super::error::StoreError;

/// What an envelope counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// It counts, and all of it was read.
    Read = 0,
    /// It counts, and this version cannot read all of it.
    Unread = 1,
    /// It counts nowhere: it does not stand in its author's lines.
    Nowhere = 2,
}

/// An envelope to keep.
#[derive(Debug)]
pub struct NewFrame<'a> {
    /// The envelope, or what is left of it.
    pub held: &'a Held,
    /// Its place in the server's log.
    pub position: u64,
    /// When the server took it, in milliseconds since 1970.
    pub taken_at: u64,
    /// What it counts for.
    pub counts: Counts,
    /// How it was read, as far as is known.
    pub reading: Reading,
}

/// Keeps an envelope.
pub fn keep(tx: &Transaction<'_>, new: &NewFrame<'_>) -> Result<(), StoreError> {
    let header = new.held.header();
    let sql =
        "INSERT INTO frames (notebook, author, sequence, attempt, hash, position, taken_at, state, changes, apart,
                             greatest, remnant, body)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    tx.prepare_cached(sql)?.execute(params![
        header.notebook.as_bytes(),
        header.author.0,
        header.sequence,
        header.attempt,
        new.held.frame().hash(),
        new.position,
        new.taken_at,
        new.counts as i64,
        new.reading.changes,
        new.reading.apart,
        new.reading.greatest.map(|greatest| greatest.0),
        new.held.is_remnant(),
        new.held.to_bytes()
    ])?;
    Ok(())
}

/// Notes where the server's log has an envelope that is kept, and when it was taken, if that is told. Returns how many changes are
/// in it, if it was not known to be there.
pub fn place(
    tx: &Transaction<'_>,
    notebook: NotebookId,
    author: KeyId,
    tail: &Tail,
    position: u64,
    taken_at: Option<u64>,
) -> Result<u64, StoreError> {
    let key = params![notebook.as_bytes(), author.0, tail.sequence, tail.attempt, tail.hash];
    let one = "notebook = ?1 AND author = ?2 AND sequence = ?3 AND attempt = ?4 AND hash = ?5";
    let sql = format!("SELECT changes FROM frames WHERE {one} AND position <= 0");
    let new = tx.prepare_cached(&sql)?.query_row(key, |row| row.get(0)).optional()?;
    let sql = format!("UPDATE frames SET position = ?6, taken_at = coalesce(?7, taken_at) WHERE {one}");
    let (id, author) = (notebook.as_bytes(), author.0);
    let (sequence, attempt, hash) = (tail.sequence, tail.attempt, tail.hash);
    tx.prepare_cached(&sql)?.execute(params![id, author, sequence, attempt, hash, position, taken_at])?;
    Ok(new.unwrap_or(0))
}

/// Notes that the server has an envelope with its ciphertext, of which only a remnant is left here: it is told.
pub fn owe_remnant(tx: &Transaction<'_>, notebook: NotebookId, author: KeyId, tail: &Tail) -> Result<(), StoreError> {
    let sql = "UPDATE frames SET position = 0 WHERE notebook = ?1 AND author = ?2 AND sequence = ?3 AND hash = ?4
               AND remnant = 1 AND state < 2";
    tx.prepare_cached(sql)?.execute(params![notebook.as_bytes(), author.0, tail.sequence, tail.hash])?;
    Ok(())
}

/// Notes that the server will not take an envelope, until another log is read.
pub fn leave(tx: &Transaction<'_>, row: i64) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE frames SET position = -1 WHERE n = ?1 AND position = 0")?.execute([row])?;
    Ok(())
}

/// Whether an author's envelope with a sequence and a hash is kept.
pub fn is_kept(
    connection: &Connection,
    notebook: NotebookId,
    author: KeyId,
    (sequence, hash): (u64, &Hash),
) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM frames WHERE notebook = ?1 AND author = ?2 AND sequence = ?3 AND hash = ?4";
    Ok(connection.prepare_cached(sql)?.exists(params![notebook.as_bytes(), author.0, sequence, hash])?)
}

/// Whether anything of an author's is kept.
pub fn has_any(connection: &Connection, notebook: NotebookId, author: KeyId) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM frames WHERE notebook = ?1 AND author = ?2";
    Ok(connection.prepare_cached(sql)?.exists(params![notebook.as_bytes(), author.0])?)
}

/// Returns the tail behind an author's envelope with a sequence and a hash.
pub fn tail_of(
    connection: &Connection,
    notebook: NotebookId,
    author: KeyId,
    sequence: u64,
    hash: &Hash,
) -> Result<Option<Tail>, StoreError> {
    let key = params![notebook.as_bytes(), author.0, sequence, hash];
    first_tail(connection, "notebook = ?1 AND author = ?2 AND sequence = ?3 AND hash = ?4", key)
}

/// Returns the greatest clock reading of the changes in an author's line up to the envelope with a sequence and a hash; `None` if
/// there is none, or the envelope is not here.
pub fn greatest_at(
    connection: &Connection,
    notebook: NotebookId,
    author: KeyId,
    sequence: u64,
    hash: &Hash,
) -> Result<Option<Hlc>, StoreError> {
    let sql = "SELECT greatest FROM frames WHERE notebook = ?1 AND author = ?2 AND sequence = ?3 AND hash = ?4";
    let key = params![notebook.as_bytes(), author.0, sequence, hash];
    let found: Option<Option<u64>> = connection.prepare_cached(sql)?.query_row(key, |row| row.get(0)).optional()?;
    Ok(found.flatten().map(Hlc))
}

/// Whether the author's next envelope behind one brought no greater clock reading than `greatest`, which that one had.
pub fn leans_on(connection: &Connection, held: &Held, greatest: Option<Hlc>) -> Result<bool, StoreError> {
    let header = held.header();
    let sql =
        "SELECT 1 FROM frames WHERE notebook = ?1 AND author = ?2 AND sequence = ?3 AND state < 2 AND greatest IS ?4";
    let key =
        params![header.notebook.as_bytes(), header.author.0, header.sequence + 1, greatest.map(|greatest| greatest.0)];
    Ok(connection.prepare_cached(sql)?.exists(key)?)
}

/// Returns the end of this device's own line, without envelopes that wait for an answer.
pub fn own_end(connection: &Connection, notebook: NotebookId, me: KeyId) -> Result<Tail, StoreError> {
    let last = "notebook = ?1 AND author = ?2 AND state < 2 ORDER BY attempt DESC, sequence DESC LIMIT 1";
    Ok(first_tail(connection, last, params![notebook.as_bytes(), me.0])?.unwrap_or_default())
}

/// Returns the tail behind the first envelope that a condition in SQL finds.
fn first_tail(connection: &Connection, condition: &str, key: &[&dyn ToSql]) -> Result<Option<Tail>, StoreError> {
    let sql = format!("SELECT substr(body, 1, {FRAME_BYTES}) FROM frames WHERE {condition}");
    let frame = connection.prepare_cached(&sql)?.query_row(key, |row| row.get(0)).optional()?;
    frame.map(|frame: Vec<u8>| Ok(Tail::from_frame(&frame)?)).transpose()
}

/// Returns the greatest sequence of this device's envelopes that the server is known to have; 0 for none.
pub fn last_placed(connection: &Connection, notebook: NotebookId, me: KeyId) -> Result<u64, StoreError> {
    let sql = "SELECT coalesce(max(sequence), 0) FROM frames WHERE notebook = ?1 AND author = ?2 AND position > 0";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row(params![notebook.as_bytes(), me.0], |row| row.get(0))?)
}

/// An envelope that the server lacks.
#[derive(Debug)]
pub struct Unplaced {
    /// Its row.
    pub row: i64,
    /// Whether it counts.
    pub counts: bool,
    /// It, or what is left of it.
    pub held: Held,
}

/// Returns envelopes that the server lacks, also those that do not stand, each behind the one that it follows, about so many bytes.
pub fn unplaced(connection: &Connection, notebook: NotebookId, most_bytes: usize) -> Result<Vec<Unplaced>, StoreError> {
    // `position <= 0` is what the index knows.
    let sql = "SELECT n, state < 2, remnant, body FROM frames WHERE notebook = ?1 AND position = 0 AND position <= 0
               ORDER BY author, attempt, sequence, hash";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([notebook.as_bytes()])?;
    let (mut unplaced, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        bytes += row.get_ref(3)?.as_blob().map_or(0, <[u8]>::len);
        unplaced.push(Unplaced { row: row.get(0)?, counts: row.get(1)?, held: read_held(row, 2)? });
        if bytes >= most_bytes {
            break;
        }
    }
    Ok(unplaced)
}

/// Whether the server lacks an envelope that counts.
pub fn lacks_some(connection: &Connection, notebook: NotebookId) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM frames WHERE notebook = ?1 AND position = 0 AND position <= 0 AND state < 2";
    Ok(connection.prepare_cached(sql)?.exists([notebook.as_bytes()])?)
}

/// Reads an envelope, or what is left of it, from the columns remnant and body.
fn read_held(row: &Row<'_>, first: usize) -> Result<Held, StoreError> {
    let body = row.get_ref(first + 1)?.as_blob().map_err(|_| StoreError::Damaged)?;
    Ok(Held::from_bytes(row.get(first)?, body)?)
}

/// Collects what a query finds, with its rows.
fn numbered(connection: &Connection, sql: &str, key: &[&dyn ToSql]) -> Result<Vec<(i64, Held)>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(key)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push((row.get(0)?, read_held(row, 1)?));
    }
    Ok(found)
}

/// Returns envelopes that the server will not take.
pub fn left(connection: &Connection, notebook: NotebookId) -> Result<Vec<Held>, StoreError> {
    let sql =
        "SELECT n, remnant, body FROM frames WHERE notebook = ?1 AND position < 0 AND position <= 0 AND state < 2";
    let found = numbered(connection, sql, &[notebook.as_bytes()])?;
    Ok(found.into_iter().map(|(_, held)| held).collect())
}

/// Returns how many changes are in envelopes that the server lacks or will not take. Who was taken out brings none.
pub fn unplaced_changes(connection: &Connection, notebook: NotebookId) -> Result<u64, StoreError> {
    let sql = "SELECT coalesce(sum(changes), 0) FROM frames WHERE notebook = ?1 AND position <= 0 AND state < 2
               AND NOT EXISTS (SELECT 1 FROM channels WHERE notebook = ?1 AND removed = 1)";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row([notebook.as_bytes()], |row| row.get(0))?)
}

/// Returns how many envelopes this version cannot read, or not all of.
pub fn unread_count(connection: &Connection, notebook: NotebookId) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached("SELECT count(*) FROM frames WHERE notebook = ?1 AND state = 1")?;
    Ok(statement.query_row([notebook.as_bytes()], |row| row.get(0))?)
}

/// Returns how many changes are kept apart: they may not stand in the notebook, as this version judges.
pub fn apart_count(connection: &Connection, notebook: NotebookId) -> Result<u64, StoreError> {
    let sql = "SELECT coalesce(sum(apart), 0) FROM frames WHERE notebook = ?1 AND state = 1";
    Ok(connection.prepare_cached(sql)?.query_row([notebook.as_bytes()], |row| row.get(0))?)
}

/// An envelope that this version could not read, or not all of.
#[derive(Debug)]
pub struct UnreadFrame {
    /// Its row.
    pub row: i64,
    /// How many of its changes are kept apart; 0 if it could not be opened.
    pub apart: usize,
    /// It, or what is left of it.
    pub held: Held,
}

/// Returns the envelopes that this version could not read, or not all of, each author's in the order of its line.
pub fn unread(connection: &Connection, notebook: NotebookId) -> Result<Vec<UnreadFrame>, StoreError> {
    let sql =
        "SELECT n, apart, remnant, body FROM frames WHERE notebook = ?1 AND state = 1 ORDER BY attempt, sequence, hash";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([notebook.as_bytes()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(UnreadFrame { row: row.get(0)?, apart: row.get(1)?, held: read_held(row, 2)? });
    }
    Ok(found)
}

/// Returns an author's envelopes that count and that the server is not known to have.
pub fn unplaced_of(connection: &Connection, notebook: NotebookId, author: KeyId) -> Result<Vec<Held>, StoreError> {
    let sql = "SELECT n, remnant, body FROM frames WHERE notebook = ?1 AND position <= 0 AND state < 2 AND author = ?2";
    let found = numbered(connection, sql, params![notebook.as_bytes(), author.0])?;
    Ok(found.into_iter().map(|(_, held)| held).collect())
}

/// Returns the envelope of a row, or what is left of it.
pub fn held_in(connection: &Connection, row: i64) -> Result<Held, StoreError> {
    let mut statement = connection.prepare_cached("SELECT remnant, body FROM frames WHERE n = ?1")?;
    let mut rows = statement.query([row])?;
    rows.next()?.map_or(Err(StoreError::Damaged), |row| read_held(row, 0))
}

/// Lets an envelope count. How it is read is noted then.
pub fn count(tx: &Transaction<'_>, row: i64) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE frames SET state = 1 WHERE n = ?1 AND state = 2")?.execute([row])?;
    Ok(())
}

/// Lets an envelope count nowhere.
pub fn count_nowhere(tx: &Transaction<'_>, row: i64) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE frames SET state = 2, changes = 0, apart = 0 WHERE n = ?1")?.execute([row])?;
    Ok(())
}

/// How an envelope was read, or what is left of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// How many changes are in it.
    pub changes: usize,
    /// How many of them may not stand in the notebook, as this version judges, or do not count in their author's line.
    pub apart: usize,
    /// The greatest clock reading of the changes in the author's line up to here; `None` before any.
    pub greatest: Option<Hlc>,
}

impl Reading {
    /// What the envelope counts for.
    pub const fn counts(&self) -> Counts {
        if self.apart == 0 { Counts::Read } else { Counts::Unread }
    }
}

/// Notes how an envelope was read. One that counts nowhere still does.
pub fn note_reading(tx: &Transaction<'_>, row: i64, reading: &Reading) -> Result<(), StoreError> {
    let Reading { changes, apart, greatest } = *reading;
    let sql =
        "UPDATE frames SET state = CASE WHEN state = 2 THEN 2 ELSE ?2 END, changes = ?3, apart = ?4, greatest = ?5
               WHERE n = ?1";
    let greatest = greatest.map(|greatest| greatest.0);
    tx.prepare_cached(sql)?.execute(params![row, reading.counts() as i64, changes, apart, greatest])?;
    Ok(())
}

/// Notes the greatest clock reading of the changes in an author's line up to an envelope that cannot be read.
pub fn note_greatest(tx: &Transaction<'_>, row: i64, greatest: Option<Hlc>) -> Result<(), StoreError> {
    let sql = "UPDATE frames SET greatest = ?2 WHERE n = ?1";
    tx.prepare_cached(sql)?.execute(params![row, greatest.map(|greatest| greatest.0)])?;
    Ok(())
}

/// Returns an author's envelopes that count, from a sequence on, with their rows.
pub fn from_sequence(
    connection: &Connection,
    notebook: NotebookId,
    author: KeyId,
    sequence: u64,
) -> Result<Vec<(i64, Held)>, StoreError> {
    let sql =
        "SELECT n, remnant, body FROM frames WHERE notebook = ?1 AND author = ?2 AND sequence >= ?3 AND state < 2";
    numbered(connection, sql, params![notebook.as_bytes(), author.0, sequence])
}

/// Returns the envelopes that count and name one of these control heads, with their rows.
pub fn naming(connection: &Connection, notebook: NotebookId, heads: &[Hash]) -> Result<Vec<(i64, Held)>, StoreError> {
    let sql = "SELECT n, remnant, body FROM frames WHERE notebook = ?1 AND state < 2 ORDER BY n";
    let mut found = numbered(connection, sql, &[notebook.as_bytes()])?;
    found.retain(|(_, held)| heads.contains(&held.header().control));
    Ok(found)
}

/// An envelope as it is kept, or what is left of it.
#[derive(Debug)]
pub struct KeptFrame {
    /// Its row.
    pub row: i64,
    /// Whether it counts.
    pub counts: bool,
    /// The greatest clock reading of the changes in the author's line up to here; `None` before any.
    pub greatest: Option<Hlc>,
    /// It, or what is left of it.
    pub held: Held,
}

/// Returns an author's envelopes, each behind the one that it follows, or only those with a sequence and an attempt.
pub fn of_author(
    connection: &Connection,
    notebook: NotebookId,
    author: KeyId,
    only: Option<(u64, u32)>,
) -> Result<Vec<KeptFrame>, StoreError> {
    let sql = "SELECT n, state < 2, greatest, remnant, body FROM frames WHERE notebook = ?1 AND author = ?2
               AND (?3 IS NULL OR (sequence = ?3 AND attempt = ?4)) ORDER BY attempt, sequence, hash";
    let (sequence, attempt) = only.unzip();
    let sequence = sequence.map(|sequence| i64::try_from(sequence).unwrap_or(i64::MAX));
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![notebook.as_bytes(), author.0, sequence, attempt])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let greatest = row.get::<_, Option<u64>>(2)?.map(Hlc);
        found.push(KeptFrame { row: row.get(0)?, counts: row.get(1)?, greatest, held: read_held(row, 3)? });
    }
    Ok(found)
}

/// Whether an author's line up to an envelope is here and counts, was read whole, and nothing of it was erased.
pub fn is_read_to(connection: &Connection, end: &Frame) -> Result<bool, StoreError> {
    let header = &end.header;
    let (notebook, author) = (header.notebook.as_bytes(), header.author.0);
    let sql = "SELECT count(*), coalesce(sum(state = 0 AND remnant = 0), 0),
                      coalesce(sum(sequence = ?3 AND attempt = ?4 AND hash = ?5), 0)
               FROM frames WHERE notebook = ?1 AND author = ?2 AND sequence <= ?3 AND state < 2";
    let key = params![notebook, author, header.sequence, header.attempt, end.hash()];
    let counted = |row: &Row<'_>| Ok((row.get::<_, u64>(0)?, row.get::<_, u64>(1)?, row.get::<_, u64>(2)?));
    let (count, read, is_end) = connection.prepare_cached(sql)?.query_row(key, counted)?;
    Ok((count, read, is_end) == (header.sequence, header.sequence, 1))
}

/// Gives every envelope that counts, author by author, each author's in their order.
pub fn each(connection: &Connection, notebook: NotebookId, mut give: impl FnMut(&Held)) -> Result<(), StoreError> {
    let sql = "SELECT remnant, body FROM frames WHERE notebook = ?1 AND state < 2
               ORDER BY author, attempt, sequence, hash";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([notebook.as_bytes()])?;
    while let Some(row) = rows.next()? {
        give(&read_held(row, 0)?);
    }
    Ok(())
}

/// Puts what is left of an envelope in its place. Unless the server is known to have it so, it is told.
pub fn strip(tx: &Transaction<'_>, row: i64, remnant: &Remnant, at_server: bool) -> Result<(), StoreError> {
    let sql = "UPDATE frames SET remnant = 1, body = ?2, position = CASE WHEN ?3 THEN position ELSE 0 END WHERE n = ?1";
    tx.prepare_cached(sql)?.execute(params![row, remnant.to_bytes(), at_server])?;
    Ok(())
}

/// Forgets an author's envelopes: a log that has them shows them again.
pub fn forget(tx: &Transaction<'_>, notebook: NotebookId, author: KeyId) -> Result<(), StoreError> {
    for table in ["frames", "tails"] {
        let sql = format!("DELETE FROM {table} WHERE notebook = ?1 AND author = ?2");
        tx.execute(&sql, params![notebook.as_bytes(), author.0])?;
    }
    Ok(())
}
