//! SQLCipher for Ayumi, without OpenSSL.
//!
//! SQLCipher asks its crypto of a *provider*: nineteen C functions. This crate compiles the stock amalgamation and
//! fills the provider from [`ring`] (random numbers, HMAC, PBKDF2) and RustCrypto's `aes`/`cbc`, so that one crypto
//! backend serves the whole core and the phone library stays small. The file format is stock SQLCipher 4: a test
//! reads a file of the stock tool, and `cargo xtask test` lets the stock tool read and write one of ours.
//!
//! It is the only crate of the workspace with `unsafe`. Each block says why it is sound; no panic leaves a callback
//! (they contain nothing that panics, and `extern "C"` aborts rather than unwinds).
//!
//! `rusqlite` finds SQLite through its `in_gecko` feature, which means "linked elsewhere": here.

pub mod page;
pub mod private;
mod provider;

use std::ffi::c_int;
use std::sync::Once;

/// Makes SQLite and its encryption ready, once, and tells the provider's name. Call it before every connection.
///
/// It also keeps this crate, and with it SQLite, in the link of whoever uses `rusqlite`. Who comes while another
/// thread is still at it waits: SQLite itself would let a second thread in before SQLCipher is ready
/// (`SQLITE_EXTRA_INIT` runs after its lock is free), and that thread's first file would be refused.
pub fn link() -> &'static str {
    static READY: Once = Once::new();
    // SAFETY: takes nothing and gives a number; SQLite allows the call at any time and from any thread. What it
    // returns is left: if something failed, every connection says so when it is opened.
    READY.call_once(|| unsafe {
        sqlite3_initialize();
    });
    provider::NAME
}

unsafe extern "C" {
    fn sqlite3_initialize() -> c_int;
}
