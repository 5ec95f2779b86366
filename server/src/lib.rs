//! The municipal server. It orders what devices send and keeps it; it can read nothing of it.
//!
//! So far: the log of each notebook behind one trait, with SQLite as the embedded store. HTTP, tokens, limits, metrics and
//! PostgreSQL follow.
//!
//! | module | idea |
//! |---|---|
//! | [`log`] | what a store of logs must do: the contract that every database is tested against |
//! | [`sqlite`] | SQLite: one writer that commits what has gathered in one go |
//! | [`signer`] | the server's key for receipts |

pub mod log;
pub mod signer;
pub mod sqlite;
