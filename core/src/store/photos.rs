//! Pixels and thumbnails, beside the entry that tells of them and in the same transaction.

use ayumi_protocol::EntryId;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::StoreError;

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

/// Ids of all photos kept.
pub fn ids(connection: &Connection) -> Result<Vec<EntryId>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT id FROM photos ORDER BY n")?;
    let ids = statement.query_map([], |row| row.get::<_, Vec<u8>>(0))?.collect::<Result<Vec<_>, _>>()?;
    Ok(ids.iter().map(|id| EntryId::from_slice(id)).collect::<Result<_, _>>()?)
}
