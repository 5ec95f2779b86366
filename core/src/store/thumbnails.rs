//! Thumbnails that are to be fetched: those that entries name and that are not here, and when to ask again for what was nowhere.

use ayumi_protocol::{DeviceId, EntryId, NotebookId, Stamp};
use rusqlite::{Connection, Transaction, params};

use super::entries;
use super::error::StoreError;
use super::photos::Picture;
use crate::model::kind::Record;
use crate::model::kinds::Photo;
use crate::model::naming::EntryKey;
use crate::model::value::Fields;

/// How long the first wait is for a thumbnail that nobody had sent yet: ten minutes. Each further one is four times as long.
const FIRST_WAIT_MS: u64 = 10 * 60 * 1000;
/// The longest wait: 28 days.
const LONGEST_WAIT_MS: u64 = 28 * 24 * 60 * 60 * 1000;

/// A thumbnail that is to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its photo's entry.
    pub photo: EntryKey,
    /// Its SHA-256, in hex, as the entry says.
    pub sha256: String,
    /// Who wrote the entry, in whose slot it probably is.
    pub author: DeviceId,
}

/// A notebook's thumbnails to fetch now, the newest first.
pub fn wanted(connection: &Connection, notebook: NotebookId, now_ms: u64) -> Result<Vec<Wanted>, StoreError> {
    let sql = "SELECT e.id, e.fields,
                   (SELECT min(c.stamp) FROM changes c WHERE c.entry = e.id AND c.notebook = ?1 AND c.kind = 'photo')
               FROM entries e WHERE e.notebook = (SELECT n FROM notebooks WHERE id = ?1) AND e.kind = 'photo' AND e.deleted = 0
               AND NOT EXISTS (SELECT 1 FROM photos p WHERE p.id = e.id AND p.notebook = ?1)
               AND NOT EXISTS (SELECT 1 FROM thumbnails_missed m WHERE m.id = e.id AND m.notebook = ?1
                               AND m.again_ms BETWEEN ?2 AND ?3) ORDER BY e.n DESC";
    let mut statement = connection.prepare_cached(sql)?;
    // A clock that was set back makes no wait longer than it can be.
    let to_come = (now_ms.saturating_add(1), now_ms.saturating_add(LONGEST_WAIT_MS));
    let mut rows = statement.query(params![notebook.as_bytes(), to_come.0, to_come.1])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let text = row.get_ref(1)?.as_str().map_err(|_| StoreError::Damaged)?;
        let fields: Fields = serde_json::from_str(text).map_err(|_| StoreError::Damaged)?;
        let text = |field: &str| fields.get(field).and_then(serde_json::Value::as_str).map(str::to_owned);
        let (sha256, first) = (text(Picture::Thumbnail.hash_field()), row.get::<_, Option<Vec<u8>>>(2)?);
        let (Some(sha256), Some(first)) = (sha256, first) else { continue };
        let photo = EntryKey::new(notebook, Photo::KIND.id, EntryId::from_slice(&row.get::<_, Vec<u8>>(0)?)?);
        let author = Stamp::from_slice(&first)?.device;
        found.push((text("of"), Wanted { photo, sha256, author }));
    }
    if found.is_empty() {
        return Ok(Vec::new());
    }
    // With a deleted entry its photos go, too.
    let deleted = entries::deleted_ids(connection, notebook)?;
    found.retain(|(of, _)| of.as_ref().is_none_or(|of| !deleted.contains(of)));
    Ok(found.into_iter().map(|(_, wanted)| wanted).collect())
}

/// Notes that a thumbnail was nowhere: the next request for it waits, and longer each time.
pub fn note_missed(tx: &Transaction<'_>, photo: &EntryKey, now_ms: u64) -> Result<(), StoreError> {
    let sql = "INSERT INTO thumbnails_missed (id, notebook, wait_ms, again_ms) VALUES (?1, ?2, ?3, ?4 + ?3)
               ON CONFLICT DO UPDATE SET wait_ms = min(4 * wait_ms, ?5), again_ms = ?4 + min(4 * wait_ms, ?5)";
    let (id, notebook) = (photo.id.as_bytes(), photo.notebook.as_bytes());
    tx.prepare_cached(sql)?.execute(params![id, notebook, FIRST_WAIT_MS, now_ms, LONGEST_WAIT_MS])?;
    Ok(())
}
