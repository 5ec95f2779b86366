#![no_main]
//! Both ends of the channel: a server with a family's log is asked anything; a phone is shown any log.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use ayumi_channel::answer::Channel;
use ayumi_channel::log::{Entry, Log};
use ayumi_channel::memory::{Contents, MemoryLog};
use ayumi_channel::signer::Signer;
use ayumi_core::crypto::keys::SecretKeys;
use ayumi_core::sync::reader::Reader;
use ayumi_core::sync::statement::found;
use ayumi_protocol::NotebookId;
use ayumi_protocol::exchange::{ItemBody, Reply};

const NOW: u64 = 1_800_000_000_000;

/// A store in memory never waits.
fn wait<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => Some(done),
        Poll::Pending => None,
    }
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(notebook) = NotebookId::from_slice(&[9; 16]) else { return };
    let keys = SecretKeys::from_bytes([5; 32], [6; 32]);
    let (Ok(founding), Ok(signer)) = (found(notebook, &keys, "母"), Signer::new(&[7; 32], [1; 16])) else { return };
    let log = Arc::new(MemoryLog::new(Contents::default(), signer, 1 << 24));
    assert!(wait(log.append(notebook, vec![Entry::Statement(founding.clone())], NOW)).is_some_and(|done| done.is_ok()));
    let channel = Channel::new(log, Arc::new(|| NOW), Arc::new(()));
    for path in ["/v1/sync", "/v1/blob", "/v1/drawer", "/"] {
        let _ = wait(channel.answer(path, data));
    }
    let mut reader = Reader::new(notebook, keys);
    assert!(reader.statement(&founding.to_bytes()).is_ok());
    let _ = reader.envelope(data, NOW, &[0; 16]);
    let _ = reader.statement(data);
    if let Ok(reply) = Reply::from_bytes(data) {
        for item in reply.items {
            let _ = match item.body {
                ItemBody::Statement(bytes) => reader.statement(&bytes).map(|_| ()),
                ItemBody::Envelope(bytes) => reader.envelope(&bytes, item.taken_at, &[0; 16]).map(|_| ()),
                ItemBody::Own(sequence) => reader.own(sequence, None),
                ItemBody::Run { tails, .. } => {
                    reader.run(&tails);
                    Ok(())
                }
            };
        }
    }
});
