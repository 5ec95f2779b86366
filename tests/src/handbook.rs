//! A handbook in a scratch folder, with a clock and a key that the test holds.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ayumi_core::app::ports::{Clock, KeyVault, VaultError};
use ayumi_core::app::{Config, Handbook};
use ayumi_core::crypto::FileKey;
use chrono::NaiveDate;
use tempfile::TempDir;

/// A key that is simply there.
pub struct FixedKey(pub [u8; 32]);

impl KeyVault for FixedKey {
    fn load(&self) -> Result<Option<FileKey>, VaultError> {
        Ok(Some(FileKey::from_bytes(self.0)))
    }

    fn keep(&self, _: FileKey) -> Result<(), VaultError> {
        Ok(())
    }
}

/// A clock that moves a millisecond each time it is asked.
pub struct StepClock {
    millis: AtomicU64,
    today: NaiveDate,
}

impl Clock for StepClock {
    fn now_ms(&self) -> u64 {
        self.millis.fetch_add(1, Ordering::Relaxed)
    }

    fn today(&self) -> NaiveDate {
        self.today
    }
}

/// The tests' day.
pub fn today() -> NaiveDate {
    day("2026-04-20")
}

/// A date.
///
/// # Panics
/// If it is none.
pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// A configuration for a folder.
pub fn config(folder: &Path) -> Config {
    Config {
        clock: Some(Arc::new(StepClock { millis: AtomicU64::new(1_776_600_000_000), today: today() })),
        ..config_on(folder, "2026-04-20")
    }
}

/// The same on another day, at noon in Japan.
///
/// # Panics
/// If it is no date.
pub fn config_on(folder: &Path, today: &str) -> Config {
    let noon = day(today).and_hms_opt(3, 0, 0).expect("a time").and_utc().timestamp_millis();
    let millis = AtomicU64::new(u64::try_from(noon).expect("after 1970"));
    Config {
        clock: Some(Arc::new(StepClock { millis, today: day(today) })),
        ..Config::new(folder.to_owned(), Arc::new(FixedKey([7; 32])))
    }
}

/// A new handbook; the folder goes with the first value.
///
/// # Panics
/// If it cannot be made.
pub fn scratch() -> (TempDir, Handbook) {
    made(&config)
}

/// The same on another day.
///
/// # Panics
/// If it cannot be made.
pub fn scratch_on(today: &str) -> (TempDir, Handbook) {
    made(&|folder| config_on(folder, today))
}

fn made(config: &dyn Fn(&Path) -> Config) -> (TempDir, Handbook) {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let book = Handbook::create(&config(folder.path()), "母").expect("a handbook");
    (folder, book)
}
