//! Content packs that were installed on this device.

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::error::StoreError;

/// An installed content pack, as the file stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPack {
    /// Stable key, the same in every language.
    pub id: String,
    /// Its edition.
    pub version: u32,
    /// The TOML as it came.
    pub body: String,
}

/// All of them, in the order they came.
pub fn all(connection: &Connection) -> Result<Vec<StoredPack>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT id, version, body FROM packs ORDER BY n")?;
    let rows =
        statement.query_map([], |row| Ok(StoredPack { id: row.get(0)?, version: row.get(1)?, body: row.get(2)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The edition that is there.
pub fn version(connection: &Connection, id: &str) -> Result<Option<u32>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT version FROM packs WHERE id = ?1")?;
    Ok(statement.query_row([id], |row| row.get(0)).optional()?)
}

/// Keeps a pack in place of whatever was there: a device belongs to one municipality at a time.
pub fn put(tx: &Transaction<'_>, pack: &StoredPack) -> Result<(), StoreError> {
    tx.execute("DELETE FROM packs", [])?;
    tx.execute("INSERT INTO packs (id, version, body) VALUES (?1, ?2, ?3)", (&pack.id, pack.version, &pack.body))?;
    Ok(())
}

/// Takes a pack away; whether it was there.
pub fn remove(tx: &Transaction<'_>, id: &str) -> Result<bool, StoreError> {
    Ok(tx.execute("DELETE FROM packs WHERE id = ?1", [id])? > 0)
}
