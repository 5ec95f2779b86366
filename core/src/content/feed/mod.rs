//! A municipality's feed on a phone: verify what came, pin what was seen, roll over to the next keys and editions. Pure: the
//! wire, the clock and the file are the caller's.
//!
//! | module | idea |
//! |---|---|
//! | [`pinned`] | what a phone keeps of a municipality, and what another place told it |
//! | [`first`] | a first meeting by an address alone |
//! | [`clock`] | the phone's time, and whether it can be right |
//! | [`check`] | a manifest that came beside what is pinned: unchanged, to be taken, stale or refused |
//! | [`take`] | the files of an edition: all of them, or none |
//! | [`packs`] | the content packs of an edition, as one |
//! | [`outcome`] | what to say of it, in words |
//! | [`client`] | what an older client may still do |
//!
//! The forms and rules are the protocol's (`protocol/src/municipal/feed`); the page is `docs/municipal-feed.md`. Whatever is
//! refused, what is pinned stays and is shown; the next higher good manifest is taken.

pub mod check;
pub mod client;
pub mod clock;
pub mod first;
pub mod outcome;
pub mod packs;
pub mod pinned;
pub mod take;
#[cfg(test)]
mod tests;
