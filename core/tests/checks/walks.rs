//! Two children from 12 to 72 months, check by check: one who comes to everything within the ranges, and one where the
//! offer comes at the right time and not before.

use std::collections::BTreeMap;

use ayumi_core::checks::trend::steps;
use ayumi_core::checks::{Answer, Child, Sitting, outcome};
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
            let answers: BTreeMap<String, Answer> =
                content.items_of(window.check).map(|item| (item.id.clone(), knows(item, months))).collect();
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

/// Joining words comes late. At 24 months "two words" is still in its range: nothing is said. At 26 it is over: look
/// again. Four weeks later it has not come: the desk. Then it comes, and the family is left in peace.
#[test]
fn the_offer_comes_at_the_right_time_and_not_before() {
    let content = Content::default();
    let who = child("2020-05-03", "39w0d");
    let late = |until: u32| {
        move |item: &CheckItem, months: u32| match item.id.as_str() {
            "l_two_words" if months < until => Answer::NotYet,
            _ => at_the_end_of_its_range(item, months),
        }
    };
    let looks = walk(&content, &who, &late(30));
    assert!(looks.contains(&(24, false, OfferKind::None, Vec::new())), "still in its range at 24 months");
    let offered: Vec<&Look> = looks.iter().filter(|(_, _, kind, _)| *kind != OfferKind::None).collect();
    let two_words = || vec!["l_two_words".to_owned()];
    assert_eq!(offered, [&(26, false, OfferKind::Repeat, two_words()), &(26, true, OfferKind::Desk, two_words())]);
    // A child who joins words between the two looks is never sent anywhere.
    let just = walk(&content, &who, &late(27));
    assert!(just.iter().all(|(_, _, kind, _)| *kind < OfferKind::Desk), "{just:?}");
    assert!(just.contains(&(26, true, OfferKind::None, Vec::new())), "the second look ends it");
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
