//! The fast lane: another member's snapshot shows what was written before the log is there, proves itself, and brings nothing back.

use ayumi_core::app::sync::SyncOutcome;
use ayumi_core::app::{EntryId, Handbook, ListFilter, NewEntry, NotebookId};
use ayumi_core::sync::blob::seal;
use ayumi_core::sync::snapshot::{Packing, open};
use ayumi_protocol::blob::{BlobAction, BlobReply, BlobRequest, SNAPSHOT_HEAD, snapshot_name};
use ayumi_protocol::control::Role;
use ayumi_protocol::exchange::ItemBody;
use ayumi_protocol::opening::Held;
use ayumi_protocol::snapshot::Snapshot;
use ayumi_protocol::{Change, Hlc, Stamp};
use ayumi_tests::family::{Direct, Time, sync, wait};
use ayumi_tests::phones::{Phone, child, phone};

use super::matrix::{Device, ask, sync as request};
use super::patched::{chain_of, come_in};

/// Sittings in which the mother wrote: more than a snapshot is worth.
const SITTINGS: usize = 510;

struct World {
    time: Time,
    way: Direct,
    mother: Phone,
    notebook: NotebookId,
    entries: Vec<EntryId>,
}

fn write(book: &Handbook, notebook: NotebookId, text: &str) -> EntryId {
    book.entries().add(&NewEntry::typed(notebook, "diary", "2026-04-01", &[("text", text)]).unwrap()).unwrap()
}

/// A mother who wrote one sitting after the other, and whose phone made a snapshot with the last one.
fn world() -> World {
    let time = Time::default();
    let way = Direct(ayumi_tests::family::Municipality::new(&time));
    let mother = phone(&time, "母");
    let notebook = child(&mother.book);
    let mut entries = Vec::new();
    for sitting in 0..SITTINGS {
        entries.push(write(&mother.book, notebook, &format!("{sitting}日めの日記")));
        assert_eq!(sync(&mother.book, &way).outcome, SyncOutcome::Done);
        time.pass(60_000);
    }
    World { time, way, mother, notebook, entries }
}

impl World {
    fn code(&self, role: Role) -> String {
        wait(self.mother.book.members().invite(self.notebook, role, "", &self.way)).unwrap().code
    }

    fn newcomer(&self) -> Phone {
        let newcomer = phone(&self.time, "祖母");
        let code = self.code(Role::Reader);
        assert_eq!(wait(newcomer.book.members().join(&code, &self.way)), Ok(self.notebook));
        newcomer
    }

    fn texts(&self, book: &Handbook) -> Vec<String> {
        let all = ListFilter { limit: 2000, kind: Some("diary".into()), ..ListFilter::default() };
        let list = book.entries().list(self.notebook, &all).unwrap();
        let mut texts: Vec<String> =
            list.iter().map(|entry| entry.fields["text"].as_str().unwrap_or_default().to_owned()).collect();
        texts.sort();
        texts
    }

    fn provisional(&self, book: &Handbook) -> u64 {
        book.sync().state(self.notebook).unwrap().provisional
    }

    /// Reads a newcomer's log to its end.
    fn reads_on(&self, book: &Handbook) {
        assert_eq!(sync(book, &self.way).outcome, SyncOutcome::Done);
        assert_eq!(self.provisional(book), 0);
    }

    /// A patched client that came in as an owner, and read the log.
    fn guest(&self) -> (Device, Vec<Held>) {
        let mut guest = come_in(&self.way.0, &self.code(Role::Owner)).unwrap();
        let chain = chain_of(&self.way.0, &guest.keys, self.notebook).unwrap();
        guest = Device::new(self.notebook, guest.keys);
        guest.learn(&chain);
        let mut log = Vec::new();
        let reply = request(&self.way.0, &guest.keys, self.notebook, &[]).unwrap();
        for item in reply.items {
            match item.body {
                ItemBody::Envelope(bytes) => log.push(Held::from_bytes(false, &bytes).unwrap()),
                ItemBody::Remnant(bytes) => log.push(Held::from_bytes(true, &bytes).unwrap()),
                _ => {}
            }
        }
        (guest, log)
    }

    fn blob(&self, guest: &Device, action: &BlobAction) -> Result<BlobReply, u16> {
        let name = snapshot_name(self.notebook);
        let (status, body) = ask(&self.way.0, &guest.keys, self.notebook, &|caller| {
            ("/v1/blob".into(), BlobRequest { caller, name, action: action.clone() }.to_bytes())
        });
        if status == 200 { Ok(BlobReply::from_bytes(&body).unwrap()) } else { Err(status) }
    }

    /// The chunks of the mother's snapshot.
    fn snapshot(&self, guest: &Device) -> Vec<Vec<u8>> {
        self.blob(guest, &BlobAction::Get { slot: self.mothers_key(guest), from: 0 }).unwrap().chunks
    }

    fn mothers_key(&self, guest: &Device) -> ayumi_protocol::key::KeyId {
        let state = guest.reader.state().unwrap();
        *state.holders().map(|(id, _)| id).find(|id| state.may_write(id) && **id != guest.keys.id()).unwrap()
    }

    /// Puts a snapshot into the guest's slot, in the place of the mother's.
    fn replace(&self, guest: &Device, chunks: &[Vec<u8>]) -> Result<(), u16> {
        self.blob(guest, &BlobAction::Drop { slot: self.mothers_key(guest) })?;
        self.blob(guest, &BlobAction::Drop { slot: guest.keys.id() })?;
        for (number, bytes) in (0..).zip(chunks) {
            let action = BlobAction::Put { number, of: u32::try_from(chunks.len()).unwrap(), bytes: bytes.clone() };
            self.blob(guest, &action)?;
        }
        Ok(())
    }
}

/// Seals a snapshot as a patched client can: whatever is in it.
fn sealed(guest: &Device, snapshot: &Snapshot) -> Vec<Vec<u8>> {
    let state = guest.reader.state().unwrap();
    let packed = zstd::bulk::compress(&snapshot.to_bytes(), 3).unwrap();
    let (key, name) = (guest.reader.key(state.epoch()).unwrap(), snapshot_name(state.notebook()));
    let mut chunks = seal(key, state.epoch(), &name, &packed).unwrap();
    chunks[0] = [&state.head()[..], &chunks[0]].concat();
    chunks
}

#[test]
fn who_comes_anew_sees_everything_before_the_log_is_there() {
    let world = world();
    let newcomer = world.newcomer();
    assert_eq!(world.texts(&newcomer.book), world.texts(&world.mother.book));
    assert!(world.provisional(&newcomer.book) >= SITTINGS as u64);
    world.reads_on(&newcomer.book);
    assert_eq!(world.texts(&newcomer.book), world.texts(&world.mother.book));
    // What was read is as if there had been no snapshot: it is passed on, and nothing is sent again.
    let report = sync(&newcomer.book, &world.way);
    assert_eq!((report.outcome, report.pushed, report.pulled, report.round_trips), (SyncOutcome::Done, 0, 0, 1));
    let history = newcomer.book.entries().history(world.entries[7]).unwrap();
    assert_eq!(history, world.mother.book.entries().history(world.entries[7]).unwrap());
    assert!(newcomer.book.doctor().examine(&mut |_, _| ()).unwrap().findings.is_empty());
}

#[test]
fn a_snapshot_with_another_word_shows_nothing_of_its_author() {
    let world = world();
    let (guest, _) = world.guest();
    let mut snapshot = open(&guest.reader, &world.snapshot(&guest)).unwrap();
    let (change, body) = &mut snapshot.parts[0].changes[3];
    *change =
        Change::from_parts(change.entry, world.notebook, "diary", change.stamp, r#"{"n":{"text":"うそ"}}"#).unwrap();
    *body = change.body().into_bytes();
    world.replace(&guest, &sealed(&guest, &snapshot)).unwrap();
    let newcomer = world.newcomer();
    assert_eq!(world.provisional(&newcomer.book), 0, "not one word of it");
    assert_eq!(world.texts(&newcomer.book), world.texts(&world.mother.book), "the log tells");
}

#[test]
fn a_word_that_the_log_does_not_hold_is_shown_until_the_log_was_read() {
    let world = world();
    let (mut guest, mut log) = world.guest();
    let stamp = Stamp { hlc: Hlc(world.time.now() << 16), device: guest.device() };
    let entry = EntryId::from_slice(&[0x6b; 16]).unwrap();
    let change = Change::from_parts(entry, world.notebook, "diary", stamp, r#"{"n":{"text":"いない"}}"#).unwrap();
    // Signed and sealed as any envelope is, and never sent to the log.
    log.push(Held::Whole(guest.writes_changes(&world.time, &[change])));
    let mut packing = Packing::new(&guest.reader);
    log.iter().for_each(|held| packing.take(held));
    world.replace(&guest, &packing.seal().unwrap()).unwrap();
    let newcomer = world.newcomer();
    assert!(world.texts(&newcomer.book).contains(&"いない".to_owned()), "its author signed it");
    world.reads_on(&newcomer.book);
    assert_eq!(world.texts(&newcomer.book), world.texts(&world.mother.book));
}

#[test]
fn what_was_erased_comes_back_by_no_snapshot() {
    let world = world();
    let (guest, log) = world.guest();
    let old = world.snapshot(&guest);
    let mut packing = Packing::new(&guest.reader);
    log.iter().for_each(|held| packing.take(held));
    world.replace(&guest, &packing.seal().unwrap()).unwrap();
    wait(world.mother.book.sync().erase(world.entries[100], &world.way)).unwrap();
    let kept = |slot| world.blob(&guest, &BlobAction::Get { slot, from: 0 }).unwrap().of;
    assert_eq!((kept(guest.keys.id()), kept(world.mothers_key(&guest))), (0, 0), "the server keeps none");
    // Nor does it take one again whose maker did not know the statement.
    assert_eq!(world.replace(&guest, &old), Err(403));
    assert_eq!(world.replace(&guest, &old[..0]), Ok(()), "the guest is a member still");
    let mut patched = old.clone();
    let chain = chain_of(&world.way.0, &guest.keys, world.notebook).unwrap();
    patched[0][..SNAPSHOT_HEAD].copy_from_slice(&chain.last().unwrap().hash());
    world.replace(&guest, &patched).unwrap();
    // What the server cannot see, the newcomer does: the head that is sealed is the old one.
    let newcomer = world.newcomer();
    assert_eq!(world.provisional(&newcomer.book), 0);
    assert!(newcomer.book.entries().show(world.entries[100]).is_err());
    assert_eq!(world.texts(&newcomer.book), world.texts(&world.mother.book));
}

#[test]
fn chunks_of_a_snapshot_are_taken_in_their_order_and_from_writers_only() {
    let world = world();
    let (guest, _) = world.guest();
    let chunks = world.snapshot(&guest);
    let put = |number| BlobAction::Put { number, of: 2, bytes: chunks[0].clone() };
    world.blob(&guest, &BlobAction::Drop { slot: guest.keys.id() }).unwrap();
    assert_eq!(world.blob(&guest, &put(1)), Err(403), "without the first, which names the head");
    assert!(world.blob(&guest, &put(0)).is_ok());
    assert!(world.blob(&guest, &put(1)).is_ok());
    let reader = come_in(&world.way.0, &world.code(Role::Reader)).unwrap();
    assert_eq!(world.blob(&reader, &put(0)), Err(403));
}
