//! The pure engines against figures from outside our code: one program, one module per engine.
//!
//! `cargo test -p ayumi-core --test engines vaccines::` runs one of them; no server and no shell is built for it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a panic is how a test fails"
)]

mod agenda;
mod booklet;
mod checks;
mod data;
mod desks;
mod fhir;
mod form;
mod growth;
mod leads;
mod scratch;
mod vaccines;
mod words;

/// Reads a file of `fixtures/`. A missing one ends the test.
fn fixture_text(name: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures").join(name);
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("fixtures/{name}: {error}"))
}
