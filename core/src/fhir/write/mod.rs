//! A handbook as a FHIR document: a bundle whose first resource is its cover page.

mod answers;
mod observation;
mod person;
mod shared;
mod vaccination;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use shared::{COVER, DEVICE, FIRST, MOTHER, PERSON, reference, say, tag, urn};
pub use shared::{Document, person_reference};

use super::FileEntry;
use super::codes::{IMMUNISATIONS_SECTION, LOINC, VITAL_SIGNS_SECTION};
use super::names;
use super::when;
use crate::model::kind::{ON, Record};
use crate::model::kinds::{self, Immunisation, Photo, Temperature};
use crate::model::notebook::NotebookType;
use crate::model::value::Fields;
use crate::texts::{self, Locale};

/// Where a resource is listed on the cover page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Section {
    Growth,
    Immunisations,
    Next,
    Photos,
    Records,
}

impl Section {
    const fn words(self) -> &'static str {
        match self {
            Self::Growth => "section.growth",
            Self::Immunisations => "section.immunisations",
            Self::Next => "section.next",
            Self::Photos => "section.photos",
            Self::Records => "section.records",
        }
    }

    const fn loinc(self) -> Option<&'static str> {
        match self {
            Self::Growth => Some(VITAL_SIGNS_SECTION),
            Self::Immunisations => Some(IMMUNISATIONS_SECTION),
            Self::Next | Self::Photos | Self::Records => None,
        }
    }
}

/// Makes the document.
pub fn document(document: &Document<'_>) -> Value {
    let mut listed: Vec<(Section, Value)> = Vec::new();
    let own = FileEntry {
        id: document.person,
        kind: kinds::Profile::KIND.id.to_owned(),
        on: None,
        fields: person::rest(document),
    };
    listed.push((Section::Records, answers::response(document, &own, own.fields.clone())));
    for entry in document.entries {
        resources(document, entry, &mut listed);
    }
    listed.extend(document.next_doses.clone().map(|next| (Section::Next, next)));
    let of_mother = reference(document, MOTHER);
    let mother = listed.iter().any(|(_, resource)| resource["subject"] == of_mother);
    let mut sections: BTreeMap<Section, Vec<Value>> = BTreeMap::new();
    let mut entries = Vec::with_capacity(listed.len() + 4);
    for (number, (section, resource)) in (FIRST..).zip(listed) {
        sections.entry(section).or_default().push(reference(document, number));
        entries.push(full(document, number, resource));
    }
    let mut frame = vec![
        full(document, COVER, cover(document, sections)),
        full(document, DEVICE, device()),
        full(document, PERSON, person::patient(document)),
    ];
    if mother {
        frame.push(full(document, MOTHER, person::mother(document)));
    }
    frame.extend(entries);
    json!({
        "resourceType": "Bundle",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": urn(document.id)},
        "type": "document",
        "timestamp": when::write(document.written),
        "entry": frame,
    })
}

fn full(document: &Document<'_>, number: u64, resource: Value) -> Value {
    json!({"fullUrl": urn(names::resource(document.id, number)), "resource": resource})
}

fn cover(document: &Document<'_>, sections: BTreeMap<Section, Vec<Value>>) -> Value {
    let title = texts::booklet("title", document.locale);
    let section = |(section, entries): (Section, Vec<Value>)| {
        let mut one = json!({"title": say(document, section.words()), "entry": entries});
        if let Some(code) = section.loinc() {
            one["code"] = json!({"coding": [{"system": LOINC, "code": code}]});
        }
        one
    };
    json!({
        "resourceType": "Composition",
        "language": if document.locale == Locale::En { "en" } else { "ja" },
        "text": {
            "status": "generated",
            "div": format!("<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>{}</p></div>", say(document, "about")),
        },
        "status": "final",
        "type": {"text": title},
        "subject": reference(document, PERSON),
        "date": when::write(document.written),
        "author": [reference(document, DEVICE)],
        "title": title,
        "section": sections.into_iter().map(section).collect::<Vec<_>>(),
    })
}

fn device() -> Value {
    json!({
        "resourceType": "Device",
        "status": "active",
        "deviceName": [{"name": "Ayumi", "type": "user-friendly-name"}],
        "version": [{"value": env!("CARGO_PKG_VERSION")}],
    })
}

/// The resources of an entry: those that FHIR has for a part of it, and its other answers.
fn resources(document: &Document<'_>, entry: &FileEntry, listed: &mut Vec<(Section, Value)>) {
    let mut rest = entry.fields.clone();
    rest.retain(|key, value| key != ON.key && !value.is_null());
    let before = listed.len();
    if let Some(on) = entry.on {
        match entry.kind.as_str() {
            id if id == Immunisation::KIND.id => {
                let given = vaccination::immunization(document, entry, on, &mut rest);
                listed.push((Section::Immunisations, given));
            }
            id if id == Temperature::KIND.id => {
                let read = observation::temperature(document, entry, on, &mut rest);
                listed.extend(read.map(|read| (Section::Growth, read)));
            }
            id if id == Photo::KIND.id => {
                listed.extend(media(document, entry, &mut rest).map(|photo| (Section::Photos, photo)));
            }
            _ if document.notebook == NotebookType::Child => {
                let measured = observation::measurements(document, entry, on, &mut rest);
                listed.extend(measured.into_iter().map(|one| (Section::Growth, one)));
            }
            _ => {}
        }
    }
    // The day must stand somewhere: an observation may be of another one.
    let day =
        listed[before..].iter().any(|(_, resource)| entry.on.is_some_and(|on| tells_day(resource, &on.to_string())));
    if !rest.is_empty() || !day {
        listed.push((Section::Records, answers::response(document, entry, rest)));
    }
}

fn tells_day(resource: &Value, day: &str) -> bool {
    ["occurrenceDateTime", "effectiveDateTime", "createdDateTime"]
        .iter()
        .filter_map(|key| resource[key].as_str())
        .any(|told| told.starts_with(day))
}

/// A photo whose picture is here.
fn media(document: &Document<'_>, entry: &FileEntry, rest: &mut Fields) -> Option<Value> {
    let picture = document.photos.get(&entry.id)?;
    let mut media = json!({
        "resourceType": "Media",
        "identifier": [tag(entry, None)],
        "status": "completed",
        "subject": reference(document, PERSON),
        "createdDateTime": entry.on.map(|on| on.to_string()),
        "content": {"contentType": "image/jpeg", "data": STANDARD.encode(picture)},
    });
    for side in ["width", "height"] {
        if let Some(pixels) = rest.remove(side) {
            media[side] = pixels;
        }
    }
    if let Some(caption) = rest.remove("caption") {
        media["note"] = json!([{"text": caption}]);
    }
    Some(media)
}
