//! One entry of a JSON file: new, with more history, edited by hand, or there already.

use std::collections::{BTreeMap, BTreeSet};

use ayumi_protocol::{Change, EntryId, NotebookId, Past, Stamp};
use serde_json::Value;

use super::differing::{Differs, edit, judged};

use super::json_file::FileEntry;
use super::json_place::{Coming, Place};
use super::plan::{ImportPlan, Outcome};
use crate::app::error::{Error, Result};
use crate::app::handbook::Handbook;
use crate::app::records::entries::NewEntry;
use crate::app::view::EntryView;
use crate::model::judge::judge;
use crate::model::kind::{ON, Record};
use crate::model::kinds::Profile;
use crate::model::merge::versions;
use crate::model::naming::EntryKey;
use crate::model::past::as_history;
use crate::model::value::{FieldValue, Fields};
use crate::model::{Invalid, Reason, kinds};
use crate::store::{changes, entries};

/// How far a clock reading of a file may be ahead of this device's clock.
const AHEAD_MS: u64 = 5 * 60 * 1000;

/// Turns what cannot be taken into a row's outcome.
fn or_problem(outcome: Result<Outcome>) -> Result<Outcome> {
    match outcome {
        Err(Error::Invalid { why }) => Ok(Outcome::Problem(why)),
        other => other,
    }
}

/// Plans an entry.
pub(super) fn take(handbook: &Handbook, place: &Place, entry: &FileEntry, plan: &mut ImportPlan) -> Result<Outcome> {
    or_problem(checked(handbook, place, entry, plan))
}

fn checked(handbook: &Handbook, place: &Place, entry: &FileEntry, plan: &mut ImportPlan) -> Result<Outcome> {
    let key = entry.id.map(|id| place.key(entry, id));
    let fields = shown_by(entry)?;
    let told = key.as_ref().map(|key| read_changes(entry, key.id, place.view.id)).transpose()?.unwrap_or_default();
    let latest = handbook.clock().now_ms().saturating_add(AHEAD_MS);
    // A reading of a clock that ran ahead tells nothing.
    let history: Vec<Past> = as_history(&told).into_iter().filter(|past| past.stamp.hlc.millis() <= latest).collect();
    let known = match &key {
        Some(key) => entries::find(handbook.db().reader(), key)?,
        None => None,
    };
    if let (Some(known), Some(key)) = (known, &key) {
        return there(handbook, place, key, &known, Told { fields, changes: told, history }, plan);
    }
    if entry.kind == Profile::KIND.id {
        let id = place.view.id.into();
        let new = place.fresh(handbook, Coming { id, kind: &entry.kind, fields: &fields, history })?;
        return plan_one(plan, place, new, Outcome::Add);
    }
    let on = entry.on.ok_or_else(|| Invalid::new(ON.key, "", ON.field_type.allowed()).because(Reason::Missing))?;
    let new = NewEntry::checked(place.view.id, &entry.kind, on, &fields)?;
    handbook.entries().check_fields(&entry.kind, &new.fields, &place.view)?;
    // With a history it was asked where it was typed.
    if history.is_empty() {
        handbook.growth().ask_back(&place.view, &new)?;
    }
    let id = key.map_or_else(|| handbook.new_entry_id(), |key| Ok(key.id))?;
    let new = place.fresh(handbook, Coming { id, kind: &entry.kind, fields: &new.fields, history })?;
    plan_one(plan, place, new, Outcome::Add)
}

/// What a file tells of an entry.
struct Told {
    fields: Fields,
    changes: Vec<Change>,
    history: Vec<Past>,
}

/// An entry that is here: more of its history, other values that somebody wrote into the file, or neither.
fn there(
    handbook: &Handbook,
    place: &Place,
    key: &EntryKey,
    known: &EntryView,
    told: Told,
    plan: &mut ImportPlan,
) -> Result<Outcome> {
    let here = changes::of_entry(handbook.db().reader(), key)?;
    let here = as_history(&here);
    let here: BTreeSet<(Stamp, &str)> = here.iter().map(|past| (past.stamp, past.field.as_str())).collect();
    let new: Vec<Past> =
        told.history.into_iter().filter(|past| !here.contains(&(past.stamp, past.field.as_str()))).collect();
    // As long as the fields are what the file's own changes show, nobody edited them.
    let by_changes = versions(&told.changes).pop().map(|version| version.fields);
    let by_hand = by_changes.is_none_or(|shown| shown != told.fields);
    let outcome = match (by_hand, new.is_empty(), known.deleted) {
        (false, true, false) => Outcome::AlreadyThere,
        (false, false, _) => Outcome::Update,
        (false, true, true) | (true, ..) => match judged(handbook, known, &differing(known, &told.fields))? {
            Differs::Not if new.is_empty() => Outcome::AlreadyThere,
            Differs::Not => Outcome::Update,
            Differs::Cannot(why) => return Ok(Outcome::Problem(why)),
            Differs::Edited => {
                if let Some(change) = edit(handbook, known, &differing(known, &told.fields))? {
                    plan_one(plan, place, change, Outcome::Update)?;
                }
                Outcome::Update
            }
        },
    };
    if new.is_empty() {
        return Ok(outcome);
    }
    let coming = Coming { id: key.id, kind: &key.kind, fields: &Fields::new(), history: new };
    plan_one(plan, place, place.fresh(handbook, coming)?, Outcome::Update)
}

/// The fields of a file that the entry does not show so. A field that the file has not says nothing.
fn differing(known: &EntryView, fields: &Fields) -> Fields {
    let mut shown = known.fields.clone();
    shown.extend(known.on.map(|on| (ON.key.to_owned(), on.to_json())));
    let differs = |(key, value): &(&String, &Value)| shown.get(*key).unwrap_or(&Value::Null) != *value;
    fields.iter().filter(differs).map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Plans a change, if it may stand in the notebook.
pub(super) fn plan_one(plan: &mut ImportPlan, place: &Place, change: Change, outcome: Outcome) -> Result<Outcome> {
    judge(&change, place.view.notebook_type)?;
    plan.changes.push(change);
    Ok(outcome)
}

/// What an entry of a file shows: its fields in the form in which they are stored, its day among them.
fn shown_by(entry: &FileEntry) -> Result<Fields> {
    let kind = kinds::find(&entry.kind).ok_or_else(|| {
        Invalid::new("kind", &entry.kind, "a kind that this version knows").because(Reason::UnknownKind)
    })?;
    let mut fields = kind.validate(&entry.fields)?;
    fields.extend(entry.on.map(|on| (ON.key.to_owned(), on.to_json())));
    fields.retain(|_, value| !value.is_null());
    Ok(fields)
}

fn read_changes(entry: &FileEntry, id: EntryId, notebook: NotebookId) -> Result<Vec<Change>> {
    let mut all: BTreeMap<Stamp, Change> = BTreeMap::new();
    for change in &entry.changes {
        let body = serde_json::to_string(&change.body).unwrap_or_default();
        let mut read = Change::from_parts(id, notebook, &entry.kind, change.stamp, &body).map_err(|_| {
            Invalid::new("changes", &change.stamp.to_string(), "changes that Ayumi exported").because(Reason::NotAFile)
        })?;
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
