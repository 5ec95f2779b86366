use proptest::prelude::*;

use super::*;
use crate::clock::{Hlc, Stamp};
use crate::id::EntryId;
use crate::key::KeyId;
use crate::notebook::author_hash::at;
use crate::notebook::batch::{Batch, Decoded};
use crate::notebook::control::Erased;
use crate::notebook::envelope::{CHANGES, Header, Tail, VERSION as ENVELOPE_VERSION};
use crate::notebook::opening::{Opened, OpenedChange};

const AUTHOR: KeyId = KeyId([0xaa; 16]);

fn notebook() -> NotebookId {
    NotebookId::from_slice(&[9; 16]).unwrap()
}

/// A batch as it is read, with its bytes.
fn batch(number: u8, bodies: &[&str]) -> (Decoded, Vec<u8>) {
    let change = |(place, body): (u8, &&str)| {
        let stamp = Stamp { hlc: Hlc(u64::from(number) << 8 | u64::from(place)), device: AUTHOR.into() };
        let id = [number; 15].into_iter().chain([place]).collect::<Vec<_>>();
        Change::from_parts(EntryId::from_slice(&id).unwrap(), notebook(), "diary", stamp, body).unwrap()
    };
    let changes = (0..).zip(bodies).map(change).collect();
    let bytes = Batch { seed: [number; 16], former_key: None, peer_heads: Vec::new(), changes }.to_bytes();
    (Batch::from_bytes(notebook(), AUTHOR, &bytes).unwrap(), bytes)
}

fn frame(sequence: u64, author_hash: Hash) -> Frame {
    let header = Header {
        version: ENVELOPE_VERSION,
        kind: CHANGES,
        notebook: notebook(),
        epoch: 1,
        control: [1; 32],
        author: AUTHOR,
        sequence,
        attempt: 0,
        previous: [7; 32],
        stamp: Hlc(0xffff),
        author_hash,
        salt: [2; 32],
    };
    Frame { header, length: 99, digest: [3; 32], signature: [4; 64] }
}

/// The author's envelopes from one on, with what the first change of the second one was, if it was erased.
fn part(from: usize, erased: bool) -> Part {
    let all: [&[&str]; 3] =
        [&[r#"{"n":{"text":"a"}}"#], &[r#"{"n":{"text":"b"}}"#, r#"{"n":{"text":"c"}}"#], &[r#"{"n":{"text":"d"}}"#]];
    let mut said = at(notebook(), AUTHOR, &Tail::default());
    let mut part = Part { before: said, end: frame(3, said), envelopes: Vec::new(), changes: Vec::new() };
    for (number, bodies) in (0..).zip(all) {
        let (decoded, bytes) = batch(number, bodies);
        if usize::from(number) == from {
            part.before = said;
        }
        said = after(&said, &decoded.leaves);
        if usize::from(number) < from {
            continue;
        }
        let gone = erased && number == 1;
        let opened = Opened::of(&decoded, &bytes, &Erased::Places(gone.then_some(0).into_iter().collect()));
        let kept = |change: &OpenedChange| match change {
            OpenedChange::Kept { change, body, .. } => Some((change.clone(), body.clone())),
            OpenedChange::Erased(_) => None,
        };
        part.changes.extend(opened.changes.iter().filter_map(kept));
        part.envelopes.push(if gone {
            let leaf = |change: &OpenedChange| match change {
                OpenedChange::Kept { leaf_key, .. } => Leaf::Kept(*leaf_key),
                OpenedChange::Erased(leaf) => Leaf::Erased(*leaf),
            };
            Keyed::Opened(opened.changes.iter().map(leaf).collect())
        } else {
            Keyed::Whole { seed: decoded.batch.seed, count: decoded.leaves.len() }
        });
    }
    part.end = frame(3, said);
    part
}

#[test]
fn the_form_is_frozen_and_comes_back() {
    let snapshot = Snapshot { head: [6; 32], parts: vec![part(0, true), part(2, false)] };
    crate::frozen::is("snapshot_2", &snapshot.to_bytes());
    assert_eq!(Snapshot::from_bytes(notebook(), &snapshot.to_bytes()), Ok(snapshot.clone()));
    let other = NotebookId::from_slice(&[8; 16]).unwrap();
    assert!(Snapshot::from_bytes(other, &snapshot.to_bytes()).is_err(), "of another notebook");
}

#[test]
fn every_end_of_an_authors_line_proves_itself_alone_also_with_words_erased() {
    for from in 0..3 {
        for erased in [false, true] {
            assert!(part(from, erased).is_proven(), "from {from}, erased {erased}");
        }
    }
}

/// What is altered, and how.
type Case<'a> = (&'a str, &'a dyn Fn(&mut Part));

/// One thing of a snapshot is another: nothing of that part counts.
#[test]
fn whatever_is_altered_in_a_snapshot_is_not_proven() {
    let good = part(0, true);
    let altered = |alter: &dyn Fn(&mut Part)| {
        let mut part = good.clone();
        alter(&mut part);
        part
    };
    let stamp = Stamp { hlc: Hlc(5), device: AUTHOR.into() };
    let cases: [Case<'_>; 12] = [
        ("a body", &|part| part.changes[1].1[12] ^= 1),
        ("a stamp", &|part| part.changes[1].0.stamp = stamp),
        ("a kind", &|part| part.changes[1].0.kind = "growth".into()),
        ("an entry", &|part| part.changes[1].0.entry = EntryId::from_slice(&[5; 16]).unwrap()),
        ("the order", &|part| part.changes.swap(0, 1)),
        ("a count", &|part| part.envelopes[0] = Keyed::Whole { seed: [0; 16], count: 2 }),
        ("a change is missing", &|part| drop(part.changes.pop())),
        ("a change stands twice", &|part| part.changes.push(part.changes[0].clone())),
        ("an envelope is missing", &|part| drop(part.envelopes.remove(1))),
        ("an envelope stands twice", &|part| part.envelopes.insert(0, part.envelopes[0].clone())),
        ("what goes before", &|part| part.before[0] ^= 1),
        ("the leaf of an erased word", &|part| {
            if let Keyed::Opened(leaves) = &mut part.envelopes[1] {
                leaves[0] = Leaf::Erased([9; 32]);
            }
        }),
    ];
    assert!(good.is_proven());
    for (what, alter) in cases {
        assert!(!altered(alter).is_proven(), "{what}");
    }
    let nothing = Part { envelopes: Vec::new(), changes: Vec::new(), before: good.end.header.author_hash, ..good };
    assert!(!nothing.is_proven(), "no envelope at all");
}

proptest! {
    #[test]
    fn no_bytes_bring_the_reader_down(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        _ = Snapshot::from_bytes(notebook(), &bytes);
    }

    #[test]
    fn another_byte_is_another_snapshot_or_none(at in 0_usize..600, flip in 1_u8..) {
        let good = Snapshot { head: [6; 32], parts: vec![part(0, true)] };
        let mut bytes = good.to_bytes();
        let place = at % bytes.len();
        bytes[place] ^= flip;
        if let Ok(read) = Snapshot::from_bytes(notebook(), &bytes) {
            // The frame's other fields are signed, which the chain's keys tell.
            let same = |part: &Part| part.changes == good.parts[0].changes;
            prop_assert!(read.parts.iter().all(|part| !part.is_proven() || same(part)));
        }
    }
}
