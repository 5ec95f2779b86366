//! Entries: add, edit, delete, undo, restore any version, list, search, photos, conflicts.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ayumi_protocol::{Change, EntryId, FieldChange, NotebookId, Stamp};
use chrono::{Days, NaiveDate};
use serde_json::Value;

use super::view::{Conflict, ConflictValue, EntryView, ListFilter, VersionView, time_of};
use super::{Error, Handbook, NotebookView, Result};
use crate::model::kind::{About, KindDef, ON, Record};
use crate::model::merge::{Merged, Version, merge, versions};
use crate::model::notebook::NotebookType;
use crate::model::value::{FieldValue, Fields};
use crate::model::{Invalid, date::parse_date, kinds};
use crate::photo::{Prepared, prepare};
use crate::store::changes::{self, Applier, Delivery, First};
use crate::store::entries::{self, Entry, Filter};
use crate::store::{StoreError, photos, search};

/// A page, if no limit is given.
const PAGE: usize = 50;

/// Entries of a handbook.
#[derive(Clone)]
pub struct Entries {
    pub(super) book: Handbook,
}

/// An entry to write.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// The id that it had elsewhere, for imports.
    pub(super) id: Option<EntryId>,
    pub(super) notebook: NotebookId,
    pub(super) kind: &'static KindDef,
    pub(super) fields: Fields,
    pub(super) photos: Vec<Prepared>,
}

impl NewEntry {
    /// From what a person typed.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the field, what was given and what is allowed.
    pub fn typed(notebook: NotebookId, kind: &str, on: &str, fields: &[(&str, &str)]) -> Result<Self> {
        let kind = known_kind(kind)?;
        let day = parse_date(on).ok_or_else(|| Invalid::new("on", on, ON.field_type.allowed()))?;
        let mut read = kind.read(fields.iter().copied().filter(|(key, _)| *key != ON.key))?;
        if let Some((_, text)) = fields.iter().find(|(key, _)| *key == ON.key) {
            return Err(Invalid::new("on", text, "the day of an entry once, as --on").into());
        }
        read.insert(ON.key.into(), day.to_json());
        read.retain(|_, value| !value.is_null());
        Ok(Self { id: None, notebook, kind, fields: read, photos: Vec::new() })
    }

    /// From typed values in JSON form (bindings, import).
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn checked(notebook: NotebookId, kind: &str, on: NaiveDate, fields: &Fields) -> Result<Self> {
        let kind = known_kind(kind)?;
        let mut checked = kind.check(fields)?;
        checked.insert(ON.key.into(), on.to_json());
        checked.retain(|_, value| !value.is_null());
        Ok(Self { id: None, notebook, kind, fields: checked, photos: Vec::new() })
    }

    /// From a typed record.
    ///
    /// # Errors
    /// [`Error::Invalid`] if a value is out of its range.
    pub fn record<R: Record>(notebook: NotebookId, on: NaiveDate, record: &R) -> Result<Self> {
        Self::checked(notebook, R::KIND.id, on, &record.to_fields())
    }

    /// With a photo: any JPEG, PNG or WebP. Position, camera and time of the original are not kept.
    ///
    /// # Errors
    /// [`Error::Invalid`] if it is no picture.
    pub fn with_photo(mut self, original: &[u8]) -> Result<Self> {
        self.photos.push(prepare(original)?);
        Ok(self)
    }

    pub(super) fn on(&self) -> Option<NaiveDate> {
        self.fields.get(ON.key).and_then(NaiveDate::from_json)
    }
}

/// The kind with this key, or an error that lists what there is.
fn known_kind(key: &str) -> Result<&'static KindDef> {
    kinds::find(key).filter(|kind| kind.id != "profile").ok_or_else(|| {
        let all: Vec<&str> = kinds::KINDS.iter().map(|kind| kind.id).filter(|id| *id != "profile").collect();
        Invalid::new("kind", key, format!("one of {}", all.join(", "))).into()
    })
}

/// One row to write.
struct Written<'a> {
    id: EntryId,
    notebook: NotebookId,
    kind: &'static str,
    stamp: Stamp,
    fields: Cow<'a, Fields>,
    photo: Option<&'a Prepared>,
}

impl Written<'_> {
    fn first(&self) -> First<'_> {
        First { entry: self.id, notebook: self.notebook, kind: self.kind, stamp: self.stamp, fields: &self.fields }
    }
}

impl Entries {
    /// Writes an entry, its photos with it; durable when it returns.
    ///
    /// # Errors
    /// [`Error::Invalid`] if the kind does not stand in this notebook or the day cannot be; [`Error::NotFound`];
    /// [`Error::DiskFull`].
    pub fn add(&self, entry: &NewEntry) -> Result<EntryId> {
        Ok(self.add_all(std::slice::from_ref(entry))?.first().copied().ok_or(StoreError::Io)?)
    }

    /// Writes many entries, all or none.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub fn add_all(&self, new: &[NewEntry]) -> Result<Vec<EntryId>> {
        let mut known: BTreeMap<NotebookId, NotebookView> = BTreeMap::new();
        for entry in new {
            let book = match known.entry(entry.notebook) {
                std::collections::btree_map::Entry::Occupied(found) => found.into_mut(),
                std::collections::btree_map::Entry::Vacant(place) => {
                    place.insert(self.book.notebooks().find(entry.notebook)?)
                }
            };
            self.check_place(entry, book)?;
        }
        let mut ids = Vec::with_capacity(new.len());
        let mut db = self.book.db();
        let now = self.book.clock().now_ms();
        let mut written: Vec<Written<'_>> = Vec::with_capacity(new.len());
        for entry in new {
            let stamp = db.next_stamp(now)?;
            let id = entry.id.map_or_else(|| self.book.new_entry_id(), Ok)?;
            let first = |id, kind, fields, photo| Written { id, notebook: entry.notebook, kind, stamp, fields, photo };
            // A photo by itself is one entry; with another entry it points at it.
            let alone = entry.kind.id == "photo";
            if !alone || entry.photos.is_empty() {
                written.push(first(id, entry.kind.id, Cow::Borrowed(&entry.fields), None));
            }
            for (i, photo) in entry.photos.iter().enumerate() {
                let photo_id = if alone && i == 0 { id } else { self.book.new_entry_id()? };
                let mut fields = photo_fields(photo, entry.on());
                if alone {
                    fields.extend(entry.fields.clone());
                } else {
                    fields.insert("of".into(), id.to_string().into());
                }
                written.push(first(photo_id, "photo", Cow::Owned(fields), Some(photo)));
            }
            ids.push(id);
        }
        db.write(|tx| {
            Applier::default().add_new(tx, written.iter().map(Written::first))?;
            for (one, photo) in written.iter().filter_map(|one| Some((one, one.photo?))) {
                photos::add(tx, one.id, &photo.data, &photo.thumb)?;
            }
            Ok(())
        })?;
        Ok(ids)
    }

    /// Whether this kind can stand in that notebook on that day.
    pub(super) fn check_place(&self, entry: &NewEntry, book: &NotebookView) -> Result<()> {
        if !entry.kind.notebooks.contains(&book.notebook_type) {
            let wanted: Vec<&str> = entry.kind.notebooks.iter().map(|t| t.key()).collect();
            let allowed = format!("{} stands in a notebook of type {}", entry.kind.id, wanted.join(" or "));
            return Err(Invalid::new("notebook", book.notebook_type.key(), allowed).into());
        }
        let Some(on) = entry.on() else { return Ok(()) };
        check_day(on, self.book.clock().today())?;
        // A child's own days begin with its birth; what the clinic or the town wrote may be older.
        let own_days = entry.kind.notebooks == [NotebookType::Child] && entry.kind.about == About::Child;
        if let Some(born) = book.profile.born
            && own_days
            && on < born
        {
            return Err(Invalid::new("on", &on.to_string(), format!("a day from the birth on ({born})")).into());
        }
        Ok(())
    }

    /// Changes fields, as typed; an empty text clears a field. Fields that show the same already are left alone.
    ///
    /// # Errors
    /// [`Error::Invalid`]; [`Error::NotFound`].
    pub fn edit(&self, id: EntryId, fields: &[(&str, &str)]) -> Result<()> {
        let kind = self.editable_kind(id)?;
        let read = kind.read(fields.iter().copied())?;
        if let Some(on) = read.get(ON.key) {
            let day = NaiveDate::from_json(on).ok_or_else(|| Invalid::new("on", "", ON.field_type.allowed()))?;
            check_day(day, self.book.clock().today())?;
        }
        self.write_fields(id, &read)
    }

    fn editable_kind(&self, id: EntryId) -> Result<&'static KindDef> {
        known_kind(&self.find(id)?.kind)
    }

    fn find(&self, id: EntryId) -> Result<Entry> {
        entries::find(self.book.db().reader(), id)?.ok_or(Error::NotFound { what: "entry" })
    }

    /// Writes checked fields as a normal change that replaces what is shown.
    pub(super) fn write_fields(&self, id: EntryId, fields: &Fields) -> Result<()> {
        self.change(id, |state| {
            let edit = state.edit(fields);
            (!edit.is_empty()).then_some((edit, false))
        })
    }

    /// One change of one entry: the closure says what to write for its present state, or nothing.
    fn change(
        &self,
        id: EntryId,
        decide: impl FnOnce(&Merged) -> Option<(BTreeMap<String, FieldChange>, bool)>,
    ) -> Result<()> {
        let mut db = self.book.db();
        let found = entries::find(db.reader(), id)?.ok_or(Error::NotFound { what: "entry" })?;
        let state = merge(&changes::of_entry(db.reader(), id)?);
        let Some((fields, delete)) = decide(&state) else { return Ok(()) };
        let stamp = db.next_stamp(self.book.clock().now_ms())?;
        let change = Change {
            entry: id,
            notebook: found.notebook,
            kind: found.kind,
            stamp,
            fields,
            deletes: delete.then(|| state.all_heads()),
        };
        db.write(|tx| Applier::default().apply(tx, &change, Delivery::Waiting))?;
        if change.entry == change.notebook.into() {
            self.book.known().remove(&change.notebook);
        }
        Ok(())
    }

    /// Deletes an entry. It can be restored; nothing is erased.
    ///
    /// # Errors
    /// [`Error::NotFound`]; a notebook's own facts are not deleted.
    pub fn delete(&self, id: EntryId) -> Result<()> {
        self.editable_kind(id)?;
        self.change(id, |state| (!state.deleted).then(|| (BTreeMap::new(), true)))
    }

    /// Brings back what an entry showed after version `number`, or, without a number, a deleted entry as it was.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the entry or the version.
    pub fn restore(&self, id: EntryId, number: Option<usize>) -> Result<()> {
        let history = self.versions(id)?;
        let wanted = match number {
            Some(number) => number.checked_sub(1).and_then(|i| history.get(i)),
            None => history.iter().rev().find(|version| !version.deleted),
        };
        let wanted = wanted.ok_or(Error::NotFound { what: "version" })?;
        if wanted.deleted {
            return self.delete(id);
        }
        self.change(id, |state| {
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
    pub fn undo(&self, id: EntryId) -> Result<()> {
        match self.versions(id)?.len() {
            0 | 1 => self.delete(id),
            count => self.restore(id, Some(count - 1)),
        }
    }

    fn versions(&self, id: EntryId) -> Result<Vec<Version>> {
        self.find(id)?;
        Ok(versions(&changes::of_entry(self.book.db().reader(), id)?))
    }

    /// One entry, deleted or not.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn show(&self, id: EntryId) -> Result<EntryView> {
        self.find(id).map(view)
    }

    /// Whether an entry's changes are sent, waiting or refused.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn delivery(&self, id: EntryId) -> Result<Delivery> {
        self.find(id)?;
        Ok(changes::delivery(self.book.db().reader(), id)?)
    }

    /// Every version of an entry, oldest first.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn history(&self, id: EntryId) -> Result<Vec<VersionView>> {
        let told = |(i, version): (usize, Version)| VersionView {
            version: i + 1,
            at: time_of(version.stamp),
            device: version.stamp.device.to_string(),
            fields: version.fields,
            deleted: version.deleted,
        };
        Ok(self.versions(id)?.into_iter().enumerate().map(told).collect())
    }

    /// Fields of an entry that carers wrote differently without seeing each other's.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn conflicts_of(&self, id: EntryId) -> Result<Vec<Conflict>> {
        let all = self.versions(id)?;
        let state = merge(&changes::of_entry(self.book.db().reader(), id)?);
        let value = |head: &crate::model::merge::Head| ConflictValue {
            version: all.iter().position(|version| version.stamp == head.stamp).map_or(0, |i| i + 1),
            value: head.value.clone(),
            at: time_of(head.stamp),
            device: head.stamp.device.to_string(),
        };
        let conflict = |(field, register): (&str, &crate::model::merge::Register)| Conflict {
            entry: id,
            field: field.to_owned(),
            values: register.heads().iter().map(value).collect(),
        };
        Ok(state.conflicts().map(conflict).collect())
    }

    /// All fields in conflict, of all notebooks.
    ///
    /// # Errors
    /// Those of the file.
    pub fn conflicts(&self) -> Result<Vec<Conflict>> {
        let found = entries::in_conflict(self.book.db().reader())?;
        let mut all = Vec::new();
        for entry in found {
            all.extend(self.conflicts_of(entry.id)?);
        }
        Ok(all)
    }

    /// Settles a conflict with the value of a version.
    ///
    /// # Errors
    /// [`Error::NotFound`] if that version wrote none of the values in conflict.
    pub fn settle(&self, id: EntryId, field: &str, version: usize) -> Result<()> {
        let conflict = self.conflicts_of(id)?.into_iter().find(|conflict| conflict.field == field);
        let value = conflict
            .and_then(|conflict| conflict.values.into_iter().find(|value| value.version == version))
            .ok_or(Error::NotFound { what: "version" })?
            .value;
        self.write_fields(id, &[(field.to_owned(), value)].into())
    }

    /// A notebook's entries, newest first.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the notebook; [`Error::Invalid`] for the kind.
    pub fn list(&self, notebook: NotebookId, filter: &ListFilter) -> Result<Vec<EntryView>> {
        let book = self.book.notebooks().find(notebook)?;
        let mut wanted = Filter {
            kinds: filter
                .kind
                .as_deref()
                .map(known_kind)
                .transpose()?
                .map(|kind| kind.id.to_owned())
                .into_iter()
                .collect(),
            not_kinds: vec!["profile".into()],
            from: filter.from,
            to: filter.to,
            deleted: filter.deleted,
        };
        // After the loss of a pregnancy the baby's entries are not shown unasked. A child's own notebook is opened
        // knowingly; it stays readable.
        if book.baby_silent() && book.notebook_type == NotebookType::Pregnancy && !filter.about_baby_too {
            let about_baby = kinds::KINDS.iter().filter(|kind| kind.about == About::Child);
            wanted.not_kinds.extend(about_baby.map(|kind| kind.id.to_owned()));
        }
        let limit = if filter.limit == 0 { PAGE } else { filter.limit };
        let mut db = self.book.db();
        if filter.search.is_some() {
            // After a large import this search pays for the index, the next ones have it.
            db.index(false)?;
        }
        let found = match filter.search.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => search::search(db.reader(), notebook, text, &wanted, limit)?,
            None => entries::page(db.reader(), notebook, &wanted, filter.after, limit)?,
        };
        Ok(found.into_iter().map(view).collect())
    }

    /// Photos that belong to an entry (or the entry itself, if it is a photo).
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn photos_of(&self, id: EntryId) -> Result<Vec<EntryId>> {
        let entry = self.find(id)?;
        if entry.kind == "photo" {
            return Ok(vec![id]);
        }
        let filter = Filter { kinds: vec!["photo".into()], ..Filter::default() };
        let found = entries::page(self.book.db().reader(), entry.notebook, &filter, None, usize::MAX)?;
        let of = Value::from(id.to_string());
        Ok(found.into_iter().filter(|photo| photo.fields.get("of") == Some(&of)).map(|photo| photo.id).collect())
    }

    /// A photo, as a JPEG without metadata.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn photo(&self, id: EntryId) -> Result<Vec<u8>> {
        photos::data(self.book.db().reader(), id)?.ok_or(Error::NotFound { what: "photo" })
    }

    /// A photo's thumbnail, a small JPEG.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn thumbnail(&self, id: EntryId) -> Result<Vec<u8>> {
        photos::thumbnail(self.book.db().reader(), id)?.ok_or(Error::NotFound { what: "photo" })
    }
}

fn check_day(on: NaiveDate, today: NaiveDate) -> Result<()> {
    // Tomorrow is allowed: a phone abroad may be a day ahead.
    if on > today + Days::new(1) || on < NaiveDate::from_ymd_opt(1900, 1, 1).unwrap_or_default() {
        return Err(Invalid::new("on", &on.to_string(), format!("a day from 1900 to today ({today})")).into());
    }
    Ok(())
}

/// The first values of a new entry: they replace nothing.
pub(super) fn first_values(fields: &Fields) -> BTreeMap<String, FieldChange> {
    let first = |(key, value): (&String, &Value)| {
        (key.clone(), FieldChange { value: value.clone(), replaces: Default::default() })
    };
    fields.iter().map(first).collect()
}

fn photo_fields(photo: &Prepared, on: Option<NaiveDate>) -> Fields {
    let mut fields: Fields = [
        ("width".to_owned(), photo.width.into()),
        ("height".to_owned(), photo.height.into()),
        ("bytes".to_owned(), photo.data.len().into()),
        ("sha256".to_owned(), crate::crypto::sha256_hex(&photo.data).into()),
    ]
    .into();
    if let Some(on) = on {
        fields.insert(ON.key.into(), on.to_json());
    }
    fields
}

pub(super) fn view(entry: Entry) -> EntryView {
    EntryView {
        id: entry.id,
        notebook: entry.notebook,
        place: entry.place(),
        kind: entry.kind,
        on: entry.on,
        fields: entry.fields,
        deleted: entry.deleted,
        conflicts: entry.conflicts,
    }
}
