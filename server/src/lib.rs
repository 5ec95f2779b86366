//! The municipal server. It orders what devices send and keeps it; it can read nothing of it. What may be appended
//! and read is decided in [`ayumi_channel`]; here are databases and sockets.
//!
//! | module | idea |
//! |---|---|
//! | `chains` | control chains that were read lately |
//! | [`sqlite`] | SQLite: one writer that commits what has gathered in one go |
//! | [`postgres`] | PostgreSQL: what has gathered in one transaction, many processes as one |
//! | [`http`] | the notebook channel, limits, metrics, TLS |

mod chains;
pub mod http;
pub mod postgres;
pub mod sqlite;
pub use ayumi_channel::{log, signer};
