//! Files and folders that nobody but their owner may read.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::time::Duration;

/// Makes a folder, and those above it, for its owner only. One that is there stays as it is.
///
/// # Errors
/// Those of the operating system.
pub fn folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Opens a file to write, and makes it for its owner only if it is not there. What it holds stays; the files that SQLite
/// puts beside a database get the same permissions. Never call it for a database that this process has open: closing
/// another handle takes SQLite's locks away.
///
/// # Errors
/// Those of the operating system.
pub fn file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// How often a lock is tried, and how long between.
///
/// A process that has just let go of it may still be seen: a child that it started holds its files until it runs its own
/// program.
const LOCK_TRIES: u32 = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(5);

/// Takes the lock of a file, which goes with the process, however it ends. Waits a tenth of a second at most; `None` if
/// another process has it.
///
/// # Errors
/// Those of the operating system.
pub fn lock(path: &Path) -> io::Result<Option<File>> {
    let file = file(path)?;
    for tried in 1..=LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::WouldBlock) if tried < LOCK_TRIES => std::thread::sleep(LOCK_PAUSE),
            Err(TryLockError::WouldBlock) => break,
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(None)
}
