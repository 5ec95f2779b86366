//! Whether an envelope may be appended: one pure function that the server runs before it stores, and every phone
//! before it believes. So a patched client or a lying server is found by everybody in the same way.

use crate::clock::Hlc;
use crate::key::Hash;
use crate::notebook::control::State;
use crate::notebook::envelope::{Frame, Tail};
use crate::notebook::refusal::refusals;

/// How far a header's clock reading may be ahead of the time at which a server takes it, in milliseconds (ten minutes).
pub const CLOCK_TOLERANCE_MS: u64 = 10 * 60 * 1000;

/// No clock reading is later, in milliseconds since 1970: the end of 2099. Whoever has a clock far ahead can move no other one
/// beyond it.
pub const LATEST_MS: u64 = 4_102_444_799_999;

/// The latest clock reading of a header that a server takes: ten minutes behind the time at which it is taken, or one tick
/// behind the greatest that stands before it in the log. So a clock that was far ahead for a while keeps nobody from writing
/// when it is right again.
pub fn latest_reading(taken_at_ms: u64, greatest: Hlc) -> Hlc {
    let ahead = taken_at_ms.saturating_add(CLOCK_TOLERANCE_MS).min(LATEST_MS);
    Hlc(ahead << 16).max(Hlc(greatest.0.saturating_add(1)))
}

/// Whether an envelope with this frame could count, as far as the frame alone says: its author signed it, and could write at the
/// control head that it names, in that head's epoch.
pub fn could_count(frame: &Frame, state: &State) -> bool {
    let header = &frame.header;
    let signed = || state.keys_of(&header.author).is_some_and(|keys| frame.is_signed_by(keys));
    let lets = |place| state.lets_write(&header.author, place, header.sequence, header.attempt, &frame.hash());
    let holds = |place| lets(place) && header.epoch == state.epoch_at(place);
    header.notebook == state.notebook() && state.place_of(&header.control).is_some_and(holds) && signed()
}

/// Who brings an envelope to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bearer {
    /// Its author, who has just made it: then the present role, epoch and clock count too.
    Author,
    /// Any member, its author too, who has it from a log: it counts by what it names.
    Carrier,
    /// The same, in an owner's session: also what a server whose clock was far ahead had taken.
    Owner,
    /// The same, with this server's receipt for it: it had it, whatever its clock was.
    Receipted,
}

impl Bearer {
    /// Whether the clock binds what is brought so.
    const fn is_bound(self) -> bool {
        matches!(self, Self::Author | Self::Carrier)
    }
}

/// What is known of an envelope's author where it is to be appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Known {
    /// The hash of the author's envelope with the same sequence and attempt, if it is there.
    pub there: Option<Hash>,
    /// The end of the author's standing line.
    pub tail: Tail,
    /// The author's envelope that this one names as its previous one, if it is there; the beginning if it names none.
    pub previous: Option<Tail>,
}

impl Known {
    /// Gathers it, given the end of the author's standing line and two ways to look something up: the hash of the author's
    /// envelope with a sequence and an attempt, and the tail behind the one with a sequence and a hash. Most envelopes follow
    /// the tail, and then nothing is looked up.
    ///
    /// # Errors
    /// As the look-ups.
    pub fn gather<E>(
        frame: &Frame,
        tail: Tail,
        by_attempt: impl FnOnce(u64, u32) -> Result<Option<Hash>, E>,
        by_hash: impl FnOnce(u64, &Hash) -> Result<Option<Tail>, E>,
    ) -> Result<Self, E> {
        let header = &frame.header;
        let there = if header.sequence > tail.sequence { None } else { by_attempt(header.sequence, header.attempt)? };
        let previous = match header.sequence {
            _ if header.previous == tail.hash => Some(tail),
            0 => None,
            1 => (header.previous == [0; 32]).then(Tail::default),
            sequence => by_hash(sequence - 1, &header.previous)?,
        };
        Ok(Self { there, tail, previous })
    }
}

/// What to do with an envelope that may not be refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is the author's next one.
    New,
    /// It takes the place of the author's envelopes from its sequence on: the author sealed anew what had to change.
    Anew,
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
        /// A clock more than ten minutes ahead: correct it, stamp anew what was not sent, seal anew.
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
        /// It comes without its ciphertext, and no statement erased that, or the opening beside it is older than the last one
        /// that did: read the chain, make the opening again.
        9 "not_erased" NotErased "nothing of the envelope was erased, or more than its opening says",
    }
}

/// Whether an envelope with this frame may be appended to a log with this control chain, and this known of its author. Nothing
/// hangs on its place in the log, nor on what is sealed in it. `latest` binds a server: [`latest_reading`]; to phones, which read
/// what was taken, it is no bound.
///
/// # Errors
/// Why not.
pub fn accept(frame: &Frame, state: &State, known: &Known, bearer: Bearer, latest: Hlc) -> Result<Taken, Refusal> {
    let (header, hash) = (&frame.header, frame.hash());
    if header.notebook != state.notebook() {
        return Err(Refusal::OtherNotebook);
    }
    // The answer to what is there already never changes, whatever has happened since.
    if let Some(there) = &known.there {
        return if hash == *there { Ok(Taken::Again) } else { Err(Refusal::Taken) };
    }
    let keys = state.keys_of(&header.author).ok_or(Refusal::NotAWriter)?;
    if !frame.is_signed_by(keys) {
        return Err(Refusal::Signature);
    }
    let place = state.place_of(&header.control).ok_or(Refusal::Forked)?;
    let writes_now = bearer != Bearer::Author || state.may_write(&header.author);
    if !writes_now || !state.lets_write(&header.author, place, header.sequence, header.attempt, &hash) {
        return Err(Refusal::NotAWriter);
    }
    let epoch_now = if bearer != Bearer::Author { header.epoch } else { state.epoch() };
    if header.epoch != epoch_now || header.epoch != state.epoch_at(place) {
        return Err(Refusal::OldEpoch);
    }
    let above = bearer.is_bound() && header.stamp > latest;
    if above || header.stamp.millis() > LATEST_MS {
        return Err(Refusal::ClockAhead);
    }
    let taken = place_in_line(frame, known)?;
    let follows = |previous: &Tail| previous.sequence.saturating_add(1) == header.sequence;
    let previous = known.previous.filter(follows).ok_or(Refusal::Chain)?;
    // Heads and clock readings never fall along an author's chain.
    let rises = previous.sequence == 0 || state.place_of(&previous.control).is_some_and(|before| before <= place);
    if !rises || header.stamp < previous.stamp { Err(Refusal::Chain) } else { Ok(taken) }
}

/// Where an envelope stands in its author's line: at its end, or in the place of others with a lower attempt.
fn place_in_line(frame: &Frame, known: &Known) -> Result<Taken, Refusal> {
    let (header, tail) = (&frame.header, &known.tail);
    if header.sequence == 0 {
        return Err(Refusal::Taken);
    }
    let expected = tail.sequence.saturating_add(1);
    if header.sequence > expected {
        return Err(Refusal::Gap { expected });
    }
    if (header.sequence, header.previous) == (expected, tail.hash) && header.attempt >= tail.attempt {
        return Ok(Taken::New);
    }
    if header.attempt > tail.attempt {
        return Ok(Taken::Anew);
    }
    Err(if header.sequence == expected { Refusal::Chain } else { Refusal::Taken })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::NotebookId;
    use crate::key::to_sign;
    use crate::notebook::control::testing::{Device, NOW, family, holders, notebook};
    use crate::notebook::control::{Action, Cutoff, Role};
    use crate::notebook::envelope::{CHANGES, Envelope, Header, PURPOSE, VERSION};

    fn sealed(by: &Device, header: Header) -> Envelope {
        let ciphertext = vec![1; 32];
        let signature = by.sign(&to_sign(PURPOSE, &Envelope::signed_bytes(&header, &ciphertext)));
        Envelope { header, ciphertext, signature }
    }

    fn first(by: &Device, state: &State) -> Header {
        Header {
            version: VERSION,
            kind: CHANGES,
            notebook: notebook(),
            epoch: state.epoch(),
            control: state.head(),
            author: by.id(),
            sequence: 1,
            attempt: 0,
            previous: [0; 32],
            stamp: Hlc(NOW << 16),
            author_hash: [6; 32],
            salt: [7; 32],
        }
    }

    /// A log that holds these envelopes of one author, the last one standing.
    fn log<'a>(stored: &'a [&'a Envelope]) -> impl Fn(&Envelope) -> Known + 'a {
        move |envelope| {
            let Header { sequence, attempt, previous, .. } = envelope.header;
            let same = |other: &&&Envelope| (other.header.sequence, other.header.attempt) == (sequence, attempt);
            let named = stored.iter().find(|other| other.hash() == previous).map(|other| other.tail());
            Known {
                there: stored.iter().find(same).map(|other| other.hash()),
                tail: stored.last().map(|other| other.tail()).unwrap_or_default(),
                previous: named.or((previous == [0; 32] && sequence == 1).then(Tail::default)),
            }
        }
    }

    /// Why, what comes, the chain, what is there, who brings it, the answer.
    type Case<'a> = (&'a str, Envelope, &'a State, &'a [&'a Envelope], Bearer, Result<Taken, Refusal>);

    #[test]
    fn each_refusal_has_its_case() {
        use Bearer::{Author, Carrier, Owner, Receipted};
        let (state, [mother, father, grandmother]) = family();
        let good = first(&father, &state);
        let one = sealed(&father, good);
        let there: &[&Envelope] = &[&one];
        let second = Header { sequence: 2, previous: one.hash(), ..good };
        let two = sealed(&father, second);
        let both: &[&Envelope] = &[&one, &two];
        let stranger = Device::new(77);
        let decide = |action| state.after(&mother.says(state.head(), action)).unwrap();
        let stay = holders(&[mother.id(), father.id()]);
        let next_epoch = decide(Action::Remove { holder: grandmother.id(), cutoff: Cutoff::default(), epoch: stay });
        let cutoff = Some(one.tail().into());
        let demoted = decide(Action::Role { holder: father.id(), role: Role::Reader, cutoff });
        let other = NotebookId::from_slice(&[1; 16]).unwrap();
        let ahead = Hlc((NOW + CLOCK_TOLERANCE_MS + 1) << 16);
        let edge = Hlc((NOW + CLOCK_TOLERANCE_MS) << 16);
        let ok = Ok(Taken::New);
        let earlier = Hlc((NOW - 1) << 16);
        let with = |changed: Header| sealed(&father, changed);
        let again = with(Header { attempt: 1, ..second });
        let newer = with(Header { epoch: 2, control: next_epoch.head(), ..good });
        let (anew, after_epoch): (&[&Envelope], &[&Envelope]) = (&[&one, &again], &[&newer]);
        let cases: Vec<Case<'_>> = vec![
            ("the first", one.clone(), &state, &[], Author, ok),
            ("the first, sent twice", one.clone(), &state, there, Author, Ok(Taken::Again)),
            ("sent twice, after the author may not write", one.clone(), &demoted, there, Author, Ok(Taken::Again)),
            ("the second", two.clone(), &state, there, Author, ok),
            (
                "in another notebook",
                with(Header { notebook: other, ..second }),
                &state,
                there,
                Author,
                Err(Refusal::OtherNotebook),
            ),
            ("two tongues", with(Header { salt: [8; 32], ..good }), &state, there, Author, Err(Refusal::Taken)),
            (
                "an older one again, sealed anew",
                with(Header { attempt: 1, ..good }),
                &state,
                both,
                Author,
                Ok(Taken::Anew),
            ),
            ("the last one, sealed anew", with(Header { attempt: 1, ..second }), &state, both, Author, Ok(Taken::Anew)),
            (
                "sealed anew behind what nobody has",
                with(Header { attempt: 1, previous: [6; 32], ..second }),
                &state,
                both,
                Author,
                Err(Refusal::Chain),
            ),
            (
                "sealed anew behind itself",
                with(Header { attempt: 1, previous: two.hash(), ..second }),
                &state,
                both,
                Author,
                Err(Refusal::Chain),
            ),
            (
                "an attempt that falls",
                with(Header { sequence: 3, previous: again.hash(), ..second }),
                &state,
                anew,
                Author,
                Err(Refusal::Chain),
            ),
            ("no sequence", with(Header { sequence: 0, ..good }), &state, there, Author, Err(Refusal::Taken)),
            (
                "a reader",
                sealed(&grandmother, first(&grandmother, &state)),
                &state,
                &[],
                Author,
                Err(Refusal::NotAWriter),
            ),
            (
                "a reader's, by a carrier",
                sealed(&grandmother, first(&grandmother, &state)),
                &state,
                &[],
                Carrier,
                Err(Refusal::NotAWriter),
            ),
            ("a stranger", sealed(&stranger, first(&stranger, &state)), &state, &[], Carrier, Err(Refusal::NotAWriter)),
            ("a writer who was made a reader", two.clone(), &demoted, there, Author, Err(Refusal::NotAWriter)),
            ("what he wrote before, by a carrier", one.clone(), &demoted, &[], Carrier, ok),
            ("what he wrote before, by himself anew", one.clone(), &demoted, &[], Author, Err(Refusal::NotAWriter)),
            (
                "in the place of what he wrote before, by a carrier",
                with(Header { attempt: 1, ..good }),
                &demoted,
                there,
                Carrier,
                Err(Refusal::NotAWriter),
            ),
            ("beyond his cutoff, by a carrier", two.clone(), &demoted, there, Carrier, Err(Refusal::NotAWriter)),
            ("in another's name", sealed(&grandmother, good), &state, &[], Carrier, Err(Refusal::Signature)),
            ("another chain", with(Header { control: [5; 32], ..good }), &state, &[], Author, Err(Refusal::Forked)),
            ("an older key", one.clone(), &next_epoch, &[], Author, Err(Refusal::OldEpoch)),
            ("an older key, by a carrier", one.clone(), &next_epoch, &[], Carrier, ok),
            (
                "the new key behind an older head",
                with(Header { epoch: 2, ..good }),
                &next_epoch,
                &[],
                Carrier,
                Err(Refusal::OldEpoch),
            ),
            ("the new key", newer.clone(), &next_epoch, &[], Author, ok),
            (
                "an older head behind a newer one",
                with(Header { sequence: 2, previous: newer.hash(), ..good }),
                &next_epoch,
                after_epoch,
                Carrier,
                Err(Refusal::Chain),
            ),
            ("a clock ten minutes ahead", with(Header { stamp: edge, ..good }), &state, &[], Author, ok),
            (
                "a clock further ahead",
                with(Header { stamp: ahead, ..good }),
                &state,
                &[],
                Author,
                Err(Refusal::ClockAhead),
            ),
            (
                "a clock further ahead, by a carrier",
                with(Header { stamp: ahead, ..good }),
                &state,
                &[],
                Carrier,
                Err(Refusal::ClockAhead),
            ),
            ("a clock further ahead, by an owner", with(Header { stamp: ahead, ..good }), &state, &[], Owner, ok),
            (
                "a clock further ahead, with a receipt",
                with(Header { stamp: ahead, ..good }),
                &state,
                &[],
                Receipted,
                ok,
            ),
            ("beyond his cutoff, with a receipt", two.clone(), &demoted, there, Receipted, Err(Refusal::NotAWriter)),
            (
                "a clock reading of the next century, with a receipt",
                with(Header { stamp: Hlc((LATEST_MS + 1) << 16), ..good }),
                &state,
                &[],
                Receipted,
                Err(Refusal::ClockAhead),
            ),
            (
                "a clock reading of the next century, by an owner",
                with(Header { stamp: Hlc((LATEST_MS + 1) << 16), ..good }),
                &state,
                &[],
                Owner,
                Err(Refusal::ClockAhead),
            ),
            (
                "a clock reading of the next century",
                with(Header { stamp: Hlc((LATEST_MS + 1) << 16), ..good }),
                &state,
                &[],
                Carrier,
                Err(Refusal::ClockAhead),
            ),
            (
                "a clock reading that falls",
                with(Header { stamp: earlier, ..second }),
                &state,
                there,
                Author,
                Err(Refusal::Chain),
            ),
            ("a gap", with(Header { sequence: 3, ..second }), &state, there, Author, Err(Refusal::Gap { expected: 2 })),
            ("another past", with(Header { previous: [6; 32], ..second }), &state, there, Author, Err(Refusal::Chain)),
        ];
        let mut refusals = std::collections::BTreeSet::new();
        for (why, envelope, state, stored, bearer, expected) in cases {
            let known = log(stored)(&envelope);
            let latest = latest_reading(NOW, Hlc::default());
            assert_eq!(accept(&envelope.frame(), state, &known, bearer, latest), expected, "{why}");
            refusals.extend(expected.err().map(Refusal::key));
        }
        // What is refused of a remnant is tried where remnants are.
        let all = Refusal::ALL.iter().filter(|refusal| **refusal != Refusal::NotErased).map(|refusal| refusal.key());
        assert_eq!(refusals, all.collect(), "every refusal was met");
    }

    #[test]
    fn a_clock_reading_is_taken_one_tick_behind_the_greatest_that_stands_there() {
        let edge = Hlc((NOW + CLOCK_TOLERANCE_MS) << 16);
        assert_eq!(latest_reading(NOW, Hlc::default()), edge);
        assert_eq!(latest_reading(NOW, Hlc(NOW << 16)), edge);
        let a_year_ahead = Hlc((NOW + 365 * 86_400_000) << 16 | 7);
        assert_eq!(latest_reading(NOW, a_year_ahead), Hlc(a_year_ahead.0 + 1));
        assert_eq!(latest_reading(u64::MAX, Hlc(u64::MAX)), Hlc(u64::MAX), "and nothing overflows");
    }
}
