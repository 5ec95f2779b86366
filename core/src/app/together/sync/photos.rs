//! Photos: sent when everything written is sent, fetched when somebody looks.

use std::collections::BTreeSet;

use ayumi_protocol::blob::{BlobAction, BlobName, BlobReply, BlobRequest, hash_of, stored_name};
use ayumi_protocol::endpoint::Endpoint;
use ayumi_protocol::exchange::Token;
use ayumi_protocol::{DeviceId, NotebookId, limits};

use super::places::{Place, Places};
use super::report::{Budget, SyncReport};
use super::run::Sync;
use super::session::{NotebookOutcome, Response, Session};
use crate::app::error::{Error, Result, Thing};
use crate::app::membership::load;
use crate::model::naming::{EntryKey, EntryName};
use crate::store::photos::Picture;
use crate::store::{changes, channel, entries, photos};
use crate::sync::blob::{open, seal, seal_thumbnail};
use crate::sync::reader::Reader;
use crate::sync::transport::Transport;

const PATH: &str = Endpoint::Blob.path();
/// How long the photos of a deleted entry stay, so that it can be restored: 30 days.
const KEPT_MS: u64 = 30 * 24 * 60 * 60 * 1000;

impl Session<'_> {
    /// Lets a notebook's photos go that have left this device, and sends those that the server lacks.
    pub(in crate::app) async fn photos(&mut self, id: NotebookId) -> Result<NotebookOutcome> {
        let Some((reader, token)) = self.channel(id)? else { return Ok(NotebookOutcome::Done) };
        self.drop_long_deleted(id)?;
        if self.awaits_confirmation(id)? {
            return Ok(NotebookOutcome::Done);
        }
        match self.drop_gone(&reader, token).await? {
            NotebookOutcome::Done => self.send_pictures(&reader, token, Picture::Photo).await,
            ended => Ok(ended),
        }
    }

    /// Sends the pictures that the server lacks, chunk by chunk.
    pub(super) async fn send_pictures(
        &mut self,
        reader: &Reader,
        token: Option<Token>,
        picture: Picture,
    ) -> Result<NotebookOutcome> {
        let id = reader.notebook();
        let Some(places) = Places::of(reader).filter(|_| reader.may_write()) else { return Ok(NotebookOutcome::Done) };
        if self.awaits_confirmation(id)? {
            return Ok(NotebookOutcome::Done);
        }
        let waiting = photos::unsent(self.handbook.db().reader(), id, picture)?;
        for photo in waiting {
            let is_there = !self.is_mine(&photo)? && self.is_in_a_slot(&places, token, &photo, picture).await?;
            if !is_there {
                let (epoch, name) = places.now(&photo, picture);
                let Some(chunks) = self.sealed(reader, &photo, picture, epoch, &name)? else { continue };
                if let Err(ended) = self.put_blob(reader, token, name, &chunks).await {
                    return Ok(ended);
                }
                match picture {
                    Picture::Photo => self.report.photos_pushed += 1,
                    Picture::Thumbnail => self.report.thumbnails_pushed += 1,
                }
            }
            self.handbook.db().write(|tx| photos::mark_sent(tx, &photo, picture))?;
        }
        Ok(NotebookOutcome::Done)
    }

    /// Puts what this device's slot lacks of a blob. It is sent when the server's hash over it is that over what is here; what lies
    /// there otherwise is dropped, and the blob put once more.
    async fn put_blob(
        &mut self,
        reader: &Reader,
        token: Option<Token>,
        name: BlobName,
        chunks: &[Vec<u8>],
    ) -> std::result::Result<(), NotebookOutcome> {
        let (of, hash) = (u32::try_from(chunks.len()).unwrap_or(u32::MAX), hash_of(chunks));
        for _ in 0..2 {
            let mut reply = self.ask_blob(reader, token, name, &BlobAction::Status).await?;
            while let Some(bytes) = chunks.get(reply.there as usize).filter(|_| [0, of].contains(&reply.of)) {
                if self.is_over() {
                    return Err(NotebookOutcome::More);
                }
                let (number, bytes) = (reply.there, bytes.clone());
                reply = self.ask_blob(reader, token, name, &BlobAction::Put { number, of, bytes }).await?;
                if reply.there <= number {
                    break;
                }
            }
            if (reply.of, reply.there, reply.hash) == (of, of, hash) {
                return Ok(());
            }
            self.ask_blob(reader, token, name, &BlobAction::Drop { slot: reader.id() }).await?;
        }
        Err(NotebookOutcome::Offline)
    }

    /// Asks about a blob.
    pub(super) async fn ask_blob(
        &mut self,
        reader: &Reader,
        token: Option<Token>,
        name: BlobName,
        action: &BlobAction,
    ) -> std::result::Result<BlobReply, NotebookOutcome> {
        let response = self.request_as(PATH, reader.notebook(), reader.me(), token, |caller| {
            BlobRequest { caller, name, action: action.clone() }.to_bytes()
        });
        match response.await {
            Response::Reply(bytes) => BlobReply::from_bytes(&bytes).map_err(|_| NotebookOutcome::Offline),
            Response::Full => Err(NotebookOutcome::Full),
            _ => Err(NotebookOutcome::Offline),
        }
    }

    /// Takes the photos of entries off this device that were deleted long ago.
    fn drop_long_deleted(&self, id: NotebookId) -> Result<()> {
        let before_ms = self.handbook.clock().now_ms().saturating_sub(KEPT_MS);
        let mut db = self.handbook.db();
        let old = entries::deleted_before(db.reader(), id, before_ms)?;
        if old.is_empty() {
            return Ok(());
        }
        let (keys, ids): (BTreeSet<EntryKey>, BTreeSet<String>) =
            old.into_iter().map(|key| (key.clone(), key.id.to_string())).unzip();
        let deleted_ids = entries::deleted_ids(db.reader(), id)?;
        let ids: BTreeSet<String> = ids.intersection(&deleted_ids).cloned().collect();
        let mut gone = Vec::new();
        for deleted in [false, true] {
            let photos = entries::photos(db.reader(), id, deleted)?.into_iter();
            let old = photos.filter(|photo| keys.contains(&photo.key()) || ids.contains(photo.photo_of()));
            for key in old.map(|photo| photo.key()) {
                if photos::is_here(db.reader(), &key)? {
                    gone.push(key);
                }
            }
        }
        if gone.is_empty() {
            return Ok(());
        }
        Ok(db.write(|tx| gone.iter().try_for_each(|photo| photos::erase(tx, photo)))?)
    }

    /// Lets the server drop photos and thumbnails that have left this device: from its own slot, by an owner from every slot.
    async fn drop_gone(&mut self, reader: &Reader, token: Option<Token>) -> Result<NotebookOutcome> {
        let gone = photos::gone(self.handbook.db().reader(), reader.notebook())?;
        let Some(places) = Places::of(reader) else { return Ok(NotebookOutcome::Done) };
        let (me, owner) = (reader.id(), reader.is_owner());
        for photo in gone {
            let both = [Picture::Photo, Picture::Thumbnail].map(|picture| places.all(&photo, None, picture));
            for (name, slot) in both.into_iter().flatten().filter(|(_, slot)| owner || *slot == me) {
                if let Err(ended) = self.ask_blob(reader, token, name, &BlobAction::Drop { slot }).await {
                    return Ok(ended);
                }
            }
            self.handbook.db().write(|tx| photos::forget_gone(tx, &photo))?;
        }
        Ok(NotebookOutcome::Done)
    }

    /// The device that wrote a photo's entry first.
    fn author_of(&self, photo: &EntryKey) -> Result<Option<DeviceId>> {
        let changes = changes::of_entry(self.handbook.db().reader(), photo)?;
        Ok(changes.first().map(|first| first.stamp.device))
    }

    /// Whether this device wrote a photo's entry.
    fn is_mine(&self, photo: &EntryKey) -> Result<bool> {
        let me = self.handbook.db().device(photo.notebook)?;
        Ok(self.author_of(photo)? == Some(me))
    }

    /// Whether another member's slot has a picture, and the same that is here: what another one sent is not sent again into this
    /// device's own.
    async fn is_in_a_slot(
        &mut self,
        places: &Places<'_>,
        token: Option<Token>,
        photo: &EntryKey,
        picture: Picture,
    ) -> Result<bool> {
        let (reader, author) = (places.reader(), self.author_of(photo)?);
        for (at, (name, slot)) in places.all(photo, author, picture).enumerate() {
            if slot == reader.id() {
                continue;
            }
            // From behind the last chunk: only how many there are, and the hash over them.
            let get = BlobAction::Get { slot, from: u32::MAX };
            let Ok(reply) = self.ask_blob(reader, token, name, &get).await else { continue };
            if reply.of == 0 || reply.there != reply.of {
                continue;
            }
            let here = self.sealed(reader, photo, picture, places.epoch_at(at), &name)?;
            if here.is_some_and(|here| hash_of(&here) == reply.hash) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) fn channel(&self, id: NotebookId) -> Result<Option<(Reader, Option<Token>)>> {
        let db = self.handbook.db();
        let Some(channel) =
            channel::find(db.reader(), id)?.filter(|c| c.halted.is_none() && !c.removed && c.gone.is_none())
        else {
            return Ok(None);
        };
        Ok(Some((load(db.reader(), &channel)?, channel.token)))
    }

    /// Whether this device came in by a code and sends nothing yet.
    fn awaits_confirmation(&self, id: NotebookId) -> Result<bool> {
        let db = self.handbook.db();
        Ok(channel::find(db.reader(), id)?.is_some_and(|channel| channel.awaits.is_some()))
    }

    /// All chunks of a photo in a member's slot, those that came before a cut from the file; `None` if the server has not
    /// all of them, or more than a photo can have.
    async fn chunks(
        &mut self,
        photo: &EntryKey,
        place: Place,
        reader: &Reader,
        token: Option<Token>,
    ) -> Result<Option<Vec<Vec<u8>>>> {
        let ((name, slot), stored) = (place, stored(place));
        loop {
            let kept = photos::chunks(self.handbook.db().reader(), photo, &stored)?;
            let from = u32::try_from(kept.len()).unwrap_or(u32::MAX);
            let get = BlobAction::Get { slot, from };
            let Ok(mut reply) = self.ask_blob(reader, token, name, &get).await else { return Err(Error::Offline) };
            if reply.of == 0 || reply.there < reply.of || reply.of > limits::PHOTO_CHUNKS {
                return Ok(None);
            }
            if from >= reply.of {
                return Ok(Some(kept));
            }
            reply.chunks.truncate((reply.of - from) as usize);
            if reply.chunks.is_empty() {
                return Err(Error::Offline);
            }
            self.handbook.db().write(|tx| photos::keep_chunks(tx, photo, &stored, from, &reply.chunks))?;
        }
    }

    /// A picture, sealed under its name of an epoch.
    fn sealed(
        &self,
        reader: &Reader,
        photo: &EntryKey,
        picture: Picture,
        epoch: u32,
        name: &BlobName,
    ) -> Result<Option<Vec<Vec<u8>>>> {
        let db = self.handbook.db();
        let data = match picture {
            Picture::Photo => photos::data(db.reader(), photo)?,
            Picture::Thumbnail => photos::thumbnail(db.reader(), photo)?,
        };
        let (Some(data), Some(key)) = (data, reader.key(epoch)) else { return Ok(None) };
        Ok(match picture {
            Picture::Photo => seal(key, epoch, name, &data).ok(),
            Picture::Thumbnail => seal_thumbnail(key, epoch, name, &data).map(|chunk| vec![chunk]),
        })
    }
}

/// Names a place in this file.
fn stored((name, slot): Place) -> BlobName {
    stored_name(slot, &name)
}

impl Sync {
    /// Fetches a photo that another member's device sent; what came before a cut is kept, and the rest is fetched the
    /// next time. Returns the photo.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such photo, here or at the server yet; [`Error::Offline`].
    pub async fn fetch_photo(&self, photo: impl Into<EntryName>, transport: &dyn Transport) -> Result<Vec<u8>> {
        let photo = self.handbook.entries().find_photo(photo.into())?;
        let entry =
            entries::find(self.handbook.db().reader(), &photo)?.ok_or(Error::NotFound { what: Thing::Photo })?;
        if let Some(data) = photos::data(self.handbook.db().reader(), &photo)? {
            return Ok(data);
        }
        let mut report = SyncReport::default();
        let mut session = Session::new(self.handbook.clone(), transport, Budget::default().time_ms, &mut report);
        let (reader, token) = session.channel(entry.notebook)?.ok_or(Error::NotFound { what: Thing::Photo })?;
        let hash = entry.fields.get("sha256").and_then(serde_json::Value::as_str).map(str::to_owned);
        let places = Places::of(&reader).ok_or(Error::NotFound { what: Thing::Photo })?;
        let author = session.author_of(&photo)?;
        // Anybody may have put anything under the name: only the photo that the entry names is taken.
        for place in places.all(&photo, author, Picture::Photo) {
            let Some(chunks) = session.chunks(&photo, place, &reader, token).await? else { continue };
            let opened = open(|epoch| reader.key(epoch), &place.0, &chunks).ok();
            let genuine = opened.filter(|data| hash.as_deref() == Some(&crate::crypto::sha256_hex(data)));
            let made = genuine.and_then(|data| Some((crate::photo::thumbnail_of(&data).ok()?, data)));
            let Some((thumb, data)) = made else {
                self.handbook.db().write(|tx| photos::drop_chunks(tx, &photo, Some(&stored(place))))?;
                continue;
            };
            self.handbook.db().write(|tx| {
                photos::drop_chunks(tx, &photo, None)?;
                photos::add(tx, &photo, &data, &thumb)?;
                photos::mark_sent(tx, &photo, Picture::Photo)
            })?;
            return Ok(data);
        }
        Err(Error::NotFound { what: Thing::Photo })
    }
}
