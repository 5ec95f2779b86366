//! What the file keeps of a municipality, as the rules of the feed know it.

use serde::{Deserialize, Serialize};

use crate::app::error::{Error, Result, Thing};
use crate::app::handbook::Handbook;
use crate::content::feed::clock::Clock;
use crate::content::feed::outcome::Outcome;
use crate::content::feed::pinned::{Pinned, Seen};
use crate::store::municipality::{self, StoredMunicipality};
use crate::store::settings::MUNICIPALITY;
use crate::store::{StoreError, Tx, View};

/// A municipality, its pin read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Kept {
    pub(super) stored: StoredMunicipality,
    pub(super) pinned: Pinned,
}

/// What outlives a damaged file: where the feed is, and what was seen there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SeenAt {
    pub(super) address: String,
    pub(super) seen: Seen,
}

impl Kept {
    /// Begins with what was met at an address.
    pub(super) fn new(address: &str, pinned: Pinned, follows: bool) -> Self {
        let stored = StoredMunicipality {
            address: address.to_owned(),
            pinned: String::new(),
            follows,
            area: None,
            language: None,
            checked: None,
            outcome: None,
        };
        Self { stored, pinned }
    }

    /// Writes it, and what outlives a damaged file once it is followed.
    pub(super) fn put(&self, tx: &Tx<'_>) -> std::result::Result<(), StoreError> {
        let pinned = serde_json::to_string(&self.pinned).map_err(|_| StoreError::Damaged)?;
        municipality::put(tx, &StoredMunicipality { pinned, ..self.stored.clone() })?;
        if !self.stored.follows {
            return Ok(());
        }
        let at = SeenAt { address: self.stored.address.clone(), seen: self.pinned.seen() };
        MUNICIPALITY.set(tx, &serde_json::to_string(&at).map_err(|_| StoreError::Damaged)?)
    }
}

/// Returns the municipality that is known, followed or not yet.
pub(super) fn find(view: &View) -> std::result::Result<Option<Kept>, StoreError> {
    let Some(stored) = municipality::find(view)? else { return Ok(None) };
    Ok(serde_json::from_str(&stored.pinned).ok().map(|pinned| Kept { stored, pinned }))
}

/// Returns what outlived a damaged file, or an update after which the pin cannot be read.
pub(super) fn outlived(view: &View) -> std::result::Result<Option<SeenAt>, StoreError> {
    Ok(MUNICIPALITY.get(view)?.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Says that no municipality is followed.
pub(super) const fn nobody() -> Error {
    Error::NotFound { what: Thing::Municipality }
}

/// How the outcome of a look is stored.
pub(super) fn written(outcome: Outcome) -> String {
    match outcome.reason() {
        Some(reason) => format!("{} {}", outcome.key(), reason.key()),
        None => outcome.key().to_owned(),
    }
}

impl Handbook {
    /// The phone's time for the rules of the feed, and the server's where a reply bears one.
    pub(super) fn feed_clock(&self, server: Option<u64>) -> Clock {
        Clock { now: self.clock().now_ms() / 1000, server }
    }

    pub(super) fn kept(&self) -> Result<Option<Kept>> {
        Ok(find(self.db().reader())?)
    }
}
