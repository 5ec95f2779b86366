//! Many threads open their first file in the same moment: SQLite lets the others in before SQLCipher is ready
//! (`SQLITE_EXTRA_INIT` runs after its lock is free), so [`ayumi_sqlcipher::link`] has to hold them.
//!
//! A process has one first moment, so this file holds one test, and the test starts itself again many times.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

use rusqlite::Connection;
use std::process::Command;
use std::sync::Barrier;

const CHILD: &str = "AYUMI_FIRST_MOMENT";
const THREADS: usize = 16;
const PROCESSES: usize = 60;

/// A new file with a key, as the store makes one.
fn first_file(folder: &std::path::Path, number: usize, start: &Barrier) -> rusqlite::Result<i64> {
    start.wait();
    ayumi_sqlcipher::link();
    let connection = Connection::open(folder.join(number.to_string()))?;
    connection.execute_batch(&format!(
        "PRAGMA key = \"x'{}'\"; CREATE TABLE t (a); INSERT INTO t VALUES (7)",
        "2a".repeat(32)
    ))?;
    connection.query_row("SELECT a FROM t", [], |row| row.get(0))
}

#[test]
fn sixteen_threads_may_open_their_first_files_at_once() {
    if std::env::var_os(CHILD).is_none() {
        for _ in 0..PROCESSES {
            let child = Command::new(std::env::current_exe().unwrap()).env(CHILD, "1").output().unwrap();
            assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
        }
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let start = Barrier::new(THREADS);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|n| {
                scope.spawn({
                    let (folder, start) = (folder.path(), &start);
                    move || first_file(folder, n, start)
                })
            })
            .collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), Ok(7));
        }
    });
}
