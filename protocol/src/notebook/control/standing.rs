//! Which of two chains that part stands: the one that was there first, by what a server signed, whatever their lengths. Servers
//! and phones decide by this alone.

use std::collections::BTreeSet;

use super::State;
use crate::key::Hash;
use crate::notebook::end::SignedEnd;

/// A chain from the statement on with which it parts from another one.
#[derive(Debug, Clone, Copy)]
pub struct Branch<'a> {
    /// The hashes of its statements from there on, in order.
    pub heads: &'a [Hash],
    /// When the log that shows it took the first of them, in milliseconds since 1970; `None` if it is only told.
    pub taken_at: Option<u64>,
}

impl Branch<'_> {
    /// Returns the earliest receipt for its first statement: an end whose head is that statement or one behind it.
    pub fn receipt(&self, receipts: &[SignedEnd]) -> Option<SignedEnd> {
        let heads: BTreeSet<&Hash> = self.heads.iter().collect();
        let covering = receipts.iter().filter(|signed| heads.contains(&signed.end.head));
        covering.min_by_key(|signed| signed.end.taken_at).copied()
    }

    /// Since when its first statement is known to be there, in milliseconds since 1970.
    fn since(&self, receipts: &[SignedEnd]) -> Option<u64> {
        let receipt = self.receipt(receipts).map(|signed| signed.end.taken_at);
        receipt.into_iter().chain(self.taken_at).min()
    }
}

/// Whether a chain that is told stands against the one that a log shows, from where they part on. `receipts` are ends that this
/// server signed, whoever has them. Of two that were there in the same moment the one stands whose first statement has the
/// smaller hash. `None` if nothing says when one of them was there: then nobody can decide.
pub fn told_stands(told: &Branch<'_>, shown: &Branch<'_>, receipts: &[SignedEnd]) -> Option<bool> {
    let there = |branch: &Branch<'_>| Some((branch.since(receipts)?, *branch.heads.first()?));
    Some(there(told)? < there(shown)?)
}

/// Returns for each statement of a chain that is told the earliest receipt for it.
pub fn earliest_receipts(heads: &[Hash], receipts: &[SignedEnd]) -> Vec<Option<SignedEnd>> {
    let mut sorted: Vec<&SignedEnd> = receipts.iter().collect();
    sorted.sort_by_key(|signed| (signed.end.head, signed.end.taken_at));
    let of = |head: &Hash| {
        let at = sorted.partition_point(|signed| signed.end.head < *head);
        sorted.get(at).filter(|signed| signed.end.head == *head).map(|signed| **signed)
    };
    let mut earliest: Option<SignedEnd> = None;
    let mut found: Vec<Option<SignedEnd>> = Vec::with_capacity(heads.len());
    for head in heads.iter().rev() {
        let time = |signed: &SignedEnd| signed.end.taken_at;
        if let Some(own) = of(head)
            && earliest.as_ref().is_none_or(|earliest| time(&own) < time(earliest))
        {
            earliest = Some(own);
        }
        found.push(earliest);
    }
    found.reverse();
    found
}

/// Returns whose head is one of a chain's: what a server keeps of the receipts that it is shown.
pub fn receipts_in(state: &State, receipts: &[SignedEnd]) -> Vec<SignedEnd> {
    receipts.iter().filter(|signed| state.knows_head(&signed.end.head)).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::NotebookId;
    use crate::notebook::end::End;

    fn receipt(head: u8, taken_at: u64) -> SignedEnd {
        let end = End { position: 9, prefix: [7; 16], head: [head; 32], taken_at };
        let notebook = NotebookId::from_slice(&[9; 16]).unwrap();
        SignedEnd { notebook, store_epoch: [8; 16], end, signature: [0; 64] }
    }

    fn heads(of: &[u8]) -> Vec<Hash> {
        of.iter().map(|head| [*head; 32]).collect()
    }

    #[test]
    fn the_chain_with_the_earliest_receipt_stands_whatever_the_lengths() {
        let (told, shown) = (heads(&[1]), heads(&[2, 3, 4, 5]));
        for (receipts, taken_at, expected) in [
            (vec![receipt(1, 10)], Some(11), Some(true)),
            (vec![receipt(1, 12)], Some(11), Some(false)),
            // A log that was told it anew, and the receipt that it was shown.
            (vec![receipt(1, 12), receipt(2, 11)], Some(100), Some(false)),
            (vec![receipt(1, 12), receipt(5, 11)], Some(100), Some(false)),
            (vec![receipt(1, 12), receipt(5, 13)], Some(100), Some(true)),
            // What is for statements before they part says nothing.
            (vec![receipt(9, 1)], Some(11), None),
            (vec![receipt(1, 10)], None, None),
            (Vec::new(), Some(0), None),
            // The same moment: the smaller hash, and nothing else, decides.
            (vec![receipt(1, 11)], Some(11), Some(true)),
        ] {
            let branch = Branch { heads: &told, taken_at: None };
            let other = Branch { heads: &shown, taken_at };
            assert_eq!(told_stands(&branch, &other, &receipts), expected, "{receipts:?} {taken_at:?}");
        }
        let (told, shown) = (heads(&[2]), heads(&[1]));
        let (branch, other) = (Branch { heads: &told, taken_at: None }, Branch { heads: &shown, taken_at: Some(11) });
        assert_eq!(told_stands(&branch, &other, &[receipt(2, 11)]), Some(false));
    }

    #[test]
    fn each_statement_has_the_earliest_receipt_for_it_or_one_behind_it() {
        let receipts = [receipt(1, 10), receipt(3, 7), receipt(3, 6), receipt(4, 20), receipt(8, 1)];
        let times = |of: &[u8]| {
            let found = earliest_receipts(&heads(of), &receipts);
            found.into_iter().map(|found| found.map(|signed| signed.end.taken_at)).collect::<Vec<_>>()
        };
        assert_eq!(times(&[1, 2, 3, 4, 5]), [Some(6), Some(6), Some(6), Some(20), None]);
        assert_eq!(times(&[1, 2]), [Some(10), None]);
        assert_eq!(times(&[]), []);
    }

    proptest::proptest! {
        /// Who shows and who tells makes no difference, if both have receipts: so every phone and every store agree.
        #[test]
        fn it_is_the_same_from_both_sides(one in 1_u8..50, other in 51_u8..99, times: (u8, u8, u8, u8)) {
            let ((a, b, c, d), of) = (times, |time: u8| u64::from(time % 8));
            let receipts = [receipt(one, of(a)), receipt(one, of(b)), receipt(other, of(c)), receipt(other, of(d))];
            let (one, other) = (heads(&[one]), heads(&[other]));
            let branch = |heads| Branch { heads, taken_at: None };
            let stands = told_stands(&branch(&one), &branch(&other), &receipts);
            assert_eq!(told_stands(&branch(&other), &branch(&one), &receipts), stands.map(|stands| !stands));
            assert_eq!(stands, Some(of(a).min(of(b)) <= of(c).min(of(d))), "a tie goes to the smaller hash");
        }
    }
}
