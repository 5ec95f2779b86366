//! Photos and thumbnails that are not what they seem: put by a member under an honest photo's name, and told by a server that lies.

use ayumi_core::sync::blob::{name, thumbnail_name};
use ayumi_core::sync::transport::RawResponse;
use ayumi_play::Dice;
use ayumi_protocol::EntryId;
use ayumi_protocol::blob::{BlobAction, BlobReply, BlobRequest, archive_name, snapshot_name};
use ayumi_tests::family::Municipality;

use crate::sync::matrix::{Device, ask};

/// Takes the names of an honest photo and of its thumbnail, in the own slot; whether the server took it. `None` without a key.
pub(super) fn squats(server: &Municipality, device: &Device, photo: EntryId, dice: &mut Dice) -> Option<bool> {
    let (notebook, first) = (device.reader.notebook(), device.reader.key(1)?);
    let epoch = 1 + dice.below(device.reader.state()?.epoch() as usize) as u32;
    let junk: Vec<u8> = (0..400).map(|_| dice.number() as u8).collect();
    let puts = [name(first, notebook, photo, epoch), thumbnail_name(first, notebook, photo, epoch)].map(|name| {
        let action = BlobAction::Put { number: 0, of: 1, bytes: junk.clone() };
        let body = |caller| ("/v1/blob".into(), BlobRequest { caller, name, action: action.clone() }.to_bytes());
        ask(server, &device.keys, notebook, &body).0 == 200
    });
    Some(puts.into_iter().all(|taken| taken))
}

/// Another answer about a photo or a thumbnail than the true one.
pub(super) fn lies_about(request: &[u8], answer: &RawResponse, dice: &mut Dice) -> Option<RawResponse> {
    let BlobRequest { caller, name, action } = BlobRequest::from_bytes(request).ok()?;
    let beside = [snapshot_name(caller.notebook), archive_name(caller.notebook)];
    (answer.status == 200 && !beside.contains(&name)).then_some(())?;
    let mut reply = BlobReply::from_bytes(&answer.body).ok()?;
    match action {
        // That it has all of it, and it is something else.
        BlobAction::Status => {
            reply = BlobReply { of: 1, there: 1, hash: [dice.number() as u8; 32], chunks: Vec::new() }
        }
        BlobAction::Put { of, .. } => (reply.there, reply.hash) = (of, [dice.number() as u8; 32]),
        BlobAction::Get { .. } | BlobAction::Gather { .. } => {
            let chunk = reply.chunks.iter_mut().find(|chunk| !chunk.is_empty())?;
            match dice.below(3) {
                0 => {
                    let at = dice.below(chunk.len());
                    chunk[at] ^= 1 << dice.below(8);
                }
                1 => chunk.truncate(dice.below(chunk.len())),
                _ => chunk.clear(),
            }
        }
        BlobAction::Drop { .. } => return None,
    }
    Some(RawResponse { status: 200, body: reply.to_bytes(), retry_after: None })
}
