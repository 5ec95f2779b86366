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

use ayumi_core::app::{Handbook, Locale, NotebookId, NotebookType};
use ayumi_core::fhir::FileEntry;
use ayumi_core::fhir::write::{Document, document};
use ayumi_core::model::EntryId;
use ayumi_core::model::value::Fields;
use serde_json::Value;
use tempfile::TempDir;

use crate::scratch::{self, day};

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

/// A handbook on the twentieth of April 2026.
fn handbook(locale: Locale) -> (TempDir, Handbook) {
    scratch::handbook(day("2026-04-20"), locale)
}

/// With one child, born on a day.
fn with_child(born: &str) -> (TempDir, Handbook, NotebookId) {
    let (folder, handbook) = handbook(Locale::Ja);
    let child = scratch::child(&handbook, born);
    (folder, handbook, child)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A file of `fixtures/fhir/foreign`.
fn foreign(name: &str) -> Vec<u8> {
    std::fs::read(root().join("fixtures/fhir/foreign").join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}
