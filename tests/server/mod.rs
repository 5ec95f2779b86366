//! The contract of a store of logs, run against every store there is. Phones are played with the core's own keys and
//! seals.

/// Every rule for every store.
macro_rules! contract {
    ($($rule:ident),* $(,)?) => {
        mod sqlite {
            $(#[test] fn $rule() { super::$rule::<super::Sqlite>(); })*
        }
        mod postgres {
            $(#[test] fn $rule() { super::$rule::<super::Postgres>(); })*
        }
        mod memory {
            $(#[test] fn $rule() { super::$rule::<super::Memory>(); })*
        }
    };
}

mod admission;
mod blobs;
mod chains;
mod contract;
mod database;
mod erasing;
mod family;
mod floors;
mod gone;
mod http;
mod keys;
mod receipts;
mod releases;
mod store;
mod tickets;
mod two_tongues;
