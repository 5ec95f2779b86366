//! What the worst envelope that is allowed costs a phone: a member with true keys and a patched client seals it, and an honest phone
//! reads it as any other, from the reply to the disk.

use std::time::{Duration, Instant};

use ayumi_core::app::sync::SyncOutcome;
use ayumi_core::crypto::keys::SecretKeys;
use ayumi_core::crypto::seal::{new_salt, seal};
use ayumi_core::sync::code::Invitation;
use ayumi_core::sync::reader::Reader;
use ayumi_core::sync::statement::{join, wraps_for};
use ayumi_protocol::batch::Batch;
use ayumi_protocol::control::{Role, Statement};
use ayumi_protocol::envelope::{CHANGES, Header, Tail, VERSION};
use ayumi_protocol::exchange::{
    Answer, Caller, Challenge, ItemBody, Piece, Proof, Reply, Request, SESSION_PURPOSE, Wanted, session_bytes,
};
use ayumi_protocol::release::{ReleaseAction, ReleaseReply, ReleaseRequest};
use ayumi_protocol::{Change, EntryId, Hlc, NotebookId, Stamp, author_hash, limits};
use ayumi_tests::family::{Direct, Time, sync, wait};
use ayumi_tests::phones::{Phone, family};

use crate::table::{Outcome, row, shown};

/// A member with a patched client.
struct Guest {
    keys: SecretKeys,
    reader: Reader,
    tail: Tail,
}

/// Asks a server with a fresh proof.
fn ask(way: &Direct, keys: &SecretKeys, notebook: NotebookId, path: &str, body: &dyn Fn(Caller) -> Vec<u8>) -> Vec<u8> {
    let author = keys.id();
    let first = way.0.answer(path, &body(Caller { notebook, author, proof: Proof::None }));
    let Ok(challenge) = Challenge::from_bytes(&first.body) else { return first.body };
    let signature = keys.sign(SESSION_PURPOSE, &session_bytes(&challenge, "", notebook, author));
    let proof = Proof::Signed { challenge: challenge.challenge, origin: String::new(), signature };
    way.0.answer(path, &body(Caller { notebook, author, proof })).body
}

fn send(way: &Direct, keys: &SecretKeys, notebook: NotebookId, pieces: &[Piece]) -> Outcome<Reply> {
    let request = |caller| {
        let (wanted, page_bytes) = (Wanted { control_only: true, mine_too: false }, 1 << 20);
        let (after, prefix, ticket, ends) = (0, [0; 16], None, Vec::new());
        Request { caller, wanted, after, prefix, page_bytes, ticket, ends, pieces: pieces.to_vec() }.to_bytes()
    };
    Ok(Reply::from_bytes(&ask(way, keys, notebook, "/v1/sync", &request))?)
}

impl Guest {
    fn comes_in(way: &Direct, code: &str) -> Outcome<Self> {
        let code = Invitation::from_text(code)?;
        let (notebook, opener) = (code.notebook(), code.keys());
        let chain = send(way, &opener, notebook, &[])?.items.into_iter().filter_map(|item| match item.body {
            ItemBody::Statement(bytes) => Some(bytes),
            _ => None,
        });
        let get = |caller| ReleaseRequest { caller, action: ReleaseAction::Get }.to_bytes();
        let release = ReleaseReply::from_bytes(&ask(way, &opener, notebook, "/v1/release", &get))?.key;
        let keys = SecretKeys::generate()?;
        let mut read = Reader::new(notebook, opener.clone()).released(release);
        let mut reader = Reader::new(notebook, keys.clone());
        let mut last = None;
        for bytes in chain {
            read.statement(&bytes)?;
            reader.statement(&bytes)?;
            last = Some(Statement::from_bytes(&bytes)?);
        }
        let last = last.ok_or("a chain")?;
        read.unwrap_all(&wraps_for(&last, &opener.id()).ok_or("wraps")?, last.author);
        let joins = join(&read, read.state().ok_or("a chain")?, &keys, "客")?;
        send(way, &opener, notebook, &[Piece::Statement(joins.to_bytes())])?;
        reader.statement(&joins.to_bytes())?;
        Ok(Self { keys, reader, tail: Tail::default() })
    }

    fn sends(&mut self, way: &Direct, changes: Vec<Change>) -> Outcome<usize> {
        let (notebook, state) = (self.reader.notebook(), self.reader.state().ok_or("a chain")?);
        let batch = Batch { seed: [3; 16], former_key: None, peer_heads: Vec::new(), changes };
        let header = Header {
            version: VERSION,
            kind: CHANGES,
            notebook,
            epoch: state.epoch(),
            control: state.head(),
            author: self.keys.id(),
            sequence: self.tail.sequence + 1,
            attempt: 0,
            previous: self.tail.hash,
            stamp: batch.changes.iter().map(|change| change.stamp.hlc).max().unwrap_or_default().max(self.tail.stamp),
            author_hash: author_hash::next(notebook, self.keys.id(), &self.tail, &batch.leaves()),
            salt: new_salt()?,
        };
        let key = self.reader.key(state.epoch()).ok_or("a key")?;
        let bytes = batch.to_bytes();
        if bytes.len() > limits::BATCH_BYTES {
            return Err(format!("{} bytes are more than is allowed", bytes.len()).into());
        }
        let envelope = seal(header, key, &self.keys, &bytes)?;
        let sent = envelope.to_bytes().len();
        let reply = send(way, &self.keys, notebook, &[Piece::Envelope(envelope.to_bytes())])?;
        if !matches!(reply.answers.first(), Some(Answer::Taken(_))) {
            return Err(format!("the server did not take it: {:?}", reply.answers).into());
        }
        self.tail = envelope.tail();
        Ok(sent)
    }
}

/// What a shape of envelope says in its change number `n`, of which the first `n` stand before it: entry, kind, body.
type Shape = fn(n: u64, stamps: &[String]) -> (u64, &'static str, String);

/// Bytes that the body of a change may have when an envelope holds as many changes as it may.
const SHARE: usize = limits::BATCH_BYTES / limits::BATCH_CHANGES - 80;

/// So many of the stamps before that it fills a body.
fn newest(stamps: &[String]) -> String {
    let many = stamps.iter().rev().take(SHARE / 37).map(|stamp| format!("\"{stamp}\""));
    many.collect::<Vec<_>>().join(",")
}

/// Shapes, and how many envelopes of the same shape the phone has read before.
const SHAPES: [(&str, usize, Shape); 7] = [
    ("2,500 small entries", 0, |n, _| (n, "diary", format!(r#"{{"n":{{"text":"{n}"}}}}"#))),
    ("2,500 entries of Japanese text, 4 MB unpacked", 0, |n, _| {
        let text: String = (0..SHARE as u64 / 3 - 12)
            .filter_map(|i| char::from_u32(0x3042 + ((n * 31 + i * i * 7) % 80) as u32))
            .collect();
        (n, "diary", format!(r#"{{"n":{{"text":"{text}"}}}}"#))
    }),
    ("changes of three entries, none of which has seen another", 0, |n, _| {
        (n % 3, "diary", format!(r#"{{"n":{{"text":"{n}"}}}}"#))
    }),
    ("changes of three entries, each replacing as many as fit", 0, |n, stamps| {
        (n % 3, "diary", format!(r#"{{"f":{{"text":{{"v":"{n}","r":[{}]}}}}}}"#, newest(stamps)))
    }),
    ("changes of three entries, each deleting as many as fit", 0, |n, stamps| {
        (n % 3, "diary", format!(r#"{{"n":{{"text":"{n}"}},"d":[{}]}}"#, newest(stamps)))
    }),
    ("changes of three entries, each with as much history as fits", 0, |n, _| {
        let one = |i: usize| format!(r#"{{"s":"{:016x}-00000000000000aa","k":"text","v":"{i}"}}"#, n * 100 + i as u64);
        let history: Vec<String> = (0..SHARE / 75).map(one).collect();
        (n % 3, "diary", format!(r#"{{"h":[{}]}}"#, history.join(",")))
    }),
    ("the last of twenty that change fifty entries a thousand times each", 19, |n, _| {
        (n % 50, "diary", format!(r#"{{"n":{{"text":"{n}"}}}}"#))
    }),
];

/// A family with a guest.
fn with_a_guest() -> Outcome<(Time, Direct, Phone, Guest)> {
    let (time, way, mother, _father, notebook) = family();
    sync(&mother.book, &way);
    let code = wait(mother.book.members().invite(notebook, Role::Writer, "", &way))?.code;
    let guest = Guest::comes_in(&way, &code)?;
    // She has read the join, and answered it.
    sync(&mother.book, &way);
    Ok((time, way, mother, guest))
}

/// Seals an envelope of a shape. Returns the bytes that were sent.
fn seals(way: &Direct, time: &Time, guest: &mut Guest, shape: Shape) -> Outcome<usize> {
    time.pass(1000);
    let (notebook, base) = (guest.reader.notebook(), time.now() << 16);
    let (mut changes, mut stamps) = (Vec::new(), Vec::new());
    for n in 0..limits::BATCH_CHANGES as u64 {
        let stamp = Stamp { hlc: Hlc(base + n), device: guest.keys.id().into() };
        let (entry, kind, body) = shape(n, &stamps);
        let mut id = [0x6b; 16];
        id[8..].copy_from_slice(&entry.to_be_bytes());
        changes.push(Change::from_parts(EntryId::from_slice(&id)?, notebook, kind, stamp, &body)?);
        stamps.push(stamp.to_string());
    }
    time.pass(1000);
    guest.sends(way, changes)
}

/// Lets an honest phone read what came. Returns how long it took.
fn reads(way: &Direct, mother: &Phone) -> Outcome<Duration> {
    let begun = Instant::now();
    let report = sync(&mother.book, way);
    let took = begun.elapsed();
    if report.outcome != SyncOutcome::Done || report.pulled == 0 {
        return Err(format!("it was not read: {report:?}").into());
    }
    Ok(took)
}

/// The worst envelopes, each read by a phone to which nothing else came.
pub(crate) fn run() -> Outcome<()> {
    let mut worst = (Duration::ZERO, "");
    for (what, before, shape) in SHAPES {
        let mut times = Vec::new();
        let mut sent = 0;
        for _ in 0..3 {
            let (time, way, mother, mut guest) = with_a_guest()?;
            for _ in 0..before {
                seals(&way, &time, &mut guest, shape)?;
                reads(&way, &mother)?;
            }
            sent = seals(&way, &time, &mut guest, shape)?;
            times.push(reads(&way, &mother)?);
        }
        times.sort_unstable();
        let took = times[1];
        worst = worst.max((took, what));
        row(&format!("read an envelope: {what}"), &shown(took), &format!("{sent} bytes"), None, "");
    }
    let (took, what) = worst;
    // What a cheap phone of 2026 needs for one thread's work, beside this machine: an estimate, not a measurement.
    row(
        &format!("the worst of them ({what}), times four for a phone"),
        &shown(took * 4),
        &shown(took),
        Some(4.0),
        "≤ 300 ms",
    );
    Ok(())
}
