//! JSON: our own export, with or without history.
//!
//! An entry comes in as it was shown, as this device's own; what its changes say is told as its history. So the same file
//! twice writes nothing twice, an older file never undoes a newer edit, and nobody's name stands under words that only a
//! file says they wrote. A notebook that this device does not have begins anew, with an id of its own.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ayumi_protocol::{Change, DeviceId, EntryId, NotebookId, Past, Stamp};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::plan::{Founded, ImportPlan, ImportRow, Outcome, RowFields};
use crate::app::error::Result;
use crate::app::exchange::export::{FORMAT, VERSION};
use crate::app::founding::found;
use crate::app::handbook::Handbook;
use crate::app::records::entries::{NewEntry, first_values};
use crate::crypto::sha256_hex;
use crate::model::judge::judge;
use crate::model::kind::{ON, Record};
use crate::model::kinds::{Photo, Profile};
use crate::model::merge::as_history;
use crate::model::naming::EntryKey;
use crate::model::notebook::NotebookType;
use crate::model::value::Fields;
use crate::model::{Invalid, kinds, limits};
use crate::store::{changes, entries};

/// How far a clock reading of a file may be ahead of this device's clock.
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
    let (place, founded) = place_of(handbook, &file)?;
    let mut plan = ImportPlan { notebook: Some(place.notebook), founded, ..ImportPlan::default() };
    begin_notebook(handbook, &file, &place, &mut plan)?;
    for (i, entry) in file.entries.iter().enumerate() {
        let outcome = take_entry(handbook, &place, entry, &mut plan)?;
        let (kind, on, fields) = (entry.kind.clone(), entry.on, RowFields::Own(entry.fields.clone()));
        plan.rows.push(ImportRow { row: i as u64 + 1, outcome, kind, on, fields });
    }
    take_photos(&file, place.notebook, &mut plan);
    Ok(plan)
}

/// Where the entries of a file go.
struct Place {
    notebook: NotebookId,
    /// What it is for.
    notebook_type: NotebookType,
    /// This device in its stamps.
    device: DeviceId,
    /// The notebook's id in the file.
    in_file: NotebookId,
}

impl Place {
    /// An entry's key here: a notebook's own facts carry the notebook's id.
    fn key(&self, entry: &FileEntry, in_file: EntryId) -> EntryKey {
        let own_facts = EntryKey::new(self.in_file, &entry.kind, in_file).is_profile();
        let id = if own_facts { self.notebook.into() } else { in_file };
        EntryKey::new(self.notebook, &entry.kind, id)
    }
}

/// The notebook of the file, the one that began anew from it, or a new one.
fn place_of(handbook: &Handbook, file: &File) -> Result<(Place, Option<Founded>)> {
    let mut db = handbook.db();
    let in_file = file.notebook.id;
    if let Some(notebook) = entries::notebook_or_its_heir(db.reader(), in_file)? {
        let device = db.device(notebook)?;
        drop(db);
        let notebook_type = handbook.notebooks().find(notebook)?.notebook_type;
        return Ok((Place { notebook, notebook_type, device, in_file }, None));
    }
    let (channel, founding) = found(&db.carer()?, file.notebook.notebook_type)?;
    let notebook_type = file.notebook.notebook_type;
    let place = Place { notebook: channel.notebook, notebook_type, device: channel.device, in_file };
    Ok((place, Some(Founded { channel, founding, former: in_file })))
}

/// If neither the device nor the file has the notebook's own facts, they begin here.
fn begin_notebook(handbook: &Handbook, file: &File, place: &Place, plan: &mut ImportPlan) -> Result<()> {
    let own = EntryKey::profile(place.notebook);
    let is_profile = |entry: &FileEntry| entry.id.map(|id| place.key(entry, id)) == Some(own.clone());
    if file.entries.iter().any(is_profile) || entries::find(handbook.db().reader(), &own)?.is_some() {
        return Ok(());
    }
    let profile = Profile {
        notebook_type: Some(file.notebook.notebook_type.key().into()),
        name: Some(file.notebook.name.clone()).filter(|name| !name.is_empty()),
        ..Profile::default()
    };
    let fields = Profile::KIND.validate(&profile.to_fields())?;
    plan.changes.push(fresh(handbook, place, own.id, Profile::KIND.id, &fields, Vec::new())?);
    Ok(())
}

/// A change of this device's that begins an entry, or tells its history.
fn fresh(
    handbook: &Handbook,
    place: &Place,
    entry: EntryId,
    kind: &str,
    fields: &Fields,
    history: Vec<Past>,
) -> Result<Change> {
    let stamp = Stamp { hlc: handbook.db().next_clock(handbook.clock().now_ms())?, device: place.device };
    let (notebook, kind, fields) = (place.notebook, kind.to_owned(), first_values(fields));
    Ok(Change { entry, notebook, kind, stamp, fields, deletes: None, history })
}

/// Plans a change, if it may stand in the notebook.
fn plan_one(plan: &mut ImportPlan, place: &Place, change: Change, outcome: Outcome) -> Outcome {
    match judge(&change, place.notebook_type) {
        Ok(()) => {
            plan.changes.push(change);
            outcome
        }
        Err(why) => Outcome::Problem(why),
    }
}

fn take_entry(handbook: &Handbook, place: &Place, entry: &FileEntry, plan: &mut ImportPlan) -> Result<Outcome> {
    let key = entry.id.map(|id| place.key(entry, id));
    let id = key.as_ref().map(|key| key.id);
    let known = match &key {
        Some(key) => changes::of_entry(handbook.db().reader(), key)?,
        None => Vec::new(),
    };
    let checked = match check_fields(entry) {
        Ok(fields) => fields,
        Err(why) => return Ok(Outcome::Problem(why)),
    };
    let latest = handbook.clock().now_ms().saturating_add(AHEAD_MS);
    let history = match id.map(|id| read_changes(entry, id, place.notebook)).transpose() {
        // A reading of a clock that ran ahead tells nothing.
        Ok(read) => as_history(&read.unwrap_or_default()).into_iter().filter(|past| past.stamp.hlc.millis() <= latest),
        Err(why) => return Ok(Outcome::Problem(why)),
    };
    let history: Vec<Past> = history.collect();
    if let Some(id) = id.filter(|_| !known.is_empty()) {
        let known = as_history(&known);
        let known: BTreeSet<(Stamp, &str)> = known.iter().map(|past| (past.stamp, past.field.as_str())).collect();
        let is_new = |past: &Past| !known.contains(&(past.stamp, &past.field));
        let new: Vec<Past> = history.into_iter().filter(is_new).collect();
        if new.is_empty() {
            return Ok(Outcome::AlreadyThere);
        }
        let change = fresh(handbook, place, id, &entry.kind, &Fields::new(), new)?;
        return Ok(plan_one(plan, place, change, Outcome::Update));
    }
    if entry.kind == Profile::KIND.id {
        let id = place.notebook.into();
        let change = fresh(handbook, place, id, &entry.kind, &checked, history)?;
        return Ok(plan_one(plan, place, change, Outcome::Add));
    }
    let Some(on) = entry.on else {
        return Ok(Outcome::Problem(Invalid::new("on", "", ON.field_type.allowed())));
    };
    match NewEntry::checked(place.notebook, &entry.kind, on, &checked) {
        Ok(new) => {
            // With a history it was asked where it was typed.
            if history.is_empty()
                && let Err(crate::app::error::Error::Invalid { why }) = handbook.growth().ask_back(&new)
            {
                return Ok(Outcome::Problem(why));
            }
            let id = id.map_or_else(|| handbook.new_entry_id(), Ok)?;
            let change = fresh(handbook, place, id, &entry.kind, &new.fields, history)?;
            Ok(plan_one(plan, place, change, Outcome::Add))
        }
        Err(crate::app::error::Error::Invalid { why }) => Ok(Outcome::Problem(why)),
        Err(error) => Err(error),
    }
}

fn check_fields(entry: &FileEntry) -> std::result::Result<Fields, Invalid> {
    match kinds::find(&entry.kind) {
        Some(kind) => kind.validate(&entry.fields),
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
            // What only a newer version knows is left out.
            read.fields.retain(|key, _| kind.field(key).is_some());
            read.history.retain(|past| kind.field(&past.field).is_some());
            for (key, field) in &mut read.fields {
                if let Some(def) = kind.field(key) {
                    field.value = def.validate(&field.value)?;
                }
            }
            for past in &mut read.history {
                if let Some(def) = kind.field(&past.field) {
                    past.value = def.validate(&past.value)?;
                }
            }
        }
        all.insert(read.stamp, read);
    }
    Ok(all.into_values().collect())
}

/// Photos whose entry is in the file and whose bytes are what the entry says.
fn take_photos(file: &File, notebook: NotebookId, plan: &mut ImportPlan) {
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
            plan.photos.push((EntryKey::new(notebook, Photo::KIND.id, photo.id), data, thumb));
        }
    }
}
