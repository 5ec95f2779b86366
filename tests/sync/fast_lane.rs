//! The fast lane: another member's snapshot shows what was written before the log is there, proves itself, and brings nothing back.

use std::sync::atomic::{AtomicU64, Ordering};

use ayumi_channel::log::{Chunk, Log};
use ayumi_core::app::sync::SyncOutcome;
use ayumi_core::app::{EntryId, Handbook, ListFilter, NewEntry, NotebookId};
use ayumi_core::sync::snapshot::{Packing, open};
use ayumi_core::sync::transport::{RawResponse, Transport, Waiting};
use ayumi_core::texts::Locale;
use ayumi_protocol::blob::{BlobAction, SNAPSHOT_HEAD, snapshot_name, stored_name};
use ayumi_protocol::control::Role;
use ayumi_protocol::envelope::Tail;
use ayumi_protocol::exchange::Piece;
use ayumi_protocol::key::KeyId;
use ayumi_protocol::opening::Held;
use ayumi_protocol::snapshot::Snapshot;
use ayumi_protocol::{Change, Hlc, Stamp};
use ayumi_tests::family::{Direct, Time, sync, wait};
use ayumi_tests::phones::{Phone, child, phone};

use super::matrix::{Device, sync as request};
use super::patched::{ask_snapshot, chain_of, come_in, log_of, put_snapshot, seal_snapshot};

/// Items that a log has more than at the last snapshot, before another one is made.
const GROWN: usize = 500;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// Sittings in which the mother wrote: behind the last one her phone makes a snapshot.
const SITTINGS: usize = 499;

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

    /// Reads a newcomer's log to its end, once the mother's phone has heard of the newcomer.
    fn reads_on(&self, book: &Handbook) {
        sync(&self.mother.book, &self.way);
        assert_eq!(sync(book, &self.way).outcome, SyncOutcome::Done);
        assert_eq!(self.provisional(book), 0);
    }

    /// A patched client that came in as an owner, and read the log.
    fn guest(&self) -> (Device, Vec<Held>) {
        let keys = come_in(&self.way.0, &self.code(Role::Owner)).unwrap().keys;
        let mut guest = Device::new(self.notebook, keys);
        guest.learn(&chain_of(&self.way.0, &guest.keys, self.notebook).unwrap());
        let log = log_of(&self.way.0, &guest.keys, self.notebook);
        (guest, log)
    }

    fn mothers_key(&self, guest: &Device) -> KeyId {
        let state = guest.reader.state().unwrap();
        *state.holders().map(|(id, _)| id).find(|id| state.may_write(id) && **id != guest.keys.id()).unwrap()
    }

    /// What a slot holds.
    fn kept(&self, guest: &Device, slot: KeyId) -> Vec<Vec<u8>> {
        ask_snapshot(&self.way.0, guest, &BlobAction::Get { slot, from: 0 }).unwrap().chunks
    }

    /// The mother's snapshot, as the guest reads it.
    fn snapshot(&self, guest: &Device) -> Snapshot {
        open(&guest.reader, self.kept(guest, self.mothers_key(guest))).unwrap()
    }

    /// Puts a snapshot into the guest's slot, and drops the mother's.
    fn replace(&self, guest: &Device, chunks: &[Vec<u8>]) -> Result<(), u16> {
        ask_snapshot(&self.way.0, guest, &BlobAction::Drop { slot: self.mothers_key(guest) })?;
        put_snapshot(&self.way.0, guest, chunks)
    }

    /// Words of the guest's, signed and sealed as any envelope is, that no log holds.
    fn unsent(&self, guest: &mut Device, at_ms: u64) -> Held {
        let stamp = Stamp { hlc: Hlc(at_ms << 16), device: guest.device() };
        let entry = EntryId::from_slice(&[0x6b; 16]).unwrap();
        let body = r#"{"n":{"text":"いない"}}"#;
        let change = Change::from_parts(entry, self.notebook, "diary", stamp, body).unwrap();
        let time = Time::default();
        time.pass(at_ms.saturating_sub(time.now()));
        Held::Whole(guest.writes_changes(&time, &[change]))
    }
}

fn pack(guest: &Device, log: &[Held]) -> Vec<Vec<u8>> {
    let mut packing = Packing::new(&guest.reader);
    log.iter().for_each(|held| packing.take(held));
    packing.seal().unwrap()
}

#[test]
fn who_comes_anew_sees_everything_before_the_log_is_there() {
    let world = world();
    let newcomer = world.newcomer();
    assert_eq!(world.texts(&newcomer.book), world.texts(&world.mother.book));
    assert!(world.provisional(&newcomer.book) > SITTINGS as u64 / 2, "most of it is not from the log");
    assert_eq!(newcomer.book.sync().state(world.notebook).unwrap().role, Some(Role::Reader), "it knows what it may");
    let words = newcomer.book.sync().state(world.notebook).unwrap().told(Locale::En);
    assert!(words.is_some_and(|words| words.contains("provisional")));
    let is_healthy = || assert!(newcomer.book.doctor().examine(&mut |_, _| ()).unwrap().findings.is_empty());
    is_healthy();
    world.reads_on(&newcomer.book);
    assert_eq!(world.texts(&newcomer.book), world.texts(&world.mother.book));
    // What was read is as if there had been no snapshot: it is passed on, and nothing is sent again.
    let report = sync(&newcomer.book, &world.way);
    assert_eq!((report.outcome, report.pushed, report.pulled, report.round_trips), (SyncOutcome::Done, 0, 0, 1));
    let history = newcomer.book.entries().history(world.entries[7]).unwrap();
    assert_eq!(history, world.mother.book.entries().history(world.entries[7]).unwrap());
    is_healthy();
}

#[test]
fn a_snapshot_with_another_word_shows_nothing_of_its_author() {
    let world = world();
    let (guest, _) = world.guest();
    let mut snapshot = world.snapshot(&guest);
    let (change, body) = &mut snapshot.parts[0].changes[3];
    *change =
        Change::from_parts(change.entry, world.notebook, "diary", change.stamp, r#"{"n":{"text":"うそ"}}"#).unwrap();
    *body = change.body().into_bytes();
    world.replace(&guest, &seal_snapshot(&guest, &snapshot).unwrap()).unwrap();
    let newcomer = world.newcomer();
    assert_eq!(world.provisional(&newcomer.book), 0, "not one word of it");
    assert_eq!(world.texts(&newcomer.book), world.texts(&world.mother.book), "the log tells");
}

#[test]
fn a_snapshot_that_is_cut_junk_or_of_another_notebook_costs_a_download_and_halts_nobody() {
    let world = world();
    let (guest, _) = world.guest();
    let good = world.kept(&guest, world.mothers_key(&guest));
    let (head, sealed) = good[0].split_at(SNAPSHOT_HEAD);
    let mut cut = world.snapshot(&guest);
    cut.parts[0].envelopes.remove(7);
    let other = Device::new(NotebookId::from_slice(&[9; 16]).unwrap(), guest.keys.clone());
    assert!(open(&other.reader, good.clone()).is_none());
    for chunks in [
        vec![[head, &sealed[..sealed.len() / 2]].concat()],
        vec![[head, &[7; 500]].concat()],
        vec![head.to_vec()],
        seal_snapshot(&guest, &cut).unwrap(),
        seal_snapshot(&guest, &Snapshot { head: guest.reader.state().unwrap().head(), parts: Vec::new() }).unwrap(),
    ] {
        world.replace(&guest, &chunks).unwrap();
        let newcomer = world.newcomer();
        assert_eq!(world.provisional(&newcomer.book), 0);
        assert_eq!(world.texts(&newcomer.book), world.texts(&world.mother.book), "the log tells");
        world.reads_on(&newcomer.book);
    }
}

#[test]
fn a_word_that_the_log_does_not_hold_is_shown_until_the_log_was_read() {
    let world = world();
    let (mut guest, mut log) = world.guest();
    log.push(world.unsent(&mut guest, world.time.now()));
    world.replace(&guest, &pack(&guest, &log)).unwrap();
    let newcomer = world.newcomer();
    assert!(world.texts(&newcomer.book).contains(&"いない".to_owned()), "its author signed it");
    world.reads_on(&newcomer.book);
    assert_eq!(world.texts(&newcomer.book), world.texts(&world.mother.book));
    assert!(newcomer.book.doctor().examine(&mut |_, _| ()).unwrap().findings.is_empty());
}

#[test]
fn an_author_who_says_one_thing_in_a_snapshot_and_another_in_the_log_is_read_in_the_log() {
    let world = world();
    let (mut guest, mut log) = world.guest();
    let Held::Whole(first) = world.unsent(&mut guest, world.time.now()) else { unreachable!() };
    world.time.pass(1000);
    let said = Change::from_parts(
        EntryId::from_slice(&[0x6b; 16]).unwrap(),
        world.notebook,
        "diary",
        Stamp { hlc: Hlc(first.header.stamp.0), device: guest.device() },
        r#"{"n":{"text":"ほんとう"}}"#,
    );
    log.push(Held::Whole(first));
    world.replace(&guest, &pack(&guest, &log)).unwrap();
    // The same stamp of the same entry, in the envelope that it sends.
    guest.tail = Tail::default();
    let sent = guest.writes_changes(&world.time, &[said.unwrap()]);
    let taken = request(&world.way.0, &guest.keys, world.notebook, &[Piece::Envelope(sent.to_bytes())]).unwrap();
    assert!(taken.answers[0].position().is_some());
    let newcomer = world.newcomer();
    assert!(world.texts(&newcomer.book).contains(&"いない".to_owned()));
    world.reads_on(&newcomer.book);
    assert!(world.texts(&world.mother.book).contains(&"ほんとう".to_owned()));
    assert_eq!(world.texts(&newcomer.book), world.texts(&world.mother.book));
}

#[test]
fn a_snapshot_from_a_clock_far_ahead_moves_nobodys_clock() {
    let world = world();
    let (mut guest, mut log) = world.guest();
    log.push(world.unsent(&mut guest, world.time.now() + 365 * 24 * 3_600_000));
    world.replace(&guest, &pack(&guest, &log)).unwrap();
    let newcomer = phone(&world.time, "父");
    let code = world.code(Role::Writer);
    assert_eq!(wait(newcomer.book.members().join(&code, &world.way)), Ok(world.notebook));
    assert!(world.texts(&newcomer.book).contains(&"いない".to_owned()));
    write(&newcomer.book, world.notebook, "今日");
    world.reads_on(&newcomer.book);
    sync(&world.mother.book, &world.way);
    assert!(world.texts(&world.mother.book).contains(&"今日".to_owned()), "what is typed on it is taken");
}

#[test]
fn what_was_erased_comes_back_by_no_snapshot() {
    let world = world();
    let (guest, log) = world.guest();
    let old = world.kept(&guest, world.mothers_key(&guest));
    world.replace(&guest, &pack(&guest, &log)).unwrap();
    wait(world.mother.book.sync().erase(world.entries[100], &world.way)).unwrap();
    let (hers, his) = (world.mothers_key(&guest), guest.keys.id());
    assert!(world.kept(&guest, hers).is_empty() && world.kept(&guest, his).is_empty(), "the server keeps none");
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
    // And whose maker says that it knows the statement, and packs the word all the same, shows all but that word.
    let lying = Snapshot { head: chain.last().unwrap().hash(), ..open(&guest.reader, old.clone()).unwrap() };
    let mut knowing = Device::new(world.notebook, guest.keys);
    knowing.learn(&chain);
    assert!(open(&knowing.reader, old.clone()).is_none());
    world.replace(&knowing, &seal_snapshot(&knowing, &lying).unwrap()).unwrap();
    let newcomer = world.newcomer();
    assert!(world.provisional(&newcomer.book) > 0);
    assert!(newcomer.book.entries().show(world.entries[100]).is_err());
    assert_eq!(world.texts(&newcomer.book), world.texts(&world.mother.book));
    world.reads_on(&newcomer.book);
    assert_eq!(world.texts(&newcomer.book), world.texts(&world.mother.book));
}

#[test]
fn a_word_that_is_erased_while_it_is_provisional_goes() {
    let world = world();
    let newcomer = world.newcomer();
    assert!(newcomer.book.entries().show(world.entries[100]).is_ok());
    wait(world.mother.book.sync().erase(world.entries[100], &world.way)).unwrap();
    world.reads_on(&newcomer.book);
    assert!(newcomer.book.entries().show(world.entries[100]).is_err());
    assert_eq!(world.texts(&newcomer.book), world.texts(&world.mother.book));
}

#[test]
fn a_server_that_lost_a_snapshots_drop_gives_it_to_nobody() {
    let world = world();
    let (guest, log) = world.guest();
    let slot = guest.keys.id();
    world.replace(&guest, &pack(&guest, &log)).unwrap();
    let stale = world.kept(&guest, slot);
    wait(world.mother.book.sync().erase(world.entries[100], &world.way)).unwrap();
    // As after a crash between the statement and the drop.
    let (store, notebook) = (world.way.0.log(), world.notebook);
    let name = stored_name(slot, &snapshot_name(notebook));
    wait(store.put_chunk(Chunk { notebook, name, number: 0, of: 1, bytes: stale[0].clone() })).unwrap();
    assert!(world.kept(&guest, slot).is_empty());
    assert_eq!(wait(store.blob(notebook, name, None)).unwrap().of, 0, "and drops it");
}

#[test]
fn a_device_makes_one_snapshot_a_day_at_most_also_if_the_server_takes_none() {
    struct Refusing<'a>(&'a Direct, AtomicU64);
    impl Transport for Refusing<'_> {
        fn post<'a>(&'a self, path: &'a str, body: Vec<u8>) -> Waiting<'a> {
            if path != "/v1/blob" {
                return self.0.post(path, body);
            }
            self.1.fetch_add(1, Ordering::Relaxed);
            Box::pin(async { Ok(RawResponse { status: 503, body: Vec::new(), retry_after: None }) })
        }
    }
    let world = world();
    let refusing = Refusing(&world.way, AtomicU64::new(0));
    let asked = || refusing.1.swap(0, Ordering::Relaxed);
    let grows = || {
        for sitting in 0..GROWN {
            write(&world.mother.book, world.notebook, &format!("{sitting}"));
            sync(&world.mother.book, &refusing);
        }
    };
    grows();
    assert_eq!(asked(), 0, "one was made today");
    world.time.pass(DAY_MS);
    for expected in [1, 0, 0] {
        sync(&world.mother.book, &refusing);
        assert_eq!(asked(), expected);
    }
    world.time.pass(DAY_MS);
    assert_eq!(sync(&world.mother.book, &world.way).outcome, SyncOutcome::Done);
    let (guest, _) = world.guest();
    let changes: usize = world.snapshot(&guest).parts.iter().map(|part| part.changes.len()).sum();
    assert!(changes >= SITTINGS + GROWN, "the next one holds all of it: {changes}");
}

#[test]
fn chunks_of_a_snapshot_are_taken_in_their_order_and_from_writers_only() {
    let world = world();
    let (guest, _) = world.guest();
    let server = &world.way.0;
    let chunks = world.kept(&guest, world.mothers_key(&guest));
    let put = |number, of| BlobAction::Put { number, of, bytes: chunks[0].clone() };
    ask_snapshot(server, &guest, &BlobAction::Drop { slot: guest.keys.id() }).unwrap();
    assert_eq!(ask_snapshot(server, &guest, &put(1, 2)), Err(403), "without the first, which names the head");
    assert_eq!(ask_snapshot(server, &guest, &put(0, 65)), Err(403), "longer than one may be");
    assert!(ask_snapshot(server, &guest, &put(0, 2)).is_ok());
    assert!(ask_snapshot(server, &guest, &put(1, 2)).is_ok());
    let reader = come_in(server, &world.code(Role::Reader)).unwrap();
    assert_eq!(ask_snapshot(server, &reader, &put(0, 2)), Err(403));
}
