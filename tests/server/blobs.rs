//! The contract about blobs: what a store says of one, and blobs of one chunk together.

use ayumi_protocol::blob::{BlobAction, BlobReply, archive_name, hash_of};
use ayumi_protocol::control::{Action, ErasedIn, Role};
use ayumi_protocol::exchange::Piece;
use ayumi_protocol::key::Hash;
use ayumi_server::chunks::CHUNKS_BYTES;
use ayumi_server::log::{Chunk, Log, LogError};

use super::chains::Server;
use super::family::{Family, NOW, Phone};
use super::store::{Memory, Place, Postgres, Sqlite, Store};

contract!(
    a_store_tells_a_hash_over_a_blob_as_soon_as_it_is_whole,
    what_is_put_again_or_under_another_length_changes_nothing_and_costs_no_room,
    blobs_of_one_chunk_come_together_and_others_are_not_among_them,
    an_archive_lies_in_its_makers_slot_and_goes_when_words_are_erased,
);

fn with_a_family<P: Place>() -> (Store<P>, Family) {
    let log = Store::<P>::new();
    let family = Family::founded(&Phone::new());
    log.append_statement(family.statements[0].clone(), NOW).unwrap();
    (log, family)
}

fn put<P: Place>(
    log: &Store<P>,
    family: &Family,
    name: u8,
    (number, of): (u32, u32),
    bytes: Vec<u8>,
) -> Result<BlobReply, LogError> {
    log.wait(log.log().put_chunk(Chunk { notebook: family.notebook, name: [name; 32], number, of, bytes }))
}

fn a_store_tells_a_hash_over_a_blob_as_soon_as_it_is_whole<P: Place>() {
    let (log, family) = with_a_family::<P>();
    let status = |name: u8| log.wait(log.log().blob(family.notebook, [name; 32], None)).unwrap();
    let chunks = [vec![1; 700], vec![2; 9], vec![3; 5000]];
    assert_eq!(status(1), BlobReply::default());
    // In another order than they lie in.
    for number in [0, 2] {
        let reply = put(&log, &family, 1, (number, 3), chunks[number as usize].clone()).unwrap();
        assert_eq!((reply.of, reply.there, reply.hash), (3, 1, [0; 32]), "one is missing");
    }
    let whole = BlobReply { of: 3, there: 3, hash: hash_of(&chunks), chunks: Vec::new() };
    assert_eq!(put(&log, &family, 1, (1, 3), chunks[1].clone()).unwrap(), whole);
    let log = log.again();
    let beyond = log.wait(log.log().blob(family.notebook, [1; 32], Some(u32::MAX))).unwrap();
    assert_eq!(beyond, whole, "also to who asks from behind the end, and after a restart");
    put(&log, &family, 2, (0, 1), chunks[0].clone()).unwrap();
    let other = log.wait(log.log().blob(family.notebook, [2; 32], Some(0))).unwrap();
    assert_eq!((other.hash, other.chunks), (hash_of(&chunks[..1]), chunks[..1].to_vec()));
}

fn what_is_put_again_or_under_another_length_changes_nothing_and_costs_no_room<P: Place>() {
    let (log, family) = with_a_family::<P>();
    let first = put(&log, &family, 1, (0, 2), vec![1; 60_000]).unwrap();
    for _ in 0..4 {
        assert_eq!(put(&log, &family, 1, (0, 2), vec![9; 60_000]).unwrap(), first, "the first stays");
        assert_eq!(put(&log, &family, 1, (0, 1), vec![9; 60_000]).unwrap(), first);
    }
    let whole = put(&log, &family, 1, (1, 2), vec![2; 60_000]).unwrap();
    assert_eq!(whole.hash, hash_of(&[vec![1; 60_000], vec![2; 60_000]]));
}

fn blobs_of_one_chunk_come_together_and_others_are_not_among_them<P: Place>() {
    let (log, family) = with_a_family::<P>();
    let gather = |names: &[u8]| {
        log.wait(log.log().gather(family.notebook, names.iter().map(|name| [*name; 32]).collect())).unwrap()
    };
    put(&log, &family, 1, (0, 1), vec![1; 9]).unwrap();
    put(&log, &family, 2, (0, 2), vec![2; 9]).unwrap();
    put(&log, &family, 3, (0, 1), vec![3; 5]).unwrap();
    assert_eq!(gather(&[3, 2, 7, 1, 3]), [vec![3; 5], vec![], vec![], vec![1; 9], vec![3; 5]]);
    assert_eq!(gather(&[7]), [Vec::<u8>::new()]);
    // The same one, more often than one reply holds.
    put(&log, &family, 4, (0, 1), vec![4; 70_000]).unwrap();
    assert_eq!(gather(&[4; 64]).len(), CHUNKS_BYTES / 70_000);
    let other = Family::founded(&Phone::new());
    assert_eq!(
        log.wait(log.log().gather(other.notebook, vec![[1; 32]])).unwrap(),
        [Vec::<u8>::new()],
        "another notebook's"
    );
}

fn an_archive_lies_in_its_makers_slot_and_goes_when_words_are_erased<P: Place>() {
    let server = Server::<P>::new();
    let (mother, mut father, stranger) = (Phone::new(), Phone::new(), Phone::new());
    let mut family = Family::founded(&mother);
    family.welcome(&mother, &father, Role::Writer);
    server.has(&family.statements, NOW);
    let (notebook, name) = (family.notebook, archive_name(family.notebook));
    let asks = |by: &Phone, action: &BlobAction| server.blob(by, notebook, name, action);
    let chunks = |head: Hash| [[&head[..], &[0xa1; 900]].concat(), vec![0xa2; 700]];
    let puts = |by: &Phone, chunks: &[Vec<u8>; 2]| {
        let put = |number: u32| BlobAction::Put { number, of: 2, bytes: chunks[number as usize].clone() };
        asks(by, &put(0))?;
        asks(by, &put(1))
    };
    let there = |of: &Phone, by: &Phone| asks(by, &BlobAction::Get { slot: of.id(), from: 0 }).unwrap().chunks;
    let first = chunks(family.state.head());
    let put = puts(&mother, &first).unwrap();
    assert_eq!((put.of, put.there, put.hash), (2, 2, hash_of(&first)));
    // Each maker's slot is its own, and any member reads it; nobody puts anything into another one's.
    puts(&father, &chunks(family.statements[0].hash())).unwrap();
    assert_eq!(there(&mother, &father), first);
    assert_ne!(there(&father, &mother), first);
    assert!(asks(&stranger, &BlobAction::Get { slot: mother.id(), from: 0 }).is_err());
    assert!(asks(&father, &BlobAction::Drop { slot: mother.id() }).is_err(), "he is no owner");
    let gather = BlobAction::Gather { slot: mother.id(), more: Vec::new() };
    assert_eq!(asks(&father, &gather).unwrap().chunks, [Vec::<u8>::new()], "not among others");
    for wrong in [vec![7; 31], [&[7; 32][..], &[1; 9]].concat()] {
        asks(&father, &BlobAction::Drop { slot: father.id() }).unwrap();
        let put = BlobAction::Put { number: 0, of: 1, bytes: wrong };
        assert!(asks(&father, &put).is_err(), "whose maker knew no head of this chain");
    }
    let behind = BlobAction::Put { number: 1, of: 2, bytes: vec![1; 9] };
    assert!(asks(&father, &behind).is_err(), "chunks come in their order");
    // Words are erased: every archive goes, and one whose maker did not know it is taken never again.
    let words = father.writes(&family, b"words");
    let carried = [Piece::Envelope(words.to_bytes())];
    server.ask_for(&father, notebook, false, (&carried, &[])).unwrap();
    let envelopes = vec![ErasedIn { sequence: 1, attempt: 0, places: vec![0] }];
    let erase = family.extend(&mother, Action::Erase { words_of: father.id(), envelopes });
    let reply = server.ask(&mother, notebook, &[Piece::Statement(erase.to_bytes())], &[]).unwrap();
    assert!(reply.answers[0].position().is_some(), "{:?}", reply.answers);
    for maker in [&mother, &father] {
        assert_eq!(there(maker, &mother), Vec::<Vec<u8>>::new());
    }
    assert!(puts(&mother, &first).is_err());
    let anew = chunks(family.state.head());
    puts(&mother, &anew).unwrap();
    assert_eq!(there(&mother, &father), anew);
    let dump = server.dump();
    let holds = |bytes: &[u8]| dump.windows(bytes.len()).any(|window| window == bytes);
    assert_eq!([&first[0], &anew[0]].map(|chunk| holds(chunk)), [false, true]);
}
