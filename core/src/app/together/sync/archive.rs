//! The archive of a notebook that began anew: who made it keeps it at the server, everybody else fetches it when there is time, and
//! notes which words it proves.

use ayumi_protocol::blob::{BlobAction, archive_name};
use ayumi_protocol::exchange::Token;
use ayumi_protocol::key::{Hash, KeyId};
use ayumi_protocol::{NotebookId, limits};

use super::archived::words_of;
use super::early::{Beside, is_of_today};
use super::session::Session;
use crate::app::error::Result;
use crate::app::membership::load;
use crate::app::observe::Topic;
use crate::store::View;
use crate::store::archives::{self, Known};
use crate::store::channel::{self, Channel};
use crate::sync::archive::{knows_what_was_erased, open, seal, unpack};
use crate::sync::reader::Reader;

/// Members who are asked for one.
const ASKED: usize = 4;

impl Session<'_> {
    /// Puts a notebook's archive at the server, or fetches it. Without one nothing is asked.
    pub(in crate::app) async fn archive(&mut self, id: NotebookId) -> Result<()> {
        let Some((channel, known)) = self.archive_of(id)? else { return Ok(()) };
        let (Some(named), Some(store_epoch)) = (known.named, channel.store_epoch) else { return Ok(()) };
        let reader = |view: &View| load(view, &channel);
        if known.here {
            // Who came in by a code sends nothing yet.
            if known.there == Some(store_epoch) || channel.awaits.is_some() {
                return Ok(());
            }
            let reader = reader(self.handbook.db().reader())?;
            return self.put_archive(&reader, channel.token, &known, store_epoch).await;
        }
        let now_ms = self.handbook.clock().now_ms();
        if is_of_today(known.asked_ms, now_ms) {
            return Ok(());
        }
        let reader = reader(self.handbook.db().reader())?;
        self.fetch_archive(&reader, channel.token, &named, now_ms).await
    }

    /// The channel of a notebook at this server, and what is known of its archive.
    fn archive_of(&self, id: NotebookId) -> Result<Option<(Channel, Known)>> {
        let mut db = self.handbook.db();
        let works = |channel: &Channel| channel.halted.is_none() && !channel.removed && channel.gone.is_none();
        let Some(channel) = channel::find(db.reader(), id)?.filter(works).filter(|_| !self.is_beside()) else {
            return Ok(None);
        };
        if let Some(known) = archives::find(db.reader(), id)? {
            return Ok(Some((channel, known)));
        }
        let Some(label) = load(db.reader(), &channel)?.founders_label() else { return Ok(None) };
        db.write(|tx| archives::note(tx, id, label.archive))?;
        Ok(archives::find(db.reader(), id)?.map(|known| (channel, known)))
    }

    /// Puts the archive into this device's slot, if it is the one that made it, or an owner's after that one has gone.
    async fn put_archive(
        &mut self,
        reader: &Reader,
        token: Option<Token>,
        known: &Known,
        store_epoch: [u8; 16],
    ) -> Result<()> {
        let (id, name) = (reader.notebook(), archive_name(reader.notebook()));
        let Some(state) = reader.state() else { return Ok(()) };
        let founder_is_here = reader.founder().is_some_and(|founder| state.holder(&founder).is_some());
        let puts = reader.may_write() && (known.made || (!founder_is_here && reader.is_owner()));
        let body = if puts { archives::body(self.handbook.db().reader(), id)? } else { None };
        let begun = known.head.filter(|head| knows_what_was_erased(state, head));
        let head = begun.unwrap_or_else(|| state.head());
        let Some(chunks) = body.and_then(|body| seal(reader, &head, &body)) else {
            // Another device does it.
            return Ok(self.handbook.db().write(|tx| archives::note_put(tx, id, None, Some(store_epoch)))?);
        };
        let of = u32::try_from(chunks.len()).unwrap_or(u32::MAX);
        let beside = Beside { reader, token, name };
        let Some(mut there) = self.ask_beside(&beside, &BlobAction::Status).await else { return Ok(()) };
        if there.there > 0 && (begun.is_none() || there.of != of) {
            let Some(dropped) = self.ask_beside(&beside, &BlobAction::Drop { slot: reader.id() }).await else {
                return Ok(());
            };
            there = dropped;
        }
        self.handbook.db().write(|tx| archives::note_put(tx, id, Some(head), None))?;
        for (number, bytes) in (0..).zip(chunks).skip(there.there as usize) {
            let put = BlobAction::Put { number, of, bytes };
            // What is cut off goes on with the next sync.
            if self.is_over() || self.ask_beside(&beside, &put).await.is_none() {
                return Ok(());
            }
        }
        Ok(self.handbook.db().write(|tx| archives::note_put(tx, id, Some(head), Some(store_epoch)))?)
    }

    /// Fetches the archive that the label names: from the slot of who began the notebook, or of an owner who told it again.
    async fn fetch_archive(&mut self, reader: &Reader, token: Option<Token>, named: &Hash, now_ms: u64) -> Result<()> {
        let (id, name) = (reader.notebook(), archive_name(reader.notebook()));
        let Some(state) = reader.state() else { return Ok(()) };
        let founder = reader.founder();
        let mut slots: Vec<KeyId> = state.present_and_past_members().copied().collect();
        slots.sort_by_key(|slot| (Some(*slot) != founder, !state.is_owner(slot)));
        let beside = Beside { reader, token, name };
        for slot in slots.into_iter().take(ASKED) {
            if self.is_over() {
                return Ok(());
            }
            let chunks = self.chunks_beside(&beside, slot, limits::ARCHIVE_CHUNKS).await;
            let genuine = open(reader, &chunks).and_then(|body| {
                let words = words_of(&unpack(&body)?, named, id)?;
                Some((body, words))
            });
            if let Some((body, words)) = genuine {
                self.handbook.db().write(|tx| archives::keep(tx, id, &body, &words))?;
                self.handbook.changed(&[Topic::Records]);
                return Ok(());
            }
        }
        // A false one costs a download a day.
        Ok(self.handbook.db().write(|tx| archives::note_asked(tx, id, now_ms))?)
    }
}
