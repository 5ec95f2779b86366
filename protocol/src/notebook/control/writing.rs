//! When a key could write, and with which envelopes it ended.

use super::Cutoff;
use super::cutoff::LineEnd;

/// A time in which a key could write, in places of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::notebook) struct Writing {
    /// The place of the statement that began it.
    pub(in crate::notebook) from: usize,
    /// The place of the one that ended it, and the last envelopes that count.
    pub(in crate::notebook) until: Option<(usize, Cutoff)>,
}

impl Writing {
    /// Whether the head at a place was one at which the key could write.
    pub(in crate::notebook) fn contains(&self, head: usize) -> bool {
        head >= self.from && self.until.as_ref().is_none_or(|(end, _)| head < *end)
    }

    /// Whether an envelope that names the head at this place may belong to it, as far as its numbers tell: whether it leads up to
    /// the cutoff, only those between them show ([`crate::lines`]).
    pub(super) fn may_hold(&self, head: usize, envelope: &LineEnd) -> bool {
        self.contains(head) && self.until.as_ref().is_none_or(|(_, cutoff)| cutoff.may_hold(envelope))
    }
}
