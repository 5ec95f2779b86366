//! The municipal server. It orders what devices send and keeps it; it can read nothing of it.
//!
//! | module | idea |
//! |---|---|
//! | `chains` | control chains that were read lately |
//! | [`log`] | what a store of logs must do: the contract that every database is tested against |
//! | [`sqlite`] | SQLite: one writer that commits what has gathered in one go |
//! | [`postgres`] | PostgreSQL: what has gathered in one transaction, many processes as one |
//! | [`signer`] | the server's key: receipts, challenges, tokens |
//! | [`http`] | the notebook channel, limits, metrics, TLS |

mod chains;
pub mod http;
pub mod log;
pub mod postgres;
pub mod signer;
pub mod sqlite;
