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
mod provider;

/// Keeps this crate, and with it SQLite, in the link of whoever uses `rusqlite`. Call it once before the first
/// connection is opened; it does nothing at run time but name the provider.
pub fn link() -> &'static str {
    provider::NAME
}
