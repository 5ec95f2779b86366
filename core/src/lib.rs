//! The electronic maternal and child health handbook (電子母子健康手帳) as an app core.

pub mod app;
pub mod crypto;
pub mod growth;
pub mod model;
pub mod photo;
pub mod store;
pub mod texts;
