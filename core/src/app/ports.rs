//! What the outside must supply.

use std::collections::HashMap;

use chrono::{NaiveDate, Utc};

use crate::crypto::FileKey;
use crate::model::japan::in_japan;

/// Keeps the key of the file: Keychain, Keystore, the desktop's key store.
///
/// The key must not leave the device with a backup; without it the file cannot be read by anybody.
#[cfg_attr(feature = "uniffi", uniffi::export(with_foreign))]
pub trait KeyVault: Send + Sync {
    /// The key, if there is one.
    ///
    /// # Errors
    /// If the store cannot be asked (locked, say).
    fn load(&self) -> Result<Option<FileKey>, VaultError>;
    /// Keeps a new key, before any file is written with it.
    ///
    /// # Errors
    /// If it cannot be kept.
    fn keep(&self, key: FileKey) -> Result<(), VaultError>;
}

/// The key store cannot be used now, or holds something that is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Error))]
pub enum VaultError {
    /// The store is locked, refuses, or holds something that is no key.
    #[error("the key cannot be read or kept")]
    Unavailable,
}

#[cfg(feature = "uniffi")]
impl From<uniffi::UnexpectedUniFFICallbackError> for VaultError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Unavailable
    }
}

/// What network there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Network {
    /// None: the server is not asked at all.
    Absent,
    /// One that costs by volume: in the background words go, photos wait.
    Metered,
    /// One that does not.
    Free,
}

/// Tells what network there is: ConnectivityManager, NWPathMonitor.
#[cfg_attr(feature = "uniffi", uniffi::export(with_foreign))]
pub trait Connectivity: Send + Sync {
    /// The network of this moment.
    fn network(&self) -> Network;
}

/// How much a line of the log matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum LogLevel {
    /// What went as it should.
    Info,
    /// An error that a shell received.
    Warning,
    /// A defect of ours.
    Defect,
}

/// A line of the log: stable words and numbers, so there is no room in it for anything that a family wrote.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct LogLine {
    /// How much it matters.
    pub level: LogLevel,
    /// What happened: `opened`, `sync.done`, `entries.add.invalid`, …
    pub event: String,
    /// Milliseconds, counts, bytes.
    pub numbers: HashMap<String, u64>,
}

/// Takes lines of the log. Called on whatever thread works; it should hand over and return.
#[cfg_attr(feature = "uniffi", uniffi::export(with_foreign))]
pub trait LogSink: Send + Sync {
    /// One line.
    fn log(&self, line: LogLine);
}

/// Told how far something has come.
#[cfg_attr(feature = "uniffi", uniffi::export(with_foreign))]
pub trait ProgressListener: Send + Sync {
    /// So much of so much. For a sync positions in the log of the notebook that is read now.
    fn progress(&self, done: u64, of: u64);
}

/// What time it is. Calendar days are those of Japan, whatever zone the device is set to.
#[cfg_attr(feature = "uniffi", uniffi::export(with_foreign))]
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970, for stamps only.
    fn now_ms(&self) -> u64;
    /// Today in Japan.
    fn today(&self) -> NaiveDate;
}

/// The device's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> u64 {
        u64::try_from(Utc::now().timestamp_millis()).unwrap_or(0)
    }

    fn today(&self) -> NaiveDate {
        in_japan(self.now_ms()).date()
    }
}
