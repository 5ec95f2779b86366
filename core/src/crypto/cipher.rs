//! The cipher of one text: a key of its own, derived from a secret, a salt and a purpose.

use ring::aead::{AES_256_GCM, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

use super::keys::derive;

/// Returns the cipher of a text; `None` never in practice: a key of 32 bytes is a key.
pub(crate) fn cipher(secret: &[u8; 32], salt: &[u8], purpose: &str) -> Option<LessSafeKey> {
    let own = Zeroizing::new(derive(secret, salt, purpose));
    UnboundKey::new(&AES_256_GCM, &*own).ok().map(LessSafeKey::new)
}

/// Returns the nonce of a key that seals one text only: zeros.
pub(crate) fn once() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}
