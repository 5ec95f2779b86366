//! Entries: add, edit, delete, undo, restore any version, list, search, photos, conflicts.

mod history;
mod new;
mod pictures;
mod shown;

use std::borrow::Cow;
use std::collections::BTreeMap;

use ayumi_protocol::{Change, EntryId, FieldChange, NotebookId, Stamp};
use chrono::NaiveDate;
use serde_json::Value;

pub use new::{Draft, NewEntry};
pub use shown::ShownEntry;

use new::known_kind;

use crate::app::error::{Error, Result, Thing};
use crate::app::handbook::Handbook;
use crate::app::records::typing;
use crate::app::view::{EntryView, ListFilter, NotebookView};
use crate::model::date::day_named;
use crate::model::judge::{self, judge};
use crate::model::kind::{About, ON, Record, field_about_baby};
use crate::model::kinds::{self, Photo, Profile};
use crate::model::merge::{Merged, merge};
use crate::model::naming::{EntryKey, EntryName};
use crate::model::value::{FieldValue, Fields};
use crate::model::{Invalid, Reason, days, limits};
use crate::photo::Prepared;
use crate::store::changes::{self, Applier, Delivery, First};
use crate::store::entries::{self, EntryQuery};
use crate::store::{StoreError, Tx, photos, search};

/// Code of the defect "one entry was written, no id came back".
const ONE_IS_ONE: i32 = 301;
/// A page, if no limit is given.
const PAGE: usize = 50;

/// Entries of a handbook.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/handbook.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let (handbook, child) = handbook(folder.path())?;
/// use ayumi_core::app::{ListFilter, NewEntry};
/// let entries = handbook.entries();
/// let id = entries.add(&NewEntry::typed(child, "growth", "2024-11-05", &[("weight", "7350g")])?)?;
/// entries.edit(id, &[("length", "66.5")])?;
/// assert_eq!(entries.show(id)?.fields["weight"], 7.35);
/// entries.delete(id)?;
/// assert!(entries.list(child, &ListFilter::default())?.is_empty());
/// entries.restore(id, None)?; // nothing is erased
/// assert_eq!(entries.list(child, &ListFilter::default())?.len(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Entries {
    pub(in crate::app) handbook: Handbook,
}

/// What one action writes.
#[derive(Default)]
struct Action {
    /// Fields of each change; nothing at all for none.
    fields: Vec<BTreeMap<String, FieldChange>>,
    /// Whether it deletes the entry.
    deletes: bool,
}

/// One row to write.
struct RowToWrite<'a> {
    id: EntryId,
    notebook: NotebookId,
    kind: &'static str,
    stamp: Stamp,
    fields: Cow<'a, Fields>,
    photo: Option<&'a Prepared>,
}

/// Rows to write, checked.
pub(in crate::app) struct Rows<'a> {
    ids: Vec<EntryId>,
    written: Vec<RowToWrite<'a>>,
}

impl Rows<'_> {
    /// Writes them, photos with them.
    pub(in crate::app) fn write(&self, tx: &Tx<'_>) -> std::result::Result<(), StoreError> {
        Applier::default().add_new(tx, self.written.iter().map(RowToWrite::first))?;
        for (row, photo) in self.written.iter().filter_map(|row| Some((row, row.photo?))) {
            photos::add(tx, &EntryKey::new(row.notebook, row.kind, row.id), &photo.data, &photo.thumb)?;
        }
        Ok(())
    }
}

impl RowToWrite<'_> {
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
        let ids = self.add_all(std::slice::from_ref(entry))?;
        ids.first().copied().ok_or(Error::Internal { code: ONE_IS_ONE })
    }

    /// Writes many entries, all or none.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub fn add_all(&self, new: &[NewEntry]) -> Result<Vec<EntryId>> {
        let rows = self.rows(new)?;
        self.handbook.db().write(|tx| rows.write(tx))?;
        Ok(rows.ids)
    }

    /// Checks entries and makes rows of them, which [`Rows::write`] writes.
    pub(in crate::app) fn rows<'a>(&self, new: &'a [NewEntry]) -> Result<Rows<'a>> {
        let mut known: BTreeMap<NotebookId, NotebookView> = BTreeMap::new();
        for entry in new {
            let notebook = match known.entry(entry.notebook) {
                std::collections::btree_map::Entry::Occupied(found) => found.into_mut(),
                std::collections::btree_map::Entry::Vacant(place) => {
                    place.insert(self.handbook.notebooks().find(entry.notebook)?)
                }
            };
            self.handbook.check_may_write(notebook)?;
            self.check_place(entry, notebook)?;
        }
        let mut ids = Vec::with_capacity(new.len());
        let mut db = self.handbook.db();
        let now = self.handbook.clock().now_ms();
        let mut written: Vec<RowToWrite<'_>> = Vec::with_capacity(new.len());
        for entry in new {
            let stamp = db.next_stamp(entry.notebook, now)?;
            let id = entry.id.map_or_else(|| self.handbook.new_entry_id(), Ok)?;
            let first =
                |id, kind, fields, photo| RowToWrite { id, notebook: entry.notebook, kind, stamp, fields, photo };
            // A photo by itself is one entry; with another entry it points at it.
            let alone = entry.kind.id == Photo::KIND.id;
            if !alone || entry.photos.is_empty() {
                written.push(first(id, entry.kind.id, Cow::Borrowed(&entry.fields), None));
            }
            for (i, photo) in entry.photos.iter().enumerate() {
                let photo_id = if alone && i == 0 { id } else { self.handbook.new_entry_id()? };
                let mut fields = photo_fields(photo, entry.on());
                if alone {
                    fields.extend(entry.fields.clone());
                } else {
                    fields.insert("of".into(), id.to_string().into());
                }
                written.push(first(photo_id, Photo::KIND.id, Cow::Owned(fields), Some(photo)));
            }
            ids.push(id);
        }
        Ok(Rows { ids, written })
    }

    /// Whether this kind can stand in that notebook on that day.
    pub(in crate::app) fn check_place(&self, entry: &NewEntry, notebook: &NotebookView) -> Result<()> {
        if entry.kind.id == Photo::KIND.id {
            if entry.photos.is_empty() {
                let allowed = "a picture: an entry of this kind tells of one";
                return Err(Invalid::new(Photo::KIND.id, "", allowed).because(Reason::Missing).into());
            }
            days::by_hand(entry.kind, entry.fields.keys().map(String::as_str))?;
        }
        self.check_fields(entry.kind.id, &entry.fields, notebook)
    }

    /// Whether these fields can stand in an entry of this kind in that notebook, seen from the birth and from today.
    pub(in crate::app) fn check_fields(&self, kind: &str, fields: &Fields, notebook: &NotebookView) -> Result<()> {
        let kind = judge::kind_in(kind, notebook.notebook_type)?;
        judge::values(kind, notebook.notebook_type, fields.iter().map(|(key, value)| (key.as_str(), value)))?;
        Ok(days::check(kind, fields, &notebook.profile, self.handbook.clock().today())?)
    }

    /// An entry from what a person typed, today being this handbook's: 昨日 and 3日前 are understood.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the field, what was given and what is allowed.
    pub fn typed(&self, notebook: NotebookId, kind: &str, on: &str, fields: &[(&str, &str)]) -> Result<NewEntry> {
        let today = self.handbook.clock().today();
        let kind = known_kind(kind)?;
        let fields = typing::said(kind, fields.iter().copied(), Some(today));
        let fields: Vec<(&str, &str)> = fields.iter().map(|(key, text)| (key.as_ref(), text.as_ref())).collect();
        let on = day_named(on, today).map_or_else(|| on.to_owned(), |day| day.to_string());
        NewEntry::typed(notebook, kind.id, &on, &fields)
    }

    /// Changes fields, as typed; an empty text clears a field. Fields that show the same already are left alone.
    ///
    /// # Errors
    /// [`Error::Invalid`]; [`Error::NotFound`].
    pub fn edit(&self, entry: impl Into<EntryName>, fields: &[(&str, &str)]) -> Result<()> {
        let found = self.find(&entry.into())?;
        let kind = known_kind(&found.kind)?;
        let said = typing::said(kind, fields.iter().copied(), Some(self.handbook.clock().today()));
        days::by_hand(kind, said.iter().map(|(key, _)| key.as_ref()))?;
        let read = kind.read(said.iter().map(|(key, text)| (key.as_ref(), text.as_ref())))?;
        if read.get(ON.key).is_some_and(Value::is_null) {
            return Err(Invalid::new(ON.key, "", ON.field_type.allowed()).because(Reason::Missing).into());
        }
        self.check_fields(kind.id, &read, &self.handbook.notebooks().find(found.notebook)?)?;
        self.write_fields(&found.key(), &read)
    }

    /// The one entry that a name fits. Where several entries have an id, a person says which is meant: nobody is kept from an
    /// entry because somebody else used its id.
    pub(in crate::app) fn find(&self, name: &EntryName) -> Result<EntryView> {
        let mut found = entries::named(self.handbook.db().reader(), name)?;
        if found.len() > 1 {
            let names: Vec<String> = found.iter().map(|entry| entry.name().to_string()).collect();
            let allowed = format!("NOTEBOOK:KIND:ID, since several entries have this id: {}", names.join(", "));
            return Err(Invalid::new("id", &name.id.to_string(), allowed).because(Reason::SeveralMeant).into());
        }
        found.pop().ok_or(Error::NotFound { what: Thing::Entry })
    }

    /// Writes checked fields as a normal change that replaces what is shown.
    pub(in crate::app) fn write_fields(&self, entry: &EntryKey, fields: &Fields) -> Result<()> {
        self.change(entry, |state| {
            let edit = state.edit(fields);
            (!edit.is_empty()).then_some((edit, false))
        })
    }

    /// One change of one entry: the closure says what to write for its present state, or nothing.
    fn change(
        &self,
        key: &EntryKey,
        decide: impl FnOnce(&Merged) -> Option<(BTreeMap<String, FieldChange>, bool)>,
    ) -> Result<()> {
        self.change_each(key, |state, _| {
            let wanted = decide(state);
            wanted.map(|(fields, delete)| Action { fields: vec![fields], deletes: delete }).unwrap_or_default()
        })
    }

    /// One action on one entry: usually one change, several where one field gets back several values. All of it, or nothing.
    fn change_each(&self, key: &EntryKey, decide: impl FnOnce(&Merged, &[Change]) -> Action) -> Result<()> {
        let notebook = self.handbook.notebooks().find(key.notebook)?;
        self.handbook.check_may_write(&notebook)?;
        let mut db = self.handbook.db();
        let told = changes::of_entry(db.reader(), key)?;
        if told.is_empty() {
            return Err(Error::NotFound { what: Thing::Entry });
        }
        let state = merge(&told);
        let action = decide(&state, &told);
        let mut written: Vec<Change> = Vec::new();
        for fields in action.fields {
            let stamp = db.next_stamp(key.notebook, self.handbook.clock().now_ms())?;
            let change = Change {
                entry: key.id,
                notebook: key.notebook,
                kind: key.kind.clone(),
                stamp,
                fields,
                deletes: action.deletes.then(|| state.all_heads()),
                history: Vec::new(),
            };
            judge(&change, notebook.notebook_type)?;
            written.push(change);
        }
        let Some(device) = written.first().map(|change| change.stamp.device) else { return Ok(()) };
        let own = told.iter().filter(|earlier| earlier.stamp.device == device).count();
        if own + written.len() > limits::ENTRY_CHANGES {
            let allowed = format!("at most {} changes; a new entry", limits::ENTRY_CHANGES);
            return Err(Invalid::new("entry", &key.id.to_string(), allowed).because(Reason::TooMany).into());
        }
        db.write(|tx| {
            let mut applier = Applier::default();
            written.iter().try_for_each(|change| applier.apply(tx, change, Delivery::Waiting).map(|_| ()))
        })?;
        if key.is_profile() {
            self.handbook.profiles().remove(&key.notebook);
        }
        Ok(())
    }

    /// Deletes an entry. It can be restored; nothing is erased.
    ///
    /// # Errors
    /// [`Error::NotFound`]; a notebook's own facts are not deleted.
    pub fn delete(&self, entry: impl Into<EntryName>) -> Result<()> {
        let found = self.find(&entry.into())?;
        known_kind(&found.kind)?;
        self.change(&found.key(), |state| (!state.deleted).then(|| (BTreeMap::new(), true)))
    }

    /// One entry, deleted or not.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn show(&self, entry: impl Into<EntryName>) -> Result<EntryView> {
        self.find(&entry.into())
    }

    /// Whether an entry's changes are sent, waiting or refused.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn delivery(&self, entry: impl Into<EntryName>) -> Result<Delivery> {
        let key = self.find(&entry.into())?.key();
        Ok(changes::delivery(self.handbook.db().reader(), &key)?)
    }

    /// Every entry that the notebook shows, oldest first.
    pub(in crate::app) fn all(&self, notebook: NotebookId) -> Result<Vec<EntryView>> {
        let mut entries = self.list(notebook, &ListFilter { limit: u32::MAX, ..ListFilter::default() })?;
        entries.reverse();
        Ok(entries)
    }

    /// A notebook's entries, newest first.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the notebook; [`Error::Invalid`] for the kind.
    pub fn list(&self, notebook: NotebookId, filter: &ListFilter) -> Result<Vec<EntryView>> {
        let notebook = self.handbook.notebooks().find(notebook)?;
        let mut wanted = EntryQuery {
            kinds: filter
                .kind
                .as_deref()
                .map(known_kind)
                .transpose()?
                .map(|kind| kind.id.to_owned())
                .into_iter()
                .collect(),
            not_kinds: vec![Profile::KIND.id.into()],
            from: filter.from,
            to: filter.to,
            deleted: filter.deleted,
        };
        let hides_baby = notebook.hides_baby() && !filter.about_baby_too;
        if hides_baby {
            let about_baby = kinds::KINDS.iter().filter(|kind| kind.about_in(notebook.notebook_type) == About::Child);
            wanted.not_kinds.extend(about_baby.map(|kind| kind.id.to_owned()));
        }
        let limit = if filter.limit == 0 { PAGE } else { usize::try_from(filter.limit).unwrap_or(usize::MAX) };
        let mut db = self.handbook.db();
        if filter.search.is_some() {
            // After a large import this search pays for the index, the next ones have it.
            db.index(false)?;
        }
        let mut listed = match filter.search.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => search::search(db.reader(), notebook.id, text, &wanted, limit)?,
            None => entries::page(db.reader(), notebook.id, &wanted, filter.after, limit)?,
        };
        if hides_baby {
            listed.iter_mut().for_each(|entry| entry.fields.retain(|key, _| !field_about_baby(&entry.kind, key)));
        }
        Ok(listed)
    }
}

/// The first values of a new entry: they replace nothing.
pub(in crate::app) fn first_values(fields: &Fields) -> BTreeMap<String, FieldChange> {
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
        ("thumb_sha256".to_owned(), crate::crypto::sha256_hex(&photo.thumb).into()),
    ]
    .into();
    if let Some(on) = on {
        fields.insert(ON.key.into(), on.to_json());
    }
    fields
}
