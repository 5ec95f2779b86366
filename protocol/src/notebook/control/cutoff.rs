//! Where somebody's writing ends: the last envelope of each of their lines.

use crate::bytes::{Reader, Writer};
use crate::format::FormatError;
use crate::key::{Hash, KeyId};
use crate::limits;
use crate::notebook::envelope::Tail;

/// The last envelope of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineEnd {
    /// Its sequence.
    pub sequence: u64,
    /// Its attempt.
    pub attempt: u32,
    /// Its hash.
    pub hash: Hash,
}

/// The last envelopes that count of somebody whose writing ends: one, or of an author with two tongues each line's last; none if
/// there are none. What does not lead up to one of them counts nowhere, whoever shows it and whenever it was made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cutoff(Vec<LineEnd>);

impl From<Tail> for LineEnd {
    fn from(Tail { sequence, attempt, hash, .. }: Tail) -> Self {
        Self { sequence, attempt, hash }
    }
}

impl From<Tail> for Cutoff {
    fn from(tail: Tail) -> Self {
        Self::of([tail.into()])
    }
}

impl Cutoff {
    /// Makes one of the ends of lines: as many of the first as one may name, each once. Sequence 0 names none.
    pub fn of(ends: impl IntoIterator<Item = LineEnd>) -> Self {
        let mut named: Vec<LineEnd> = Vec::new();
        for end in ends.into_iter().filter(|end| end.sequence > 0) {
            if named.len() < limits::CUTOFF_LINES && !named.contains(&end) {
                named.push(end);
            }
        }
        named.sort_unstable();
        Self(named)
    }

    /// Returns the ends, rising.
    pub fn ends(&self) -> &[LineEnd] {
        &self.0
    }

    /// Whether it names the envelope with which a tail ends, or nothing is there.
    pub fn names(&self, tail: &Tail) -> bool {
        tail.sequence == 0 || self.0.contains(&(*tail).into())
    }

    /// Whether an envelope is one of those that it names, or could lead up to one: a sequence before it, and, since attempts never
    /// fall along a line, no greater attempt.
    pub(super) fn may_hold(&self, end: &LineEnd) -> bool {
        let before = |last: &LineEnd| end.sequence < last.sequence && end.attempt <= last.attempt;
        self.0.iter().any(|last| last == end || before(last))
    }

    pub(super) fn write(&self, out: &mut Writer) {
        out.varint(self.0.len() as u64);
        for LineEnd { sequence, attempt, hash } in &self.0 {
            out.u64(*sequence).u32(*attempt).raw(hash);
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let count = reader.count(44)?;
        let mut ends: Vec<LineEnd> = Vec::new();
        for _ in 0..count {
            let end = LineEnd { sequence: reader.u64()?, attempt: reader.u32()?, hash: reader.array()? };
            if end.sequence == 0 || ends.last().is_some_and(|last| *last >= end) {
                return Err(reader.wrong());
            }
            ends.push(end);
        }
        if ends.len() > limits::CUTOFF_LINES { Err(reader.wrong()) } else { Ok(Self(ends)) }
    }

    /// Reads a list of keys, each with its own.
    pub(super) fn read_all(reader: &mut Reader<'_>) -> Result<Vec<(KeyId, Self)>, FormatError> {
        let count = reader.count(17)?;
        (0..count).map(|_| Ok((KeyId(reader.array()?), Self::read(reader)?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(sequence: u64, attempt: u32, hash: u8) -> LineEnd {
        LineEnd { sequence, attempt, hash: [hash; 32] }
    }

    #[test]
    fn of_two_lines_a_cut_names_each_ones_last() {
        let cutoff = Cutoff::of([end(7, 1, 8), end(5, 0, 3), end(7, 1, 8), end(0, 0, 0)]);
        assert_eq!(cutoff.ends(), [end(5, 0, 3), end(7, 1, 8)]);
        let mut out = Writer::default();
        cutoff.write(&mut out);
        assert_eq!(out.0.len(), 1 + 2 * 44);
        assert_eq!(Cutoff::read(&mut Reader::new(&out.0, "cutoff")), Ok(cutoff.clone()));
        let tail = |named: LineEnd| Tail {
            sequence: named.sequence,
            attempt: named.attempt,
            hash: named.hash,
            ..Tail::default()
        };
        assert!(cutoff.names(&Tail::default()) && cutoff.names(&tail(end(5, 0, 3))));
        assert!(!cutoff.names(&tail(end(5, 0, 4))) && !cutoff.names(&tail(end(4, 0, 3))));
        assert!(!Cutoff::default().names(&tail(end(1, 0, 1))));
    }

    #[test]
    fn a_cut_that_is_not_in_order_or_names_too_many_is_none() {
        let bytes = |ends: &[LineEnd]| {
            let mut out = Writer::default();
            Cutoff(ends.to_vec()).write(&mut out);
            out.0
        };
        let many: Vec<LineEnd> = (1..=17).map(|n| end(n, 0, 1)).collect();
        for ends in [&[end(7, 1, 8), end(5, 0, 3)][..], &[end(5, 0, 3), end(5, 0, 3)], &[end(0, 0, 0)], &many] {
            assert!(Cutoff::read(&mut Reader::new(&bytes(ends), "cutoff")).is_err(), "{ends:?}");
        }
        assert_eq!(Cutoff::of(many).ends().len(), 16);
    }
}
