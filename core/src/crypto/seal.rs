//! Sealing envelopes, and openings beside them: compressed, padded, encrypted under a key of its own.

use ayumi_protocol::batch::padded;
use ayumi_protocol::envelope::{Envelope, Header, PURPOSE};
use ayumi_protocol::key::Hash;
use ayumi_protocol::limits;
use ayumi_protocol::opening::Opening;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey};
use zeroize::Zeroizing;

use super::cipher::{cipher, once};
use super::keys::{EpochKey, NotForUs, SecretKeys};
use super::{NoRandomness, random};

/// zstd's own default: fast, and within a few percent of what slower levels reach on small batches.
const LEVEL: i32 = 3;
/// Bytes before the compressed batch: its length.
const LENGTH: usize = 4;

/// Why something cannot be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// No randomness.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// Longer than an envelope may be: send fewer changes at once.
    #[error("too much for one envelope")]
    TooLong,
}

/// A new salt for a header: it makes the envelope's own key.
///
/// # Errors
/// If the operating system gives no randomness.
pub fn new_salt() -> Result<[u8; 32], NoRandomness> {
    random()
}

/// Seals a batch under a header whose salt is new.
///
/// # Errors
/// [`SealError::TooLong`].
pub fn seal(header: Header, key: &EpochKey, author: &SecretKeys, batch: &[u8]) -> Result<Envelope, SealError> {
    if batch.len() > limits::BATCH_BYTES {
        return Err(SealError::TooLong);
    }
    let ciphertext = seal_text(cipher(key.expose(), &header.salt, PURPOSE), &header.to_bytes(), batch)?;
    let signature = author.sign(PURPOSE, &Envelope::signed_bytes(&header, &ciphertext));
    let envelope = Envelope { header, ciphertext, signature };
    if envelope.to_bytes().len() > limits::ENVELOPE_BYTES { Err(SealError::TooLong) } else { Ok(envelope) }
}

/// Opens an envelope whose signature was checked.
///
/// # Errors
/// [`NotForUs`] with another key, or if it was changed, or if it unpacks to more than there may be.
pub fn open(envelope: &Envelope, key: &EpochKey) -> Result<Vec<u8>, NotForUs> {
    let header = &envelope.header;
    let cipher = cipher(key.expose(), &header.salt, PURPOSE);
    open_text(cipher, &header.to_bytes(), &envelope.ciphertext, limits::BATCH_BYTES)
}

/// Seals what stands of an envelope with this hash, beside its frame, at a control head.
///
/// # Errors
/// [`SealError::TooLong`].
pub fn seal_opening(
    envelope: &Hash,
    (epoch, key): (u32, &EpochKey),
    control: Hash,
    content: &[u8],
) -> Result<Opening, SealError> {
    if content.len() > limits::OPENED_BYTES {
        return Err(SealError::TooLong);
    }
    let mut opening = Opening { epoch, control, salt: new_salt()?, ciphertext: Vec::new() };
    let cipher = cipher(key.expose(), &opening.salt, Opening::PURPOSE);
    opening.ciphertext = seal_text(cipher, &opening.associated(envelope), content)?;
    if opening.to_bytes().len() > limits::OPENING_BYTES { Err(SealError::TooLong) } else { Ok(opening) }
}

/// Opens what stands of an envelope with this hash.
///
/// # Errors
/// [`NotForUs`] with another key, beside another envelope, or if it was changed.
pub fn open_opening(opening: &Opening, envelope: &Hash, key: &EpochKey) -> Result<Vec<u8>, NotForUs> {
    let cipher = cipher(key.expose(), &opening.salt, Opening::PURPOSE);
    open_text(cipher, &opening.associated(envelope), &opening.ciphertext, limits::OPENED_BYTES)
}

/// Compresses, pads and seals.
fn seal_text(cipher: Option<LessSafeKey>, associated: &[u8], content: &[u8]) -> Result<Vec<u8>, SealError> {
    let packed = Zeroizing::new(zstd::bulk::compress(content, LEVEL).map_err(|_| SealError::TooLong)?);
    let length = u32::try_from(packed.len()).map_err(|_| SealError::TooLong)?;
    let mut text = Zeroizing::new(Vec::with_capacity(padded(packed.len() + LENGTH) + AES_256_GCM.tag_len()));
    text.extend_from_slice(&length.to_be_bytes());
    text.extend_from_slice(&packed);
    text.resize(padded(packed.len() + LENGTH), 0);
    cipher
        .and_then(|cipher| cipher.seal_in_place_append_tag(once(), Aad::from(associated), &mut *text).ok())
        .ok_or(SealError::TooLong)?;
    Ok(std::mem::take(&mut *text))
}

/// Opens, and unpacks to so many bytes at most.
fn open_text(
    cipher: Option<LessSafeKey>,
    associated: &[u8],
    ciphertext: &[u8],
    most: usize,
) -> Result<Vec<u8>, NotForUs> {
    let mut text = Zeroizing::new(ciphertext.to_vec());
    let cipher = cipher.ok_or(NotForUs)?;
    let text = cipher.open_in_place(once(), Aad::from(associated), &mut text).map_err(|_| NotForUs)?;
    let (length, rest) = text.split_first_chunk::<LENGTH>().ok_or(NotForUs)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| NotForUs)?;
    let (packed, padding) = rest.split_at_checked(length).ok_or(NotForUs)?;
    // One text has one form: the padding is zeros up to the length that follows from it.
    if padded(length + LENGTH) != text.len() || padding.iter().any(|byte| *byte != 0) {
        return Err(NotForUs);
    }
    zstd::bulk::decompress(packed, most).map_err(|_| NotForUs)
}

#[cfg(test)]
mod tests {
    use ayumi_protocol::envelope::{CHANGES, VERSION};
    use ayumi_protocol::key::KeyId;
    use ayumi_protocol::{Hlc, NotebookId};
    use proptest::prelude::*;

    use super::*;

    fn header(author: KeyId, salt: [u8; 32]) -> Header {
        Header {
            version: VERSION,
            kind: CHANGES,
            notebook: NotebookId::from_slice(&[9; 16]).unwrap(),
            epoch: 1,
            control: [1; 32],
            author,
            sequence: 1,
            attempt: 0,
            previous: [0; 32],
            stamp: Hlc(1),
            author_hash: [7; 32],
            salt,
        }
    }

    fn keys() -> (EpochKey, SecretKeys) {
        (EpochKey::from_bytes([4; 32]), SecretKeys::from_bytes([5; 32], [6; 32]))
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens(batch in proptest::collection::vec(any::<u8>(), 0..5000)) {
            let (key, author) = keys();
            let envelope = seal(header(author.id(), new_salt().unwrap()), &key, &author, &batch).unwrap();
            prop_assert!(envelope.is_signed_by(&author.public()));
            prop_assert_eq!(open(&envelope, &key), Ok(batch));
        }
    }

    #[test]
    fn another_key_or_another_header_opens_nothing() {
        let (key, author) = keys();
        let envelope = seal(header(author.id(), [3; 32]), &key, &author, b"a family's words").unwrap();
        assert_eq!(open(&envelope, &EpochKey::from_bytes([5; 32])), Err(NotForUs));
        let mut elsewhere = envelope.clone();
        elsewhere.header.sequence = 2;
        assert_eq!(open(&elsewhere, &key), Err(NotForUs), "the header is sealed with it");
        let bytes = envelope.to_bytes();
        let words = b"a family's words";
        assert!(!bytes.windows(words.len()).any(|window| window == words), "nothing is readable");
    }

    /// What was sealed once opens for ever: `fixtures/protocol/sealed_2.hex`, opened with another implementation of
    /// HKDF, AES-GCM and zstd when it was made.
    #[test]
    fn what_was_sealed_once_opens_for_ever() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/protocol/sealed_2.hex");
        let text = std::fs::read_to_string(path).unwrap();
        let digits: String = text.lines().filter(|line| !line.starts_with('#')).collect();
        let bytes: Vec<u8> =
            (0..digits.len() / 2).map(|at| u8::from_str_radix(&digits[at * 2..at * 2 + 2], 16).unwrap()).collect();
        let (key, author) = keys();
        let envelope = Envelope::from_bytes(&bytes).unwrap();
        assert!(envelope.is_signed_by(&author.public()));
        assert_eq!(open(&envelope, &key).as_deref(), Ok("笑った。笑った。笑った。".as_bytes()));
    }

    #[test]
    fn an_opening_opens_with_its_key_beside_its_envelope_only() {
        let (key, _) = keys();
        let opening = seal_opening(&[1; 32], (3, &key), [2; 32], b"what stands").unwrap();
        assert_eq!(open_opening(&opening, &[1; 32], &key).as_deref(), Ok(&b"what stands"[..]));
        assert_eq!(open_opening(&opening, &[7; 32], &key), Err(NotForUs), "another envelope");
        assert_eq!(open_opening(&opening, &[1; 32], &EpochKey::from_bytes([5; 32])), Err(NotForUs), "another key");
        let later = Opening { control: [7; 32], ..opening };
        assert_eq!(open_opening(&later, &[1; 32], &key), Err(NotForUs), "said to be newer than it is");
    }

    /// The same words twice are two different ciphertexts of the same length; words of about the same length cannot be
    /// told apart by their size.
    #[test]
    fn sizes_and_repeats_tell_little() {
        let (key, author) = keys();
        let sealed =
            |words: &[u8]| seal(header(author.id(), new_salt().unwrap()), &key, &author, words).unwrap().ciphertext;
        assert_ne!(sealed(b"twice"), sealed(b"twice"));
        let random: Vec<u8> = (0..2000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let sizes: std::collections::BTreeSet<usize> = (1900..2000).map(|n| sealed(&random[..n]).len()).collect();
        assert!(sizes.len() <= 3, "{sizes:?}");
    }

    /// A batch that unpacks to more than there may be is refused before it fills the memory, and never made.
    #[test]
    fn a_bomb_does_not_go_off() {
        let (key, author) = keys();
        let bomb = vec![0; limits::BATCH_BYTES + 1];
        assert_eq!(seal(header(author.id(), [3; 32]), &key, &author, &bomb), Err(SealError::TooLong));
        let most = seal(header(author.id(), [3; 32]), &key, &author, &bomb[1..]).unwrap();
        assert!(most.to_bytes().len() < 10_000);
        assert_eq!(open(&most, &key), Ok(bomb[1..].to_vec()));
        // A patched client seals it all the same.
        let packed = zstd::bulk::compress(&bomb, LEVEL).unwrap();
        let mut text = [&(packed.len() as u32).to_be_bytes()[..], &packed].concat();
        text.resize(padded(text.len()), 0);
        let header = header(author.id(), [4; 32]);
        cipher(key.expose(), &header.salt, PURPOSE)
            .unwrap()
            .seal_in_place_append_tag(once(), Aad::from(&header.to_bytes()), &mut text)
            .unwrap();
        let envelope = Envelope { header, ciphertext: text, signature: [0; 64] };
        assert_eq!(open(&envelope, &key), Err(NotForUs));
    }
}
