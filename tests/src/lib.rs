//! What the tests of whole systems share: handbooks, phones and servers in scratch folders, fixtures, how long to play.

pub mod family;
pub mod handbook;
pub mod phones;
pub mod postgres;
pub mod stored;

use std::path::PathBuf;

/// Returns how many of `all` rounds of a long test to play: a tenth, or all of them with `AYUMI_LONG` (`cargo xtask
/// test --long`).
pub fn rounds(all: u64) -> u64 {
    if std::env::var_os("AYUMI_LONG").is_some() { all } else { all / 10 }
}

/// Writes a line that is seen although the test passes: how much of a long test was played.
pub fn show(line: &str) {
    use std::io::Write;
    // Written past the harness, which keeps back what passing tests print.
    let _ = writeln!(std::io::stderr(), "{line}");
}

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
