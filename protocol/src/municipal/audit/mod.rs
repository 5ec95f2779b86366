//! Who looked at a family's words: one chain for each thread, the heads of all of them in one tree, its root signed by the office.
//!
//! | module | idea |
//! |---|---|
//! | [`entry`] | one look, in a frozen byte form, linked to the one before |
//! | [`tree`] | many heads in one hash, as RFC 6962 does it |
//! | [`office_head`] | the roots of a day, signed by the feed key |
//!
//! A phone that has an older head than the office shows again, or another one, warns and goes on: the head proves that a row is
//! missing, and not who took it.

pub mod entry;
pub mod office_head;
pub mod tree;

pub use entry::{AuditEntry, Field, Purpose, Tree};
pub use office_head::{ChainHead, OfficeHead, Restored};
