//! When a key could write, and which envelope was its last.

use super::Cutoff;
use crate::key::Hash;

/// A time in which a key could write, in places of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Writing {
    /// The place of the statement that began it.
    pub(super) from: usize,
    /// The place of the one that ended it, and the last envelope that counts.
    pub(super) until: Option<(usize, Cutoff)>,
}

impl Writing {
    /// Whether an envelope that names the head at this place belongs to it.
    pub(super) fn holds(&self, head: usize, sequence: u64, attempt: u32, hash: &Hash) -> bool {
        let counts = |(end, cutoff): (usize, Cutoff)| {
            // Attempts never fall along a line, so a greater one does not lead up to the cutoff.
            let leads_up = sequence < cutoff.sequence && attempt <= cutoff.attempt;
            head < end && (leads_up || (sequence, *hash) == (cutoff.sequence, cutoff.hash))
        };
        head >= self.from && self.until.is_none_or(counts)
    }
}
