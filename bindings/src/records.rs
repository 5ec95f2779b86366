//! Notebooks and entries.

use std::collections::HashMap;
use std::sync::Arc;

use ayumi_core::app::{
    Conflict, Delivery, Draft, EndReason, EntryId, EntryName, EntryView, ListFilter, Locale, NewChild, NewEntry,
    NotebookId, NotebookView, ShownEntry, VersionView, Written,
};
use ayumi_core::chrono::NaiveDate;

use crate::Result;
use crate::slot::Slot;

/// Notebooks: pregnancy, child, the carer's own.
#[derive(uniffi::Object)]
pub struct Notebooks {
    pub(crate) slot: Arc<Slot>,
}

#[uniffi::export]
impl Notebooks {
    /// Lists all notebooks of this device, in the order they came.
    pub fn list(&self) -> Result<Vec<NotebookView>> {
        self.slot.with("notebooks.list", |handbook| handbook.notebooks().list())
    }

    /// Returns one notebook.
    pub fn find(&self, notebook: NotebookId) -> Result<NotebookView> {
        self.slot.with("notebooks.find", |handbook| handbook.notebooks().find(notebook))
    }

    /// Begins a child's notebook.
    pub fn add_child(&self, child: NewChild) -> Result<NotebookId> {
        self.slot.with("notebooks.add_child", |handbook| handbook.notebooks().add_child(&child))
    }

    /// Begins a pregnancy's notebook.
    pub fn add_pregnancy(&self, due: NaiveDate) -> Result<NotebookId> {
        self.slot.with("notebooks.add_pregnancy", |handbook| handbook.notebooks().add_pregnancy(due))
    }

    /// Begins a private notebook, for this carer alone.
    pub fn add_private(&self) -> Result<NotebookId> {
        self.slot.with("notebooks.add_private", |handbook| handbook.notebooks().add_private())
    }

    /// Records a birth: one notebook for each child, all with the same pregnancy, in one step.
    pub fn birth(&self, pregnancy: NotebookId, children: Vec<NewChild>) -> Result<Vec<NotebookId>> {
        self.slot.with("notebooks.birth", |handbook| handbook.notebooks().birth(pregnancy, &children))
    }

    /// Changes a notebook's profile, as typed: `name`, `sex`, `born`, `due`, `gestation`, …
    pub fn edit(&self, notebook: NotebookId, fields: HashMap<String, String>) -> Result<()> {
        self.slot.with("notebooks.edit", |handbook| handbook.notebooks().edit(notebook, &typed(&fields)))
    }

    /// Records a loss or a death: from then on nothing about the baby is shown or reminded of, and the mother's care
    /// stays.
    ///
    /// Nothing is erased, and `reopen` takes a mistaken tap back.
    pub fn end(&self, notebook: NotebookId, reason: EndReason, on: NaiveDate) -> Result<()> {
        self.slot.with("notebooks.end", |handbook| handbook.notebooks().end(notebook, reason, on))
    }

    /// Takes an ending back.
    pub fn reopen(&self, notebook: NotebookId) -> Result<()> {
        self.slot.with("notebooks.reopen", |handbook| handbook.notebooks().reopen(notebook))
    }

    /// Takes a notebook off this device: its words, photos, keys and log.
    ///
    /// What a server or other members have stays there; what waited to be sent is lost. Ask before it.
    pub fn forget(&self, notebook: NotebookId) -> Result<()> {
        self.slot.with("notebooks.forget", |handbook| handbook.notebooks().forget(notebook))
    }
}

/// Entries: add, edit, delete, undo, versions, lists, search, photos, conflicts.
#[derive(uniffi::Object)]
pub struct Entries {
    pub(crate) slot: Arc<Slot>,
}

#[uniffi::export]
impl Entries {
    /// Writes an entry, its photos with it; on the disk when it returns.
    ///
    /// Fails with `Invalid` (field, what was given, what is allowed), `DiskFull`.
    pub fn add(&self, draft: Draft) -> Result<EntryId> {
        self.slot.with("entries.add", |handbook| handbook.entries().add(&NewEntry::drafted(&draft)?))
    }

    /// Writes an entry like `add`, and tells what follows from it: whom it leads to, at once.
    ///
    /// Show `leads` where the entry was written. `topic` names desks whose way stands beside this kind of entry always, whatever
    /// was written: the answers are not looked at.
    pub fn write(&self, draft: Draft) -> Result<Written> {
        self.slot.with("entries.write", |handbook| {
            handbook.leads().written(handbook.entries().add(&NewEntry::drafted(&draft)?)?)
        })
    }

    /// Changes fields like `edit`, and tells what follows from it.
    pub fn rewrite(&self, entry: EntryName, fields: HashMap<String, String>) -> Result<Written> {
        self.slot.with("entries.rewrite", |handbook| {
            handbook.entries().edit(entry.clone(), &typed(&fields))?;
            handbook.leads().written(entry)
        })
    }

    /// Writes many entries, all or none.
    pub fn add_all(&self, drafts: Vec<Draft>) -> Result<Vec<EntryId>> {
        self.slot.with("entries.add_all", |handbook| {
            let new: Result<Vec<_>> = drafts.iter().map(NewEntry::drafted).collect();
            handbook.entries().add_all(&new?)
        })
    }

    /// Changes fields, as typed; an empty text clears a field. `on` is the day.
    pub fn edit(&self, entry: EntryName, fields: HashMap<String, String>) -> Result<()> {
        self.slot.with("entries.edit", |handbook| handbook.entries().edit(entry, &typed(&fields)))
    }

    /// Deletes an entry. It can be restored; nothing is erased.
    pub fn delete(&self, entry: EntryName) -> Result<()> {
        self.slot.with("entries.delete", |handbook| handbook.entries().delete(entry))
    }

    /// Undoes the last change of an entry.
    pub fn undo(&self, entry: EntryName) -> Result<()> {
        self.slot.with("entries.undo", |handbook| handbook.entries().undo(entry))
    }

    /// Restores an entry as it was after a version, or, without one, a deleted entry.
    #[uniffi::method(default(version = None))]
    pub fn restore(&self, entry: EntryName, version: Option<u32>) -> Result<()> {
        self.slot.with("entries.restore", |handbook| handbook.entries().restore(entry, version))
    }

    /// Lists a notebook's entries ready to show, newest first: a page of 50, or as the filter says.
    ///
    /// The next page begins behind `entry.place` of the last one.
    #[uniffi::method(default(filter = None))]
    pub fn shown(&self, notebook: NotebookId, filter: Option<ListFilter>) -> Result<Vec<ShownEntry>> {
        self.slot.with("entries.shown", |handbook| handbook.entries().shown(notebook, &filter.unwrap_or_default()))
    }

    /// Lists a notebook's entries like `shown`, without words: values only.
    #[uniffi::method(default(filter = None))]
    pub fn list(&self, notebook: NotebookId, filter: Option<ListFilter>) -> Result<Vec<EntryView>> {
        self.slot.with("entries.list", |handbook| handbook.entries().list(notebook, &filter.unwrap_or_default()))
    }

    /// Returns one entry ready to show, deleted or not.
    pub fn find(&self, entry: EntryName) -> Result<ShownEntry> {
        self.slot.with("entries.find", |handbook| handbook.entries().shown_one(entry))
    }

    /// Tells whether an entry's changes are sent, waiting or refused.
    pub fn delivery(&self, entry: EntryName) -> Result<Delivery> {
        self.slot.with("entries.delivery", |handbook| handbook.entries().delivery(entry))
    }

    /// Lists every version of an entry, oldest first.
    pub fn history(&self, entry: EntryName) -> Result<Vec<VersionView>> {
        self.slot.with("entries.history", |handbook| handbook.entries().history(entry))
    }

    /// Returns what to tell a parent of a version that was written by a clock that was ahead.
    pub fn ahead_words(&self, language: Locale) -> String {
        VersionView::told_ahead(language).to_owned()
    }

    /// Lists all fields that carers wrote differently without seeing each other's change.
    pub fn conflicts(&self) -> Result<Vec<Conflict>> {
        self.slot.with("entries.conflicts", |handbook| handbook.entries().conflicts())
    }

    /// Settles a conflict with the value of a version.
    pub fn settle(&self, entry: EntryName, field: String, version: u32) -> Result<()> {
        self.slot.with("entries.settle", |handbook| handbook.entries().settle(entry, &field, version))
    }

    /// Lists the photos of an entry (or the entry itself, if it is a photo).
    pub fn photos_of(&self, entry: EntryName) -> Result<Vec<EntryName>> {
        self.slot.with("entries.photos_of", |handbook| handbook.entries().photos_of(entry))
    }

    /// Returns a photo: a JPEG without metadata. Another device's photo may have to be fetched first:
    /// `Sync.fetch_photo`.
    pub fn photo(&self, photo: EntryName) -> Result<Vec<u8>> {
        self.slot.with("entries.photo", |handbook| handbook.entries().photo(photo))
    }

    /// Returns a photo's thumbnail: a small JPEG.
    pub fn thumbnail(&self, photo: EntryName) -> Result<Vec<u8>> {
        self.slot.with("entries.thumbnail", |handbook| handbook.entries().thumbnail(photo))
    }
}

/// Borrows the fields as pairs, as the core takes them.
pub(crate) fn typed(fields: &HashMap<String, String>) -> Vec<(&str, &str)> {
    fields.iter().map(|(key, text)| (key.as_str(), text.as_str())).collect()
}
