//! The prefix hash: names a notebook's log up to a place in 16 bytes.

use crate::key::{Hash, hash};

/// Names a log up to a place: two logs with the same prefix hold the same items up to there. Zeros before the first
/// item.
pub type Prefix = [u8; 16];

/// Returns the prefix after one more item, given the hash of that statement or envelope.
pub fn extend(prefix: &Prefix, item: &Hash) -> Prefix {
    let mut next = [0; 16];
    next.copy_from_slice(&hash(&[&prefix[..], item].concat())[..16]);
    next
}
