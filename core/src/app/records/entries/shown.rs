//! A page of entries ready to show, in one call.

use ayumi_protocol::NotebookId;

use super::Entries;
use crate::app::error::Result;
use crate::app::records::words::{Line, long_date};
use crate::app::view::{EntryView, ListFilter};
use crate::model::naming::EntryName;
use crate::texts;

/// An entry ready to show.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ShownEntry {
    /// The entry itself.
    pub entry: EntryView,
    /// Names it and no other: several entries may have one id.
    pub name: EntryName,
    /// Name of its kind.
    pub title: String,
    /// Its day in words; empty if it has none.
    pub day: String,
    /// Its answered fields, in the order of the form.
    pub lines: Vec<Line>,
}

impl Entries {
    /// A notebook's entries ready to show, newest first. The next page begins behind [`EntryView::place`] of the last
    /// one.
    ///
    /// # Errors
    /// As [`Self::list`].
    pub fn shown(&self, notebook: NotebookId, filter: &ListFilter) -> Result<Vec<ShownEntry>> {
        let entries = self.list(notebook, filter)?;
        Ok(entries.into_iter().map(|entry| self.ready(entry)).collect())
    }

    /// One entry ready to show, deleted or not.
    ///
    /// # Errors
    /// [`crate::app::Error::NotFound`].
    pub fn shown_one(&self, entry: impl Into<EntryName>) -> Result<ShownEntry> {
        Ok(self.ready(self.show(entry)?))
    }

    fn ready(&self, entry: EntryView) -> ShownEntry {
        let locale = self.handbook.locale();
        ShownEntry {
            title: texts::kind_label(&entry.kind, locale),
            day: entry.on.map(|on| long_date(on, locale)).unwrap_or_default(),
            lines: entry.lines(&self.handbook),
            name: entry.name(),
            entry,
        }
    }
}
