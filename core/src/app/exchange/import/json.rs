//! JSON: our own export, with or without history.
//!
//! With history the changes themselves come in: the same file twice writes nothing twice, and an older file never
//! undoes a newer edit. Stamps of a clock that runs ahead are not taken over; such an entry comes in as it was shown.

use std::collections::{BTreeMap, HashMap};

use ayumi_protocol::{Change, EntryId, NotebookId, Stamp};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::plan::{ImportPlan, ImportRow, Outcome, RowFields};
use crate::app::error::Result;
use crate::app::exchange::export::{FORMAT, VERSION};
use crate::app::handbook::Handbook;
use crate::app::records::entries::{NewEntry, first_values};
use crate::crypto::sha256_hex;
use crate::model::kind::{ON, Record};
use crate::model::kinds::{Photo, Profile};
use crate::model::notebook::NotebookType;
use crate::model::value::Fields;
use crate::model::{Invalid, kinds, limits};
use crate::store::{changes, entries};

/// How far a stamp may be ahead of this device's clock, as servers allow (docs/protocol.md).
const AHEAD_MS: u64 = 5 * 60 * 1000;

#[derive(Deserialize)]
struct File {
    format: String,
    version: u64,
    notebook: FileNotebook,
    #[serde(default)]
    entries: Vec<FileEntry>,
    #[serde(default)]
    photos: Vec<FilePhoto>,
}

#[derive(Deserialize)]
struct FileNotebook {
    id: NotebookId,
    #[serde(rename = "type")]
    notebook_type: NotebookType,
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct FileEntry {
    id: Option<EntryId>,
    kind: String,
    on: Option<NaiveDate>,
    #[serde(default)]
    fields: Fields,
    #[serde(default)]
    changes: Vec<FileChange>,
}

#[derive(Deserialize)]
struct FileChange {
    stamp: Stamp,
    body: Map<String, Value>,
}

#[derive(Deserialize)]
struct FilePhoto {
    id: EntryId,
    jpeg: String,
}

pub(super) fn plan(handbook: &Handbook, text: &str) -> Result<ImportPlan> {
    let file: File = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
        // Line and column help; the words of the parser may repeat what the family wrote.
        let place = format!("line {}, column {}", error.line(), error.column());
        Invalid::new("file", &place, "a JSON file that Ayumi exported")
    })?;
    if file.format != FORMAT {
        return Err(Invalid::new("format", &file.format, FORMAT).into());
    }
    if file.version > VERSION {
        return Err(
            Invalid::new("version", &file.version.to_string(), format!("up to {VERSION}; please update")).into()
        );
    }
    let mut plan = ImportPlan { notebook: Some(file.notebook.id), ..ImportPlan::default() };
    begin_notebook(handbook, &file, &mut plan)?;
    for (i, entry) in file.entries.iter().enumerate() {
        let outcome = take_entry(handbook, file.notebook.id, entry, &mut plan)?;
        let (kind, on, fields) = (entry.kind.clone(), entry.on, RowFields::Own(entry.fields.clone()));
        plan.rows.push(ImportRow { row: i as u64 + 1, outcome, kind, on, fields });
    }
    take_photos(&file, &mut plan);
    Ok(plan)
}

/// If neither the device nor the file has the notebook's own facts, they begin here.
fn begin_notebook(handbook: &Handbook, file: &File, plan: &mut ImportPlan) -> Result<()> {
    let own = EntryId::from(file.notebook.id);
    let has_profile = file.entries.iter().any(|entry| entry.id == Some(own) && entry.kind == Profile::KIND.id);
    if has_profile || entries::find(handbook.db().reader(), own)?.is_some() {
        return Ok(());
    }
    let profile = Profile {
        notebook_type: Some(file.notebook.notebook_type.key().into()),
        name: Some(file.notebook.name.clone()).filter(|name| !name.is_empty()),
        ..Profile::default()
    };
    let fields = Profile::KIND.validate(&profile.to_fields())?;
    plan.changes.push(fresh(handbook, own, file.notebook.id, Profile::KIND.id, &fields)?);
    Ok(())
}

fn fresh(handbook: &Handbook, entry: EntryId, notebook: NotebookId, kind: &str, fields: &Fields) -> Result<Change> {
    let stamp = handbook.db().next_stamp(handbook.clock().now_ms())?;
    Ok(Change { entry, notebook, kind: kind.to_owned(), stamp, fields: first_values(fields), deletes: None })
}

fn take_entry(handbook: &Handbook, notebook: NotebookId, entry: &FileEntry, plan: &mut ImportPlan) -> Result<Outcome> {
    let existing = match entry.id {
        Some(id) => entries::find(handbook.db().reader(), id)?,
        None => None,
    };
    if let Some(found) = &existing
        && (found.notebook != notebook || found.kind != entry.kind)
    {
        let allowed = "an id that no other entry has";
        return Ok(Outcome::Problem(Invalid::new("id", &found.id.to_string(), allowed)));
    }
    let checked = match check_fields(entry) {
        Ok(fields) => fields,
        Err(why) => return Ok(Outcome::Problem(why)),
    };
    let latest = handbook.clock().now_ms() + AHEAD_MS;
    let in_time = entry.changes.iter().all(|change| change.stamp.hlc.millis() <= latest);
    if let (Some(id), true) = (entry.id, in_time && !entry.changes.is_empty()) {
        let read = match read_changes(entry, id, notebook) {
            Ok(read) => read,
            Err(why) => return Ok(Outcome::Problem(why)),
        };
        let known = changes::of_entry(handbook.db().reader(), id)?;
        let new: Vec<Change> =
            read.into_iter().filter(|change| !known.iter().any(|k| k.stamp == change.stamp)).collect();
        let outcome = match (new.is_empty(), known.is_empty()) {
            (true, _) => Outcome::AlreadyThere,
            (false, true) => Outcome::Add,
            (false, false) => Outcome::Update,
        };
        plan.changes.extend(new);
        return Ok(outcome);
    }
    if existing.is_some() {
        return Ok(Outcome::AlreadyThere);
    }
    if entry.kind == Profile::KIND.id {
        plan.changes.push(fresh(handbook, notebook.into(), notebook, Profile::KIND.id, &checked)?);
        return Ok(Outcome::Add);
    }
    let Some(on) = entry.on else {
        return Ok(Outcome::Problem(Invalid::new("on", "", ON.field_type.allowed())));
    };
    match NewEntry::checked(notebook, &entry.kind, on, &checked) {
        Ok(new) => {
            let id = entry.id.map_or_else(|| handbook.new_entry_id(), Ok)?;
            plan.changes.push(fresh(handbook, id, notebook, &entry.kind, &new.fields)?);
            Ok(Outcome::Add)
        }
        Err(crate::app::error::Error::Invalid { why }) => Ok(Outcome::Problem(why)),
        Err(error) => Err(error),
    }
}

/// Fields of a known kind are checked; a kind of a newer version is kept as it is.
fn check_fields(entry: &FileEntry) -> std::result::Result<Fields, Invalid> {
    match kinds::find(&entry.kind) {
        Some(kind) => kind.validate(&entry.fields),
        None if !entry.changes.is_empty() => Ok(entry.fields.clone()),
        None => Err(Invalid::new("kind", &entry.kind, "a kind that this version knows")),
    }
}

fn read_changes(entry: &FileEntry, id: EntryId, notebook: NotebookId) -> std::result::Result<Vec<Change>, Invalid> {
    let mut all: BTreeMap<Stamp, Change> = BTreeMap::new();
    for change in &entry.changes {
        let body = serde_json::to_string(&change.body).unwrap_or_default();
        let mut read = Change::from_parts(id, notebook, &entry.kind, change.stamp, &body)
            .map_err(|_| Invalid::new("changes", &change.stamp.to_string(), "changes that Ayumi exported"))?;
        if let Some(kind) = kinds::find(&entry.kind) {
            for (key, field) in &mut read.fields {
                // A field of a newer version is kept as it is.
                if let Some(def) = kind.field(key) {
                    field.value = def.validate(&field.value)?;
                }
            }
        }
        all.insert(read.stamp, read);
    }
    Ok(all.into_values().collect())
}

/// Photos whose entry is in the file and whose bytes are what the entry says.
fn take_photos(file: &File, plan: &mut ImportPlan) {
    let sums: HashMap<EntryId, &str> = file
        .entries
        .iter()
        .filter(|entry| entry.kind == Photo::KIND.id)
        .filter_map(|entry| Some((entry.id?, entry.fields.get("sha256").and_then(Value::as_str)?)))
        .collect();
    for photo in &file.photos {
        let Some(sum) = sums.get(&photo.id) else { continue };
        let Ok(data) = STANDARD.decode(&photo.jpeg) else { continue };
        if data.len() > limits::PHOTO_BYTES || sha256_hex(&data) != *sum {
            continue;
        }
        if let Ok(thumb) = crate::photo::thumbnail_of(&data) {
            plan.photos.push((photo.id, data, thumb));
        }
    }
}
