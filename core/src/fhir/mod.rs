//! FHIR R4: a handbook as a document of resources, and resources of others as entries. Pure: bytes and values in, values out.
//!
//! What FHIR has a resource for stands in that resource ([`mod@write`]): `Patient`, `Observation`, `Immunization`, `Media`. Every other
//! answer of the form is an item of a `QuestionnaireResponse`. All resources of one entry carry its name ([`names`]), and reading
//! puts them together again ([`mod@read`]). What is read and not taken is named with a reason ([`why`]).
//!
//! The shape follows JP Core where it says something of what is written here ([`codes`]); it is not validated against JP Core, whose
//! packages cannot be had offline, and declares no profile. Base R4 is held by HAPI in the tests.
//!
//! LOINC codes are © Regenstrief Institute, Inc. and the LOINC Committee, available at no cost under <http://loinc.org/license>. Codes
//! and categories of body measurements are © MEDIS-DC.

pub mod card;
pub mod codes;
pub mod names;
pub mod open;
pub mod read;
pub mod when;
pub mod why;
pub mod write;

use ayumi_protocol::EntryId;
use chrono::NaiveDate;

use crate::model::value::Fields;

/// An entry as a file names it.
#[derive(Debug, Clone, PartialEq)]
pub struct FileEntry {
    /// Its id in files; never the one of the notebook log.
    pub id: EntryId,
    /// Key of its kind.
    pub kind: String,
    /// The day it is about.
    pub on: Option<NaiveDate>,
    /// Its fields, without the day.
    pub fields: Fields,
}
