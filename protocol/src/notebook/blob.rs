//! Photos, thumbnails, snapshots and archives: sealed, in chunks that can be sent and fetched one by one. Bodies of
//! `POST /v1/blob`.
//!
//! A server knows a blob by its author's slot, a name that the members derive, how many chunks it has, and the chunks; it
//! can read nothing of them. A device fills its own slot only, so nobody can take a name away from another one; it reads
//! from any. Only who filled a slot, or an owner, empties it. A chunk that is there already is left alone, so sending again is safe;
//! the server tells a hash over what it has, so that who sent it knows whether it is that.

use crate::bytes::{Reader, Writer};
use crate::format::FormatError;
use crate::id::NotebookId;
use crate::key::{Hash, KeyId, hash, hash_for};
use crate::limits;
use crate::notebook::exchange::Caller;
use crate::purpose;

/// Names a blob in a notebook; derived, so that a server learns nothing from it.
pub type BlobName = [u8; 32];

/// Bytes that stand before the first chunk of a snapshot or an archive, in the clear: the control head that its maker knew.
pub const SNAPSHOT_HEAD: usize = 32;

/// Returns the name of a notebook's snapshots: each maker has one in its own slot. A server knows it, and drops them all when words
/// are erased.
pub fn snapshot_name(notebook: NotebookId) -> BlobName {
    hash_for(purpose::SNAPSHOT_NAME, notebook.as_bytes())
}

/// Returns the name of a notebook's archives, as [`snapshot_name`] does for snapshots.
pub fn archive_name(notebook: NotebookId) -> BlobName {
    hash_for(purpose::ARCHIVE_NAME, notebook.as_bytes())
}

/// Returns the name under which a server stores what stands in a slot: what two authors put under one name are two blobs.
pub fn stored_name(slot: KeyId, name: &BlobName) -> BlobName {
    hash_for(purpose::BLOB_SLOT, &[&slot.0[..], name].concat())
}

/// Returns the hash over a whole blob, from the hashes of its chunks in their order.
pub fn hash_over(chunks: &[Hash]) -> Hash {
    hash_for(purpose::BLOB, &chunks.concat())
}

/// Returns the hash over a whole blob.
pub fn hash_of(chunks: &[Vec<u8>]) -> Hash {
    hash_over(&chunks.iter().map(|chunk| hash(chunk)).collect::<Vec<_>>())
}

/// What is asked of a blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlobAction {
    /// How much of it is in the caller's own slot.
    Status,
    /// Takes a chunk into the caller's own slot.
    Put {
        /// Which, from 0.
        number: u32,
        /// How many there are in all.
        of: u32,
        /// The sealed bytes.
        bytes: Vec<u8>,
    },
    /// Gives chunks, from this one on, as many as fit, but at least one.
    Get {
        /// Whose slot.
        slot: KeyId,
        /// The first wanted.
        from: u32,
    },
    /// Drops it for good: from the caller's own slot, or, by an owner, from any.
    Drop {
        /// Whose slot.
        slot: KeyId,
    },
    /// Gives blobs of one chunk, this one and more, as many as fit: for each its chunk, or nothing if there is no such blob.
    Gather {
        /// Whose slot.
        slot: KeyId,
        /// The other ones.
        more: Vec<(BlobName, KeyId)>,
    },
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobRequest {
    /// Who.
    pub caller: Caller,
    /// Which blob.
    pub name: BlobName,
    /// What.
    pub action: BlobAction,
}

impl BlobRequest {
    /// The wire form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::default();
        self.caller.write(&mut out);
        out.raw(&self.name);
        match &self.action {
            BlobAction::Status => _ = out.u8(1),
            BlobAction::Put { number, of, bytes } => _ = out.u8(2).u32(*number).u32(*of).blob(bytes),
            BlobAction::Get { slot, from } => _ = out.u8(3).raw(&slot.0).u32(*from),
            BlobAction::Drop { slot } => _ = out.u8(4).raw(&slot.0),
            BlobAction::Gather { slot, more } => {
                out.u8(5).raw(&slot.0).varint(more.len() as u64);
                more.iter().for_each(|(name, slot)| _ = out.raw(name).raw(&slot.0));
            }
        }
        out.0
    }

    /// Reads a wire form.
    ///
    /// # Errors
    /// If it is none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes, "request");
        let caller = Caller::read(&mut reader)?;
        let name = reader.array()?;
        let action = match reader.u8()? {
            1 => BlobAction::Status,
            2 => {
                let (number, of) = (reader.u32()?, reader.u32()?);
                let bytes = reader.blob(limits::CHUNK_BYTES)?.to_vec();
                if number >= of || of > limits::CHUNKS || bytes.is_empty() {
                    return Err(reader.wrong());
                }
                BlobAction::Put { number, of, bytes }
            }
            3 => BlobAction::Get { slot: KeyId(reader.array()?), from: reader.u32()? },
            4 => BlobAction::Drop { slot: KeyId(reader.array()?) },
            5 => {
                let (slot, count) = (KeyId(reader.array()?), reader.count(48)?);
                if count >= limits::GATHERED {
                    return Err(reader.wrong());
                }
                let mut more = Vec::with_capacity(count);
                for _ in 0..count {
                    more.push((reader.array()?, KeyId(reader.array()?)));
                }
                BlobAction::Gather { slot, more }
            }
            _ => return Err(reader.wrong()),
        };
        reader.end()?;
        Ok(Self { caller, name, action })
    }
}

/// What there is of a blob.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BlobReply {
    /// How many chunks it has in all; 0 if it is not there.
    pub of: u32,
    /// How many of them are there without a gap, from the first on.
    pub there: u32,
    /// The hash over all of them ([`hash_of`]); zeros if one is missing.
    pub hash: Hash,
    /// The chunks asked for, in order; of blobs that were asked for together one each, empty for what is not there.
    pub chunks: Vec<Vec<u8>>,
}

impl BlobReply {
    /// The wire form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.u8(1).u32(self.of).u32(self.there).raw(&self.hash).varint(self.chunks.len() as u64);
        self.chunks.iter().for_each(|chunk| _ = out.blob(chunk));
        out.0
    }

    /// Reads a wire form.
    ///
    /// # Errors
    /// If it is none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes, "reply");
        if reader.u8()? != 1 {
            return Err(reader.wrong());
        }
        let (of, there, hash) = (reader.u32()?, reader.u32()?, reader.array()?);
        let mut chunks = Vec::new();
        for _ in 0..reader.count(1)? {
            chunks.push(reader.blob(limits::CHUNK_BYTES)?.to_vec());
        }
        reader.end()?;
        Ok(Self { of, there, hash, chunks })
    }
}
