//! A device's keys in one notebook, the notebook's epoch keys, and codes that keys are made of.

use ayumi_protocol::NotebookId;
use ayumi_protocol::key::{KeyId, PublicKeys, to_sign};
use ayumi_protocol::purpose;
use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem as _, OpModeR, OpModeS, Serializable, single_shot_open, single_shot_seal};
use ring::signature::{Ed25519KeyPair, KeyPair};
use ring::{hkdf, hmac};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{NoRandomness, random};

type Kem = X25519HkdfSha256;
type Private = <Kem as hpke::Kem>::PrivateKey;
type Public = <Kem as hpke::Kem>::PublicKey;
type Encapped = <Kem as hpke::Kem>::EncappedKey;

/// Bytes of an encapsulated key (X25519).
const ENCAPPED: usize = 32;

/// A wrap or a sealed text cannot be opened: made for another key, or changed on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it cannot be opened with this key")]
pub struct NotForUs;

/// One of a notebook's keys. Wiped when dropped; never shown.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct EpochKey([u8; 32]);

impl EpochKey {
    /// A new random key.
    ///
    /// # Errors
    /// If the operating system gives no randomness.
    pub fn generate() -> Result<Self, NoRandomness> {
        random().map(Self)
    }

    /// From kept bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, to keep them in the encrypted file.
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for EpochKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EpochKey(…)")
    }
}

/// The secret keys of a device, an invitation or a recovery sheet in one notebook. Wiped when dropped; never shown.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct SecretKeys {
    sign: [u8; 32],
    agree: [u8; 32],
}

impl std::fmt::Debug for SecretKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKeys(…)")
    }
}

impl SecretKeys {
    /// New random keys.
    ///
    /// # Errors
    /// If the operating system gives no randomness.
    pub fn generate() -> Result<Self, NoRandomness> {
        Ok(Self { sign: random()?, agree: random()? })
    }

    /// The keys that follow from a code of at least 128 bits: an invitation, a recovery sheet.
    pub fn from_code(code: &[u8; 32], purpose: &str) -> Self {
        Self {
            sign: derive(code, &[], &[purpose, " sign"].concat()),
            agree: derive(code, &[], &[purpose, " agree"].concat()),
        }
    }

    /// From kept bytes.
    pub const fn from_bytes(sign: [u8; 32], agree: [u8; 32]) -> Self {
        Self { sign, agree }
    }

    /// The bytes, to keep them in the encrypted file.
    pub const fn expose(&self) -> (&[u8; 32], &[u8; 32]) {
        (&self.sign, &self.agree)
    }

    fn pair(&self) -> Option<Ed25519KeyPair> {
        Ed25519KeyPair::from_seed_unchecked(&self.sign).ok()
    }

    fn private(&self) -> Option<Private> {
        Private::from_bytes(&self.agree).ok()
    }

    /// What others know of them.
    pub fn public(&self) -> PublicKeys {
        let mut keys = PublicKeys { sign: [0; 32], agree: [0; 32] };
        // Any 32 bytes are a seed and an X25519 secret.
        if let (Some(pair), Some(private)) = (self.pair(), self.private()) {
            keys.sign.copy_from_slice(pair.public_key().as_ref());
            keys.agree.copy_from_slice(&Kem::sk_to_pk(&private).to_bytes());
        }
        keys
    }

    /// The name of the signing key.
    pub fn id(&self) -> KeyId {
        self.public().id()
    }

    /// Signs bytes for a purpose.
    pub fn sign(&self, purpose: &str, bytes: &[u8]) -> [u8; 64] {
        let mut signature = [0; 64];
        if let Some(pair) = self.pair() {
            signature.copy_from_slice(pair.sign(&to_sign(purpose, bytes)).as_ref());
        }
        signature
    }

    /// Opens a wrap that was made for these keys.
    ///
    /// # Errors
    /// [`NotForUs`].
    pub fn unwrap(&self, notebook: NotebookId, epoch: u32, author: KeyId, wrap: &[u8]) -> Result<EpochKey, NotForUs> {
        let (encapped, sealed) = wrap.split_at_checked(ENCAPPED).ok_or(NotForUs)?;
        let encapped = Encapped::from_bytes(encapped).map_err(|_| NotForUs)?;
        let private = self.private().ok_or(NotForUs)?;
        let info = wrap_info(notebook, epoch, self.id(), author);
        let opened =
            single_shot_open::<AesGcm256, HkdfSha256, Kem>(&OpModeR::Base, &private, &encapped, &info, sealed, &[]);
        let mut opened = opened.map_err(|_| NotForUs)?;
        let key = <[u8; 32]>::try_from(opened.as_slice()).map(EpochKey).map_err(|_| NotForUs);
        opened.zeroize();
        key
    }
}

/// Wraps an epoch's key for a holder (HPKE, base mode).
///
/// # Errors
/// [`NoRandomness`], or if the holder's key is no key.
pub fn wrap(
    key: &EpochKey,
    notebook: NotebookId,
    epoch: u32,
    holder: &PublicKeys,
    author: KeyId,
) -> Result<Vec<u8>, NoRandomness> {
    // Asked first, so that a system without randomness is an error and not a panic of the library below.
    let _: [u8; 1] = random()?;
    let public = Public::from_bytes(&holder.agree).map_err(|_| NoRandomness)?;
    let info = wrap_info(notebook, epoch, holder.id(), author);
    let (encapped, sealed) =
        single_shot_seal::<AesGcm256, HkdfSha256, Kem>(&OpModeS::Base, &public, &info, &key.0, &[])
            .map_err(|_| NoRandomness)?;
    Ok([&encapped.to_bytes()[..], &sealed].concat())
}

/// What a wrap is bound to: one made for another notebook, epoch, holder, or by another author does not open.
fn wrap_info(notebook: NotebookId, epoch: u32, holder: KeyId, author: KeyId) -> Vec<u8> {
    to_sign(purpose::WRAP, &[&notebook.as_bytes()[..], &epoch.to_be_bytes(), &holder.0, &author.0].concat())
}

/// Commits to an epoch's key: who is given another key for this epoch finds out.
pub fn commitment(key: &EpochKey, notebook: NotebookId, epoch: u32) -> [u8; 32] {
    derive(&key.0, &[&notebook.as_bytes()[..], &epoch.to_be_bytes()].concat(), purpose::EPOCH_COMMITMENT)
}

/// Proves that whoever wrote a statement knew a code's secret. Wiped when dropped; never shown.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct ProofKey([u8; 32]);

impl ProofKey {
    /// The proof key of a code of at least 128 bits, in one notebook.
    pub fn from_code(code: &[u8; 32], notebook: NotebookId, purpose: &str) -> Self {
        Self(derive(code, notebook.as_bytes(), purpose))
    }

    /// Returns the proof over a statement's bytes.
    pub fn mac(&self, bytes: &[u8]) -> [u8; 32] {
        let mut mac = [0; 32];
        mac.copy_from_slice(hmac::sign(&self.key(), bytes).as_ref());
        mac
    }

    /// Whether a proof over these bytes is of this code.
    pub fn verifies(&self, bytes: &[u8], mac: &[u8; 32]) -> bool {
        hmac::verify(&self.key(), bytes, mac).is_ok()
    }

    fn key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.0)
    }
}

impl std::fmt::Debug for ProofKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProofKey(…)")
    }
}

/// HKDF-SHA256: 32 bytes for a purpose.
pub(crate) fn derive(secret: &[u8; 32], salt: &[u8], purpose: &str) -> [u8; 32] {
    let mut out = [0; 32];
    let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(secret);
    let info = [purpose.as_bytes()];
    // 32 bytes are one block: they always fit.
    if let Ok(okm) = prk.expand(&info, hkdf::HKDF_SHA256) {
        let _ = okm.fill(&mut out);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notebook(number: u8) -> NotebookId {
        NotebookId::from_slice(&[number; 16]).unwrap()
    }

    /// RFC 5869, test case 1, first 32 bytes: our derivation is HKDF-SHA256 (with a 32-byte secret of our own it has no
    /// published vector, so ring is asked for this one).
    #[test]
    fn derivation_is_hkdf_sha256() {
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, &(0..=0x0c).collect::<Vec<u8>>()).extract(&[0x0b; 22]);
        let mut out = [0; 32];
        let info: Vec<u8> = (0xf0..=0xf9).collect();
        prk.expand(&[&info], hkdf::HKDF_SHA256).unwrap().fill(&mut out).unwrap();
        let expected = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf";
        assert_eq!(super::super::hex(&out), expected);
    }

    #[test]
    fn a_wrap_opens_for_its_holder_notebook_epoch_and_author_only() {
        let (mother, father) = (SecretKeys::generate().unwrap(), SecretKeys::generate().unwrap());
        let key = EpochKey::generate().unwrap();
        let (me, other) = (mother.id(), father.id());
        let wrapped = wrap(&key, notebook(1), 3, &mother.public(), me).unwrap();
        assert_eq!(mother.unwrap(notebook(1), 3, me, &wrapped), Ok(key.clone()));
        for (who, book, epoch, author, why) in [
            (&father, 1, 3, me, "another holder"),
            (&mother, 2, 3, me, "another notebook"),
            (&mother, 1, 4, me, "another epoch"),
            (&mother, 1, 3, other, "another author"),
        ] {
            assert_eq!(who.unwrap(notebook(book), epoch, author, &wrapped), Err(NotForUs), "{why}");
        }
        for at in 0..wrapped.len() {
            let mut changed = wrapped.clone();
            changed[at] ^= 1;
            assert!(mother.unwrap(notebook(1), 3, me, &changed).is_err(), "byte {at}");
            assert!(mother.unwrap(notebook(1), 3, me, &wrapped[..at]).is_err(), "{at} bytes");
        }
        assert_ne!(wrap(&key, notebook(1), 3, &mother.public(), me).unwrap(), wrapped, "no two wraps are alike");
        assert_eq!(format!("{key:?} {mother:?}"), "EpochKey(…) SecretKeys(…)");
    }

    #[test]
    fn a_code_makes_the_same_keys_everywhere_and_others_for_another_purpose() {
        let code = [7; 32];
        let invitation = SecretKeys::from_code(&code, purpose::INVITE);
        assert_eq!(invitation, SecretKeys::from_code(&code, purpose::INVITE));
        assert_ne!(invitation, SecretKeys::from_code(&code, purpose::PRINT));
        assert_ne!(invitation, SecretKeys::from_code(&[8; 32], purpose::INVITE));
        let signature = invitation.sign("test", b"words");
        assert!(invitation.public().verify("test", b"words", &signature));
        assert!(!invitation.public().verify("other", b"words", &signature), "a signature has one purpose");
        assert!(!invitation.public().verify("test", b"other", &signature));
    }
}
