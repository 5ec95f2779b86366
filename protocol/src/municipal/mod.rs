//! What families and a municipality say to each other: JSON forms that both sides read alike, and the rules of them.

pub mod audit;
pub mod feed;
pub mod thread;
