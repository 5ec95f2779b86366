//! The municipality whose feed is read, the files of the edition that is shown, and what the carer did with notices.

use rusqlite::OptionalExtension;

use super::db::{Tx, View};
use super::error::StoreError;

/// The municipality whose feed this device reads, as the file stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMunicipality {
    /// Where its feed is fetched.
    pub address: String,
    /// What is pinned, as JSON.
    pub pinned: String,
    /// Whether its root's words were compared.
    pub follows: bool,
    /// The part of the municipality that the carer chose.
    pub area: Option<String>,
    /// The carer's language, where it is another one than the app's.
    pub language: Option<String>,
    /// When a server answered last, in milliseconds since 1970.
    pub checked: Option<u64>,
    /// What became of that look.
    pub outcome: Option<String>,
}

/// A file of the edition that is shown, as it was served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// Its path in the edition.
    pub path: String,
    /// The hash of its bytes.
    pub hash: [u8; 32],
    /// Its bytes.
    pub body: Vec<u8>,
}

/// What the carer did with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMark {
    /// Its key.
    pub key: String,
    /// When it was first shown, in milliseconds since 1970.
    pub shown: u64,
    /// Whether it was read.
    pub read: bool,
}

/// Returns the municipality, if there is one.
pub fn find(view: &View) -> Result<Option<StoredMunicipality>, StoreError> {
    let sql = "SELECT address, pinned, follows, area, language, checked, outcome FROM municipality";
    let row = view.prepare_cached(sql)?.query_row([], |row| {
        Ok(StoredMunicipality {
            address: row.get(0)?,
            pinned: row.get(1)?,
            follows: row.get(2)?,
            area: row.get(3)?,
            language: row.get(4)?,
            checked: row.get(5)?,
            outcome: row.get(6)?,
        })
    });
    Ok(row.optional()?)
}

/// Keeps a municipality in the place of what was there.
pub fn put(tx: &Tx<'_>, kept: &StoredMunicipality) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO municipality (n, address, pinned, follows, area, language, checked, outcome)
         VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (n) DO UPDATE SET address = excluded.address, pinned = excluded.pinned, follows = excluded.follows,
             area = excluded.area, language = excluded.language, checked = excluded.checked, outcome = excluded.outcome",
    )?
    .execute((&kept.address, &kept.pinned, kept.follows, &kept.area, &kept.language, kept.checked, &kept.outcome))?;
    Ok(())
}

/// Forgets the municipality, its files and every mark.
pub fn clear(tx: &Tx<'_>) -> Result<(), StoreError> {
    // With a condition, so that each row is told to who observes the tables.
    for table in ["municipality", "feed_files", "notice_marks"] {
        tx.execute(&format!("DELETE FROM {table} WHERE n > 0"), [])?;
    }
    Ok(())
}

/// Returns the files of the edition that is shown, in its order.
pub fn files(view: &View) -> Result<Vec<StoredFile>, StoreError> {
    let mut statement = view.prepare_cached("SELECT path, hash, body FROM feed_files ORDER BY n")?;
    let rows =
        statement.query_map([], |row| Ok(StoredFile { path: row.get(0)?, hash: row.get(1)?, body: row.get(2)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Keeps the files of an edition in the place of those before.
pub fn put_files(tx: &Tx<'_>, files: &[StoredFile]) -> Result<(), StoreError> {
    tx.execute("DELETE FROM feed_files WHERE n > 0", [])?;
    let mut statement = tx.prepare_cached("INSERT INTO feed_files (path, hash, body) VALUES (?1, ?2, ?3)")?;
    for file in files {
        statement.execute((&file.path, &file.hash, &file.body))?;
    }
    Ok(())
}

/// Returns every mark.
pub fn marks(view: &View) -> Result<Vec<StoredMark>, StoreError> {
    let mut statement = view.prepare_cached("SELECT key, shown, read FROM notice_marks")?;
    let rows =
        statement.query_map([], |row| Ok(StoredMark { key: row.get(0)?, shown: row.get(1)?, read: row.get(2)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Notes that a message was shown, and that it was read. When it was first shown, and that it was read once, stays.
pub fn mark(tx: &Tx<'_>, key: &str, now_ms: u64, read: bool) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO notice_marks (key, shown, read) VALUES (?1, ?2, ?3)
         ON CONFLICT (key) DO UPDATE SET read = max(read, excluded.read)",
    )?
    .execute((key, now_ms, read))?;
    Ok(())
}
