//! Pixels and thumbnails, beside the entry that tells of them and in the same transaction.

use ayumi_protocol::{EntryId, NotebookId};
use rusqlite::{Connection, OptionalExtension, Rows, Transaction, params};

use super::error::StoreError;
use crate::model::kind::Record;
use crate::model::kinds::Photo;
use crate::model::naming::EntryKey;

/// Which picture of a photo is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picture {
    /// The photo itself.
    Photo,
    /// Its thumbnail.
    Thumbnail,
}

impl Picture {
    /// Its number in the table of what was sent.
    const fn number(self) -> i64 {
        match self {
            Self::Photo => 1,
            Self::Thumbnail => 2,
        }
    }

    /// The field of the entry that names its SHA-256.
    pub const fn hash_field(self) -> &'static str {
        match self {
            Self::Photo => "sha256",
            Self::Thumbnail => "thumb_sha256",
        }
    }
}

/// Keeps a photo under its entry's key. What is there already is left alone, also a thumbnail that came before its photo.
pub fn add(tx: &Transaction<'_>, photo: &EntryKey, data: &[u8], thumb: &[u8]) -> Result<(), StoreError> {
    add_thumbnail(tx, photo, thumb)?;
    let (id, notebook) = key(photo);
    let sql = "INSERT INTO photo_data (n, id, notebook, data) SELECT p.n, p.id, p.notebook, ?3 FROM photos p
               WHERE p.id = ?1 AND p.notebook = ?2 AND NOT EXISTS (SELECT 1 FROM photo_data d WHERE d.n = p.n)";
    tx.prepare_cached(sql)?.execute(params![id, notebook, data])?;
    Ok(())
}

/// Keeps a thumbnail, whose photo may come later.
pub fn add_thumbnail(tx: &Transaction<'_>, photo: &EntryKey, thumb: &[u8]) -> Result<(), StoreError> {
    let (id, notebook) = key(photo);
    let sql = "INSERT OR IGNORE INTO photos (id, notebook, thumb) VALUES (?1, ?2, ?3)";
    tx.prepare_cached(sql)?.execute(params![id, notebook, thumb])?;
    tx.prepare_cached("DELETE FROM thumbnails_missed WHERE id = ?1 AND notebook = ?2")?.execute(key(photo))?;
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

/// All photos kept whole.
pub fn all(connection: &Connection) -> Result<Vec<EntryKey>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT id, notebook FROM photo_data ORDER BY n")?;
    read_keys(statement.query([])?)
}

/// Whether anything of a photo is kept here.
pub fn is_here(connection: &Connection, photo: &EntryKey) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM photos WHERE id = ?1 AND notebook = ?2";
    Ok(connection.prepare_cached(sql)?.exists(key(photo))?)
}

/// Photo entries whose pixels are missing locally.
pub fn missing(connection: &Connection) -> Result<Vec<EntryKey>, StoreError> {
    let sql = "SELECT e.id, b.id FROM entries e JOIN notebooks b ON b.n = e.notebook
               WHERE e.kind = 'photo' AND NOT e.deleted
               AND NOT EXISTS (SELECT 1 FROM photos p JOIN photo_data d ON d.n = p.n
                               WHERE p.id = e.id AND p.notebook = b.id) ORDER BY e.n";
    let mut statement = connection.prepare_cached(sql)?;
    read_keys(statement.query([])?)
}

/// A notebook's pictures that the server does not have.
pub fn unsent(connection: &Connection, notebook: NotebookId, picture: Picture) -> Result<Vec<EntryKey>, StoreError> {
    let table = match picture {
        Picture::Photo => "photo_data",
        Picture::Thumbnail => "photos",
    };
    let sql = format!(
        "SELECT p.id, p.notebook FROM {table} p WHERE p.notebook = ?1
         AND EXISTS (SELECT 1 FROM changes c WHERE c.entry = p.id AND c.notebook = ?1 AND c.kind = 'photo')
         AND NOT EXISTS (SELECT 1 FROM photos_sent s WHERE s.id = p.id AND s.notebook = ?1 AND s.picture = ?2)
         ORDER BY p.n"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    read_keys(statement.query(params![notebook.as_bytes(), picture.number()])?)
}

/// The server has a picture.
pub fn mark_sent(tx: &Transaction<'_>, photo: &EntryKey, picture: Picture) -> Result<(), StoreError> {
    let (id, notebook) = key(photo);
    let sql = "INSERT OR IGNORE INTO photos_sent (id, notebook, picture) VALUES (?1, ?2, ?3)";
    tx.prepare_cached(sql)?.execute(params![id, notebook, picture.number()])?;
    Ok(())
}

/// Takes a photo and its thumbnail off this device for good, and notes that its server must drop them.
pub fn erase(tx: &Transaction<'_>, photo: &EntryKey) -> Result<(), StoreError> {
    for table in ["photo_data", "photos", "photos_sent", "photo_chunks", "thumbnails_missed"] {
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

/// Chunks of a photo that is on its way here from a place at the server, in order, without a gap.
pub fn chunks(connection: &Connection, photo: &EntryKey, place: &[u8; 32]) -> Result<Vec<Vec<u8>>, StoreError> {
    let sql = "SELECT body FROM photo_chunks WHERE id = ?1 AND notebook = ?2 AND place = ?3 ORDER BY number";
    let mut statement = connection.prepare_cached(sql)?;
    let (id, notebook) = key(photo);
    Ok(statement.query_map(params![id, notebook, place], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// Keeps chunks that came from a place.
pub fn keep_chunks(
    tx: &Transaction<'_>,
    photo: &EntryKey,
    place: &[u8; 32],
    from: u32,
    chunks: &[Vec<u8>],
) -> Result<(), StoreError> {
    let sql = "INSERT OR REPLACE INTO photo_chunks (id, notebook, place, number, body) VALUES (?1, ?2, ?3, ?4, ?5)";
    let mut insert = tx.prepare_cached(sql)?;
    let (id, notebook) = key(photo);
    for (number, chunk) in (from..).zip(chunks) {
        insert.execute(params![id, notebook, place, number, chunk])?;
    }
    Ok(())
}

/// Forgets chunks of a place, which do not fit; of all places if the photo is whole.
pub fn drop_chunks(tx: &Transaction<'_>, photo: &EntryKey, place: Option<&[u8; 32]>) -> Result<(), StoreError> {
    let sql = "DELETE FROM photo_chunks WHERE id = ?1 AND notebook = ?2 AND (?3 IS NULL OR place = ?3)";
    let (id, notebook) = key(photo);
    tx.prepare_cached(sql)?.execute(params![id, notebook, place])?;
    Ok(())
}
