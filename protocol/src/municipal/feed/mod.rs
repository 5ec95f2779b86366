//! A municipality's feed: what it tells all families, signed, edition by edition.
//!
//! The ideas are TUF's (The Update Framework): an offline *root* of three keys names the online *feed key*, and the feed
//! key signs one *manifest* that names every file by its hash. `docs/municipal-feed.md` has the exact bytes.
//!
//! | module | idea |
//! |---|---|
//! | [`name`] | what a municipality is called here |
//! | [`signed`] | a JSON line and who signed it, byte for byte as served |
//! | [`root`] | a root statement: which keys there are, and until when |
//! | [`chain`] | which root statement may follow another one |
//! | [`manifest`] | an edition: which files there are |
//! | [`mod@file`] | a file of an edition: its path, length and hash |
//! | [`place`] | the order of editions, (key number, edition) |
//! | [`version`] | versions of clients |
//! | [`refusal`] | why something is not taken |
//! | [`limits`] | how big things may be, and how long they hold |
//!
//! Nothing here keeps a secret key: who signs passes a function that does. What a phone keeps and shows is decided in its
//! core, from these rules.

pub mod chain;
pub mod file;
pub mod limits;
pub mod manifest;
pub mod name;
pub mod place;
pub mod refusal;
pub mod root;
pub mod signed;
#[cfg(test)]
mod tests;
pub mod version;

pub use file::FeedFile;
pub use manifest::Manifest;
pub use name::MunicipalityName;
pub use place::Place;
pub use refusal::FeedRefusal;
pub use root::RootStatement;
pub use signed::Signed;
pub use version::ClientVersion;
