//! What an entry was: versions, restoring, undo, conflicts and settling them.

use std::collections::BTreeMap;

use ayumi_protocol::accept::latest_reading;
use ayumi_protocol::control::State;
use ayumi_protocol::{Change, DeviceId, FieldChange, Hlc, NotebookId};
use serde_json::Value;

use super::{Action, Entries};
use crate::app::error::{Error, Result, Thing};
use crate::app::membership::{load, name_of, with_waiting};
use crate::app::view::{Conflict, ConflictValue, VersionView, time_of};
use crate::model::merge::{Head, Merged, Register, merge, versions, versions_proven};
use crate::model::naming::{EntryKey, EntryName};
use crate::model::past::{Version, claims};
use crate::store::{Db, archives, changes, channel, entries};

impl Entries {
    /// Brings back what an entry showed after a version, or, without one, a deleted entry as it was.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the entry or the version.
    pub fn restore(&self, entry: impl Into<EntryName>, version: Option<u32>) -> Result<()> {
        let entry = self.find(&entry.into())?;
        let history = self.versions(&entry.key())?;
        let wanted = match version {
            Some(wanted) => history.iter().enumerate().find(|(i, _)| number(*i) == wanted).map(|(_, version)| version),
            None => history.iter().rev().find(|version| !version.deleted),
        };
        let wanted = wanted.ok_or(Error::NotFound { what: Thing::Version })?;
        if wanted.deleted {
            return self.delete(entry.name());
        }
        if version.is_none() {
            return self.change_each(&entry.key(), |state, _| back(state));
        }
        self.change(&entry.key(), |state| {
            // A field that had no value then is cleared. One that shows it already is left alone: a conflict stays one.
            let mut fields = wanted.fields.clone();
            for key in state.registers.keys() {
                fields.entry(key.clone()).or_insert(Value::Null);
            }
            fields.retain(|key, value| state.registers.get(key).is_none_or(|register| register.shown() != value));
            let edit = state.edit(&fields);
            match (edit.is_empty(), state.deleted) {
                (true, true) => back(state).fields.pop().map(|again| (again, false)),
                (true, false) => None,
                (false, _) => Some((edit, false)),
            }
        })
    }

    /// Takes the last action on an entry back, and nothing else: an edit to what its author saw, a deletion to the entry, an
    /// addition to nothing (it is deleted, and can be restored). A conflict stays one; one that the last action settled is one
    /// again.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn undo(&self, entry: impl Into<EntryName>) -> Result<()> {
        let entry = self.find(&entry.into())?;
        // What is shown counts here, and not who wrote it.
        let history = versions(&changes::of_entry(self.handbook.db().reader(), &entry.key())?);
        if history.len() <= 1 {
            return self.delete(entry.name());
        }
        self.change_each(&entry.key(), |state, told| undone(state, told, &history))
    }

    fn versions(&self, entry: &EntryKey) -> Result<Vec<Version>> {
        let db = self.handbook.db();
        let changes = changes::of_entry(db.reader(), entry)?;
        let mut proven = claims(&changes);
        for mark in std::mem::take(&mut proven) {
            if archives::proves(db.reader(), entry.notebook, &mark)? {
                proven.insert(mark);
            }
        }
        Ok(versions_proven(&changes, &proven))
    }

    /// Returns the names of everybody who is or was a member, if somebody tells something that nothing proves.
    fn members_if_told(&self, notebook: NotebookId, versions: &[Version]) -> Result<BTreeMap<DeviceId, String>> {
        // Most often all that is shown was written here.
        let told = versions.iter().any(|version| version.told_by.is_some());
        let db = self.handbook.db();
        let channel = if told { channel::find(db.reader(), notebook)? } else { None };
        let Some(channel) = channel else { return Ok(BTreeMap::new()) };
        let reader = with_waiting(load(db.reader(), &channel)?, db.reader())?;
        let members = reader.state().into_iter().flat_map(State::present_and_past);
        Ok(members.map(|(id, holder)| (DeviceId::from(*id), name_of(&reader, holder))).collect())
    }

    /// Every version of an entry, oldest first.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn history(&self, entry: impl Into<EntryName>) -> Result<Vec<VersionView>> {
        let entry = self.find(&entry.into())?.key();
        let versions = self.versions(&entry)?;
        let members = self.members_if_told(entry.notebook, &versions)?;
        let name = |by: DeviceId| members.get(&by).filter(|name| !name.is_empty()).cloned().unwrap_or(by.to_string());
        // What a member wrote here stands in the log, and is told by nobody.
        let device = |version: &Version| match version.told_by {
            Some(by) if members.contains_key(&version.stamp.device) => by,
            _ => version.stamp.device,
        };
        let bound = clock_bound(&mut self.handbook.db(), self.handbook.clock().now_ms())?;
        let view = |(i, version): (usize, Version)| VersionView {
            ahead: version.stamp.hlc > bound,
            version: number(i),
            at: time_of(version.stamp),
            device: device(&version).to_string(),
            told_by: version.told_by.map(name),
            fields: version.fields,
            deleted: version.deleted,
        };
        Ok(versions.into_iter().enumerate().map(view).collect())
    }

    /// Fields of an entry that carers wrote differently without seeing each other's.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn conflicts_of(&self, entry: impl Into<EntryName>) -> Result<Vec<Conflict>> {
        let entry = self.find(&entry.into())?;
        let all = self.versions(&entry.key())?;
        let state = merge(&changes::of_entry(self.handbook.db().reader(), &entry.key())?);
        let is_written = |version: &Version, stamp| version.told_by.is_none() && version.stamp == stamp;
        let value = |head: &Head| ConflictValue {
            version: all.iter().position(|version| is_written(version, head.stamp)).map_or(0, number),
            value: head.value.clone(),
            at: time_of(head.stamp),
            device: head.stamp.device.to_string(),
        };
        let conflict = |(field, register): (&str, &Register)| Conflict {
            entry: entry.id,
            name: entry.name(),
            field: field.to_owned(),
            values: register.heads().iter().map(value).collect(),
        };
        Ok(state.conflicts().map(conflict).collect())
    }

    /// All fields in conflict, of all notebooks.
    ///
    /// # Errors
    /// Any [store error](crate::app::Error#store-errors).
    pub fn conflicts(&self) -> Result<Vec<Conflict>> {
        let entries = entries::in_conflict(self.handbook.db().reader())?;
        let mut all = Vec::new();
        for entry in entries {
            all.extend(self.conflicts_of(entry.name())?);
        }
        Ok(all)
    }

    /// Settles a conflict with the value of a version.
    ///
    /// # Errors
    /// [`Error::NotFound`] if that version wrote none of the values in conflict.
    pub fn settle(&self, entry: impl Into<EntryName>, field: &str, version: u32) -> Result<()> {
        let entry = self.find(&entry.into())?;
        let conflict = self.conflicts_of(entry.name())?.into_iter().find(|conflict| conflict.field == field);
        let value = conflict
            .and_then(|conflict| conflict.values.into_iter().find(|value| value.version == version))
            .ok_or(Error::NotFound { what: Thing::Version })?
            .value;
        self.write_fields(&entry.key(), &[(field.to_owned(), value)].into())
    }
}

/// The greatest clock reading that a server would take now, as far as this device knows. What is above is shown with a mark.
fn clock_bound(db: &mut Db, now_ms: u64) -> Result<Hlc> {
    Ok(latest_reading(db.corrected(now_ms)?, Hlc::default()))
}

/// Brings a deleted entry back as it is: one value is written once more, which no deletion covers. Values in conflict with it stay.
fn back(state: &Merged) -> Action {
    let calm = state.registers.iter().find(|(_, register)| !register.in_conflict());
    let again = calm.or_else(|| state.registers.first_key_value()).filter(|_| state.deleted);
    let again = again.and_then(|(key, register)| {
        let head = register.heads().first()?;
        let same = FieldChange { value: head.value.clone(), replaces: [head.stamp].into() };
        Some([(key.clone(), same)].into())
    });
    Action { fields: again.into_iter().collect(), deletes: false }
}

/// What takes the last action of an entry back.
fn undone(state: &Merged, told: &[Change], history: &[Version]) -> Action {
    let acts = |change: &Change| !change.fields.is_empty() || change.deletes.is_some();
    let last = history.last().and_then(|last| told.iter().find(|change| change.stamp == last.stamp && acts(change)));
    let Some(last) = last.filter(|last| last.history.is_empty()) else {
        // It came with a file, which tells what was shown before.
        return Action { fields: before_in(state, history).into_iter().collect(), deletes: false };
    };
    let without = merge(told.iter().filter(|change| change.stamp != last.stamp));
    if without.deleted && !state.deleted {
        return Action { fields: vec![BTreeMap::new()], deletes: true };
    }
    if last.deletes.is_some() && state.deleted {
        return back(state);
    }
    let mut writes: Vec<BTreeMap<String, FieldChange>> = Vec::new();
    for (key, written) in last.fields.iter().filter(|(key, _)| state.head_stamps(key).contains(&last.stamp)) {
        for (round, value) in seen_by(key, written, told).into_iter().enumerate() {
            if writes.len() <= round {
                writes.push(BTreeMap::new());
            }
            if let Some(change) = writes.get_mut(round) {
                change.insert(key.clone(), FieldChange { value, replaces: [last.stamp].into() });
            }
        }
    }
    Action { fields: writes, deletes: false }
}

/// The values of a field that a change replaced, each once, the one that was shown last; nothing if it had none.
fn seen_by(key: &str, written: &FieldChange, told: &[Change]) -> Vec<Value> {
    let mut values: Vec<Value> = Vec::new();
    for stamp in &written.replaces {
        let before = told.iter().find(|change| change.stamp == *stamp).and_then(|change| change.fields.get(key));
        if let Some(before) = before {
            values.retain(|value| *value != before.value);
            values.push(before.value.clone());
        }
    }
    if values.is_empty() { vec![Value::Null] } else { values }
}

/// What the last version but one showed, where it differs from the last; fields in conflict are left alone.
fn before_in(state: &Merged, history: &[Version]) -> Option<BTreeMap<String, FieldChange>> {
    let (last, before) = (history.last()?, history.get(history.len().checked_sub(2)?)?);
    let keys = last.fields.keys().chain(before.fields.keys());
    let calm = |key: &&String| state.registers.get(*key).is_none_or(|register| !register.in_conflict());
    let value = |key: &String| (key.clone(), before.fields.get(key).cloned().unwrap_or(Value::Null));
    let wanted = keys.filter(|key| last.fields.get(*key) != before.fields.get(*key)).filter(calm).map(value).collect();
    Some(state.edit(&wanted)).filter(|edit| !edit.is_empty())
}

/// A version's number, from 1.
fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX - 1) + 1
}

#[cfg(test)]
mod tests {
    use ayumi_protocol::{DeviceId, EntryId, Hlc, NotebookId, Stamp};

    use super::*;

    fn stamp(time: u64) -> Stamp {
        Stamp { hlc: Hlc(time), device: DeviceId(time) }
    }

    fn change(time: u64, fields: &[(&str, Value, &[u64])]) -> Change {
        let field = |(key, value, replaces): &(&str, Value, &[u64])| {
            let replaces = replaces.iter().map(|time| stamp(*time)).collect();
            ((*key).to_owned(), FieldChange { value: value.clone(), replaces })
        };
        Change {
            entry: EntryId::from_slice(&[1; 16]).unwrap(),
            notebook: NotebookId::from_slice(&[2; 16]).unwrap(),
            kind: "growth".into(),
            stamp: stamp(time),
            fields: fields.iter().map(field).collect(),
            deletes: None,
            history: Vec::new(),
        }
    }

    fn deletion(time: u64, covers: &[u64]) -> Change {
        Change { deletes: Some(covers.iter().map(|time| stamp(*time)).collect()), ..change(time, &[]) }
    }

    /// What is shown once an action is written after these changes: fields, those in conflict, whether it is deleted.
    fn after(mut told: Vec<Change>, action: Action) -> (Value, Vec<String>, bool) {
        let state = merge(&told);
        for (time, fields) in (100..).zip(action.fields) {
            let deletes = action.deletes.then(|| state.all_heads());
            told.push(Change { fields, deletes, ..change(time, &[]) });
        }
        let state = merge(&told);
        let conflicts = state.conflicts().map(|(key, _)| key.to_owned()).collect();
        (serde_json::json!(state.fields()), conflicts, state.deleted)
    }

    fn undo(told: Vec<Change>) -> (Value, Vec<String>, bool) {
        let action = undone(&merge(&told), &told, &versions(&told));
        after(told, action)
    }

    /// 9.0, then 9.1 and 9.2 by two who did not see each other.
    fn in_conflict() -> Vec<Change> {
        vec![
            change(1, &[("weight", 9.0.into(), &[])]),
            change(2, &[("weight", 9.1.into(), &[1])]),
            change(3, &[("weight", 9.2.into(), &[1])]),
        ]
    }

    /// Case 11: undoing an edit of the note settled a conflict of the weight.
    #[test]
    fn undo_takes_back_the_last_action_and_settles_nothing() {
        let mut told = in_conflict();
        told.push(change(4, &[("note", "x".into(), &[])]));
        assert_eq!(undo(told), (serde_json::json!({"weight": 9.2}), vec!["weight".to_owned()], false));
        let mut told = in_conflict();
        told.push(change(4, &[("note", "x".into(), &[])]));
        told.push(change(5, &[("note", "y".into(), &[4]), ("length", 70.into(), &[])]));
        let shown = serde_json::json!({"weight": 9.2, "note": "x"});
        assert_eq!(undo(told), (shown, vec!["weight".to_owned()], false), "both fields of one action");
        // The last action is one of the two in conflict: what its author saw comes back, the other one's value stays beside it.
        assert_eq!(undo(in_conflict()).1, ["weight"]);
        // It was settled: it is open again, with both values.
        let mut told = in_conflict();
        told.push(change(4, &[("weight", 9.1.into(), &[2, 3])]));
        assert_eq!(undo(told), (serde_json::json!({"weight": 9.2}), vec!["weight".to_owned()], false));
    }

    #[test]
    fn undoing_a_deletion_or_a_restoring_leaves_a_conflict_alone() {
        let mut told = in_conflict();
        told.push(deletion(4, &[2, 3]));
        assert_eq!(undo(told.clone()), (serde_json::json!({"weight": 9.2}), vec!["weight".to_owned()], false));
        let restored = back(&merge(&told));
        assert_eq!(after(told.clone(), restored).1, ["weight"], "restoring, too");
        told.push(change(5, &[("weight", 9.2.into(), &[3])]));
        assert!(undo(told).2, "a restoring taken back is a deletion");
    }

    #[test]
    fn an_edit_is_taken_back_and_once_more() {
        let mut told = vec![change(1, &[("weight", 9.0.into(), &[])]), change(2, &[("weight", 9.1.into(), &[1])])];
        assert_eq!(undo(told.clone()).0, serde_json::json!({"weight": 9.0}));
        told.push(change(3, &[("weight", 9.0.into(), &[2])]));
        assert_eq!(undo(told).0, serde_json::json!({"weight": 9.1}), "undoing what was undone");
        let told = vec![change(1, &[("weight", 9.0.into(), &[])]), change(2, &[("note", "x".into(), &[])])];
        assert_eq!(undo(told).0, serde_json::json!({"weight": 9.0}), "a field that was new is cleared");
    }
}
