//! What the tests of whole systems share: handbooks, phones and servers in scratch folders, fixtures.

pub mod family;
pub mod handbook;
pub mod phones;
pub mod postgres;
pub mod stored;

use std::path::PathBuf;

/// Path of a file in `fixtures/`.
pub fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures").join(name)
}

/// Text of a file in `fixtures/`. A missing one ends the test.
///
/// # Panics
/// If the file cannot be read.
pub fn fixture_text(name: &str) -> String {
    std::fs::read_to_string(fixture(name)).unwrap_or_else(|error| panic!("fixtures/{name}: {error}"))
}
