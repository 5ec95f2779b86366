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

/// How many of so many changes, in the order of their stamps, belong to actions that are among them whole: the parts of one action
/// have one stamp, and a later envelope may not hold it again. All of them if one action is too large.
pub fn whole_actions(changes: &[Change], count: usize) -> usize {
    let cut = |count: &usize| match (changes.get(count.wrapping_sub(1)), changes.get(*count)) {
        (Some(last), Some(next)) => last.stamp == next.stamp,
        _ => false,
    };
    let mut whole = count;
    while cut(&whole) {
        whole -= 1;
    }
    if whole == 0 { count } else { whole }
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

#[cfg(test)]
mod tests {
    use ayumi_protocol::{DeviceId, EntryId, NotebookId, Stamp};

    use super::*;

    #[test]
    fn parts_of_one_action_stay_in_one_envelope() {
        let change = |(at, clock): (usize, &u64)| {
            let entry = EntryId::from_slice(&[at as u8; 16]).unwrap();
            let stamp = Stamp { hlc: Hlc(*clock), device: DeviceId(7) };
            Change::from_parts(entry, NotebookId::from_slice(&[9; 16]).unwrap(), "diary", stamp, "{}").unwrap()
        };
        let changes: Vec<Change> = [1, 2, 2, 2, 3].iter().enumerate().map(change).collect();
        let whole: Vec<usize> = (0..=5).map(|count| whole_actions(&changes, count)).collect();
        assert_eq!(whole, [0, 1, 1, 1, 4, 5]);
        assert_eq!(whole_actions(&changes[1..4], 2), 2, "an action that is too large goes in parts");
    }
}
