//! The fast lane: a snapshot that another member made shows what was written before the log is here. What it shows is provisional
//! until the log was read, which follows when there is time. A false one costs a download.

use ayumi_protocol::accept::CLOCK_TOLERANCE_MS;
use ayumi_protocol::blob::{BlobAction, BlobName, BlobReply, snapshot_name};
use ayumi_protocol::endpoint::Endpoint;
use ayumi_protocol::exchange::{Reply, Request, Token, Wanted};
use ayumi_protocol::key::KeyId;
use ayumi_protocol::{Hlc, NotebookId, limits};

use super::apply::is_false;
use super::page::verify_chain;
use super::parted::is_told;
use super::prepare::channel_of;
use super::provisional::show;
use super::reopen::reopen;
use super::session::{Response, Session};
use super::write::{Verified, write};
use crate::app::error::Result;
use crate::app::membership::load;
use crate::store::channel;
use crate::store::early::{self, Made};
use crate::store::frames;
use crate::sync::reader::Reader;
use crate::sync::snapshot::Packing;

/// Items that are still to be read for which a snapshot pays: what is read faster than it is asked for needs none.
const WORTH: u64 = 250;
/// Items that a log has more than at the last snapshot, before another one is made.
const GROWN: u64 = 500;
/// A device makes one a day at most, of all its notebooks; and it asks for those of one notebook once a day at most.
const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// Members who are asked for one.
const ASKED: usize = 3;

/// Whether something was less than a day ago. A clock that was set back forgets it.
pub(super) fn is_of_today(at_ms: u64, now_ms: u64) -> bool {
    (at_ms..at_ms.saturating_add(DAY_MS)).contains(&now_ms)
}

/// A blob beside the log that a member may have in a slot of its own.
pub(super) struct Beside<'r> {
    pub(super) reader: &'r Reader,
    pub(super) token: Option<Token>,
    pub(super) name: BlobName,
}

impl<'r> Beside<'r> {
    fn snapshot(reader: &'r Reader, token: Option<Token>) -> Self {
        Self { reader, token, name: snapshot_name(reader.notebook()) }
    }
}

impl Session<'_> {
    /// Shows what a snapshot proves, if so much of a log is still to be read that it pays. Returns whether there was one.
    pub(super) async fn fast_lane(&mut self, id: NotebookId, to_read: u64) -> Result<bool> {
        let now_ms = self.handbook.clock().now_ms();
        {
            let mut db = self.handbook.db();
            let here = channel_of(&mut db, id)?;
            let pays = to_read >= WORTH && to_read >= here.position && !self.is_beside();
            // A server that is told again shows its chain to who compares it with the one that is here.
            let is_told_again = here.again || channel::statements(db.reader(), id)?.iter().any(is_told);
            if !pays || is_told_again || early::is_some(db.reader(), id)? {
                return Ok(false);
            }
            // False ones do not keep it from reading the log, day for day.
            if is_of_today(early::asked(db.reader(), id)?, now_ms) {
                return Ok(false);
            }
            db.write(|tx| early::note_asked(tx, id, now_ms))?;
        }
        let Some((reader, token, most)) = self.chain_ahead(id).await? else { return Ok(false) };
        let Some(state) = reader.state().filter(|state| state.may_read(&reader.id())) else { return Ok(false) };
        let others = state.holders().filter(|(maker, _)| state.may_write(maker) && **maker != reader.id());
        let mut makers: Vec<KeyId> = others.map(|(maker, _)| *maker).collect();
        makers.sort_by_key(|maker| !state.is_owner(maker));
        for maker in makers.into_iter().take(ASKED) {
            if self.is_over() {
                return Ok(false);
            }
            let beside = Beside::snapshot(&reader, token);
            let chunks = self.chunks_beside(&beside, maker, limits::SNAPSHOT_CHUNKS).await;
            if chunks.is_empty() {
                continue;
            }
            let shown = show(&mut self.handbook.db(), &reader, chunks, most)?;
            if let Some(new) = shown {
                self.report.pulled += new;
                self.handbook.profiles().clear();
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the other side is a device, which keeps what both have and nothing beside it.
    pub(super) fn is_beside(&self) -> bool {
        self.transport.handshake().is_some()
    }

    /// Reads the chain to its end, which the log has not shown yet, and keeps it: this device's own coming stands in it. `None` if it
    /// does not come at once. Beside it the greatest clock reading that a server would take now.
    async fn chain_ahead(&mut self, id: NotebookId) -> Result<Option<(Reader, Option<Token>, Hlc)>> {
        let (channel, reader) = {
            let mut db = self.handbook.db();
            let channel = channel_of(&mut db, id)?;
            let reader = load(db.reader(), &channel)?;
            (channel, reader)
        };
        let response = self.request_as(Endpoint::Sync.path(), id, reader.me(), channel.token, |caller| {
            let wanted = Wanted { control_only: true, mine_too: false };
            let (after, prefix, page_bytes) = (channel.position, channel.prefix, limits::PAGE_BYTES as u64);
            Request { caller, wanted, after, prefix, page_bytes, ticket: None, ends: Vec::new(), pieces: Vec::new() }
                .to_bytes()
        });
        let Response::Reply(bytes) = response.await else { return Ok(None) };
        let Ok(reply) = Reply::from_bytes(&bytes) else { return Ok(None) };
        if reply.gone || reply.closed || is_false(&channel, &reply) {
            return Ok(None);
        }
        let mut db = self.handbook.db();
        let mut reader = reader;
        let page = verify_chain(db.reader(), &channel, &mut reader, &[], &reply);
        let reads = reader.state().is_some_and(|state| state.may_read(&reader.id()));
        let Some(page) = page.ok().filter(|_| reads) else { return Ok(None) };
        let (remedy, refused, removed, ends_again) = (None, None, false, false);
        let verified =
            Verified { channel: &channel, reader: &reader, page: &page, remedy, refused, removed, ends_again };
        let moved = write(&mut db, &verified, reply.server_ms)?;
        if reader.has_learnt_a_key() || moved.erased {
            self.report.apart += reopen(&mut db, id)?;
        }
        self.handbook.profiles().clear();
        let most = Hlc(reply.server_ms.saturating_add(CLOCK_TOLERANCE_MS) << 16);
        Ok(Some((reader, channel.token, most)))
    }

    /// All chunks of what is in a member's slot; none if it is not there whole, or longer than it may be.
    pub(super) async fn chunks_beside(&mut self, beside: &Beside<'_>, slot: KeyId, most: u32) -> Vec<Vec<u8>> {
        let mut chunks = Vec::new();
        loop {
            let from = u32::try_from(chunks.len()).unwrap_or(u32::MAX);
            let Some(reply) = self.ask_beside(beside, &BlobAction::Get { slot, from }).await else { return Vec::new() };
            if reply.there < reply.of || reply.of > most || reply.chunks.is_empty() {
                return Vec::new();
            }
            chunks.extend(reply.chunks);
            if chunks.len() >= reply.of as usize {
                return chunks;
            }
        }
    }

    /// Asks about it. Whatever keeps the answer away, another day will do.
    pub(super) async fn ask_beside(&mut self, beside: &Beside<'_>, action: &BlobAction) -> Option<BlobReply> {
        self.ask_blob(beside.reader, beside.token, beside.name, action).await.ok()
    }

    /// Makes a snapshot for those who come anew, if the log has grown enough since the last one.
    pub(super) async fn offer_snapshot(&mut self, id: NotebookId) -> Result<()> {
        let now_ms = self.handbook.clock().now_ms();
        let (reader, channel, made) = {
            let mut db = self.handbook.db();
            let channel = channel_of(&mut db, id)?;
            let made = early::made(db.reader(), id)?;
            let grown = made.position.saturating_add(GROWN.max(made.position / 4));
            if channel.position < grown || self.is_beside() || is_of_today(early::made_any(db.reader())?, now_ms) {
                return Ok(());
            }
            if early::is_some(db.reader(), id)? {
                return Ok(());
            }
            (load(db.reader(), &channel)?, channel, made)
        };
        let packed = if reader.may_write() { self.packed(&reader)? } else { None };
        let Some(chunks) = packed else { return Ok(()) };
        // The day counts from the try: what does not come through does not go again with every sync.
        let made = Made { at_ms: now_ms, ..made };
        self.handbook.db().write(|tx| early::note_made(tx, id, made))?;
        let of = u32::try_from(chunks.len()).unwrap_or(u32::MAX);
        let beside = Beside::snapshot(&reader, channel.token);
        let before = std::iter::once(BlobAction::Drop { slot: reader.id() });
        let puts = (0..).zip(chunks).map(|(number, bytes)| BlobAction::Put { number, of, bytes });
        for action in before.chain(puts) {
            if self.is_over() {
                return Ok(());
            }
            // Nobody misses one that was not taken.
            if self.ask_beside(&beside, &action).await.is_none() {
                return Ok(());
            }
        }
        let made = Made { position: channel.position, ..made };
        Ok(self.handbook.db().write(|tx| early::note_made(tx, id, made))?)
    }

    fn packed(&self, reader: &Reader) -> Result<Option<Vec<Vec<u8>>>> {
        let db = self.handbook.db();
        let mut packing = Packing::new(reader);
        frames::each(db.reader(), reader.notebook(), |held| packing.take(held))?;
        Ok(packing.seal())
    }
}
