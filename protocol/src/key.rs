//! Keys of a member's device in one notebook. A device has other keys in every notebook, so that a server cannot link a
//! mother's notebook to her child's.

use std::fmt;

use ring::digest::{SHA256, digest};
use ring::signature::{ED25519, UnparsedPublicKey};

/// SHA-256.
pub type Hash = [u8; 32];

/// The hash of some bytes.
pub fn hash(bytes: &[u8]) -> Hash {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, bytes).as_ref());
    out
}

/// Names a signing key: the first 16 bytes of its hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 16]);

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
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
    /// The name of the signing key.
    pub fn id(&self) -> KeyId {
        let mut id = [0; 16];
        id.copy_from_slice(&hash(&self.sign)[..16]);
        KeyId(id)
    }

    /// Whether this key signed these bytes under this purpose. Purposes keep a signature from meaning two things.
    pub fn verify(&self, purpose: &str, bytes: &[u8], signature: &[u8; 64]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.sign).verify(&to_sign(purpose, bytes), signature).is_ok()
    }
}

/// What is signed: the purpose, a zero byte, the bytes.
pub fn to_sign(purpose: &str, bytes: &[u8]) -> Vec<u8> {
    [purpose.as_bytes(), &[0], bytes].concat()
}
