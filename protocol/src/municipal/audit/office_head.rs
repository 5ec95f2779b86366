//! The heads of all chains of a day in one text, signed by the feed key. It stands in the feed and can be printed.
//!
//! ```text
//! {"form":1,"municipality":"jp.131130","number":12,"made":1796083200,"through":412,"chains":40,
//!  "common":"<64 hex>","danger":"<64 hex>"}
//! ```
//! `common` is the root over the heads of all chains in the order of their ids; `danger` that over forms about a danger, with a
//! random leaf before them, so that it tells not even whether there is any.

use serde::{Deserialize, Serialize};

use crate::hex::Hex;
use crate::key::Hash;
use crate::municipal::feed::root::FeedKey;
use crate::municipal::feed::signed::{FORM, Signed};
use crate::municipal::feed::{FeedRefusal, MunicipalityName};
use crate::municipal::thread::RandomId;
use crate::purpose;

/// The most bytes of an office head with its signature.
pub const OFFICE_HEAD_BYTES: usize = 2048;

/// Where a chain ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChainHead {
    /// Which chain.
    pub chain: RandomId,
    /// How many rows it has.
    pub count: u64,
    /// The hash of the last one.
    pub hash: Hash,
}

impl ChainHead {
    /// Returns its bytes as a leaf of the tree.
    pub fn to_bytes(&self) -> Vec<u8> {
        [&self.chain.as_bytes()[..], &self.count.to_be_bytes(), &self.hash].concat()
    }
}

/// What a restore lost: everything after the head `kept`, up to the head `known`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restored {
    /// The newest head that the backup had; 0 for none.
    pub kept: u64,
    /// The newest head that was known elsewhere.
    pub known: u64,
}

/// The heads of all chains at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficeHead {
    /// The form; see [`FORM`].
    pub form: u32,
    /// Whose.
    pub municipality: MunicipalityName,
    /// Rises by one, over restores too.
    pub number: u64,
    /// When it was made, in seconds since 1970.
    pub made: u64,
    /// How many rows all common chains have together.
    pub through: u64,
    /// How many common chains there are.
    pub chains: u64,
    /// The root over the common chains.
    pub common: Hex<32>,
    /// The root over forms about a danger.
    pub danger: Hex<32>,
    /// Said by the first head after the database was put back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restored: Option<Restored>,
}

impl OfficeHead {
    /// The form of what is made now.
    pub const FORM: u32 = FORM;

    /// Signs it with the feed key: `sign` gets the bytes to sign.
    ///
    /// # Errors
    /// [`FeedRefusal::Signature`] if the signature is not the key's.
    pub fn seal(&self, key: &FeedKey, sign: impl FnOnce(&[u8]) -> [u8; 64]) -> Result<Signed, FeedRefusal> {
        let mut signed = Signed::of(self)?;
        let signature = sign(&signed.to_sign(purpose::OFFICE_HEAD));
        signed.add(key.key.0, signature);
        if is_signed(&signed, &[key.key]) { Ok(signed) } else { Err(FeedRefusal::Signature) }
    }

    /// Reads one as it was served. Who signed it, [`is_signed`] says.
    ///
    /// # Errors
    /// [`FeedRefusal::TooLong`], [`FeedRefusal::Cut`], [`FeedRefusal::Unreadable`] or [`FeedRefusal::NewerForm`].
    pub fn from_bytes(bytes: &[u8]) -> Result<(Self, Signed), FeedRefusal> {
        let signed = Signed::from_bytes(bytes, OFFICE_HEAD_BYTES, 1)?;
        Ok((signed.value()?, signed))
    }
}

/// Whether one of the municipality's feed keys, present or former, signed an office head.
pub fn is_signed(signed: &Signed, keys: &[Hex<32>]) -> bool {
    signed.signers(purpose::OFFICE_HEAD, keys) == 1
}

#[cfg(test)]
mod tests {
    use ring::signature::{Ed25519KeyPair, KeyPair};

    use super::*;

    #[test]
    fn an_office_head_counts_by_its_signature_and_in_its_own_purpose_only() {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[9; 32]).unwrap();
        let mut public = [0; 32];
        public.copy_from_slice(pair.public_key().as_ref());
        let key = FeedKey { number: 1, key: Hex(public), ends: 2_000_000_000 };
        let sign = |bytes: &[u8]| <[u8; 64]>::try_from(pair.sign(bytes).as_ref()).unwrap();
        let head = OfficeHead {
            form: OfficeHead::FORM,
            municipality: "jp.131130".parse().unwrap(),
            number: 12,
            made: 1_796_083_200,
            through: 412,
            chains: 40,
            common: Hex([1; 32]),
            danger: Hex([2; 32]),
            restored: None,
        };
        let signed = head.seal(&key, sign).unwrap();
        let (read, again) = OfficeHead::from_bytes(&signed.to_bytes()).unwrap();
        assert_eq!((read, is_signed(&again, &[key.key])), (head.clone(), true));
        assert!(!is_signed(&again, &[Hex([3; 32])]));
        assert_eq!(again.signers(purpose::MANIFEST, &[key.key]), 0);
        let text = String::from_utf8(signed.to_bytes()).unwrap();
        assert!(!text.contains("restored"), "{text}");
        let other = text.replace("\"through\":412", "\"through\":411");
        assert!(!is_signed(&OfficeHead::from_bytes(other.as_bytes()).unwrap().1, &[key.key]));
        assert_eq!(head.seal(&key, |_| [0; 64]).map(drop), Err(FeedRefusal::Signature));
    }
}
