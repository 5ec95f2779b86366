//! What was read of a file: entries, and what is not taken.

use std::collections::BTreeSet;

use ayumi_protocol::EntryId;
use chrono::NaiveDate;

use crate::fhir::why::Why;
use crate::model::value::Fields;

/// An entry as a file says it.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// Place of its first resource in the file.
    pub place: u64,
    /// Its name in files, if it is one of ours.
    pub own: Option<EntryId>,
    /// Who made the card that it came in, if it came in one.
    pub card: Option<String>,
    /// Key of its kind.
    pub kind: String,
    /// The day it is about.
    pub on: Option<NaiveDate>,
    /// Its fields, not checked yet.
    pub fields: Fields,
    /// The picture of a photo.
    pub picture: Option<Vec<u8>>,
}

/// A resource that is not taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Left {
    /// Its place in the file.
    pub place: u64,
    /// What it is.
    pub resource: String,
    /// Why it is not taken.
    pub why: Why,
}

/// What a file holds for a notebook: each of its resources is in one of the two lists.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// Entries, in the order of the file.
    pub taken: Vec<Taken>,
    /// The rest.
    pub left: Vec<Left>,
    /// Elements of what is taken that a handbook has no place for: `TYPE.element`.
    pub unused: BTreeSet<String>,
}
