//! One page of a SQLCipher 4 file, checked and decrypted on its own.
//!
//! SQLite needs the first page and the tree above a row to find it. After damage those may be gone while most pages
//! are still whole; each page carries its own tag, so the pages that verify can be read one by one. Salvage builds on
//! this.

use std::num::NonZeroU32;

use ring::{hmac, pbkdf2};

/// Bytes of a page of a handbook, on disk and in memory: half of SQLCipher's default, because a small write then seals
/// half as much (`docs/adr/0007`).
pub const PAGE_LEN: usize = 2048;
/// Bytes at the end of a page that hold the initialisation vector and the tag.
pub const RESERVED_LEN: usize = 80;
/// Bytes of the salt at the start of a file.
pub const SALT_LEN: usize = 16;

const IV_LEN: usize = 16;
const TAG_LEN: usize = 64;
/// From SQLCipher's format: the salt of the tag's key is the file's salt with each byte xor this.
const HMAC_SALT_MASK: u8 = 0x3a;
/// From SQLCipher's format: rounds for the tag's key (`FAST_PBKDF2_ITER`).
const HMAC_KEY_ROUNDS: NonZeroU32 = NonZeroU32::new(2).unwrap();

/// Opens single pages of a file with a raw 256-bit key.
pub struct PageReader {
    key: [u8; 32],
    tag_key: hmac::Key,
}

impl PageReader {
    /// For the file with this key and this salt (its first 16 bytes, unless the key came with a salt of its own).
    pub fn new(key: &[u8; 32], salt: &[u8; SALT_LEN]) -> Self {
        let masked = salt.map(|byte| byte ^ HMAC_SALT_MASK);
        let mut tag_key = [0; 32];
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA512, HMAC_KEY_ROUNDS, &masked, key, &mut tag_key);
        Self { key: *key, tag_key: hmac::Key::new(hmac::HMAC_SHA512, &tag_key) }
    }

    /// The plain text of page `number` (the first is 1), or `None` if its tag is wrong: damaged, never written, or
    /// another key. Page 1 comes back with its first 16 bytes as SQLite wants them.
    pub fn open(&self, number: u32, page: &[u8; PAGE_LEN]) -> Option<Box<[u8; PAGE_LEN]>> {
        let start = if number == 1 { SALT_LEN } else { 0 };
        let body_end = PAGE_LEN - RESERVED_LEN;
        let (sealed, tag) = (&page[start..body_end + IV_LEN], &page[body_end + IV_LEN..][..TAG_LEN]);
        let mut signed = sealed.to_vec();
        signed.extend_from_slice(&number.to_le_bytes());
        hmac::verify(&self.tag_key, &signed, tag).ok()?;
        let mut plain = Box::new(*page);
        let iv = &page[body_end..][..IV_LEN];
        if !crate::provider::crypt(false, &self.key, iv, &mut plain[start..body_end]) {
            return None;
        }
        if number == 1 {
            plain[..SALT_LEN].copy_from_slice(b"SQLite format 3\0");
        }
        Some(plain)
    }
}
