//! Which notices concern a family, why, and what becomes of them.

use chrono::{NaiveDate, NaiveDateTime};

use super::audience::Because;
use super::household::{Household, Life};
use super::list::{NoticeState, NoticeView, list, reasons};
use super::preview::{preview, read_samples};
use super::standing::{Mark, Marks};
use super::words::because_words;
use crate::content::notice::{About, Notice};
use crate::content::{Content, read_pack};
use crate::model::notebook::NotebookType;
use crate::texts::Locale;

const SAMPLE: &str = include_str!("../../../fixtures/municipal/notices.toml");
const FAMILIES: &str = include_str!("../../../fixtures/municipal/families.toml");

fn content() -> Content {
    Content::with(Some(read_pack(SAMPLE).unwrap()))
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
}

fn child(born: &str) -> Life {
    Life {
        notebook: NotebookType::Child,
        name: None,
        born: Some(day(born)),
        due: None,
        multiple: None,
        first_child: None,
        done: Default::default(),
        pregnancy: None,
        silent: false,
    }
}

fn pregnancy(due: &str) -> Life {
    Life { notebook: NotebookType::Pregnancy, born: None, due: Some(day(due)), ..child("2000-01-01") }
}

fn household(area: Option<&str>, lives: Vec<Life>) -> Household {
    Household { language: "ja".into(), area: area.map(str::to_owned), lives }
}

fn shown(household: &Household, marks: &Marks, now: &str) -> Vec<NoticeView> {
    list(&content(), household, marks, at(now), Locale::Ja, false)
}

fn keys(household: &Household, marks: &Marks, now: &str) -> Vec<(String, &'static str)> {
    let views = shown(household, marks, now).into_iter();
    views.map(|view| (format!("{}/{}", view.id, view.version), view.state.key())).collect()
}

fn marked(keys: &[(&str, &str, bool)]) -> Marks {
    keys.iter().map(|(key, shown, read)| ((*key).to_owned(), Mark { shown: at(shown), read: *read })).collect()
}

/// The notice of the sample with this key.
fn notice(key: &str) -> Notice {
    content().municipal().unwrap().notice.iter().find(|notice| notice.key() == key).unwrap().clone()
}

#[test]
fn a_notice_says_why_in_three_languages() {
    let content = content();
    let family = household(None, vec![Life { name: Some("はる".into()), ..child("2025-05-30") }]);
    let why = |locale| {
        let today = day("2026-11-30");
        let reasons = reasons(&notice("checkup-18m/1"), &family, today).unwrap();
        because_words(&content, &reasons[0], true, today, locale)
    };
    assert_eq!(why(Locale::Ja), "はるさんが1歳6か月なので");
    assert_eq!(why(Locale::JaEasy), "はるさんが 1歳(さい)6か月(げつ)だから");
    assert_eq!(why(Locale::En), "because はる is 1 year 6 months");
}

#[test]
fn an_age_in_days_begins_and_ends_on_its_days() {
    let matches =
        |born: &str| reasons(&notice("checkup-18m/1"), &household(None, vec![child(born)]), day("2026-11-30"));
    // 2026-11-30 minus 547, 548, 730, 731 days.
    assert_eq!(matches("2025-06-01"), None);
    assert!(matches("2025-05-31").is_some() && matches("2024-11-30").is_some());
    assert_eq!(matches("2024-11-29"), None);
    assert_eq!(matches("2026-12-01"), None, "not born yet");
}

#[test]
fn every_predicate_of_the_closed_list_is_asked_and_all_of_them_must_hold() {
    let today = day("2026-11-30");
    // 40 weeks on 2027-03-01: 2026-11-30 is 91 days before, 27 weeks.
    let pregnant = household(Some("north"), vec![pregnancy("2027-03-01")]);
    let class = notice("parents-class/2");
    assert_eq!(reasons(&class, &pregnant, today), Some(vec![Because::Pregnancy(27), Because::Area("north".into())]));
    let elsewhere = household(Some("south"), vec![pregnancy("2027-03-01")]);
    assert_eq!(reasons(&class, &elsewhere, today), None);
    let nowhere = household(None, vec![pregnancy("2027-03-01")]);
    assert!(reasons(&class, &nowhere, today).unwrap().contains(&Because::AreaUnknown(vec!["north".into()])));
    assert_eq!(reasons(&class, &household(Some("north"), vec![child("2026-01-01")]), today), None);

    let first = notice("first/1");
    let with = |first_child, language: &str| Household {
        language: language.into(),
        ..household(None, vec![Life { first_child, ..child("2026-10-01") }])
    };
    assert!(reasons(&first, &with(Some(true), "ja"), today).is_some());
    assert_eq!(reasons(&first, &with(Some(true), "vi"), today), None);
    assert_eq!(reasons(&first, &with(Some(false), "ja"), today), None);
    assert_eq!(reasons(&first, &with(None, "ja"), today), None, "what is not known does not hold");

    let twins = notice("twins/1");
    let of = |multiple| household(None, vec![Life { multiple, ..child("2026-10-01") }]);
    assert!(reasons(&twins, &of(Some(true)), today).is_some());
    assert!(reasons(&twins, &of(Some(false)), today).is_none() && reasons(&twins, &of(None), today).is_none());

    // Nineteen months are attained on 2026-11-29.
    let again = notice("checkup-18m-again/1");
    let of = |born: &str, done: &[&str]| {
        let done = done.iter().map(|id| (*id).to_owned()).collect();
        household(None, vec![Life { done, ..child(born) }])
    };
    assert_eq!(reasons(&again, &of("2025-04-30", &[]), today), Some(vec![Because::Missing("WC_18M".into())]));
    assert_eq!(reasons(&again, &of("2025-05-01", &[]), today), None, "a day too early");
    assert_eq!(reasons(&again, &of("2025-04-30", &["WC_18M"]), today), None, "it is written");
}

#[test]
fn a_correction_replaces_and_says_so_until_it_is_read_and_after() {
    let family = household(Some("north"), vec![pregnancy("2027-03-01")]);
    let none = Marks::new();
    let class = |marks: &Marks, now| keys(&family, marks, now).into_iter().find(|(key, _)| key.starts_with("parents"));
    assert_eq!(class(&none, "2026-11-20 09:59"), None, "not sent yet");
    assert_eq!(class(&none, "2026-11-20 10:00"), Some(("parents-class/1".into(), "new")));
    let read = marked(&[("parents-class/1", "2026-11-20 12:00", true)]);
    assert_eq!(class(&read, "2026-11-24 09:00"), Some(("parents-class/1".into(), "read")));
    assert_eq!(class(&read, "2026-11-24 10:00"), Some(("parents-class/2".into(), "corrected")));
    let both = marked(&[("parents-class/1", "2026-11-20 12:00", true), ("parents-class/2", "2026-11-24 12:00", true)]);
    assert_eq!(class(&both, "2026-11-25 10:00"), Some(("parents-class/2".into(), "read")));
    let view = shown(&family, &both, "2026-11-25 10:00").into_iter().find(|view| view.id == "parents-class").unwrap();
    assert_eq!(view.remarks, ["2026年11月20日のお知らせを訂正したものです。前の内容はもう使わないでください。"]);
    assert_eq!(
        class(&both, "2026-12-12 23:59"),
        Some(("parents-class/2".into(), "read")),
        "its last day is part of it"
    );
    assert_eq!(class(&both, "2026-12-13 00:00"), None);
    let over = list(&content(), &family, &both, at("2026-12-13 00:00"), Locale::Ja, true);
    assert!(over.iter().any(|view| view.id == "parents-class" && view.state == NoticeState::Expired));
}

#[test]
fn who_saw_a_notice_is_told_of_its_correction_though_it_is_for_others_now() {
    let moved = household(Some("south"), vec![pregnancy("2027-03-01")]);
    let saw = marked(&[("parents-class/1", "2026-11-20 12:00", true)]);
    let views = shown(&moved, &saw, "2026-11-24 12:00");
    let class = views.iter().find(|view| view.id == "parents-class").unwrap();
    assert_eq!(
        (class.state, class.because.as_slice()),
        (NoticeState::Corrected, &["前のお知らせが届いていたので".to_owned()][..])
    );
    assert!(!keys(&moved, &Marks::new(), "2026-11-24 12:00").iter().any(|(key, _)| key.starts_with("parents")));
}

#[test]
fn a_cancelled_notice_stays_visible_as_cancelled_for_forty_eight_hours() {
    let family = household(Some("south"), vec![child("2026-01-01")]);
    let water = |marks: &Marks, now| keys(&family, marks, now).into_iter().find(|(key, _)| key.starts_with("water"));
    let none = Marks::new();
    assert_eq!(water(&none, "2026-11-29 17:59"), Some(("water/1".into(), "new")));
    assert_eq!(water(&none, "2026-11-29 18:00"), Some(("water/1".into(), "cancelled")));
    assert_eq!(water(&none, "2026-12-01 18:00"), Some(("water/1".into(), "cancelled")));
    assert_eq!(water(&none, "2026-12-01 18:01"), None);
    // A phone that was off: who had read it is told when it comes back.
    let saw = marked(&[("water/1", "2026-11-29 07:00", true)]);
    assert_eq!(water(&saw, "2026-12-10 07:00"), Some(("water/1".into(), "cancelled")));
    let told = marked(&[("water/1", "2026-11-29 07:00", true), ("water/2", "2026-12-10 07:00", false)]);
    assert_eq!(water(&told, "2026-12-12 07:00"), Some(("water/1".into(), "cancelled")));
    assert_eq!(water(&told, "2026-12-12 07:01"), None);
    let view = shown(&family, &none, "2026-11-30 09:00").remove(0);
    assert_eq!((view.id.as_str(), view.severity.as_str()), ("water", "urgent"), "urgent ones stand first");
    assert_eq!(view.remarks, ["2026年11月29日のお知らせは取り消されました。", "濁りはなくなりました。"]);
    assert_eq!(view.shown, ["water/1", "water/2"], "what a shell notes as shown");
}

#[test]
fn after_a_loss_nothing_about_a_baby_is_shown_whatever_matches() {
    let now = "2026-11-30 09:00";
    let lost = |life: Life| Life { silent: true, first_child: Some(true), multiple: Some(true), ..life };
    let saw: Marks = content()
        .municipal()
        .unwrap()
        .notice
        .iter()
        .map(|notice| (notice.key(), Mark { shown: at(now), read: false }))
        .collect();
    for life in [lost(pregnancy("2027-03-01")), lost(child("2025-05-30")), lost(child("2026-10-01"))] {
        for marks in [Marks::new(), saw.clone()] {
            let family = household(None, vec![life.clone()]);
            let all = list(&content(), &family, &marks, at(now), Locale::Ja, true);
            assert!(all.iter().all(|view| view.id == "water"), "only what is of no baby: {all:?}");
        }
    }
    // Also the notebook of the pregnancy of a child who died, and a twin: nobody speaks of twins or of a first child.
    let of = |life: Life| Life { pregnancy: Some("p".into()), multiple: Some(true), first_child: Some(true), ..life };
    let twin =
        household(None, vec![of(child("2026-10-01")), lost(of(child("2026-10-01"))), of(pregnancy("2026-10-01"))]);
    let shown: Vec<String> = keys(&twin, &Marks::new(), now).into_iter().map(|(key, _)| key).collect();
    assert!(!shown.contains(&"twins/1".into()) && !shown.contains(&"first/1".into()), "{shown:?}");
    assert!(shown.contains(&"open-day/1".into()), "the child who lives has a playground");
    // An older child who lives: what asks for that child's age stays, what is for any baby does not.
    let older = household(None, vec![lost(pregnancy("2027-03-01")), child("2025-05-30")]);
    let shown: Vec<String> = keys(&older, &Marks::new(), now).into_iter().map(|(key, _)| key).collect();
    assert!(shown.contains(&"checkup-18m/1".into()) && !shown.contains(&"open-day/1".into()), "{shown:?}");
}

#[test]
fn a_notice_is_about_a_baby_unless_somebody_says_that_it_is_not() {
    assert_eq!(notice("open-day/1").about, About::Baby);
    assert_eq!(notice("water/1").about, About::Everyone);
}

#[test]
fn the_list_has_the_keys_of_the_command_line() {
    let family = household(Some("south"), vec![child("2025-05-30")]);
    let views = serde_json::to_value(shown(&family, &Marks::new(), "2026-11-29 07:00")).unwrap();
    let water = &views[0];
    for key in ["id", "version", "title", "severity", "on", "until", "state", "because", "source"] {
        assert!(!water[key].is_null(), "{key}: {water}");
    }
    assert_eq!(
        (&water["severity"], &water["state"], &water["on"]),
        (&"urgent".into(), &"new".into(), &"2026-11-29".into())
    );
    assert_eq!((&water["source"], &water["version"]), (&"見本市".into(), &1.into()));
    let checkup = views.as_array().unwrap().iter().find(|view| view["id"] == "checkup-18m").unwrap();
    assert_eq!(checkup["source"], "見本市こども家庭センター");
}

#[test]
fn a_carer_reads_her_language_and_is_told_where_only_japanese_is_there() {
    let family = Household { language: "en".into(), ..household(Some("north"), vec![pregnancy("2027-03-01")]) };
    let views = list(&content(), &family, &Marks::new(), at("2026-11-30 09:00"), Locale::En, false);
    let class = views.iter().find(|view| view.id == "parents-class").unwrap();
    assert_eq!(class.title, "両親学級は12月12日に変わりました");
    assert!(class.remarks.contains(&"This notice is in Japanese only.".to_owned()));
    let open = views.iter().find(|view| view.id == "open-day").unwrap();
    assert_eq!((open.title.as_str(), open.remarks.len()), ("Playground day", 0));
}

#[test]
fn the_preview_gives_each_sample_family_a_reason_for_each_predicate() {
    let (content, samples) = (content(), read_samples(FAMILIES).unwrap());
    let of = |key: &str| preview(&content, &notice(key), &samples, day("2026-11-30"), Locale::En);
    let shown = |key: &str| of(key).iter().map(|row| row.shown).collect::<Vec<_>>();
    assert_eq!(shown("checkup-18m/1"), [true, true, false, false, false, false]);
    assert_eq!(shown("checkup-18m-again/1"), [false; 6], "one too young, one with its entry");
    assert_eq!(shown("parents-class/2"), [false, false, true, false, false, false]);
    assert_eq!(shown("twins/1"), [false, false, false, true, false, false]);
    assert_eq!(shown("first/1"), [true, false, false, false, false, false]);
    assert_eq!(shown("open-day/1"), [true, true, true, true, true, false]);
    assert_eq!(shown("water/1"), [false, true, true, true, true, true]);
    let words =
        |key: &str, family: usize| of(key)[family].reasons.iter().map(|one| one.words.clone()).collect::<Vec<_>>();
    assert_eq!(words("checkup-18m/1", 0), ["because your child is 1 year 6 months"]);
    assert_eq!(words("checkup-18m/1", 2), ["not shown: no child is born in this handbook"]);
    assert_eq!(
        words("parents-class/2", 2),
        ["because no area is chosen yet (this is for North)", "because you are 20 weeks pregnant"]
    );
    assert_eq!(words("open-day/1", 5), ["not shown: after a loss nothing about a baby is shown"]);
    assert_eq!(words("twins/1", 4)[1], "not shown: after a loss nothing about a baby is shown");
    assert!(of("parents-class/2")[2].only_japanese);
    // A reason for each predicate of each family, in every language.
    for notice in &content.municipal().unwrap().notice {
        for locale in Locale::ALL {
            let rows = preview(&content, notice, &samples, day("2026-11-30"), locale);
            for reason in rows.iter().flat_map(|row| &row.reasons) {
                assert!(!reason.words.trim().is_empty() && !reason.words.contains('{'), "{}: {reason:?}", notice.key());
            }
        }
    }
}

#[test]
fn every_reason_has_words_in_three_languages() {
    use Because as B;
    let content = content();
    let held = [
        B::Age(None, day("2025-05-30")),
        B::Pregnancy(20),
        B::Area("north".into()),
        B::AreaUnknown(vec!["north".into()]),
        B::Language("vi".into()),
        B::FirstChild,
        B::LaterChild,
        B::Multiple,
        B::Single,
        B::Missing("WC_18M".into()),
        B::Everyone,
        B::SeenBefore,
    ];
    let failed = [
        B::Age(None, day("2025-05-30")),
        B::NoChild,
        B::Pregnancy(20),
        B::NoPregnancy,
        B::Area("north".into()),
        B::Language("vi".into()),
        B::FirstChild,
        B::LaterChild,
        B::Multiple,
        B::Single,
        B::Missing("WC_18M".into()),
        B::Loss,
    ];
    for (list, holds) in [(&held[..], true), (&failed[..], false)] {
        for (because, locale) in list.iter().flat_map(|one| Locale::ALL.map(|locale| (one, locale))) {
            let words = because_words(&content, because, holds, day("2026-11-30"), locale);
            assert!(!words.is_empty() && !words.contains('{'), "{because:?} {holds} {locale:?}: {words}");
        }
    }
}
