#![no_main]
//! Both ends of the channel: a server with a family's log is asked anything; a phone is shown any log.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use ayumi_channel::answer::{Channel, Origins};
use ayumi_channel::log::{Entry, Log, Terms};
use ayumi_channel::memory::{Contents, MemoryLog};
use ayumi_channel::signer::Signer;
use ayumi_core::crypto::keys::SecretKeys;
use ayumi_core::sync::label::Label;
use ayumi_core::sync::halt::Halt;
use ayumi_core::sync::reader::{Kept, Reader};
use ayumi_core::sync::statement::found;
use ayumi_protocol::accept::Bearer;
use ayumi_protocol::envelope::Tail;
use ayumi_protocol::exchange::{ItemBody, Reply};
use ayumi_protocol::key::{Hash, KeyId};
use ayumi_protocol::opening::Held;

const NOW: u64 = 1_800_000_000_000;

/// A store in memory never waits.
fn wait<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => Some(done),
        Poll::Pending => None,
    }
}

/// A file that keeps nothing.
struct Nothing;

impl Kept for Nothing {
    type Error = ();

    fn tail_of(&self, _: KeyId, _: u64, _: &Hash) -> Result<Option<Tail>, ()> {
        Ok(None)
    }
}

/// An envelope that a server shows, or what is left of one.
fn shown(reader: &mut Reader, remnant: bool, bytes: &[u8]) -> Result<(), Halt> {
    match Held::from_bytes(remnant, bytes) {
        Ok(held) => reader.envelope(held, &Nothing).map(|_| ()),
        Err(_) => Ok(()),
    }
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let keys = SecretKeys::from_bytes([5; 32], [6; 32]);
    let (Ok(founding), Ok(signer)) = (found(&keys, &Label::founder("母", 2)), Signer::new(&[7; 32], [1; 16])) else { return };
    let notebook = founding.notebook;
    let log = Arc::new(MemoryLog::new(Contents::default(), signer, 1 << 24));
    let begins = vec![Entry::Statement(founding.clone(), Bearer::Author)];
    assert!(wait(log.append(notebook, begins, NOW, Terms::Whole)).is_some_and(|done| done.is_ok()));
    let channel = Channel::new(log, Arc::new(|| NOW), Arc::new(()), Origins::Nearby);
    for path in ["/v1/sync", "/v1/blob", "/v1/drawer", "/v1/release", "/"] {
        let _ = wait(channel.answer(path, data));
    }
    let mut reader = Reader::new(notebook, keys);
    assert!(reader.statement(&founding.to_bytes()).is_ok());
    for remnant in [false, true] {
        let _ = Held::from_bytes(remnant, data).map(|held| reader.envelope(held, &Nothing));
    }
    let _ = reader.statement(data);
    if let Ok(reply) = Reply::from_bytes(data) {
        for item in reply.items {
            let _ = match item.body {
                ItemBody::Statement(bytes) => reader.statement(&bytes).map(|_| ()),
                ItemBody::Envelope(bytes) => shown(&mut reader, false, &bytes),
                ItemBody::Remnant(bytes) => shown(&mut reader, true, &bytes),
                ItemBody::Own(..) | ItemBody::Brought(_) => reader.own(None).map(|_| ()),
            };
        }
    }
});
