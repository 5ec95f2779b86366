//! Where a picture may lie at a server: under its name of each epoch, in the slots of all who are or were members.

use ayumi_protocol::DeviceId;
use ayumi_protocol::blob::BlobName;
use ayumi_protocol::key::KeyId;

use crate::crypto::keys::EpochKey;
use crate::model::naming::EntryKey;
use crate::store::photos::Picture;
use crate::sync::blob::{name, thumbnail_name};
use crate::sync::reader::Reader;

/// A blob's name, and whose slot.
pub(super) type Place = (BlobName, KeyId);

/// The places of a notebook's pictures.
pub(super) struct Places<'r> {
    reader: &'r Reader,
    first: &'r EpochKey,
    newest: u32,
    slots: Vec<KeyId>,
}

impl<'r> Places<'r> {
    /// `None` while the chain or its first key is not here.
    pub(super) fn of(reader: &'r Reader) -> Option<Self> {
        let (first, state) = (reader.key(1)?, reader.state()?);
        let mut slots: Vec<KeyId> = state.present_and_past_members().copied().collect();
        slots.sort_by_key(|slot| *slot == reader.id());
        Some(Self { reader, first, newest: state.epoch(), slots })
    }

    pub(super) const fn reader(&self) -> &'r Reader {
        self.reader
    }

    /// How many places one picture has.
    pub(super) fn count(&self) -> usize {
        self.slots.len().saturating_mul(self.newest as usize)
    }

    /// The places of a picture, the likely ones first: whoever wrote of it put it, this device's own slot comes last, and it was
    /// sealed in the epoch of the day on which it was sent, which is mostly the newest.
    pub(super) fn all(
        &self,
        photo: &EntryKey,
        author: Option<DeviceId>,
        picture: Picture,
    ) -> impl Iterator<Item = Place> {
        (0..self.count()).filter_map(move |at| self.nth(photo, author, picture, at))
    }

    /// One of them, from 0.
    pub(super) fn nth(&self, photo: &EntryKey, author: Option<DeviceId>, picture: Picture, at: usize) -> Option<Place> {
        let slot = *self.slots.get(self.authors_first(author, at / self.epochs()))?;
        Some((self.name(photo, picture, self.epoch_at(at)), slot))
    }

    /// The epoch in which a picture at a place was sealed.
    pub(super) fn epoch_at(&self, at: usize) -> u32 {
        self.newest.saturating_sub(u32::try_from(at % self.epochs()).unwrap_or(u32::MAX))
    }

    fn epochs(&self) -> usize {
        (self.newest as usize).max(1)
    }

    /// The epoch in which this device seals a picture now, and the name under which it puts it.
    pub(super) fn now(&self, photo: &EntryKey, picture: Picture) -> (u32, BlobName) {
        (self.newest, self.name(photo, picture, self.newest))
    }

    fn name(&self, photo: &EntryKey, picture: Picture, epoch: u32) -> BlobName {
        let name = match picture {
            Picture::Photo => name,
            Picture::Thumbnail => thumbnail_name,
        };
        name(self.first, self.reader.notebook(), photo.id, epoch)
    }

    /// The place of a slot in the list, counted with the author's before all others.
    fn authors_first(&self, author: Option<DeviceId>, at: usize) -> usize {
        let of_author = self.slots.iter().position(|slot| Some(DeviceId::from(*slot)) == author);
        match of_author {
            Some(first) if at == 0 => first,
            Some(first) if at <= first => at - 1,
            _ => at,
        }
    }
}
