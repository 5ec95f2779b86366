//! What a patched client does with true keys: it comes in, and signs what it likes.

use ayumi_core::crypto::keys::{EpochKey, SecretKeys, commitment, wrap};
use ayumi_core::sync::blob::seal;
use ayumi_core::sync::code::Invitation;
use ayumi_core::sync::statement::{join, wraps_for};
use ayumi_protocol::NotebookId;
use ayumi_protocol::blob::{BlobAction, BlobReply, BlobRequest, snapshot_name};
use ayumi_protocol::control::{Action, NewEpoch, PURPOSE, Statement, What};
use ayumi_protocol::exchange::{Answer, Item, ItemBody, Piece};
use ayumi_protocol::key::KeyId;
use ayumi_protocol::opening::Held;
use ayumi_protocol::snapshot::Snapshot;
use ayumi_tests::family::Municipality;

use super::matrix::{Device, ask, release_at, sync};

/// A statement signed as its author wants it, whatever it says.
pub(crate) fn signed(by: &SecretKeys, notebook: NotebookId, previous: [u8; 32], action: Action) -> Statement {
    let bytes = Statement::signed_bytes(notebook, &previous, by.id(), &action);
    let signature = by.sign(PURPOSE, &bytes);
    Statement { notebook, previous, author: by.id(), action, signature }
}

/// The chain as a server shows it to a key; `None` to a stranger, and to who was taken out.
pub(crate) fn chain_of(server: &Municipality, keys: &SecretKeys, notebook: NotebookId) -> Option<Vec<Statement>> {
    let statement = |item: &Item| match &item.body {
        ItemBody::Statement(bytes) => Statement::from_bytes(bytes).ok(),
        _ => None,
    };
    let reply = sync(server, keys, notebook, &[]).ok().filter(|reply| !reply.gone)?;
    Some(reply.items.iter().filter_map(statement).collect())
}

/// Comes in by a code; `None` if the server does not let it.
pub(crate) fn come_in(server: &Municipality, code: &str) -> Option<Device> {
    let code = Invitation::from_text(code).ok()?;
    let notebook = code.notebook();
    let mut chain = chain_of(server, &code.keys(), notebook)?;
    let release = release_at(server, &code.keys(), notebook);
    let mut opener = Device::new(notebook, code.keys()).released(release);
    opener.learn(&chain);
    let opened = chain.last()?;
    opener.reader.unwrap_all(&wraps_for(opened, &code.keys().id())?, opened.author);
    let keys = SecretKeys::generate().ok()?;
    chain.push(join(&opener.reader, opener.reader.state()?, &keys, "客").ok()?);
    let piece = Piece::Statement(chain.last()?.to_bytes());
    let reply = sync(server, &code.keys(), notebook, &[piece]).ok()?;
    let mut device = Device::new(notebook, keys);
    device.learn(&chain);
    matches!(reply.answers[0], Answer::Taken(_)).then_some(device)
}

/// A new epoch in which some members are given another key than everybody else.
pub(crate) fn lying_epoch(by: &Device, cheated: impl Fn(&KeyId) -> bool) -> Statement {
    let state = by.reader.state().unwrap();
    let (epoch, notebook) = (state.epoch() + 1, state.notebook());
    let [all, another] = [0; 2].map(|_| EpochKey::generate().unwrap());
    let stays = state.holders().filter(|(_, holder)| !matches!(holder.what, What::Invitation { .. }));
    let wraps = stays.map(|(id, holder)| {
        let key = if cheated(id) { &another } else { &all };
        (*id, wrap(key, notebook, epoch, &holder.keys, by.keys.id()).unwrap())
    });
    let epoch = NewEpoch { commitment: commitment(&all, notebook, epoch), wraps: wraps.collect() };
    signed(&by.keys, notebook, state.head(), Action::Epoch { epoch })
}

/// The envelopes of a log, each author's in a row, and in the order of the log.
pub(crate) fn log_of(server: &Municipality, keys: &SecretKeys, notebook: NotebookId) -> Vec<Held> {
    let Ok(reply) = sync(server, keys, notebook, &[]) else { return Vec::new() };
    let held = |item: Item| match item.body {
        ItemBody::Envelope(bytes) => Held::from_bytes(false, &bytes).ok(),
        ItemBody::Remnant(bytes) => Held::from_bytes(true, &bytes).ok(),
        ItemBody::Statement(_) | ItemBody::Own(..) | ItemBody::Brought(_) => None,
    };
    let mut log: Vec<Held> = reply.items.into_iter().filter_map(held).collect();
    log.sort_by_key(|held| held.header().author);
    log
}

/// Asks for something about a notebook's snapshots.
pub(crate) fn ask_snapshot(server: &Municipality, device: &Device, action: &BlobAction) -> Result<BlobReply, u16> {
    let notebook = device.reader.notebook();
    let (status, body) = ask(server, &device.keys, notebook, &|caller| {
        let request = BlobRequest { caller, name: snapshot_name(notebook), action: action.clone() };
        ("/v1/blob".into(), request.to_bytes())
    });
    if status == 200 { Ok(BlobReply::from_bytes(&body).unwrap()) } else { Err(status) }
}

/// Puts a snapshot into the own slot, in the place of the one that is there.
pub(crate) fn put_snapshot(server: &Municipality, device: &Device, chunks: &[Vec<u8>]) -> Result<(), u16> {
    ask_snapshot(server, device, &BlobAction::Drop { slot: device.keys.id() })?;
    let of = u32::try_from(chunks.len()).unwrap();
    for (number, bytes) in (0..).zip(chunks) {
        ask_snapshot(server, device, &BlobAction::Put { number, of, bytes: bytes.clone() })?;
    }
    Ok(())
}

/// Seals a snapshot, whatever is in it, as if its maker had read the chain to its end; `None` without the key.
pub(crate) fn seal_snapshot(device: &Device, snapshot: &Snapshot) -> Option<Vec<Vec<u8>>> {
    let state = device.reader.state()?;
    let packed = zstd::bulk::compress(&snapshot.to_bytes(), 3).ok()?;
    let mut chunks =
        seal(device.reader.key(state.epoch())?, state.epoch(), &snapshot_name(state.notebook()), &packed).ok()?;
    chunks[0] = [&state.head()[..], &chunks[0]].concat();
    Some(chunks)
}
