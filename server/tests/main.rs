//! The databases of the municipality's side: one contract, run against each of them.
//!
//! `cargo test -p ayumi-server --test municipal postgres::` runs it on one of them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a panic is how a test fails")]

/// Every rule for every database.
macro_rules! contract {
    ($($rule:ident),* $(,)?) => {
        mod sqlite {
            $(#[test] fn $rule() { super::$rule::<crate::place::Sqlite>(); })*
        }
        mod postgres {
            $(#[test] fn $rule() { super::$rule::<crate::place::Postgres>(); })*
        }
    };
}

mod apart;
mod audit;
mod edited;
mod files;
mod place;
mod refused;
mod roles;
mod sealing;
mod staff;
mod walk;

/// The office of the rules' own tests.
#[path = "../../municipal/tests/town.rs"]
#[allow(dead_code, reason = "the rules' own tests use more of it")]
mod town;
