//! What is kept of the server that is known: its key, and the hash of the one that follows.

use crate::store::settings::{SERVER_KEY, SERVER_NEXT};
use crate::store::{StoreError, Tx, View};
use crate::sync::pins::{Fingerprint, Pins};

/// Returns what is kept of the server that is known.
pub(super) fn pins(view: &View) -> std::result::Result<Option<Pins>, StoreError> {
    let kept = SERVER_KEY.get(view)?.zip(SERVER_NEXT.get(view)?);
    Ok(kept.map(|(key, next)| Pins { key, next }))
}

/// Keeps what a server that is believed showed.
pub(super) fn keep_pins(tx: &Tx<'_>, pins: &Pins) -> std::result::Result<(), StoreError> {
    SERVER_KEY.set(tx, &pins.key)?;
    SERVER_NEXT.set(tx, &pins.next)
}

/// The next server that answers is believed.
pub(super) fn forget_pins(tx: &Tx<'_>) -> std::result::Result<(), StoreError> {
    SERVER_KEY.clear(tx)?;
    SERVER_NEXT.clear(tx)
}

/// Returns what a code says of the server that is known.
pub(in crate::app) fn known_fingerprint(view: &View) -> std::result::Result<Option<Fingerprint>, StoreError> {
    Ok(pins(view)?.map(|pins| Fingerprint::of(&pins.key)))
}
