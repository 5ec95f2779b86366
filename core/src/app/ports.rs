//! What the outside must supply.

use std::collections::HashMap;

use chrono::{DateTime, Local, NaiveDate, NaiveDateTime, Utc};

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

/// What time it is. A day is the carer's own: the calendar day of the device, wherever it is. Only a desk's hours are
/// Japan's, and the core counts those itself.
#[cfg_attr(feature = "uniffi", uniffi::export(with_foreign))]
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970, for stamps only.
    fn now_ms(&self) -> u64;
    /// Today, as the device's calendar shows it.
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
        moment_on_this_device(Utc::now().timestamp_millis()).date()
    }
}

impl dyn Clock + '_ {
    /// The carer's day and time of day.
    pub(crate) fn here(&self) -> NaiveDateTime {
        let time = on_this_device(self.now_ms()).time();
        self.today().and_time(time)
    }

    /// The carer's own day at a moment, as the device's calendar counts it.
    pub(crate) fn day_of(&self, millis_since_1970: u64) -> NaiveDate {
        on_this_device(millis_since_1970).date()
    }

    /// Day and time in Japan at the same moment; a day that was set for a test or by `--today` moves it along.
    pub(crate) fn japan(&self) -> NaiveDateTime {
        in_japan_on(self.now_ms(), on_this_device(self.now_ms()).date(), self.today())
    }
}

/// What the device's own clock shows.
fn on_this_device(millis_since_1970: u64) -> NaiveDateTime {
    moment_on_this_device(i64::try_from(millis_since_1970).unwrap_or_default())
}

/// The same of a clock that may stand before 1970.
fn moment_on_this_device(millis: i64) -> NaiveDateTime {
    DateTime::from_timestamp_millis(millis).unwrap_or_default().with_timezone(&Local).naive_local()
}

fn in_japan_on(now_ms: u64, shown: NaiveDate, today: NaiveDate) -> NaiveDateTime {
    let japan = in_japan(now_ms);
    japan.checked_add_signed(today - shown).unwrap_or(japan)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// 2026-11-25 13:40 UTC: 00:40 of the 26th in Sydney, 22:40 of the 25th in Japan, 14:40 in Paris.
    #[test]
    fn japans_time_is_told_from_any_zone() {
        let now = 1_795_614_000_000;
        for (shown, today, japan) in [
            ("2026-11-26", "2026-11-26", "2026-11-25 22:40"),
            ("2026-11-25", "2026-11-25", "2026-11-25 22:40"),
            ("2026-11-25", "2027-01-10", "2027-01-10 22:40"),
        ] {
            let told = in_japan_on(now, day(shown), day(today));
            assert_eq!(told.format("%F %H:%M").to_string(), japan, "{shown} {today}");
        }
    }
}
