//! What we wrote ourselves: resources that carry an entry's tag, each a part of it.

use std::collections::HashSet;

use ayumi_protocol::EntryId;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::NaiveDate;
use serde_json::Value;

use super::answers;
use super::observation::amount;
use super::types::{self, Concept, Note, elements};
use crate::fhir::codes::CVX;
use crate::fhir::names::{self, EntryTag};
use crate::fhir::open::Resource;
use crate::fhir::when;
use crate::fhir::why::Why;
use crate::model::kind::Record;
use crate::model::kinds::{self, Immunisation, Photo, Profile, Temperature};
use crate::model::notebook::NotebookType;
use crate::model::value::{FieldValue, Fields};

/// A part of an entry.
pub(super) struct Part {
    pub tag: EntryTag,
    pub on: Option<NaiveDate>,
    pub fields: Fields,
    pub picture: Option<Vec<u8>>,
}

/// What a file that we wrote says of its notebook.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnFile {
    /// The person's name in the file.
    pub person: EntryId,
    /// What the notebook is for.
    pub notebook: NotebookType,
    /// The notebook's own facts, not checked yet.
    pub profile: Fields,
}

/// Returns what a file says of its notebook, if we wrote it.
pub fn own(all: &[Resource]) -> Option<OwnFile> {
    let facts = |one: &&Resource| tag(one).is_some_and(|tag| tag.kind == Profile::KIND.id);
    let mut parts = all.iter().filter(facts).filter_map(part).filter_map(Result::ok);
    let first = parts.next()?;
    let person = first.tag.id;
    let mut profile = first.fields;
    parts.filter(|part| part.tag.id == person).for_each(|part| profile.extend(part.fields));
    let notebook = Profile::from_fields(&profile).kind()?;
    Some(OwnFile { person, notebook, profile })
}

/// Returns the names of the entries in a file that are ours.
pub fn entries(all: &[Resource]) -> HashSet<EntryId> {
    let tags = all.iter().filter_map(tag).filter(|tag| tag.kind != Profile::KIND.id);
    tags.map(|tag| tag.id).collect()
}

/// Reads a part of an entry; `None` if the resource is none of ours.
pub(super) fn part(resource: &Resource) -> Option<Result<Part, Why>> {
    let tag = tag(resource)?;
    Some(match resource.kind.as_str() {
        "Patient" => patient(resource, tag),
        "Observation" => observation(resource, tag),
        "Immunization" => immunization(resource, tag),
        "Media" => media(resource, tag),
        "QuestionnaireResponse" => response(resource, tag),
        _ => Err(Why::Unreadable),
    })
}

/// Its tag: of a patient, the name of the person as that of the notebook's own facts.
fn tag(resource: &Resource) -> Option<EntryTag> {
    let identifier = resource.body.get("identifier")?;
    let all = identifier.as_array().map_or(std::slice::from_ref(identifier), Vec::as_slice);
    let value = |system: &str| {
        all.iter().find(|one| one["system"].as_str() == Some(system)).and_then(|one| one["value"].as_str())
    };
    if resource.kind == "Patient" {
        let id = value(names::PERSON)?.parse().ok()?;
        return Some(EntryTag { kind: Profile::KIND.id.to_owned(), id, field: None });
    }
    value(names::ENTRY)?.parse().ok()
}

fn patient(resource: &Resource, tag: EntryTag) -> Result<Part, Why> {
    let read: types::Patient = elements(resource)?;
    let mut fields = Fields::new();
    let mut put = |key: &str, text: &str| {
        if !text.is_empty() {
            fields.insert(key.to_owned(), text.into());
        }
    };
    put("name", read.name.first().map_or("", |name| &name.text));
    put("sex", if read.gender == "unknown" { "unspecified" } else { &read.gender });
    put("born", &read.birth_date);
    Ok(Part { tag, on: None, fields, picture: None })
}

fn observation(resource: &Resource, tag: EntryTag) -> Result<Part, Why> {
    let read: types::Observation = elements(resource)?;
    if read.status != "final" {
        return Err(Why::NotFinal);
    }
    let kind = kinds::find(&tag.kind).ok_or(Why::Unreadable)?;
    let field = tag.field.as_deref().and_then(|field| kind.field(field)).ok_or(Why::Unreadable)?;
    let value = amount(read.value_quantity.as_ref().ok_or(Why::NoValue)?, field)?;
    // Whole numbers are kept as such.
    let whole = value.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < 1e9).map(|number| number as i64);
    let value = match (field.field_type, whole) {
        (crate::model::field::FieldType::Integer { .. }, Some(whole)) => whole.into(),
        _ => value,
    };
    let at = when::read(&read.effective_date_time).ok_or(Why::NoDay)?;
    let mut fields = Fields::from([(field.key.to_owned(), value)]);
    // A measurement with a day of its own says nothing about the entry's.
    let on = field.measured.is_none_or(|measured| measured.day.is_none()).then_some(at.day);
    if kind.id == Temperature::KIND.id {
        fields.extend(at.time.map(|time| ("at".to_owned(), time.to_json())));
        note(&read.note, "note", &mut fields);
    }
    Ok(Part { tag, on, fields, picture: None })
}

fn note(notes: &[Note], field: &str, fields: &mut Fields) {
    fields.extend(notes.first().map(|note| (field.to_owned(), Value::from(note.text.as_str()))));
}

fn immunization(resource: &Resource, tag: EntryTag) -> Result<Part, Why> {
    if tag.kind != Immunisation::KIND.id {
        return Err(Why::Unreadable);
    }
    let read: types::Immunization = elements(resource)?;
    if read.status != "completed" {
        return Err(Why::NotFinal);
    }
    let mut fields = Fields::new();
    let mut put = |key: &str, text: &str| {
        if !text.is_empty() {
            fields.insert(key.to_owned(), text.into());
        }
    };
    put("vaccine", product(&read.vaccine_code).unwrap_or_default());
    put("maker_lot", &read.lot_number);
    put("site_note", &read.site.text);
    put("doctor", read.performer.first().map_or("", |performer| &performer.actor.display));
    let dose = read.protocol_applied.first().and_then(|applied| applied.dose_number_positive_int);
    fields.extend(dose.map(|dose| ("dose_no".to_owned(), Value::from(dose))));
    note(&read.note, "remark", &mut fields);
    let on = when::read(&read.occurrence_date_time).ok_or(Why::NoDay)?.day;
    Ok(Part { tag, on: Some(on), fields, picture: None })
}

/// A code without ours beside it was put there by somebody else.
fn product(vaccine: &Concept) -> Option<&str> {
    vaccine.code(names::PRODUCTS).or_else(|| vaccine.code(CVX).and_then(crate::fhir::codes::product_of))
}

fn media(resource: &Resource, tag: EntryTag) -> Result<Part, Why> {
    if tag.kind != Photo::KIND.id {
        return Err(Why::Unreadable);
    }
    let read: types::Media = elements(resource)?;
    let mut fields = Fields::new();
    for (key, pixels) in [("width", read.width), ("height", read.height)] {
        fields.extend(pixels.map(|pixels| (key.to_owned(), Value::from(pixels))));
    }
    note(&read.note, "caption", &mut fields);
    let picture = STANDARD.decode(&read.content.data).map_err(|_| Why::Unreadable)?;
    let on = when::read(&read.created_date_time).map(|at| at.day);
    Ok(Part { tag, on, fields, picture: Some(picture) })
}

fn response(resource: &Resource, tag: EntryTag) -> Result<Part, Why> {
    let read: types::Response = elements(resource)?;
    let fields = answers::fields(&tag.kind, &read)?;
    let on = if read.authored.is_empty() { None } else { Some(when::read(&read.authored).ok_or(Why::NoDay)?.day) };
    Ok(Part { tag, on, fields, picture: None })
}
