//! Phones and a municipality: what a family sees of sync. The municipality is the server's own code over a store in
//! memory (the third one under the contract of `tests/server`), without sockets.

mod absent;
mod anew;
mod archived;
mod beside;
mod clocks;
mod closing;
mod code_table;
mod confirmation;
mod drawers;
mod ends;
mod erasing;
pub(crate) mod false_server;
mod fast_lane;
mod hostile;
mod judging;
mod kept_log;
mod lying_keys;
pub(crate) mod matrix;
mod members;
mod moving;
mod networks;
mod odd_words;
pub(crate) mod patched;
mod persons;
mod pictures;
mod refusals;
mod rekey;
mod servers;
mod traffic;
mod truncation;
mod two_chains;
mod two_phones;
mod two_tongues;
mod used_codes;
mod worlds;
