//! A snapshot: what the authors of a notebook wrote, closely packed, so that who comes anew sees it before the log is there. It
//! stands beside the log and proves itself: the leaves of its changes give the author hash that the author signed.
//!
//! ```text
//! version 1 (2) | control head 32 | parts: count, each
//!     author hash before it 32 | frame of its last envelope 286
//!     envelopes: count, each  0, seed 16, changes: count | 1, changes: count, each 0, leaf 32 or 1, leaf key 16
//!     columns of all their changes ([`columns`]), without those of which only the leaf is left
//! ```
//!
//! Frozen: `fixtures/protocol/snapshot_2.hex`.

use crate::bytes::{Reader, Writer};
use crate::format::FormatError;
use crate::id::NotebookId;
use crate::key::Hash;
use crate::limits;
use crate::notebook::accept::could_count;
use crate::notebook::author_hash::{LeafKey, Seed, after, leaf_key, leaf_of};
use crate::notebook::change::Change;
use crate::notebook::columns;
use crate::notebook::control::State;
use crate::notebook::envelope::{FRAME_BYTES, Frame};

const VERSION: u8 = 2;
/// Bytes that a part takes at least.
pub(super) const PART: usize = 32 + FRAME_BYTES + 3;

/// What keys the leaves of one envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keyed {
    /// The batch's seed, of so many changes.
    Whole {
        /// As in the batch.
        seed: Seed,
        /// How many changes it holds.
        count: usize,
    },
    /// What is left of it after something was erased, change by change.
    Opened(Vec<Leaf>),
}

/// A change of an envelope of which some were erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaf {
    /// It was erased.
    Erased(Hash),
    /// It stands among the changes of the part, and this keys its leaf.
    Kept(LeafKey),
}

/// Envelopes of one author in a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The author hash before the first of them.
    pub before: Hash,
    /// The frame of the last one.
    pub end: Frame,
    /// What keys the leaves of each.
    pub envelopes: Vec<Keyed>,
    /// The changes of all of them, in order, each with its body as it stood in its batch.
    pub changes: Vec<(Change, Vec<u8>)>,
}

impl Part {
    /// Returns the leaves of its changes, if they are those that the author of its frame signed, all of them and in this order.
    /// Whether the author could sign them, the control chain says.
    pub fn proven(&self) -> Option<Vec<Hash>> {
        let mut changes = self.changes.iter();
        let mut proven = Vec::with_capacity(self.changes.len());
        let mut leaf_under = |key: &LeafKey| {
            let leaf = changes.next().map(|(change, body)| leaf_of(key, change, body));
            proven.extend(leaf);
            leaf
        };
        let mut said = self.before;
        for envelope in &self.envelopes {
            let leaves: Option<Vec<Hash>> = match envelope {
                Keyed::Whole { seed, count } => {
                    let places = (0..).take(*count);
                    places.map(|place| leaf_under(&leaf_key(seed, place))).collect()
                }
                Keyed::Opened(leaves) => leaves
                    .iter()
                    .map(|leaf| match leaf {
                        Leaf::Erased(leaf) => Some(*leaf),
                        Leaf::Kept(key) => leaf_under(key),
                    })
                    .collect(),
            };
            said = after(&said, &leaves?);
        }
        let all = changes.next().is_none() && !self.envelopes.is_empty();
        (all && said == self.end.header.author_hash).then_some(proven)
    }

    /// Whether [`Self::proven`] finds it proven.
    pub fn is_proven(&self) -> bool {
        self.proven().is_some()
    }

    /// Returns where each change stands: the sequence of its envelope, and its place among all that was written in it. `None` if
    /// there are more envelopes, or other changes, than there can be.
    pub fn places(&self) -> Option<Vec<(u64, u32)>> {
        let count = u64::try_from(self.envelopes.len()).ok()?;
        let before = self.end.header.sequence.checked_sub(count)?;
        let mut places = Vec::with_capacity(self.changes.len());
        for (number, envelope) in (1..=count).zip(&self.envelopes) {
            let sequence = before + number;
            match envelope {
                Keyed::Whole { count, .. } => places.extend((0..).take(*count).map(|place| (sequence, place))),
                Keyed::Opened(leaves) => {
                    let kept = (0..).zip(leaves).filter(|(_, leaf)| matches!(leaf, Leaf::Kept(_)));
                    places.extend(kept.map(|(place, _)| (sequence, place)));
                }
            }
        }
        (places.len() == self.changes.len()).then_some(places)
    }

    /// Whether its author could write where its last envelope says, signed that envelope, and stamped no change later. What was erased
    /// is another question.
    pub fn counts(&self, state: &State) -> bool {
        let header = &self.end.header;
        let behind = |change: &Change| change.stamp.hlc > header.stamp;
        could_count(&self.end, state) && self.is_proven() && !self.changes.iter().any(|(change, _)| behind(change))
    }

    pub(super) fn write(&self, out: &mut Writer) {
        out.raw(&self.before).raw(&self.end.to_bytes()).varint(self.envelopes.len() as u64);
        for envelope in &self.envelopes {
            match envelope {
                Keyed::Whole { seed, count } => _ = out.u8(0).raw(seed).varint(*count as u64),
                Keyed::Opened(leaves) => {
                    out.u8(1).varint(leaves.len() as u64);
                    for leaf in leaves {
                        match leaf {
                            Leaf::Erased(leaf) => _ = out.u8(0).raw(leaf),
                            Leaf::Kept(key) => _ = out.u8(1).raw(key),
                        }
                    }
                }
            }
        }
        let changes: Vec<_> = self.changes.iter().map(|(change, body)| (change, body.as_slice())).collect();
        columns::write(out, &changes);
    }

    pub(super) fn read(reader: &mut Reader<'_>, notebook: NotebookId, most: usize) -> Result<Self, FormatError> {
        let (before, end) = (reader.array()?, Frame::read(reader)?);
        if end.header.notebook != notebook {
            return Err(reader.wrong());
        }
        let mut envelopes = Vec::new();
        for _ in 0..reader.count(2)? {
            envelopes.push(match reader.u8()? {
                0 => {
                    let seed = reader.array()?;
                    let count = usize::try_from(reader.varint()?).ok().filter(|count| *count <= limits::BATCH_CHANGES);
                    Keyed::Whole { seed, count: count.ok_or(reader.wrong())? }
                }
                1 => {
                    let leaf = |reader: &mut Reader<'_>| match reader.u8()? {
                        0 => Ok(Leaf::Erased(reader.array()?)),
                        1 => Ok(Leaf::Kept(reader.array()?)),
                        _ => Err(reader.wrong()),
                    };
                    let count = reader.count(17)?;
                    Keyed::Opened((0..count).map(|_| leaf(reader)).collect::<Result<_, _>>()?)
                }
                _ => return Err(reader.wrong()),
            });
        }
        let changes = columns::read(reader, notebook, end.header.author.into(), most)?;
        let changes = changes.into_iter().map(|(change, body)| (change, body.to_vec())).collect();
        Ok(Self { before, end, envelopes, changes })
    }
}

/// What the authors of a notebook wrote, as far as its maker knows.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The control head that its maker knew: what was erased later may be in it.
    pub head: Hash,
    /// Authors' envelopes.
    pub parts: Vec<Part>,
}

impl Snapshot {
    /// Encodes it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.u8(VERSION).raw(&self.head).varint(self.parts.len() as u64);
        self.parts.iter().for_each(|part| part.write(&mut out));
        out.0
    }

    /// Reads one of a notebook back; what it holds is proven part by part.
    ///
    /// # Errors
    /// If it is none, or holds more than there may be.
    pub fn from_bytes(notebook: NotebookId, bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes, "snapshot");
        if bytes.len() > limits::SNAPSHOT_BYTES || reader.u8()? != VERSION {
            return Err(reader.wrong());
        }
        let head = reader.array()?;
        let mut parts = Vec::new();
        let mut room = limits::SNAPSHOT_CHANGES;
        let count = reader.count(PART)?;
        if count > limits::SNAPSHOT_PARTS {
            return Err(reader.wrong());
        }
        for _ in 0..count {
            let part = Part::read(&mut reader, notebook, room)?;
            room -= part.changes.len();
            parts.push(part);
        }
        reader.end()?;
        Ok(Self { head, parts })
    }
}

#[cfg(test)]
mod tests;
