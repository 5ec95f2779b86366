//! What an entry was: versions, restoring, undo, conflicts and settling them.

use ayumi_protocol::FieldChange;
use serde_json::Value;

use super::Entries;
use crate::app::error::{Error, Result, Thing};
use crate::app::view::{Conflict, ConflictValue, VersionView, time_of};
use crate::model::merge::{Head, Register, Version, merge, versions};
use crate::model::naming::{EntryKey, EntryName};
use crate::store::{changes, entries};

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
        self.change(&entry.key(), |state| {
            // A field that had no value then is cleared.
            let mut fields = wanted.fields.clone();
            for key in state.registers.keys() {
                fields.entry(key.clone()).or_insert(Value::Null);
            }
            let mut edit = state.edit(&fields);
            if state.deleted && edit.is_empty() {
                // Nothing differs: writing the same values again is what brings the entry back.
                let again = |(key, value): (&String, &Value)| {
                    (key.clone(), FieldChange { value: value.clone(), replaces: state.head_stamps(key) })
                };
                edit = wanted.fields.iter().map(again).collect();
            }
            (!edit.is_empty()).then_some((edit, false))
        })
    }

    /// Takes the last action on an entry back: an edit to what was before, a deletion to the entry, an addition to
    /// nothing (it is deleted, and can be restored).
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn undo(&self, entry: impl Into<EntryName>) -> Result<()> {
        let entry = self.find(&entry.into())?;
        match self.versions(&entry.key())?.len() {
            0 | 1 => self.delete(entry.name()),
            count => self.restore(entry.name(), Some(number(count - 2))),
        }
    }

    fn versions(&self, entry: &EntryKey) -> Result<Vec<Version>> {
        Ok(versions(&changes::of_entry(self.handbook.db().reader(), entry)?))
    }

    /// Every version of an entry, oldest first.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn history(&self, entry: impl Into<EntryName>) -> Result<Vec<VersionView>> {
        let entry = self.find(&entry.into())?.key();
        let view = |(i, version): (usize, Version)| VersionView {
            version: number(i),
            at: time_of(version.stamp),
            device: version.stamp.device.to_string(),
            fields: version.fields,
            deleted: version.deleted,
        };
        Ok(self.versions(&entry)?.into_iter().enumerate().map(view).collect())
    }

    /// Fields of an entry that carers wrote differently without seeing each other's.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn conflicts_of(&self, entry: impl Into<EntryName>) -> Result<Vec<Conflict>> {
        let entry = self.find(&entry.into())?;
        let all = self.versions(&entry.key())?;
        let state = merge(&changes::of_entry(self.handbook.db().reader(), &entry.key())?);
        let value = |head: &Head| ConflictValue {
            version: all.iter().position(|version| version.stamp == head.stamp).map_or(0, number),
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

/// A version's number, from 1.
fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX - 1) + 1
}
