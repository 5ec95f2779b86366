//! What the outside must supply.

use chrono::{NaiveDate, Utc};
use chrono_tz::Asia::Tokyo;

use crate::crypto::FileKey;

/// Keeps the key of the file: Keychain, Keystore, the desktop's key store.
///
/// The key must not leave the device with a backup; without it the file cannot be read by anybody.
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
    fn keep(&self, key: &FileKey) -> Result<(), VaultError>;
}

/// The key store cannot be used now, or holds something that is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key cannot be read or kept")]
pub struct VaultError;

/// What time it is. Calendar days are those of Japan, whatever zone the device is set to.
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
        Utc::now().with_timezone(&Tokyo).date_naive()
    }
}
