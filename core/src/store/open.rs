//! Opening the file: one process at a time, with the right key, at the right version.

use std::fs::File;
use std::path::{Path, PathBuf};

use ayumi_sqlcipher::page::PAGE_LEN;
use ayumi_sqlcipher::private;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use zeroize::Zeroizing;

use super::error::StoreError;
use super::migrate::{self, STEPS, migrate};
use super::pages::{some_page_opens, wal_path};
use crate::crypto::FileKey;

/// Name of the file inside a device's folder.
pub const FILE_NAME: &str = "handbook.db";
/// Name of the file that a repair makes, until it is whole.
pub(super) const NEW_NAME: &str = "handbook.new.db";
/// How the names of folders begin into which a repair moves a damaged file.
pub(super) const SET_ASIDE: &str = "damaged-";
const LOCK_NAME: &str = "handbook.lock";

/// An open file and the lock that keeps other processes out. The lock goes with the process, however it ends.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) connection: Connection,
    pub(super) _lock: Option<File>,
    /// Where the file is read from, if it lies where nothing can be written. Goes after the connection.
    pub(super) copy: Option<ReadCopy>,
}

/// Path of the file in a folder.
pub fn file_path(folder: &Path) -> PathBuf {
    folder.join(FILE_NAME)
}

/// Takes the folder's lock, or says that another process has it.
pub(super) fn lock(folder: &Path) -> Result<File, StoreError> {
    private::lock(&folder.join(LOCK_NAME))?.ok_or(StoreError::InUse)
}

/// Makes a folder that nobody but its owner may read.
pub(crate) fn private_folder(folder: &Path) -> std::io::Result<()> {
    private::folder(folder)
}

/// Makes a new file; a file that is there already is refused.
pub(super) fn create(folder: &Path, key: &FileKey) -> Result<Opened, StoreError> {
    private_folder(folder)?;
    let lock = lock(folder)?;
    // A file of no bytes is what a crash in the first moment leaves behind.
    if std::fs::metadata(file_path(folder)).is_ok_and(|found| found.len() > 0) {
        return Err(StoreError::Exists);
    }
    let connection = create_at(&file_path(folder), key)?;
    Ok(Opened { connection, _lock: Some(lock), copy: None })
}

/// A new file at a path, migrated.
pub(super) fn create_at(path: &Path, key: &FileKey) -> Result<Connection, StoreError> {
    private::file(path)?;
    let mut connection = connect(path, key, OpenFlags::SQLITE_OPEN_CREATE)?;
    write_ahead(&connection)?;
    migrate(&mut connection, STEPS)?;
    Ok(connection)
}

/// Opens the file of a folder. Where nothing can be written (a medium for reading only), a copy is opened to be read.
pub(super) fn open(folder: &Path, key: &FileKey) -> Result<Opened, StoreError> {
    match lock(folder) {
        Ok(lock) => open_locked(folder, key, lock),
        Err(StoreError::ReadOnly) => open_copy(folder, key),
        Err(error) => Err(error),
    }
}

/// Opens a copy to read it. The copy is as sealed as the file, and goes when it is closed.
pub(super) fn open_copy(folder: &Path, key: &FileKey) -> Result<Opened, StoreError> {
    let copy = ReadCopy::of(folder)?;
    let opened = open_locked(&copy.0, key, lock(&copy.0)?)?;
    // What would be written into it would be lost.
    opened.connection.execute_batch("PRAGMA query_only = ON")?;
    Ok(Opened { copy: Some(copy), ..opened })
}

/// A copy of a handbook in a private folder of its own, which goes with this value.
#[derive(Debug)]
pub(super) struct ReadCopy(PathBuf);

impl ReadCopy {
    fn of(folder: &Path) -> Result<Self, StoreError> {
        let name: [u8; 16] = crate::crypto::random()?;
        let copy = Self(std::env::temp_dir().join(format!("ayumi-{}", crate::crypto::hex(&name))));
        private_folder(&copy.0)?;
        let (from, to) = (file_path(folder), file_path(&copy.0));
        for (from, to) in [(from.clone(), to.clone()), (wal_path(&from), wal_path(&to))] {
            match std::fs::File::open(&from) {
                Ok(mut file) => {
                    std::io::copy(&mut file, &mut private::file(&to)?)?;
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound && from != file_path(folder) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(copy)
    }
}

impl Drop for ReadCopy {
    fn drop(&mut self) {
        // Left behind at worst, and sealed.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn open_locked(folder: &Path, key: &FileKey, lock: File) -> Result<Opened, StoreError> {
    let path = file_path(folder);
    let bytes = std::fs::metadata(&path)?.len();
    if bytes < PAGE_LEN as u64 && !wal_path(&path).exists() {
        return Err(StoreError::Damaged);
    }
    let opened = connect(&path, key, OpenFlags::empty()).and_then(|mut connection| {
        match migrate::version(&connection)? {
            // An empty database where a handbook should be: what was there is lost or cut off.
            0 => return Err(StoreError::Damaged),
            version if version > migrate::newest() => {
                // Refused untouched: not even the log is folded in.
                connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
                return Err(StoreError::Newer);
            }
            _ => {}
        }
        write_ahead(&connection)?;
        migrate(&mut connection, STEPS)?;
        Ok(connection)
    });
    match opened {
        Ok(connection) => Ok(Opened { connection, _lock: Some(lock), copy: None }),
        // SQLite cannot tell a wrong key from a damaged first page; the tags of the other pages can.
        Err(StoreError::Damaged | StoreError::Sql(_)) if !some_page_opens(&path, key)? => Err(StoreError::WrongKey),
        Err(StoreError::Sql(_)) => Err(StoreError::Damaged),
        Err(error) => Err(error),
    }
}

/// Deletes the file of a folder with all that was made beside it. What is cut off in between is done the next time: the file itself
/// goes last.
pub(crate) fn delete(folder: &Path) -> Result<(), StoreError> {
    let locked = lock(folder)?;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let numbered = |n: &str| !n.is_empty() && n.bytes().all(|digit| digit.is_ascii_digit());
        if name.strip_prefix(SET_ASIDE).is_some_and(numbered) && entry.file_type()?.is_dir() {
            std::fs::remove_dir_all(entry.path())?;
        } else if (name.starts_with(FILE_NAME) && name != FILE_NAME) || name.starts_with(NEW_NAME) {
            std::fs::remove_file(entry.path())?;
        }
    }
    std::fs::remove_file(file_path(folder))?;
    drop(locked);
    Ok(std::fs::remove_file(folder.join(LOCK_NAME))?)
}

pub(super) fn connect(path: &Path, key: &FileKey, create: OpenFlags) -> Result<Connection, StoreError> {
    ayumi_sqlcipher::link();
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | create;
    let connection = Connection::open_with_flags(path, flags)?;
    let pragma =
        Zeroizing::new(format!("PRAGMA key = \"{}\"; PRAGMA cipher_page_size = {PAGE_LEN}", *key_literal(key)));
    connection.execute_batch(&pragma)?;
    // What was erased is not left behind in the file.
    connection.execute_batch("PRAGMA secure_delete = ON")?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// A raw key and its salt, as SQLCipher takes them.
pub(super) fn key_literal(key: &FileKey) -> Zeroizing<String> {
    Zeroizing::new(format!("x'{}{}'", *key.to_hex(), crate::crypto::hex(&key.file_salt())))
}

/// Write-ahead log; the rest (exclusive lock, FULL durability, sizes) is compiled in, see ayumi-sqlcipher. FULL: a
/// write is durable when the call returns. Exclusive: one process, so SQLite needs no shared memory file.
fn write_ahead(connection: &Connection) -> Result<(), StoreError> {
    connection.execute_batch("PRAGMA journal_mode = WAL")?;
    if cfg!(target_vendor = "apple") {
        // There fsync alone does not reach the disk.
        connection.execute_batch("PRAGMA fullfsync = 1; PRAGMA checkpoint_fullfsync = 1")?;
    }
    Ok(())
}
