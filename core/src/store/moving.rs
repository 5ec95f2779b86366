//! The moving box: a copy of the whole file under another key, for another device. Made beside its place and put
//! there whole.

use std::fs::File;
use std::path::{Path, PathBuf};

use ayumi_sqlcipher::page::PAGE_LEN;
use ayumi_sqlcipher::private;
use rusqlite::{Connection, OpenFlags};

use super::db::Db;
use super::error::StoreError;
use super::open::{self, connect, file_path, key_literal};
use super::pages::some_page_opens;
use super::{channel, migrate, outbox};
use crate::crypto::FileKey;
use crate::crypto::keys::SecretKeys;

/// A file that is being made; gone again unless it was finished.
struct Unfinished(PathBuf);

impl Unfinished {
    fn beside(path: &Path) -> Result<Self, StoreError> {
        let mut name = path.as_os_str().to_owned();
        name.push(".part");
        let unfinished = Self(name.into());
        unfinished.remove()?;
        Ok(unfinished)
    }

    fn remove(&self) -> Result<(), StoreError> {
        for ending in ["", "-journal", "-wal"] {
            let mut name = self.0.as_os_str().to_owned();
            name.push(ending);
            match std::fs::remove_file(name) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        Ok(())
    }

    /// Durable, and in its place.
    fn finish(self, path: &Path) -> Result<(), StoreError> {
        File::options().write(true).open(&self.0)?.sync_all()?;
        std::fs::rename(&self.0, path)?;
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            // Where folders cannot be synced the rename alone must do.
            let _ = File::open(folder).and_then(|folder| folder.sync_all());
        }
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let _ = self.remove();
    }
}

/// All tables of an open file, under another key, at a path where nothing is.
fn copy(from: &Connection, to: &Path, key: &FileKey) -> Result<(), StoreError> {
    let path = to.to_str().ok_or(StoreError::Io)?;
    // A connection that was not opened to create files attaches only what is there.
    private::file(to)?;
    from.execute("ATTACH DATABASE ?1 AS box KEY ?2", [path, key_literal(key).as_str()])?;
    let copied = (|| {
        let sql = format!("PRAGMA box.cipher_page_size = {PAGE_LEN}; PRAGMA box.synchronous = OFF");
        from.execute_batch(&sql)?;
        from.query_row("SELECT sqlcipher_export('box')", [], |_| Ok(())).map_err(|error| export_error(&error))?;
        for name in ["user_version", "application_id"] {
            let value: i64 = from.query_row(&format!("PRAGMA main.{name}"), [], |row| row.get(0))?;
            from.execute_batch(&format!("PRAGMA box.{name} = {value}"))?;
        }
        Ok(())
    })();
    from.execute_batch("DETACH DATABASE box")?;
    copied
}

/// The export tells what failed in SQLite's words only.
fn export_error(error: &rusqlite::Error) -> StoreError {
    let words = error.to_string();
    let said = |what: &str| words.contains(what);
    if said("full") {
        StoreError::Full
    } else if said("I/O") || said("readonly") || said("unable to open") {
        StoreError::Io
    } else {
        StoreError::Damaged
    }
}

impl Db {
    /// Packs everything into one file under a key of its own.
    pub fn pack(&self, to: &Path, key: &FileKey) -> Result<(), StoreError> {
        if to.exists() {
            return Err(StoreError::Exists);
        }
        let unfinished = Unfinished::beside(to)?;
        copy(self.reader(), &unfinished.0, key)?;
        unfinished.finish(to)
    }
}

/// Unpacks a box into a folder that has no handbook, under the new device's key. The box stays as it is.
///
/// The new device takes the old one's place in every notebook: each log is read again from its
/// beginning before anything is sent, then what the old device had sealed is sent as it is, and then the place gets new
/// keys, before anything more is written.
pub fn unpack(from: &Path, box_key: &FileKey, folder: &Path, key: &FileKey) -> Result<(), StoreError> {
    private::folder(folder)?;
    let _lock = open::lock(folder)?;
    let path = file_path(folder);
    if std::fs::metadata(&path).is_ok_and(|found| found.len() > 0) {
        return Err(StoreError::Exists);
    }
    let unfinished = Unfinished::beside(&path)?;
    {
        let packed = open_box(from, box_key)?;
        copy(&packed, &unfinished.0, key)?;
    }
    let mut connection = open::create_at(&unfinished.0, key)?;
    let tx = connection.transaction()?;
    outbox::collect_new(&tx)?;
    for id in channel::all(&tx)? {
        if let Some(mut channel) = channel::find(&tx, id)? {
            // The old device has these keys, too, and may have sealed something meanwhile.
            channel.attempt = channel.attempt.saturating_add(1);
            channel.next = if channel.removed { None } else { Some(SecretKeys::generate()?) };
            channel::begin_again(&tx, &mut channel)?;
        }
    }
    tx.commit()?;
    connection.close().map_err(|(_, error)| error)?;
    unfinished.finish(&path)
}

/// Opens a box; nothing in it is written.
fn open_box(path: &Path, key: &FileKey) -> Result<Connection, StoreError> {
    if std::fs::metadata(path)?.len() < PAGE_LEN as u64 {
        return Err(StoreError::Damaged);
    }
    let opened = connect(path, key, OpenFlags::empty()).and_then(|connection| match migrate::version(&connection)? {
        0 => Err(StoreError::Damaged),
        version if version > migrate::newest() => Err(StoreError::Newer),
        _ => Ok(connection),
    });
    match opened {
        Err(StoreError::Damaged | StoreError::Sql(_)) if !some_page_opens(path, key)? => Err(StoreError::WrongKey),
        Err(StoreError::Sql(_)) => Err(StoreError::Damaged),
        other => other,
    }
}
