//! SQLite: one encrypted file for each tenant.

use ayumi_protocol::Hex;

use crate::database::migrations::Migration;

/// Opens a file with its key. They must be the first statements of a connection. The library is built for one connection to a
/// file (the phone's); here there are two.
pub fn unlock(key: &[u8; 32]) -> String {
    format!("PRAGMA key = \"x'{}'\"; PRAGMA locking_mode = NORMAL; PRAGMA busy_timeout = 5000", Hex(*key))
}

/// Sets a connection up.
pub const SET_UP: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -8000; PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON; \
     PRAGMA temp_store = MEMORY";
/// Fails with another key than the file's.
pub const LOOK: &str = "SELECT count(*) FROM sqlite_master";
/// Returns the version of the tables.
pub const VERSION: &str = "PRAGMA user_version";
/// Begins a transaction that writes.
pub const BEGIN_WRITE: &str = "BEGIN IMMEDIATE; PRAGMA query_only = OFF";
/// Begins one that reads.
pub const BEGIN_READ: &str = "BEGIN DEFERRED; PRAGMA query_only = ON";
/// Makes it last.
pub const COMMIT: &str = "COMMIT";
/// Takes it back.
pub const ROLL_BACK: &str = "ROLLBACK";
/// Copies the file as it is, under the same key, into a new one.
pub const COPY: &str = "VACUUM INTO $1";

/// Returns a migration as SQLite is to be told it: strict tables, so that both databases refuse a value of another kind.
pub fn migration(migration: &Migration) -> String {
    let tables = migration.sql.replace("BIGINT", "INTEGER").replace("BYTEA", "BLOB").replace("\n);", "\n) STRICT;");
    format!("{tables}\nPRAGMA user_version = {};", migration.number)
}
