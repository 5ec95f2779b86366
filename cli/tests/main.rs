//! The desktop shell as a person or a script meets it: one program that starts the real `ayumi`.
//!
//! `cargo test -p ayumi --test shell faults::` runs one module.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a panic is how a test fails"
)]

mod demo;
mod faults;
mod files;
mod golden;
mod insight;
mod journeys;
mod leaving;
mod moving;
mod municipality;
mod operations;
mod operators;
mod processes;
mod run;
mod shell;
mod steps;
