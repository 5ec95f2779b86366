//! Pixels and thumbnails, beside the entry that tells of them and in the same transaction.

use ayumi_protocol::{EntryId, NotebookId};
use rusqlite::{Connection, OptionalExtension, Rows, Transaction, params};

use super::error::StoreError;
use crate::model::kind::Record;
use crate::model::kinds::Photo;
use crate::model::naming::EntryKey;

/// Keeps a photo under its entry's key. A photo that is there already is left alone.
pub fn add(tx: &Transaction<'_>, photo: &EntryKey, data: &[u8], thumb: &[u8]) -> Result<(), StoreError> {
    let (id, notebook) = key(photo);
    let new = tx
        .prepare_cached("INSERT OR IGNORE INTO photos (id, notebook, thumb) VALUES (?1, ?2, ?3)")?
        .execute(params![id, notebook, thumb])?;
    if new == 1 {
        tx.prepare_cached("INSERT INTO photo_data (n, id, notebook, data) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![tx.last_insert_rowid(), id, notebook, data])?;
    }
    Ok(())
}

/// A photo's entry as the tables here have it: all of one kind.
fn key(photo: &EntryKey) -> (&[u8; 16], &[u8; 16]) {
    (photo.id.as_bytes(), photo.notebook.as_bytes())
}

/// The photo, a JPEG without metadata.
pub fn data(connection: &Connection, photo: &EntryKey) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT d.data FROM photo_data d JOIN photos p ON p.n = d.n WHERE p.id = ?1 AND p.notebook = ?2";
    Ok(connection.prepare_cached(sql)?.query_row(key(photo), |row| row.get(0)).optional()?)
}

/// Its thumbnail, a small JPEG.
pub fn thumbnail(connection: &Connection, photo: &EntryKey) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT thumb FROM photos WHERE id = ?1 AND notebook = ?2";
    Ok(connection.prepare_cached(sql)?.query_row(key(photo), |row| row.get(0)).optional()?)
}

fn read_keys(mut rows: Rows<'_>) -> Result<Vec<EntryKey>, StoreError> {
    let mut keys = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, notebook): (Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?);
        keys.push(EntryKey::new(NotebookId::from_slice(&notebook)?, Photo::KIND.id, EntryId::from_slice(&id)?));
    }
    Ok(keys)
}

/// All photos kept.
pub fn all(connection: &Connection) -> Result<Vec<EntryKey>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT id, notebook FROM photos ORDER BY n")?;
    read_keys(statement.query([])?)
}

/// Photo entries whose pixels are missing locally.
pub fn missing(connection: &Connection) -> Result<Vec<EntryKey>, StoreError> {
    let sql = "SELECT e.id, b.id FROM entries e JOIN notebooks b ON b.n = e.notebook
               WHERE e.kind = 'photo' AND NOT e.deleted
               AND NOT EXISTS (SELECT 1 FROM photos p WHERE p.id = e.id AND p.notebook = b.id) ORDER BY e.n";
    let mut statement = connection.prepare_cached(sql)?;
    read_keys(statement.query([])?)
}

/// A notebook's photos that the server does not have.
pub fn unsent(connection: &Connection, notebook: NotebookId) -> Result<Vec<EntryKey>, StoreError> {
    let sql = "SELECT p.id, p.notebook FROM photos p WHERE p.notebook = ?1
               AND EXISTS (SELECT 1 FROM changes c WHERE c.entry = p.id AND c.notebook = ?1 AND c.kind = 'photo')
               AND NOT EXISTS (SELECT 1 FROM photos_sent s WHERE s.id = p.id AND s.notebook = ?1) ORDER BY p.n";
    let mut statement = connection.prepare_cached(sql)?;
    read_keys(statement.query([notebook.as_bytes()])?)
}

/// The server has a photo.
pub fn mark_sent(tx: &Transaction<'_>, photo: &EntryKey) -> Result<(), StoreError> {
    tx.prepare_cached("INSERT OR IGNORE INTO photos_sent (id, notebook) VALUES (?1, ?2)")?.execute(key(photo))?;
    Ok(())
}

/// Takes a photo's pixels off this device for good, and notes that its server must drop them.
pub fn erase(tx: &Transaction<'_>, photo: &EntryKey) -> Result<(), StoreError> {
    for table in ["photo_data", "photos", "photos_sent", "photo_chunks"] {
        let sql = format!("DELETE FROM {table} WHERE id = ?1 AND notebook = ?2");
        tx.prepare_cached(&sql)?.execute(key(photo))?;
    }
    let sql = "INSERT OR IGNORE INTO photos_gone (id, notebook) VALUES (?1, ?2)";
    tx.prepare_cached(sql)?.execute(key(photo))?;
    Ok(())
}

/// Photos that have left this device, and that its server may still have.
pub fn gone(connection: &Connection, notebook: NotebookId) -> Result<Vec<EntryKey>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT id, notebook FROM photos_gone WHERE notebook = ?1")?;
    read_keys(statement.query([notebook.as_bytes()])?)
}

/// The server has it no more.
pub fn forget_gone(tx: &Transaction<'_>, photo: &EntryKey) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM photos_gone WHERE id = ?1 AND notebook = ?2")?.execute(key(photo))?;
    Ok(())
}

/// Chunks of a photo that is on its way here, in order, without a gap.
pub fn chunks(connection: &Connection, photo: &EntryKey) -> Result<Vec<Vec<u8>>, StoreError> {
    let sql = "SELECT body FROM photo_chunks WHERE id = ?1 AND notebook = ?2 ORDER BY number";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_map(key(photo), |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// Keeps chunks that came.
pub fn keep_chunks(
    tx: &Transaction<'_>,
    photo: &EntryKey,
    from: u32,
    total: u32,
    chunks: &[Vec<u8>],
) -> Result<(), StoreError> {
    let sql = "INSERT OR REPLACE INTO photo_chunks (id, notebook, number, total, body) VALUES (?1, ?2, ?3, ?4, ?5)";
    let mut insert = tx.prepare_cached(sql)?;
    let (id, notebook) = key(photo);
    for (number, chunk) in (from..).zip(chunks) {
        insert.execute(params![id, notebook, number, total, chunk])?;
    }
    Ok(())
}

/// Forgets chunks: the photo is whole, or they do not fit.
pub fn drop_chunks(tx: &Transaction<'_>, photo: &EntryKey) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM photo_chunks WHERE id = ?1 AND notebook = ?2")?.execute(key(photo))?;
    Ok(())
}
