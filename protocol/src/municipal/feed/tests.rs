//! The forms are frozen, and what an attacker writes is refused with its reason.

use ring::signature::{Ed25519KeyPair, KeyPair};

use super::chain::{Reached, advance, after, begin, from_bytes, meet, to_bytes};
use super::file::is_path;
use super::limits::{EDITION_BYTES, END_NOTICE_SECONDS, FILES, FRESH_SECONDS, KEY_SECONDS, MANIFEST_BYTES, ROOT_BYTES};
use super::manifest::is_signed;
use super::root::{ClinicalKey, FeedKey, KeyState};
use super::*;
use crate::hex::Hex;
use crate::key::hash;
use crate::purpose;

const MADE: u64 = 1_795_000_000;
const DAY: u64 = 24 * 60 * 60;

pub(super) fn pair(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

fn public(seed: u8) -> Hex<32> {
    Hex(pair(seed).public_key().as_ref().try_into().unwrap())
}

fn sign(seed: u8, bytes: &[u8]) -> [u8; 64] {
    pair(seed).sign(bytes).as_ref().try_into().unwrap()
}

fn root_keys(seeds: [u8; 3]) -> [Hex<32>; 3] {
    let mut keys = seeds.map(public);
    keys.sort();
    keys
}

/// The founding statement: root keys 1, 2, 3; feed key 11; a doctor's key 21.
fn founding() -> RootStatement {
    RootStatement {
        form: 1,
        municipality: "jp.000000".parse().unwrap(),
        number: 1,
        made: MADE,
        root: root_keys([1, 2, 3]),
        feed: FeedKey { number: 1, key: public(11), ends: MADE + 300 * DAY },
        clinical: vec![ClinicalKey { key: public(21), name: "見本 医師".into(), ends: MADE + 365 * DAY }],
        supervisors: ["s-01".into(), "s-02".into()],
        ends: None,
        sample: true,
    }
}

fn signed_by(statement: &RootStatement, seeds: &[u8]) -> Signed {
    let mut signed = Signed::of(statement).unwrap();
    for seed in seeds {
        signed.add(public(*seed).0, sign(*seed, &signed.to_sign(purpose::ROOT)));
    }
    signed
}

/// The statement behind the founding, with the next feed key.
fn second() -> RootStatement {
    RootStatement {
        number: 2,
        made: MADE + DAY,
        feed: FeedKey { number: 2, key: public(12), ends: MADE + 300 * DAY },
        ..founding()
    }
}

fn edition() -> Manifest {
    let files = vec![FeedFile::of("content.toml", b"format = 1\n"), FeedFile::of("guide/ja.toml", b"[words]\n")];
    Manifest {
        edition: 12,
        oldest_client: Some(ClientVersion(1, 4, 0)),
        audit_head: Some(Hex([0xab; 32])),
        ..Manifest::following(None, &founding(), MADE, files)
    }
}

fn sealed(manifest: &Manifest) -> Signed {
    manifest.seal(&founding().feed, |bytes| sign(11, bytes)).unwrap()
}

/// A manifest as a thief of the feed key writes it, who asks nobody whether it is good.
fn forged(manifest: &Manifest) -> Vec<u8> {
    let mut signed = Signed::of(manifest).unwrap();
    signed.add(public(11).0, sign(11, &signed.to_sign(purpose::MANIFEST)));
    signed.to_bytes()
}

fn is_frozen(name: &str, bytes: &[u8]) {
    let path = format!("{}/../fixtures/municipal/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let frozen = std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{path} is missing; it would hold\n{text}"));
    assert!(frozen == text, "{name} has changed:\n{text}");
}

#[test]
fn the_forms_of_the_feed_come_back_and_are_frozen() {
    let manifest = sealed(&edition());
    is_frozen("manifest.jsonl", &manifest.to_bytes());
    let (read, signed) = Manifest::from_bytes(&manifest.to_bytes()).unwrap();
    assert_eq!((&read, signed.hash()), (&edition(), hash(manifest.body().as_bytes())));
    assert!(is_signed(&signed, &founding().feed));

    let file = [signed_by(&founding(), &[1, 3]), signed_by(&second(), &[2, 1])];
    is_frozen("roots.jsonl", &to_bytes(&file));
    assert_eq!(from_bytes(&to_bytes(&file)).unwrap(), file);
    let (reached, refused) = meet(&founding().fingerprint(), &file).unwrap();
    assert_eq!((reached.statement, refused), (second(), None));
    assert_eq!(
        Hex(founding().fingerprint()).to_string(),
        "0f7ae831a9da3a9198dde4191a7e4d3d87196817bdf4b9f47f055f95ae838bfd"
    );
}

#[test]
fn no_byte_of_a_manifest_can_be_another_one() {
    let bytes = sealed(&edition()).to_bytes();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let taken = Manifest::from_bytes(&changed).is_ok_and(|(_, signed)| is_signed(&signed, &founding().feed));
        assert!(!taken, "byte {at}");
    }
    for length in 0..bytes.len() {
        let refused = Manifest::from_bytes(&bytes[..length]).err();
        assert_eq!(refused, Some(FeedRefusal::Cut), "{length} bytes: what was cut is told as that");
    }
}

#[test]
fn a_blank_that_is_added_is_another_manifest() {
    let bytes = sealed(&edition()).to_bytes();
    let text = String::from_utf8(bytes).unwrap().replacen("{\"form\":1,", "{\"form\": 1,", 1);
    let (same, signed) = Manifest::from_bytes(text.as_bytes()).unwrap();
    assert_eq!(same, edition(), "it says the same");
    assert!(!is_signed(&signed, &founding().feed), "and nobody signed these bytes");
}

#[test]
fn a_root_of_one_key_only_signs_nothing() {
    let one_key = |seeds: &[u8]| begin(&signed_by(&founding(), seeds)).err();
    assert_eq!(one_key(&[1]), Some(FeedRefusal::Root));
    assert_eq!(one_key(&[1, 1, 1]), Some(FeedRefusal::Root), "three times the same");
    assert_eq!(one_key(&[1, 9]), Some(FeedRefusal::Root), "beside a stranger's");
    assert_eq!(one_key(&[1, 2]), None);
    let thrice = RootStatement { root: [public(1); 3], ..founding() };
    assert_eq!(begin(&signed_by(&thrice, &[1, 1])).err(), Some(FeedRefusal::Root), "one key that stands there thrice");
    let open = RootStatement { root: [Hex([0; 32]), public(1), public(2)], ..founding() };
    assert_eq!(open.unsigned().err(), Some(FeedRefusal::Root), "a key for which anybody can sign");
}

#[test]
fn a_new_root_is_named_by_two_of_the_three_keys_of_before() {
    let new = RootStatement { root: root_keys([4, 5, 6]), ..second() };
    for (seeds, refused) in [
        (&[4, 5, 6][..], Some(FeedRefusal::Root)),
        (&[1, 4, 5], Some(FeedRefusal::Root)),
        (&[1, 2], Some(FeedRefusal::Root)),
        (&[1, 2, 4], Some(FeedRefusal::Root)),
        (&[1, 2, 4, 6], None),
    ] {
        assert_eq!(after(&founding(), &signed_by(&new, seeds)).err(), refused, "{seeds:?}");
    }
    // Who has a letter of before finds the way; who has one of after needs no more than that.
    let file = [signed_by(&founding(), &[1, 2]), signed_by(&new, &[1, 2, 4, 6])];
    for letter in [founding().fingerprint(), new.fingerprint()] {
        assert_eq!(meet(&letter, &file).unwrap().0.statement, new);
    }
    assert_eq!(meet(&[7; 32], &file), Err(FeedRefusal::OtherMunicipality));
}

#[test]
fn what_a_root_statement_may_not_say_is_refused() {
    type Change = fn(&mut RootStatement);
    let wrong: [(&str, Change); 13] = [
        ("a feed key that is a root key", |root| root.feed.key = root.root[0]),
        ("a feed key without an end", |root| root.feed.ends = u64::MAX),
        ("a feed key that ends before it begins", |root| root.feed.ends = MADE),
        ("a feed key of number 0", |root| root.feed.number = 0),
        ("more feed keys than statements", |root| root.feed.number = 2),
        ("number 0", |root| root.number = 0),
        ("a number without end", |root| root.number = u32::MAX),
        ("root keys in another order", |root| root.root.reverse()),
        ("a doctor's key without an end", |root| root.clinical[0].ends = MADE + KEY_SECONDS + 1),
        ("a doctor without a name", |root| root.clinical[0].name.clear()),
        ("a doctor with the feed key", |root| root.clinical[0].key = root.feed.key),
        ("one supervisor", |root| root.supervisors[1] = root.supervisors[0].clone()),
        ("a supervisor's name in a path", |root| root.supervisors[0] = "../s".into()),
    ];
    for (what, change) in wrong {
        let mut statement = founding();
        change(&mut statement);
        assert_eq!(begin(&signed_by(&statement, &[1, 2])).err(), Some(FeedRefusal::Root), "{what}");
    }
    let newer = RootStatement { form: 2, ..founding() };
    assert_eq!(begin(&signed_by(&newer, &[1, 2])).err(), Some(FeedRefusal::NewerForm));
}

#[test]
fn what_may_follow_a_root_statement() {
    let before = RootStatement { number: 7, feed: FeedKey { number: 3, ..founding().feed }, ..founding() };
    let next = RootStatement { number: 8, ..before.clone() };
    let feed = |number, seed| FeedKey { number, key: public(seed), ..before.feed };
    let soon = Some(MADE + END_NOTICE_SECONDS - 1);
    for (what, statement, refused) in [
        ("the same keys", next.clone(), None),
        (
            "a longer end of the same feed key",
            RootStatement { feed: FeedKey { ends: MADE + 350 * DAY, ..next.feed }, ..next.clone() },
            None,
        ),
        ("the next feed key", RootStatement { feed: feed(4, 12), ..next.clone() }, None),
        ("a skipped feed key", RootStatement { feed: feed(5, 12), ..next.clone() }, Some(FeedRefusal::SkippedKey)),
        ("an earlier feed key", RootStatement { feed: feed(2, 12), ..next.clone() }, Some(FeedRefusal::SkippedKey)),
        (
            "another key of the same number",
            RootStatement { feed: feed(3, 12), ..next.clone() },
            Some(FeedRefusal::SkippedKey),
        ),
        (
            "the same key under the next number",
            RootStatement { feed: feed(4, 11), ..next.clone() },
            Some(FeedRefusal::SkippedKey),
        ),
        ("the same number", RootStatement { number: 7, ..next.clone() }, Some(FeedRefusal::SkippedRoot)),
        ("a skipped number", RootStatement { number: 9, ..next.clone() }, Some(FeedRefusal::SkippedRoot)),
        (
            "another municipality",
            RootStatement { municipality: "jp.000001".parse().unwrap(), ..next.clone() },
            Some(FeedRefusal::OtherMunicipality),
        ),
        ("a sample that is none any more", RootStatement { sample: false, ..next.clone() }, Some(FeedRefusal::Root)),
        ("an end in ninety days", RootStatement { ends: Some(MADE + END_NOTICE_SECONDS), ..next.clone() }, None),
        ("an end that is told too late", RootStatement { ends: soon, ..next.clone() }, Some(FeedRefusal::Root)),
    ] {
        assert_eq!(after(&before, &signed_by(&statement, &[1, 2])).err(), refused, "{what}");
    }
    let told = RootStatement { ends: soon, ..before };
    assert_eq!(
        after(&told, &signed_by(&RootStatement { ends: soon, ..next.clone() }, &[1, 2])).err(),
        None,
        "told before"
    );
    assert_eq!(after(&told, &signed_by(&next, &[1, 2])).err(), None, "an end that is taken back");
}

#[test]
fn of_two_root_statements_with_one_number_the_first_stands_and_the_next_one_is_taken() {
    let known = begin(&signed_by(&founding(), &[1, 2])).unwrap();
    let fork = signed_by(&RootStatement { made: MADE + 5, ..founding() }, &[2, 3]);
    let strangers = signed_by(&RootStatement { made: MADE + 5, ..founding() }, &[2]);
    let next = signed_by(&second(), &[1, 2]);
    assert_eq!(advance(known.clone(), std::slice::from_ref(&fork)), (known.clone(), Some(FeedRefusal::RootFork)));
    assert_eq!(advance(known.clone(), &[strangers]), (known.clone(), None), "what two keys did not sign is no fork");
    let healed = Reached { statement: second(), hash: next.hash() };
    assert_eq!(advance(known, &[fork, next]), (healed, None));
}

#[test]
fn a_file_of_root_statements_that_was_cut_is_told_as_that_also_inside_a_letter() {
    let file = [signed_by(&founding(), &[1, 3]), signed_by(&second(), &[2, 1])];
    let bytes = to_bytes(&file);
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!((0..bytes.len()).any(|length| !text.is_char_boundary(length)), "a name in Japanese is in it");
    // Whole statements, with one signature or two, are no cut that anybody can see: `begin` and `after` count who signed.
    let lines: Vec<usize> = text.match_indices("}\n").map(|(at, _)| at + 2).collect();
    let signed: Vec<usize> = [&lines[1..3], &lines[4..]].concat();
    for length in 0..bytes.len() {
        let expected = (!signed.contains(&length)).then_some(FeedRefusal::Cut);
        assert_eq!(from_bytes(&bytes[..length]).err(), expected, "{length} bytes");
    }
}

#[test]
fn a_gap_in_the_file_of_root_statements_stops_before_it() {
    let known = begin(&signed_by(&founding(), &[1, 2])).unwrap();
    let third = RootStatement { number: 3, ..second() };
    let file = [signed_by(&founding(), &[1, 2]), signed_by(&third, &[1, 2])];
    assert_eq!(advance(known.clone(), &file), (known.clone(), Some(FeedRefusal::SkippedRoot)));
    let whole = [signed_by(&founding(), &[1, 2]), signed_by(&second(), &[1, 2]), signed_by(&third, &[1, 2])];
    assert_eq!(advance(known, &whole).0.statement, third);
}

#[test]
fn a_path_that_leads_elsewhere_is_refused() {
    for path in [
        "../handbook.db",
        "..",
        ".",
        "",
        "/",
        "/etc/passwd",
        "a/../b",
        "a//b",
        "a/",
        "/a",
        "a\\b",
        "C:\\x",
        "c:x",
        "A.toml",
        "a b",
        "a\0b",
        "ａ",
        ".hidden",
        "a/.b",
        "a.",
        "-a",
        "a/b/c/d",
        "%2e%2e/x",
        "a?b",
        "a#b",
    ] {
        assert!(!is_path(path), "{path:?}");
        let files = vec![FeedFile::of(path, b"x")];
        let bytes = forged(&Manifest { files, ..edition() });
        assert_eq!(Manifest::from_bytes(&bytes).err(), Some(FeedRefusal::Files), "{path:?}");
    }
    assert!(["content.toml", "guide/red-flags.toml", "a/b/c", "0"].iter().all(|path| is_path(path)));
}

#[test]
fn duplicate_paths_and_too_many_or_too_large_files_are_refused() {
    let file = |path: &str, length| FeedFile { path: path.into(), length, hash: Hex([1; 32]) };
    let refused = |files| Manifest::from_bytes(&forged(&Manifest { files, ..edition() })).err();
    assert_eq!(refused(vec![file("a", 1), file("a", 1)]), Some(FeedRefusal::Files), "a path twice");
    assert_eq!(refused(vec![file("a", 1), file("a/b", 1)]), Some(FeedRefusal::Files), "a file and a folder");
    assert_eq!(refused(vec![]), Some(FeedRefusal::Files), "nothing");
    assert_eq!(refused(vec![file("a", 0)]), Some(FeedRefusal::Files), "an empty file");
    assert_eq!(refused(vec![file("a", EDITION_BYTES), file("b", 1)]), Some(FeedRefusal::Files), "too large");
    assert_eq!(refused(vec![file("a", u64::MAX), file("b", 2)]), Some(FeedRefusal::Files), "a sum that overflows");
    let many = |count: usize| (0..count).map(|n| file(&format!("f{n}"), 1)).collect::<Vec<_>>();
    assert_eq!(refused(many(FILES + 1)), Some(FeedRefusal::Files));
    assert_eq!(refused(many(FILES)), None);
    assert_eq!(refused(vec![file("a", EDITION_BYTES)]), None);
}

#[test]
fn an_endless_edition_number_is_refused() {
    let refused = |manifest: Manifest| Manifest::from_bytes(&forged(&manifest)).err();
    assert_eq!(refused(Manifest { edition: u64::MAX, ..edition() }), Some(FeedRefusal::EndlessEdition));
    assert_eq!(refused(Manifest { edition: MADE + 1, ..edition() }), Some(FeedRefusal::EndlessEdition));
    assert_eq!(refused(Manifest { edition: 0, ..edition() }), Some(FeedRefusal::EndlessEdition));
    assert_eq!(refused(Manifest { edition: MADE, ..edition() }), None);
    for expires in [MADE, MADE - 1, MADE + FRESH_SECONDS + 1, u64::MAX] {
        assert_eq!(
            refused(Manifest { expires, ..edition() }),
            Some(FeedRefusal::EndlessEdition),
            "fresh until {expires}"
        );
    }
}

#[test]
fn what_is_too_long_is_not_even_read() {
    let long = vec![b'x'; MANIFEST_BYTES + 1];
    assert_eq!(Manifest::from_bytes(&long).err(), Some(FeedRefusal::TooLong));
    assert_eq!(from_bytes(&vec![b'\n'; ROOT_BYTES * limits::ROOTS + 1]).err(), Some(FeedRefusal::TooLong));
    assert_eq!(from_bytes("{}\n\n".repeat(limits::ROOTS + 1).as_bytes()).err(), Some(FeedRefusal::TooLong));
    let two = [
        forged(&edition()),
        String::from_utf8(forged(&edition())).unwrap().lines().nth(1).unwrap().into(),
        b"\n".into(),
    ];
    assert_eq!(Manifest::from_bytes(&two.concat()).err(), Some(FeedRefusal::TooLong), "two signatures");
}

#[test]
fn an_office_cannot_publish_what_phones_refuse() {
    let seal = |manifest: Manifest, seed: u8| manifest.seal(&founding().feed, |bytes| sign(seed, bytes)).err();
    assert_eq!(seal(edition(), 11), None);
    assert_eq!(seal(edition(), 12), Some(FeedRefusal::Signature), "another key than the root names");
    assert_eq!(seal(Manifest { key: 2, ..edition() }, 11), Some(FeedRefusal::SkippedKey));
    assert_eq!(seal(Manifest { made: founding().feed.ends + 1, ..edition() }, 11), Some(FeedRefusal::KeyEnded));
    assert_eq!(seal(Manifest { files: Vec::new(), ..edition() }, 11), Some(FeedRefusal::Files));
}

#[test]
fn the_next_edition_rises_and_begins_anew_with_the_next_key() {
    let next = Manifest::following(Some(&edition()), &founding(), MADE + DAY, edition().files);
    assert_eq!((next.place(), next.expires), (Place { key: 1, edition: 13 }, MADE + 8 * DAY));
    let next = Manifest::following(Some(&next), &second(), MADE + 2 * DAY, edition().files);
    assert_eq!((next.place(), next.root), (Place { key: 2, edition: 1 }, 2));
    assert!(next.place() > Place { key: 1, edition: MADE }, "whatever the former key signed comes before");
}

#[test]
fn the_end_of_a_key_is_told_sixty_thirty_and_seven_days_before() {
    let key = founding().feed;
    for (days, state) in [
        (61, KeyState::Good),
        (60, KeyState::EndsWithin(60)),
        (31, KeyState::EndsWithin(60)),
        (30, KeyState::EndsWithin(30)),
        (8, KeyState::EndsWithin(30)),
        (7, KeyState::EndsWithin(7)),
        (0, KeyState::EndsWithin(7)),
    ] {
        assert_eq!(key.state(key.ends - days * DAY), state, "{days} days before");
    }
    assert_eq!(key.state(key.ends + 1), KeyState::Ended);
}

#[test]
fn places_versions_and_names_have_one_text_each() {
    let place = Place { key: 2, edition: MADE };
    assert_eq!((place.to_string(), "2/1795000000".parse()), ("2/1795000000".into(), Ok(place)));
    assert!(
        ["", "2", "2/", "/1", "02/1", "2/+1", "2/1/1", "4294967296/1"]
            .iter()
            .all(|text| text.parse::<Place>().is_err())
    );
    assert!(place.can_be(MADE) && place.can_be(MADE - 600) && !place.can_be(MADE - 601));
    assert!(!Place { key: u32::MAX, edition: 1 }.can_be(MADE) && !Place { key: 0, edition: 1 }.can_be(MADE));
    assert_eq!("1.4.0".parse(), Ok(ClientVersion(1, 4, 0)));
    assert!(ClientVersion(1, 10, 0) > ClientVersion(1, 9, 9));
    assert!(
        ["1.4", "1.4.0.0", "1.4.", "1.04.0", "1.4.x", "-1.4.0"]
            .iter()
            .all(|text| text.parse::<ClientVersion>().is_err())
    );
    assert!(
        ["", "JP", "jp/x", "..", "jp.", "jp..x", "jp 1"].iter().all(|text| text.parse::<MunicipalityName>().is_err())
    );
}

proptest::proptest! {
    #[test]
    fn whatever_comes_is_read_or_refused(bytes: Vec<u8>, at: proptest::sample::Index, byte: u8) {
        let _ = (Manifest::from_bytes(&bytes), from_bytes(&bytes));
        let mut near = forged(&edition());
        let at = at.index(near.len());
        near[at] = byte;
        let _ = Manifest::from_bytes(&near);
        let mut near = signed_by(&founding(), &[1, 2]).to_bytes();
        let at = at % near.len();
        near[at] = byte;
        if let Ok(file) = from_bytes(&near) {
            let _ = meet(&founding().fingerprint(), &file);
        }
    }
}
