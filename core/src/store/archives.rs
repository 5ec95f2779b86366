//! The archive of a notebook that began anew: its bytes, where they are, and which words it proves.

use ayumi_protocol::NotebookId;
use ayumi_protocol::archive::Word;
use ayumi_protocol::key::Hash;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::error::StoreError;

/// What is known of a notebook's archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// What its founder's label says of it; `None` for a notebook without one.
    pub named: Option<Hash>,
    /// It is in this file.
    pub here: bool,
    /// This device made it, and keeps it at the server.
    pub made: bool,
    /// When this device asked for it last, in milliseconds since 1970.
    pub asked_ms: u64,
    /// The control head under which this device began to put it at the server.
    pub head: Option<Hash>,
    /// The life of the server's store at which it is.
    pub there: Option<[u8; 16]>,
}

/// Bytes of a mark that are kept.
const MARK: usize = 16;

/// Returns what is known of a notebook's archive; `None` if nobody has looked yet.
pub fn find(connection: &Connection, notebook: NotebookId) -> Result<Option<Known>, StoreError> {
    let sql = "SELECT named, body IS NOT NULL, made, asked_ms, head, there FROM archives WHERE notebook = ?1";
    let known = connection.prepare_cached(sql)?.query_row([notebook.as_bytes()], |row| {
        let (named, here, made) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(Known { named, here, made, asked_ms: row.get(3)?, head: row.get(4)?, there: row.get(5)? })
    });
    Ok(known.optional()?)
}

/// Returns the archive, packed.
pub fn body(connection: &Connection, notebook: NotebookId) -> Result<Option<Vec<u8>>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT body FROM archives WHERE notebook = ?1")?;
    Ok(statement.query_row([notebook.as_bytes()], |row| row.get(0)).optional()?.flatten())
}

/// Notes what the founder's label says of an archive.
pub fn note(tx: &Transaction<'_>, notebook: NotebookId, named: Option<Hash>) -> Result<(), StoreError> {
    let sql = "INSERT OR IGNORE INTO archives (notebook, named, made, asked_ms) VALUES (?1, ?2, 0, 0)";
    tx.prepare_cached(sql)?.execute(params![notebook.as_bytes(), named])?;
    Ok(())
}

/// Notes that this device made the archive of a notebook that begins anew.
pub fn note_made(tx: &Transaction<'_>, notebook: NotebookId, named: &Hash) -> Result<(), StoreError> {
    note(tx, notebook, Some(*named))?;
    tx.prepare_cached("UPDATE archives SET made = 1 WHERE notebook = ?1")?.execute([notebook.as_bytes()])?;
    Ok(())
}

/// Keeps an archive, packed, and which words it proves in the notebook that began anew.
pub fn keep(tx: &Transaction<'_>, notebook: NotebookId, body: &[u8], words: &[Word]) -> Result<(), StoreError> {
    let id = notebook.as_bytes();
    tx.prepare_cached("UPDATE archives SET body = ?2 WHERE notebook = ?1")?.execute(params![id, body])?;
    tx.prepare_cached("DELETE FROM archived WHERE notebook = ?1")?.execute([id])?;
    let mut note = tx.prepare_cached("INSERT OR IGNORE INTO archived (notebook, mark) VALUES (?1, ?2)")?;
    for word in words {
        note.execute(params![id, &word.mark()[..MARK]])?;
    }
    Ok(())
}

/// Whether a notebook's archive proves the word with this mark.
pub fn proves(connection: &Connection, notebook: NotebookId, mark: &Hash) -> Result<bool, StoreError> {
    let mut known = connection.prepare_cached("SELECT 1 FROM archived WHERE notebook = ?1 AND mark = ?2")?;
    Ok(known.exists(params![notebook.as_bytes(), &mark[..MARK]])?)
}

/// Notes when this device asked for a notebook's archive, and did not get it.
pub fn note_asked(tx: &Transaction<'_>, notebook: NotebookId, at_ms: u64) -> Result<(), StoreError> {
    let mut note = tx.prepare_cached("UPDATE archives SET asked_ms = ?2 WHERE notebook = ?1")?;
    note.execute(params![notebook.as_bytes(), at_ms])?;
    Ok(())
}

/// The servers have dropped a notebook's archives, since words were erased: they are put there once more.
pub fn put_again(tx: &Transaction<'_>, notebook: NotebookId) -> Result<(), StoreError> {
    let sql = "UPDATE archives SET there = NULL, asked_ms = 0 WHERE notebook = ?1";
    tx.prepare_cached(sql)?.execute([notebook.as_bytes()])?;
    Ok(())
}

/// Notes under which control head the archive is put at a server, and at which life of its store it is.
pub fn note_put(
    tx: &Transaction<'_>,
    notebook: NotebookId,
    head: Option<Hash>,
    there: Option<[u8; 16]>,
) -> Result<(), StoreError> {
    let mut note = tx.prepare_cached("UPDATE archives SET head = ?2, there = ?3 WHERE notebook = ?1")?;
    note.execute(params![notebook.as_bytes(), head, there])?;
    Ok(())
}
