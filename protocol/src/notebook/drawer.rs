//! Drawers: where a recovery sheet finds out which notebooks it opens. Bodies of `POST /v1/drawer`.
//!
//! A drawer is named by a key that is made of the recovery sheet's code. Whoever has the code can open it, and only
//! who has it can fill it; a server sees sealed bytes of padded length.
//!
//! ```text
//! request: version 1 (2) | 1 | key id 16                                               what is in it
//!          version 1 (2) | 2 | key 32 | edition 8 | blob | signature 64                put this in
//! reply:   edition 8 (0: empty) | blob
//! ```
//! The signature is over "ayumi drawer 2", 0, edition and blob. A lower edition never replaces a higher one.

use crate::bytes::{Reader, Writer};
use crate::format::FormatError;
use crate::key::{KeyId, is_signed_by};
use crate::limits;

/// What a drawer's signature is for.
pub const PURPOSE: &str = crate::purpose::DRAWER;

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DrawerRequest {
    /// What is in it.
    Look(KeyId),
    /// Puts something in.
    Fill {
        /// The drawer's key.
        key: [u8; 32],
        /// Must be greater than what is there.
        edition: u64,
        /// The sealed content.
        sealed: Vec<u8>,
        /// Over [`signed_bytes`].
        signature: [u8; 64],
    },
}

/// The purpose of a drawer's name.
const NAME_PURPOSE: &str = crate::purpose::DRAWER_NAME;

/// Names the drawer of a signing key: the first 16 bytes of a hash.
pub fn drawer_of(key: &[u8; 32]) -> KeyId {
    KeyId::of(NAME_PURPOSE, key)
}

/// What is signed to fill a drawer.
pub fn signed_bytes(edition: u64, sealed: &[u8]) -> Vec<u8> {
    [&edition.to_be_bytes(), sealed].concat()
}

impl DrawerRequest {
    /// The wire form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::default();
        match self {
            Self::Look(id) => _ = out.u8(1).u8(1).raw(&id.0),
            Self::Fill { key, edition, sealed, signature } => {
                out.u8(1).u8(2).raw(key).u64(*edition).blob(sealed).raw(signature);
            }
        }
        out.0
    }

    /// Reads a wire form. Whether it is signed by the drawer's key, [`Self::is_signed`] says.
    ///
    /// # Errors
    /// If it is none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes, "request");
        if reader.u8()? != 1 {
            return Err(reader.wrong());
        }
        let request = match reader.u8()? {
            1 => Self::Look(KeyId(reader.array()?)),
            2 => Self::Fill {
                key: reader.array()?,
                edition: reader.u64()?,
                sealed: reader.blob(limits::DRAWER_BYTES)?.to_vec(),
                signature: reader.array()?,
            },
            _ => return Err(reader.wrong()),
        };
        reader.end()?;
        Ok(request)
    }

    /// Which drawer.
    pub fn drawer(&self) -> KeyId {
        match self {
            Self::Look(id) => *id,
            Self::Fill { key, .. } => drawer_of(key),
        }
    }

    /// Whether the drawer's key signed what is to be put in.
    pub fn is_signed(&self) -> bool {
        match self {
            Self::Look(_) => true,
            Self::Fill { key, edition, sealed, signature } => {
                is_signed_by(key, PURPOSE, &signed_bytes(*edition, sealed), signature)
            }
        }
    }
}

/// What is in a drawer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DrawerReply {
    /// Its edition; 0 if it is empty.
    pub edition: u64,
    /// The sealed content.
    pub sealed: Vec<u8>,
}

impl DrawerReply {
    /// The wire form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.u8(1).u64(self.edition).blob(&self.sealed);
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
        let reply = Self { edition: reader.u64()?, sealed: reader.blob(limits::DRAWER_BYTES)?.to_vec() };
        reader.end()?;
        Ok(reply)
    }
}
