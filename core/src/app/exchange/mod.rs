//! Data in and out: export, import, a transfer file, the doctor.

pub mod doctor;
pub(in crate::app) mod export;
pub(in crate::app) mod import;
pub(in crate::app) mod moving;
