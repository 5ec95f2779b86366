//! What proves that a server had envelopes which it is told again: then it takes them whatever their clock readings are, also if its own
//! clock was far ahead when it took them first.

use std::collections::BTreeSet;

use ayumi_protocol::envelope::Frame;
use ayumi_protocol::exchange::Piece;
use ayumi_protocol::key::Hash;
use ayumi_protocol::limits;
use ayumi_protocol::receipt::{Receipt, Run};

use super::round::Outgoing;
use crate::app::error::Result;
use crate::app::pinned::keys_of_server;
use crate::store::View;
use crate::store::channel::Channel;
use crate::store::former_log::{self, FormerLog};

/// Returns the receipt for what of a request is told again and ahead of the clock, if this device has one. `now_ms` is the server's
/// clock, as far as it is known.
pub(super) fn receipt_for(
    view: &View,
    channel: &Channel,
    outgoing: &[Outgoing],
    now_ms: u64,
) -> Result<Option<Receipt>> {
    let told: BTreeSet<Hash> = outgoing.iter().filter_map(|outgoing| told_ahead(&outgoing.piece, now_ms)).collect();
    if told.is_empty() {
        return Ok(None);
    }
    let Some(log) = former_log::find(view, channel.notebook)? else { return Ok(None) };
    let keys = keys_of_server(view, channel)?;
    if !keys.contains(&log.server_key) {
        return Ok(None);
    }
    Ok(shown(log, &told))
}

/// The hash of an envelope that is told again and ahead of the clock.
fn told_ahead(piece: &Piece, now_ms: u64) -> Option<Hash> {
    let (Piece::CarriedEnvelope(bytes) | Piece::Remnant(bytes)) = piece else { return None };
    let frame = Frame::from_start_of(bytes).ok()?;
    (frame.header.stamp.millis() > now_ms).then(|| frame.hash())
}

/// Shows what of a log leads from the first item that is told to its signed end; `None` if that is too much, or the log does not
/// have any.
fn shown(log: FormerLog, told: &BTreeSet<Hash>) -> Option<Receipt> {
    let FormerLog { server_key, signed, items } = log;
    let first = items.iter().position(|(hash, _)| told.contains(hash))?;
    let (before, run) = items.split_at_checked(first)?;
    if run.len() > limits::PROVEN_ITEMS {
        return None;
    }
    let before = Run { before: [0; 16], items: before.to_vec() }.prefix();
    Some(Receipt { run: Run { before, items: run.to_vec() }, ..Receipt::of(server_key, signed) })
}

#[cfg(test)]
mod tests {
    use ayumi_protocol::NotebookId;
    use ayumi_protocol::end::{End, SignedEnd};

    use super::*;

    fn log(length: u16) -> FormerLog {
        let item = |n: u16| {
            let mut hash = [0; 32];
            hash[..2].copy_from_slice(&n.to_be_bytes());
            (hash, u64::from(n))
        };
        let items: Vec<(Hash, u64)> = (0..length).map(item).collect();
        let prefix = Run { before: [0; 16], items: items.clone() }.prefix();
        let end = End { position: u64::from(length), prefix, head: [1; 32], taken_at: u64::from(length) };
        let notebook = NotebookId::from_slice(&[9; 16]).unwrap();
        let signed = SignedEnd { notebook, store_epoch: [8; 16], end, signature: [7; 64] };
        FormerLog { server_key: [6; 32], signed, items }
    }

    #[test]
    fn what_leads_from_all_that_is_told_to_the_signed_end_is_shown_and_proves_it() {
        let told = |places: &[usize]| places.iter().map(|place| log(20).items[*place].0).collect::<BTreeSet<_>>();
        for (places, length) in [(&[6][..], 14), (&[19], 1), (&[0, 19], 20), (&[17, 3], 17)] {
            let receipt = shown(log(20), &told(places)).unwrap();
            assert_eq!(receipt.run.items.len(), length, "{places:?}");
            let proven: BTreeSet<Hash> = receipt.proven().copied().collect();
            assert!(proven.is_superset(&told(places)), "{places:?}");
        }
        assert_eq!(shown(log(20), &BTreeSet::from([[0xee; 32]])), None, "what the log never held");
        let long = || log(limits::PROVEN_ITEMS as u16 + 2);
        assert!(shown(long(), &BTreeSet::from([long().items[2].0])).is_some());
        assert_eq!(shown(long(), &BTreeSet::from([long().items[1].0])), None, "too much");
    }
}
