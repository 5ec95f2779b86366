//! What an attacker wanted, and what a phone says of it.

use ayumi_protocol::Hex;
use ayumi_protocol::municipal::feed::chain::to_bytes;
use ayumi_protocol::municipal::feed::limits::{FRESH_SECONDS, MANIFEST_BYTES};
use ayumi_protocol::municipal::feed::{FeedRefusal, Manifest, Place};
use ayumi_protocol::purpose;

use super::*;
use crate::content::feed::take;

#[test]
fn an_edition_is_taken_once_and_then_unchanged() {
    let (mut office, mut pinned, first) = begun();
    assert!(pinned.never_compared(), "a first meeting without an edition");
    assert_eq!(look_at(&mut pinned, &office, &first, START + DAY), Outcome::Unchanged);
    let step = check(&pinned, Came::NotModified, None, at(START + DAY));
    assert_eq!((step.next, &step.pinned), (Next::Ends(Outcome::Unchanged), &pinned));
    assert_eq!(pinned.validator().unwrap().len(), 66);
    heals(&mut office, &mut pinned, START + 2 * DAY);
    assert!(!pinned.never_compared());
    assert!(!meet(&office, Some(Place { key: 1, edition: 2 })).never_compared(), "a letter names an edition");
    let kept = serde_json::to_string(&pinned).unwrap();
    assert_eq!(serde_json::from_str::<Pinned>(&kept).unwrap(), pinned, "as a phone keeps it");
}

#[test]
fn rollback_to_an_earlier_edition_is_refused() {
    let (mut office, mut pinned, first) = begun();
    heals(&mut office, &mut pinned, START + DAY);
    assert_eq!(look_at(&mut pinned, &office, &first, START + DAY), refused(FeedRefusal::LowerEdition));
    heals(&mut office, &mut pinned, START + DAY + 1);
}

#[test]
fn a_code_or_another_device_that_knows_of_a_later_edition_is_believed() {
    let mut office = Office::new("jp.000000");
    let first = office.publish(START);
    let second = office.publish(START + 1);
    let highest = office.last.as_ref().map(Manifest::place);
    let mut pinned = meet(&office, highest);
    assert_eq!(look_at(&mut pinned, &office, &first, START + 2), refused(FeedRefusal::LowerEdition), "first meeting");
    assert_eq!(look_at(&mut pinned, &office, &second, START + 2), Outcome::Updated);
    let next = Some(Place { key: 1, edition: 3 });
    assert_eq!(pinned.hear(next, None, at(START + 3)), None);
    let step = check(&pinned, Came::NotModified, None, at(START + 3));
    assert_eq!(step.next, Next::Ends(refused(FeedRefusal::LowerEdition)), "a freeze that only the other device sees");
    heals(&mut office, &mut pinned, START + 4);
    // What nobody can have reached bars no way.
    for forged in
        [Place { key: 1, edition: u64::MAX }, Place { key: u32::MAX, edition: 1 }, Place { key: 0, edition: 1 }]
    {
        pinned.hear(Some(forged), None, at(START + 5));
    }
    heals(&mut office, &mut pinned, START + 6);
}

#[test]
fn a_freeze_goes_on_showing_and_says_since_when_it_is_not_fresh() {
    let (mut office, mut pinned, first) = begun();
    let late = START + FRESH_SECONDS + 1;
    let stale = Outcome::Stale { reason: FeedRefusal::Expired, since: Some(START + FRESH_SECONDS) };
    let shown = pinned.held.clone();
    assert_eq!(look_at(&mut pinned, &office, &first, late - 1), Outcome::Unchanged);
    assert_eq!(look_at(&mut pinned, &office, &first, late), stale);
    assert_eq!(check(&pinned, Came::NotModified, None, at(late)).next, Next::Ends(stale), "by a 304, too");
    // A higher edition that is over already is no news either.
    let second = office.publish(START + 60);
    assert!(matches!(
        look_at(&mut pinned, &office, &second, late + 60),
        Outcome::Stale { reason: FeedRefusal::Expired, .. }
    ));
    assert_eq!(pinned.held, shown);
    let mut newcomer = meet(&office, None);
    assert_eq!(
        look_at(&mut newcomer, &office, &second, late + 60),
        refused(FeedRefusal::Expired),
        "nothing to show yet"
    );
    heals(&mut office, &mut pinned, late + 61);
}

#[test]
fn a_mix_of_two_editions_files_is_refused_whole() {
    let (mut office, mut pinned, _) = begun();
    let (before, old) = (pinned.clone(), office.files.clone());
    office.files[1] = b"[other]\n".to_vec();
    let second = office.publish(START + 1);
    let mixed = look(&mut pinned, &second, &[], &[office.files[0].clone(), old[1].clone()], at(START + 1));
    assert_eq!((mixed, &pinned), (refused(FeedRefusal::MixedFiles), &before), "nothing of it is taken");
    let long = [office.files[0].clone(), [&office.files[1][..], b"x"].concat()];
    assert_eq!(look(&mut pinned, &second, &[], &long, at(START + 1)), refused(FeedRefusal::TooLong));
    let short = [office.files[0].clone(), office.files[1][1..].to_vec()];
    assert_eq!(look(&mut pinned, &second, &[], &short, at(START + 1)), refused(FeedRefusal::Cut));
    assert_eq!(look(&mut pinned, &second, &[], &office.files[..1], at(START + 1)), refused(FeedRefusal::Cut));
    assert_eq!(pinned, before);
    assert_eq!(look_at(&mut pinned, &office, &second, START + 1), Outcome::Updated, "the same manifest with its files");
}

#[test]
fn a_packed_file_that_unpacks_for_ever_is_refused() {
    let (mut office, mut pinned, _) = begun();
    let publish = |office: &mut Office, bytes: Vec<u8>| {
        office.files = vec![bytes];
        let mut manifest = office.draft(START + 1);
        manifest.files[0].path = "content.toml.zst".into();
        office.seal(&manifest)
    };
    let bomb = zstd::bulk::compress(&vec![0; take::UNPACKED_BYTES + 1], 3).unwrap();
    let bytes = publish(&mut office, bomb);
    assert_eq!(look_at(&mut pinned, &office, &bytes, START + 1), refused(FeedRefusal::Unreadable));
    let bytes = publish(&mut office, zstd::bulk::compress(b"format = 1\n", 3).unwrap());
    let Next::NeedsFiles(candidate) = check(&pinned, Came::Manifest(&bytes), None, at(START + 1)).next else {
        panic!()
    };
    let (outcome, files) = take::take(&mut pinned, candidate, &office.files, OWN);
    assert_eq!((outcome, files["content.toml.zst"].as_slice()), (Outcome::Updated, &b"format = 1\n"[..]));
}

#[test]
fn a_fork_keeps_the_first_manifest_and_takes_the_next_higher_one() {
    let (mut office, mut pinned, _) = begun();
    let mut other = office.last.clone().unwrap();
    other.made += 1;
    let fork = office.seal(&other);
    let shown = pinned.held.clone();
    assert_eq!(look_at(&mut pinned, &office, &fork, START + 2), refused(FeedRefusal::TwoManifests));
    assert_eq!(pinned.held, shown);
    // Also if only the carer's other device saw the other one.
    let place = shown.as_ref().map(|held| held.place);
    assert_eq!(pinned.hear(place, Some(Hex([9; 32])), at(START + 2)), Some(FeedRefusal::TwoManifests));
    assert_eq!(pinned.hear(place, shown.map(|held| held.hash), at(START + 2)), None);
    // And on a phone that shows nothing yet, by what the carer's private notebook says of the other one.
    let notebook = Seen { hash: Some(Hex([9; 32])), ..pinned.seen() };
    let (mut second, _) = Pinned::meet(&notebook, &office.roots_file(), at(START)).unwrap();
    let first = office.seal(&office.last.clone().unwrap());
    assert_eq!(look_at(&mut second, &office, &first, START + 2), refused(FeedRefusal::TwoManifests));
    let (mut third, _) = Pinned::meet(&pinned.seen(), &office.roots_file(), at(START)).unwrap();
    assert_eq!(look_at(&mut third, &office, &first, START + 2), Outcome::Updated);
    heals(&mut office, &mut pinned, START + 3);
    let third = office.seal(&office.last.clone().unwrap());
    assert_eq!(look_at(&mut second, &office, &third, START + 3), Outcome::Updated);
}

#[test]
fn a_fork_of_the_root_is_told_and_the_next_statement_is_taken() {
    let (mut office, mut pinned, first) = begun();
    let mut fork = office.clone();
    fork.roots[0].made += 5;
    let step = check(&pinned, Came::Manifest(&first), Some(&fork.roots_file()), at(START + 1));
    assert_eq!((step.told, step.next), (Some(FeedRefusal::RootFork), Next::Ends(Outcome::Unchanged)));
    assert_eq!(step.pinned, pinned, "the first one stands");
    fork.next_key(START + 2);
    office.roots = fork.roots;
    heals(&mut office, &mut pinned, START + 3);
}

#[test]
fn a_revoked_key_signs_nothing_any_more_though_its_manifest_has_the_highest_edition() {
    let (mut office, mut pinned, first) = begun();
    let thief = office.clone();
    office.next_key(START + DAY);
    let theirs = Manifest { edition: START + DAY, ..thief.draft(START + DAY) };
    heals(&mut office, &mut pinned, START + DAY);
    assert_eq!(
        pinned.held.as_ref().map(|held| held.place),
        Some(Place { key: 2, edition: 1 }),
        "the edition begins anew"
    );
    for bytes in [thief.seal(&theirs), first] {
        assert_eq!(look_at(&mut pinned, &office, &bytes, START + DAY), refused(FeedRefusal::RevokedKey));
    }
    heals(&mut office, &mut pinned, START + DAY + 1);
}

#[test]
fn a_root_that_revokes_a_key_is_kept_though_the_manifest_beside_it_is_false() {
    let (mut office, mut pinned, first) = begun();
    office.next_key(START + 1);
    let mut junk = office.draft(START + 1);
    junk.root = 2;
    let unsigned = seal_with(99, &junk);
    assert_eq!(look_at(&mut pinned, &office, &unsigned, START + 1), refused(FeedRefusal::Signature));
    assert_eq!(pinned.root.feed.number, 2);
    assert_eq!(look_at(&mut pinned, &office, &first, START + 2), refused(FeedRefusal::RevokedKey));
    let not_modified = check(&pinned, Came::NotModified, None, at(START + 2));
    assert_eq!(not_modified.next, Next::Ends(refused(FeedRefusal::RevokedKey)), "nor by a 304");
    assert!(pinned.held.is_some(), "and what was there goes on being shown");
    heals(&mut office, &mut pinned, START + 3);
}

#[test]
fn a_skipped_key_is_refused_until_its_root_statement_comes() {
    let (mut office, mut pinned, _) = begun();
    let old_roots = office.roots_file();
    office.next_key(START + 1);
    office.next_key(START + 2);
    let bytes = office.publish(START + 3);
    // The server hides both statements, or the one in between, or cuts the file.
    let hidden = look(&mut pinned, &bytes, &old_roots, &office.files, at(START + 3));
    assert_eq!(hidden, refused(FeedRefusal::SkippedRoot));
    let mut gap = office.clone();
    gap.roots.remove(1);
    assert_eq!(
        look(&mut pinned, &bytes, &gap.roots_file(), &office.files, at(START + 3)),
        refused(FeedRefusal::SkippedRoot)
    );
    let cut = &office.roots_file()[..900];
    assert_eq!(look(&mut pinned, &bytes, cut, &office.files, at(START + 3)), refused(FeedRefusal::Cut));
    // The key itself, before any statement names it.
    let early = Manifest { root: 1, ..office.draft(START + 3) };
    assert_eq!(look_at(&mut pinned, &office, &office.seal(&early), START + 3), refused(FeedRefusal::SkippedKey));
    assert_eq!(look_at(&mut pinned, &office, &bytes, START + 3), Outcome::Updated);
}

#[test]
fn a_root_of_one_key_names_no_feed_key() {
    let (mut office, mut pinned, _) = begun();
    office.next_key(START + 1);
    let mut one = office.root().unsigned().unwrap();
    (0..3).for_each(|_| one.add(public(1).0, sign(1, &one.to_sign(purpose::ROOT))));
    let file = to_bytes(&[Office::signed_root(&office.roots[0]), one]);
    let bytes = office.publish(START + 2);
    assert_eq!(look(&mut pinned, &bytes, &file, &office.files, at(START + 2)), refused(FeedRefusal::Root));
    assert_eq!(pinned.root.number, 1);
    assert_eq!(look_at(&mut pinned, &office, &bytes, START + 2), Outcome::Updated);
}

#[test]
fn another_municipalitys_feed_is_refused_though_its_keys_are_the_same() {
    let (mut office, mut pinned, _) = begun();
    let mut other = Office::new("jp.000001");
    let bytes = other.publish(START + 1);
    assert_eq!(look_at(&mut pinned, &other, &bytes, START + 1), refused(FeedRefusal::OtherMunicipality));
    let wrong = Pinned::meet(&seen(&office, None), &other.roots_file(), at(START));
    assert_eq!(wrong.err(), Some(FeedRefusal::OtherMunicipality), "at the first meeting, too");
    heals(&mut office, &mut pinned, START + 2);
}

#[test]
fn what_is_cut_or_too_long_is_told_as_that() {
    let (mut office, mut pinned, _) = begun();
    let bytes = office.draft(START + 1);
    let bytes = office.seal(&bytes);
    for length in [0, 1, bytes.len() / 2, bytes.len() - 1] {
        assert_eq!(look_at(&mut pinned, &office, &bytes[..length], START + 1), refused(FeedRefusal::Cut), "{length}");
    }
    let long = [bytes, vec![b'\n'; MANIFEST_BYTES]].concat();
    assert_eq!(look_at(&mut pinned, &office, &long, START + 1), refused(FeedRefusal::TooLong));
    heals(&mut office, &mut pinned, START + 2);
}

#[test]
fn an_endless_edition_number_and_a_path_that_leads_elsewhere_are_refused_though_the_feed_key_signed_them() {
    let (mut office, mut pinned, _) = begun();
    let draft = office.draft(START + 1);
    let endless = Manifest { edition: u64::MAX, ..draft.clone() };
    assert_eq!(look_at(&mut pinned, &office, &office.seal(&endless), START + 1), refused(FeedRefusal::EndlessEdition));
    for path in ["../handbook.db", "/etc/passwd", "f1.toml"] {
        let mut manifest = draft.clone();
        manifest.files[0].path = path.into();
        assert_eq!(
            look_at(&mut pinned, &office, &office.seal(&manifest), START + 1),
            refused(FeedRefusal::Files),
            "{path}"
        );
    }
    // As far as a thief can get: the next key is beyond it.
    let highest = Manifest { edition: START + 1, ..draft };
    assert_eq!(look_at(&mut pinned, &office, &office.seal(&highest), START + 1), Outcome::Updated);
    office.next_key(START + 2);
    heals(&mut office, &mut pinned, START + 2);
}
