//! Two children from 12 to 72 months, check by check: one who comes to everything within the ranges, and one where the
//! offer comes at the right time and not before.

use std::collections::BTreeMap;

use ayumi_core::checks::trend::steps;
use ayumi_core::checks::{Answer, Child, Sitting, asked, outcome};
use ayumi_core::content::Content;
use ayumi_core::content::item::{Area, CheckItem, OfferKind};

use super::{child, day};

/// One look at a check: its month, whether it was the second look, the offer, the items that it is about.
type Look = (u32, bool, OfferKind, Vec<String>);

/// Walks through every check on its tenth day, and looks again when asked to; `knows` says what the child does at an
/// age in months.
fn walk(content: &Content, who: &Child, knows: &dyn Fn(&CheckItem, u32) -> Answer) -> Vec<Look> {
    let mut sittings: Vec<Sitting> = Vec::new();
    let mut looks = Vec::new();
    for window in who.windows(content.checks()).into_iter().filter(|window| window.check >= 12) {
        let mut on = window.from + chrono::Days::new(9);
        for again in [false, true] {
            let months = who.months_on(content.checks(), on).unwrap();
            let answers: BTreeMap<String, Answer> = asked(content, who, window.check, &sittings)
                .into_iter()
                .map(|asked| (asked.item.id.clone(), knows(asked.item, months)))
                .collect();
            sittings.push(Sitting { check: window.check, on, carer: "母".into(), answers, ..Sitting::default() });
            let outcome = outcome(content, who, window.check, &sittings);
            let items = outcome.offer.because.iter().filter_map(|reason| reason.item.clone()).collect();
            assert!(
                outcome.strengths.iter().all(|strength| strength.shown == Answer::Yes),
                "strengths are what the child does"
            );
            looks.push((window.check, again, outcome.offer.kind, items));
            match outcome.offer.again_from {
                Some(later) => on = later,
                None => break,
            }
        }
    }
    looks
}

fn at_the_end_of_its_range(item: &CheckItem, months: u32) -> Answer {
    if months >= item.range.1 { Answer::Yes } else { Answer::NotYet }
}

/// Comes to each skill at the end of its range, never later: nothing is ever offered.
#[test]
fn a_typical_child_is_left_in_peace() {
    let content = Content::default();
    let who = child("2020-05-03", "39w0d");
    let looks = walk(&content, &who, &at_the_end_of_its_range);
    assert_eq!(looks.len(), 25, "one look each");
    assert!(looks.iter().all(|(_, _, kind, _)| *kind == OfferKind::None), "{looks:?}");
}

/// Joining words and knowing parts of the body come late. At 24 months both are still in their range; at 26 it is over,
/// and at 28 nine of ten do it: nothing is said, and both are asked again. At 30 they are late, and were not there some
/// weeks before: the desk. Then they come, and the family is left in peace.
#[test]
fn the_offer_comes_at_the_right_time_and_not_before() {
    let content = Content::default();
    let who = child("2020-05-03", "39w0d");
    let late = |items: &'static [&'static str], until: u32| {
        move |item: &CheckItem, months: u32| match items.contains(&item.id.as_str()) {
            true if months < until => Answer::NotYet,
            true => Answer::Yes,
            false => at_the_end_of_its_range(item, months),
        }
    };
    let offered = |knows: &dyn Fn(&CheckItem, u32) -> Answer| -> Vec<Look> {
        walk(&content, &who, knows).into_iter().filter(|(_, _, kind, _)| *kind != OfferKind::None).collect()
    };
    let both = || vec!["l_body".to_owned(), "l_two_words".to_owned()];
    assert_eq!(offered(&late(&["l_two_words", "l_body"], 32)), [(30, false, OfferKind::Desk, both())]);
    assert!(offered(&late(&["l_two_words", "l_body"], 29)).is_empty(), "they come a little later than most");
    // One alone is asked again and again, and leads to the desk when nearly all children have come to it.
    let alone = || vec!["l_two_words".to_owned()];
    assert!(offered(&late(&["l_two_words"], 34)).is_empty());
    assert_eq!(offered(&late(&["l_two_words"], 38)), [(36, false, OfferKind::Desk, alone())]);
    // Whoever comes to the check for the first time looks once more before anything else is said.
    let first = |on: &str| super::sitting(30, on, "母", "l_two_words=notyet l_body=notyet");
    let look = |sittings: &[Sitting]| ayumi_core::checks::offer(&content, &who, 30, sittings).kind;
    assert_eq!(look(&[first("2022-11-10")]), OfferKind::Repeat);
    assert_eq!(look(&[first("2022-11-10"), first("2022-12-08")]), OfferKind::Desk);
}

/// Ten questions come first, some of each area; the rest is there for who wants it. What is still to come is asked again.
#[test]
fn ten_questions_come_first_and_what_is_open_comes_again() {
    let content = Content::default();
    let who = child("2020-05-03", "39w0d");
    let rules = content.checks();
    for check in rules.bands.iter().filter(|band| **band >= 12) {
        let all = asked(&content, &who, *check, &[]);
        let first: Vec<_> = all.iter().filter(|asked| asked.first).collect();
        assert_eq!((all.len(), first.len()), (content.items_of(*check).count(), all.len().min(rules.first)), "{check}");
        for area in Area::ALL {
            assert!(first.iter().filter(|asked| asked.item.area == area).count() >= 2, "{check} {}", area.key());
        }
    }
    let open = super::sitting(26, "2022-07-10", "母", "l_two_words=notyet l_body=sometimes m_kick=yes");
    let later = |sittings: &[Sitting]| -> Vec<String> {
        let all = asked(&content, &who, 28, sittings);
        all.into_iter().filter(|asked| asked.carried).map(|asked| asked.item.id.clone()).collect()
    };
    assert_eq!(later(std::slice::from_ref(&open)), ["l_two_words"], "what was not yet, and nothing else");
    let seen = super::sitting(26, "2022-08-01", "父", "l_two_words=yes");
    assert!(later(&[open, seen]).is_empty(), "somebody has seen it");
}

/// The same child born at 30 weeks: everything comes ten weeks later by the calendar, and nothing is offered earlier.
#[test]
fn a_preterm_child_walks_the_same_way_later() {
    let content = Content::default();
    let (term, early) = (child("2020-05-03", "40w0d"), child("2020-05-03", "30w0d"));
    let looks = walk(&content, &early, &at_the_end_of_its_range);
    assert!(looks.iter().all(|(_, _, kind, _)| *kind == OfferKind::None));
    let check = |who: &Child| who.windows(content.checks()).into_iter().find(|window| window.check == 26).unwrap().from;
    assert_eq!(check(&term), day("2022-07-03"));
    assert_eq!(check(&early), day("2022-09-12"), "26 months after the due date, 12 July 2020");
}

/// The trend says what was new at each check, and nothing else.
#[test]
fn the_trend_tells_what_was_new() {
    let content = Content::default();
    let sittings = [
        super::sitting(14, "2021-07-10", "母", "m_stand=yes m_scribble=notyet"),
        super::sitting(16, "2021-09-10", "父", "m_stand=yes m_scribble=yes l_book=yes"),
    ];
    let steps = steps(&content, Area::Motor, &sittings);
    let told: Vec<(u32, Vec<&str>)> =
        steps.iter().map(|step| (step.check, step.new.iter().map(|item| item.id.as_str()).collect())).collect();
    assert_eq!(told, [(14, vec!["m_stand"]), (16, vec!["m_scribble"])]);
    assert_eq!(steps[0].on, day("2021-07-10"));
}
