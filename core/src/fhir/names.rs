//! How people and entries are called in FHIR files.
//!
//! A notebook's id and the ids of its entries never stand there: the server knows the first, and both would tie a file that a family
//! gave to a clinic to what lies sealed elsewhere. A person gets a new random name in each file; an entry gets one that follows
//! from its id and cannot be followed back, so that the same entry is known again.

use std::fmt;
use std::str::FromStr;

use ayumi_protocol::{EntryId, purpose};

use crate::crypto::{from_hex, sha256_hex};
use crate::model::field::FieldType;
use crate::model::kinds;

/// Says that an identifier is a person's name in one file. Made for this project, once, at random.
pub const PERSON: &str = "urn:uuid:3f5b1d0a-7a1e-4c8e-9d52-5f0e6a4b8c17";
/// Says that an identifier is an [`EntryTag`].
pub const ENTRY: &str = "urn:uuid:b8f0a0c6-2f44-4a0f-8a3c-0c9d7e51f6d2";
/// The code system of the form's options.
pub const OPTIONS: &str = "urn:uuid:6e2f6f3c-9c0b-4f0e-b1de-47a3a1c0d9e5";
/// The code system of vaccine products.
pub const PRODUCTS: &str = "urn:uuid:0d4c9a52-51b7-4d8f-8e6b-2b9f4f7c3a68";

/// An entry's id in files. One that came by a file keeps its name.
pub fn in_file(id: EntryId) -> EntryId {
    if is_name(id) {
        return id;
    }
    named(purpose::FHIR_ENTRY.as_bytes(), &[id.as_bytes()])
}

/// The fields of a kind that point at another entry: they are renamed with it.
pub fn references(kind: &str) -> impl Iterator<Item = &'static str> {
    let fields = kinds::find(kind).map_or(&[][..], |kind| kind.fields);
    fields.iter().filter(|field| field.field_type == FieldType::Reference).map(|field| field.key)
}

/// Names the resource with this number in a document.
pub fn resource(document: EntryId, number: u64) -> EntryId {
    named(purpose::FHIR_RESOURCE.as_bytes(), &[document.as_bytes(), &number.to_be_bytes()])
}

/// Whether an id is such a name: ids that devices make are of version 7.
fn is_name(id: EntryId) -> bool {
    let bytes = id.as_bytes();
    bytes[6] >> 4 == 8 && bytes[8] >> 6 == 2
}

/// A UUID of version 8 (RFC 9562, section 5.8) over the first bytes of a hash.
fn named(label: &[u8], parts: &[&[u8]]) -> EntryId {
    let hash: [u8; 32] = from_hex(&sha256_hex(&[label, &parts.concat()].concat())).unwrap_or_default();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    EntryId::new(uuid::Uuid::from_bytes(bytes))
}

/// What of an entry a resource holds: `KIND/ID` or `KIND/ID/FIELD`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryTag {
    /// Key of its kind.
    pub kind: String,
    /// Its id in files.
    pub id: EntryId,
    /// The one field that the resource holds, if it is one.
    pub field: Option<String>,
}

impl fmt::Display for EntryTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.id)?;
        self.field.iter().try_for_each(|field| write!(f, "/{field}"))
    }
}

/// The text is no tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoTag;

impl FromStr for EntryTag {
    type Err = NoTag;

    fn from_str(text: &str) -> Result<Self, NoTag> {
        let mut parts = text.splitn(3, '/');
        let (Some(kind), Some(id)) = (parts.next().filter(|kind| !kind.is_empty()), parts.next()) else {
            return Err(NoTag);
        };
        let field = parts.next().map(str::to_owned);
        Ok(Self { kind: kind.to_owned(), id: id.parse().map_err(|_| NoTag)?, field })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(byte: u8) -> EntryId {
        EntryId::from_slice(&[byte; 16]).unwrap()
    }

    #[test]
    fn a_file_names_an_entry_by_what_does_not_lead_back_to_it() {
        assert_eq!(in_file(id(1)), in_file(id(1)));
        assert_ne!(in_file(id(1)), in_file(id(2)));
        assert_ne!(in_file(id(1)), id(1));
        assert_eq!(in_file(in_file(id(1))), in_file(id(1)), "from device to device it keeps its name");
        assert_ne!(resource(id(1), 1), resource(id(2), 1));
        // printf 'ayumi fhir entry 1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1' | sha256sum, with the bits of version 8.
        assert_eq!(in_file(id(1)).to_string(), "51060220-c4ce-8549-83ab-2ff528b0a1cd");
    }

    #[test]
    fn a_tag_reads_as_it_is_written() {
        for field in [None, Some("weight"), Some("answer.a/b")] {
            let tag = EntryTag { kind: "growth".into(), id: id(3), field: field.map(str::to_owned) };
            assert_eq!(tag.to_string().parse(), Ok(tag));
        }
        for text in ["", "growth", "/x", "growth/", "growth/x/weight"] {
            assert_eq!(text.parse::<EntryTag>(), Err(NoTag), "{text}");
        }
    }
}
