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
    let lets = |place| state.lets_write(&header.author, place, &frame.tail().into());
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
    /// Whether the envelope itself is there.
    pub is_there: bool,
    /// Whether another one is there, with the same sequence and attempt.
    pub has_rival: bool,
    /// Whether the author signed two envelopes for one place before, and both are there.
    pub two_tongues: bool,
    /// The author's greatest envelope: by attempt, then by sequence, then by hash.
    pub tail: Tail,
    /// The author's envelope that this one names as its previous one, if it is there; the beginning if it names none.
    pub previous: Option<Tail>,
}

impl Known {
    /// Gathers it, given the author's greatest envelope and two ways to look something up: the hashes of the author's envelopes
    /// with a sequence and an attempt, and the tail behind the one with a sequence and a hash. Most envelopes follow the greatest
    /// one, and then nothing is looked up.
    ///
    /// # Errors
    /// As the look-ups.
    pub fn gather<E>(
        frame: &Frame,
        (tail, two_tongues): (Tail, bool),
        by_attempt: impl FnOnce(u64, u32) -> Result<Vec<Hash>, E>,
        by_hash: impl FnOnce(u64, &Hash) -> Result<Option<Tail>, E>,
    ) -> Result<Self, E> {
        let header = &frame.header;
        let known = Self { two_tongues, tail, ..Self::default() };
        // What follows the greatest one is greater.
        if follows(frame, &tail) {
            return Ok(Self { previous: Some(tail), ..known });
        }
        let there = by_attempt(header.sequence, header.attempt)?;
        let previous = match header.sequence {
            0 => None,
            1 => (header.previous == [0; 32]).then(Tail::default),
            sequence => by_hash(sequence - 1, &header.previous)?,
        };
        let is_there = !there.is_empty() && there.contains(&frame.hash());
        Ok(Self { is_there, has_rival: !is_there && !there.is_empty(), previous, ..known })
    }
}

/// Whether an envelope can be the next one behind another.
fn follows(frame: &Frame, previous: &Tail) -> bool {
    let header = &frame.header;
    let next = (previous.hash, previous.sequence.checked_add(1)) == (header.previous, Some(header.sequence));
    next && header.attempt >= previous.attempt
}

/// What to do with an envelope that may not be refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is kept. Which of its author's envelopes stand with it, [`crate::lines`] says.
    New,
    /// It is kept, and proves that its author signed two envelopes for one place.
    Second,
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
        /// This sequence is there with other bytes, or the key signed two envelopes for one place before: the device's file was
        /// copied, or its past was lost.
        7 "sequence_taken" Taken "the sequence is taken by another envelope",
        /// It does not follow one of the author's that is there; a fresh one does not follow the last.
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
    let header = &frame.header;
    if header.notebook != state.notebook() {
        return Err(Refusal::OtherNotebook);
    }
    // The answer to what is there already never changes, whatever has happened since.
    if known.is_there {
        return Ok(Taken::Again);
    }
    // Of two that were signed for one place each is kept that somebody has from a log, but no key speaks on with two tongues.
    if header.sequence == 0 || (bearer == Bearer::Author && (known.has_rival || known.two_tongues)) {
        return Err(Refusal::Taken);
    }
    let keys = state.keys_of(&header.author).ok_or(Refusal::NotAWriter)?;
    if !frame.is_signed_by(keys) {
        return Err(Refusal::Signature);
    }
    let place = state.place_of(&header.control).ok_or(Refusal::Forked)?;
    let writes_now = bearer != Bearer::Author || state.may_write(&header.author);
    if !writes_now || !state.lets_write(&header.author, place, &frame.tail().into()) {
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
    let previous = previous_of(frame, known, bearer)?;
    // Heads and clock readings never fall along an author's chain.
    let rises = previous.sequence == 0 || state.place_of(&previous.control).is_some_and(|before| before <= place);
    match rises && header.stamp >= previous.stamp {
        true if known.has_rival => Ok(Taken::Second),
        true => Ok(Taken::New),
        false => Err(Refusal::Chain),
    }
}

/// The envelope before one. It must be there; a fresh envelope follows the author's last one, or was sealed anew since.
fn previous_of(frame: &Frame, known: &Known, bearer: Bearer) -> Result<Tail, Refusal> {
    let (header, tail) = (&frame.header, &known.tail);
    let expected = tail.sequence.saturating_add(1);
    let Some(previous) = known.previous.filter(|previous| follows(frame, previous)) else {
        return Err(if header.sequence > expected { Refusal::Gap { expected } } else { Refusal::Chain });
    };
    let is_next = header.previous == tail.hash || header.attempt > tail.attempt;
    match bearer {
        Bearer::Author if is_next => Ok(previous),
        Bearer::Author if header.sequence > expected => Err(Refusal::Gap { expected }),
        Bearer::Author if header.sequence == expected => Err(Refusal::Chain),
        Bearer::Author => Err(Refusal::Taken),
        Bearer::Carrier | Bearer::Owner | Bearer::Receipted => Ok(previous),
    }
}

#[cfg(test)]
mod tests;
