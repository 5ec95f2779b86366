//! The few statements that are of one database alone: how it is opened, how a transaction begins, how tenants are kept apart.

pub mod postgres;
pub mod sqlite;
