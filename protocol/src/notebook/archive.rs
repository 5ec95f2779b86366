//! An archive: what a notebook held before it began anew, so that everybody can check which of its members wrote a word.
//!
//! ```text
//! version 1 (2) | notebook 16, as it was | statements: count, each blob | ends: count, each frame 286, rising by author
//!     parts: count, each as in a snapshot
//! ```
//!
//! The label of who began anew holds a hash of where every author's line ended. So an archive can lose words that were erased, and
//! is still the one that was named. Frozen: `fixtures/protocol/archive_2.hex`.

use std::collections::BTreeMap;

use crate::bytes::{Reader, Writer};
use crate::format::FormatError;
use crate::id::NotebookId;
use crate::key::{Hash, KeyId, hash_for};
use crate::limits;
use crate::notebook::accept::could_count;
use crate::notebook::author_hash::{LeafKey, leaf_key, leaf_of};
use crate::notebook::change::Change;
use crate::notebook::control::{State, Statement};
use crate::notebook::envelope::{FRAME_BYTES, Frame};
use crate::notebook::origin::Origin;
use crate::notebook::snapshot::{Keyed, Leaf, PART, Part};
use crate::purpose;

const VERSION: u8 = 2;

/// What a notebook held. Whether it is genuine, [`Self::words`] says.
#[derive(Debug, Clone, PartialEq)]
pub struct Archive {
    /// The notebook as it was.
    pub notebook: NotebookId,
    /// Its control chain.
    pub statements: Vec<Vec<u8>>,
    /// The last envelope of every author, rising by author.
    pub ends: Vec<Frame>,
    /// What they wrote, as far as its maker could read it and it was not erased.
    pub parts: Vec<Part>,
}

/// A word that an archive proves.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// Where it stood.
    pub origin: Origin,
    /// What was said there.
    pub change: Change,
}

impl Word {
    /// Returns a hash by which a device notes it: of where it stood and of what it said, field by field.
    pub fn mark(&self) -> Hash {
        let change = &self.change;
        let said = change.fields.iter().map(|(field, said)| (field.as_str(), said.value.to_string()));
        let said: Vec<u8> =
            said.flat_map(|(field, value)| [field.as_bytes(), &[0], value.as_bytes(), &[0]].concat()).collect();
        let (entry, stamp) = (change.entry.as_bytes(), change.stamp.to_bytes());
        let parts = [&self.origin.to_bytes()[..], entry, &stamp, change.kind.as_bytes(), &[0], &said];
        hash_for(purpose::ARCHIVED, &parts.concat())
    }
}

impl Archive {
    /// Returns what the label of who began anew says: where every author's line ended in that notebook.
    pub fn mark(&self) -> Hash {
        let mut out = Writer::default();
        out.raw(self.notebook.as_bytes()).u32(u32::try_from(self.ends.len()).unwrap_or(u32::MAX));
        for end in &self.ends {
            let header = &end.header;
            out.raw(&header.author.0).u64(header.sequence).u32(header.attempt).raw(&end.hash());
        }
        hash_for(purpose::ARCHIVE, &out.0)
    }

    /// Returns every word that it proves, if it is the archive that a label names: the notebook's id follows from its founding, the
    /// chain from there holds, every frame is signed by who could write then, and the words give the author hash in it. Words that
    /// the chain erased are not among them. `None` if anything is otherwise.
    pub fn words(&self, named: &Hash) -> Option<Vec<Word>> {
        let state = self.state().filter(|_| self.mark() == *named)?;
        let mut ends: BTreeMap<KeyId, &Frame> = BTreeMap::new();
        for end in &self.ends {
            let rises = ends.last_key_value().is_none_or(|(last, _)| *last < end.header.author);
            if !rises || !could_count(end, &state) {
                return None;
            }
            ends.insert(end.header.author, end);
        }
        let mut words = Vec::new();
        for part in &self.parts {
            let end = ends.get(&part.end.header.author)?;
            if !part.counts(&state) || !leads_up_to(&part.end, end) {
                return None;
            }
            let author = part.end.header.author;
            let keyed = part.places()?.into_iter().zip(keys(part)).zip(&part.changes);
            let stand = keyed.filter(|(((sequence, place), _), _)| !state.may_be_erased(author, *sequence, *place));
            words.extend(stand.map(|(((sequence, _), key), (change, body))| {
                let leaf = leaf_of(&key, change, body);
                Word { origin: Origin { author, sequence, leaf }, change: change.clone() }
            }));
        }
        Some(words)
    }

    /// The chain's state at its end.
    fn state(&self) -> Option<State> {
        let mut state: Option<State> = None;
        for bytes in &self.statements {
            let statement = Statement::from_bytes(bytes).ok().filter(|said| said.notebook == self.notebook)?;
            state = match state {
                Some(state) => state.after(&statement).ok(),
                None => State::founded(&statement).ok(),
            };
            state.as_ref()?;
        }
        state
    }

    /// Leaves out words; their leaves stay, so that what stands beside them is still proven. Returns whether there were any.
    pub fn forget(&mut self, is_gone: impl Fn(&Change) -> bool) -> bool {
        let mut went = false;
        for part in &mut self.parts {
            if part.changes.iter().any(|(change, _)| is_gone(change)) {
                went = true;
                forget_in(part, &is_gone);
            }
        }
        went
    }

    /// Encodes it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.u8(VERSION).raw(self.notebook.as_bytes()).varint(self.statements.len() as u64);
        self.statements.iter().for_each(|statement| _ = out.blob(statement));
        out.varint(self.ends.len() as u64);
        self.ends.iter().for_each(|end| _ = out.raw(&end.to_bytes()));
        out.varint(self.parts.len() as u64);
        self.parts.iter().for_each(|part| part.write(&mut out));
        out.0
    }

    /// Reads one; whether it is genuine is another question.
    ///
    /// # Errors
    /// If it is none, or holds more than there may be.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes, "archive");
        if bytes.len() > limits::ARCHIVE_BYTES || reader.u8()? != VERSION {
            return Err(reader.wrong());
        }
        let notebook = NotebookId::from_slice(reader.raw(16)?)?;
        let count = reader.count(1)?;
        if count > limits::STATEMENTS {
            return Err(reader.wrong());
        }
        let statement = |reader: &mut Reader<'_>| Ok(reader.blob(limits::STATEMENT_BYTES)?.to_vec());
        let statements = (0..count).map(|_| statement(&mut reader)).collect::<Result<_, FormatError>>()?;
        let count = reader.count(FRAME_BYTES)?;
        let ends = (0..count).map(|_| Frame::read(&mut reader)).collect::<Result<_, _>>()?;
        let count = reader.count(PART)?;
        if count > limits::SNAPSHOT_PARTS {
            return Err(reader.wrong());
        }
        let (mut parts, mut room) = (Vec::with_capacity(count), limits::SNAPSHOT_CHANGES);
        for _ in 0..count {
            let part = Part::read(&mut reader, notebook, room)?;
            room -= part.changes.len();
            parts.push(part);
        }
        reader.end()?;
        Ok(Self { notebook, statements, ends, parts })
    }
}

/// Whether an author's frame can stand in the line that ends with another one.
fn leads_up_to(frame: &Frame, end: &Frame) -> bool {
    let (earlier, last) = (&frame.header, &end.header);
    match earlier.sequence.cmp(&last.sequence) {
        std::cmp::Ordering::Less => earlier.attempt <= last.attempt,
        std::cmp::Ordering::Equal => frame.hash() == end.hash(),
        std::cmp::Ordering::Greater => false,
    }
}

/// The keys of the leaves of a part's changes, in their order.
fn keys(part: &Part) -> Vec<LeafKey> {
    let mut keys = Vec::with_capacity(part.changes.len());
    for envelope in &part.envelopes {
        match envelope {
            Keyed::Whole { seed, count } => keys.extend((0..).take(*count).map(|place| leaf_key(seed, place))),
            Keyed::Opened(leaves) => keys.extend(leaves.iter().filter_map(|leaf| match leaf {
                Leaf::Kept(key) => Some(*key),
                Leaf::Erased(_) => None,
            })),
        }
    }
    keys
}

/// Leaves words out of a part.
fn forget_in(part: &mut Part, is_gone: &impl Fn(&Change) -> bool) {
    let mut changes = std::mem::take(&mut part.changes).into_iter();
    for envelope in &mut part.envelopes {
        let leaves: Vec<Leaf> = match envelope {
            Keyed::Whole { seed, count } => (0..).take(*count).map(|place| Leaf::Kept(leaf_key(seed, place))).collect(),
            Keyed::Opened(leaves) => std::mem::take(leaves),
        };
        let mut went = false;
        let left = leaves.into_iter().map(|leaf| {
            let Leaf::Kept(key) = leaf else { return leaf };
            match changes.next() {
                Some((change, body)) if is_gone(&change) => {
                    went = true;
                    Leaf::Erased(leaf_of(&key, &change, &body))
                }
                Some(stands) => {
                    part.changes.push(stands);
                    leaf
                }
                None => leaf,
            }
        });
        let left: Vec<Leaf> = left.collect();
        // The seed of an envelope that stands whole keys all of its leaves.
        if went || matches!(envelope, Keyed::Opened(_)) {
            *envelope = Keyed::Opened(left);
        }
    }
}

#[cfg(test)]
mod tests;
