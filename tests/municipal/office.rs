//! The office: keys that lie apart, editions that are refused before anybody signs them.

use ayumi_core::app::{Locale, check_edition};
use ayumi_protocol::municipal::feed::Manifest;
use ayumi_server::feed::keys::{FeedKeys, RootKey};
use ayumi_server::feed::{FeedError, Founding};
use ayumi_tests::fixture_text;
use ayumi_tests::handbook::day;

use super::town::*;

#[test]
fn root_keys_lie_on_paper_only_and_two_of_them_name_the_next_feed_key() {
    let mut town = Town::new("jp.000000");
    let words: Vec<String> = town.papers.iter().map(|key| key.words().join(" ")).collect();
    for entry in std::fs::read_dir(town.keys_folder()).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for paper in &words {
            let key = ayumi_protocol::words::read_key(paper).unwrap();
            let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
            assert!(!text.contains(&hex) && !text.contains(paper.as_str()));
        }
    }
    let founding = Founding {
        municipality: "jp.000000".parse().unwrap(),
        supervisors: ["s-01".into(), "s-02".into()],
        sample: true,
    };
    let again = FeedKeys::make(&town.keys_folder(), founding, NOW);
    assert!(matches!(again, Err(FeedError::KeysThere)), "keys are never written over");
    let typed: Vec<RootKey> = words[1..].iter().map(|words| RootKey::from_words(words).unwrap()).collect();
    let compared = town.keys.compared();
    assert!(town.keys.rotate(&typed, false, NOW).unwrap().is_none());
    let reread = FeedKeys::load(&town.keys_folder()).unwrap();
    assert_eq!((reread.newest().number, reread.newest().feed.number), (2, 2));
    assert_eq!(reread.compared(), compared, "the words that families compare stay");
    let fresh = town.keys.rotate(&typed, true, NOW).unwrap().unwrap();
    assert_ne!(fresh.compared, compared[0], "new root keys have other words");
    assert!(matches!(town.keys.rotate(&typed, false, NOW), Err(FeedError::NotTwo)), "the old papers count no more");
}

#[test]
fn no_edition_goes_back_in_time_and_only_one_program_publishes() {
    let town = Town::new("jp.000000");
    town.publish(&pack(1, &[CHECKUP]), NOW);
    assert!(matches!(town.try_publish(&pack(2, &[CHECKUP]), NOW - 1), Err(FeedError::NoEdition(_))));
    let renewed = town.feed().publish(&town.keys, None, None, NOW + DAY).unwrap();
    assert_eq!((renewed.edition, renewed.expires), (2, NOW + 8 * DAY), "the same once more, fresh for seven days");
    let other = Town::new("jp.000001");
    let stolen = other.feed().publish(&town.keys, None, None, NOW);
    assert!(stolen.is_err(), "without a file there is nothing to publish");
    other.publish(&pack(1, &[CHECKUP]), NOW);
    assert!(matches!(other.feed().publish(&town.keys, None, None, NOW), Err(FeedError::OtherFeed)));
    let held = std::fs::read(town.feed().path().join("manifest")).unwrap();
    assert_eq!(Manifest::from_bytes(&held).unwrap().0.edition, 2, "what was refused changed nothing");
}

#[test]
fn what_the_validator_or_a_release_rule_refuses_is_told_with_its_file_and_place() {
    let text = |parts: &[&str]| vec![("notices.toml".to_owned(), pack(1, parts))];
    let people = ["s-01".to_owned()];
    let refused = |texts: &[(String, String)]| {
        let problems = check_edition(texts, &[], &people, NOW * 1000).unwrap_err();
        problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    assert!(refused(&[]).contains("holds no content file"));
    let without_japanese = CHECKUP.replace("ja = \"1歳6か月児健診\", ", "");
    assert!(
        refused(&text(&[&without_japanese])).starts_with("notices.toml: notice \"checkup/1\": title needs Japanese")
    );
    assert!(refused(&[("notices.toml".into(), "format = 1\n".into())]).starts_with("notices.toml: "));
    assert!(check_edition(&text(&[CHECKUP]), &[], &people, NOW * 1000).is_ok());
}

#[test]
fn before_it_is_published_a_notice_is_seen_beside_sample_families_with_each_reason() {
    let texts = [("notices.toml".to_owned(), fixture_text("municipal/notices.toml"))];
    let people = ["s-01".to_owned(), "s-02".to_owned()];
    let edition = check_edition(&texts, &[], &people, NOW * 1000).unwrap();
    let shown = edition.preview(&fixture_text("municipal/families.toml"), day("2026-11-30"), Locale::En).unwrap();
    let checkup = shown.iter().find(|preview| preview.notice == "checkup-18m/1").unwrap();
    let who: Vec<&str> =
        checkup.families.iter().filter(|family| family.shown).map(|family| family.family.as_str()).collect();
    assert_eq!(who, ["a child of 1 year 6 months", "1 year 8 months, check-up written"]);
    assert!(checkup.families.iter().all(|family| !family.reasons.is_empty()));
    assert!(edition.preview("family = 3", day("2026-11-30"), Locale::En).is_err());
}
