//! How one entry is named: in the store by notebook, kind and id; at the surface by its id alone, as long as that is enough.
//!
//! Nobody owns an id. Whoever knows one can write an entry of their own under it, in another notebook or of another kind, and
//! before the other one comes: that is another entry, and takes nothing from it.

use std::fmt;
use std::str::FromStr;

use ayumi_protocol::{Change, EntryId, NotebookId};

use super::kind::Record;
use super::kinds::Profile;
use crate::model::{Invalid, Reason};

/// An entry among all of a device: one id under two kinds, or in two notebooks, is two entries.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryKey {
    /// The notebook it stands in.
    pub notebook: NotebookId,
    /// Key of its kind.
    pub kind: String,
    /// Its id.
    pub id: EntryId,
}

impl EntryKey {
    /// Returns the key of an entry.
    pub fn new(notebook: NotebookId, kind: &str, id: EntryId) -> Self {
        Self { notebook, kind: kind.to_owned(), id }
    }

    /// Returns the key of a notebook's own facts.
    pub fn profile(notebook: NotebookId) -> Self {
        Self::new(notebook, Profile::KIND.id, notebook.into())
    }

    /// Returns the key of the entry that a change belongs to.
    pub fn of(change: &Change) -> Self {
        Self::new(change.notebook, &change.kind, change.entry)
    }

    /// Returns whether this is a notebook's own facts.
    pub fn is_profile(&self) -> bool {
        self.kind == Profile::KIND.id && self.id == self.notebook.into()
    }
}

/// What a person or a shell calls an entry: `ID`, or, where several entries have that id, `NOTEBOOK:ID` or
/// `NOTEBOOK:KIND:ID`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryName {
    /// Its id.
    pub id: EntryId,
    /// The notebook it stands in, if that was said.
    pub notebook: Option<NotebookId>,
    /// Key of its kind, if that was said.
    pub kind: Option<String>,
}

impl From<EntryId> for EntryName {
    fn from(id: EntryId) -> Self {
        Self { id, notebook: None, kind: None }
    }
}

impl From<&Self> for EntryName {
    fn from(name: &Self) -> Self {
        name.clone()
    }
}

impl From<EntryKey> for EntryName {
    fn from(key: EntryKey) -> Self {
        Self { id: key.id, notebook: Some(key.notebook), kind: Some(key.kind) }
    }
}

impl fmt::Display for EntryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(notebook) = self.notebook {
            write!(f, "{notebook}:")?;
        }
        if let Some(kind) = &self.kind {
            write!(f, "{kind}:")?;
        }
        self.id.fmt(f)
    }
}

impl FromStr for EntryName {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let parts: Vec<&str> = text.trim().split(':').collect();
        let (notebook, kind, id) = match parts[..] {
            [id] => (None, None, id),
            [notebook, id] => (Some(notebook), None, id),
            [notebook, kind, id] => (Some(notebook), Some(kind), id),
            _ => return Err(unreadable(text)),
        };
        let notebook = notebook.map(str::parse).transpose().map_err(|_| unreadable(text))?;
        let id = id.parse().map_err(|_| unreadable(text))?;
        Ok(Self { id, notebook, kind: kind.map(str::to_owned) })
    }
}

fn unreadable(text: &str) -> Invalid {
    Invalid::new("id", text, "ID, NOTEBOOK:ID or NOTEBOOK:KIND:ID").because(Reason::NotAnId)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_reads_as_it_is_written() {
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        let book = "01890a5d-ac96-774b-bcce-b302099a8058";
        for text in [id.to_owned(), format!("{book}:{id}"), format!("{book}:growth:{id}")] {
            assert_eq!(text.parse::<EntryName>().unwrap().to_string(), text);
        }
        for text in ["", "growth", &format!("growth:{id}"), &format!("{book}:growth:{id}:")] {
            assert!(text.parse::<EntryName>().is_err(), "{text}");
        }
        let key = EntryKey::new(book.parse().unwrap(), "growth", id.parse().unwrap());
        assert_eq!(EntryName::from(key).to_string(), format!("{book}:growth:{id}"));
    }
}
