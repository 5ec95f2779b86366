//! JSON: the notebook's facts, its entries with every change, its photos.

use ayumi_protocol::{Change, NotebookId};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::app::error::Result;
use crate::app::handbook::Handbook;
use crate::app::view::EntryView;
use crate::model::kind::{Record, field_about_baby};
use crate::model::kinds::Photo;
use crate::model::naming::EntryKey;
use crate::store::changes;

/// Says what the file is.
pub(crate) const FORMAT: &str = "ayumi-notebook";
/// Version of the form below; a reader refuses a greater one.
pub(crate) const VERSION: u64 = 1;

pub(super) fn write(handbook: &Handbook, notebook: NotebookId) -> Result<String> {
    let view = handbook.notebooks().find(notebook)?;
    let mut own = handbook.entries().show(EntryKey::profile(notebook))?;
    // After a loss the file holds nothing about the baby, in the history neither.
    let silent = view.hides_baby();
    if silent {
        own.fields.retain(|field, _| !field_about_baby(&own.kind, field));
    }
    let mut entries = vec![entry_json(handbook, &own, silent)?];
    let mut photos = Vec::new();
    for entry in handbook.entries().all(notebook)? {
        entries.push(entry_json(handbook, &entry, silent)?);
        if entry.kind == Photo::KIND.id
            && let Ok(data) = handbook.entries().photo(entry.name())
        {
            photos.push(json!({"id": entry.id, "jpeg": STANDARD.encode(data)}));
        }
    }
    let all = json!({
        "format": FORMAT,
        "version": VERSION,
        "exported_on": handbook.clock().today(),
        "notebook": {"id": notebook, "type": view.notebook_type.key(), "name": view.name},
        "entries": entries,
        "photos": photos,
    });
    // Maps with text keys always serialise.
    Ok(serde_json::to_string_pretty(&all).unwrap_or_default())
}

fn entry_json(handbook: &Handbook, entry: &EntryView, silent: bool) -> Result<Value> {
    let history = changes::of_entry(handbook.db().reader(), &entry.key())?;
    Ok(json!({
        "id": entry.id,
        "kind": entry.kind,
        "on": entry.on,
        "fields": entry.fields,
        "changes": history.iter().map(|change| change_json(change, silent)).collect::<Vec<_>>(),
    }))
}

fn change_json(change: &Change, silent: bool) -> Value {
    let mut body: Map<String, Value> = serde_json::from_str(&change.body()).unwrap_or_default();
    if silent {
        let parts = body.values_mut().filter_map(Value::as_object_mut);
        parts.for_each(|fields| fields.retain(|field, _| !field_about_baby(&change.kind, field)));
        let told = body.get_mut("h").and_then(Value::as_array_mut);
        let about_baby = |past: &Value| past["k"].as_str().is_some_and(|field| field_about_baby(&change.kind, field));
        told.into_iter().for_each(|told| told.retain(|past| !about_baby(past)));
    }
    // Nobody who reads a file has the archive.
    let told = body.get_mut("h").and_then(Value::as_array_mut);
    told.into_iter().flatten().filter_map(Value::as_object_mut).for_each(|past| _ = past.remove("o"));
    json!({"stamp": change.stamp, "body": body})
}
