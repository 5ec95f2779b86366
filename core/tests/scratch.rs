//! A handbook in a scratch folder, under a fixed key, on a fixed day.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ayumi_core::app::ports::{Clock, KeyVault, VaultError};
use ayumi_core::app::{Config, FileKey, Handbook, Locale, NewChild, NotebookId, Sex};
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use tempfile::TempDir;

struct FixedKey;

impl KeyVault for FixedKey {
    fn load(&self) -> Result<Option<FileKey>, VaultError> {
        Ok(Some(FileKey::from_bytes([1; 32])))
    }

    fn keep(&self, _: FileKey) -> Result<(), VaultError> {
        Ok(())
    }
}

/// One day; stamps move a millisecond each time.
struct Day {
    today: NaiveDate,
    now_ms: AtomicU64,
}

impl Clock for Day {
    fn now_ms(&self) -> u64 {
        self.now_ms.fetch_add(1, Ordering::Relaxed)
    }

    fn today(&self) -> NaiveDate {
        self.today
    }
}

/// Reads a day as tests write it, `2024-05-03`.
pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_else(|_| panic!("{text} is no date"))
}

/// Makes a handbook that thinks it is the morning of a day.
pub(crate) fn handbook(today: NaiveDate, locale: Locale) -> (TempDir, Handbook) {
    handbook_at(today, 0, locale)
}

/// Makes a handbook that thinks it is half past an hour of universal time, on a day of the carer's.
pub(crate) fn handbook_at(today: NaiveDate, hour: u32, locale: Locale) -> (TempDir, Handbook) {
    let folder = tempfile::tempdir().unwrap();
    let now = today.and_hms_opt(hour, 30, 0).unwrap();
    let book = Handbook::create(&config(&folder, today, now, locale), "母").unwrap();
    (folder, book)
}

/// Opens the same file at another time, in Japan.
pub(crate) fn opened_at(folder: &TempDir, book: Handbook, now: NaiveDateTime, locale: Locale) -> Handbook {
    drop(book);
    Handbook::open(&config(folder, now.date(), now - TimeDelta::hours(9), locale)).unwrap()
}

/// At a moment of universal time, on a day of the carer's.
fn config(folder: &TempDir, today: NaiveDate, now: NaiveDateTime, locale: Locale) -> Config {
    let now_ms = AtomicU64::new(u64::try_from(now.and_utc().timestamp_millis()).unwrap());
    let clock: Arc<dyn Clock> = Arc::new(Day { today, now_ms });
    Config { clock: Some(clock), locale, ..Config::new(folder.path().to_owned(), Arc::new(FixedKey)) }
}

/// Adds the notebook of a girl born on a day.
pub(crate) fn child(book: &Handbook, born: &str) -> NotebookId {
    let child = NewChild { name: "さくら".into(), sex: Sex::Female, born: day(born), ..NewChild::default() };
    book.notebooks().add_child(&child).unwrap()
}
