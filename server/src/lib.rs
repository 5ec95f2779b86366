//! The municipal server. It orders and stores what devices send, and can read nothing of it. [`ayumi_channel`]
//! decides which requests are allowed; here are databases and sockets.
//!
//! | module | idea |
//! |---|---|
//! | `chains` | a cache of control chains |
//! | [`clock`] | a machine whose clock was set back |
//! | [`feed`] | a municipality's feed: its keys, its folder, what is served of it |
//! | [`gone_list`] | what was closed or forgotten, outside of the store |
//! | [`keys`] | where the store's signing key lies |
//! | [`sqlite`] | SQLite: one writer that commits all waiting jobs together |
//! | [`postgres`] | PostgreSQL: waiting jobs in one transaction, many processes as one |
//! | [`http`] | the notebook channel, limits, metrics, TLS |
//! | [`municipal`] | the databases of the municipality's side, apart from all of the above |

mod chains;
pub mod clock;
pub mod feed;
pub mod gone_list;
pub mod http;
pub mod keys;
pub mod municipal;
pub mod postgres;
pub mod sqlite;
pub use ayumi_channel::{author, beginning, chunks, gone, log, signer};
