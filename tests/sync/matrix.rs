//! Who may ask what: each endpoint × each kind of caller. Asked with bytes as a patched client would send them, past
//! everything that the core itself refuses.

use ayumi_core::crypto::keys::SecretKeys;
use ayumi_core::crypto::seal::{new_salt, seal};
use ayumi_core::sync::code::Invitation;
use ayumi_core::sync::label::Label;
use ayumi_core::sync::reader::Reader;
use ayumi_core::sync::statement::{Decision, decide, found, join, wraps_for};
use ayumi_protocol::batch::{Batch, PeerHead};
use ayumi_protocol::blob::{BlobAction, BlobName, BlobReply, BlobRequest, snapshot_name};
use ayumi_protocol::control::{Role, Statement};
use ayumi_protocol::envelope::{CHANGES, Envelope, Header, Tail, VERSION};
use ayumi_protocol::exchange::{
    Answer, Caller, Challenge, ItemBody, Piece, Proof, Reply, Request, SESSION_PURPOSE, Wanted, session_bytes,
};
use ayumi_protocol::release::{ReleaseAction, ReleaseKey, ReleaseReply, ReleaseRequest};
use ayumi_protocol::{Change, DeviceId, EntryId, Hlc, NotebookId, Stamp, author_hash};
use ayumi_tests::family::{Municipality, Time};
use std::cmp::Ordering;
use std::sync::Arc;

/// A device as a patched client has it: keys, and what it knows of the chain.
pub(crate) struct Device {
    pub(crate) keys: SecretKeys,
    pub(crate) reader: Reader,
    pub(crate) tail: Tail,
    /// The least attempt of what it seals.
    pub(crate) attempt: u32,
}

struct World {
    time: Time,
    municipality: Arc<Municipality>,
    notebook: NotebookId,
    chain: Vec<Statement>,
    mother: Device,
    reader: Device,
    removed: Device,
    invitation: Device,
    stranger: Device,
}

impl Device {
    pub(crate) fn new(notebook: NotebookId, keys: SecretKeys) -> Self {
        Self { reader: Reader::new(notebook, keys.clone()), keys, tail: Tail::default(), attempt: 0 }
    }

    /// With the release key of the code whose keys these are.
    pub(crate) fn released(self, release: Option<ReleaseKey>) -> Self {
        Self { reader: self.reader.released(release), ..self }
    }

    /// A device with the keys of a code that this member made, and the chain.
    pub(crate) fn opener(&self, code: &SecretKeys, chain: &[Statement]) -> Self {
        let release = self.reader.release_of(self.reader.state().unwrap().holder(&code.id()).unwrap());
        let mut opener = Self::new(self.reader.notebook(), code.clone()).released(release);
        opener.learn(chain);
        let opened = wraps_for(chain.last().unwrap(), &code.id()).unwrap();
        opener.reader.unwrap_all(&opened, self.keys.id());
        opener
    }

    pub(crate) fn learn(&mut self, chain: &[Statement]) {
        for statement in chain {
            self.reader.statement(&statement.to_bytes()).unwrap();
        }
    }

    fn writes(&mut self, municipality: &Time) -> Envelope {
        self.writes_text(municipality, b"words")
    }

    /// Seals a text as this device's next envelope, whatever it is.
    pub(crate) fn writes_text(&mut self, municipality: &Time, text: &[u8]) -> Envelope {
        self.seals(municipality, text, [0; 32])
    }

    /// Seals changes as this device's next envelope, as any client does.
    pub(crate) fn writes_changes(&mut self, municipality: &Time, changes: &[Change]) -> Envelope {
        let changes = self.own(changes);
        self.seals_batch(municipality, &Batch { seed: [3; 16], former_key: None, peer_heads: Vec::new(), changes })
    }

    /// Seals an entry that names these ends of others' lines as this device's next envelope.
    pub(crate) fn writes_naming(&mut self, time: &Time, heads: &[PeerHead]) -> Envelope {
        let stamp = Stamp { hlc: Hlc(time.now() << 16), device: self.device() };
        let entry = EntryId::from_slice(&[0x6c; 16]).unwrap();
        let body = r#"{"n":{"text":"読みました"}}"#;
        let changes = vec![Change::from_parts(entry, self.reader.notebook(), "diary", stamp, body).unwrap()];
        self.seals_batch(time, &Batch { seed: [3; 16], former_key: None, peer_heads: heads.to_vec(), changes })
    }

    fn seals_batch(&mut self, time: &Time, batch: &Batch) -> Envelope {
        let author_hash = author_hash::next(self.reader.notebook(), self.keys.id(), &self.tail, &batch.leaves());
        self.seals(time, &batch.to_bytes(), author_hash)
    }

    /// Changes under this device's name, whatever device their stamps name: an envelope holds its author's only.
    pub(crate) fn own(&self, changes: &[Change]) -> Vec<Change> {
        let own = |change: &Change| Change { stamp: Stamp { device: self.device(), ..change.stamp }, ..change.clone() };
        changes.iter().map(own).collect()
    }

    /// This device's name in stamps.
    pub(crate) fn device(&self) -> DeviceId {
        self.keys.id().into()
    }

    fn seals(&mut self, municipality: &Time, text: &[u8], author_hash: [u8; 32]) -> Envelope {
        let state = self.reader.state().unwrap();
        let header = Header {
            version: VERSION,
            kind: CHANGES,
            notebook: self.reader.notebook(),
            epoch: state.epoch(),
            control: state.head(),
            author: self.keys.id(),
            sequence: self.tail.sequence + 1,
            attempt: self.attempt.max(self.tail.attempt),
            previous: self.tail.hash,
            // Like any client's, it never falls.
            stamp: Hlc(municipality.now() << 16).max(self.tail.stamp),
            author_hash,
            salt: new_salt().unwrap(),
        };
        // A reader has the key; who was removed seals with the last one it had.
        let key = (1..=state.epoch()).rev().find_map(|epoch| self.reader.key(epoch)).unwrap();
        let envelope = seal(header, key, &self.keys, text).unwrap();
        self.tail = envelope.tail();
        envelope
    }
}

pub(crate) fn ask(
    municipality: &Municipality,
    keys: &SecretKeys,
    notebook: NotebookId,
    body: &dyn Fn(Caller) -> (String, Vec<u8>),
) -> (u16, Vec<u8>) {
    let author = keys.id();
    let (path, bytes) = body(Caller { notebook, author, proof: Proof::None });
    let first = municipality.answer(&path, &bytes);
    let Ok(challenge) = Challenge::from_bytes(&first.body) else { return (first.status, first.body) };
    let signature = keys.sign(SESSION_PURPOSE, &session_bytes(&challenge, "", notebook, author));
    let proof = Proof::Signed { challenge: challenge.challenge, origin: String::new(), signature };
    let (path, bytes) = body(Caller { notebook, author, proof });
    let answer = municipality.answer(&path, &bytes);
    (answer.status, answer.body)
}

pub(crate) fn sync(
    municipality: &Municipality,
    keys: &SecretKeys,
    notebook: NotebookId,
    pieces: &[Piece],
) -> Result<Reply, u16> {
    let (status, body) = ask(municipality, keys, notebook, &|caller| {
        let wanted = Wanted { control_only: false, mine_too: true };
        let request = Request {
            caller,
            wanted,
            after: 0,
            prefix: [0; 16],
            page_bytes: 1 << 20,
            ticket: None,
            ends: Vec::new(),
            pieces: pieces.to_vec(),
        };
        ("/v1/sync".into(), request.to_bytes())
    });
    if status == 200 { Ok(Reply::from_bytes(&body).unwrap()) } else { Err(status) }
}

/// What the server gives to who proves a code's key.
pub(crate) fn release_at(municipality: &Municipality, code: &SecretKeys, notebook: NotebookId) -> Option<ReleaseKey> {
    let (status, body) = ask(municipality, code, notebook, &|caller| {
        ("/v1/release".into(), ReleaseRequest { caller, action: ReleaseAction::Get }.to_bytes())
    });
    if status == 200 { ReleaseReply::from_bytes(&body).unwrap().key } else { None }
}

pub(crate) fn says(device: &Device, decision: &Decision) -> Statement {
    decide(&device.reader, device.reader.state().unwrap(), decision).unwrap()
}

/// A mother, a reader, somebody who was removed, an open invitation, a stranger; the mother has written one envelope.
fn world() -> World {
    let time = Time::default();
    let municipality = Municipality::new(&time);
    let hers = SecretKeys::generate().unwrap();
    let mut chain = vec![found(&hers, &Label::founder("母", 2)).unwrap()];
    let notebook = chain[0].notebook;
    let new = || Device::new(notebook, SecretKeys::generate().unwrap());
    let mut mother = Device::new(notebook, hers);
    mother.learn(&chain);
    let (mut reader, mut removed) = (new(), new());
    let push = |mother: &mut Device, chain: &mut Vec<Statement>, statement: Statement| {
        mother.reader.statement(&statement.to_bytes()).unwrap();
        chain.push(statement);
    };
    for (device, role) in [(&reader, Role::Reader), (&removed, Role::Owner)] {
        let code = Invitation::generate(notebook, None).unwrap();
        let keys = code.keys().public();
        let (proof, expires_at) = (code.proof(), time.now() + 1_000_000);
        let invite = Decision::Invite { keys, proof, role, mine: false, expires_at, name: String::new() };
        let statement = says(&mother, &invite);
        push(&mut mother, &mut chain, statement);
        let opener = mother.opener(&code.keys(), &chain);
        let statement = join(&opener.reader, opener.reader.state().unwrap(), &device.keys, "").unwrap();
        push(&mut mother, &mut chain, statement);
    }
    removed.learn(&chain);
    let gone = says(&mother, &Decision::Remove(removed.keys.id()));
    push(&mut mother, &mut chain, gone);
    let code = Invitation::generate(notebook, None).unwrap();
    let keys = code.keys().public();
    let (proof, expires_at) = (code.proof(), time.now() + 1_000_000);
    let open = Decision::Invite { keys, proof, role: Role::Writer, mine: false, expires_at, name: String::new() };
    let open = says(&mother, &open);
    push(&mut mother, &mut chain, open);
    let invitation = Device::new(notebook, code.keys());
    reader.learn(&chain);
    let mut pieces: Vec<Piece> = chain.iter().map(|statement| Piece::Statement(statement.to_bytes())).collect();
    pieces.push(Piece::Envelope(mother.writes(&time).to_bytes()));
    let reply = sync(&municipality, &mother.keys, notebook, &pieces).unwrap();
    assert!(reply.answers.iter().all(|answer| !matches!(answer, Answer::Refused(_))), "{:?}", reply.answers);
    World { time, municipality, notebook, chain, mother, reader, removed, invitation, stranger: new() }
}

fn envelopes(reply: &Reply) -> usize {
    reply.items.iter().filter(|item| matches!(item.body, ItemBody::Envelope(_))).count()
}

#[test]
fn who_may_read_the_log() {
    let w = world();
    let read = |keys| sync(&w.municipality, keys, w.notebook, &[]);
    assert_eq!(envelopes(&read(&w.mother.keys).unwrap()), 1);
    assert_eq!(envelopes(&read(&w.reader.keys).unwrap()), 1);
    let opened = read(&w.invitation.keys).unwrap();
    assert_eq!((envelopes(&opened), opened.items.len()), (0, w.chain.len()), "an invitation reads the chain alone");
    let gone = read(&w.removed.keys).unwrap();
    assert!(gone.gone && envelopes(&gone) == 0 && gone.token.is_none());
    assert_eq!(gone.items.len(), w.chain.len() - 1, "nothing behind the statement that took it out");
    assert_eq!(read(&w.stranger.keys).err(), Some(403));
    let elsewhere = NotebookId::from_slice(&[8; 16]).unwrap();
    assert_eq!(sync(&w.municipality, &w.mother.keys, elsewhere, &[]).err(), Some(404), "another notebook");
}

#[test]
fn who_may_write_to_the_log() {
    let mut w = world();
    let own = w.mother.writes(&w.time);
    let (by_reader, by_removed) = (w.reader.writes(&w.time), w.removed.writes(&w.time));
    let send = |keys: &SecretKeys, envelope: &Envelope| {
        let reply = sync(&w.municipality, keys, w.notebook, &[Piece::Envelope(envelope.to_bytes())])?;
        Ok::<_, u16>(match reply.answers[0] {
            Answer::Refused(refused) => refused.key(),
            _ => "taken",
        })
    };
    assert_eq!(send(&w.reader.keys, &by_reader), Ok("not_a_writer"), "a patched reader");
    assert_eq!(send(&w.removed.keys, &by_removed), Ok("not_a_writer"));
    assert_eq!(send(&w.stranger.keys, &own), Err(403));
    assert_eq!(send(&w.reader.keys, &own), Ok("malformed"), "in another's name");
    assert_eq!(send(&w.invitation.keys, &own), Ok("malformed"));
    let mut forged = own.clone();
    forged.ciphertext[0] ^= 1;
    assert_eq!(send(&w.mother.keys, &forged), Ok("signature"));
    assert_eq!(send(&w.mother.keys, &own), Ok("taken"));
    assert_eq!(send(&w.mother.keys, &own), Ok("taken"), "sent twice, it has the first answer");
}

#[test]
fn who_may_bring_a_second_envelope_for_one_place() {
    let mut w = world();
    let tail = w.mother.tail;
    let one = w.mother.writes(&w.time);
    w.mother.tail = tail;
    let other = w.mother.writes(&w.time);
    let next = w.mother.writes(&w.time);
    let send = |keys: &SecretKeys, piece: Piece| {
        let reply = sync(&w.municipality, keys, w.notebook, &[piece])?;
        Ok::<_, u16>(match reply.answers[0] {
            Answer::Refused(refused) => refused.key(),
            _ => "taken",
        })
    };
    let new = |envelope: &Envelope| Piece::Envelope(envelope.to_bytes());
    let carried = |envelope: &Envelope| Piece::CarriedEnvelope(envelope.to_bytes());
    assert_eq!(send(&w.mother.keys, new(&one)), Ok("taken"));
    assert_eq!(send(&w.mother.keys, new(&other)), Ok("sequence_taken"), "its author, as a new one");
    assert_eq!(send(&w.invitation.keys, carried(&other)), Ok("not_a_writer"), "who holds a code has read nothing");
    assert_eq!(send(&w.removed.keys, carried(&other)), Ok("not_a_writer"));
    assert_eq!(send(&w.stranger.keys, carried(&other)), Err(403));
    assert_eq!(send(&w.reader.keys, carried(&other)), Ok("taken"), "whoever has it from a log");
    assert_eq!(send(&w.mother.keys, new(&next)), Ok("sequence_taken"), "and the key writes no more");
    assert_eq!(send(&w.reader.keys, carried(&next)), Ok("taken"));
}

#[test]
fn who_may_change_the_chain() {
    let w = world();
    let send = |keys: &SecretKeys, statement: &Statement| {
        let reply = sync(&w.municipality, keys, w.notebook, &[Piece::Statement(statement.to_bytes())])?;
        Ok::<_, u16>(match reply.answers[0] {
            Answer::Refused(refused) => refused.key(),
            _ => "taken",
        })
    };
    let mine = says(&w.mother, &Decision::NewEpoch);
    let by_reader = says(&w.reader, &Decision::NewEpoch);
    assert_eq!(send(&w.reader.keys, &by_reader), Ok("not_allowed"));
    let old = says(&w.removed, &Decision::Role(w.reader.keys.id(), Role::Owner));
    assert_eq!(send(&w.removed.keys, &old), Ok("not_a_writer"), "who was removed is told so");
    assert_eq!(send(&w.reader.keys, &old), Ok("head_moved"), "also by another's hand");
    let mut forged = mine.clone();
    forged.previous = [7; 32];
    assert_eq!(send(&w.mother.keys, &forged), Ok("head_moved"), "a forged chain");
    let mut again = found(&w.stranger.keys, &Label::founder("", 2)).unwrap();
    again.notebook = w.notebook;
    assert_eq!(send(&w.stranger.keys, &again), Err(403), "a notebook is founded once");
    assert_eq!(send(&w.mother.keys, &mine), Ok("taken"));
    assert_eq!(send(&w.mother.keys, &mine), Ok("taken"), "sent twice");
}

/// Owners who came one after the other: the server refuses what a patched client of a junior one sends.
#[test]
fn who_may_take_out_whom() {
    let (time, owners) = (Time::default(), ["the mother", "the father", "the aunt"]);
    for by in 0..3 {
        for of in 0..3 {
            let municipality = Municipality::new(&time);
            let keys = [0; 3].map(|_| SecretKeys::generate().unwrap());
            let mut chain = vec![found(&keys[0], &Label::founder("", 2)).unwrap()];
            let notebook = chain[0].notebook;
            let mut devices = keys.clone().map(|keys| Device::new(notebook, keys));
            for come in 1..3 {
                devices[0].learn(&chain);
                let code = Invitation::generate(notebook, None).unwrap();
                let (proof, expires_at) = (code.proof(), time.now() + 1_000_000);
                let (keys, role, name) = (code.keys().public(), Role::Owner, String::new());
                let invite = Decision::Invite { keys, proof, role, mine: false, expires_at, name };
                chain.push(says(&devices[0], &invite));
                devices[0].learn(&chain);
                let opener = devices[0].opener(&code.keys(), &chain);
                chain.push(join(&opener.reader, opener.reader.state().unwrap(), &devices[come].keys, "").unwrap());
            }
            let pieces: Vec<Piece> = chain.iter().map(|statement| Piece::Statement(statement.to_bytes())).collect();
            let reply = sync(&municipality, &keys[0], notebook, &pieces).unwrap();
            assert!(reply.answers.iter().all(|answer| matches!(answer, Answer::Taken(_))), "{:?}", reply.answers);
            devices[by].learn(&chain);
            let (expected, mut decisions) = match by.cmp(&of) {
                Ordering::Less => ("taken", Vec::new()),
                Ordering::Equal => ("not_allowed", Vec::new()),
                Ordering::Greater => ("senior", vec![Decision::Role(devices[of].keys.id(), Role::Writer)]),
            };
            decisions.push(Decision::Remove(devices[of].keys.id()));
            for decision in decisions {
                let piece = [Piece::Statement(says(&devices[by], &decision).to_bytes())];
                let reply = sync(&municipality, &keys[by], notebook, &piece).unwrap();
                let answer = match reply.answers[0] {
                    Answer::Refused(refused) => refused.key(),
                    _ => "taken",
                };
                assert_eq!(answer, expected, "{} and {}: {decision:?}", owners[by], owners[of]);
            }
        }
    }
}

#[test]
fn who_may_send_and_fetch_photos() {
    let w = world();
    let ask = |keys: &SecretKeys, action: BlobAction| {
        ask(&w.municipality, keys, w.notebook, &|caller| {
            let request = BlobRequest { caller, name: [5; 32], action: action.clone() };
            ("/v1/blob".into(), request.to_bytes())
        })
        .0
    };
    let put = || BlobAction::Put { number: 0, of: 1, bytes: vec![1; 64] };
    let get = || BlobAction::Get { slot: w.mother.keys.id(), from: 0 };
    let together = || BlobAction::Gather { slot: w.mother.keys.id(), more: vec![([5; 32], w.reader.keys.id())] };
    for (who, keys, may_put, may_get) in [
        ("the mother", &w.mother.keys, 200, 200),
        ("a reader", &w.reader.keys, 403, 200),
        ("an invitation", &w.invitation.keys, 403, 403),
        ("who was removed", &w.removed.keys, 403, 403),
        ("a stranger", &w.stranger.keys, 403, 403),
    ] {
        assert_eq!((ask(keys, put()), ask(keys, get())), (may_put, may_get), "{who}");
        assert_eq!(ask(keys, together()), may_get, "{who}, several together");
        let drops = |slot: &SecretKeys| ask(keys, BlobAction::Drop { slot: slot.id() });
        let may_drop = if who == "the mother" { 200 } else { 403 };
        assert_eq!(drops(&w.mother.keys), may_drop, "{who}, out of another's slot, or an owner out of her own");
        assert_eq!(drops(keys), may_get, "{who}, out of their own");
    }
    assert_eq!(ask(&w.mother.keys, BlobAction::Drop { slot: w.reader.keys.id() }), 200, "an owner out of any");
}

/// A snapshot is given only if its maker knew what was erased, whichever way it is asked for.
#[test]
fn no_snapshot_is_among_blobs_that_are_asked_for_together() {
    let w = world();
    let ask = |name: BlobName, action: BlobAction| {
        let (status, body) = ask(&w.municipality, &w.mother.keys, w.notebook, &|caller| {
            ("/v1/blob".into(), BlobRequest { caller, name, action: action.clone() }.to_bytes())
        });
        assert_eq!(status, 200);
        BlobReply::from_bytes(&body).unwrap()
    };
    let (snapshots, mine) = (snapshot_name(w.notebook), w.mother.keys.id());
    let snapshot = [&w.mother.reader.state().unwrap().head()[..], &[1; 64]].concat();
    ask(snapshots, BlobAction::Put { number: 0, of: 1, bytes: snapshot.clone() });
    ask([5; 32], BlobAction::Put { number: 0, of: 1, bytes: vec![2; 9] });
    assert_eq!(ask(snapshots, BlobAction::Get { slot: mine, from: 0 }).chunks, [snapshot]);
    let more = vec![([5; 32], mine), (snapshots, mine), ([6; 32], mine)];
    let reply = ask(snapshots, BlobAction::Gather { slot: mine, more });
    assert_eq!((reply.of, reply.there), (4, 4));
    assert_eq!(reply.chunks, [vec![], vec![2; 9], vec![], vec![]]);
}

#[test]
fn a_proof_is_for_one_key_one_notebook_and_a_short_time() {
    let w = world();
    let request = |keys: &SecretKeys, notebook, proof| {
        let caller = Caller { notebook, author: keys.id(), proof };
        let wanted = Wanted::default();
        let request = Request {
            caller,
            wanted,
            after: 0,
            prefix: [0; 16],
            page_bytes: 100,
            ticket: None,
            ends: Vec::new(),
            pieces: Vec::new(),
        };
        w.municipality.answer("/v1/sync", &request.to_bytes())
    };
    let challenge = |keys| Challenge::from_bytes(&request(keys, w.notebook, Proof::None).body).unwrap();
    let signed = |by: &SecretKeys, name: &SecretKeys, challenge: Challenge| {
        let signature = by.sign(SESSION_PURPOSE, &session_bytes(&challenge, "", w.notebook, name.id()));
        Proof::Signed { challenge: challenge.challenge, origin: String::new(), signature }
    };
    let fresh = challenge(&w.mother.keys);
    assert_eq!(request(&w.mother.keys, w.notebook, signed(&w.reader.keys, &w.mother.keys, fresh)).status, 403);
    let mut other = fresh;
    other.challenge[0] ^= 1;
    assert_eq!(request(&w.mother.keys, w.notebook, signed(&w.mother.keys, &w.mother.keys, other)).status, 401);
    let good = request(&w.mother.keys, w.notebook, signed(&w.mother.keys, &w.mother.keys, fresh));
    let token = Reply::from_bytes(&good.body).unwrap().token.unwrap();
    assert_eq!(request(&w.mother.keys, w.notebook, Proof::Token(token)).status, 200);
    assert_eq!(request(&w.reader.keys, w.notebook, Proof::Token(token)).status, 401, "another's token");
    w.time.pass(61_000);
    assert_eq!(
        request(&w.mother.keys, w.notebook, signed(&w.mother.keys, &w.mother.keys, fresh)).status,
        401,
        "replayed after its minute"
    );
    // A token is never renewed by itself: a day after the key was shown it must be shown again.
    w.time.pass(23 * 3_600_000);
    let late = request(&w.mother.keys, w.notebook, Proof::Token(token));
    assert_eq!((late.status, Reply::from_bytes(&late.body).unwrap().token), (200, None));
    w.time.pass(3_600_000);
    assert_eq!(request(&w.mother.keys, w.notebook, Proof::Token(token)).status, 401, "after its day");
}

#[test]
fn an_invitation_used_late_is_refused_by_the_server_itself_unless_an_owner_brings_it() {
    let w = world();
    w.time.pass(2_000_000);
    let opener = w.mother.opener(&w.invitation.keys, &w.chain);
    let late = join(&opener.reader, opener.reader.state().unwrap(), &w.stranger.keys, "").unwrap();
    let piece = [Piece::Statement(late.to_bytes())];
    assert_eq!(sync(&w.municipality, &w.stranger.keys, w.notebook, &piece).err(), Some(403));
    let reply = sync(&w.municipality, &w.invitation.keys, w.notebook, &piece).unwrap();
    assert!(matches!(reply.answers[0], Answer::Refused(refused) if refused.key() == "expired"));
    let carried = [Piece::CarriedStatement(late.to_bytes())];
    let reply = sync(&w.municipality, &w.reader.keys, w.notebook, &carried).unwrap();
    assert!(matches!(reply.answers[0], Answer::Refused(refused) if refused.key() == "expired"));
    let reply = sync(&w.municipality, &w.mother.keys, w.notebook, &carried).unwrap();
    assert!(matches!(reply.answers[0], Answer::Taken(_)), "as from a log that this server forgot");
}
