//! The office's rules, without a server: one program, one module per idea.
//!
//! `cargo test -p ayumi-municipal --test office week::` runs one of them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a panic is how a test fails")]

mod clocks;
mod hours;
mod moves;
mod replies;
mod town;
mod week;
