//! Weights: words.md A1, with its own child (2026-10-01, 3400 g), and the edges of each rule.

use ayumi_core::app::{EndReason, Handbook, Locale, Measure, NewChild, NotebookId, OfferKind, Reference, Sex};
use ayumi_core::content::Content;
use ayumi_core::leads::weight::of;
use ayumi_core::leads::{Known, Weighing};
use ayumi_core::model::date::Gestation;
use chrono::{Days, NaiveDate};

use super::{BORN, at_once, lines, write};
use crate::scratch::{child, day, handbook, opened_at};

fn born_with(book: &Handbook, grams: &str) -> NotebookId {
    let id = child(book, BORN);
    write(book, id, "delivery", BORN, &[("weight", grams)]);
    id
}

fn weigh(book: &Handbook, id: NotebookId, on: &str, kg: &str) -> Vec<ayumi_core::app::LeadView> {
    at_once(book, id, "growth", on, &[("weight", kg)])
}

fn readings(book: &Handbook, id: NotebookId) -> Vec<(String, String)> {
    let all = book.growth().measurements(id, Reference::default()).unwrap();
    let weights = all.into_iter().filter(|one| one.measure == Measure::Weight);
    weights.map(|one| (one.reading_key, one.reading)).collect()
}

/// Three times "lines often move" for a child that did not get back to its weight at birth.
#[test]
fn a1_under_the_weight_at_birth_after_two_weeks_leads_to_the_clinic() {
    let (_folder, book) = handbook(day("2026-11-20"), Locale::Ja);
    let id = born_with(&book, "3400");
    for (on, kg) in [("2026-10-15", "3.05"), ("2026-11-01", "3.00"), ("2026-11-20", "2.95")] {
        let found = weigh(&book, id, on, kg);
        assert_eq!(found.len(), 1, "{on}");
        assert_eq!((found[0].rule.as_str(), found[0].offer), ("under_birth", OfferKind::Doctor), "{on}");
        assert_eq!(
            found[0].words,
            "この体重は、産院・助産師・小児科に、今日か明日のうちに見せてください。飲む量や測り方をいっしょに確かめてもらえます。おしっこが少ない、ぐったりするときは、すぐに受診してください。"
        );
        assert_eq!(found[0].clinics, ["産院・助産師", "小児科"]);
        assert!(found[0].desk.is_some());
        assert_eq!(lines(&book, id), [format!("LEAD/under_birth/{on}")], "one line, for the newest weight");
    }
    let all = readings(&book, id);
    assert_eq!(
        all.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(),
        ["first", "under_birth", "under_birth", "under_birth"]
    );
    assert!(all.iter().skip(1).all(|(_, words)| !words.contains("よくあること") && !words.contains("線")), "{all:?}");
    assert!(all[3].1.contains("今日か明日") && !all[1].1.contains("今日か明日"), "an old weight sends nobody today");
}

#[test]
fn a1_more_than_a_tenth_lost_in_the_first_days_is_told_to_the_clinic_of_the_birth() {
    let (_folder, book) = handbook(day("2026-10-05"), Locale::Ja);
    let id = born_with(&book, "3400");
    let found = weigh(&book, id, "2026-10-05", "2.85");
    assert_eq!((found[0].rule.as_str(), found[0].offer), ("big_drop_first_days", OfferKind::Doctor), "16 %");
    assert!(
        found[0]
            .words
            .starts_with("生まれて数日は体重が減りますが、減りかたが大きめです。産院に電話で伝えてください。")
    );
    assert_eq!(readings(&book, id)[1].0, "big_drop_first_days");
    // The kinder half of the old words stays true for what is usual.
    let other = born_with(&book, "3400");
    assert!(weigh(&book, other, "2026-10-05", "3.10").is_empty(), "9 % is usual");
    assert_eq!(
        readings(&book, other)[1],
        ("first_days".to_owned(), "生まれて数日は体重がいったん減るのが自然です。".to_owned())
    );
}

#[test]
fn a1_no_gain_between_two_weights_a_week_apart_leads_to_the_clinic() {
    let (_folder, book) = handbook(day("2027-01-10"), Locale::Ja);
    let id = born_with(&book, "3000");
    assert!(weigh(&book, id, "2026-12-01", "5.00").is_empty());
    assert!(weigh(&book, id, "2026-12-06", "4.98").is_empty(), "five days say little");
    let found = weigh(&book, id, "2026-12-08", "5.00");
    assert_eq!((found[0].rule.as_str(), found[0].offer), ("no_gain", OfferKind::Doctor));
    assert_eq!(lines(&book, id), ["LEAD/no_gain/2026-12-08"]);
    assert!(weigh(&book, id, "2026-12-20", "5.20").is_empty(), "a later weight that is more settles it");
    assert!(lines(&book, id).is_empty());
}

/// Each edge on both sides, from the engine alone: day 13/14, 10 %, 6/7 days, six months.
#[test]
fn a1_the_edges_of_each_weight_rule() {
    let content = Content::default();
    let born = day(BORN);
    let at = |age: u64, grams: u32| Weighing { on: born + Days::new(age), grams };
    let rule = |birth: u32, before: &[(u64, u32)], now: (u64, u32)| {
        let weighed = before.iter().chain([&now]).map(|(age, grams)| at(*age, *grams)).collect();
        let known = Known { born: Some(born), birth_weight: Some(birth), noted: Vec::new(), weighed };
        of(content.leads(), &known, at(now.0, now.1)).map(|rule| rule.id.clone())
    };
    let none: Option<String> = None;
    for (why, found, expected) in [
        ("exactly a tenth", rule(3000, &[], (4, 2700)), none.clone()),
        ("a gram more", rule(3000, &[], (4, 2699)), Some("big_drop_first_days".to_owned())),
        ("day 13, less than a tenth", rule(3000, &[], (13, 2900)), none.clone()),
        ("day 14", rule(3000, &[], (14, 2999)), Some("under_birth".to_owned())),
        ("back at birth weight", rule(3000, &[], (14, 3000)), none.clone()),
        (
            "nobody wrote the weight at birth",
            {
                let known = Known { born: Some(born), weighed: vec![at(20, 900)], ..Known::default() };
                of(content.leads(), &known, at(20, 900)).map(|rule| rule.id.clone())
            },
            none.clone(),
        ),
        ("day 2 counts not as a weight before", rule(2000, &[(2, 2500)], (9, 2400)), none.clone()),
        ("day 3 does", rule(2000, &[(3, 2400)], (10, 2400)), Some("no_gain".to_owned())),
        ("six days", rule(2000, &[(30, 4000)], (36, 4000)), none.clone()),
        ("a gram more than before", rule(2000, &[(30, 4000)], (37, 4001)), none.clone()),
        // Six months are attained on 2027-03-31: day 181.
        ("the last day of the first six months", rule(2000, &[(150, 7000)], (181, 7000)), Some("no_gain".to_owned())),
        ("the day after", rule(2000, &[(150, 7000)], (182, 7000)), none),
    ] {
        assert_eq!(found, expected, "{why}");
    }
}

#[test]
fn a1_the_line_of_a_weight_ends_with_a_mark_or_the_first_year() {
    let (folder, book) = handbook(day("2026-11-01"), Locale::Ja);
    let id = born_with(&book, "3400");
    weigh(&book, id, "2026-11-01", "3.20");
    assert_eq!(lines(&book, id), ["LEAD/under_birth/2026-11-01"]);
    let at = |text: &str| day(text).and_hms_opt(9, 0, 0).unwrap();
    let book = opened_at(&folder, book, at("2027-09-30"), Locale::Ja);
    assert_eq!(lines(&book, id).len(), 1, "the day on which twelve months are attained");
    let book = opened_at(&folder, book, at("2027-10-01"), Locale::Ja);
    assert!(lines(&book, id).is_empty());
}

/// A number that no child of that age has is asked back, and sends nobody to a doctor.
#[test]
fn a1_a_slip_of_the_finger_is_asked_back_and_leads_nowhere() {
    let (_folder, book) = handbook(day("2026-12-01"), Locale::Ja);
    let term = NewChild {
        gestation: Gestation::parse("39w0d"),
        ..NewChild { name: "あお".into(), sex: Sex::Female, born: day(BORN), ..NewChild::default() }
    };
    let id = book.notebooks().add_child(&term).unwrap();
    write(&book, id, "delivery", BORN, &[("weight", "3400")]);
    assert!(weigh(&book, id, "2026-11-10", "0.48").is_empty(), "4.8 was meant");
    assert!(lines(&book, id).is_empty());
    assert_eq!(readings(&book, id)[1].0, "ask");
}

/// Grams and kilograms, the home visit with a day of its own, a child without a curve.
#[test]
fn a1_every_kind_that_holds_a_weight_counts_also_without_a_curve() {
    let (_folder, book) = handbook(day("2026-11-01"), Locale::Ja);
    let child = NewChild { name: "あお".into(), sex: Sex::Unspecified, born: day(BORN), ..NewChild::default() };
    let id = book.notebooks().add_child(&child).unwrap();
    write(&book, id, "neonate_early", BORN, &[("weight", "3400")]);
    let visit = [("visit_on", "2026-10-20"), ("visit_weight", "3300")];
    let found = at_once(&book, id, "neonate_late", "2026-10-21", &visit);
    assert_eq!((found[0].rule.as_str(), found[0].on), ("under_birth", day("2026-10-20")));
    let check = at_once(&book, id, "wellchild", "2026-11-01", &[("checkup", "1m"), ("weight", "4.1")]);
    assert!(check.is_empty() && lines(&book, id).is_empty(), "the 1-month check settled it");
}

/// A small newborn may still be in hospital, where people look every day.
#[test]
fn a1_a_child_born_early_is_told_of_the_ward() {
    let (_folder, book) = handbook(day("2026-10-20"), Locale::Ja);
    let early = NewChild {
        gestation: Gestation::parse("31w0d"),
        ..NewChild { name: "そら".into(), born: day(BORN), ..NewChild::default() }
    };
    let id = book.notebooks().add_child(&early).unwrap();
    write(&book, id, "delivery", BORN, &[("weight", "1480")]);
    let found = weigh(&book, id, "2026-10-16", "1.45");
    assert!(found[0].words.ends_with("入院しているあいだは、病棟の人が毎日見ています。"), "{}", found[0].words);
}

#[test]
fn a1_lower_says_that_one_need_not_wait_and_brings_the_desk() {
    let (_folder, book) = handbook(day("2027-08-01"), Locale::Ja);
    let id = born_with(&book, "3000");
    weigh(&book, id, "2027-05-01", "9.0");
    let found = weigh(&book, id, "2027-08-01", "7.9");
    assert_eq!((found[0].rule.as_str(), found[0].offer), ("lower", OfferKind::Desk));
    assert_eq!(
        found[0].words,
        "前より下の線に近づいています。次の健診まで待たず、窓口やかかりつけ医に見せてかまいません。"
    );
    assert!(found[0].desk.is_some() && found[0].key.is_empty(), "no line: nobody has to answer it");
    assert!(lines(&book, id).is_empty());
    for locale in Locale::ALL {
        let words = ayumi_core::texts::growth("lower", locale);
        assert!(!words.contains("よくあること") && !words.contains("よく ある") && !words.contains("often"), "{words}");
    }
}

#[test]
fn a1_after_a_loss_a_weight_says_nothing() {
    let (_folder, book) = handbook(day("2026-10-20"), Locale::Ja);
    let id = born_with(&book, "3400");
    book.notebooks().end(id, EndReason::Death, day("2026-10-20")).unwrap();
    assert!(weigh(&book, id, "2026-10-18", "3.0").is_empty());
}

/// Form, E: one estimated weight per visit for two babies.
#[test]
fn e_each_twin_has_a_weight_of_its_own_and_is_read_against_its_own() {
    let (_folder, book) = handbook(day("2026-09-20"), Locale::Ja);
    let id = book.notebooks().add_pregnancy(day("2026-11-30")).unwrap();
    let visit = |on: &str, ga: &str, first: &str, second: &str| {
        write(&book, id, "prenatal_visit", on, &[("ga", ga), ("efw", first), ("efw_2", second)]);
    };
    visit("2026-08-24", "26w0d", "900", "760");
    visit("2026-09-20", "29w6d", "1450", "900");
    let all = book.growth().measurements(id, Reference::default()).unwrap();
    let of = |baby: u32| -> Vec<(f64, &str)> {
        let own = all.iter().filter(|one| one.baby == Some(baby));
        own.map(|one| (one.value, one.reading_key.as_str())).collect()
    };
    assert_eq!(of(1), [(900.0, "first"), (1450.0, "along")]);
    assert_eq!(of(2), [(760.0, "first"), (900.0, "lower")], "against its own weight before, not the sibling's");
    assert!(all.iter().filter(|one| one.reading_key == "lower").all(|one| one.reading.contains("産院に電話で")));
    let single = book.notebooks().add_pregnancy(day("2026-12-30")).unwrap();
    write(&book, single, "prenatal_visit", "2026-08-24", &[("efw", "500")]);
    assert_eq!(book.growth().measurements(single, Reference::default()).unwrap()[0].baby, None);
    book.notebooks().end(id, EndReason::Loss, NaiveDate::from_ymd_opt(2026, 9, 20).unwrap()).unwrap();
    let shown = book.entries().list(id, &Default::default()).unwrap();
    assert!(shown.iter().all(|entry| !entry.fields.contains_key("efw_2")), "the second baby is silent, too: {shown:?}");
}
