//! The answering side of the notebook channel, without sockets and without a database: which keys may append and read,
//! receipts, challenges and tokens. The municipal server puts it behind HTTPS over SQLite or PostgreSQL; a phone that
//! shows its handbook to another one puts it behind a local socket over memory. So both follow the same rules.
//!
//! | module | idea |
//! |---|---|
//! | [`log`] | what a store of logs must do: the contract that every store is tested against |
//! | [`author`] | what a store knows of an author |
//! | [`beginning`] | whether a notebook may begin |
//! | [`chunks`] | how much of what lies in chunks goes into one reply |
//! | [`gone`] | when a notebook goes, and what a store remembers of it |
//! | [`memory`] | a store in memory |
//! | [`signer`] | the store's key: receipts, challenges, tokens |
//! | [`answer`] | one request, one reply |

pub mod answer;
pub mod author;
pub mod beginning;
pub mod chunks;
pub mod gone;
pub mod log;
pub mod memory;
pub mod signer;
