//! Snapshots: what the authors of a notebook wrote, for who comes anew. Packed from the log as it is kept, sealed like a photo, and
//! believed only where the author hashes prove it.

use std::collections::BTreeMap;

use ayumi_protocol::blob::{SNAPSHOT_HEAD, snapshot_name};
use ayumi_protocol::control::State;
use ayumi_protocol::envelope::{Frame, Tail};
use ayumi_protocol::key::Hash;
use ayumi_protocol::line::{greatest, later_than, smallest_leaves};
use ayumi_protocol::opening::Held;
use ayumi_protocol::snapshot::{Part, Snapshot};
use ayumi_protocol::{Change, author_hash, limits};

use super::blob;
use super::opened::Told;
use super::reader::Reader;
use crate::crypto::keys::NotForUs;

/// A level of zstd that takes its time: a snapshot is made seldom and fetched often.
const LEVEL: i32 = 12;

/// Packs what is kept of a log, author by author, each author's envelopes in their order.
pub struct Packing<'r> {
    reader: &'r Reader,
    parts: Vec<Part>,
    /// Whether the next envelope of the author goes on with the last part.
    goes_on: bool,
    last: Option<Frame>,
    room: usize,
}

impl<'r> Packing<'r> {
    /// Begins one.
    pub const fn new(reader: &'r Reader) -> Self {
        Self { reader, parts: Vec::new(), goes_on: false, last: None, room: limits::SNAPSHOT_CHANGES }
    }

    /// Takes the next envelope that counts. One that cannot be told from what is kept is left out, and a new part begins.
    pub fn take(&mut self, held: &Held) {
        let frame = held.frame();
        let header = &frame.header;
        let previous = match &self.last {
            Some(last) if last.hash() == header.previous => Some(last.tail()),
            _ => (header.sequence == 1).then(Tail::default),
        };
        self.goes_on &= previous.is_some_and(|previous| previous.sequence > 0);
        self.last = Some(frame);
        let told = previous.and_then(|previous| Some((previous, self.reader.told(held, &previous)?)));
        let Some((previous, Told { keyed, changes })) = told.filter(|(_, told)| told.changes.len() <= self.room) else {
            self.goes_on = false;
            return;
        };
        if !self.goes_on && self.parts.len() == limits::SNAPSHOT_PARTS {
            return;
        }
        self.room -= changes.len();
        if !self.goes_on {
            let before = author_hash::at(header.notebook, header.author, &previous);
            self.parts.push(Part { before, end: frame, envelopes: Vec::new(), changes: Vec::new() });
            self.goes_on = true;
        }
        if let Some(part) = self.parts.last_mut() {
            part.end = frame;
            part.envelopes.push(keyed);
            part.changes.extend(changes);
        }
    }

    /// Returns what was packed.
    pub fn into_parts(self) -> Vec<Part> {
        self.parts
    }

    /// Seals it in the present epoch, in chunks as a server keeps them. `None` without anything in it or the epoch's key.
    pub fn seal(self) -> Option<Vec<Vec<u8>>> {
        let state = self.reader.state()?;
        let key = self.reader.key(state.epoch()).filter(|_| !self.parts.is_empty())?;
        let (notebook, head) = (self.reader.notebook(), state.head());
        let bytes = Snapshot { head, parts: self.parts }.to_bytes();
        let packed = zstd::bulk::compress(&bytes, LEVEL).ok().filter(|_| bytes.len() <= limits::SNAPSHOT_BYTES)?;
        let mut chunks = blob::seal(key, state.epoch(), &snapshot_name(notebook), &packed).ok()?;
        let first = chunks.first_mut()?;
        *first = [&head[..], first].concat();
        Some(chunks)
    }
}

/// Opens a snapshot. `None` if it is none, or if its maker did not know the last statement that erased words.
pub fn open(reader: &Reader, mut chunks: Vec<Vec<u8>>) -> Option<Snapshot> {
    let state = reader.state()?;
    let first = chunks.first_mut().filter(|first| first.len() >= SNAPSHOT_HEAD)?;
    first.drain(..SNAPSHOT_HEAD);
    let packed = blob::open(|epoch| reader.key(epoch), &snapshot_name(reader.notebook()), &chunks);
    // What was opened is not held twice.
    drop(chunks);
    let bytes = packed.and_then(|packed| zstd::bulk::decompress(&packed, limits::SNAPSHOT_BYTES).map_err(|_| NotForUs));
    let snapshot = Snapshot::from_bytes(reader.notebook(), &bytes.ok()?).ok()?;
    let head = state.place_of(&snapshot.head)?;
    state.last_erasure().is_none_or(|erased| erased <= head).then_some(snapshot)
}

/// Returns the changes of a part that are proven: its author signed them, and could write where its last envelope says. Words that
/// statements erase are not among them, whoever still has them.
pub fn proven(state: &State, mut part: Part) -> Option<Vec<Change>> {
    let leaves = part.proven().filter(|_| part.counts(state))?;
    let (author, places) = (part.end.header.author, part.places()?);
    let all = places.into_iter().zip(std::mem::take(&mut part.changes).into_iter().zip(leaves));
    let mut envelopes: BTreeMap<u64, Vec<(Change, Hash)>> = BTreeMap::new();
    for ((sequence, place), ((change, _), leaf)) in all {
        if !state.may_be_erased(author, sequence, place) {
            envelopes.entry(sequence).or_default().push((change, leaf));
        }
    }
    // What is not in the part, the log says.
    let (mut changes, mut before) = (Vec::new(), None);
    for envelope in envelopes.into_values() {
        let words: Vec<Change> = smallest_leaves(envelope).into_iter().map(|(change, _)| change).collect();
        let counting = later_than(&words, before).into_owned();
        before = greatest(&words, before);
        changes.extend(counting);
    }
    Some(changes)
}

#[cfg(test)]
mod tests;
