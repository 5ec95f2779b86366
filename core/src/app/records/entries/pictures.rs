//! Photos of entries.

use super::Entries;
use crate::app::error::{Error, Result, Thing};
use crate::model::kind::Record;
use crate::model::kinds::Photo;
use crate::model::naming::{EntryKey, EntryName};
use crate::store::entries;
use crate::store::photos;

impl Entries {
    /// Photos that belong to an entry (or the entry itself, if it is a photo), each by a name that no other has.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn photos_of(&self, entry: impl Into<EntryName>) -> Result<Vec<EntryName>> {
        let entry = self.find(&entry.into())?;
        if entry.kind == Photo::KIND.id {
            return Ok(vec![entry.name()]);
        }
        let photos = entries::photos(self.handbook.db().reader(), entry.notebook, false)?;
        let of = entry.id.to_string();
        Ok(photos.iter().filter(|photo| photo.photo_of() == of).map(entries::Entry::name).collect())
    }

    /// A photo, as a JPEG without metadata.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn photo(&self, photo: impl Into<EntryName>) -> Result<Vec<u8>> {
        let photo = self.find_photo(photo.into())?;
        photos::data(self.handbook.db().reader(), &photo)?.ok_or(Error::NotFound { what: Thing::Photo })
    }

    /// A photo's thumbnail, a small JPEG.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn thumbnail(&self, photo: impl Into<EntryName>) -> Result<Vec<u8>> {
        let photo = self.find_photo(photo.into())?;
        photos::thumbnail(self.handbook.db().reader(), &photo)?.ok_or(Error::NotFound { what: Thing::Photo })
    }

    /// The photo that a name fits: an entry of another kind with that id is not meant.
    pub(in crate::app) fn find_photo(&self, name: EntryName) -> Result<EntryKey> {
        let kind = Some(name.kind.unwrap_or_else(|| Photo::KIND.id.to_owned()));
        match self.find(&EntryName { kind, ..name }) {
            Ok(found) if found.kind == Photo::KIND.id => Ok(found.key()),
            Ok(_) | Err(Error::NotFound { .. }) => Err(Error::NotFound { what: Thing::Photo }),
            Err(error) => Err(error),
        }
    }
}
