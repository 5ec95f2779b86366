//! Pixels and thumbnails, beside the entry that tells of them and in the same transaction.

use ayumi_protocol::EntryId;
use rusqlite::{Connection, OptionalExtension, Rows, Transaction, params};

use super::error::StoreError;

/// Keeps a photo under its entry's id. A photo that is there already is left alone.
pub fn add(tx: &Transaction<'_>, id: EntryId, data: &[u8], thumb: &[u8]) -> Result<(), StoreError> {
    let new = tx
        .prepare_cached("INSERT OR IGNORE INTO photos (id, thumb) VALUES (?1, ?2)")?
        .execute(params![id.as_bytes(), thumb])?;
    if new == 1 {
        tx.prepare_cached("INSERT INTO photo_data (n, id, data) VALUES (?1, ?2, ?3)")?.execute(params![
            tx.last_insert_rowid(),
            id.as_bytes(),
            data
        ])?;
    }
    Ok(())
}

/// The photo, a JPEG without metadata.
pub fn data(connection: &Connection, id: EntryId) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT d.data FROM photo_data d JOIN photos p ON p.n = d.n WHERE p.id = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([id.as_bytes()], |row| row.get(0)).optional()?)
}

/// Its thumbnail, a small JPEG.
pub fn thumbnail(connection: &Connection, id: EntryId) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT thumb FROM photos WHERE id = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([id.as_bytes()], |row| row.get(0)).optional()?)
}

fn read_ids(mut rows: Rows<'_>) -> Result<Vec<EntryId>, StoreError> {
    let mut ids = Vec::new();
    while let Some(row) = rows.next()? {
        ids.push(EntryId::from_slice(&row.get::<_, Vec<u8>>(0)?)?);
    }
    Ok(ids)
}

/// Ids of all photos kept.
pub fn ids(connection: &Connection) -> Result<Vec<EntryId>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT id FROM photos ORDER BY n")?;
    read_ids(statement.query([])?)
}

/// Photo entries whose pixels are missing locally.
pub fn missing(connection: &Connection) -> Result<Vec<EntryId>, StoreError> {
    let sql = "SELECT e.id FROM entries e WHERE e.kind = 'photo' AND NOT e.deleted
               AND NOT EXISTS (SELECT 1 FROM photos p WHERE p.id = e.id) ORDER BY e.n";
    let mut statement = connection.prepare_cached(sql)?;
    read_ids(statement.query([])?)
}

/// A notebook's photos that the server does not have.
pub fn unsent(connection: &Connection, notebook: ayumi_protocol::NotebookId) -> Result<Vec<EntryId>, StoreError> {
    let sql = "SELECT p.id FROM photos p JOIN changes c ON c.entry = p.id
               WHERE c.notebook = ?1 AND NOT EXISTS (SELECT 1 FROM photos_sent s WHERE s.id = p.id) GROUP BY p.id ORDER BY p.n";
    let mut statement = connection.prepare_cached(sql)?;
    read_ids(statement.query([notebook.as_bytes()])?)
}

/// The server has a photo.
pub fn mark_sent(tx: &Transaction<'_>, id: EntryId) -> Result<(), StoreError> {
    tx.prepare_cached("INSERT OR IGNORE INTO photos_sent (id) VALUES (?1)")?.execute([id.as_bytes()])?;
    Ok(())
}

/// Chunks of a photo that is on its way here, in order, without a gap.
pub fn chunks(connection: &Connection, id: EntryId) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT body FROM photo_chunks WHERE id = ?1 ORDER BY number")?;
    Ok(statement.query_map([id.as_bytes()], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// Keeps chunks that came.
pub fn keep_chunks(
    tx: &Transaction<'_>,
    id: EntryId,
    from: u32,
    total: u32,
    chunks: &[Vec<u8>],
) -> Result<(), StoreError> {
    let sql = "INSERT OR REPLACE INTO photo_chunks (id, number, total, body) VALUES (?1, ?2, ?3, ?4)";
    let mut insert = tx.prepare_cached(sql)?;
    for (number, chunk) in (from..).zip(chunks) {
        insert.execute(params![id.as_bytes(), number, total, chunk])?;
    }
    Ok(())
}

/// Forgets chunks: the photo is whole, or they do not fit.
pub fn drop_chunks(tx: &Transaction<'_>, id: EntryId) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM photo_chunks WHERE id = ?1")?.execute([id.as_bytes()])?;
    Ok(())
}
