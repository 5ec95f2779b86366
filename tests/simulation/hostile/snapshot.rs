//! Snapshots that are not what they seem: put by a member who means harm, and given by a server that lies.

use ayumi_core::sync::snapshot::{Packing, open};
use ayumi_core::sync::transport::RawResponse;
use ayumi_play::Dice;
use ayumi_protocol::blob::{BlobAction, BlobReply, BlobRequest, snapshot_name};
use ayumi_protocol::opening::Held;
use ayumi_protocol::snapshot::Snapshot;
use ayumi_protocol::{Change, EntryId};
use ayumi_tests::family::{Municipality, Time};

use super::member::GUEST;
use crate::sync::matrix::Device;
use crate::sync::patched::{ask_snapshot, log_of, put_snapshot, seal_snapshot};

/// Puts a snapshot in which a word is false, that is cut, in which authors are swapped, that holds words which were never sent, or
/// that is none. An owner drops those of others first.
pub(super) fn puts_a_snapshot(
    server: &Municipality,
    device: &mut Device,
    (time, words): (&Time, Change),
    dice: &mut Dice,
) -> Option<bool> {
    let mut log = log_of(server, &device.keys, device.reader.notebook());
    let which = dice.below(8).saturating_sub(2);
    if which == 0 {
        // Signed as any envelope is; behind the own ones, which stand in a row.
        let own = device.keys.id();
        let behind = log.iter().rposition(|held| held.header().author == own).map_or(log.len(), |place| place + 1);
        log.insert(behind, Held::Whole(device.writes_changes(time, &[words])));
    }
    let mut packing = Packing::new(&device.reader);
    log.iter().for_each(|held| packing.take(held));
    let chunks = packing.seal()?;
    let mut snapshot = open(&device.reader, chunks)?;
    alter(&mut snapshot, which, dice);
    let mut chunks = seal_snapshot(device, &snapshot)?;
    if which == 5 {
        let length = chunks[0].len();
        chunks[0].truncate(length / 2);
    }
    let others: Vec<_> = device.reader.state()?.holders().map(|(id, _)| *id).collect();
    for slot in others.into_iter().filter(|_| device.reader.is_owner()) {
        ask_snapshot(server, device, &BlobAction::Drop { slot }).ok()?;
    }
    Some(put_snapshot(server, device, &chunks).is_ok())
}

fn alter(snapshot: &mut Snapshot, which: usize, dice: &mut Dice) {
    let place = dice.below(snapshot.parts.len());
    let count = snapshot.parts.len();
    let part = &mut snapshot.parts[place];
    match which {
        1 => {
            let at = dice.below(part.changes.len());
            let Some((change, body)) = part.changes.get_mut(at) else { return };
            let text = format!(r#"{{"n":{{"text":"{GUEST}"}}}}"#);
            let entry = if dice.below(2) == 0 { change.entry } else { EntryId::from_slice(&[0x6b; 16]).unwrap() };
            let (kind, stamp) = (change.kind.clone(), change.stamp);
            *change = Change::from_parts(entry, change.notebook, &kind, stamp, &text).unwrap();
            *body = text.into_bytes();
        }
        2 => _ = part.envelopes.remove(dice.below(part.envelopes.len())),
        3 => {
            let other = snapshot.parts[dice.below(count)].end;
            snapshot.parts[place].end = other;
        }
        4 => {
            let twice = part.envelopes[0].clone();
            part.envelopes.push(twice);
        }
        _ => {}
    }
}

/// Another answer about a snapshot than the true one, if this is one that holds something.
pub(super) fn lies_about(request: &[u8], answer: &RawResponse, dice: &mut Dice) -> Option<RawResponse> {
    let request = BlobRequest::from_bytes(request).ok()?;
    let is_asked = matches!(request.action, BlobAction::Get { .. });
    (answer.status == 200 && is_asked && request.name == snapshot_name(request.caller.notebook)).then_some(())?;
    let mut reply = BlobReply::from_bytes(&answer.body).ok()?;
    let first = reply.chunks.first_mut()?;
    match dice.below(4) {
        0 => {
            let at = dice.below(first.len());
            first[at] ^= 1 << dice.below(8);
        }
        1 => first.truncate(dice.below(first.len())),
        2 => reply.of += 1,
        _ => reply.chunks.clear(),
    }
    Some(RawResponse { status: 200, body: reply.to_bytes(), retry_after: None })
}
