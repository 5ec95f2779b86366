//! Who made a pack: an Ed25519 signature over its bytes, checked against a key that was pinned before.
//!
//! A carer may install a file of her own without one (`ayumi content install`); what comes over the network must carry
//! one (sync, `docs/threat-model.md`).

use crate::crypto;

/// A public key of a publisher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublisherKey([u8; 32]);

/// The signature does not fit: not made by this publisher, or changed on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not fit the content and the publisher's key")]
pub struct NotSigned;

impl PublisherKey {
    /// From its 32 bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Checks a pack's bytes.
    ///
    /// # Errors
    /// [`NotSigned`].
    pub fn check(&self, content: &[u8], signature: &[u8]) -> Result<(), NotSigned> {
        if crypto::verify_ed25519(&self.0, content, signature) { Ok(()) } else { Err(NotSigned) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::{Ed25519KeyPair, KeyPair};

    #[test]
    fn only_the_publishers_own_bytes_pass() {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[3; 32]).unwrap();
        let key = PublisherKey::from_bytes(pair.public_key().as_ref().try_into().unwrap());
        let content = b"format = 1";
        let signature = pair.sign(content);
        assert_eq!(key.check(content, signature.as_ref()), Ok(()));
        assert_eq!(key.check(b"format = 2", signature.as_ref()), Err(NotSigned), "changed content");
        assert_eq!(key.check(content, &[0; 64]), Err(NotSigned), "another signature");
        assert_eq!(key.check(content, b"short"), Err(NotSigned), "no signature at all");
        let other = Ed25519KeyPair::from_seed_unchecked(&[4; 32]).unwrap();
        let other = PublisherKey::from_bytes(other.public_key().as_ref().try_into().unwrap());
        assert_eq!(other.check(content, signature.as_ref()), Err(NotSigned), "another publisher");
    }
}
