//! Events of the agenda against `fixtures/events/events.json`, where they came from.

use std::collections::BTreeSet;

use crate::fixture_text;
use ayumi_core::agenda::events::{events, is_done_by, is_open};
use ayumi_core::agenda::remind::times;
use ayumi_core::agenda::{AgendaLine, Family, between};
use ayumi_core::content::Content;
use ayumi_core::content::event::{EventDef, ForWhom, Force};
use ayumi_core::content::moment::{Anchors, Confidence};
use ayumi_core::model::law::pregnancy_week;
use ayumi_core::model::notebook::NotebookType;
use ayumi_core::texts::Locale;
use chrono::{Days, NaiveDate};
use serde_json::Value;

/// In the source, and elsewhere in Ayumi.
const ELSEWHERE: [(&str, &str); 2] = [
    ("RSV_MAT", "a vaccination: content/vaccines"),
    ("PRENATAL_TESTS", "what a visit holds, not a day of its own: the form has its fields"),
];

#[test]
fn every_event_of_the_source_is_there_with_its_confidence_force_and_sources() {
    let json: Value = serde_json::from_str(&fixture_text("events/events.json")).unwrap();
    let content = Content::default();
    let rules = content.agenda().unwrap();
    let (mut seen, mut prenatal) = (BTreeSet::new(), 0);
    let events = json.as_object().unwrap().values().filter_map(Value::as_array).flatten();
    for event in events.filter(|event| event.get("ja").is_some()) {
        let id = event["id"].as_str().unwrap();
        if ELSEWHERE.iter().any(|(known, _)| *known == id) {
            continue;
        }
        // Nominal weeks of fourteen visits: only the frequencies are national, so there are no slots to run out of.
        if id.starts_with("PRENATAL_") {
            prenatal += 1;
            continue;
        }
        let ours = rules.event.iter().find(|ours| ours.id == id).unwrap_or_else(|| panic!("{id} is missing"));
        assert_eq!(event["conf"].as_str().unwrap(), ours.confidence.to_string(), "{id}");
        let sources: Vec<&str> = event["sources"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(sources, ours.sources, "{id}");
        assert_eq!(
            ours.force == Force::Statutory || ours.force == Force::Duty,
            by_law(event),
            "{id}: {}",
            event["force"]
        );
        if ours.confidence == Confidence::C || event["conf_window"] == "C" {
            assert!(ours.from.is_none() && ours.where_offered, "{id}: an unconfirmed window drives nothing");
        }
        let whom = event["subject"].as_str().unwrap();
        let fits = match ours.whom {
            ForWhom::Pregnant => whom == "pregnant",
            ForWhom::Postpartum => whom == "postpartum",
            ForWhom::Child => whom == "child",
            // A visit to the newborn is a visit to the family.
            ForWhom::Household => whom == "household" || id.starts_with("VISIT"),
        };
        assert!(fits, "{id}: {whom}");
        seen.insert(id.to_owned());
    }
    assert_eq!(prenatal, 14);
    let left: Vec<&EventDef> = rules.event.iter().filter(|event| !seen.contains(&event.id)).collect();
    assert!(left.is_empty(), "{left:?}");
    let weeks: Vec<(u32, u32)> = rules.prenatal.iter().map(|step| (step.from_week, step.every_weeks)).collect();
    assert_eq!(weeks, [(0, 4), (24, 2), (36, 1)], "every 4 weeks to 23w, 2 to 35w, weekly from 36w");
}

/// What the source's words say of law: a duty of the family, or something that the municipality or school must offer.
fn by_law(event: &Value) -> bool {
    let force = event["force"].as_str().unwrap();
    force.contains("law duty")
        || force.contains("immigration law")
        || force.starts_with("STATUTORY")
        || force.contains("municipal duty under Child Welfare Act")
        || force.contains("School Health and Safety Act")
}

/// A family of a pregnancy, or of a child.
fn family(notebook: NotebookType, anchors: Anchors) -> Family {
    Family {
        notebook,
        anchors,
        multiple: false,
        born_abroad: false,
        birth_weight: None,
        silent: false,
        mother_elsewhere: false,
        done: BTreeSet::new(),
        last_prenatal: None,
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn pregnant(due: &str) -> Family {
    family(
        NotebookType::Pregnancy,
        Anchors { due: Some(day(due)), notified: Some(day(due) - Days::new(200)), ..Anchors::default() },
    )
}

fn born(on: &str) -> Family {
    family(NotebookType::Child, Anchors { born: Some(day(on)), ..Anchors::default() })
}

fn lost(due: &str, weeks: u32, days: u32) -> Family {
    let expected = pregnant(due);
    let ended = pregnancy_week(day(due), weeks, days);
    Family { silent: true, anchors: Anchors { ended, ..expected.anchors }, ..expected }
}

fn line(family: &Family, key: &str) -> Option<AgendaLine> {
    events(&Content::default(), family).into_iter().find(|line| line.topic.key() == key)
}

fn window(family: &Family, key: &str) -> Option<(String, String)> {
    let line = line(family, key)?;
    Some((line.from.to_string(), line.to.map_or_else(String::new, |to| to.to_string())))
}

fn from_to(from: &str, to: &str) -> Option<(String, String)> {
    Some((from.to_owned(), to.to_owned()))
}

/// Cases K11a and K11b. Sources: circular 昭25.3.31 基収4057号 (the day of birth belongs to the six weeks);
/// roudoukeiyaku.net/mailmagazine/yoteibi.html, hrm-solution.jp 2021/05 (worked dates).
#[test]
fn k11_leave_before_birth_holds_42_or_98_days_with_the_due_date() {
    for (due, from, why) in [
        ("2027-04-01", "2027-02-19", "K11a"),
        ("2021-03-16", "2021-02-03", "K11b"),
        ("2027-04-20", "2027-03-10", "roudoukeiyaku.net"),
        ("2028-04-01", "2028-02-20", "over a leap day"),
    ] {
        let one = pregnant(due);
        assert_eq!(window(&one, "LEAVE_PRE"), from_to(from, due), "{why}");
        assert_eq!((day(due) - day(from)).num_days() + 1, 42, "{why}");
        let twins = Family { multiple: true, ..one };
        let begins = line(&twins, "LEAVE_PRE").unwrap().from;
        assert_eq!((day(due) - begins).num_days() + 1, 98, "{why}: twins");
    }
    // A birth that is late lengthens it: it stands there past the due date.
    let late = line(&pregnant("2027-04-01"), "LEAVE_PRE").unwrap();
    assert!(is_open(&late, day("2027-04-10")));
    assert!(between(vec![late.clone()], day("2027-04-10"), day("2027-04-11")).len() == 1);
    assert!(!is_open(&late, day("2027-05-01")), "not for ever");
}

/// Labour Standards Act art.65(2) and circulars 基発1885号, 婦発113号; Health Insurance Act art.101; 死産の届出に関する規程 art.2, 4
/// (Muko City: the day itself is the first of seven). From 12w0d, the 85th day of pregnancy; before it none of the three.
#[test]
fn after_a_loss_stands_what_the_law_asks_and_what_she_is_owed() {
    let due = "2027-06-01";
    let early = lost(due, 11, 6);
    for key in ["STILLBIRTH_REG", "LEAVE_POST", "LUMP_SUM"] {
        assert_eq!(line(&early, key), None, "{key} at 11w6d");
        assert!(line(&lost(due, 12, 0), key).is_some(), "{key} at 12w0d");
        assert!(line(&lost(due, 38, 2), key).is_some(), "{key} at 38w2d");
    }
    assert!(line(&early, "BENEFIT_2").is_some(), "at any week");
    let at_20w = lost(due, 20, 0);
    let ended = at_20w.anchors.ended.unwrap();
    let on = |days: u64| (ended + Days::new(days)).to_string();
    assert_eq!(window(&at_20w, "STILLBIRTH_REG"), from_to(&on(0), &on(6)));
    assert_eq!(window(&at_20w, "LEAVE_POST"), from_to(&on(1), &on(56)));
    let two_years = ended.checked_add_months(chrono::Months::new(24)).unwrap().to_string();
    assert_eq!(window(&at_20w, "LUMP_SUM"), from_to(&on(0), &two_years));
    let all: BTreeSet<String> = events(&Content::default(), &at_20w).iter().map(|line| line.topic.key()).collect();
    let hers = ["BENEFIT_2", "LEAVE_POST", "LUMP_SUM", "PNC", "PPC_1", "PPC_2", "STILLBIRTH_REG"];
    assert_eq!(all, hers.map(str::to_owned).into(), "and no more");
    // A pregnancy that goes on, or a birth, has no notification of a loss.
    assert_eq!(line(&pregnant(due), "STILLBIRTH_REG"), None);
    assert_eq!(line(&born("2027-01-05"), "STILLBIRTH_REG"), None);
}

/// Family Register Act art.43 and 49: 14 days, abroad three months, the day of birth the first; Civil Code art.143 where a
/// month has no such day. Neighbours that follow a birth in Japan are not there.
#[test]
fn a_birth_abroad_is_reported_within_three_months() {
    for (on, home, abroad, why) in [
        ("2027-01-05", "2027-01-18", "2027-04-04", "three months with the first day"),
        ("2026-11-30", "2026-12-13", "2027-02-28", "no 30 February: the month's last day"),
        ("2027-11-30", "2027-12-13", "2028-02-29", "leap year"),
        ("2027-12-01", "2027-12-14", "2028-02-29", "the day before 1 March"),
    ] {
        let here = born(on);
        assert_eq!(window(&here, "BIRTH_REG"), from_to(on, home), "{why}");
        let there = Family { born_abroad: true, birth_weight: Some(1800), ..here };
        assert_eq!(window(&there, "BIRTH_REG"), from_to(on, abroad), "{why}");
        for key in ["CHILD_ALLOW", "BIRTH_CARD", "LOW_WEIGHT", "MED_PREMATURE"] {
            assert_eq!(line(&there, key), None, "{key}: of a birth in Japan");
        }
    }
}

/// Maternal and Child Health Act art.18 (under 2,500 g) and art.20 (2,000 g or less: utazu, nakama, nishikawa).
#[test]
fn a_small_newborn_has_its_notice_and_its_medical_aid() {
    for (grams, notice, aid) in [
        (None, false, false),
        (Some(2500), false, false),
        (Some(2499), true, false),
        (Some(2001), true, false),
        (Some(2000), true, true),
        (Some(480), true, true),
    ] {
        let child = Family { birth_weight: grams, ..born("2027-01-05") };
        assert_eq!(line(&child, "LOW_WEIGHT").is_some(), notice, "{grams:?}");
        assert_eq!(line(&child, "MED_PREMATURE").is_some(), aid, "{grams:?}");
        assert_eq!(line(&Family { silent: true, ..child }, "LOW_WEIGHT"), None, "after a death");
    }
    let small = Family { birth_weight: Some(1800), ..born("2027-01-05") };
    assert_eq!(window(&small, "LOW_WEIGHT"), from_to("2027-01-05", ""), "as soon as possible: no day is named");
    assert!(line(&small, "LOW_WEIGHT").unwrap().legal);
}

/// What exists everywhere but whose days nobody confirms is shown without days, and reminds on none.
#[test]
fn what_no_municipality_dates_is_shown_undated() {
    let child = born("2027-01-05");
    for key in ["VITK", "WC_1M", "NBS", "HEALTH_INS"] {
        let line = line(&child, key).unwrap_or_else(|| panic!("{key} is missing"));
        assert!(line.undated && line.to.is_none(), "{key}");
        assert!(is_open(&line, day("2027-01-06")) && !is_open(&line, day("2028-01-06")), "{key}");
        let before = day("2027-01-01").and_hms_opt(0, 0, 0).unwrap();
        assert!(times(&[line], before, day("2028-01-01"), 10).is_empty(), "{key}");
    }
    assert!(line(&pregnant("2027-04-01"), "DENTAL_MAT").unwrap().undated);
    for key in ["WC_1Y", "WC_2Y_DENT", "WC_5Y"] {
        assert_eq!(line(&child, key), None, "{key}: only where it is offered");
    }
}

/// The handbook is handed out at the notice of pregnancy: its day of issue says that the notice was given; the certificate
/// on its first page, that the birth was reported.
#[test]
fn notices_are_done_once_the_handbook_is_there() {
    let content = Content::default();
    let done = |kind: &str, field: &str, value: Option<&str>| -> Vec<String> {
        let answer = |key: &str| if key == field { value } else { None };
        let rules = content.agenda().unwrap();
        rules.event.iter().filter(|event| is_done_by(event, kind, answer)).map(|event| event.id.clone()).collect()
    };
    assert_eq!(done("cover", "issued_on", Some("2026-09-01")), ["PREG_NOTICE", "INT_1"]);
    assert_eq!(done("cover", "number", Some("12")), [""; 0], "a cover without its day");
    assert_eq!(done("guardian_birth_cert", "certified_on", Some("2027-01-10")), ["BIRTH_REG"]);
    assert_eq!(done("wellchild", "checkup", Some("1y6m")), ["WC_18M"]);
}

/// Local Autonomy Act art.4-2(4): a term that ends on a holiday of the office ends on the day after. Which days those are
/// differs by town, so the words say it, in all languages.
#[test]
fn terms_at_an_office_say_what_a_holiday_does() {
    let content = Content::default();
    for key in ["event.BIRTH_REG.how", "event.CHILD_ALLOW.how", "event.STILLBIRTH_REG.after_loss.how"] {
        let said = Locale::ALL.map(|locale| content.word(key, locale).into_owned());
        assert!(
            said[0].contains("休み") && said[1].contains("休(やす)み") && said[2].contains("holiday"),
            "{key}: {said:?}"
        );
    }
}

/// The same, day by day (Cabinet Office's list of holidays): the last day stays as counted, and what is still in time stands until
/// the office opens. Beyond the years that the list has, the words say that it may be closed.
#[test]
fn a_last_day_that_is_a_holiday_of_the_office_moves_to_its_next_open_day() {
    for (on, key, last, in_time, why) in [
        ("2026-11-10", "BIRTH_REG", "2026-11-23", Some("2026-11-24"), "勤労感謝の日, a Monday"),
        ("2026-11-08", "BIRTH_REG", "2026-11-21", Some("2026-11-24"), "a Saturday before it"),
        ("2026-11-11", "BIRTH_REG", "2026-11-24", None, "an open day"),
        ("2026-12-16", "BIRTH_REG", "2026-12-29", Some("2027-01-04"), "around New Year"),
        ("2027-03-08", "BIRTH_REG", "2027-03-21", Some("2027-03-23"), "春分の日 on a Sunday, and the Monday for it"),
        ("2026-11-08", "CHILD_ALLOW", "2026-11-23", Some("2026-11-24"), "15 days after the day of birth"),
        ("2027-12-20", "BIRTH_REG", "2028-01-02", None, "nobody has said when it opens"),
    ] {
        let child = born(on);
        let found = line(&child, key).unwrap();
        assert_eq!((found.to, found.shown_to), (Some(day(last)), in_time.map(day)), "{key} of {on}: {why}");
        let end = day(in_time.unwrap_or(last));
        assert!(is_open(&found, end) && !is_open(&found, end + Days::new(1)), "{key} of {on}: {why}");
    }
    let abroad = Family { born_abroad: true, ..born("2026-11-24") };
    let found = line(&abroad, "BIRTH_REG").unwrap();
    assert_eq!((found.to, found.shown_to), (Some(day("2027-02-23")), None), "an embassy has its own days");
}
