//! What can go wrong with the file, as far as a caller acts differently on it.

use rusqlite::ErrorCode;

/// The store's error. It carries no text of SQLite and nothing of what a family wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// No handbook there.
    #[error("there is no handbook in this folder")]
    Missing,
    /// There is one already.
    #[error("there is a handbook in this folder already")]
    Exists,
    /// The key does not open the file.
    #[error("the key does not open the handbook")]
    WrongKey,
    /// The key is right, and parts of the file cannot be read.
    #[error("the handbook file is damaged")]
    Damaged,
    /// Written by a newer version; left untouched.
    #[error("the handbook was written by a newer version")]
    Newer,
    /// Another process has it open.
    #[error("another program has the handbook open")]
    InUse,
    /// No room left; nothing was changed.
    #[error("the disk is full")]
    Full,
    /// The folder or file cannot be written.
    #[error("the folder cannot be written")]
    ReadOnly,
    /// The operating system gives no random numbers.
    #[error("the operating system gives no random numbers")]
    NoRandomness,
    /// The operating system failed to read or write.
    #[error("the operating system could not read or write the file")]
    Io,
    /// A statement failed; the number is SQLite's.
    #[error("unexpected store error {0}")]
    Sql(i32),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let rusqlite::Error::SqliteFailure(failure, message) = error else { return Self::Sql(0) };
        match failure.code {
            // SQLCipher's answer to a page whose tag is wrong: SQLITE_ERROR without words of its own.
            ErrorCode::Unknown if message.as_deref().is_none_or(|words| words == "SQL logic error") => Self::Damaged,
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Damaged,
            ErrorCode::DiskFull => Self::Full,
            ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen => Self::ReadOnly,
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed => Self::InUse,
            ErrorCode::SystemIoFailure => Self::Io,
            _ => Self::Sql(failure.extended_code),
        }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound => Self::Missing,
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full,
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            _ => Self::Io,
        }
    }
}

impl From<crate::crypto::NoRandomness> for StoreError {
    fn from(_: crate::crypto::NoRandomness) -> Self {
        Self::NoRandomness
    }
}

impl From<ayumi_protocol::FormatError> for StoreError {
    /// A stored id, stamp or change that cannot be read back.
    fn from(_: ayumi_protocol::FormatError) -> Self {
        Self::Damaged
    }
}
