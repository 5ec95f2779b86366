//! Keys of a member's device in one notebook. A device has other keys in every notebook, so that a server cannot link a
//! mother's notebook to her child's.

use std::fmt;

use ring::digest::{SHA256, digest};
use ring::signature::{ED25519, UnparsedPublicKey};

use crate::hex::Hex;

/// SHA-256.
pub type Hash = [u8; 32];

/// The hash of some bytes.
pub fn hash(bytes: &[u8]) -> Hash {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, bytes).as_ref());
    out
}

/// Names a pair of keys: the first 16 bytes of a hash of both.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 16]);

impl KeyId {
    /// Names bytes for a purpose: the first 16 bytes of their hash.
    pub(crate) fn of(purpose: &str, bytes: &[u8]) -> Self {
        let mut id = [0; 16];
        id.copy_from_slice(&hash_for(purpose, bytes)[..16]);
        Self(id)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Hex(self.0), f)
    }
}

/// The public keys of a device, an invitation or a recovery sheet in one notebook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKeys {
    /// Ed25519, for signatures.
    pub sign: [u8; 32],
    /// X25519, for wrapping epoch keys (HPKE).
    pub agree: [u8; 32],
}

impl PublicKeys {
    /// The purpose of a key's name.
    pub const NAME_PURPOSE: &'static str = crate::purpose::KEY;

    /// Returns the name of the two keys: one without the other has another name.
    pub fn id(&self) -> KeyId {
        KeyId::of(Self::NAME_PURPOSE, &[&self.sign[..], &self.agree].concat())
    }

    /// Whether both are keys that only their owner can use.
    ///
    /// An X25519 key in another form than the one of RFC 7748, or of low order, lets no secret be agreed on; for an Ed25519
    /// point of low order anybody can make signatures.
    pub fn are_valid(&self) -> bool {
        is_agreement_key(&self.agree) && !is_weak_signing_key(&self.sign)
    }

    /// Whether this key signed these bytes under this purpose. Purposes keep a signature from meaning two things.
    pub fn verify(&self, purpose: &str, bytes: &[u8], signature: &[u8; 64]) -> bool {
        is_signed_by(&self.sign, purpose, bytes, signature)
    }
}

/// Whether an Ed25519 key signed these bytes under this purpose: also one without an agreement key beside it, as a server's.
pub fn is_signed_by(key: &[u8; 32], purpose: &str, bytes: &[u8], signature: &[u8; 64]) -> bool {
    UnparsedPublicKey::new(&ED25519, key).verify(&to_sign(purpose, bytes), signature).is_ok()
}

/// The prime 2^255 − 19 of both curves, little-endian.
const PRIME: [u8; 32] = [
    0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
];

/// The two X25519 points of order 8 (cr.yp.to/ecdh.html#validate).
const AGREEMENT_ORDER_8: [[u8; 32]; 2] = [
    [
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09,
        0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
    ],
    [
        0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44,
        0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57,
    ],
];

/// The two y coordinates of Ed25519 points of order 8 (eprint.iacr.org/2020/1244, table 5).
const SIGNING_ORDER_8: [[u8; 32]; 2] = [
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
        0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
        0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
];

/// Returns the prime with another lowest byte: numbers near it.
const fn near_prime(lowest: u8) -> [u8; 32] {
    let mut number = PRIME;
    number[0] = lowest;
    number
}

/// Returns a number of one byte.
const fn small(lowest: u8) -> [u8; 32] {
    let mut number = [0; 32];
    number[0] = lowest;
    number
}

/// Whether bytes are an X25519 key below the prime and not of low order.
fn is_agreement_key(key: &[u8; 32]) -> bool {
    let below_prime = key.iter().rev().lt(PRIME.iter().rev());
    let low_order = [small(0), small(1), near_prime(0xec), AGREEMENT_ORDER_8[0], AGREEMENT_ORDER_8[1]];
    below_prime && !low_order.contains(key)
}

/// Whether bytes are a point of low order in any of its fourteen encodings: seven y coordinates, either sign.
pub(crate) fn is_weak_signing_key(key: &[u8; 32]) -> bool {
    let mut y = *key;
    y[31] &= 0x7f;
    let [first, second] = SIGNING_ORDER_8;
    [small(0), small(1), near_prime(0xec), near_prime(0xed), near_prime(0xee), first, second].contains(&y)
}

/// H(purpose | bytes): SHA-256 over the purpose, a zero byte, the bytes.
pub fn hash_for(purpose: &str, bytes: &[u8]) -> Hash {
    hash(&to_sign(purpose, bytes))
}

/// What is signed: the purpose, a zero byte, the bytes.
pub fn to_sign(purpose: &str, bytes: &[u8]) -> Vec<u8> {
    [purpose.as_bytes(), &[0], bytes].concat()
}

#[cfg(test)]
mod tests {
    use ring::agreement::{EphemeralPrivateKey, UnparsedPublicKey as Peer, X25519, agree_ephemeral};
    use ring::rand::SystemRandom;

    use super::*;

    /// A signing key and an agreement key that are fine.
    fn good() -> PublicKeys {
        let mut keys = PublicKeys { sign: [0; 32], agree: small(9) };
        let pair = ring::signature::Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap();
        keys.sign.copy_from_slice(ring::signature::KeyPair::public_key(&pair).as_ref());
        keys
    }

    fn with_top_bit(mut key: [u8; 32]) -> [u8; 32] {
        key[31] |= 0x80;
        key
    }

    #[test]
    fn a_key_that_lets_no_secret_be_agreed_on_is_refused() {
        assert!(good().are_valid());
        let [first, second] = AGREEMENT_ORDER_8;
        for low_order in [small(0), small(1), near_prime(0xec), first, second] {
            let own = EphemeralPrivateKey::generate(&X25519, &SystemRandom::new()).unwrap();
            let agreed = agree_ephemeral(own, &Peer::new(&X25519, low_order), |_| ());
            assert!(agreed.is_err(), "ring, too: {low_order:02x?}");
            assert!(!PublicKeys { agree: low_order, ..good() }.are_valid());
        }
        for another_form in [near_prime(0xed), near_prime(0xee), near_prime(0xff), with_top_bit(small(9)), [0xff; 32]] {
            assert!(!PublicKeys { agree: another_form, ..good() }.are_valid(), "{another_form:02x?}");
        }
        for fine in [small(2), small(9), near_prime(0xeb)] {
            assert!(PublicKeys { agree: fine, ..good() }.are_valid(), "{fine:02x?}");
        }
    }

    #[test]
    fn a_key_for_which_anybody_can_sign_is_refused_in_all_fourteen_encodings() {
        let [first, second] = SIGNING_ORDER_8;
        let points = [small(0), small(1), near_prime(0xec), near_prime(0xed), near_prime(0xee), first, second];
        let encodings: Vec<[u8; 32]> = points.into_iter().flat_map(|point| [point, with_top_bit(point)]).collect();
        assert_eq!(encodings.len(), 14);
        // The neutral point and zero: a signature that needs no secret.
        let mut forged = [0; 64];
        forged[0] = 1;
        let mut open = 0;
        for sign in encodings {
            let keys = PublicKeys { sign, ..good() };
            open += usize::from((0..64_u8).any(|n| keys.verify("test", &[n], &forged)));
            assert!(!keys.are_valid(), "{sign:02x?}");
        }
        assert!(open >= 8, "what ring verifies for anybody: {open} of them");
    }

    #[test]
    fn a_name_is_of_both_keys() {
        assert_ne!(good().id(), PublicKeys { agree: small(10), ..good() }.id());
        assert_ne!(good().id(), PublicKeys { sign: [7; 32], ..good() }.id());
    }
}
