use ayumi_protocol::batch::Batch;
use ayumi_protocol::control::{ErasedIn, Role, Statement};
use ayumi_protocol::envelope::{CHANGES, Header, VERSION};
use ayumi_protocol::key::Hash;
use ayumi_protocol::snapshot::{Keyed, Leaf};
use ayumi_protocol::{EntryId, Hlc, Stamp, author_hash};
use proptest::prelude::*;

use super::*;
use crate::crypto::keys::SecretKeys;
use crate::crypto::seal::{new_salt, seal};
use crate::sync::code::Invitation;
use crate::sync::label::Label;
use crate::sync::statement::{Decision, decide, found, join, wraps_for};

/// Somebody who writes.
struct Author {
    keys: SecretKeys,
    tail: Tail,
    count: u8,
}

/// A notebook of a mother and a father, as the mother's phone reads it.
struct World {
    mother: Reader,
    authors: [Author; 2],
    /// Each author's envelopes in a row.
    log: [Vec<Held>; 2],
}

fn said(readers: &mut [&mut Reader], statement: &Statement) {
    readers.iter_mut().for_each(|reader| _ = reader.statement(&statement.to_bytes()).unwrap());
}

impl World {
    fn new() -> Self {
        let [hers, his] = [0, 1].map(|_| SecretKeys::generate().unwrap());
        let founding = found(&hers, &Label::founder("母", 2)).unwrap();
        let code = Invitation::generate(founding.notebook, None).unwrap();
        let mut mother = Reader::new(founding.notebook, hers.clone());
        let mut opener = Reader::new(founding.notebook, code.keys());
        said(&mut [&mut mother, &mut opener], &founding);
        let invite = Decision::Invite {
            keys: code.keys().public(),
            proof: code.proof(),
            role: Role::Writer,
            mine: false,
            expires_at: 1 << 41,
            name: String::new(),
        };
        let invite = decide(&mother, mother.state().unwrap(), &invite).unwrap();
        said(&mut [&mut mother], &invite);
        let release = mother.state().unwrap().holder(&code.keys().id()).and_then(|code| mother.release_of(code));
        let mut opener = opener.released(release);
        said(&mut [&mut opener], &invite);
        opener.unwrap_all(&wraps_for(&invite, &code.keys().id()).unwrap(), invite.author);
        let comes = join(&opener, opener.state().unwrap(), &his, "父").unwrap();
        said(&mut [&mut mother], &comes);
        let authors = [hers, his].map(|keys| Author { keys, tail: Tail::default(), count: 0 });
        Self { mother, authors, log: [Vec::new(), Vec::new()] }
    }

    /// An author's next envelope holds so many changes.
    fn writes(&mut self, who: usize, count: u8) {
        let (notebook, author) = (self.state().notebook(), &mut self.authors[who]);
        let device = author.keys.id().into();
        let change = |place: u8| {
            author.count += 1;
            let number = author.count;
            let entry = EntryId::from_slice(&[[who as u8; 15].as_slice(), &[number]].concat()).unwrap();
            let stamp = Stamp { hlc: Hlc(u64::from(number)), device };
            let body = format!(r#"{{"n":{{"text":"{who}-{number}-{place}"}}}}"#);
            Change::from_parts(entry, notebook, "diary", stamp, &body).unwrap()
        };
        let changes = (0..count).map(change).collect();
        let batch = Batch { seed: [author.count; 16], former_key: None, peer_heads: Vec::new(), changes };
        self.seals(who, &batch.leaves(), &batch.to_bytes());
    }

    /// An author's next envelope holds these bytes, and its author hash goes on with these leaves.
    fn seals(&mut self, who: usize, leaves: &[Hash], bytes: &[u8]) {
        let (state, author) = (self.mother.state().unwrap(), &mut self.authors[who]);
        let (notebook, id) = (state.notebook(), author.keys.id());
        let header = Header {
            version: VERSION,
            kind: CHANGES,
            notebook,
            epoch: state.epoch(),
            control: state.head(),
            author: id,
            sequence: author.tail.sequence + 1,
            attempt: 0,
            previous: author.tail.hash,
            // An envelope without changes repeats the stamp before it.
            stamp: if leaves.is_empty() { author.tail.stamp } else { Hlc(1000) },
            author_hash: author_hash::next(notebook, id, &author.tail, leaves),
            salt: new_salt().unwrap(),
        };
        let envelope = seal(header, self.mother.key(state.epoch()).unwrap(), &author.keys, bytes).unwrap();
        author.tail = envelope.tail();
        self.log[who].push(Held::Whole(envelope));
    }

    fn state(&self) -> &State {
        self.mother.state().unwrap()
    }

    fn packed(&self) -> Snapshot {
        let mut packing = Packing::new(&self.mother);
        self.log.iter().flatten().for_each(|held| packing.take(held));
        open(&self.mother, packing.seal().unwrap()).unwrap()
    }

    fn shown(&self, snapshot: Snapshot) -> Vec<Option<Vec<Change>>> {
        snapshot.parts.into_iter().map(|part| proven(self.state(), part)).collect()
    }

    fn erases(&mut self, who: usize, sequence: u64, places: &[u32]) {
        let erased = ErasedIn { sequence, attempt: 0, places: places.to_vec() };
        let erase = Decision::Erase(self.authors[who].keys.id(), vec![erased]);
        let statement = decide(&self.mother, self.state(), &erase).unwrap();
        said(&mut [&mut self.mother], &statement);
    }
}

fn two_lines(hers: &[u8], his: &[u8]) -> World {
    let mut world = World::new();
    hers.iter().for_each(|count| world.writes(0, *count));
    his.iter().for_each(|count| world.writes(1, *count));
    world
}

fn texts(changes: &[Change]) -> Vec<String> {
    changes.iter().map(Change::body).collect()
}

#[test]
fn behind_an_envelope_that_cannot_be_read_a_new_part_proves_itself_alone() {
    let mut world = two_lines(&[1], &[2]);
    // As a newer version may write.
    world.seals(0, &[[7; 32]], b"unread");
    world.writes(0, 1);
    world.writes(0, 2);
    let snapshot = world.packed();
    let mut lengths: Vec<(usize, usize)> =
        snapshot.parts.iter().map(|part| (part.envelopes.len(), part.changes.len())).collect();
    lengths.sort_unstable();
    assert_eq!(lengths, [(1, 1), (1, 2), (2, 3)]);
    let all: Vec<Change> = world.log.iter().flatten().flat_map(|held| read(&world, held)).collect();
    let last = snapshot.parts.iter().find(|part| part.envelopes.len() == 2).unwrap().clone();
    let alone = world.shown(Snapshot { head: snapshot.head, parts: vec![last] });
    assert_eq!(alone, [Some(all[1..4].to_vec())]);
    assert!(world.shown(snapshot).iter().all(Option::is_some));
}

/// What stands in an envelope.
fn read(world: &World, held: &Held) -> Vec<Change> {
    let Held::Whole(envelope) = held else { return Vec::new() };
    let header = &envelope.header;
    let bytes = crate::crypto::seal::open(envelope, world.mother.key(header.epoch).unwrap()).unwrap();
    Batch::from_bytes(header.notebook, header.author, &bytes).map_or(Vec::new(), |read| read.batch.changes)
}

#[test]
fn erased_words_are_shown_to_nobody_though_their_snapshot_names_the_newest_head() {
    let mut world = two_lines(&[3], &[1, 2]);
    let with_all = world.packed();
    let father = world.authors[1].keys.id();
    world.erases(1, 2, &[1]);
    // Its maker read the statement, and still packs what it had.
    let lying = Snapshot { head: world.state().head(), ..with_all.clone() };
    let shown: Vec<Change> = world.shown(lying).into_iter().flatten().flatten().collect();
    assert_eq!(shown.len(), 5, "{shown:?}");
    let his = texts(&shown.into_iter().filter(|change| change.stamp.device == father.into()).collect::<Vec<_>>());
    assert_eq!(his, [r#"{"n":{"text":"1-1-0"}}"#, r#"{"n":{"text":"1-2-0"}}"#]);
    // All of an envelope.
    world.erases(1, 2, &[]);
    let lying = Snapshot { head: world.state().head(), ..with_all };
    assert_eq!(world.shown(lying).into_iter().flatten().flatten().count(), 4);
}

#[test]
fn a_snapshot_of_a_maker_who_did_not_know_what_was_erased_is_none() {
    let mut world = two_lines(&[1], &[1]);
    let mut packing = Packing::new(&world.mother);
    world.log.iter().flatten().for_each(|held| packing.take(held));
    let old = packing.seal().unwrap();
    assert!(open(&world.mother, old.clone()).is_some());
    world.erases(0, 1, &[0]);
    assert!(open(&world.mother, old).is_none());
}

#[test]
fn what_its_author_could_not_write_then_is_shown_to_nobody() {
    let mut world = two_lines(&[1], &[1, 1]);
    let father = world.authors[1].keys.id();
    let snapshot = world.packed();
    let out = decide(&world.mother, world.state(), &Decision::Remove(father)).unwrap();
    // The mother's phone had read nothing of his when it took him out.
    said(&mut [&mut world.mother], &out);
    let of_author = |part: &Part| part.end.header.author == father;
    let shown: Vec<(bool, bool)> =
        snapshot.parts.iter().map(|part| (of_author(part), proven(world.state(), part.clone()).is_some())).collect();
    assert!(shown.contains(&(true, false)) && shown.contains(&(false, true)) && shown.len() == 2, "{shown:?}");
}

/// What somebody alters in a snapshot.
#[derive(Debug, Clone, Copy)]
enum Alters {
    Body,
    Stamp,
    Kind,
    Entry,
    Order,
    Count,
    Seed,
    Before,
    EnvelopeMissing,
    EnvelopeTwice,
    ChangeMissing,
    ChangeTwice,
    ErasedLeaf,
    FrameStamp,
    FrameHash,
    FrameSequence,
    FrameOfAnother,
    AuthorOfAnother,
}

const ALTERS: [Alters; 18] = [
    Alters::Body,
    Alters::Stamp,
    Alters::Kind,
    Alters::Entry,
    Alters::Order,
    Alters::Count,
    Alters::Seed,
    Alters::Before,
    Alters::EnvelopeMissing,
    Alters::EnvelopeTwice,
    Alters::ChangeMissing,
    Alters::ChangeTwice,
    Alters::ErasedLeaf,
    Alters::FrameStamp,
    Alters::FrameHash,
    Alters::FrameSequence,
    Alters::FrameOfAnother,
    Alters::AuthorOfAnother,
];

/// Alters a part; the frame of another one may take its place.
fn alter(part: &mut Part, another: &Part, alters: Alters, at: usize) -> Option<()> {
    let (change, envelope) = (at.checked_rem(part.changes.len()), at % part.envelopes.len());
    match alters {
        Alters::Body => {
            let (one, body) = &mut part.changes[change?];
            *body = br#"{"n":{"text":"x"}}"#.to_vec();
            *one = Change::from_parts(one.entry, one.notebook, &one.kind, one.stamp, r#"{"n":{"text":"x"}}"#).ok()?;
        }
        Alters::Stamp => part.changes[change?].0.stamp.hlc.0 ^= 1,
        Alters::Kind => part.changes[change?].0.kind = "growth".into(),
        Alters::Entry => part.changes[change?].0.entry = EntryId::from_slice(&[0x77; 16]).ok()?,
        Alters::Order => {
            let next = (change? + 1..part.changes.len()).next()?;
            part.changes.swap(change?, next);
        }
        Alters::Count => match &mut part.envelopes[envelope] {
            Keyed::Whole { count, .. } => *count += 1,
            Keyed::Opened(leaves) => leaves.push(Leaf::Kept([1; 16])),
        },
        Alters::Seed => match &mut part.envelopes[envelope] {
            // Without a change nothing is keyed by it.
            Keyed::Whole { seed, count } if *count > 0 => seed[3] ^= 1,
            Keyed::Whole { .. } | Keyed::Opened(_) => return None,
        },
        Alters::Before => part.before[at % 32] ^= 1,
        Alters::EnvelopeMissing => _ = part.envelopes.remove(envelope),
        Alters::EnvelopeTwice => part.envelopes.insert(envelope, part.envelopes[envelope].clone()),
        Alters::ChangeMissing => _ = part.changes.remove(change?),
        Alters::ChangeTwice => {
            let twice = part.changes[change?].clone();
            part.changes.insert(change?, twice);
        }
        Alters::ErasedLeaf => {
            let count = match &part.envelopes[envelope] {
                Keyed::Whole { count, .. } => *count,
                Keyed::Opened(leaves) => leaves.len(),
            };
            part.envelopes[envelope] = Keyed::Opened((0..count.max(1)).map(|_| Leaf::Erased([9; 32])).collect());
        }
        Alters::FrameStamp => part.end.header.stamp.0 += 1,
        Alters::FrameHash => part.end.header.author_hash[at % 32] ^= 1,
        Alters::FrameSequence => part.end.header.sequence += 1,
        Alters::FrameOfAnother => part.end = another.end,
        Alters::AuthorOfAnother => part.end.header.author = another.end.header.author,
    }
    Some(())
}

proptest! {
    /// One thing of it is another, or missing, or there twice: the part is refused, and the others stand as they were.
    #[test]
    fn whatever_one_alters_in_a_snapshot_shows_no_word_of_its_author(
        hers in proptest::collection::vec(0_u8..4, 1..5),
        his in proptest::collection::vec(1_u8..4, 1..5),
        (which, who, at) in (0..ALTERS.len(), 0_usize..2, 0_usize..1000),
    ) {
        let world = two_lines(&hers, &his);
        let good = world.packed();
        prop_assert_eq!(good.parts.len(), 2);
        let genuine = world.shown(good.clone());
        prop_assert!(genuine.iter().all(Option::is_some));
        let mut altered = good.clone();
        let another = good.parts[1 - who].clone();
        prop_assume!(alter(&mut altered.parts[who], &another, ALTERS[which], at).is_some());
        prop_assert_ne!(&altered, &good);
        // Also as it comes from the wire, where it may not be read at all.
        let notebook = world.state().notebook();
        let read = Snapshot::from_bytes(notebook, &altered.to_bytes()).map(|read| world.shown(read));
        for shown in [Ok(world.shown(altered)), read].into_iter().flatten() {
            prop_assert_eq!(&shown[who], &None, "{:?}", ALTERS[which]);
            prop_assert_eq!(&shown[1 - who], &genuine[1 - who]);
        }
    }
}
