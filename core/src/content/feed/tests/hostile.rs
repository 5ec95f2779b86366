//! Whatever somebody hostile serves, in whatever order, a newer good manifest is taken.

use proptest::prelude::*;

use super::*;

/// One thing that somebody hostile serves: the network, who wrote the cache, or a thief of the feed key.
fn hostile(office: &Office, history: &[Vec<u8>], kind: u8, number: u64, now: u64) -> (Vec<u8>, Vec<u8>, Vec<Vec<u8>>) {
    let draft = office.draft(now);
    let (mut roots, mut files) = (office.roots_file(), office.files.clone());
    let some = usize::try_from(number).unwrap_or_default();
    let bytes = match kind % 12 {
        0 => history[some % history.len()].clone(),
        1 => office.seal(&Manifest { edition: number, ..draft }),
        2 => office.seal(&Manifest { made: now.wrapping_add(number), expires: number, ..draft }),
        3 => office.seal(&Manifest { root: u32::MAX, key: u32::MAX, ..draft }),
        4 => seal_with(77, &draft),
        5 => {
            files[0].push(b'x');
            office.seal(&draft)
        }
        6 => {
            let whole = office.seal(&draft);
            whole[..some % whole.len()].to_vec()
        }
        7 => {
            roots.truncate(some % roots.len());
            office.seal(&Manifest { root: draft.root + 1, ..draft })
        }
        8 => office.seal(&Manifest {
            edition: number.clamp(1, now),
            oldest_client: Some(ClientVersion(99, 0, 0)),
            ..draft
        }),
        9 => {
            let mut other = Office::new("jp.000001");
            other.publish(now)
        }
        10 => {
            let mut changed = office.seal(&draft);
            let place = some % changed.len();
            changed[place] ^= 1;
            changed
        }
        _ => {
            let mut manifest = draft;
            manifest.files[0].path = "../../etc/passwd".into();
            office.seal(&manifest)
        }
    };
    (bytes, roots, files)
}

/// What who has no key can serve: something old, forged, changed, cut, of another municipality, or without its files.
const WITHOUT_KEY: [u8; 5] = [0, 4, 6, 9, 10];

proptest! {
    #[test]
    fn after_any_sequence_of_hostile_manifests_a_newer_good_one_is_taken(
        attacks in proptest::collection::vec((0_u8..12, any::<u64>(), 0_u64..DAY), 0..24),
        stolen: bool,
    ) {
        let (mut office, mut pinned, first) = begun();
        let mut history = vec![first];
        let mut now = START + 1;
        for (kind, number, pause) in attacks {
            now += pause + 1;
            let kind = if stolen { kind } else { WITHOUT_KEY[usize::from(kind) % WITHOUT_KEY.len()] };
            let (bytes, roots, files) = hostile(&office, &history, kind, number, now);
            let shown = pinned.held.clone();
            let outcome = look(&mut pinned, &bytes, &roots, &files, at(now));
            prop_assert!(pinned.held.is_some(), "something is always shown");
            prop_assert!(outcome == Outcome::Updated || pinned.held == shown, "{outcome:?} changed what is shown");
            prop_assert!(pinned.held.as_ref().map(|held| held.place) >= shown.map(|held| held.place), "it goes back");
            // The office goes on publishing; the phone sees it only later, as something old.
            history.push(office.publish(now));
        }
        now += 2 * DAY;
        if stolen {
            office.next_key(now);
        }
        let good = office.publish(now);
        prop_assert_eq!(look_at(&mut pinned, &office, &good, now), Outcome::Updated);
    }

    #[test]
    fn of_junk_nothing_is_taken(bytes: Vec<u8>, roots: Vec<u8>, now: u64, server: Option<u64>) {
        let (_, pinned, _) = begun();
        let step = check(&pinned, Came::Manifest(&bytes), Some(&roots), Clock { now, server });
        prop_assert_eq!(step.pinned, pinned);
        let refused = matches!(step.next, Next::Ends(Outcome::Refused { .. }));
        prop_assert!(refused);
    }
}
