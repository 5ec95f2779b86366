//! Where the entries of a JSON file go, and the changes that this device makes of them.

use ayumi_protocol::{Change, DeviceId, EntryId, NotebookId, Past, Stamp};

use super::json_file::FileEntry;
use crate::app::error::Result;
use crate::app::handbook::Handbook;
use crate::app::records::entries::first_values;
use crate::app::view::NotebookView;
use crate::model::naming::EntryKey;
use crate::model::value::Fields;

/// What begins an entry, or is told of it.
pub(super) struct Coming<'a> {
    pub(super) id: EntryId,
    pub(super) kind: &'a str,
    pub(super) fields: &'a Fields,
    pub(super) history: Vec<Past>,
}

/// Where the entries of a file go.
pub(super) struct Place {
    pub(super) view: NotebookView,
    /// This device in its stamps.
    pub(super) device: DeviceId,
    /// The notebook's id in the file.
    pub(super) in_file: NotebookId,
}

impl Place {
    /// An entry's key here: a notebook's own facts carry the notebook's id.
    pub(super) fn key(&self, entry: &FileEntry, in_file: EntryId) -> EntryKey {
        let own_facts = EntryKey::new(self.in_file, &entry.kind, in_file).is_profile();
        let id = if own_facts { self.view.id.into() } else { in_file };
        EntryKey::new(self.view.id, &entry.kind, id)
    }

    /// A change of this device's that begins an entry, or tells its history.
    pub(super) fn fresh(&self, handbook: &Handbook, new: Coming<'_>) -> Result<Change> {
        let stamp = Stamp { hlc: handbook.db().next_clock(handbook.clock().now_ms())?, device: self.device };
        let (notebook, kind, fields) = (self.view.id, new.kind.to_owned(), first_values(new.fields));
        Ok(Change { entry: new.id, notebook, kind, stamp, fields, deletes: None, history: new.history })
    }
}
