//! Photos: sent when everything written is sent, fetched when somebody looks.

use std::collections::BTreeSet;

use ayumi_protocol::blob::{BlobAction, BlobName, BlobReply, BlobRequest};
use ayumi_protocol::control::State;
use ayumi_protocol::endpoint::Endpoint;
use ayumi_protocol::exchange::Token;
use ayumi_protocol::key::KeyId;
use ayumi_protocol::{NotebookId, limits};

use super::report::{Budget, SyncReport};
use super::run::Sync;
use super::session::{NotebookOutcome, Response, Session};
use crate::app::error::{Error, Result, Thing};
use crate::app::membership::load;
use crate::model::naming::{EntryKey, EntryName};
use crate::store::{changes, channel, entries, photos};
use crate::sync::blob::{name, open, seal};
use crate::sync::reader::Reader;
use crate::sync::transport::Transport;

const PATH: &str = Endpoint::Blob.path();
/// How long the photos of a deleted entry stay, so that it can be restored: 30 days.
const KEPT_MS: u64 = 30 * 24 * 60 * 60 * 1000;

/// A photo's name at the server and its chunks.
type Sealed = (BlobName, Vec<Vec<u8>>);

impl Session<'_> {
    /// Sends a notebook's photos that the server lacks, chunk by chunk.
    pub(in crate::app) async fn photos(&mut self, id: NotebookId) -> Result<NotebookOutcome> {
        let Some((reader, token)) = self.channel(id)? else { return Ok(NotebookOutcome::Done) };
        self.drop_long_deleted(id)?;
        if self.awaits_confirmation(id)? {
            return Ok(NotebookOutcome::Done);
        }
        let dropped = self.drop_gone(&reader, token).await?;
        if !reader.may_write() || dropped != NotebookOutcome::Done {
            return Ok(dropped);
        }
        let waiting = photos::unsent(self.handbook.db().reader(), id)?;
        for photo in waiting {
            if !self.is_mine(&photo)? && self.is_in_a_slot(&reader, token, &photo).await? {
                self.handbook.db().write(|tx| photos::mark_sent(tx, &photo))?;
                continue;
            }
            let Some(chunks) = self.sealed(&reader, &photo)? else { continue };
            let (name, of) = (chunks.0, u32::try_from(chunks.1.len()).unwrap_or(u32::MAX));
            let status = self.request_as(PATH, id, reader.me(), token, |caller| {
                BlobRequest { caller, name, action: BlobAction::Status }.to_bytes()
            });
            let mut there = match read(status.await) {
                Ok(reply) => reply.there,
                Err(outcome) => return Ok(outcome),
            };
            while there < of {
                if self.is_over() {
                    return Ok(NotebookOutcome::More);
                }
                let bytes = chunks.1.get(there as usize).cloned().unwrap_or_default();
                let put = self.request_as(PATH, id, reader.me(), token, |caller| {
                    let action = BlobAction::Put { number: there, of, bytes: bytes.clone() };
                    BlobRequest { caller, name, action }.to_bytes()
                });
                match read(put.await) {
                    // What is there under another length is not this photo: it is left alone.
                    Ok(reply) if reply.there <= there => break,
                    Ok(reply) => there = reply.there,
                    Err(outcome) => return Ok(outcome),
                }
            }
            self.handbook.db().write(|tx| photos::mark_sent(tx, &photo))?;
        }
        Ok(NotebookOutcome::Done)
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
        let here: BTreeSet<EntryKey> = photos::all(db.reader())?.into_iter().collect();
        let mut gone = Vec::new();
        for deleted in [false, true] {
            let photos = entries::photos(db.reader(), id, deleted)?.into_iter();
            let old = photos.filter(|photo| keys.contains(&photo.key()) || ids.contains(photo.photo_of()));
            gone.extend(old.map(|photo| photo.key()).filter(|key| here.contains(key)));
        }
        if gone.is_empty() {
            return Ok(());
        }
        Ok(db.write(|tx| gone.iter().try_for_each(|photo| photos::erase(tx, photo)))?)
    }

    /// Lets the server drop photos that have left this device: from its own slot, by an owner from every slot.
    async fn drop_gone(&mut self, reader: &Reader, token: Option<Token>) -> Result<NotebookOutcome> {
        let gone = photos::gone(self.handbook.db().reader(), reader.notebook())?;
        let me = reader.id();
        let owner = reader.is_owner();
        for photo in gone {
            for (name, slot) in places(reader, &photo).into_iter().filter(|(_, slot)| owner || *slot == me) {
                let request = self.request_as(PATH, reader.notebook(), reader.me(), token, |caller| {
                    BlobRequest { caller, name, action: BlobAction::Drop { slot } }.to_bytes()
                });
                if let Err(outcome) = read(request.await) {
                    return Ok(outcome);
                }
            }
            self.handbook.db().write(|tx| photos::forget_gone(tx, &photo))?;
        }
        Ok(NotebookOutcome::Done)
    }

    /// Whether this device wrote a photo's entry.
    fn is_mine(&self, photo: &EntryKey) -> Result<bool> {
        let mut db = self.handbook.db();
        let changes = changes::of_entry(db.reader(), photo)?;
        let Some(first) = changes.first() else { return Ok(false) };
        Ok(first.stamp.device == db.device(first.notebook)?)
    }

    /// Whether another member's slot has a photo whole: what another one sent is not sent again into this device's own.
    async fn is_in_a_slot(&mut self, reader: &Reader, token: Option<Token>, photo: &EntryKey) -> Result<bool> {
        for (name, slot) in places(reader, photo).into_iter().filter(|(_, slot)| *slot != reader.id()) {
            let get = self.request_as(PATH, reader.notebook(), reader.me(), token, |caller| {
                // From behind the last chunk: only how many there are.
                BlobRequest { caller, name, action: BlobAction::Get { slot, from: u32::MAX } }.to_bytes()
            });
            if read(get.await).is_ok_and(|reply| reply.of > 0 && reply.there == reply.of) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn channel(&self, id: NotebookId) -> Result<Option<(Reader, Option<Token>)>> {
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
        slot: KeyId,
        name: [u8; 32],
        reader: &Reader,
        token: Option<Token>,
    ) -> Result<Option<Vec<Vec<u8>>>> {
        loop {
            let kept = photos::chunks(self.handbook.db().reader(), photo)?;
            let from = u32::try_from(kept.len()).unwrap_or(u32::MAX);
            let get = self.request_as(PATH, reader.notebook(), reader.me(), token, |caller| {
                BlobRequest { caller, name, action: BlobAction::Get { slot, from } }.to_bytes()
            });
            let Ok(reply) = read(get.await) else { return Err(Error::Offline) };
            if reply.of == 0 || reply.there < reply.of || reply.of > limits::PHOTO_CHUNKS {
                return Ok(None);
            }
            if kept.len() >= reply.of as usize {
                return Ok(Some(kept));
            }
            if reply.chunks.is_empty() {
                return Err(Error::Offline);
            }
            self.handbook.db().write(|tx| photos::keep_chunks(tx, photo, from, reply.of, &reply.chunks))?;
        }
    }

    /// A photo's name and its sealed chunks.
    fn sealed(&self, reader: &Reader, photo: &EntryKey) -> Result<Option<Sealed>> {
        let Some(data) = photos::data(self.handbook.db().reader(), photo)? else { return Ok(None) };
        let epoch = reader.state().map_or(1, State::epoch);
        let (Some(first), Some(key)) = (reader.key(1), reader.key(epoch)) else { return Ok(None) };
        let name = name(first, reader.notebook(), photo.id, epoch);
        Ok(seal(key, epoch, &name, &data).ok().map(|chunks| (name, chunks)))
    }
}

/// Where a photo may be: under its name of each epoch, the newest first, since it was sealed in the epoch of the day on which it
/// was sent; and there in the slots of all who are or were members, this device's own last.
fn places(reader: &Reader, photo: &EntryKey) -> Vec<(BlobName, KeyId)> {
    let (Some(first), Some(state)) = (reader.key(1), reader.state()) else { return Vec::new() };
    let mut slots: Vec<KeyId> = state.present_and_past_members().copied().collect();
    slots.sort_by_key(|slot| *slot == reader.id());
    let names = (1..=state.epoch()).rev().map(|epoch| name(first, reader.notebook(), photo.id, epoch));
    names.flat_map(|name| slots.iter().map(move |slot| (name, *slot))).collect()
}

fn read(response: Response) -> std::result::Result<BlobReply, NotebookOutcome> {
    match response {
        Response::Reply(bytes) => BlobReply::from_bytes(&bytes).map_err(|_| NotebookOutcome::Offline),
        Response::Full => Err(NotebookOutcome::Full),
        _ => Err(NotebookOutcome::Offline),
    }
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
        // Anybody may have put anything under the name: only the photo that the entry names is taken.
        for (name, slot) in places(&reader, &photo) {
            let Some(chunks) = session.chunks(&photo, slot, name, &reader, token).await? else { continue };
            let opened = open(|epoch| reader.key(epoch), &name, &chunks).ok();
            let genuine = opened.filter(|data| hash.as_deref() == Some(&crate::crypto::sha256_hex(data)));
            self.handbook.db().write(|tx| photos::drop_chunks(tx, &photo))?;
            if let Some(data) = genuine {
                let thumb = crate::photo::thumbnail_of(&data)?;
                self.handbook.db().write(|tx| {
                    photos::add(tx, &photo, &data, &thumb)?;
                    photos::mark_sent(tx, &photo)
                })?;
                return Ok(data);
            }
        }
        Err(Error::NotFound { what: Thing::Photo })
    }
}
