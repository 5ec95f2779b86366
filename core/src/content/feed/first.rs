//! A first meeting with a municipality by its address alone: its root's words are to be compared by a person.

use ayumi_protocol::Hex;
use ayumi_protocol::municipal::feed::chain::{self, Reached};
use ayumi_protocol::municipal::feed::{FeedRefusal, MunicipalityName};

use super::clock::Clock;
use super::pinned::{Pinned, Seen};

/// Walks from the first root statement of a file to the newest one, and begins there. Whether it is the municipality's, only
/// its six words tell. Beside it stands what is to be told of the file.
///
/// # Errors
/// Why the file leads to no root.
pub fn meet_by_address(roots: &[u8], clock: Clock) -> Result<(Pinned, Option<FeedRefusal>), FeedRefusal> {
    let file = chain::from_bytes(roots)?;
    let first = chain::begin(file.first().ok_or(FeedRefusal::Cut)?)?;
    if first.statement.number != 1 {
        return Err(FeedRefusal::SkippedRoot);
    }
    let (Reached { statement, .. }, _) = chain::advance(first, &file);
    let municipality: MunicipalityName = statement.municipality.clone();
    let seen = Seen { municipality, fingerprint: Hex(statement.fingerprint()), highest: None, hash: None };
    Pinned::meet(&seen, roots, clock)
}
