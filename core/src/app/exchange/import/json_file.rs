//! The form of our JSON, as far as an import reads it.

use ayumi_protocol::{EntryId, NotebookId, Stamp};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::app::error::Result;
use crate::app::exchange::export::{FORMAT, VERSION};
use crate::model::notebook::NotebookType;
use crate::model::value::Fields;
use crate::model::{Invalid, Reason};

#[derive(Deserialize)]
pub(super) struct File {
    pub(super) format: String,
    pub(super) version: u64,
    pub(super) notebook: FileNotebook,
    #[serde(default)]
    pub(super) entries: Vec<FileEntry>,
    #[serde(default)]
    pub(super) photos: Vec<FilePhoto>,
}

#[derive(Deserialize)]
pub(super) struct FileNotebook {
    pub(super) id: NotebookId,
    #[serde(rename = "type")]
    pub(super) notebook_type: NotebookType,
    #[serde(default)]
    pub(super) name: String,
}

#[derive(Deserialize)]
pub(super) struct FileEntry {
    pub(super) id: Option<EntryId>,
    pub(super) kind: String,
    pub(super) on: Option<NaiveDate>,
    #[serde(default)]
    pub(super) fields: Fields,
    #[serde(default)]
    pub(super) changes: Vec<FileChange>,
}

#[derive(Deserialize)]
pub(super) struct FileChange {
    pub(super) stamp: Stamp,
    pub(super) body: Map<String, Value>,
}

#[derive(Deserialize)]
pub(super) struct FilePhoto {
    pub(super) id: EntryId,
    pub(super) jpeg: String,
}

impl File {
    /// Reads a file.
    ///
    /// # Errors
    /// [`crate::app::Error::Invalid`] if it is none of ours, or a newer version's.
    pub(super) fn read(text: &str) -> Result<Self> {
        let file: Self = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
            // Line and column help; the words of the parser may repeat what the family wrote.
            let place = format!("line {}, column {}", error.line(), error.column());
            Invalid::new("file", &place, "a JSON file that Ayumi exported").because(Reason::NotAFile)
        })?;
        if file.format != FORMAT {
            return Err(Invalid::new("format", &file.format, FORMAT).because(Reason::NotAFile).into());
        }
        if file.version > VERSION {
            let allowed = format!("up to {VERSION}; please update");
            return Err(Invalid::new("version", &file.version.to_string(), allowed).because(Reason::NewerForm).into());
        }
        Ok(file)
    }
}
