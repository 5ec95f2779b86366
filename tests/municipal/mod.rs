//! A municipality's feed from its office to phones, over real sockets.

mod caches;
mod families;
mod office;
mod refusals;
mod town;
