//! Files in and out, and what is typed, through the public door: each case is one that a family's file, or a carer, showed.

mod doors;
mod own;
mod tables;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ayumi_core::app::ports::{Clock, KeyVault, VaultError};
use ayumi_core::app::{
    Config, CsvMapping, Error, FileKey, Handbook, ImportPlan, Invalid, ListFilter, NewChild, NewEntry, NotebookId,
    Outcome, Reason, Sex,
};
use chrono::NaiveDate;
use serde_json::{Value, json};
use tempfile::TempDir;

struct FixedKey;

impl KeyVault for FixedKey {
    fn load(&self) -> Result<Option<FileKey>, VaultError> {
        Ok(Some(FileKey::from_bytes([7; 32])))
    }

    fn keep(&self, _: FileKey) -> Result<(), VaultError> {
        Ok(())
    }
}

/// The 25th of November 2026; stamps move a millisecond each time.
struct Day(AtomicU64);

impl Clock for Day {
    fn now_ms(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }

    fn today(&self) -> NaiveDate {
        day("2026-11-25")
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn empty() -> (TempDir, Handbook) {
    let folder = tempfile::tempdir().unwrap();
    let clock: Arc<dyn Clock> = Arc::new(Day(AtomicU64::new(1_795_500_000_000)));
    let config = Config { clock: Some(clock), ..Config::new(folder.path().to_owned(), Arc::new(FixedKey)) };
    let book = Handbook::create(&config, "母").unwrap();
    (folder, book)
}

/// A handbook with a child born on 3 May 2024.
fn with_child() -> (TempDir, Handbook, NotebookId) {
    let (folder, book) = empty();
    let child = NewChild { name: "さくら".into(), sex: Sex::Female, born: day("2024-05-03"), ..NewChild::default() };
    let child = book.notebooks().add_child(&child).unwrap();
    (folder, book, child)
}

fn planned(book: &Handbook, notebook: NotebookId, kind: &str, maps: &[&str], table: &str) -> ImportPlan {
    let mut mapping = CsvMapping { kind: kind.into(), ..CsvMapping::default() };
    for pair in maps {
        mapping.map(pair).unwrap();
    }
    book.import().plan_csv(notebook, table.as_bytes(), &mapping).unwrap()
}

/// Rows of a plan: what would happen, and with which fields or why not.
fn rows(plan: &ImportPlan) -> Vec<(&'static str, Value)> {
    let row = |row: &ayumi_core::app::ImportRow| match &row.outcome {
        Outcome::Problem(why) => ("problem", json!(why.reason.key())),
        outcome => (outcome.key(), json!(plan.fields(row))),
    };
    plan.rows.iter().map(row).collect()
}

fn reason<T: std::fmt::Debug>(result: Result<T, Error>) -> Reason {
    match result {
        Err(Error::Invalid { why: Invalid { reason, .. } }) => reason,
        other => panic!("{other:?}"),
    }
}

fn all(book: &Handbook, notebook: NotebookId) -> Vec<Value> {
    let found = book.entries().list(notebook, &ListFilter { limit: 999, ..ListFilter::default() }).unwrap();
    found.iter().map(|e| json!([e.id, e.kind, e.on, e.fields])).collect()
}

fn picture(grey: u8) -> Vec<u8> {
    let picture = image::GrayImage::from_pixel(32, 32, image::Luma([grey]));
    let mut file = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut file, image::ImageFormat::Png).unwrap();
    file.into_inner()
}

/// A diary entry with a photo, and a measurement.
fn filled() -> (TempDir, Handbook, NotebookId) {
    let (folder, book, child) = with_child();
    let new = |kind, on, fields: &[(&str, &str)]| NewEntry::typed(child, kind, on, fields).unwrap();
    book.entries().add(&new("growth", "2024-11-05", &[("weight", "7.35"), ("note", "=1+1")])).unwrap();
    book.entries().add(&new("diary", "2024-11-06", &[("text", "花")]).with_photo(&picture(90)).unwrap()).unwrap();
    (folder, book, child)
}
