//! Files in and out, and what is typed, through the public door: each case is one that a family's file, or a carer, showed.

mod beside;
mod doors;
mod every_kind;
mod own;
mod tables;

use ayumi_core::app::{
    CsvMapping, Error, Handbook, ImportPlan, Invalid, ListFilter, Locale, NewChild, NewEntry, NotebookId, Outcome,
    Reason, Sex,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::scratch::{self, day};

/// A handbook on the 25th of November 2026.
fn empty() -> (TempDir, Handbook) {
    scratch::handbook(day("2026-11-25"), Locale::Ja)
}

/// A handbook with a child born on 3 May 2024.
fn with_child() -> (TempDir, Handbook, NotebookId) {
    let (folder, book) = empty();
    let child = scratch::child(&book, "2024-05-03");
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
