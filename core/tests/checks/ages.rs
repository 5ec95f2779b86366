//! Which check is open when: corrected age for a child born at 30 weeks, borders of the windows.

use ayumi_core::checks::offer;
use ayumi_core::content::Content;
use ayumi_core::content::item::OfferKind;

use super::{child, day, sitting};

#[test]
fn checks_follow_each_other_without_a_gap() {
    let content = Content::default();
    let windows = child("2024-05-31", "39w0d").windows(content.checks());
    assert_eq!(windows.len(), 30);
    for pair in windows.windows(2) {
        assert_eq!(pair[0].to.succ_opt(), Some(pair[1].from), "{pair:?}");
    }
    let eighteen = windows.iter().find(|window| window.check == 18).unwrap();
    assert_eq!((eighteen.from, eighteen.to), (day("2025-11-30"), day("2026-01-30")), "no 31 November");
}

/// Born at 30 weeks: ten weeks early. Until 36 months of corrected age everything is counted from the due date; then
/// the birthday counts.
#[test]
fn a_preterm_child_is_met_at_its_corrected_age() {
    let content = Content::default();
    let rules = content.checks();
    let (early, term) = (child("2024-01-10", "30w0d"), child("2024-01-10", "40w0d"));
    assert_eq!(early.months_on(rules, day("2025-07-10")), Some(15));
    assert_eq!(term.months_on(rules, day("2025-07-10")), Some(18));
    let first = |who: &ayumi_core::checks::Child, check| {
        who.windows(rules).into_iter().find(|window| window.check == check).map(|window| window.from)
    };
    assert_eq!(first(&early, 18), Some(day("2025-09-20")), "due date 20 March 2024");
    assert_eq!(first(&term, 18), Some(day("2025-07-10")));
    assert_eq!(first(&early, 36), Some(day("2027-03-20")));
    assert_eq!(first(&early, 39), Some(day("2027-04-10")), "from here the birthday counts");
    assert_eq!(early.months_on(rules, day("2027-03-19")), Some(35), "the last corrected day");
    assert_eq!(early.months_on(rules, day("2027-03-20")), Some(38));
    // The same answer on the same day: passed by birth date, not by corrected age.
    let answer = [sitting(18, "2025-09-25", "母", "l_word1=notyet l_fetch=notyet")];
    assert_eq!(offer(&content, &term, 18, &answer).kind, OfferKind::Repeat, "20 months");
    assert_eq!(offer(&content, &early, 18, &answer).kind, OfferKind::None, "18 months corrected");
    // From 37 weeks on nothing is corrected.
    assert_eq!(child("2024-01-10", "37w0d").months_on(rules, day("2025-07-10")), Some(18));
}

/// Born at 22 weeks: the last corrected check would begin after the next one has begun; it is left out, not doubled.
#[test]
fn a_child_born_very_early_has_no_doubled_check() {
    let content = Content::default();
    let windows = child("2024-01-10", "22w0d").windows(content.checks());
    assert!(windows.iter().all(|window| window.check != 36));
    assert!(windows.windows(2).all(|pair| pair[0].from < pair[1].from));
}
