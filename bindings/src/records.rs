//! Notebooks and entries.

use std::collections::HashMap;
use std::sync::Arc;

use ayumi_core::app::{
    Conflict, Draft, EntryView, ListFilter, NewChild, NewEntry, NotebookView, ShownEntry, VersionView,
};
use ayumi_core::chrono::NaiveDate;
use ayumi_core::model::notebook::EndReason;
use ayumi_core::model::{EntryId, NotebookId};
use ayumi_core::store::changes::Delivery;

use crate::Result;
use crate::slot::Slot;

/// Notebooks: pregnancy, child, the carer's own.
#[derive(uniffi::Object)]
pub struct Notebooks {
    pub(crate) slot: Arc<Slot>,
}

#[uniffi::export]
impl Notebooks {
    /// All notebooks of this device, in the order they came.
    pub fn list(&self) -> Result<Vec<NotebookView>> {
        self.slot.with("notebooks.list", |book| book.notebooks().list())
    }

    /// One notebook.
    pub fn find(&self, notebook: NotebookId) -> Result<NotebookView> {
        self.slot.with("notebooks.find", |book| book.notebooks().find(notebook))
    }

    /// Begins a child's notebook.
    pub fn add_child(&self, child: NewChild) -> Result<NotebookId> {
        self.slot.with("notebooks.add_child", |book| book.notebooks().add_child(&child))
    }

    /// Begins a pregnancy's notebook.
    pub fn add_pregnancy(&self, due: NaiveDate) -> Result<NotebookId> {
        self.slot.with("notebooks.add_pregnancy", |book| book.notebooks().add_pregnancy(due))
    }

    /// Begins a private notebook: this carer's alone.
    pub fn add_private(&self) -> Result<NotebookId> {
        self.slot.with("notebooks.add_private", |book| book.notebooks().add_private())
    }

    /// A birth: one notebook for each child, all with the same pregnancy, in one step.
    pub fn birth(&self, pregnancy: NotebookId, children: Vec<NewChild>) -> Result<Vec<NotebookId>> {
        self.slot.with("notebooks.birth", |book| book.notebooks().birth(pregnancy, &children))
    }

    /// Changes what is told of a notebook, as typed: `name`, `sex`, `born`, `due`, `gestation`, …
    pub fn edit(&self, notebook: NotebookId, fields: HashMap<String, String>) -> Result<()> {
        self.slot.with("notebooks.edit", |book| book.notebooks().edit(notebook, &typed(&fields)))
    }

    /// A loss or a death: at once, everything about the baby falls silent, and the mother's care stays. Nothing is erased, and
    /// `reopen` takes a mistaken tap back.
    pub fn end(&self, notebook: NotebookId, reason: EndReason, on: NaiveDate) -> Result<()> {
        self.slot.with("notebooks.end", |book| book.notebooks().end(notebook, reason, on))
    }

    /// Takes an ending back.
    pub fn reopen(&self, notebook: NotebookId) -> Result<()> {
        self.slot.with("notebooks.reopen", |book| book.notebooks().reopen(notebook))
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
        self.slot.with("entries.add", |book| book.entries().add(&NewEntry::drafted(&draft)?))
    }

    /// Writes many entries, all or none.
    pub fn add_all(&self, drafts: Vec<Draft>) -> Result<Vec<EntryId>> {
        self.slot.with("entries.add_all", |book| {
            let new: Result<Vec<_>> = drafts.iter().map(NewEntry::drafted).collect();
            book.entries().add_all(&new?)
        })
    }

    /// Changes fields, as typed; an empty text clears a field. `on` is the day.
    pub fn edit(&self, entry: EntryId, fields: HashMap<String, String>) -> Result<()> {
        self.slot.with("entries.edit", |book| book.entries().edit(entry, &typed(&fields)))
    }

    /// Deletes an entry. It can be restored; nothing is erased.
    pub fn delete(&self, entry: EntryId) -> Result<()> {
        self.slot.with("entries.delete", |book| book.entries().delete(entry))
    }

    /// Takes the last action on an entry back.
    pub fn undo(&self, entry: EntryId) -> Result<()> {
        self.slot.with("entries.undo", |book| book.entries().undo(entry))
    }

    /// Brings back what an entry showed after a version, or, without one, a deleted entry as it was.
    #[uniffi::method(default(version = None))]
    pub fn restore(&self, entry: EntryId, version: Option<u32>) -> Result<()> {
        self.slot.with("entries.restore", |book| book.entries().restore(entry, version))
    }

    /// A notebook's entries ready to show, newest first: a page of 50, or as the filter says. The next page begins behind
    /// `entry.place` of the last one.
    #[uniffi::method(default(filter = None))]
    pub fn shown(&self, notebook: NotebookId, filter: Option<ListFilter>) -> Result<Vec<ShownEntry>> {
        self.slot.with("entries.shown", |book| book.entries().shown(notebook, &filter.unwrap_or_default()))
    }

    /// The same without words: values only.
    #[uniffi::method(default(filter = None))]
    pub fn list(&self, notebook: NotebookId, filter: Option<ListFilter>) -> Result<Vec<EntryView>> {
        self.slot.with("entries.list", |book| book.entries().list(notebook, &filter.unwrap_or_default()))
    }

    /// One entry ready to show, deleted or not.
    pub fn find(&self, entry: EntryId) -> Result<ShownEntry> {
        self.slot.with("entries.find", |book| book.entries().shown_one(entry))
    }

    /// Whether an entry's changes are sent, waiting or refused.
    pub fn delivery(&self, entry: EntryId) -> Result<Delivery> {
        self.slot.with("entries.delivery", |book| book.entries().delivery(entry))
    }

    /// Every version of an entry, oldest first.
    pub fn history(&self, entry: EntryId) -> Result<Vec<VersionView>> {
        self.slot.with("entries.history", |book| book.entries().history(entry))
    }

    /// All fields that carers wrote differently without seeing each other's.
    pub fn conflicts(&self) -> Result<Vec<Conflict>> {
        self.slot.with("entries.conflicts", |book| book.entries().conflicts())
    }

    /// Settles a conflict with the value of a version.
    pub fn settle(&self, entry: EntryId, field: String, version: u32) -> Result<()> {
        self.slot.with("entries.settle", |book| book.entries().settle(entry, &field, version))
    }

    /// Photos that belong to an entry (or the entry itself, if it is a photo).
    pub fn photos_of(&self, entry: EntryId) -> Result<Vec<EntryId>> {
        self.slot.with("entries.photos_of", |book| book.entries().photos_of(entry))
    }

    /// A photo: a JPEG without metadata. One that another device wrote may not have come: `Sync.fetch_photo`.
    pub fn photo(&self, photo: EntryId) -> Result<Vec<u8>> {
        self.slot.with("entries.photo", |book| book.entries().photo(photo))
    }

    /// A photo's thumbnail: a small JPEG.
    pub fn thumbnail(&self, photo: EntryId) -> Result<Vec<u8>> {
        self.slot.with("entries.thumbnail", |book| book.entries().thumbnail(photo))
    }
}

/// Pairs as the core reads them.
pub(crate) fn typed(fields: &HashMap<String, String>) -> Vec<(&str, &str)> {
    fields.iter().map(|(key, text)| (key.as_str(), text.as_str())).collect()
}
