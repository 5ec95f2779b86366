//! Which changes of an envelope count, as its author's line says. Two rules, both of nothing but the line, so that every phone
//! shows the same in whatever order things come:
//!
//! - each stamp is greater than all in the author's envelopes before: nobody writes a word below an own earlier one;
//! - of several changes of one entry with one stamp only the one with the smallest leaf counts.
//!
//! What does not count is kept in its envelope and passed on.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::clock::{Hlc, Stamp};
use crate::id::EntryId;
use crate::key::Hash;
use crate::notebook::change::Change;

/// Leaves only the change with the smallest leaf of each entry and stamp, in the order given, with its leaf. Erased changes play no
/// part: their stamps are gone.
pub fn smallest_leaves(changes: Vec<(Change, Hash)>) -> Vec<(Change, Hash)> {
    let mut smallest: BTreeMap<(EntryId, &str, Stamp), &Hash> = BTreeMap::new();
    for (change, leaf) in &changes {
        let least = smallest.entry((change.entry, &change.kind, change.stamp)).or_insert(leaf);
        *least = (*least).min(leaf);
    }
    let counts = |(change, leaf): &(Change, Hash)| {
        smallest.get(&(change.entry, change.kind.as_str(), change.stamp)).is_some_and(|least| *least == leaf)
    };
    let counts: Vec<bool> = changes.iter().map(counts).collect();
    changes.into_iter().zip(counts).filter(|(_, counts)| *counts).map(|(counting, _)| counting).collect()
}

/// Leaves only the changes that are stamped later than all in their author's envelopes before.
pub fn later_than(changes: &[Change], before: Option<Hlc>) -> Cow<'_, [Change]> {
    let counts = |change: &Change| before.is_none_or(|before| change.stamp.hlc > before);
    if changes.iter().all(counts) {
        return Cow::Borrowed(changes);
    }
    Cow::Owned(changes.iter().filter(|change| counts(change)).cloned().collect())
}

/// Returns the greatest stamp of an author's envelopes up to one with these changes; `before` is that up to the one before.
pub fn greatest(changes: &[Change], before: Option<Hlc>) -> Option<Hlc> {
    changes.iter().map(|change| change.stamp.hlc).max().max(before)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{DeviceId, NotebookId};

    fn change(entry: u8, kind: &str, clock: u64, text: u8) -> Change {
        let body = format!(r#"{{"n":{{"text":"{text}"}}}}"#);
        let (notebook, stamp) =
            (NotebookId::from_slice(&[9; 16]).unwrap(), Stamp { hlc: Hlc(clock), device: DeviceId(7) });
        Change::from_parts(EntryId::from_slice(&[entry; 16]).unwrap(), notebook, kind, stamp, &body).unwrap()
    }

    #[test]
    fn of_two_bodies_for_one_stamp_the_one_with_the_smallest_leaf_counts() {
        let (one, other) = (change(1, "diary", 5, 1), change(1, "diary", 5, 2));
        let words =
            |first: u8, second: u8| smallest_leaves(vec![(one.clone(), [first; 32]), (other.clone(), [second; 32])]);
        assert_eq!(words(3, 4), [(one.clone(), [3; 32])]);
        assert_eq!(words(4, 3), [(other.clone(), [3; 32])]);
        // Parts of one action on several entries carry the same stamp, and one id under two kinds is two entries.
        let parts = [one, change(2, "diary", 5, 1), change(1, "growth", 5, 1), change(1, "diary", 6, 1)];
        let parts = parts.map(|part| (part, [3; 32]));
        assert_eq!(smallest_leaves(parts.to_vec()), parts);
    }

    #[test]
    fn a_word_that_is_stamped_below_an_own_earlier_one_does_not_count() {
        let changes = [change(1, "diary", 5, 1), change(2, "diary", 6, 1), change(3, "diary", 7, 1)];
        assert!(matches!(later_than(&changes, None), Cow::Borrowed(all) if all == changes));
        assert_eq!(later_than(&changes, Some(Hlc(4))), &changes[..]);
        assert_eq!(later_than(&changes, Some(Hlc(6))), &changes[2..], "nor at the same time");
        assert_eq!(greatest(&changes, Some(Hlc(6))), Some(Hlc(7)));
        assert_eq!(greatest(&changes, Some(Hlc(9))), Some(Hlc(9)), "it never falls");
        assert_eq!((greatest(&[], None), greatest(&[], Some(Hlc(9)))), (None, Some(Hlc(9))));
        let at_zero = [change(1, "diary", 0, 1)];
        assert_eq!(later_than(&at_zero, None), &at_zero[..], "nothing is before the first");
    }

    proptest! {
        #[test]
        fn in_whatever_order_changes_stand_the_same_ones_count(
            (changes, shuffled) in proptest::collection::vec((0_u8..3, 0_u64..4, 0_u8..9), 0..20).prop_flat_map(|rows| {
                let leaf = |at: usize| { let mut leaf = [0; 32]; leaf[0] = (at * 37 % 251) as u8; leaf[1] = at as u8; leaf };
                let all: Vec<(Change, Hash)> = rows
                    .into_iter()
                    .enumerate()
                    .map(|(at, (entry, clock, text))| (change(entry, "diary", clock, text), leaf(at)))
                    .collect();
                (Just(all.clone()), Just(all).prop_shuffle())
            })
        ) {
            let counting = |changes: Vec<(Change, Hash)>| {
                let counting = smallest_leaves(changes);
                counting.into_iter().map(|(change, leaf)| ((change.entry, change.stamp), (change, leaf))).collect::<BTreeMap<_, _>>()
            };
            let (one, other) = (counting(changes.clone()), counting(shuffled));
            prop_assert_eq!(&one, &other);
            let stamps: std::collections::BTreeSet<_> = changes.iter().map(|(change, _)| (change.entry, change.stamp)).collect();
            prop_assert_eq!(one.len(), stamps.len(), "one of each");
        }
    }
}
