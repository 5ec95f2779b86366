//! Envelopes: what a device sends. The frame is clear and signed; what a family wrote is sealed beside it.
//!
//! ```text
//! version 1 | kind 1 | notebook 16 | epoch 4 | control head 32 | author 16 | sequence 8 | attempt 4 | previous 32 | stamp 8
//!           | author hash 32 | salt 32
//! length 4 | SHA-256 of the ciphertext 32 | signature 64 (Ed25519 over "ayumi envelope 2", 0 and everything before it)
//! ciphertext (AES-256-GCM; its key is HKDF of the epoch's key with the salt; the header is the associated data)
//! ```
//!
//! Numbers are big-endian. Each author's envelopes form a chain (`previous` is the hash of the frame before, without its
//! signature), so a server that drops, reorders or forges is found out. Every version and every kind has this frame: a device
//! that cannot read what is inside keeps it and passes it on. The form is frozen: `fixtures/protocol/envelope_2.hex`.

use crate::bytes::{Reader, Writer};
use crate::clock::Hlc;
use crate::format::FormatError;
use crate::id::NotebookId;
use crate::key::{Hash, KeyId, PublicKeys, hash};
use crate::limits;

/// Version of the form.
pub const VERSION: u8 = 2;
/// Bytes of a header.
pub const HEADER_BYTES: usize = 186;
/// Bytes of a signature.
pub const SIGNATURE_BYTES: usize = 64;
/// Bytes of a frame: the header, the ciphertext's length and hash, the signature.
pub const FRAME_BYTES: usize = HEADER_BYTES + 4 + 32 + SIGNATURE_BYTES;
/// What the signature is for. It never changes with the version.
pub const PURPOSE: &str = crate::purpose::ENVELOPE;
/// The kind of an envelope that holds a batch of changes.
pub const CHANGES: u8 = 1;

/// The clear part: what a server needs to order and refuse, and nothing of what a family wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The version of what is inside; a later one may be met.
    pub version: u8,
    /// What is inside: [`CHANGES`], or what a later version knows.
    pub kind: u8,
    /// The notebook.
    pub notebook: NotebookId,
    /// Which of the notebook's keys: the current one at the control head.
    pub epoch: u32,
    /// The control head that the author knew.
    pub control: Hash,
    /// The author's key in this notebook.
    pub author: KeyId,
    /// Number of this envelope among the author's, from 1.
    pub sequence: u64,
    /// How often the author had to seal something anew before; an envelope that must change gets a greater one.
    pub attempt: u32,
    /// Hash of the author's envelope before; zeros for the first.
    pub previous: Hash,
    /// The greatest clock reading inside, and not less than the one before, so that a wrong clock is refused before it does
    /// harm.
    pub stamp: Hlc,
    /// Says what all the author's changes up to this envelope are ([`crate::author_hash`]).
    pub author_hash: Hash,
    /// Makes this envelope's key; random, never used again.
    pub salt: [u8; 32],
}

impl Header {
    /// The bytes of the header: also the associated data of the seal.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.u8(self.version).u8(self.kind).raw(self.notebook.as_bytes()).u32(self.epoch).raw(&self.control);
        out.raw(&self.author.0).u64(self.sequence).u32(self.attempt).raw(&self.previous).u64(self.stamp.0);
        out.raw(&self.author_hash).raw(&self.salt);
        out.0
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let version = reader.u8()?;
        if version < VERSION {
            return Err(FormatError { what: "envelope of this version" });
        }
        Ok(Self {
            version,
            kind: reader.u8()?,
            notebook: NotebookId::from_slice(reader.raw(16)?)?,
            epoch: reader.u32()?,
            control: reader.array()?,
            author: KeyId(reader.array()?),
            sequence: reader.u64()?,
            attempt: reader.u32()?,
            previous: reader.array()?,
            stamp: Hlc(reader.u64()?),
            author_hash: reader.array()?,
            salt: reader.array()?,
        })
    }

    /// Whether this version can read what is inside.
    pub const fn is_understood(&self) -> bool {
        self.version == VERSION && self.kind == CHANGES
    }
}

/// An envelope without what is sealed. It says all that a log hangs on, and is valid by itself: of an envelope whose words
/// were erased only this is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// The clear part.
    pub header: Header,
    /// Bytes of the ciphertext.
    pub length: u32,
    /// The ciphertext's hash.
    pub digest: Hash,
    /// The author's signature.
    pub signature: [u8; SIGNATURE_BYTES],
}

impl Frame {
    fn of(header: Header, ciphertext: &[u8], signature: [u8; SIGNATURE_BYTES]) -> Self {
        let length = u32::try_from(ciphertext.len()).unwrap_or(u32::MAX);
        Self { header, length, digest: hash(ciphertext), signature }
    }

    /// What is signed: the header, and the length and hash of the ciphertext.
    fn signed_bytes(&self) -> Vec<u8> {
        let mut out = Writer(self.header.to_bytes());
        out.u32(self.length).raw(&self.digest);
        out.0
    }

    /// The wire form.
    pub fn to_bytes(&self) -> Vec<u8> {
        [&self.signed_bytes()[..], &self.signature].concat()
    }

    /// Reads it from the first [`FRAME_BYTES`] of an envelope: a store need not read what is sealed.
    ///
    /// # Errors
    /// If they are no frame.
    pub fn from_start_of(bytes: &[u8]) -> Result<Self, FormatError> {
        Self::read(&mut Reader::new(bytes, "frame"))
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let header = Header::read(reader)?;
        let (length, digest) = (reader.u32()?, reader.array()?);
        // The seal's own tag takes 16 bytes.
        if length < 16 {
            return Err(reader.wrong());
        }
        Ok(Self { header, length, digest, signature: reader.array()? })
    }

    /// Its hash without the signature: what the author's next envelope names, and what a receipt is for.
    pub fn hash(&self) -> Hash {
        hash(&self.signed_bytes())
    }

    /// Whether the author's key made it.
    pub fn is_signed_by(&self, keys: &PublicKeys) -> bool {
        self.header.author == keys.id() && keys.verify(PURPOSE, &self.signed_bytes(), &self.signature)
    }

    /// The end of its author's chain behind it.
    pub fn tail(&self) -> Tail {
        let Header { sequence, attempt, control, stamp, author_hash, .. } = self.header;
        Tail { sequence, attempt, hash: self.hash(), control, stamp, author_hash }
    }
}

/// A whole envelope. Once made it is sent byte for byte, by its author and by every other member.
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
    /// What is signed: the header, and the length and hash of the ciphertext.
    pub fn signed_bytes(header: &Header, ciphertext: &[u8]) -> Vec<u8> {
        Frame::of(*header, ciphertext, [0; SIGNATURE_BYTES]).signed_bytes()
    }

    /// Returns all but what is sealed.
    pub fn frame(&self) -> Frame {
        Frame::of(self.header, &self.ciphertext, self.signature)
    }

    /// The wire form.
    pub fn to_bytes(&self) -> Vec<u8> {
        [&self.frame().to_bytes()[..], &self.ciphertext].concat()
    }

    /// Reads a wire form. Whether it is genuine, [`Self::is_signed_by`] says.
    ///
    /// # Errors
    /// If it is too short, too long, of an earlier version, or its ciphertext is another one than the frame names.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes, "envelope");
        if bytes.len() > limits::ENVELOPE_BYTES {
            return Err(reader.wrong());
        }
        let Frame { header, length, digest, signature } = Frame::read(&mut reader)?;
        let ciphertext = reader.raw(usize::try_from(length).map_err(|_| reader.wrong())?)?;
        let same = hash(ciphertext) == digest;
        reader.end()?;
        if !same {
            return Err(FormatError { what: "envelope" });
        }
        Ok(Self { header, ciphertext: ciphertext.to_vec(), signature })
    }

    /// The hash of its frame without the signature: what the author's next envelope and the log's prefix name.
    pub fn hash(&self) -> Hash {
        self.frame().hash()
    }

    /// Whether the author's key made it.
    pub fn is_signed_by(&self, keys: &PublicKeys) -> bool {
        self.frame().is_signed_by(keys)
    }

    /// The end of its author's chain behind it.
    pub fn tail(&self) -> Tail {
        self.frame().tail()
    }
}

/// The end of an author's chain: what the author's next envelope must follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tail {
    /// The last sequence number; 0 before the first envelope.
    pub sequence: u64,
    /// The attempt of that envelope.
    pub attempt: u32,
    /// Hash of that envelope's frame; zeros before the first.
    pub hash: Hash,
    /// The control head that it named.
    pub control: Hash,
    /// Its clock reading.
    pub stamp: Hlc,
    /// Its author hash.
    pub author_hash: Hash,
}

impl Tail {
    /// Reads it from the first bytes of an envelope, at least [`FRAME_BYTES`].
    ///
    /// # Errors
    /// If they are no frame.
    pub fn from_frame(bytes: &[u8]) -> Result<Self, FormatError> {
        Ok(Frame::from_start_of(bytes)?.tail())
    }
}

#[cfg(test)]
mod tests;
