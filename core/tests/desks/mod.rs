//! Desks by topic: words.md A3, A4, A5, C. What is a number has a source and a day; #8000 is for sudden illness and nothing else.

use ayumi_core::app::{DeskTopic, Handbook, Locale, NewEntry};
use ayumi_core::content::{Content, read_pack};
use chrono::NaiveDateTime;

use crate::scratch::{child, day, handbook, opened_at};

fn at(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").unwrap()
}

/// A handbook at a time in Japan.
fn book_at(now: &str, locale: Locale) -> (tempfile::TempDir, Handbook) {
    let (folder, book) = handbook(at(now).date(), locale);
    let book = opened_at(&folder, book, at(now), locale);
    (folder, book)
}

/// 20 November 2026 is a Friday.
const NIGHT: &str = "2026-11-20T03:00";
const NOON: &str = "2026-11-20T12:00";

#[test]
fn a4_8000_stands_only_under_sudden_illness() {
    for now in [NIGHT, NOON] {
        let (_folder, book) = book_at(now, Locale::Ja);
        for topic in DeskTopic::ALL {
            let listed = book.desks().list(Some(topic.key())).unwrap();
            let found = book.desks().find(topic.key()).unwrap();
            let meanwhile = found.iter().flat_map(|desk| &desk.meanwhile);
            let there = listed.iter().chain(&found).chain(meanwhile).any(|desk| desk.id == "8000");
            assert_eq!(there, topic == DeskTopic::NightIllness, "{} at {now}", topic.key());
        }
    }
}

#[test]
fn a4_8000_asks_for_symptoms_and_says_when_and_for_what() {
    let (_folder, book) = book_at(NIGHT, Locale::Ja);
    let desk = book.desks().find("night_illness").unwrap().unwrap();
    assert_eq!((desk.id.as_str(), desk.no_reason.as_str()), ("8000", ""), "it wants a reason: the symptoms");
    assert!(desk.asks.contains("症状") && desk.what_for.contains("夜や休日") && desk.not_for.contains("ことば"));
    assert_eq!(desk.open_now, None, "unknown hours are not open hours");
    assert!(desk.hours[0].contains("夜と休日") && desk.hours[0].contains("都道府県"), "{:?}", desk.hours);
    assert!(desk.checked.contains("2026年11月30日"));
}

/// A mother who wonders about words at 3 a.m. is not sent to a line that turns her away.
#[test]
fn a4_a_worry_at_night_waits_for_the_morning_and_she_does_not() {
    let (_folder, book) = book_at(NIGHT, Locale::Ja);
    let desk = book.desks().find("development").unwrap().unwrap();
    assert!(desk.at_night.starts_with("夜が明けたら、窓口で話せます。"), "{}", desk.at_night);
    assert_eq!(desk.meanwhile_words, "いま、あなたがつらいときは");
    assert!(
        desk.meanwhile.iter().all(|other| other.topics.contains(&"mind".to_owned()) && other.open_now == Some(true))
    );
    assert!(!desk.meanwhile.is_empty());
    let (_folder, book) = book_at(NOON, Locale::Ja);
    let desk = book.desks().find("development").unwrap().unwrap();
    assert!(desk.at_night.is_empty() && desk.meanwhile.is_empty(), "by day there is the desk");
}

#[test]
fn a4_unknown_hours_stand_under_a_heading_that_says_so() {
    let (_folder, book) = book_at(NIGHT, Locale::Ja);
    let pack = "format = 1\n[pack]\nid = \"jp.000000.test\"\nversion = 1\nname = [\"試\", \"し\", \"test\"]\n\
                [[desk]]\nid = \"chat\"\ntopics = [\"night\"]\nname = [\"夜間相談\", \"よる\", \"night\"]\n\
                hours = [{ days = \"mon-sun\", from = \"17:00\", to = \"23:00\" }]\n";
    book.contents().install(pack).unwrap();
    let desk = book.desks().find("night").unwrap().unwrap();
    assert_eq!(
        (desk.id.as_str(), desk.topics.as_slice()),
        ("chat", ["night_illness".to_owned()].as_slice()),
        "old packs are read"
    );
    assert_eq!(desk.opens_at.map(|at| at.format("%H:%M").to_string()).as_deref(), Some("17:00"));
    assert_eq!(desk.meanwhile.iter().map(|other| other.id.as_str()).collect::<Vec<_>>(), ["8000"]);
    assert_eq!(desk.meanwhile_words, "時間を確かめて電話できるところ");
}

#[test]
fn a4_topics_are_a_closed_list() {
    let (_folder, book) = book_at(NOON, Locale::Ja);
    assert!(book.desks().find("weather").is_err() && book.desks().list(Some("weather")).is_err());
    let pack = "format = 1\n[pack]\nid = \"jp.000000.test\"\nversion = 1\nname = [\"試\", \"し\", \"test\"]\n\
                [[desk]]\nid = \"d\"\ntopics = [\"weather\"]\nname = [\"窓\", \"ま\", \"desk\"]\n";
    assert!(read_pack(pack).is_err(), "a topic that nobody knows is refused where the pack is written");
    let content = Content::default();
    for topic in DeskTopic::ALL {
        assert_eq!(DeskTopic::from_key(topic.key()), Some(topic));
        for locale in Locale::ALL {
            assert!(!content.word(&format!("topic.{}", topic.key()), locale).is_empty(), "{}", topic.key());
        }
    }
    assert_eq!(DeskTopic::from_key("night"), Some(DeskTopic::NightIllness));
}

/// Words.md A5: for the mother herself nothing stood there.
#[test]
fn a5_there_is_somebody_for_the_mother_herself_for_violence_a_hidden_pregnancy_and_a_loss() {
    let (_folder, book) = book_at(NIGHT, Locale::En);
    for topic in ["mind", "violence", "pregnancy_hidden", "loss"] {
        let all = book.desks().list(Some(topic)).unwrap();
        assert!(
            all.iter().any(|desk| desk.open_now == Some(true) && !desk.ways.is_empty()),
            "{topic}: somebody at 3 a.m."
        );
        for desk in all.iter().filter(|desk| desk.id != "town") {
            assert!(desk.confidential, "{topic}: {}", desk.id);
            assert!(!desk.checked.is_empty(), "{topic}: {} has no check date", desk.id);
        }
        assert!(DeskTopic::from_key(topic).unwrap().is_own());
    }
}

/// A number is configuration with a source and the day on which it was compared.
#[test]
fn a5_every_number_of_ours_has_a_source_and_a_check_date() {
    let content = Content::default();
    let all = content.all_desks(day("2026-11-20"));
    assert!(all.len() >= 8);
    for desk in all.into_iter().filter(|desk| !desk.ways.is_empty()) {
        assert!(!desk.sources.is_empty() && desk.checked_on.is_some(), "{}", desk.id);
        assert!(desk.hours_words.is_some() || !desk.hours.is_empty(), "{}: when", desk.id);
    }
}

/// Words.md C: "no reason needed" four times on one screen.
#[test]
fn c_no_reason_needed_is_said_once() {
    let (_folder, book) = book_at(NIGHT, Locale::Ja);
    let id = child(&book, "2025-03-01");
    let check = book
        .checks()
        .due(id)
        .unwrap()
        .into_iter()
        .find(|check| check.state == ayumi_core::app::CheckState::Open)
        .unwrap()
        .check;
    book.checks().answer(id, &check, &[], Some("ことば"), None).unwrap();
    let result = book.checks().result(id, &check).unwrap();
    let desk = result.desk.unwrap();
    let screen = [result.offer_words, desk.about, desk.no_reason, desk.what_for, desk.at_night].concat();
    assert_eq!(screen.matches("理由はいりません").count(), 1, "{screen}");
}

/// The contacts that a family writes are theirs; a desk is not asked for by any entry.
#[test]
fn a5_what_was_written_about_oneself_changes_no_desk() {
    let (_folder, book) = book_at(NIGHT, Locale::Ja);
    let private = book.notebooks().add_private().unwrap();
    let before = format!("{:?}", book.desks().list(None).unwrap());
    let entry = NewEntry::typed(private, "feelings", "2026-11-20", &[("text", "つらい"), ("mood", "hard")]).unwrap();
    book.entries().add(&entry).unwrap();
    assert_eq!(format!("{:?}", book.desks().list(None).unwrap()), before);
}

/// A pack lists the days on which a desk is closed year by year. Behind the last of them a weekday that is a national holiday may
/// be one of the desk's, and in a year that no list has, any: then nobody says that it is open. Who is there every day knows none.
#[test]
fn beyond_the_days_that_are_known_a_desk_may_be_closed() {
    let pack = |closed: &str, days: &str| {
        format!(
            "format = 1\n[pack]\nid = \"jp.000000.test\"\nversion = 1\nname = [\"試\", \"し\", \"test\"]\n\
             [[desk]]\nid = \"town\"\ntopics = [\"development\"]\nname = [\"窓口\", \"まどぐち\", \"desk\"]\n\
             closed_on = [{closed}]\nclosed_yearly = [\"12-29\", \"12-30\", \"12-31\", \"01-01\", \"01-02\", \"01-03\"]\n\
             hours = [{{ days = \"{days}\", from = \"08:30\", to = \"17:15\" }}]\n"
        )
    };
    let listed = "\"2026-11-23\", \"2027-01-11\"";
    for (now, closed, days, open, opens, state) in [
        ("2026-11-24T10:00", listed, "mon-fri", Some(true), None, "open now"),
        (
            "2026-11-23T10:00",
            listed,
            "mon-fri",
            Some(false),
            Some("2026-11-24"),
            "closed now; opens 24 November 2026 8:30",
        ),
        // 11 February is behind the last day of the pack, and on the national list.
        ("2027-02-11T10:00", listed, "mon-fri", None, None, "may be closed today"),
        (
            "2027-02-10T20:00",
            listed,
            "mon-fri",
            Some(false),
            Some("2027-02-12"),
            "closed now; opens 12 February 2027 8:30",
        ),
        ("2027-02-12T10:00", listed, "mon-fri", Some(true), None, "open now"),
        ("2027-02-11T10:00", "", "mon-fri", None, None, "may be closed today"),
        ("2028-02-09T10:00", listed, "mon-fri", None, None, "may be closed today"),
        (
            "2028-02-09T20:00",
            listed,
            "mon-fri",
            Some(false),
            Some("2028-02-10"),
            "closed now; opens 10 February 2028 8:30, unless that is a holiday",
        ),
        ("2028-02-09T10:00", listed, "mon-sun", Some(true), None, "open now"),
    ] {
        let (_folder, book) = book_at(now, Locale::En);
        book.contents().install(&pack(closed, days)).unwrap();
        let desk = book.desks().find("development").unwrap().unwrap();
        let opens_at = desk.opens_at.map(|at| at.date().to_string());
        assert_eq!((desk.open_now, opens_at.as_deref()), (open, opens), "{now} {closed} {days}");
        assert_eq!(desk.state, state, "{now} {closed} {days}");
    }
}
