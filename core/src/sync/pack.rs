//! Changes into envelopes: as few as there can be, each within the limits, in the author's chain.

use ayumi_protocol::batch::{Batch, PeerHead};
use ayumi_protocol::control::State;
use ayumi_protocol::envelope::{CHANGES, Envelope, Header, Tail, VERSION};
use ayumi_protocol::{Change, Hlc, author_hash, limits};

use super::reader::Reader;
use crate::crypto::random;
use crate::crypto::seal::{SealError, new_salt, seal};

/// Changes in one envelope at most.
pub const MOST_CHANGES: usize = limits::BATCH_CHANGES;
/// Bytes of changes in one envelope, before they are compressed, at most.
const BYTES: usize = 3 * 1024 * 1024;

/// How many of these changes fit into one envelope.
pub fn fit<'a>(changes: impl IntoIterator<Item = &'a Change>) -> usize {
    let mut bytes = 0;
    let fits = changes.into_iter().take(MOST_CHANGES).take_while(|change| {
        bytes += change.body().len() + 64;
        bytes <= BYTES
    });
    fits.count().max(1)
}

/// Where an envelope is to stand in this device's line.
#[derive(Debug, Clone)]
pub struct Next {
    /// The end of the line before it.
    pub tail: Tail,
    /// Its attempt.
    pub attempt: u32,
    /// The latest clock reading that a server takes.
    pub latest: Hlc,
    /// The ends of others' lines that this device has not named yet.
    pub peer_heads: Vec<PeerHead>,
}

/// Seals changes as the device's next envelope. `None` if the device may not write, or lacks the key.
///
/// # Errors
/// [`SealError`]: with too much at once, try with fewer.
pub fn pack(reader: &Reader, next: &Next, changes: &[Change]) -> Result<Option<Envelope>, SealError> {
    let Some(state) = reader.state().filter(|_| reader.may_write()) else { return Ok(None) };
    let Some(key) = reader.key(state.epoch()) else { return Ok(None) };
    let (notebook, author, tail) = (reader.notebook(), reader.id(), &next.tail);
    let batch = Batch {
        seed: random()?,
        former_key: former_key(reader, state, tail),
        peer_heads: next.peer_heads.clone(),
        changes: changes.to_vec(),
    };
    let header = Header {
        version: VERSION,
        kind: CHANGES,
        notebook,
        epoch: state.epoch(),
        control: state.head(),
        author,
        sequence: tail.sequence + 1,
        attempt: next.attempt,
        previous: tail.hash,
        stamp: reading(changes, next),
        author_hash: author_hash::next(notebook, author, tail, &batch.leaves()),
        salt: new_salt()?,
    };
    seal(header, key, reader.me(), &batch.to_bytes()).map(Some)
}

/// What the header says of the time: when the last change was made, rounded up, so that it tells little about the hour at which
/// a carer writes. Never earlier than the envelope before, and no later than a server takes.
fn reading(changes: &[Change], next: &Next) -> Hlc {
    const ROUNDED_MS: u64 = 5 * 60 * 1000;
    let last = changes.iter().map(|change| change.stamp.hlc).max();
    let Some(last) = last else { return next.tail.stamp };
    let rounded = Hlc(last.millis().next_multiple_of(ROUNDED_MS) << 16);
    rounded.min(next.latest).max(last).max(next.tail.stamp)
}

/// The key of the epoch before, if the envelope behind a tail is this device's first one of the present epoch.
fn former_key(reader: &Reader, state: &State, tail: &Tail) -> Option<[u8; 32]> {
    let before = state.place_of(&tail.control).map(|place| state.epoch_at(place));
    let former = state.epoch().checked_sub(1).filter(|_| before != Some(state.epoch()))?;
    reader.key(former).map(|key| *key.expose())
}
