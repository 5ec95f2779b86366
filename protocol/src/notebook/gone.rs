//! A server's signed word that it has a notebook no more: the body of HTTP's 410. Frozen: `fixtures/protocol/gone_2.hex`.
//!
//! ```text
//! version 1 (2) | server's key 32 | notebook 16 | why 1 | when 8 | signature 64
//! ```
//! The signature is over "ayumi gone 2", 0 and everything before it. It binds for this server only: another one may be told
//! the notebook again.

use crate::bytes::{Reader, Writer};
use crate::format::FormatError;
use crate::id::NotebookId;
use crate::key::{Hash, hash_for, is_signed_by};
use crate::notebook::control::ServerKey;
use crate::notebook::envelope::SIGNATURE_BYTES;

const VERSION: u8 = 2;

/// Why a server has a notebook no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WhyGone {
    /// Its owners closed it. It does not begin again there.
    Closed,
    /// Whoever runs the server was asked to delete it. It does not begin again there.
    Forgotten,
    /// Its time was over, or nobody came for years. With a ticket it begins again.
    Expired,
}

impl WhyGone {
    /// Every reason.
    pub const ALL: [Self; 3] = [Self::Closed, Self::Forgotten, Self::Expired];

    /// Returns its number on the wire.
    pub const fn number(self) -> u8 {
        match self {
            Self::Closed => 1,
            Self::Forgotten => 2,
            Self::Expired => 3,
        }
    }

    /// Reads it from its number; `None` for an unknown one.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.number() == number)
    }

    /// Returns its stable key, for shells and files.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Forgotten => "forgotten",
            Self::Expired => "expired",
        }
    }

    /// Reads it from its key; `None` for an unknown one.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.key() == key)
    }

    /// Whether the notebook may begin again at that server.
    pub const fn may_begin_again(self) -> bool {
        match self {
            Self::Closed | Self::Forgotten => false,
            Self::Expired => true,
        }
    }
}

/// What a server keeps in the place of the id of a notebook that is gone: who reads its store learns no id.
pub fn gone_hash(notebook: NotebookId) -> Hash {
    hash_for(crate::purpose::GONE_NOTEBOOK, notebook.as_bytes())
}

/// The signed word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gone {
    /// Whose word it is.
    pub server_key: ServerKey,
    /// The notebook.
    pub notebook: NotebookId,
    /// Why.
    pub why: WhyGone,
    /// Since when, in milliseconds since 1970 by the server's clock.
    pub when_ms: u64,
    /// The server's signature.
    pub signature: [u8; SIGNATURE_BYTES],
}

impl Gone {
    /// What its signature is for.
    pub const PURPOSE: &'static str = crate::purpose::GONE;

    /// What is signed.
    pub fn signed_bytes(server_key: &ServerKey, notebook: NotebookId, why: WhyGone, when_ms: u64) -> Vec<u8> {
        let mut out = Writer::default();
        out.u8(VERSION).raw(server_key).raw(notebook.as_bytes()).u8(why.number()).u64(when_ms);
        out.0
    }

    /// Whether it is this server's word about this notebook.
    pub fn is_of(&self, server_key: &ServerKey, notebook: NotebookId) -> bool {
        let signed = Self::signed_bytes(&self.server_key, self.notebook, self.why, self.when_ms);
        (self.server_key, self.notebook) == (*server_key, notebook)
            && is_signed_by(server_key, Self::PURPOSE, &signed, &self.signature)
    }

    /// The wire form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Self::signed_bytes(&self.server_key, self.notebook, self.why, self.when_ms);
        bytes.extend_from_slice(&self.signature);
        bytes
    }

    /// Reads a wire form.
    ///
    /// # Errors
    /// If it is none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes, "word that a notebook is gone");
        if reader.u8()? != VERSION {
            return Err(reader.wrong());
        }
        let gone = Self {
            server_key: reader.array()?,
            notebook: NotebookId::from_slice(reader.raw(16)?)?,
            why: WhyGone::from_number(reader.u8()?).ok_or(reader.wrong())?,
            when_ms: reader.u64()?,
            signature: reader.array()?,
        };
        reader.end()?;
        Ok(gone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::to_sign;
    use crate::notebook::control::testing::{Device, NOW};

    fn said(by: &Device, server_key: ServerKey, notebook: NotebookId, why: WhyGone) -> Gone {
        let signature = by.sign(&to_sign(Gone::PURPOSE, &Gone::signed_bytes(&server_key, notebook, why, NOW)));
        Gone { server_key, notebook, why, when_ms: NOW, signature }
    }

    #[test]
    fn another_servers_word_or_one_about_another_notebook_is_none() {
        let (server, other) = (Device::new(5), Device::new(6));
        let [notebook, another] = [[9; 16], [8; 16]].map(|id| NotebookId::from_slice(&id).unwrap());
        let (key, others) = (server.keys().sign, other.keys().sign);
        let gone = said(&server, key, notebook, WhyGone::Closed);
        assert!(gone.is_of(&key, notebook));
        assert!(!gone.is_of(&key, another) && !gone.is_of(&others, notebook));
        assert!(!said(&other, key, notebook, WhyGone::Closed).is_of(&key, notebook), "signed by another one");
        for changed in [
            Gone { why: WhyGone::Expired, ..gone },
            Gone { when_ms: NOW + 1, ..gone },
            Gone { notebook: another, ..gone },
            Gone { server_key: others, ..gone },
        ] {
            assert!(!changed.is_of(&changed.server_key, changed.notebook), "{changed:?}");
        }
    }

    #[test]
    fn the_wire_form_is_frozen_and_every_reason_comes_back() {
        let notebook = NotebookId::from_slice(&[9; 16]).unwrap();
        let server = Device::new(5);
        let gone = said(&server, server.keys().sign, notebook, WhyGone::Forgotten);
        let bytes = gone.to_bytes();
        assert_eq!(Gone::from_bytes(&bytes), Ok(gone));
        assert!((0..bytes.len()).all(|length| Gone::from_bytes(&bytes[..length]).is_err()));
        assert!(Gone::from_bytes(&[&bytes[..], &[0]].concat()).is_err());
        crate::frozen::is("gone_2", &bytes);
        for why in WhyGone::ALL {
            assert_eq!((WhyGone::from_number(why.number()), WhyGone::from_key(why.key())), (Some(why), Some(why)));
        }
        assert_eq!((WhyGone::from_number(0), WhyGone::from_number(4)), (None, None));
    }
}
