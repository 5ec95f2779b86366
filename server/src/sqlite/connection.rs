//! Opening the file, and what a failure of SQLite means.

use std::fs::File;
use std::path::Path;

use ayumi_sqlcipher::private;
use rusqlite::Connection;

use crate::log::LogError;

pub(super) fn failed(_: rusqlite::Error) -> LogError {
    LogError::Unavailable
}

/// The writer's cache; a reader's is smaller: most of what it reads was just written, and is in the operating
/// system's memory.
pub(super) const WRITER_CACHE_KB: u32 = 16_000;
pub(super) const READER_CACHE_KB: u32 = 4_000;

pub(super) fn connect(path: &Path, cache_kb: u32) -> Result<Connection, LogError> {
    ayumi_sqlcipher::link();
    let connection = Connection::open(path).map_err(failed)?;
    // The library is built for one connection to a file (the phone's); here there are several.
    let pragmas = format!(
        "PRAGMA locking_mode = NORMAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;
         PRAGMA cache_size = -{cache_kb}; PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON"
    );
    connection.execute_batch(&pragmas).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Takes what was deleted out of the write-ahead log, too; what is deleted in the file itself is written over at once.
/// Returns whether it could.
pub(super) fn write_over(connection: &Connection) -> bool {
    let busy = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
    busy.is_ok_and(|busy| !busy)
}

/// Takes the lock of a store: one process has it open.
pub(crate) fn lock(path: &Path) -> Result<File, LogError> {
    let locked = private::lock(&path.with_extension("lock"));
    locked.map_err(|_| LogError::Unavailable)?.ok_or(LogError::Unavailable)
}
