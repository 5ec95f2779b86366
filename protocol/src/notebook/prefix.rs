//! The prefix hash: names a notebook's log up to a place in 16 bytes.

use crate::key::{Hash, hash_for};

/// Names a log up to a place: two logs with the same prefix hold the same items up to there, taken at the same times. Zeros
/// before the first item.
pub type Prefix = [u8; 16];

/// The purpose of a prefix.
const PURPOSE: &str = crate::purpose::LOG;

/// Returns the prefix after one more item, given the hash of that statement or envelope and when it was taken.
pub fn extend(prefix: &Prefix, item: &Hash, taken_at: u64) -> Prefix {
    let mut next = [0; 16];
    let parts = [&prefix[..], item, &taken_at.to_be_bytes()];
    next.copy_from_slice(&hash_for(PURPOSE, &parts.concat())[..16]);
    next
}
