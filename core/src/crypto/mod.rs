//! Thin wrapper around ring and hpke: the only crypto API the core uses.
//!
//! Keys that are wiped, randomness, derivation, sealing. Nothing else of the core touches key bytes.
//!
//! | module | idea |
//! |---|---|
//! | `cipher` | the cipher of one text |
//! | [`keys`] | a device's keys in one notebook, epoch keys, wraps, keys made of a code |
//! | [`release`] | wraps of a code, sealed once more |
//! | [`seal`] | envelopes: compressed, padded, encrypted, signed |

pub(crate) mod cipher;
pub mod keys;
pub mod release;
pub mod seal;

use ayumi_protocol::purpose;
use ring::rand::{SecureRandom, SystemRandom};
use ring::{digest, hmac};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The operating system gave no randomness; there is no safe way on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gives no random numbers")]
pub struct NoRandomness;

/// The 256-bit key of a device's file. Wiped when dropped; never shown.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct FileKey([u8; 32]);

impl FileKey {
    /// A new random key.
    pub fn generate() -> Result<Self, NoRandomness> {
        random().map(Self)
    }

    /// From its bytes, as a key store keeps them.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// From 64 hex digits (blanks and line breaks around them do not matter). `None` if it is anything else.
    pub fn from_hex(text: &str) -> Option<Self> {
        from_hex(text.trim()).map(Self)
    }

    /// As 64 hex digits, wiped when dropped.
    pub fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex(&self.0))
    }

    /// The bytes, for a key store.
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// The salt of the file: derived, not random, so that a file whose first bytes are damaged can still be read.
    pub(crate) fn file_salt(&self) -> [u8; 16] {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.0), purpose::FILE_SALT.as_bytes());
        let mut salt = [0; 16];
        salt.copy_from_slice(&tag.as_ref()[..16]);
        salt
    }
}

/// Whether a public key made this signature over these bytes.
pub(crate) fn verify_ed25519(key: &[u8; 32], content: &[u8], signature: &[u8]) -> bool {
    ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, key).verify(content, signature).is_ok()
}

impl std::fmt::Debug for FileKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FileKey(…)")
    }
}

/// Random bytes.
pub fn random<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// SHA-256 as hex digits.
pub fn sha256_hex(data: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, data).as_ref())
}

/// Reads `2 * N` hex digits, and nothing else.
pub(crate) fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let value = |c: u8| (c as char).to_digit(16).map(|d| d as u8);
        *byte = value(pair[0])? << 4 | value(pair[1])?;
    }
    Some(bytes)
}

/// Bytes as hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|b| [b >> 4, b & 15]).map(|n| DIGITS[usize::from(n)] as char).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_strictly_and_never_shown() {
        let key = FileKey::generate().unwrap();
        assert_eq!(FileKey::from_hex(&format!(" {}\n", *key.to_hex())), Some(key.clone()));
        assert_eq!(format!("{key:?}"), "FileKey(…)");
        for bad in ["", "00", &"g".repeat(64), &"0".repeat(63), &"é".repeat(32), &"+".repeat(64)] {
            assert_eq!(FileKey::from_hex(bad), None, "{bad}");
        }
    }
}
