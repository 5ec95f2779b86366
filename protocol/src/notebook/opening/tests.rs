use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::notebook::batch::Batch;
use crate::notebook::control::testing::{Device, family};
use crate::notebook::control::{Action, ErasedIn};
use crate::notebook::envelope::{CHANGES, PURPOSE, VERSION as ENVELOPE_VERSION};

const AUTHOR: KeyId = KeyId([0xaa; 16]);

fn notebook() -> NotebookId {
    NotebookId::from_slice(&[9; 16]).unwrap()
}

fn batch(bodies: &[&str]) -> Batch {
    let change = |(n, body): (u8, &&str)| {
        let stamp = Stamp { hlc: Hlc(u64::from(n)), device: AUTHOR.into() };
        Change::from_parts(EntryId::from_slice(&[n + 0x41; 16]).unwrap(), notebook(), "self_check", stamp, body)
            .unwrap()
    };
    let peer = PeerHead { author: KeyId([1; 16]), sequence: 7, attempt: 1, hash: [1; 16] };
    Batch {
        seed: [3; 16],
        former_key: Some([0x77; 32]),
        peer_heads: vec![peer],
        changes: (0..).zip(bodies).map(change).collect(),
    }
}

/// A batch as it is read, and the header that its author signed for it.
fn sealed(bodies: &[&str]) -> (Decoded, Vec<u8>, Header) {
    let bytes = batch(bodies).to_bytes();
    let decoded = Batch::from_bytes(notebook(), AUTHOR, &bytes).unwrap();
    let author_hash = author_hash::next(notebook(), AUTHOR, &Tail::default(), &decoded.leaves);
    let header = Header {
        version: ENVELOPE_VERSION,
        kind: CHANGES,
        notebook: notebook(),
        epoch: 1,
        control: [1; 32],
        author: AUTHOR,
        sequence: 1,
        attempt: 0,
        previous: [0; 32],
        stamp: Hlc(9),
        author_hash,
        salt: [2; 32],
    };
    (decoded, bytes, header)
}

fn places(places: impl IntoIterator<Item = u32>) -> Erased {
    Erased::Places(places.into_iter().collect())
}

const THREE: [&str; 3] = [r#"{"n":{"worry":"yes"}}"#, r#"{"n":{"note":"庭"}}"#, r#"{"n":{"note":"2"}}"#];

#[test]
fn the_others_of_an_erased_word_are_still_proven() {
    let (decoded, bytes, header) = sealed(&THREE);
    let erased = places([0]);
    let opened = Opened::of(&decoded, &bytes, &erased);
    let stand: Vec<Change> = opened
        .proven(&header, &Tail::default(), &erased)
        .unwrap()
        .into_iter()
        .map(|(change, _)| change.clone())
        .collect();
    assert_eq!(stand, decoded.batch.changes[1..]);
    assert_eq!((&opened.peer_heads, opened.former_key), (&decoded.batch.peer_heads, decoded.batch.former_key));
    assert_eq!(Opened::from_bytes(notebook(), AUTHOR, &opened.to_bytes()), Ok(opened.clone()));
    // One more goes later: the same as if both had gone at once.
    let both = places([0, 2]);
    assert_eq!(opened.without(&both), Opened::of(&decoded, &bytes, &both));
}

/// Who holds everything that is left tries all answers that a question has: none can be told from the others.
#[test]
fn no_guess_can_be_tried_on_an_erased_word() {
    let answers = ["yes", "no", "unsure"].map(|answer| format!(r#"{{"n":{{"worry":"{answer}"}}}}"#));
    let bodies = [&answers[0][..], THREE[1], THREE[2]];
    let (decoded, bytes, _) = sealed(&bodies);
    let opened = Opened::of(&decoded, &bytes, &places([0]));
    let OpenedChange::Erased(left) = opened.changes[0] else { panic!("it stands there") };
    let keys: Vec<LeafKey> = opened
        .changes
        .iter()
        .filter_map(|change| match change {
            OpenedChange::Kept { leaf_key, .. } => Some(*leaf_key),
            OpenedChange::Erased(_) => None,
        })
        .collect();
    let seed = decoded.batch.seed;
    let erased = &decoded.batch.changes[0];
    for answer in &answers {
        let guess = |key: &LeafKey| leaf_of(key, erased, answer.as_bytes());
        // With each key that is left, and with each used as a seed.
        for key in &keys {
            assert_ne!(guess(key), left);
            assert!((0..3).all(|place| guess(&leaf_key(key, place)) != left));
        }
        assert_eq!(guess(&leaf_key(&seed, 0)) == left, *answer == answers[0], "the seed would tell");
    }
    let all = opened.to_bytes();
    for gone in [&seed[..], &leaf_key(&seed, 0), answers[0].as_bytes()] {
        assert!(!all.windows(gone.len()).any(|window| window == gone));
    }
}

#[test]
fn any_altered_opening_is_refused() {
    let (decoded, bytes, header) = sealed(&THREE);
    let erased = places([1]);
    let opened = Opened::of(&decoded, &bytes, &erased);
    let proven = |opened: &Opened, previous: &Tail, erased: &Erased| opened.proven(&header, previous, erased).is_some();
    assert!(proven(&opened, &Tail::default(), &erased));
    let bytes = opened.to_bytes();
    // Former key and peer heads prove nothing here; every bit behind them does.
    let free = 1 + 32 + 1 + 44;
    for bit in free * 8..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let read = Opened::from_bytes(notebook(), AUTHOR, &changed);
        assert!(!read.is_ok_and(|read| proven(&read, &Tail::default(), &erased)), "bit {bit}");
    }
    let mut fewer = opened.clone();
    fewer.changes.pop();
    let mut swapped = opened.clone();
    swapped.changes.swap(0, 2);
    assert!(!proven(&fewer, &Tail::default(), &erased) && !proven(&swapped, &Tail::default(), &erased));
    let behind = Tail { sequence: 1, author_hash: [7; 32], ..Tail::default() };
    assert!(!proven(&opened, &behind, &erased), "behind another envelope");
}

#[test]
fn an_opening_that_erases_more_or_less_than_the_statement_is_refused() {
    let (decoded, bytes, header) = sealed(&THREE);
    for (made, said) in [(vec![0, 1], vec![0]), (vec![0], vec![0, 1]), (vec![], vec![0]), (vec![0, 1, 2], vec![0])] {
        let opened = Opened::of(&decoded, &bytes, &places(made.clone()));
        assert_eq!(opened.proven(&header, &Tail::default(), &places(said.clone())), None, "{made:?} for {said:?}");
    }
    // A place that is not there erases nothing.
    let opened = Opened::of(&decoded, &bytes, &places([0, 77]));
    assert_eq!(opened.proven(&header, &Tail::default(), &places([0, 77])).unwrap().len(), 2);
}

#[test]
fn the_form_is_frozen() {
    let opening = Opening { epoch: 3, control: [4; 32], salt: [5; 32], ciphertext: vec![6; 20] };
    assert_eq!(Opening::from_bytes(&opening.to_bytes()), Ok(opening.clone()));
    assert!(Opening::from_bytes(&opening.to_bytes()[..84]).is_err(), "shorter than a seal's own tag");
    let (decoded, bytes, _) = sealed(&THREE);
    let opened = Opened::of(&decoded, &bytes, &places([0]));
    crate::frozen::is("opening_2", &[opening.to_bytes(), opened.to_bytes()].concat());
}

/// An envelope of the father's, and the chain before and after the mother erased of it.
fn erased_by_the_mother(places: &[u32]) -> (State, State, Frame, [Device; 3]) {
    let (before, devices) = family();
    let header =
        Header { notebook: before.notebook(), control: before.head(), author: devices[1].id(), ..sealed(&THREE).2 };
    let ciphertext = vec![1; 400];
    let signed = crate::key::to_sign(PURPOSE, &Envelope::signed_bytes(&header, &ciphertext));
    let frame = Envelope { header, ciphertext, signature: devices[1].sign(&signed) }.frame();
    let envelopes = vec![ErasedIn { sequence: 1, attempt: 0, places: places.to_vec() }];
    let erase = Action::Erase { words_of: devices[1].id(), envelopes };
    let after = before.after(&devices[0].says(before.head(), erase)).unwrap();
    (before, after, frame, devices)
}

#[test]
fn a_store_takes_a_remnant_only_after_the_statement_and_as_new_as_that() {
    let (before, after, frame, [mother, ..]) = erased_by_the_mother(&[0]);
    let with = |control, epoch| {
        let opening = Some(Opening { epoch, control, salt: [5; 32], ciphertext: vec![6; 40] });
        Remnant { frame, opening }
    };
    let good = with(after.head(), 1);
    assert_eq!(Remnant::from_bytes(&good.to_bytes()), Ok(good.clone()));
    assert_eq!(good.check(&after), Ok(()));
    assert_eq!(good.check(&before), Err(Refusal::NotErased), "nothing was erased");
    for (why, wrong, expected) in [
        ("no opening", Remnant { frame, opening: None }, Refusal::NotErased),
        ("one from before", with(before.head(), 1), Refusal::NotErased),
        ("another epoch", with(after.head(), 2), Refusal::NotErased),
        ("another chain", with([7; 32], 1), Refusal::Forked),
    ] {
        assert_eq!(wrong.check(&after), Err(expected), "{why}");
    }
    let (_, whole, frame, [_, father, _]) = erased_by_the_mother(&[]);
    assert_eq!(Remnant { frame, opening: None }.check(&whole), Ok(()));
    assert_eq!(with(whole.head(), 1).check(&whole), Err(Refusal::NotErased), "nothing stands any more");
    // More is erased: what was good is too old.
    let more = vec![ErasedIn { sequence: 1, attempt: 0, places: vec![1] }];
    let more = Action::Erase { words_of: father.id(), envelopes: more };
    let later = after.after(&mother.says(after.head(), more)).unwrap();
    assert_eq!(good.check(&later), Err(Refusal::NotErased));
    assert_eq!(with(later.head(), 1).check(&later), Ok(()));
}

/// A reader's junk does not push out what others read from.
#[test]
fn the_first_opening_stands_until_its_author_or_an_owner_puts_another() {
    let (before, after, frame, [mother, father, grandmother]) = erased_by_the_mother(&[0]);
    let with = |control, salt| {
        let opening = Some(Opening { epoch: 1, control, salt: [salt; 32], ciphertext: vec![6; 40] });
        Remnant { frame, opening }
    };
    let (there, other) = (with(after.head(), 1), with(after.head(), 2));
    for (maker, expected) in [(&mother, true), (&father, true), (&grandmother, false), (&Device::new(99), false)] {
        assert_eq!(other.replaces(&there, &after, &maker.id()), expected);
        assert!(!there.replaces(&there, &after, &maker.id()), "the same once more");
        assert!(other.replaces(&with(before.head(), 1), &after, &maker.id()), "one that shows too much goes");
    }
    let lengths = [(0, true), (1024 - 286 - 69, true), (1024 - 286 - 69 + 2 * 10, true), (1024 - 286 - 69 + 21, false)];
    for (length, expected) in lengths {
        let mut remnant = there.clone();
        remnant.opening.as_mut().unwrap().ciphertext = vec![0; length];
        assert_eq!(remnant.is_no_growth(10), expected, "{length}");
    }
}

proptest! {
    #[test]
    fn whatever_stands_comes_back(
        notes in proptest::collection::vec("[ぁ-んa-z ]{0,20}", 1..30),
        chosen: BTreeSet<u32>
    ) {
        let bodies: Vec<String> = notes.iter().map(|note| serde_json::json!({"n": {"note": note}}).to_string()).collect();
        let bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
        let (decoded, bytes, header) = sealed(&bodies);
        let chosen: BTreeSet<u32> = chosen.into_iter().map(|place| place % 40).collect();
        let erased = Erased::Places(chosen.clone());
        let opened = Opened::of(&decoded, &bytes, &erased);
        let read = Opened::from_bytes(notebook(), AUTHOR, &opened.to_bytes()).unwrap();
        let stand: Vec<Change> =
            read.proven(&header, &Tail::default(), &erased).unwrap().into_iter().map(|(change, _)| change.clone()).collect();
        let expected = (0..).zip(decoded.batch.changes).filter(|(place, _)| !chosen.contains(place));
        prop_assert_eq!(stand, expected.map(|(_, change)| change).collect::<Vec<_>>());
    }

    #[test]
    fn whatever_comes_is_read_or_refused(bytes: Vec<u8>) {
        let _ = Opening::from_bytes(&bytes);
        let _ = Remnant::from_bytes(&bytes);
        let _ = Opened::from_bytes(notebook(), AUTHOR, &bytes);
    }
}
