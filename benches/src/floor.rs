//! The physical floor: bare SQLCipher with the same cipher, pragmas and bytes.

use std::path::Path;

use rusqlite::Connection;

/// Opens (or makes) a bare encrypted file with the durability that the store uses.
pub(crate) fn open(path: &Path) -> rusqlite::Result<Connection> {
    ayumi_sqlcipher::link();
    let connection = Connection::open(path)?;
    let key = "05".repeat(32);
    let salt = "0a".repeat(16);
    connection.execute_batch(&format!(
        "PRAGMA key = \"x'{key}{salt}'\";
         PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -4000;
         CREATE TABLE IF NOT EXISTS bare (n INTEGER PRIMARY KEY, body TEXT NOT NULL);"
    ))?;
    Ok(connection)
}

/// One insert, durable when it returns.
pub(crate) fn insert(connection: &Connection, body: &str) -> rusqlite::Result<()> {
    connection.prepare_cached("INSERT INTO bare (body) VALUES (?1)")?.execute([body])?;
    Ok(())
}
