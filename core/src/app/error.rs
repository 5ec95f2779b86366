//! The one error of the public door: few variants, each tied to something a shell does.

use crate::model::Invalid;
use crate::photo::NotAPicture;
use crate::store::StoreError;

/// What a shell is told. No text of a library, nothing that a family wrote but what the carer just typed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Something typed or imported does not fit. Show it beside the field.
    #[error("{0}")]
    Invalid(#[from] Invalid),
    /// There is no such thing. Re-read the list.
    #[error("there is no such {what}")]
    NotFound {
        /// "handbook", "notebook", "entry", "version", "photo".
        what: &'static str,
    },
    /// It is there already. Open it instead.
    #[error("there is a {what} already")]
    AlreadyThere {
        /// What is.
        what: &'static str,
    },
    /// The key store gives no key. Ask the carer to unlock it, or to recover.
    #[error("the key of the handbook cannot be had")]
    NoKey,
    /// The key does not open the file. Ask for the right one; the file is untouched.
    #[error("the key does not open this handbook; the file was left as it is")]
    WrongKey,
    /// Parts of the file cannot be read. Offer to set it aside and save what can be read.
    #[error(
        "the handbook file is damaged; nothing was changed. \"doctor --repair\" keeps it and saves what can be read"
    )]
    Damaged,
    /// Written by a newer version. Offer the update; the file is untouched.
    #[error("the handbook was written by a newer version of Ayumi; please update. The file was left as it is")]
    NewerFile,
    /// Another program has it open. Close that one.
    #[error("another program has this handbook open")]
    InUse,
    /// The disk is full. Nothing was changed; make room and try again.
    #[error("the disk is full; nothing was changed. Make room and try again")]
    DiskFull,
    /// The operating system did not let the handbook's folder or a file be read or written. Try again.
    #[error("a file could not be read or written")]
    Io,
    /// The server cannot be reached, and this needs it. Nothing was changed; try again with a network.
    #[error("the server cannot be reached; nothing was changed")]
    Offline,
    /// A defect of ours; the number helps to find it.
    #[error("unexpected error {code}; nothing was changed")]
    Internal {
        /// Number for a report.
        code: i32,
    },
}

impl Error {
    /// A stable key for shells and scripts.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid",
            Self::NotFound { .. } => "not_found",
            Self::AlreadyThere { .. } => "already_there",
            Self::NoKey => "no_key",
            Self::WrongKey => "wrong_key",
            Self::Damaged => "damaged",
            Self::NewerFile => "newer_file",
            Self::InUse => "in_use",
            Self::DiskFull => "disk_full",
            Self::Io => "io",
            Self::Offline => "offline",
            Self::Internal { .. } => "internal",
        }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Missing => Self::NotFound { what: "handbook" },
            StoreError::Exists => Self::AlreadyThere { what: "handbook" },
            StoreError::WrongKey => Self::WrongKey,
            StoreError::Damaged => Self::Damaged,
            StoreError::Newer => Self::NewerFile,
            StoreError::InUse => Self::InUse,
            StoreError::Full => Self::DiskFull,
            StoreError::ReadOnly | StoreError::Io => Self::Io,
            StoreError::Sql(code) => Self::Internal { code },
        }
    }
}

impl From<NotAPicture> for Error {
    fn from(_: NotAPicture) -> Self {
        Self::Invalid(Invalid::new("photo", "this file", "a JPEG, PNG or WebP picture of at most 64 MB"))
    }
}

impl From<super::ports::VaultError> for Error {
    fn from(_: super::ports::VaultError) -> Self {
        Self::NoKey
    }
}

impl From<crate::crypto::NoRandomness> for Error {
    fn from(_: crate::crypto::NoRandomness) -> Self {
        Self::Io
    }
}
