use proptest::prelude::*;

use ring::signature::{Ed25519KeyPair, KeyPair};

use super::*;
use crate::key::to_sign;
use crate::notebook::blob::{BlobAction, BlobReply, BlobRequest, hash_of};
use crate::notebook::drawer::{DrawerReply, DrawerRequest};
use crate::notebook::receipt::Run;
use crate::notebook::{accept, control};

fn caller(proof: Proof) -> Caller {
    Caller { notebook: NotebookId::from_slice(&[9; 16]).unwrap(), author: KeyId([4; 16]), proof }
}

/// One for statements, and one that names the last items before its end.
fn receipts() -> Vec<Receipt> {
    let signed = SignedEnd {
        notebook: NotebookId::from_slice(&[9; 16]).unwrap(),
        store_epoch: [8; 16],
        end: End { position: 3, prefix: [7; 16], head: [6; 32], taken_at: 1_800_000_000_000 },
        signature: [2; 64],
    };
    let items = vec![([11; 32], 1_799_999_999_700), ([12; 32], 1_800_000_000_000)];
    vec![Receipt::of([5; 32], signed), Receipt { run: Run { before: [4; 16], items }, ..Receipt::of([3; 32], signed) }]
}

fn request() -> Request {
    Request {
        caller: caller(Proof::Signed {
            challenge: [1; 24],
            origin: "https://ayumi.example:443".into(),
            signature: [2; 64],
        }),
        wanted: Wanted { control_only: false, mine_too: true },
        after: 300,
        prefix: [7; 16],
        page_bytes: 65_536,
        ticket: Some([10; 16]),
        ends: receipts(),
        pieces: vec![
            Piece::Statement(vec![5; 3]),
            Piece::Envelope(vec![6; 4]),
            Piece::CarriedEnvelope(vec![7; 5]),
            Piece::CarriedStatement(vec![8; 6]),
            Piece::Remnant(vec![9; 7]),
        ],
    }
}

fn reply() -> Reply {
    let mut answers = vec![Answer::Taken(7), Answer::Taken(300)];
    answers.extend(accept::Refusal::ALL.iter().map(|refusal| Answer::Refused(Refused::Envelope(*refusal))));
    answers.push(Answer::Refused(Refused::Envelope(accept::Refusal::Gap { expected: 500 })));
    // As many as there were when the form was frozen.
    answers.extend(control::Refusal::ALL.iter().take(12).map(|refusal| Answer::Refused(Refused::Control(*refusal))));
    answers.extend([Refused::Quota, Refused::Malformed, Refused::NotTried].map(Answer::Refused));
    let item = |position, body| Item { position, taken_at: 1_800_000_000_000 + position, body };
    Reply {
        server_ms: 1_800_000_000_500,
        agrees: true,
        gone: false,
        closed: false,
        end: ReplyEnd {
            position: 303,
            stated: Some(Stated {
                store_epoch: [8; 16],
                end: End { position: 303, prefix: [5; 16], head: [6; 32], taken_at: 1_800_000_000_303 },
            }),
            signature: [3; 64],
        },
        own_sequence: 2,
        ends_at: None,
        token: Some([9; 24]),
        receipt: Some(SignedEnd {
            notebook: NotebookId::from_slice(&[9; 16]).unwrap(),
            store_epoch: [8; 16],
            end: End { position: 3, prefix: [7; 16], head: [6; 32], taken_at: 1_799_999_999_000 },
            signature: [2; 64],
        }),
        answers,
        items: vec![
            item(301, ItemBody::Statement(vec![1; 5])),
            item(302, ItemBody::Envelope(vec![2; 6])),
            item(303, ItemBody::Own(2, [4; 32])),
            item(304, ItemBody::Brought(1)),
            item(305, ItemBody::Remnant(vec![3; 7])),
        ],
    }
}

fn challenge() -> Challenge {
    let (server_ms, store_epoch) = (1_800_000_000_000, [8; 16]);
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let server_key = pair.public_key().as_ref().try_into().unwrap();
    let next = server_key_hash(&[6; 32]);
    let unsigned = Challenge { challenge: [1; 24], server_ms, store_epoch, server_key, next, signature: [0; 64] };
    let signature = pair.sign(&to_sign(CHALLENGE_PURPOSE, &unsigned.signed_bytes()));
    Challenge { signature: signature.as_ref().try_into().unwrap(), ..unsigned }
}

#[test]
fn messages_come_back_and_their_forms_are_frozen() {
    assert_eq!(Request::from_bytes(&request().to_bytes()), Ok(request()));
    let bare = Request { ticket: None, ends: Vec::new(), ..request() };
    assert_eq!(Request::from_bytes(&bare.to_bytes()), Ok(bare));
    assert_eq!(Reply::from_bytes(&reply().to_bytes()), Ok(reply()));
    let reached = Reply { end: ReplyEnd { stated: None, ..reply().end }, ..reply() };
    assert_eq!(Reply::from_bytes(&reached.to_bytes()), Ok(reached));
    assert_eq!(Challenge::from_bytes(&challenge().to_bytes()), Ok(challenge()));
    let bytes = challenge().to_bytes();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert!(!Challenge::from_bytes(&changed).is_ok_and(|challenge| challenge.is_genuine()), "byte {at}");
    }
    assert!(challenge().is_genuine());
    crate::frozen::is("request_2", &request().to_bytes());
    crate::frozen::is("reply_2", &reply().to_bytes());
    crate::frozen::is("challenge_2", &challenge().to_bytes());
    let put = BlobAction::Put { number: 1, of: 3, bytes: vec![1; 9] };
    let slot = KeyId([4; 16]);
    let gather = BlobAction::Gather { slot, more: vec![([5; 32], KeyId([8; 16])), ([6; 32], KeyId([9; 16]))] };
    let get = BlobAction::Get { slot, from: 2 };
    for action in [BlobAction::Status, put.clone(), get, BlobAction::Drop { slot }, gather.clone()] {
        let request = BlobRequest { caller: caller(Proof::Token([3; 24])), name: [6; 32], action };
        assert_eq!(BlobRequest::from_bytes(&request.to_bytes()), Ok(request));
    }
    let request = BlobRequest { caller: caller(Proof::None), name: [6; 32], action: put };
    crate::frozen::is("blob_request_2", &request.to_bytes());
    let request = BlobRequest { caller: caller(Proof::None), name: [6; 32], action: gather };
    crate::frozen::is("gather_request_2", &request.to_bytes());
    let many = BlobAction::Gather { slot, more: vec![([5; 32], slot); limits::GATHERED] };
    let request = BlobRequest { caller: caller(Proof::None), name: [6; 32], action: many };
    assert!(BlobRequest::from_bytes(&request.to_bytes()).is_err(), "one more than may be asked for together");
    let chunks = vec![vec![1; 4], vec![2; 5]];
    let reply = BlobReply { of: 2, there: 2, hash: hash_of(&chunks), chunks };
    assert_eq!(BlobReply::from_bytes(&reply.to_bytes()), Ok(reply.clone()));
    crate::frozen::is("blob_reply_2", &reply.to_bytes());
    let fill = DrawerRequest::Fill { key: [1; 32], edition: 4, sealed: vec![2; 8], signature: [3; 64] };
    for request in [DrawerRequest::Look(KeyId([5; 16])), fill.clone()] {
        assert_eq!(DrawerRequest::from_bytes(&request.to_bytes()), Ok(request));
    }
    crate::frozen::is("drawer_request_2", &fill.to_bytes());
    let reply = DrawerReply { edition: 4, sealed: vec![2; 8] };
    assert_eq!(DrawerReply::from_bytes(&reply.to_bytes()), Ok(reply));
}

/// A phone of today meets refusals of tomorrow: it reads them as unknown, and the rest of the reply with them.
#[test]
fn a_refusal_that_is_new_leaves_the_reply_readable() {
    let new = [
        Refused::Envelope(accept::Refusal::Unknown(10)),
        Refused::Envelope(accept::Refusal::Unknown(255)),
        Refused::Control(control::Refusal::Unknown(20)),
        Refused::Unknown(6),
        Refused::Unknown(0),
    ];
    let later = Reply { answers: new.map(Answer::Refused).into(), ..reply() };
    assert_eq!(Reply::from_bytes(&later.to_bytes()), Ok(later));
    assert!(new.iter().all(|refused| refused.key() == "unknown"));
}

#[test]
fn what_is_cut_off_or_longer_is_refused() {
    let messages = [request().to_bytes(), reply().to_bytes(), challenge().to_bytes()];
    for (bytes, read) in messages.iter().zip([
        (|bytes| Request::from_bytes(bytes).is_ok()) as fn(&[u8]) -> bool,
        |bytes| Reply::from_bytes(bytes).is_ok(),
        |bytes| Challenge::from_bytes(bytes).is_ok(),
    ]) {
        assert!(read(bytes));
        assert!((0..bytes.len()).all(|length| !read(&bytes[..length])));
        assert!(!read(&[&bytes[..], &[0]].concat()));
    }
    let many = Request { pieces: vec![Piece::Envelope(vec![1]); limits::PIECES + 1], ..request() };
    assert!(Request::from_bytes(&many.to_bytes()).is_err(), "more pieces than may be sent at once");
    let mut long = receipts();
    long[1].run.items.resize(limits::PROVEN_ITEMS, ([1; 32], 7));
    assert!(Request::from_bytes(&Request { ends: long.clone(), ..request() }.to_bytes()).is_ok());
    long[0].run.items.push(([1; 32], 7));
    let long = Request { ends: long, ..request() };
    assert!(Request::from_bytes(&long.to_bytes()).is_err(), "more items before its ends than may be");
    let last = BlobAction::Put { number: 3, of: 3, bytes: vec![1] };
    let request = BlobRequest { caller: caller(Proof::None), name: [6; 32], action: last };
    assert!(BlobRequest::from_bytes(&request.to_bytes()).is_err(), "a chunk behind the last");
}

proptest! {
    #[test]
    fn whatever_comes_is_read_or_refused(bytes: Vec<u8>) {
        let _ = Request::from_bytes(&bytes);
        let _ = Reply::from_bytes(&bytes);
        let _ = Challenge::from_bytes(&bytes);
        let _ = BlobRequest::from_bytes(&bytes);
        let _ = BlobReply::from_bytes(&bytes);
        let _ = DrawerRequest::from_bytes(&bytes);
        let _ = DrawerReply::from_bytes(&bytes);
    }
}
