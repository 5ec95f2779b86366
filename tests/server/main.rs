//! The contract of a store of logs, run against every store there is. Phones are played with the core's own keys and seals.

mod contract;
mod family;

use ayumi_server::sqlite::SqliteLog;
use tempfile::TempDir;

/// Bytes that a notebook may take in these tests.
const QUOTA: u64 = 200_000;

fn sqlite() -> (TempDir, SqliteLog) {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteLog::open(&folder.path().join("server.db"), QUOTA).unwrap();
    (folder, log)
}

/// Runs a future to its end on this thread.
fn wait<T>(future: impl std::future::Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}
