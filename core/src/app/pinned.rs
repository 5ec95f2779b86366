//! What is kept of the server that is known: its key, the hash of the one that follows, and those that came before it.

use crate::store::channel::{self, Channel};
use crate::store::settings::{NAMED_SERVER, SERVER, SERVER_FORMER, SERVER_KEY, SERVER_NEXT};
use crate::store::{StoreError, Tx, View};
use crate::sync::pins::{Fingerprint, Pins, place_of};

/// Returns what is kept of the server that is known.
pub(in crate::app) fn pins(view: &View) -> std::result::Result<Option<Pins>, StoreError> {
    let kept = SERVER_KEY.get(view)?.zip(SERVER_NEXT.get(view)?);
    Ok(kept.map(|(key, next)| Pins { key, next }))
}

/// Returns the keys by which a notebook's server signs, and signed before: what was signed under them is its word.
pub(in crate::app) fn keys_of_server(view: &View, channel: &Channel) -> std::result::Result<Vec<[u8; 32]>, StoreError> {
    let Some(key) = channel.server_key else { return Ok(Vec::new()) };
    let former = if SERVER_KEY.get(view)? == Some(key) { SERVER_FORMER.get(view)? } else { None };
    Ok(former.unwrap_or_default().0.into_iter().chain([key]).collect())
}

/// Keeps what a server that is believed showed. If its key follows the one that is known, that one stays known as its former key.
pub(in crate::app) fn keep_pins(tx: &Tx<'_>, pins: &Pins) -> std::result::Result<(), StoreError> {
    if let Some(before) = SERVER_KEY.get(tx)?.filter(|before| *before != pins.key) {
        let mut former = SERVER_FORMER.get(tx)?.unwrap_or_default();
        former.0.push(before);
        SERVER_FORMER.set(tx, &former)?;
    }
    SERVER_KEY.set(tx, &pins.key)?;
    SERVER_NEXT.set(tx, &pins.next)
}

/// The next server that answers is believed.
pub(in crate::app) fn forget_pins(tx: &Tx<'_>) -> std::result::Result<(), StoreError> {
    SERVER_KEY.clear(tx)?;
    SERVER_FORMER.clear(tx)?;
    SERVER_NEXT.clear(tx)
}

/// Returns what a code says of the server that is known.
pub(in crate::app) fn known_fingerprint(view: &View) -> std::result::Result<Option<Fingerprint>, StoreError> {
    Ok(pins(view)?.map(|pins| Fingerprint::of(&pins.key)))
}

/// Returns what the municipality's signed pack says of the key of the server at a place.
pub(in crate::app) fn named_by_pack(view: &View, place: &str) -> std::result::Result<Option<Fingerprint>, StoreError> {
    let kept = NAMED_SERVER.get(view)?;
    let named = kept.as_deref().and_then(|kept| kept.split_once(' ')).filter(|(of, _)| *of == place);
    Ok(named.and_then(|(_, letters)| Fingerprint::from_letters(letters)))
}

/// Keeps what a signed pack says of a server's key, or that none says anything. A server that was believed under another key is
/// believed no more.
pub(in crate::app) fn keep_named(
    tx: &Tx<'_>,
    named: Option<(&str, Fingerprint)>,
) -> std::result::Result<(), StoreError> {
    let Some((address, print)) = named else { return NAMED_SERVER.clear(tx) };
    let place = place_of(address);
    NAMED_SERVER.set(tx, &format!("{place} {}", print.to_letters()))?;
    let here = SERVER.get(tx)?.is_some_and(|server| place_of(&server) == place);
    match pins(tx)?.filter(|_| here) {
        Some(pins) if !pins.fit(print) => {
            channel::forget_tokens(tx)?;
            forget_pins(tx)
        }
        _ => Ok(()),
    }
}
