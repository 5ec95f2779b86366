//! The electronic maternal and child health handbook (電子母子健康手帳) as an app core.
//!
//! A shell (an app on a phone, the desktop's `ayumi`) opens a [`app::Handbook`] and calls it; everything it does works
//! offline, at once, and is on the disk when the call returns. One direction, nothing points back:
//!
//! | module | idea |
//! |---|---|
//! | [`app`] | what a carer can do: the door for shells; begin here |
//! | [`store`] | one encrypted SQLite file: log, entries, search, photos, salvage |
//! | [`sync`] | transports, packing, verifying a log; trusts nothing the server says |
//! | [`checks`] | the self-check: bands, answers, the rule table; pure |
//! | [`vaccines`] | the next dose of every series, visits, FHIR; pure |
//! | [`agenda`] | windows of events, prenatal checks, reminders; pure |
//! | [`content`] | what the engines decide by: packs with sources |
//! | [`notices`] | which of a municipality's notices concern a household, and why; pure |
//! | [`leads`] | which answers and weights lead to a person; pure |
//! | [`fhir`] | a handbook as a FHIR document, and back; pure |
//! | [`growth`] | references, z-scores, charts, plain words; pure |
//! | [`texts`] | words from content files, in three languages |
//! | [`photo`] | a photo as it is kept: nothing but pixels |
//! | [`crypto`] | a safe door on ring |
//! | [`model`] | dates, values, kinds of entries, merge; pure |

/// Dates of the public door.
pub use chrono;

pub mod agenda;
pub mod app;
pub mod checks;
pub mod content;
pub mod crypto;
pub mod fhir;
#[cfg(feature = "uniffi")]
mod foreign;
pub mod furigana;
pub mod growth;
pub mod leads;
pub mod model;
pub mod notices;
mod packed;
pub mod photo;
pub mod store;
pub mod sync;
pub mod texts;
pub mod vaccines;

#[cfg(feature = "uniffi")]
uniffi::setup_scaffolding!();
