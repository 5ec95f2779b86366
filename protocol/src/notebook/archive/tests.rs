use super::*;
use crate::clock::{Hlc, Stamp};
use crate::id::EntryId;
use crate::key::to_sign;
use crate::notebook::author_hash::{at, next};
use crate::notebook::batch::Batch;
use crate::notebook::control::testing::{Device, founding, invite, join, notebook};
use crate::notebook::control::{Action, ErasedIn, Role};
use crate::notebook::envelope::{CHANGES, Envelope, Header, PURPOSE, Tail, VERSION as ENVELOPE_VERSION};
use crate::notebook::snapshot::Keyed;

/// A mother and a father with what they wrote.
struct World {
    people: [Device; 2],
    state: State,
    statements: Vec<Vec<u8>>,
    tails: [Tail; 2],
    parts: [Part; 2],
}

impl World {
    fn new() -> Self {
        let [mother, father, code] = [1, 2, 11].map(Device::new);
        let founding = mother.says([0; 32], founding(&mother));
        let mut state = State::founded(&founding).unwrap();
        let mut statements = vec![founding.to_bytes()];
        let mut say = |state: &mut State, statement: Statement| {
            *state = state.after(&statement).unwrap();
            statements.push(statement.to_bytes());
        };
        let open = invite(&mother, &state, &code, Role::Writer);
        say(&mut state, open);
        let comes = join(&code, &state, &father);
        say(&mut state, comes);
        let parts = [&mother, &father].map(|author| {
            let before = at(notebook(), author.id(), &Tail::default());
            Part {
                before,
                end: envelope(author, &state, &Tail::default(), &[]),
                envelopes: Vec::new(),
                changes: Vec::new(),
            }
        });
        let mut world = Self { people: [mother, father], state, statements, tails: [Tail::default(); 2], parts };
        world.writes(0, 1, &["a", "b"]);
        world.writes(0, 2, &["c"]);
        world.writes(1, 3, &["d", "e"]);
        world
    }

    /// An author's next envelope says these words.
    fn writes(&mut self, who: usize, number: u8, words: &[&str]) {
        let author = &self.people[who];
        let change = |(place, word): (u8, &&str)| {
            let stamp = Stamp { hlc: Hlc(u64::from(number) << 8 | u64::from(place)), device: author.id().into() };
            let id = [number; 15].into_iter().chain([place]).collect::<Vec<_>>();
            let body = format!(r#"{{"n":{{"text":"{word}"}}}}"#);
            Change::from_parts(EntryId::from_slice(&id).unwrap(), notebook(), "diary", stamp, &body).unwrap()
        };
        let changes: Vec<Change> = (0..).zip(words).map(change).collect();
        let batch = Batch { seed: [0xd0 + number; 16], former_key: None, peer_heads: Vec::new(), changes };
        let frame = envelope(author, &self.state, &self.tails[who], &batch.leaves());
        self.tails[who] = frame.tail();
        let part = &mut self.parts[who];
        part.end = frame;
        part.envelopes.push(Keyed::Whole { seed: batch.seed, count: batch.changes.len() });
        part.changes.extend(batch.changes.into_iter().map(|change| (change.clone(), change.body().into_bytes())));
    }

    fn archive(&self) -> Archive {
        let mut parts = self.parts.to_vec();
        parts.sort_by_key(|part| part.end.header.author);
        let ends = parts.iter().map(|part| part.end).collect();
        Archive { notebook: notebook(), statements: self.statements.clone(), ends, parts }
    }
}

/// An author's frame behind a tail, over these leaves.
fn envelope(author: &Device, state: &State, tail: &Tail, leaves: &[Hash]) -> Frame {
    let header = Header {
        version: ENVELOPE_VERSION,
        kind: CHANGES,
        notebook: notebook(),
        epoch: state.epoch(),
        control: state.head(),
        author: author.id(),
        sequence: tail.sequence + 1,
        attempt: 0,
        previous: tail.hash,
        stamp: Hlc(0xffff),
        author_hash: next(notebook(), author.id(), tail, leaves),
        salt: [2; 32],
    };
    let ciphertext = vec![5; 20];
    let signature = author.sign(&to_sign(PURPOSE, &Envelope::signed_bytes(&header, &ciphertext)));
    Envelope { header, ciphertext, signature }.frame()
}

fn texts(words: &[Word]) -> Vec<String> {
    let mut texts: Vec<String> = words.iter().map(|word| word.change.fields["text"].value.to_string()).collect();
    texts.sort();
    texts
}

#[test]
fn the_form_is_frozen_and_comes_back() {
    let mut archive = World::new().archive();
    archive.forget(|change| change.body().contains(r#""b""#));
    let (bytes, mark) = (archive.to_bytes(), archive.mark());
    crate::frozen::is("archive_2", &[&mark[..], &bytes].concat());
    assert_eq!(Archive::from_bytes(&bytes), Ok(archive));
}

#[test]
fn every_word_is_proven_under_its_author_with_its_leaf() {
    let world = World::new();
    let archive = world.archive();
    let words = archive.words(&archive.mark()).unwrap();
    assert_eq!(texts(&words), ["\"a\"", "\"b\"", "\"c\"", "\"d\"", "\"e\""]);
    for word in &words {
        assert_eq!(word.change.stamp.device, word.origin.author.into());
    }
    let hers: Vec<u64> = words
        .iter()
        .filter(|word| word.origin.author == world.people[0].id())
        .map(|word| word.origin.sequence)
        .collect();
    assert_eq!(hers, [1, 1, 2]);
    let leaf = leaf_of(
        &leaf_key(&[0xd3; 16], 1),
        &words.iter().find(|word| texts(&[(*word).clone()]) == ["\"e\""]).unwrap().change,
        br#"{"n":{"text":"e"}}"#,
    );
    assert!(words.iter().any(|word| word.origin.leaf == leaf));
}

/// Whoever keeps it, or serves it, wants a word in the mother's mouth that she never said.
#[test]
fn whatever_one_alters_in_an_archive_puts_no_word_into_anybodys_mouth() {
    let archive = World::new().archive();
    let (bytes, mark) = (archive.to_bytes(), archive.mark());
    for at in 0..bytes.len() {
        let mut altered = bytes.clone();
        altered[at] ^= 1;
        let proves = Archive::from_bytes(&altered).ok().and_then(|archive| archive.words(&mark));
        assert_eq!(proves, None, "byte {at}");
    }
}

#[test]
fn an_archive_with_another_word_frame_author_or_order_proves_nothing() {
    let genuine = World::new().archive();
    let mark = genuine.mark();
    let alter = |why: &str, change: &dyn Fn(&mut Archive)| {
        let mut altered = genuine.clone();
        change(&mut altered);
        assert_ne!(altered, genuine, "{why}");
        assert_eq!(altered.words(&mark), None, "{why}");
    };
    alter("another word", &|archive| archive.parts[0].changes[0].1 = br#"{"n":{"text":"x"}}"#.to_vec());
    alter("another author", &|archive| {
        let other = archive.parts[1].end;
        archive.parts[0].end = other;
    });
    alter("another order", &|archive| archive.ends.reverse());
    alter("a word less", &|archive| _ = archive.parts[0].changes.pop());
    alter("an author doubled", &|archive| archive.ends.push(archive.ends[1]));
    alter("an author less", &|archive| _ = archive.ends.pop());
    alter("a statement less", &|archive| _ = archive.statements.pop());
    alter("another founding", &|archive| _ = archive.statements.remove(0));
    alter("of another notebook", &|archive| archive.notebook = NotebookId::from_slice(&[8; 16]).unwrap());
    alter("a part of an author who has no end", &|archive| {
        let part = archive.parts[0].clone();
        archive.ends.retain(|end| end.header.author != part.end.header.author);
    });
}

/// Who began anew, and an old author with them, want words in it that were written after the label was sealed.
#[test]
fn words_of_after_the_beginning_are_in_no_archive_that_the_label_names() {
    let mut world = World::new();
    let mark = world.archive().mark();
    let before = world.archive();
    world.writes(1, 4, &["f"]);
    assert_eq!(world.archive().words(&mark), None, "another end than the label says");
    let later = Archive { ends: before.ends, ..world.archive() };
    assert_eq!(later.mark(), mark);
    assert_eq!(later.words(&mark), None, "beyond the end that the label says");
}

#[test]
fn an_archive_that_is_cut_junk_or_too_large_is_refused() {
    let bytes = World::new().archive().to_bytes();
    for end in 0..bytes.len() {
        assert!(Archive::from_bytes(&bytes[..end]).is_err(), "{end}");
    }
    assert!(Archive::from_bytes(&[&bytes[..], &[0]].concat()).is_err());
    assert!(Archive::from_bytes(&[2; 4096]).is_err());
    assert!(Archive::from_bytes(&vec![2; limits::ARCHIVE_BYTES + 1]).is_err());
}

/// Who finds an archive wants the word that was erased, or to confirm a guess.
#[test]
fn a_forgotten_word_leaves_an_archive_and_its_neighbours_stay_proven() {
    let mut archive = World::new().archive();
    let mark = archive.mark();
    assert!(!archive.forget(|change| change.body().contains("nobody said this")));
    assert!(archive.forget(|change| change.body().contains(r#""a""#)));
    assert_eq!(archive.mark(), mark, "it is still the one that was named");
    assert_eq!(texts(&archive.words(&mark).unwrap()), ["\"b\"", "\"c\"", "\"d\"", "\"e\""]);
    let bytes = archive.to_bytes();
    let has = |needle: &[u8]| bytes.windows(needle.len()).any(|part| part == needle);
    assert!(!has(br#""a""#) && !has(&[0xd1; 16]), "neither the word nor the seed");
    assert!(
        !has(&leaf_key(&[0xd1; 16], 0)) && has(&leaf_key(&[0xd1; 16], 1)),
        "its key is gone, the next one's is not"
    );
    assert!(archive.forget(|change| change.body().contains(r#""b""#)), "a second one of the same envelope");
    assert_eq!(texts(&archive.words(&mark).unwrap()), ["\"c\"", "\"d\"", "\"e\""]);
    assert_eq!(Archive::from_bytes(&archive.to_bytes()), Ok(archive));
}

#[test]
fn what_the_old_chain_erased_is_proven_by_no_archive() {
    let mut world = World::new();
    let envelopes = vec![ErasedIn { sequence: 1, attempt: 0, places: vec![0] }];
    let erase = Action::Erase { words_of: world.people[0].id(), envelopes };
    let erase = world.people[0].says(world.state.head(), erase);
    world.state = world.state.after(&erase).unwrap();
    world.statements.push(erase.to_bytes());
    let archive = world.archive();
    assert_eq!(texts(&archive.words(&archive.mark()).unwrap()), ["\"b\"", "\"c\"", "\"d\"", "\"e\""]);
}

#[test]
fn a_word_is_noted_by_all_that_it_says() {
    let archive = World::new().archive();
    let words = archive.words(&archive.mark()).unwrap();
    let marks: std::collections::BTreeSet<Hash> = words.iter().map(Word::mark).collect();
    assert_eq!(marks.len(), words.len());
    let mut other = words[0].clone();
    other.origin.leaf[0] ^= 1;
    assert!(!marks.contains(&other.mark()), "a leaf that nobody proved");
    let mut other = words[0].clone();
    other.change.entry = EntryId::from_slice(&[7; 16]).unwrap();
    assert!(!marks.contains(&other.mark()), "the same word in another entry");
}
