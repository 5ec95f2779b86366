//! The contract about blobs: what a store says of one, and blobs of one chunk together.

use ayumi_protocol::blob::{BlobReply, hash_of};
use ayumi_server::chunks::CHUNKS_BYTES;
use ayumi_server::log::{Chunk, Log, LogError};

use super::family::{Family, NOW, Phone};
use super::store::{Memory, Place, Postgres, Sqlite, Store};

contract!(
    a_store_tells_a_hash_over_a_blob_as_soon_as_it_is_whole,
    what_is_put_again_or_under_another_length_changes_nothing_and_costs_no_room,
    blobs_of_one_chunk_come_together_and_others_are_not_among_them,
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
