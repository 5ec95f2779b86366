//! The contract of a store of logs, run against every store there is. Phones are played with the core's own keys and
//! seals.

mod admission;
mod contract;
mod database;
mod family;
mod floors;
mod http;
mod keys;
mod store;
