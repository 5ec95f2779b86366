//! Phones and a municipality: what a family sees of sync. The municipality is the server's own code over a store in
//! memory (the third one under the contract of `tests/server`), without sockets.

mod hostile;
mod matrix;
mod members;
mod moving;
mod networks;
mod refusals;
mod snapshots;
mod two_phones;
