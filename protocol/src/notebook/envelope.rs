//! Envelopes: what a device sends. The header is clear and authenticated; what a family wrote is inside.
//!
//! ```text
//! version 1 | kind 1 | notebook 16 | epoch 4 | control head 32 | author 16 | sequence 8 | previous 32 | stamp 8 | salt 32
//! only in a part of a snapshot: prefix 16 | number 2 | of 2
//! ciphertext (AES-256-GCM; its key is HKDF of the epoch's key with the salt; the header is the associated data)
//! signature 64 (Ed25519 over "ayumi envelope 1", 0, header, ciphertext)
//! ```
//!
//! Numbers are big-endian. Each author's envelopes form a chain (`previous` is the hash of the whole envelope
//! before), so a server that drops, reorders or forges is found out. The form is frozen:
//! `fixtures/protocol/envelope_1.hex`.

use crate::bytes::{Reader, Writer};
use crate::clock::Hlc;
use crate::format::FormatError;
use crate::id::NotebookId;
use crate::key::{Hash, KeyId, PublicKeys, hash};
use crate::limits;
use crate::notebook::prefix::Prefix;

/// Version of the form.
pub const VERSION: u8 = 1;
/// Bytes of a header; a part of a snapshot has 20 more.
pub const HEADER_BYTES: usize = 150;
/// Bytes of a signature.
pub const SIGNATURE_BYTES: usize = 64;
/// What the signature is for.
pub const PURPOSE: &str = "ayumi envelope 1";

/// What is inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A batch of changes.
    Changes,
    /// A part of a snapshot.
    Snapshot(Part),
}

/// Where a part of a snapshot stands. It is taken at this very place of the log or not at all, so that a snapshot
/// holds everything that stands before it, and nothing comes between its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Part {
    /// Names the log up to this part.
    pub prefix: Prefix,
    /// Its number, from 0.
    pub number: u16,
    /// How many there are.
    pub of: u16,
}

impl Kind {
    const fn number(self) -> u8 {
        match self {
            Self::Changes => 1,
            Self::Snapshot(_) => 3,
        }
    }
}

/// The clear part: what a server needs to order and refuse, and nothing of what a family wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// What is inside.
    pub kind: Kind,
    /// The notebook.
    pub notebook: NotebookId,
    /// Which of the notebook's keys.
    pub epoch: u32,
    /// The control head that the author knew.
    pub control: Hash,
    /// The author's key in this notebook.
    pub author: KeyId,
    /// Number of this envelope among the author's, from 1.
    pub sequence: u64,
    /// Hash of the author's envelope before; zeros for the first.
    pub previous: Hash,
    /// The greatest clock reading inside, so that a wrong clock is refused before it does harm.
    pub stamp: Hlc,
    /// Makes this envelope's key; random, never used again.
    pub salt: [u8; 32],
}

impl Header {
    /// The bytes of the header: also the associated data of the seal.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.u8(VERSION).u8(self.kind.number()).raw(self.notebook.as_bytes()).u32(self.epoch).raw(&self.control);
        out.raw(&self.author.0).u64(self.sequence).raw(&self.previous).u64(self.stamp.0).raw(&self.salt);
        if let Kind::Snapshot(part) = self.kind {
            out.raw(&part.prefix).u16(part.number).u16(part.of);
        }
        out.0
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        if reader.u8()? != VERSION {
            return Err(FormatError { what: "envelope of this version" });
        }
        let number = reader.u8()?;
        let mut header = Self {
            kind: Kind::Changes,
            notebook: NotebookId::from_slice(reader.raw(16)?)?,
            epoch: reader.u32()?,
            control: reader.array()?,
            author: KeyId(reader.array()?),
            sequence: reader.u64()?,
            previous: reader.array()?,
            stamp: Hlc(reader.u64()?),
            salt: reader.array()?,
        };
        header.kind = match number {
            1 => Kind::Changes,
            3 => {
                let part = Part { prefix: reader.array()?, number: reader.u16()?, of: reader.u16()? };
                if part.number >= part.of {
                    return Err(reader.wrong());
                }
                Kind::Snapshot(part)
            }
            _ => return Err(reader.wrong()),
        };
        Ok(header)
    }
}

/// A whole envelope. Once made it is sent byte for byte until it is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The clear part.
    pub header: Header,
    /// The sealed part.
    pub ciphertext: Vec<u8>,
    /// The author's signature.
    pub signature: [u8; SIGNATURE_BYTES],
}

impl Envelope {
    /// What is signed: header and ciphertext.
    pub fn signed_bytes(header: &Header, ciphertext: &[u8]) -> Vec<u8> {
        [&header.to_bytes()[..], ciphertext].concat()
    }

    /// The wire form.
    pub fn to_bytes(&self) -> Vec<u8> {
        [&self.header.to_bytes()[..], &self.ciphertext, &self.signature].concat()
    }

    /// Reads a wire form. Whether it is genuine, [`Self::is_signed_by`] says.
    ///
    /// # Errors
    /// If it is too short, too long, of another version or kind.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes, "envelope");
        if bytes.len() > limits::ENVELOPE_BYTES {
            return Err(reader.wrong());
        }
        let header = Header::read(&mut reader)?;
        // The seal's own tag takes 16 bytes.
        let sealed = reader.left().checked_sub(SIGNATURE_BYTES).filter(|sealed| *sealed >= 16).ok_or(reader.wrong())?;
        let ciphertext = reader.raw(sealed)?.to_vec();
        let signature = reader.array()?;
        reader.end()?;
        Ok(Self { header, ciphertext, signature })
    }

    /// Its hash: what the author's next envelope names, and what a receipt is for.
    pub fn hash(&self) -> Hash {
        hash(&self.to_bytes())
    }

    /// Whether the author's key made it.
    pub fn is_signed_by(&self, keys: &PublicKeys) -> bool {
        self.header.author == keys.id()
            && keys.verify(PURPOSE, &Self::signed_bytes(&self.header, &self.ciphertext), &self.signature)
    }
}

/// A server's signed word that it has an envelope: its position, and the store epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// The notebook.
    pub notebook: NotebookId,
    /// The envelope's number in the notebook.
    pub position: u64,
    /// The envelope.
    pub envelope: Hash,
    /// Random, new at every initialisation or restore of the server's store: a server that forgot is noticed.
    pub store_epoch: [u8; 16],
    /// The server's signature.
    pub signature: [u8; SIGNATURE_BYTES],
}

impl Receipt {
    /// What a receipt's signature is for.
    pub const PURPOSE: &'static str = "ayumi receipt 1";

    /// What is signed.
    pub fn signed_bytes(notebook: NotebookId, position: u64, envelope: &Hash, store_epoch: &[u8; 16]) -> Vec<u8> {
        let mut out = Writer::default();
        out.u8(VERSION).raw(notebook.as_bytes()).u64(position).raw(envelope).raw(store_epoch);
        out.0
    }

    /// The wire form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Self::signed_bytes(self.notebook, self.position, &self.envelope, &self.store_epoch);
        bytes.extend_from_slice(&self.signature);
        bytes
    }

    /// Reads a wire form.
    ///
    /// # Errors
    /// If it is none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes, "receipt");
        if reader.u8()? != VERSION {
            return Err(reader.wrong());
        }
        let receipt = Self {
            notebook: NotebookId::from_slice(reader.raw(16)?)?,
            position: reader.u64()?,
            envelope: reader.array()?,
            store_epoch: reader.array()?,
            signature: reader.array()?,
        };
        reader.end()?;
        Ok(receipt)
    }
}

#[cfg(test)]
mod tests;
