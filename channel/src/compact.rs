//! Which envelopes a store may let go of. Pure: every store asks here.
//!
//! A snapshot says again what stood before it. Two whole ones are kept, and nothing goes before everybody who was
//! here within a year has passed the newer one: so whoever knows something that a snapshot lacks has sent it again by
//! then.

use ayumi_protocol::envelope::{Envelope, Kind};
use ayumi_protocol::key::KeyId;

/// Who has not been here for so long does not hold back the others.
const ACTIVE_MS: u64 = 365 * 24 * 60 * 60 * 1000;

/// A part of a snapshot, where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartAt {
    /// Its place in the log.
    pub position: u64,
    /// Who made it.
    pub author: KeyId,
    /// Its number, from 0.
    pub number: u16,
    /// How many there are.
    pub of: u16,
}

impl PartAt {
    /// If an envelope is a part.
    pub fn of(envelope: &Envelope, position: u64) -> Option<Self> {
        match envelope.header.kind {
            Kind::Snapshot(part) => {
                Some(Self { position, author: envelope.header.author, number: part.number, of: part.of })
            }
            Kind::Changes => None,
        }
    }
}

/// How far a device has come, and when it was here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The device's key.
    pub author: KeyId,
    /// All up to here is safe there.
    pub position: u64,
    /// Milliseconds since 1970.
    pub seen_at: u64,
}

/// First and last place of each whole snapshot.
fn whole(parts: &[PartAt]) -> Vec<(u64, u64)> {
    let mut found = Vec::new();
    for (i, first) in parts.iter().enumerate().filter(|(_, part)| part.number == 0) {
        let expected =
            (0..first.of).map(|number| PartAt { position: first.position + u64::from(number), number, ..*first });
        if parts[i..].iter().take(usize::from(first.of)).copied().eq(expected) {
            found.push((first.position, first.position + u64::from(first.of) - 1));
        }
    }
    found
}

/// Envelopes before this place may go. `parts` in the order of the log; `cursors` of those who may read.
pub fn may_go_before(parts: &[PartAt], cursors: &[Cursor], now_ms: u64) -> Option<u64> {
    let snapshots = whole(parts);
    let [.., (keep, _), (_, newest)] = snapshots.as_slice() else { return None };
    let passed = |cursor: &Cursor| cursor.position >= *newest || now_ms.saturating_sub(cursor.seen_at) > ACTIVE_MS;
    cursors.iter().all(passed).then_some(*keep)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOTHER: KeyId = KeyId([1; 16]);
    const FATHER: KeyId = KeyId([2; 16]);
    const NOW: u64 = 1_800_000_000_000;

    fn part(position: u64, author: KeyId, number: u16, of: u16) -> PartAt {
        PartAt { position, author, number, of }
    }

    fn cursor(author: KeyId, position: u64, ago_ms: u64) -> Cursor {
        Cursor { author, position, seen_at: NOW - ago_ms }
    }

    #[test]
    fn two_whole_snapshots_that_everybody_has_passed_let_the_rest_go() {
        let two = [part(10, MOTHER, 0, 2), part(11, MOTHER, 1, 2), part(30, FATHER, 0, 1)];
        let all = [cursor(MOTHER, 30, 0), cursor(FATHER, 31, 0)];
        let cases = [
            ("two snapshots, everybody has passed both", &two[..], &all[..], Some(10)),
            ("one snapshot only", &two[..2], &all, None),
            ("the first lacks a part", &two[1..], &all, None),
            ("somebody else stands between the parts", &[two[0], part(11, FATHER, 1, 2), two[2]], &all, None),
            ("a gap between the parts", &[two[0], part(12, MOTHER, 1, 2), two[2]], &all, None),
            ("somebody has not come so far", &two, &[all[0], cursor(FATHER, 29, ACTIVE_MS)], None),
            ("somebody has not been here for a year", &two, &[all[0], cursor(FATHER, 29, ACTIVE_MS + 1)], Some(10)),
            ("nobody is left", &two, &[], Some(10)),
        ];
        for (why, parts, cursors, expected) in cases {
            assert_eq!(may_go_before(parts, cursors, NOW), expected, "{why}");
        }
        let three = [two.to_vec(), vec![part(40, MOTHER, 0, 1)]].concat();
        let cursors = [cursor(MOTHER, 40, 0), cursor(FATHER, 40, 0)];
        assert_eq!(may_go_before(&three, &cursors, NOW), Some(30), "the two newest are kept");
    }
}
