//! One file per command: call the core, print the answer.

pub(crate) mod agenda;
pub(crate) mod ask;
pub(crate) mod check;
pub(crate) mod conflict;
pub(crate) mod content;
pub(crate) mod doctor;
pub(crate) mod entry;
pub(crate) mod export;
pub(crate) mod growth;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod member;
pub(crate) mod moving;
pub(crate) mod nearby;
pub(crate) mod notebook;
pub(crate) mod recovery;
pub(crate) mod serve;
pub(crate) mod sync;
pub(crate) mod vaccine;
