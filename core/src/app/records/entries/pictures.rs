//! Photos of entries.

use ayumi_protocol::EntryId;
use serde_json::Value;

use super::Entries;
use crate::app::error::{Error, Result, Thing};
use crate::model::kind::Record;
use crate::model::kinds::Photo;
use crate::store::entries::{self, EntryQuery};
use crate::store::photos;

impl Entries {
    /// Photos that belong to an entry (or the entry itself, if it is a photo).
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn photos_of(&self, id: EntryId) -> Result<Vec<EntryId>> {
        let entry = self.find(id)?;
        if entry.kind == Photo::KIND.id {
            return Ok(vec![id]);
        }
        let filter = EntryQuery { kinds: vec![Photo::KIND.id.into()], ..EntryQuery::default() };
        let photos = entries::page(self.handbook.db().reader(), entry.notebook, &filter, None, usize::MAX)?;
        let of = Value::from(id.to_string());
        Ok(photos.into_iter().filter(|photo| photo.fields.get("of") == Some(&of)).map(|photo| photo.id).collect())
    }

    /// A photo, as a JPEG without metadata.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn photo(&self, id: EntryId) -> Result<Vec<u8>> {
        photos::data(self.handbook.db().reader(), id)?.ok_or(Error::NotFound { what: Thing::Photo })
    }

    /// A photo's thumbnail, a small JPEG.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn thumbnail(&self, id: EntryId) -> Result<Vec<u8>> {
        photos::thumbnail(self.handbook.db().reader(), id)?.ok_or(Error::NotFound { what: Thing::Photo })
    }
}
