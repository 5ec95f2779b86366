//! The author hash: says in each signed header what all of an author's changes are, up to and with this envelope.
//!
//! Each change has a leaf, keyed by a random seed that is sealed with the batch, so that nobody outside can guess a name or
//! a birth date from the header. Who opens the envelope computes the hash again; a change that was altered, left out or put
//! in another order gives another one. An erased change leaves its leaf behind, and the others are still proven.
//!
//! ```text
//! leaf key = HMAC-SHA-256(seed, place in the batch 4)[..16]
//! leaf     = H("ayumi leaf 2" | leaf key | entry 16 | length of kind 1 | kind | stamp 16 | body)
//! before the first envelope: H("ayumi author hash 2" | notebook | author)
//! then: H("ayumi author hash 2" | the one before | count 4 | leaves)
//! ```

use ring::hmac;

use crate::clock::Stamp;
use crate::id::{EntryId, NotebookId};
use crate::key::{Hash, KeyId, hash_for};
use crate::notebook::change::Change;
use crate::notebook::envelope::Tail;

/// The purpose of a leaf.
pub const LEAF_PURPOSE: &str = crate::purpose::LEAF;
/// The purpose of an author hash.
pub const PURPOSE: &str = crate::purpose::AUTHOR_HASH;
/// Bytes of a batch's seed.
pub const SEED_BYTES: usize = 16;

/// Keys the leaves of one batch; random.
pub type Seed = [u8; SEED_BYTES];
/// Keys the leaf of one change. The seed does not follow from it, nor another change's key.
pub type LeafKey = [u8; 16];

/// Returns the key of the change at a place of a batch.
pub fn leaf_key(seed: &Seed, place: u32) -> LeafKey {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, seed), &place.to_be_bytes());
    let mut key = [0; 16];
    key.copy_from_slice(&tag.as_ref()[..16]);
    key
}

fn leaf(key: &LeafKey, entry: EntryId, kind: &str, stamp: Stamp, body: &[u8]) -> Hash {
    // A kind is never longer than its limit, which a byte can tell.
    let length = u8::try_from(kind.len()).unwrap_or(u8::MAX);
    let stamp = stamp.to_bytes();
    let parts = [&key[..], entry.as_bytes(), &[length], kind.as_bytes(), &stamp, body];
    hash_for(LEAF_PURPOSE, &parts.concat())
}

/// Returns the leaf of a change whose body stands in the batch as these bytes.
pub fn leaf_of(key: &LeafKey, change: &Change, body: &[u8]) -> Hash {
    leaf(key, change.entry, &change.kind, change.stamp, body)
}

/// Returns the author hash behind a tail of an author's chain, after an envelope with these leaves.
pub fn next(notebook: NotebookId, author: KeyId, tail: &Tail, leaves: &[Hash]) -> Hash {
    after(&at(notebook, author, tail), leaves)
}

/// Returns the author hash at a tail of an author's chain, also before the first envelope.
pub fn at(notebook: NotebookId, author: KeyId, tail: &Tail) -> Hash {
    match tail.sequence {
        0 => hash_for(PURPOSE, &[&notebook.as_bytes()[..], &author.0].concat()),
        _ => tail.author_hash,
    }
}

/// Returns the author hash behind another one, after an envelope with these leaves.
pub fn after(before: &Hash, leaves: &[Hash]) -> Hash {
    let count = u32::try_from(leaves.len()).unwrap_or(u32::MAX);
    hash_for(PURPOSE, &[&before[..], &count.to_be_bytes(), leaves.concat().as_slice()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DeviceId, Hlc};

    fn notebook() -> NotebookId {
        NotebookId::from_slice(&[9; 16]).unwrap()
    }

    fn a_leaf(seed: u8, place: u32, kind: &str, clock: u64, body: &str) -> Hash {
        let (entry, stamp) =
            (EntryId::from_slice(&[8; 16]).unwrap(), Stamp { hlc: Hlc(clock), device: DeviceId(0xaa) });
        leaf(&leaf_key(&[seed; 16], place), entry, kind, stamp, body.as_bytes())
    }

    #[test]
    fn the_forms_are_frozen() {
        let leaf = a_leaf(1, 2, "growth", 77, r#"{"n":{"weight":9.1}}"#);
        let first = next(notebook(), KeyId([4; 16]), &Tail::default(), &[leaf]);
        let second =
            next(notebook(), KeyId([4; 16]), &Tail { sequence: 1, author_hash: first, ..Tail::default() }, &[]);
        crate::frozen::is("author_hash_2", &[leaf, first, second].concat());
    }

    #[test]
    fn whatever_is_altered_gives_another_leaf_or_another_author_hash() {
        let plain = a_leaf(1, 0, "growth", 77, "{}");
        let others = [
            ("another seed", a_leaf(2, 0, "growth", 77, "{}")),
            ("another place", a_leaf(1, 1, "growth", 77, "{}")),
            ("another kind", a_leaf(1, 0, "growt", 77, "h{}")),
            ("another stamp", a_leaf(1, 0, "growth", 78, "{}")),
            ("another body", a_leaf(1, 0, "growth", 77, "{ }")),
        ];
        for (why, other) in others {
            assert_ne!(plain, other, "{why}");
        }
        let (one, two) = (plain, others[0].1);
        let said = |author: u8, tail: &Tail, leaves: &[Hash]| next(notebook(), KeyId([author; 16]), tail, leaves);
        let start = Tail::default();
        let all: std::collections::BTreeSet<Hash> = [
            said(4, &start, &[one, two]),
            said(4, &start, &[two, one]),
            said(4, &start, &[one]),
            said(4, &start, &[one, one, two]),
            said(4, &start, &[]),
            said(5, &start, &[one, two]),
            said(4, &Tail { sequence: 1, author_hash: said(4, &start, &[one]), ..start }, &[two]),
        ]
        .into();
        assert_eq!(all.len(), 7, "order, count and author all play a part");
    }
}
