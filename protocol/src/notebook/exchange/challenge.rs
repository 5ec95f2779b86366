//! The answer to a request without proof: what is to be signed, by which server, and which key will follow that server's.

use super::{TOKEN_BYTES, VERSION};
use crate::bytes::{Reader, Writer};
use crate::format::FormatError;
use crate::key::{Hash, hash_for, is_signed_by};
use crate::notebook::envelope::SIGNATURE_BYTES;

/// What the server's signature under a challenge is for.
pub const CHALLENGE_PURPOSE: &str = crate::purpose::CHALLENGE;

/// Returns the hash of a server's key: what a challenge says of the next one, and of which codes carry the first 80 bits.
pub fn server_key_hash(key: &[u8; 32]) -> Hash {
    hash_for(crate::purpose::SERVER_KEY, key)
}

/// The answer to a request without proof, or with one that has ended (HTTP 401).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Challenge {
    /// To be signed.
    pub challenge: [u8; TOKEN_BYTES],
    /// The server's clock, milliseconds since 1970.
    pub server_ms: u64,
    /// Which life of the server's store this is.
    pub store_epoch: [u8; 16],
    /// The key that receipts are signed with.
    pub server_key: [u8; 32],
    /// The hash of the key that will take its place; its own if none will.
    pub next: Hash,
    /// The server's, over everything before it.
    pub signature: [u8; SIGNATURE_BYTES],
}

impl Challenge {
    /// What the server signs.
    pub fn signed_bytes(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.u8(VERSION).raw(&self.challenge).u64(self.server_ms).raw(&self.store_epoch).raw(&self.server_key);
        out.raw(&self.next);
        out.0
    }

    /// Whether the server has the key that it names.
    pub fn is_genuine(&self) -> bool {
        is_signed_by(&self.server_key, CHALLENGE_PURPOSE, &self.signed_bytes(), &self.signature)
    }

    /// The wire form.
    pub fn to_bytes(&self) -> Vec<u8> {
        [&self.signed_bytes()[..], &self.signature].concat()
    }

    /// Reads a wire form.
    ///
    /// # Errors
    /// If it is none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes, "challenge");
        if reader.u8()? != VERSION {
            return Err(reader.wrong());
        }
        let challenge = Self {
            challenge: reader.array()?,
            server_ms: reader.u64()?,
            store_epoch: reader.array()?,
            server_key: reader.array()?,
            next: reader.array()?,
            signature: reader.array()?,
        };
        reader.end()?;
        Ok(challenge)
    }
}
