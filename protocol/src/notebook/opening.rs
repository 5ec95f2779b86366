//! What is left of an envelope of which words were erased: its frame, and an *opening* beside it that holds the other words.
//!
//! ```text
//! remnant: frame 286 | opening, or nothing if all of it was erased
//! opening: version 1 (2) | epoch 4 | control head 32 | salt 32 | ciphertext
//! inside:  former key and peer heads as in the batch | changes: count, each
//!          0, leaf 32 | 1, leaf key 16, entry 16, clock 8, kind, body
//! ```
//!
//! The ciphertext is sealed as an envelope's is, under a key for openings; the envelope's hash and the opening's bytes before it
//! are the associated data. An opening needs no signature: what its changes are follows from the author hash in the frame. The
//! seed of the batch is gone, and so is the key of each erased leaf: no guess can be tried on it. Frozen:
//! `fixtures/protocol/opening_2.hex`.

use crate::bytes::{Reader, Writer};
use crate::clock::{Hlc, Stamp};
use crate::format::FormatError;
use crate::id::{EntryId, NotebookId};
use crate::key::{Hash, KeyId};
use crate::limits;
use crate::notebook::accept::Refusal;
use crate::notebook::author_hash::{self, LeafKey, leaf_key, leaf_of};
use crate::notebook::batch::{Decoded, PeerHead, read_besides, write_besides};
use crate::notebook::change::Change;
use crate::notebook::control::{Erased, State};
use crate::notebook::envelope::{Envelope, FRAME_BYTES, Frame, Header, Tail};

const VERSION: u8 = 2;
/// Bytes that one change takes at least in an opening.
const LEAST: usize = 33;

/// What was not erased of an envelope, sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Which of the notebook's keys.
    pub epoch: u32,
    /// The control head that its maker knew: at the last statement that erased some of it, or later.
    pub control: Hash,
    /// Makes its key; random, never used again.
    pub salt: [u8; 32],
    /// The sealed part.
    pub ciphertext: Vec<u8>,
}

impl Opening {
    /// What its key is for.
    pub const PURPOSE: &'static str = crate::purpose::OPENING;

    fn head(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.u8(VERSION).u32(self.epoch).raw(&self.control).raw(&self.salt);
        out.0
    }

    /// The associated data of its seal: it opens beside this envelope only.
    pub fn associated(&self, envelope: &Hash) -> Vec<u8> {
        [&envelope[..], &self.head()].concat()
    }

    /// The wire form.
    pub fn to_bytes(&self) -> Vec<u8> {
        [&self.head()[..], &self.ciphertext].concat()
    }

    /// Reads a wire form.
    ///
    /// # Errors
    /// If it is none, or too long.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes, "opening");
        if bytes.len() > limits::OPENING_BYTES || reader.u8()? != VERSION {
            return Err(reader.wrong());
        }
        let (epoch, control, salt) = (reader.u32()?, reader.array()?, reader.array()?);
        let ciphertext = reader.raw(reader.left())?.to_vec();
        if ciphertext.len() < 16 { Err(reader.wrong()) } else { Ok(Self { epoch, control, salt, ciphertext }) }
    }
}

/// An envelope without its ciphertext, as servers keep it and members pass it on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remnant {
    /// The envelope's frame.
    pub frame: Frame,
    /// What was not erased; `None` if all of it was.
    pub opening: Option<Opening>,
}

impl Remnant {
    /// The longest wire form.
    pub const BYTES: usize = FRAME_BYTES + limits::OPENING_BYTES;

    /// Bytes of the wire form.
    fn length(&self) -> usize {
        FRAME_BYTES + self.opening.as_ref().map_or(0, |opening| opening.head().len() + opening.ciphertext.len())
    }

    /// The wire form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let opening = self.opening.as_ref().map(Opening::to_bytes).unwrap_or_default();
        [self.frame.to_bytes(), opening].concat()
    }

    /// Reads a wire form.
    ///
    /// # Errors
    /// If it is none, or too long.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FormatError> {
        let frame = Frame::from_start_of(bytes)?;
        let opening = match bytes.get(FRAME_BYTES..).unwrap_or_default() {
            [] => None,
            opening => Some(Opening::from_bytes(opening)?),
        };
        Ok(Self { frame, opening })
    }

    /// Whether a store takes it in the place of the envelope: a statement of the chain erased some of it, and the opening was made
    /// when its maker knew that statement. What is in the opening, no server can see.
    ///
    /// # Errors
    /// [`Refusal::NotErased`]; [`Refusal::Forked`] if the maker knew another chain.
    pub fn check(&self, state: &State) -> Result<(), Refusal> {
        let (erased_at, erased) = state.erased(&self.frame.header).ok_or(Refusal::NotErased)?;
        match (&erased, &self.opening) {
            (Erased::Whole, None) => Ok(()),
            (Erased::Places(_), Some(opening)) => {
                let made_at = state.place_of(&opening.control).ok_or(Refusal::Forked)?;
                let fits = made_at >= erased_at && opening.epoch == state.epoch_at(made_at);
                if fits { Ok(()) } else { Err(Refusal::NotErased) }
            }
            _ => Err(Refusal::NotErased),
        }
    }

    /// Whether one that passed [`Self::check`] takes the place of one that is there. The first stands, unless it is older than
    /// a statement, or the maker is who may erase all of the envelope anyhow: its author, or an owner.
    pub fn replaces(&self, there: &Self, state: &State, maker: &KeyId) -> bool {
        let may = state.is_owner(maker) || *maker == self.frame.header.author;
        *self != *there && (may || there.check(state).is_err())
    }

    /// Whether it may be taken in the place of so many bytes whatever a notebook's quota says: who has no room left can
    /// erase all the same.
    pub fn is_no_growth(&self, before: usize) -> bool {
        self.length() <= before.saturating_mul(2).saturating_add(1024)
    }
}

/// An envelope, or what is left of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// With its ciphertext.
    Whole(Envelope),
    /// Without it.
    Remnant(Remnant),
}

impl Held {
    /// Reads a wire form: that of a remnant, or of an envelope.
    ///
    /// # Errors
    /// If it is none.
    pub fn from_bytes(remnant: bool, bytes: &[u8]) -> Result<Self, FormatError> {
        if remnant {
            Remnant::from_bytes(bytes).map(Self::Remnant)
        } else {
            Envelope::from_bytes(bytes).map(Self::Whole)
        }
    }

    /// The wire form.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Whole(envelope) => envelope.to_bytes(),
            Self::Remnant(remnant) => remnant.to_bytes(),
        }
    }

    /// Whether only a remnant is left.
    pub const fn is_remnant(&self) -> bool {
        matches!(self, Self::Remnant(_))
    }

    /// The frame.
    pub fn frame(&self) -> Frame {
        match self {
            Self::Whole(envelope) => envelope.frame(),
            Self::Remnant(remnant) => remnant.frame,
        }
    }

    /// The header.
    pub const fn header(&self) -> &Header {
        match self {
            Self::Whole(envelope) => &envelope.header,
            Self::Remnant(remnant) => &remnant.frame.header,
        }
    }
}

/// A change of an envelope of which some were erased.
#[derive(Debug, Clone, PartialEq)]
pub enum OpenedChange {
    /// It stands as before.
    Kept {
        /// Keys its leaf.
        leaf_key: LeafKey,
        /// The change.
        change: Change,
        /// Its body as it stood in the batch.
        body: Vec<u8>,
    },
    /// It was erased: only its leaf is left.
    Erased(Hash),
}

/// What an opening holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    /// As in the batch.
    pub former_key: Option<[u8; 32]>,
    /// As in the batch.
    pub peer_heads: Vec<PeerHead>,
    /// All of the batch, in its order.
    pub changes: Vec<OpenedChange>,
}

impl Opened {
    /// Leaves out of a batch what was erased of it; `bytes` are those that it was read from.
    pub fn of(decoded: &Decoded, bytes: &[u8], erased: &Erased) -> Self {
        let batch = &decoded.batch;
        let mut rest = bytes.get(bytes.len().saturating_sub(decoded.lengths.iter().sum())..).unwrap_or_default();
        let all = (0..).zip(&batch.changes).zip(&decoded.lengths).zip(&decoded.leaves);
        let changes = all.map(|(((place, change), length), leaf)| {
            let (body, behind) = rest.split_at_checked(*length).unwrap_or_default();
            rest = behind;
            if erased.includes(place) {
                return OpenedChange::Erased(*leaf);
            }
            let body = body.to_vec();
            OpenedChange::Kept { leaf_key: leaf_key(&batch.seed, place), change: change.clone(), body }
        });
        Self { former_key: batch.former_key, peer_heads: batch.peer_heads.clone(), changes: changes.collect() }
    }

    /// Leaves out what was erased, too.
    #[must_use]
    pub fn without(mut self, erased: &Erased) -> Self {
        let changes = (0..).zip(std::mem::take(&mut self.changes)).map(|(place, change)| match change {
            OpenedChange::Kept { .. } if erased.includes(place) => OpenedChange::Erased(change.leaf()),
            change => change,
        });
        Self { changes: changes.collect(), ..self }
    }

    /// Returns the changes that stand, each with its leaf, if they are those that the author of the frame signed behind the tail
    /// before it, and if exactly that is erased which the chain says. `None` for any other opening: another one may be right.
    pub fn proven(&self, header: &Header, previous: &Tail, erased: &Erased) -> Option<Vec<(&Change, Hash)>> {
        let leaves: Vec<Hash> = self.changes.iter().map(OpenedChange::leaf).collect();
        let signed = author_hash::next(header.notebook, header.author, previous, &leaves) == header.author_hash;
        let exactly = (0..)
            .zip(&self.changes)
            .all(|(place, change)| matches!(change, OpenedChange::Erased(_)) == erased.includes(place));
        let kept = self.changes.iter().zip(&leaves).filter_map(|(change, leaf)| match change {
            OpenedChange::Kept { change, .. } => Some((change, *leaf)),
            OpenedChange::Erased(_) => None,
        });
        (signed && exactly).then(|| kept.collect())
    }

    /// Encodes it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::default();
        write_besides(&mut out, self.former_key.as_ref(), &self.peer_heads);
        out.varint(self.changes.len() as u64);
        for change in &self.changes {
            match change {
                OpenedChange::Erased(leaf) => _ = out.u8(0).raw(leaf),
                OpenedChange::Kept { leaf_key, change, body } => {
                    out.u8(1).raw(leaf_key).raw(change.entry.as_bytes()).u64(change.stamp.hlc.0);
                    out.blob(change.kind.as_bytes()).blob(body);
                }
            }
        }
        out.0
    }

    /// Reads what an author's opening holds: every stamp in it is the author's.
    ///
    /// # Errors
    /// If it is none.
    pub fn from_bytes(notebook: NotebookId, author: KeyId, bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes, "opening");
        let (former_key, peer_heads) = read_besides(&mut reader, author)?;
        let count = reader.count(LEAST)?;
        if count > limits::BATCH_CHANGES {
            return Err(reader.wrong());
        }
        let mut changes = Vec::with_capacity(count);
        for _ in 0..count {
            changes.push(match reader.u8()? {
                0 => OpenedChange::Erased(reader.array()?),
                1 => {
                    let (leaf_key, entry) = (reader.array()?, EntryId::from_slice(reader.raw(16)?)?);
                    let stamp = Stamp { hlc: Hlc(reader.u64()?), device: author.into() };
                    let (kind, body) = (reader.blob(limits::SHORT_TEXT_CHARS)?, reader.blob(limits::CHANGE_BYTES)?);
                    let text = |bytes| std::str::from_utf8(bytes).map_err(|_| FormatError { what: "opening" });
                    let change = Change::from_parts(entry, notebook, text(kind)?, stamp, text(body)?)?;
                    OpenedChange::Kept { leaf_key, change, body: body.to_vec() }
                }
                _ => return Err(reader.wrong()),
            });
        }
        reader.end()?;
        Ok(Self { former_key, peer_heads, changes })
    }
}

impl OpenedChange {
    fn leaf(&self) -> Hash {
        match self {
            Self::Erased(leaf) => *leaf,
            Self::Kept { leaf_key, change, body } => leaf_of(leaf_key, change, body),
        }
    }
}

#[cfg(test)]
mod tests;
