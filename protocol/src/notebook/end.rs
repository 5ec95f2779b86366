//! The end of a notebook's log, as a server signs it with every reply: a receipt for everything before it, for everybody.
//!
//! ```text
//! version 1 (2) | notebook 16 | store epoch 16 | position 8 | prefix 16 | chain head 32 | time taken 8
//! signature 64 (Ed25519 by the server over "ayumi end 2", 0 and everything before it)
//! ```
//! The form is frozen: `fixtures/protocol/end_2.hex`.

use crate::bytes::{Reader, Writer};
use crate::format::FormatError;
use crate::id::NotebookId;
use crate::key::{Hash, is_signed_by};
use crate::notebook::envelope::{SIGNATURE_BYTES, VERSION};
use crate::notebook::prefix::{Prefix, extend};

/// The end of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct End {
    /// The last position; 0 for an empty log.
    pub position: u64,
    /// Names the log up to there; zeros where whoever asks may not see all of it.
    pub prefix: Prefix,
    /// The head of the control chain there; zeros for an empty log.
    pub head: Hash,
    /// When the last item was taken, in milliseconds since 1970.
    pub taken_at: u64,
}

impl End {
    /// Returns the end behind one more item: its hash, whether it is a statement, and when it was taken.
    #[must_use]
    pub fn then(self, item: &Hash, is_statement: bool, taken_at: u64) -> Self {
        Self {
            position: self.position.saturating_add(1),
            prefix: extend(&self.prefix, item, taken_at),
            head: if is_statement { *item } else { self.head },
            taken_at,
        }
    }
}

/// An end that a server signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedEnd {
    /// The notebook.
    pub notebook: NotebookId,
    /// Random, new at every initialisation or restore of the server's store: a server that forgot is noticed.
    pub store_epoch: [u8; 16],
    /// The end of its log.
    pub end: End,
    /// The server's signature.
    pub signature: [u8; SIGNATURE_BYTES],
}

impl SignedEnd {
    /// How long its wire form is.
    pub const BYTES: usize = 1 + 16 + 16 + 8 + 16 + 32 + 8 + SIGNATURE_BYTES;
    /// What the signature is for.
    pub const PURPOSE: &'static str = crate::purpose::END;

    /// What is signed.
    pub fn signed_bytes(notebook: NotebookId, store_epoch: &[u8; 16], end: &End) -> Vec<u8> {
        let mut out = Writer::default();
        out.u8(VERSION).raw(notebook.as_bytes()).raw(store_epoch);
        out.u64(end.position).raw(&end.prefix).raw(&end.head).u64(end.taken_at);
        out.0
    }

    /// Whether the server with this key signed it.
    pub fn is_signed_by(&self, server_key: [u8; 32]) -> bool {
        let signed = Self::signed_bytes(self.notebook, &self.store_epoch, &self.end);
        is_signed_by(&server_key, Self::PURPOSE, &signed, &self.signature)
    }

    /// The wire form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Self::signed_bytes(self.notebook, &self.store_epoch, &self.end);
        bytes.extend_from_slice(&self.signature);
        bytes
    }

    /// Reads a wire form. Whether it is genuine, [`Self::is_signed_by`] says.
    ///
    /// # Errors
    /// If it is none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes, "signed end");
        if reader.u8()? != VERSION {
            return Err(reader.wrong());
        }
        let signed = Self {
            notebook: NotebookId::from_slice(reader.raw(16)?)?,
            store_epoch: reader.array()?,
            end: End {
                position: reader.u64()?,
                prefix: reader.array()?,
                head: reader.array()?,
                taken_at: reader.u64()?,
            },
            signature: reader.array()?,
        };
        reader.end()?;
        Ok(signed)
    }
}

#[cfg(test)]
mod tests {
    use ring::signature::{Ed25519KeyPair, KeyPair};

    use super::*;
    use crate::key::to_sign;

    fn signed() -> (SignedEnd, [u8; 32]) {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap();
        let (notebook, store_epoch) = (NotebookId::from_slice(&[9; 16]).unwrap(), [8; 16]);
        let end = End { position: 3, prefix: [7; 16], head: [6; 32], taken_at: 1_800_000_000_000 };
        let bytes = SignedEnd::signed_bytes(notebook, &store_epoch, &end);
        let signature = pair.sign(&to_sign(SignedEnd::PURPOSE, &bytes)).as_ref().try_into().unwrap();
        let key = pair.public_key().as_ref().try_into().unwrap();
        (SignedEnd { notebook, store_epoch, end, signature }, key)
    }

    #[test]
    fn a_signed_end_comes_back_and_is_frozen() {
        let (signed, key) = signed();
        assert_eq!(SignedEnd::from_bytes(&signed.to_bytes()), Ok(signed));
        assert_eq!(signed.to_bytes().len(), SignedEnd::BYTES);
        assert!(signed.is_signed_by(key));
        crate::frozen::is("end_2", &signed.to_bytes());
    }

    #[test]
    fn no_byte_of_a_signed_end_can_be_another_one() {
        let (signed, key) = signed();
        let bytes = signed.to_bytes();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(!SignedEnd::from_bytes(&changed).is_ok_and(|end| end.is_signed_by(key)), "byte {at}");
        }
        assert!((0..bytes.len()).all(|length| SignedEnd::from_bytes(&bytes[..length]).is_err()));
    }

    #[test]
    fn an_end_moves_with_each_item_and_its_head_with_statements() {
        let one = End::default().then(&[1; 32], true, 5);
        let two = one.then(&[2; 32], false, 7);
        assert_eq!((two.position, two.head, two.taken_at), (2, [1; 32], 7));
        assert_eq!(two.prefix, extend(&extend(&[0; 16], &[1; 32], 5), &[2; 32], 7));
    }

    proptest::proptest! {
        #[test]
        fn whatever_comes_is_read_or_refused(bytes: Vec<u8>) {
            let _ = SignedEnd::from_bytes(&bytes);
        }
    }
}
