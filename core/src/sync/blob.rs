//! Photos and thumbnails into sealed chunks and back (STREAM: a counter per chunk and a mark on the last). Sealing the same photo
//! again gives the same bytes, so an upload that was cut goes on from any chunk, on any device, without anything kept
//! about it: the salt that makes the key follows from the photo itself, and no key and counter ever seal two
//! different texts.

use ayumi_protocol::blob::BlobName;
use ayumi_protocol::{EntryId, NotebookId, limits, purpose};
use ring::aead::{Aad, NONCE_LEN, Nonce};
use ring::hmac;
use zeroize::Zeroizing;

use crate::crypto::cipher::cipher;
use crate::crypto::keys::{EpochKey, NotForUs, derive};
use ayumi_protocol::batch::padded;

/// Clear bytes in one chunk.
pub const CHUNK: usize = 128 * 1024;
const SALT: usize = 32;
const LENGTH: usize = 8;

/// The name under which a server keeps a photo that is sealed in an epoch: derived, so that it tells nothing. `first`
/// is the notebook's first key, which every member has.
pub fn name(first: &EpochKey, notebook: NotebookId, entry: EntryId, epoch: u32) -> BlobName {
    derive(first.expose(), &named(notebook, entry, epoch), purpose::PHOTO_NAME)
}

/// The name of a photo's thumbnail: another one, from which nobody can tell that the two belong together.
pub fn thumbnail_name(first: &EpochKey, notebook: NotebookId, entry: EntryId, epoch: u32) -> BlobName {
    derive(first.expose(), &named(notebook, entry, epoch), purpose::THUMBNAIL_NAME)
}

fn named(notebook: NotebookId, entry: EntryId, epoch: u32) -> Vec<u8> {
    [&notebook.as_bytes()[..], entry.as_bytes(), &epoch.to_be_bytes()].concat()
}

/// Seals a photo. The first chunk carries the epoch and the salt.
///
/// # Errors
/// [`NotForUs`] never in practice: a key of 32 bytes is a key.
pub fn seal(key: &EpochKey, epoch: u32, name: &BlobName, data: &[u8]) -> Result<Vec<Vec<u8>>, NotForUs> {
    seal_to(padded(data.len() + LENGTH), key, epoch, name, data)
}

/// Seals a thumbnail, as a blob of one chunk: all that are made now are as long as each other, so that a server learns nothing
/// of what is on one. `None` for what does not fit into a chunk.
pub fn seal_thumbnail(key: &EpochKey, epoch: u32, name: &BlobName, data: &[u8]) -> Option<Vec<u8>> {
    let length = (data.len() + LENGTH).next_multiple_of(limits::THUMBNAIL_BLOCK);
    let chunks = seal_to(length, key, epoch, name, data).ok().filter(|chunks| chunks.len() == 1)?;
    chunks.into_iter().next()
}

fn seal_to(length: usize, key: &EpochKey, epoch: u32, name: &BlobName, data: &[u8]) -> Result<Vec<Vec<u8>>, NotForUs> {
    let mac = hmac::Key::new(hmac::HMAC_SHA256, &derive(key.expose(), name, purpose::PHOTO_SALT));
    let mut salt = [0; SALT];
    salt.copy_from_slice(hmac::sign(&mac, data).as_ref());
    let mut text = Zeroizing::new(Vec::with_capacity(length));
    text.extend_from_slice(&(data.len() as u64).to_be_bytes());
    text.extend_from_slice(data);
    text.resize(length, 0);
    let cipher = cipher(key.expose(), &salt, purpose::PHOTO).ok_or(NotForUs)?;
    let count = text.chunks(CHUNK).len();
    let mut chunks = Vec::with_capacity(count);
    for (number, part) in text.chunks(CHUNK).enumerate() {
        let mut sealed = part.to_vec();
        let nonce = nonce(number, number + 1 == count);
        cipher.seal_in_place_append_tag(nonce, Aad::from(name), &mut sealed).map_err(|_| NotForUs)?;
        if number == 0 {
            sealed = [&[1][..], &epoch.to_be_bytes(), &salt, &sealed].concat();
        }
        chunks.push(sealed);
    }
    Ok(chunks)
}

/// Opens a photo's chunks, all of them; `keys` gives the key of an epoch.
///
/// # Errors
/// [`NotForUs`] if one is missing, changed, in another place, or under a key that is not known.
pub fn open<'k>(
    keys: impl Fn(u32) -> Option<&'k EpochKey>,
    name: &BlobName,
    chunks: &[Vec<u8>],
) -> Result<Vec<u8>, NotForUs> {
    let first = chunks.first().ok_or(NotForUs)?;
    let (version, rest) = first.split_first().ok_or(NotForUs)?;
    let (epoch, rest) = rest.split_first_chunk::<4>().ok_or(NotForUs)?;
    let (salt, first) = rest.split_first_chunk::<SALT>().ok_or(NotForUs)?;
    if *version != 1 {
        return Err(NotForUs);
    }
    let key = keys(u32::from_be_bytes(*epoch)).ok_or(NotForUs)?;
    let cipher = cipher(key.expose(), salt, purpose::PHOTO).ok_or(NotForUs)?;
    let mut text = Vec::new();
    for (number, chunk) in chunks.iter().enumerate() {
        let mut part = if number == 0 { first.to_vec() } else { chunk.clone() };
        let nonce = nonce(number, number + 1 == chunks.len());
        text.extend_from_slice(cipher.open_in_place(nonce, Aad::from(name), &mut part).map_err(|_| NotForUs)?);
    }
    let (length, data) = text.split_first_chunk::<LENGTH>().ok_or(NotForUs)?;
    let length = usize::try_from(u64::from_be_bytes(*length)).map_err(|_| NotForUs)?;
    if length > data.len() {
        return Err(NotForUs);
    }
    text.drain(..LENGTH);
    text.truncate(length);
    Ok(text)
}

fn nonce(number: usize, last: bool) -> Nonce {
    let mut bytes = [0; NONCE_LEN];
    bytes[..8].copy_from_slice(&(number as u64).to_be_bytes());
    bytes[NONCE_LEN - 1] = u8::from(last);
    Nonce::assume_unique_for_key(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photo(length: usize) -> Vec<u8> {
        (0..length as u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 11) as u8).collect()
    }

    #[test]
    fn a_photo_comes_back_and_is_sealed_alike_each_time() {
        let key = EpochKey::from_bytes([4; 32]);
        let keys = |epoch| (epoch == 2).then_some(&key);
        for length in [0, 1, CHUNK - LENGTH, CHUNK, 700_000] {
            let data = photo(length);
            let chunks = seal(&key, 2, &[7; 32], &data).unwrap();
            assert!(chunks.iter().all(|chunk| chunk.len() <= ayumi_protocol::limits::CHUNK_BYTES));
            assert_eq!(chunks, seal(&key, 2, &[7; 32], &data).unwrap(), "the same bytes again");
            assert_eq!(open(keys, &[7; 32], &chunks), Ok(data));
            assert_eq!(open(keys, &[8; 32], &chunks), Err(NotForUs), "another name");
            assert_eq!(open(|_| None, &[7; 32], &chunks), Err(NotForUs), "another epoch");
        }
        assert_ne!(seal(&key, 2, &[7; 32], b"one").unwrap(), seal(&key, 2, &[7; 32], b"two").unwrap());
    }

    /// What an operator wants: to tell pictures apart by their length, or a photo's thumbnail by its name.
    #[test]
    fn all_thumbnails_are_as_long_and_none_is_named_like_its_photo() {
        let (key, notebook) = (EpochKey::from_bytes([4; 32]), NotebookId::from_slice(&[2; 16]).unwrap());
        let entry = EntryId::from_slice(&[1; 16]).unwrap();
        let names = [1, 2].map(|epoch| thumbnail_name(&key, notebook, entry, epoch));
        assert_ne!(names[0], names[1]);
        assert!(names.iter().all(|thumbnail| *thumbnail != name(&key, notebook, entry, 1)));
        for length in [1, 5_000, limits::THUMBNAIL_BYTES] {
            let sealed = seal_thumbnail(&key, 1, &names[0], &photo(length)).unwrap();
            // Version, epoch, salt; the block; the tag.
            assert_eq!(sealed.len(), 1 + 4 + 32 + 16_384 + 16);
            assert_eq!(open(|_| Some(&key), &names[0], &[sealed]), Ok(photo(length)));
        }
        // One that was made before, and is longer.
        let longer = seal_thumbnail(&key, 1, &names[0], &photo(limits::THUMBNAIL_BYTES + 1)).unwrap();
        assert_eq!(longer.len(), 1 + 4 + 32 + 2 * 16_384 + 16);
        assert_eq!(seal_thumbnail(&key, 1, &names[0], &photo(CHUNK)), None);
    }

    #[test]
    fn a_chunk_that_is_missing_moved_or_changed_is_found() {
        let key = EpochKey::from_bytes([4; 32]);
        let open = |chunks: &[Vec<u8>]| open(|_| Some(&key), &[7; 32], chunks);
        let chunks = seal(&key, 2, &[7; 32], &photo(500_000)).unwrap();
        assert!(chunks.len() >= 4);
        assert_eq!(open(&chunks[..chunks.len() - 1]), Err(NotForUs), "the last is missing");
        assert_eq!(open(&chunks[1..]), Err(NotForUs), "the first is missing");
        let mut swapped = chunks.clone();
        swapped.swap(1, 2);
        assert_eq!(open(&swapped), Err(NotForUs));
        let mut changed = chunks.clone();
        changed[2][5] ^= 1;
        assert_eq!(open(&changed), Err(NotForUs));
        let longer = [&chunks[..], &chunks[1..2]].concat();
        assert_eq!(open(&longer), Err(NotForUs));
    }
}
