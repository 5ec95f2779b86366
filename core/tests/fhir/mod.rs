//! FHIR: a frozen document, what JP Core asks for, random handbooks there and back, files of others, hostile files.

mod cards;
mod foreign;
mod frozen;
mod hostile;
mod jp_core;
mod random;
mod round_trip;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ayumi_core::app::ports::{Clock, KeyVault, VaultError};
use ayumi_core::app::{Config, FileKey, Handbook, Locale, NewChild, NotebookId, NotebookType, Sex};
use ayumi_core::fhir::FileEntry;
use ayumi_core::fhir::write::{Document, document};
use ayumi_core::model::EntryId;
use ayumi_core::model::value::Fields;
use chrono::NaiveDate;
use serde_json::Value;
use tempfile::TempDir;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_else(|_| panic!("{text} is no date"))
}

fn id(number: u64) -> EntryId {
    let mut bytes = [0x40; 16];
    bytes[8..].copy_from_slice(&(number | 1 << 63).to_be_bytes());
    EntryId::from_slice(&bytes).unwrap()
}

fn fields(value: Value) -> Fields {
    serde_json::from_value(value).unwrap()
}

/// A document of entries, made on a fixed day.
fn of(number: u64, notebook: NotebookType, profile: &Fields, entries: &[FileEntry]) -> Value {
    document(&Document {
        id: id(number),
        person: id(number + 1),
        written: day("2026-04-20").and_hms_opt(9, 30, 0).unwrap(),
        locale: Locale::Ja,
        notebook,
        profile,
        entries,
        photos: &BTreeMap::new(),
        next_doses: None,
    })
}

struct FixedKey;

impl KeyVault for FixedKey {
    fn load(&self) -> Result<Option<FileKey>, VaultError> {
        Ok(Some(FileKey::from_bytes([1; 32])))
    }

    fn keep(&self, _: FileKey) -> Result<(), VaultError> {
        Ok(())
    }
}

/// The twentieth of April 2026.
struct FixedDay;

impl Clock for FixedDay {
    fn now_ms(&self) -> u64 {
        1_776_645_000_000
    }

    fn today(&self) -> NaiveDate {
        day("2026-04-20")
    }
}

/// A handbook in a scratch folder.
fn handbook(locale: Locale) -> (TempDir, Handbook) {
    let folder = tempfile::tempdir().unwrap();
    let config =
        Config { clock: Some(Arc::new(FixedDay)), locale, ..Config::new(folder.path().to_owned(), Arc::new(FixedKey)) };
    let handbook = Handbook::create(&config, "母").unwrap();
    (folder, handbook)
}

/// With one child, born on a day.
fn with_child(born: &str) -> (TempDir, Handbook, NotebookId) {
    let (folder, handbook) = handbook(Locale::Ja);
    let child = NewChild { name: "さくら".into(), sex: Sex::Female, born: day(born), ..NewChild::default() };
    let child = handbook.notebooks().add_child(&child).unwrap();
    (folder, handbook, child)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A file of `fixtures/fhir/foreign`.
fn foreign(name: &str) -> Vec<u8> {
    std::fs::read(root().join("fixtures/fhir/foreign").join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}
