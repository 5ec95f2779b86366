//! An entry to write: from typing, from JSON, from a typed record, with photos.

use std::collections::HashMap;

use ayumi_protocol::{EntryId, NotebookId};
use chrono::NaiveDate;

use crate::app::error::Result;
use crate::app::records::typing;
use crate::model::kind::{KindDef, ON, Record};
use crate::model::kinds::{self, Profile};
use crate::model::value::{FieldValue, Fields};
use crate::model::{Invalid, Reason, date::parse_date, days};
use crate::photo::{Prepared, prepare};

/// The kind with this key, or an error that lists what there is.
pub(super) fn known_kind(key: &str) -> Result<&'static KindDef> {
    kinds::find(key).filter(|kind| kind.id != Profile::KIND.id).ok_or_else(|| {
        let all: Vec<&str> = kinds::KINDS.iter().map(|kind| kind.id).filter(|id| *id != Profile::KIND.id).collect();
        Invalid::new("kind", key, format!("one of {}", all.join(", "))).because(Reason::UnknownKind).into()
    })
}

/// An entry as a shell's form holds it: texts as they were typed, or the keys that were chosen. Full-width digits,
/// units behind numbers and Japanese eras are understood.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Draft {
    /// The notebook that it goes into.
    pub notebook: NotebookId,
    /// Key of its kind.
    pub kind: String,
    /// The day it is about.
    pub on: NaiveDate,
    /// Fields as typed; an empty text is unanswered.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub fields: HashMap<String, String>,
    /// Photos: JPEG, PNG or WebP. Position, camera and time of the original are not kept.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub photos: Vec<Vec<u8>>,
}

/// An entry to write.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// The id that it had elsewhere, for imports.
    pub(in crate::app) id: Option<EntryId>,
    pub(in crate::app) notebook: NotebookId,
    pub(in crate::app) kind: &'static KindDef,
    pub(in crate::app) fields: Fields,
    pub(in crate::app) photos: Vec<Prepared>,
}

impl NewEntry {
    /// From what a person typed.
    ///
    /// # Errors
    /// [`crate::app::Error::Invalid`] with the field, what was given and what is allowed.
    pub fn typed(notebook: NotebookId, kind: &str, on: &str, fields: &[(&str, &str)]) -> Result<Self> {
        let day =
            parse_date(on).ok_or_else(|| Invalid::new("on", on, ON.field_type.allowed()).because(Reason::NotADate))?;
        Self::read(notebook, kind, day, fields.iter().copied())
    }

    /// From a shell's form.
    ///
    /// # Errors
    /// [`crate::app::Error::Invalid`] with the field, what was given and what is allowed.
    pub fn drafted(draft: &Draft) -> Result<Self> {
        let fields = draft.fields.iter().map(|(key, text)| (key.as_str(), text.as_str()));
        let entry = Self::read(draft.notebook, &draft.kind, draft.on, fields)?;
        draft.photos.iter().try_fold(entry, |entry, photo| entry.with_photo(photo))
    }

    fn read<'a>(
        notebook: NotebookId,
        kind: &str,
        day: NaiveDate,
        fields: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self> {
        let kind = known_kind(kind)?;
        let said = typing::said(kind, fields, None);
        if let Some((_, text)) = said.iter().find(|(key, _)| *key == ON.key) {
            return Err(Invalid::new("on", text, "the day of an entry once").because(Reason::FieldTwice).into());
        }
        days::by_hand(kind, said.iter().map(|(key, _)| key.as_ref()))?;
        let mut read = kind.read(said.iter().map(|(key, text)| (key.as_ref(), text.as_ref())))?;
        read.insert(ON.key.into(), day.to_json());
        read.retain(|_, value| !value.is_null());
        Ok(Self { id: None, notebook, kind, fields: read, photos: Vec::new() })
    }

    /// From typed values in JSON form (bindings, import).
    ///
    /// # Errors
    /// [`crate::app::Error::Invalid`].
    pub fn checked(notebook: NotebookId, kind: &str, on: NaiveDate, fields: &Fields) -> Result<Self> {
        let kind = known_kind(kind)?;
        let mut checked = kind.validate(fields)?;
        checked.insert(ON.key.into(), on.to_json());
        checked.retain(|_, value| !value.is_null());
        Ok(Self { id: None, notebook, kind, fields: checked, photos: Vec::new() })
    }

    /// From a typed record.
    ///
    /// # Errors
    /// [`crate::app::Error::Invalid`] if a value is out of its range.
    pub fn record<R: Record>(notebook: NotebookId, on: NaiveDate, record: &R) -> Result<Self> {
        Self::checked(notebook, R::KIND.id, on, &record.to_fields())
    }

    /// With a photo: any JPEG, PNG or WebP. Position, camera and time of the original are not kept.
    ///
    /// # Errors
    /// [`crate::app::Error::Invalid`] if it is no picture.
    pub fn with_photo(mut self, original: &[u8]) -> Result<Self> {
        self.photos.push(prepare(original)?);
        Ok(self)
    }

    pub(in crate::app) fn on(&self) -> Option<NaiveDate> {
        self.fields.get(ON.key).and_then(NaiveDate::from_json)
    }
}
