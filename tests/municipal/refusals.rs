//! Each refusal over HTTP: what was shown goes on being shown, the reason is told, and the next good edition is taken.

use ayumi_core::app::Locale;
use ayumi_protocol::municipal::feed::chain;
use ayumi_protocol::municipal::feed::root::FeedKey;
use ayumi_protocol::municipal::feed::{Manifest, RootStatement};
use ayumi_protocol::{Hex, purpose};

use super::town::*;

/// A phone that has taken edition 1 of a municipality, through somebody who shows what he wants.
struct Scene {
    town: Town,
    mirror: Mirror,
    phone: Phone,
    time: ayumi_tests::family::Time,
}

fn scene() -> Scene {
    let (town, time) = (Town::new("jp.000000"), time());
    town.publish(&pack(1, &[CHECKUP]), NOW - 3600);
    let mirror = Mirror::new(town.shown());
    let phone = Phone::new(&time, Locale::Ja);
    phone.child("はな", "2025-05-20");
    let report = phone.follow(&mirror.address);
    assert_eq!((report.outcome.as_str(), report.never_compared), ("updated", true), "{report:?}");
    assert_eq!(phone.notices(), ["checkup"]);
    Scene { town, mirror, phone, time }
}

impl Scene {
    /// What is shown is refused; everything stays, and the next edition that the office publishes is taken.
    fn refuses(&self, shown: Shown, outcome: &str, reason: &str) {
        let before = (self.phone.edition(), self.phone.notices());
        self.mirror.show(shown);
        assert_eq!(self.phone.looks(), (outcome.to_owned(), Some(reason.to_owned())));
        assert_eq!(
            (self.phone.edition(), self.phone.notices()),
            before,
            "{reason}: what was shown goes on being shown"
        );
        let told = self.phone.book.municipality().show().unwrap().unwrap().told;
        assert!(told.iter().all(|words| !words.is_empty() && !words.contains('{')), "{told:?}");
        self.next_is_taken();
    }

    fn next_is_taken(&self) {
        let now = self.time.now() / 1000;
        let last = self.town.shown().read();
        let version = last.key * 1000 + last.edition as u32 + 1;
        self.town.publish(&pack(version, &[CHECKUP]), now);
        self.mirror.show(self.town.shown());
        assert_eq!(self.phone.looks(), ("updated".to_owned(), None), "after any refusal the next good one is taken");
        assert_eq!(self.phone.notices(), ["checkup"]);
    }

    fn edition(&self, text: &str) -> Shown {
        self.town.publish(text, self.time.now() / 1000);
        self.town.shown()
    }
}

#[test]
fn over_http_an_earlier_edition_is_refused_as_a_rollback() {
    let scene = scene();
    let first = scene.town.shown();
    scene.mirror.show(scene.edition(&pack(2, &[CHECKUP])));
    assert_eq!(scene.phone.looks(), ("updated".to_owned(), None));
    scene.refuses(first, "refused", "lower_edition");
}

#[test]
fn over_http_a_freeze_is_told_as_not_fresh_since_and_a_wrong_clock_as_that() {
    let scene = scene();
    let frozen = Shown { freezes: true, ..scene.town.shown() };
    scene.mirror.show(frozen.clone());
    assert_eq!(scene.phone.looks(), ("unchanged".to_owned(), None));
    let asked = scene.mirror.heard().pop().unwrap();
    let etag = format!("if-none-match: \"{}\"\r\n", Hex(Manifest::from_bytes(&frozen.manifest).unwrap().1.hash()));
    assert!(asked.contains(&etag), "{asked}");
    scene.time.pass(8 * DAY * 1000);
    // The server's time says that the phone's clock is ahead.
    scene.mirror.show(Shown { date: Some(NOW), ..frozen.clone() });
    assert_eq!(scene.phone.looks(), ("stale".to_owned(), Some("phone_clock".to_owned())));
    scene.mirror.show(frozen.clone());
    let report = scene.phone.check().unwrap();
    assert!(report.words[0].contains("2026年12月7日"), "since when: {:?}", report.words);
    scene.refuses(frozen, "stale", "expired");
}

#[test]
fn over_http_a_mix_of_files_is_refused_whole() {
    let scene = scene();
    let mut mixed = scene.edition(&pack(2, &[CHECKUP]));
    let path = mixed.read().files[0].hash.to_string();
    mixed.files.get_mut(&path).unwrap().iter_mut().for_each(|byte| *byte ^= 1);
    scene.refuses(mixed, "refused", "mixed_files");
}

#[test]
fn over_http_what_is_too_long_or_cut_is_told_as_that() {
    let scene = scene();
    let good = scene.edition(&pack(2, &[CHECKUP]));
    let path = good.read().files[0].hash.to_string();
    let long_manifest = Shown { manifest: [good.manifest.clone(), vec![b'\n'; 70_000]].concat(), ..good.clone() };
    let mut long_file = good.clone();
    long_file.files.get_mut(&path).unwrap().extend([0; 100_000]);
    let mut cut_file = good.clone();
    cut_file.files.get_mut(&path).unwrap().truncate(20);
    let cut_manifest = Shown { manifest: good.manifest[..good.manifest.len() - 40].to_vec(), ..good.clone() };
    let mut no_file = good.clone();
    no_file.files.clear();
    for (shown, reason) in [
        (long_manifest, "too_long"),
        (long_file, "too_long"),
        (cut_file, "cut"),
        (cut_manifest, "cut"),
        (no_file, "cut"),
    ] {
        scene.mirror.show(shown);
        assert_eq!(scene.phone.looks(), ("refused".to_owned(), Some(reason.to_owned())));
        assert_eq!(scene.phone.edition().as_deref(), Some("1/1"));
    }
    scene.next_is_taken();
}

#[test]
fn over_http_of_two_manifests_of_one_edition_the_first_stands() {
    let scene = scene();
    let (one, two) = (scene.edition(&pack(2, &[CHECKUP])), {
        let held = scene.town.shown().read();
        let manifest = Manifest { expires: held.expires - 60, ..held };
        Shown { manifest: scene.town.signed_by_thief(&manifest), ..scene.town.shown() }
    });
    scene.mirror.show(one);
    assert_eq!(scene.phone.looks(), ("updated".to_owned(), None));
    scene.refuses(two, "refused", "two_manifests");
}

#[test]
fn over_http_another_municipalitys_feed_and_what_nobody_signed_are_refused() {
    let scene = scene();
    let other = Town::new("jp.000001");
    other.publish(&pack(1, &[CHECKUP]), NOW - 1800);
    scene.refuses(other.shown(), "refused", "other_municipality");
    let impostor = Town::new("jp.000000");
    impostor.publish(&pack(1, &[CHECKUP]), NOW - 1800);
    impostor.publish(&pack(2, &[CHECKUP]), NOW - 1800);
    impostor.publish(&pack(3, &[CHECKUP]), NOW - 1800);
    scene.refuses(impostor.shown(), "refused", "signature");
}

#[test]
fn over_http_a_thief_of_the_feed_key_bars_no_way() {
    let scene = scene();
    let now = scene.town.shown();
    let endless = Manifest { edition: u64::MAX, ..now.read() };
    scene.refuses(
        Shown { manifest: scene.town.signed_by_thief(&endless), ..now.clone() },
        "refused",
        "endless_edition",
    );
    let now = scene.town.shown();
    let future = Manifest { edition: 9, made: NOW + DAY, expires: NOW + 2 * DAY, ..now.read() };
    let shown = Shown { manifest: scene.town.signed_by_thief(&future), date: Some(NOW), ..now.clone() };
    scene.refuses(shown, "refused", "from_the_future");
    let now = scene.town.shown();
    let skipped = Manifest { key: 7, edition: 1, ..now.read() };
    scene.refuses(Shown { manifest: scene.town.signed_by_thief(&skipped), ..now }, "refused", "skipped_key");
}

#[test]
fn over_http_a_revoked_key_signs_nothing_and_the_next_one_is_followed() {
    let mut scene = scene();
    let stolen = scene.town.shown();
    let papers = scene.town.papers.clone();
    scene.town.keys.rotate(&papers[1..], false, NOW).unwrap();
    let hidden = Shown { roots: stolen.roots.clone(), ..scene.edition(&pack(2, &[CHECKUP])) };
    scene.mirror.show(hidden);
    assert_eq!(scene.phone.looks(), ("refused".to_owned(), Some("skipped_root".to_owned())), "its statement is hidden");
    scene.mirror.show(scene.town.shown());
    assert_eq!(scene.phone.looks(), ("updated".to_owned(), None));
    assert_eq!(scene.phone.edition().as_deref(), Some("2/1"));
    scene.refuses(stolen, "refused", "revoked_key");
}

#[test]
fn over_http_a_fork_of_the_root_is_told_and_the_next_statement_is_taken() {
    let mut scene = scene();
    let papers = scene.town.papers.clone();
    scene.town.keys.rotate(&papers[..2], false, NOW).unwrap();
    scene.mirror.show(scene.edition(&pack(2, &[CHECKUP])));
    assert_eq!(scene.phone.looks(), ("updated".to_owned(), None));
    let shown = scene.town.shown();
    let (first, signed) = statement(&shown.roots, 0);
    let (second, _) = statement(&shown.roots, 1);
    let forked = RootStatement { made: second.made + 5, feed: FeedKey { key: Hex([9; 32]), ..second.feed }, ..second };
    assert_eq!(first.number, 1);
    let roots = [signed.to_bytes(), b"\n".to_vec(), scene.town.signed_by_two(&forked)].concat();
    assert_eq!(chain::from_bytes(&roots).unwrap().len(), 2);
    let manifest = scene.town.signed_by_thief(&Manifest { root: 3, edition: 2, ..shown.read() });
    let fork = Shown { roots, manifest, ..shown };
    scene.mirror.show(fork);
    assert_eq!(scene.phone.looks(), ("refused".to_owned(), Some("root_fork".to_owned())));
    scene.town.keys.rotate(&papers[..2], true, NOW + 10).unwrap();
    scene.time.pass(20_000);
    scene.next_is_taken();
}

#[test]
fn over_http_one_paper_alone_names_no_key() {
    let mut scene = scene();
    let papers = scene.town.papers.clone();
    assert!(scene.town.keys.rotate(&papers[..1], false, NOW).is_err());
    assert!(scene.town.keys.rotate(&[papers[0].clone(), papers[0].clone()], false, NOW).is_err(), "one of them twice");
    let shown = scene.town.shown();
    let (first, signed) = statement(&shown.roots, 0);
    let second = RootStatement { number: 2, made: first.made + 1, ..first };
    let two = String::from_utf8(scene.town.signed_by_two(&second)).unwrap();
    let one: String = two.lines().take(2).map(|line| format!("{line}\n")).collect();
    assert!(two.contains("signature") && purpose::ROOT.starts_with("ayumi root"));
    let roots = [signed.to_bytes(), b"\n".to_vec(), one.into_bytes()].concat();
    let manifest = scene.town.signed_by_thief(&Manifest { root: 2, edition: 5, ..shown.read() });
    scene.refuses(Shown { roots, manifest, ..shown }, "refused", "root");
}

#[test]
fn a_place_without_a_feed_is_met_by_nobody() {
    let phone = Phone::new(&time(), Locale::En);
    let mirror = Mirror::new(Shown { roots: b"<html>welcome</html>\n".to_vec(), ..Shown::default() });
    assert!(phone.meet(&mirror.address).is_err());
    assert!(phone.book.municipality().show().unwrap().is_none(), "nothing of it is kept");
    assert!(phone.check().is_err());
}
