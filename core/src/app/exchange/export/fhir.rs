//! FHIR R4: a document of what the notebook shows, for clinics and other programs.

use std::collections::BTreeMap;

use ayumi_protocol::{EntryId, NotebookId};
use serde_json::Value;
use uuid::Builder;

use crate::app::error::Result;
use crate::app::handbook::Handbook;
use crate::app::view::EntryView;
use crate::crypto;
use crate::fhir::FileEntry;
use crate::fhir::names::{in_file, references};
use crate::fhir::write::{Document, document, person_reference};
use crate::model::japan::in_japan;
use crate::model::kind::{Record, field_about_baby};
use crate::model::kinds::Photo;
use crate::model::naming::EntryKey;

pub(super) fn write(handbook: &Handbook, notebook: NotebookId) -> Result<String> {
    let view = handbook.notebooks().find(notebook)?;
    let mut own = handbook.entries().show(EntryKey::profile(notebook))?;
    if view.hides_baby() {
        own.fields.retain(|field, _| !field_about_baby(&own.kind, field));
    }
    let mut entries = Vec::new();
    let mut photos = BTreeMap::new();
    for entry in handbook.entries().all(notebook)? {
        if entry.kind == Photo::KIND.id
            && let Ok(data) = handbook.entries().photo(entry.name())
        {
            photos.insert(in_file(entry.id), data);
        }
        entries.push(for_file(entry));
    }
    let id = random_name()?;
    let all = document(&Document {
        id,
        person: random_name()?,
        written: in_japan(handbook.clock().now_ms()),
        locale: handbook.locale(),
        notebook: view.notebook_type,
        profile: &own.fields,
        entries: &entries,
        photos: &photos,
        next_doses: handbook.vaccines().recommendation(notebook, &person_reference(id))?,
    });
    // Maps with text keys always serialise.
    Ok(serde_json::to_string_pretty(&all).unwrap_or_default())
}

/// An entry under its name in files; what it points at, too.
fn for_file(entry: EntryView) -> FileEntry {
    let mut fields = entry.fields;
    for field in references(&entry.kind) {
        if let Some(id) = fields.get(field).and_then(Value::as_str).and_then(|id| id.parse::<EntryId>().ok()) {
            fields.insert(field.to_owned(), in_file(id).to_string().into());
        }
    }
    FileEntry { id: in_file(entry.id), kind: entry.kind, on: entry.on, fields }
}

/// A name that nothing else has, and that says nothing.
fn random_name() -> Result<EntryId> {
    Ok(EntryId::new(Builder::from_random_bytes(crypto::random()?).into_uuid()))
}
