//! Whether an envelope may be appended: one pure function that the server runs before it stores, and every phone
//! before it believes. So a patched client or a lying server is found by everybody in the same way.

use crate::key::Hash;
use crate::notebook::control::State;
use crate::notebook::envelope::{Envelope, Kind};
use crate::notebook::prefix::Prefix;
use crate::notebook::refusal::refusals;

/// How far a stamp may be ahead of the taker's clock, in milliseconds (five minutes).
pub const CLOCK_TOLERANCE_MS: u64 = 5 * 60 * 1000;

/// The end of an author's chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tail {
    /// The last sequence number; 0 before the first envelope.
    pub sequence: u64,
    /// Hash of that envelope; zeros before the first.
    pub hash: Hash,
}

/// What to do with an envelope that may not be refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is the author's next one.
    New,
    /// One that is there already: answer with its first receipt.
    Again,
}

refusals! {
    /// Why an envelope is refused. For each the phone that made it has a next step; none blocks other notebooks.
    Refusal {
        /// It is for another notebook.
        0 "other_notebook" OtherNotebook "the envelope is for another notebook",
        /// The author may not write (any more): what was written stays on the phone, marked refused.
        1 "not_a_writer" NotAWriter "the author may not write here",
        /// The signature does not fit.
        2 "signature" Signature "the signature does not fit",
        /// The author knew a head that is not of this chain: two phones were shown different chains. Stop and tell
        /// the carer.
        3 "forked" Forked "the author was shown another chain",
        /// Sealed with an older key: read the chain, seal anew with the same sequence.
        4 "old_epoch" OldEpoch "sealed with an older key",
        /// A clock more than five minutes ahead: correct it, stamp anew what was not sent, seal anew.
        5 "clock_ahead" ClockAhead "the clock is ahead",
        /// Envelopes before it are missing: send them first.
        6 "gap" Gap {
            /// The sequence that is expected.
            expected: u64
        } "envelopes before it are missing",
        /// This sequence is there with other bytes: the device's file was copied, or its past was lost.
        7 "sequence_taken" Taken "the sequence is taken by another envelope",
        /// It does not follow the author's last one.
        8 "chain" Chain "it does not follow the author's last envelope",
        /// A snapshot of a log that has gone on meanwhile: make it later.
        9 "moved" Moved "the log has gone on meanwhile",
    }
}

/// Whether an envelope may be appended behind an author's tail and at the end of a log that `prefix` names, with the
/// control chain as it is at this place of the log and the clock of who asks. `there` is the hash of the author's
/// envelope with this very sequence, if it is stored.
///
/// # Errors
/// Why not.
pub fn accept(
    envelope: &Envelope,
    state: &State,
    there: Option<&Hash>,
    tail: &Tail,
    prefix: &Prefix,
    now_ms: u64,
) -> Result<Taken, Refusal> {
    let header = &envelope.header;
    if header.notebook != state.notebook() {
        return Err(Refusal::OtherNotebook);
    }
    // The answer to what is there already never changes, whatever has happened since.
    if let Some(there) = there {
        return if envelope.hash() == *there { Ok(Taken::Again) } else { Err(Refusal::Taken) };
    }
    if header.sequence <= tail.sequence {
        return Err(Refusal::Taken);
    }
    let author = state.holder(&header.author).filter(|_| state.may_write(&header.author)).ok_or(Refusal::NotAWriter)?;
    if !envelope.is_signed_by(&author.keys) {
        return Err(Refusal::Signature);
    }
    if !state.knows_head(&header.control) {
        return Err(Refusal::Forked);
    }
    if header.epoch != state.epoch() {
        return Err(Refusal::OldEpoch);
    }
    if header.stamp.millis() > now_ms.saturating_add(CLOCK_TOLERANCE_MS) {
        return Err(Refusal::ClockAhead);
    }
    let expected = tail.sequence + 1;
    if header.sequence != expected {
        return Err(Refusal::Gap { expected });
    }
    if header.previous != tail.hash {
        return Err(Refusal::Chain);
    }
    match header.kind {
        Kind::Snapshot(part) if part.prefix != *prefix => Err(Refusal::Moved),
        _ => Ok(Taken::New),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Hlc;
    use crate::id::NotebookId;
    use crate::key::to_sign;
    use crate::notebook::control::testing::{Device, NOW, family, holders, notebook};
    use crate::notebook::control::{Action, Role};
    use crate::notebook::envelope::{Header, Kind, PURPOSE, Part};

    fn sealed(by: &Device, header: Header) -> Envelope {
        let ciphertext = vec![1; 32];
        let signature = by.sign(&to_sign(PURPOSE, &Envelope::signed_bytes(&header, &ciphertext)));
        Envelope { header, ciphertext, signature }
    }

    fn first(by: &Device, state: &State) -> Header {
        Header {
            kind: Kind::Changes,
            notebook: notebook(),
            epoch: state.epoch(),
            control: state.head(),
            author: by.id(),
            sequence: 1,
            previous: [0; 32],
            stamp: Hlc(NOW << 16),
            salt: [7; 32],
        }
    }

    /// Why, what comes, the chain, the author's tail, the answer.
    type Case<'a> = (&'a str, Envelope, &'a State, Tail, Result<Taken, Refusal>);

    #[test]
    fn each_refusal_has_its_case() {
        let (state, [mother, father, grandmother]) = family();
        let good = first(&father, &state);
        let none = Tail::default();
        let last = sealed(&father, good);
        let tail = Tail { sequence: 1, hash: last.hash() };
        let stranger = Device::new(77);
        let after = mother.says(
            state.head(),
            Action::Remove { holder: grandmother.id(), epoch: holders(&[mother.id(), father.id()]) },
        );
        let next_epoch = state.after(&after).unwrap();
        let demoted = mother.says(state.head(), Action::Role { holder: father.id(), role: Role::Reader });
        let demoted = state.after(&demoted).unwrap();
        let second = Header { sequence: 2, previous: tail.hash, ..good };
        let other = NotebookId::from_slice(&[1; 16]).unwrap();
        let ahead = Hlc((NOW + CLOCK_TOLERANCE_MS + 1) << 16);
        let here = Part { prefix: [3; 16], number: 0, of: 1 };
        let edge = Hlc((NOW + CLOCK_TOLERANCE_MS) << 16);
        let cases: Vec<Case<'_>> = vec![
            ("the first", last.clone(), &state, none, Ok(Taken::New)),
            ("the first, sent twice", last.clone(), &state, tail, Ok(Taken::Again)),
            ("sent twice, after the author may not write any more", last.clone(), &demoted, tail, Ok(Taken::Again)),
            ("the second", sealed(&father, second), &state, tail, Ok(Taken::New)),
            (
                "the second in another notebook",
                sealed(&father, Header { notebook: other, ..second }),
                &state,
                tail,
                Err(Refusal::OtherNotebook),
            ),
            (
                "other bytes for the same sequence",
                sealed(&father, Header { salt: [8; 32], ..good }),
                &state,
                tail,
                Err(Refusal::Taken),
            ),
            ("an older sequence", sealed(&father, Header { sequence: 0, ..good }), &state, tail, Err(Refusal::Taken)),
            ("a reader", sealed(&grandmother, first(&grandmother, &state)), &state, none, Err(Refusal::NotAWriter)),
            ("a stranger", sealed(&stranger, first(&stranger, &state)), &state, none, Err(Refusal::NotAWriter)),
            ("a writer who was made a reader", sealed(&father, second), &demoted, tail, Err(Refusal::NotAWriter)),
            ("in another's name", sealed(&grandmother, good), &state, none, Err(Refusal::Signature)),
            ("another chain", sealed(&father, Header { control: [5; 32], ..good }), &state, none, Err(Refusal::Forked)),
            ("an older key", sealed(&father, good), &next_epoch, none, Err(Refusal::OldEpoch)),
            (
                "an older head with the new key",
                sealed(&father, Header { epoch: 2, ..good }),
                &next_epoch,
                none,
                Ok(Taken::New),
            ),
            (
                "a clock five minutes ahead",
                sealed(&father, Header { stamp: edge, ..good }),
                &state,
                none,
                Ok(Taken::New),
            ),
            (
                "a clock further ahead",
                sealed(&father, Header { stamp: ahead, ..good }),
                &state,
                none,
                Err(Refusal::ClockAhead),
            ),
            (
                "a gap",
                sealed(&father, Header { sequence: 3, ..second }),
                &state,
                tail,
                Err(Refusal::Gap { expected: 2 }),
            ),
            (
                "another past",
                sealed(&father, Header { previous: [6; 32], ..second }),
                &state,
                tail,
                Err(Refusal::Chain),
            ),
            (
                "a snapshot of the log as it is",
                sealed(&father, Header { kind: Kind::Snapshot(here), ..second }),
                &state,
                tail,
                Ok(Taken::New),
            ),
            (
                "a snapshot of a log that has gone on",
                sealed(&father, Header { kind: Kind::Snapshot(Part { prefix: [4; 16], ..here }), ..second }),
                &state,
                tail,
                Err(Refusal::Moved),
            ),
        ];
        let mut refusals = std::collections::BTreeSet::new();
        for (why, envelope, state, tail, expected) in cases {
            let there = (envelope.header.sequence == tail.sequence).then_some(&tail.hash);
            assert_eq!(accept(&envelope, state, there, &tail, &[3; 16], NOW), expected, "{why}");
            refusals.extend(expected.err().map(Refusal::key));
        }
        assert_eq!(refusals.len(), Refusal::ALL.len(), "every refusal was met: {refusals:?}");
    }
}
