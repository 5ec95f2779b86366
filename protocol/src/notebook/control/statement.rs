//! One statement of the control chain, and its wire form.
//!
//! ```text
//! version 1 | notebook 16 | previous 32 | author 16 | action 1 | its parts | signature 64
//! ```
//! The signature is over "ayumi control 2", 0 and everything before it. A statement's hash is over the same bytes. Frozen:
//! `fixtures/protocol/control_2.hex`.
//!
//! A statement that opens a code ends in a proof: an HMAC under a key that follows from the code's secret, over everything
//! before it. Who uses the code learns from it that its maker saw exactly this past.

use super::action::{Action, MAC_BYTES, NewHolder};
use super::cutoff::Cutoff;
use super::erasure::ErasedIn;
use crate::bytes::{Reader, Writer};
use crate::format::FormatError;
use crate::id::NotebookId;
use crate::key::{Hash, KeyId, PublicKeys, hash, hash_for};
use crate::limits;

const VERSION: u8 = 2;
/// The purpose of a statement's signature.
pub const PURPOSE: &str = crate::purpose::CONTROL;
/// The purpose of the new key's signature, with which it takes an old one's place.
pub const REKEY_PURPOSE: &str = crate::purpose::REKEY;
/// The purpose of a notebook's id.
const ID_PURPOSE: &str = crate::purpose::NOTEBOOK;

/// A signed statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The notebook.
    pub notebook: NotebookId,
    /// Hash of the statement before; zeros for the first.
    pub previous: Hash,
    /// Who says so.
    pub author: KeyId,
    /// What it does.
    pub action: Action,
    /// The author's signature.
    pub signature: [u8; 64],
}

/// Returns the id of the notebook that a founding begins: nobody can found another one under it.
///
/// It is the first 16 bytes of H("ayumi notebook 2" | the statement's bytes without the notebook and the signature).
pub fn founded_id(author: KeyId, action: &Action) -> NotebookId {
    let mut out = Writer::default();
    out.u8(VERSION).raw(&[0; 32]).raw(&author.0);
    action.write(&mut out);
    NotebookId::from_hash(&hash_for(ID_PURPOSE, &out.0))
}

impl Statement {
    /// What is signed.
    pub fn signed_bytes(notebook: NotebookId, previous: &Hash, author: KeyId, action: &Action) -> Vec<u8> {
        let mut out = Writer::default();
        out.u8(VERSION).raw(notebook.as_bytes()).raw(previous).raw(&author.0);
        action.write(&mut out);
        out.0
    }

    /// Returns what a code's proof covers, and the proof; `None` if no code belongs to this statement.
    pub fn proven(&self) -> Option<(Vec<u8>, &[u8; MAC_BYTES])> {
        let (Action::Invite { mac, .. } | Action::Print { mac, .. }) = &self.action else { return None };
        let mut bytes = Self::signed_bytes(self.notebook, &self.previous, self.author, &self.action);
        bytes.truncate(bytes.len() - MAC_BYTES);
        Some((bytes, mac))
    }

    /// Returns the new keys of a rekeying, what they sign, and their signature; `None` for every other statement.
    pub fn countersigned(&self) -> Option<(&NewHolder, Vec<u8>, &[u8; 64])> {
        let Action::Rekey { member, signature, .. } = &self.action else { return None };
        let mut bytes = Self::signed_bytes(self.notebook, &self.previous, self.author, &self.action);
        bytes.truncate(bytes.len() - signature.len());
        Some((member, bytes, signature))
    }

    /// Returns whether the new keys of a rekeying signed it, too: nobody puts another one's keys into their own place. True
    /// for every other statement.
    pub(super) fn is_signed_by_new_keys(&self) -> bool {
        let Some((new, bytes, signature)) = self.countersigned() else { return true };
        new.keys.verify(REKEY_PURPOSE, &bytes, signature)
    }

    /// The wire form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Self::signed_bytes(self.notebook, &self.previous, self.author, &self.action);
        bytes.extend_from_slice(&self.signature);
        bytes
    }

    /// Reads a wire form.
    ///
    /// # Errors
    /// If it is none, or too long.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes, "control statement");
        if bytes.len() > limits::STATEMENT_BYTES || reader.u8()? != VERSION {
            return Err(reader.wrong());
        }
        let statement = Self {
            notebook: NotebookId::from_slice(reader.raw(16)?)?,
            previous: reader.array()?,
            author: KeyId(reader.array()?),
            action: Action::read(&mut reader)?,
            signature: reader.array()?,
        };
        reader.end()?;
        Ok(statement)
    }

    /// Its hash, without the signature: what the next statement names, and what envelopes name as the head they knew.
    pub fn hash(&self) -> Hash {
        hash(&Self::signed_bytes(self.notebook, &self.previous, self.author, &self.action))
    }

    /// Returns whose writing it ends, and with which envelopes.
    pub fn cutoffs(&self) -> impl Iterator<Item = (KeyId, &Cutoff)> {
        let (one, many) = match &self.action {
            Action::Remove { holder, cutoff, .. } | Action::Role { holder, cutoff: Some(cutoff), .. } => {
                (Some((*holder, cutoff)), &[][..])
            }
            Action::Leave { cutoff } | Action::Rekey { cutoff, .. } => (Some((self.author, cutoff)), &[][..]),
            Action::Recover { left_out, .. } => (None, left_out.as_slice()),
            _ => (None, &[][..]),
        };
        one.into_iter().chain(many.iter().map(|(author, cutoff)| (*author, cutoff)))
    }

    /// Returns author, sequence and attempt of each envelope of which it erases something.
    pub fn erased(&self) -> impl Iterator<Item = (KeyId, (u64, u32))> {
        self.erases().map(|(author, one)| (author, (one.sequence, one.attempt)))
    }

    /// Returns author, sequence and attempt of each envelope that it erases whole.
    pub fn erased_whole(&self) -> impl Iterator<Item = (KeyId, u64, u32)> {
        let whole = self.erases().filter(|(_, one)| one.places.is_empty());
        whole.map(|(author, one)| (author, one.sequence, one.attempt))
    }

    fn erases(&self) -> impl Iterator<Item = (KeyId, &ErasedIn)> {
        let named = match &self.action {
            Action::Erase { words_of, envelopes } => Some((*words_of, envelopes)),
            _ => None,
        };
        named.into_iter().flat_map(|(author, envelopes)| envelopes.iter().map(move |one| (author, one)))
    }

    /// Whether these keys made it.
    pub fn is_signed_by(&self, keys: &PublicKeys) -> bool {
        let bytes = Self::signed_bytes(self.notebook, &self.previous, self.author, &self.action);
        self.author == keys.id() && keys.verify(PURPOSE, &bytes, &self.signature)
    }
}
