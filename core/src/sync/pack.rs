//! Changes into envelopes: as few as there can be, each within the limits, in the author's chain.

use ayumi_protocol::accept::Tail;
use ayumi_protocol::envelope::{Envelope, Header, Kind};
use ayumi_protocol::{Change, Hlc, batch, limits};

use super::reader::Reader;
use crate::crypto::seal::{SealError, new_salt, seal};

/// Changes in one envelope at most.
pub const CHANGES: usize = limits::BATCH_CHANGES;
/// Bytes of changes in one envelope, before they are compressed, at most.
const BYTES: usize = 3 * 1024 * 1024;

/// How many of these changes fit into one envelope.
pub fn fit<'a>(changes: impl IntoIterator<Item = &'a Change>) -> usize {
    let mut bytes = 0;
    let fits = changes.into_iter().take(CHANGES).take_while(|change| {
        bytes += change.body().len() + 64;
        bytes <= BYTES
    });
    fits.count().max(1)
}

/// Seals changes as the device's next envelope behind `tail`. `None` if the device may not write, or lacks the key.
///
/// # Errors
/// [`SealError`]: with too much at once, try with fewer.
pub fn pack(reader: &Reader, tail: Tail, changes: &[Change]) -> Result<Option<Envelope>, SealError> {
    seal_next(reader, tail, Kind::Changes, changes, &batch::encode(changes))
}

/// Seals a text about changes, of any kind, the same way.
///
/// # Errors
/// [`SealError`].
pub fn seal_next(
    reader: &Reader,
    tail: Tail,
    kind: Kind,
    changes: &[Change],
    text: &[u8],
) -> Result<Option<Envelope>, SealError> {
    let Some(state) = reader.state().filter(|_| reader.may_write()) else { return Ok(None) };
    let Some(key) = reader.key(state.epoch()) else { return Ok(None) };
    let header = Header {
        kind,
        notebook: reader.notebook(),
        epoch: state.epoch(),
        control: state.head(),
        author: reader.id(),
        sequence: tail.sequence + 1,
        previous: tail.hash,
        stamp: changes.iter().map(|change| change.stamp.hlc).max().unwrap_or(Hlc(0)),
        salt: new_salt()?,
    };
    seal(header, key, reader.me(), text).map(Some)
}
