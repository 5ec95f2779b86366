//! What all resources of a document share: the document itself, and how they refer to each other.

use std::collections::BTreeMap;

use ayumi_protocol::EntryId;
use chrono::NaiveDateTime;
use serde_json::{Value, json};

use crate::fhir::FileEntry;
use crate::fhir::names::{self, EntryTag};
use crate::model::kind::About;
use crate::model::kinds;
use crate::model::notebook::NotebookType;
use crate::model::value::Fields;
use crate::texts::{self, Locale};

/// What becomes a document.
#[derive(Debug, Clone)]
pub struct Document<'a> {
    /// Its name: random, new each time.
    pub id: EntryId,
    /// The person's name in it: random, new each time.
    pub person: EntryId,
    /// When it is made, as a clock in Japan shows it.
    pub written: NaiveDateTime,
    /// The language of its words.
    pub locale: Locale,
    /// What the notebook is for.
    pub notebook: NotebookType,
    /// The notebook's own facts.
    pub profile: &'a Fields,
    /// Its entries, with their names in files.
    pub entries: &'a [FileEntry],
    /// Photos, by the names of their entries.
    pub photos: &'a BTreeMap<EntryId, Vec<u8>>,
    /// The next doses: an `ImmunizationRecommendation` for [`person_reference`].
    pub next_doses: Option<Value>,
}

/// Returns how the resources of a document refer to its person.
pub fn person_reference(document: EntryId) -> String {
    urn(names::resource(document, PERSON))
}

/// Numbers of the resources that are always there, or are pointed at.
pub(super) const COVER: u64 = 0;
pub(super) const DEVICE: u64 = 1;
pub(super) const PERSON: u64 = 2;
pub(super) const MOTHER: u64 = 3;
pub(super) const FIRST: u64 = 4;

pub(super) fn urn(id: EntryId) -> String {
    format!("urn:uuid:{id}")
}

pub(super) fn reference(document: &Document<'_>, number: u64) -> Value {
    json!({"reference": urn(names::resource(document.id, number))})
}

pub(super) fn say(document: &Document<'_>, key: &str) -> &'static str {
    texts::fhir(key, document.locale)
}

/// An identifier of what a resource holds of an entry.
pub(super) fn tag(entry: &FileEntry, field: Option<&str>) -> Value {
    let tag = EntryTag { kind: entry.kind.clone(), id: entry.id, field: field.map(str::to_owned) };
    json!({"system": names::ENTRY, "value": tag.to_string()})
}

/// Whom an entry is about: the person, or, in a child's notebook, perhaps the mother.
pub(super) fn subject(document: &Document<'_>, kind: &str) -> Value {
    let about = kinds::find(kind).map(|kind| kind.about_in(document.notebook));
    let mother = about == Some(About::Mother) && document.notebook == NotebookType::Child;
    reference(document, if mother { MOTHER } else { PERSON })
}
