//! Whose day it is: the carer's own, not Japan's.

use ayumi_core::app::{Answer, Locale, NewChild, Sex};
use ayumi_core::model::date::Gestation;
use chrono::Months;

use super::day;
use crate::scratch::handbook_at;

/// A carer west of Japan opens the result in the evening, when Japan has tomorrow already: the child is as old as the carer's
/// calendar says. Every age at which a month, or the time of corrected age, ends on the next day.
#[test]
fn a_childs_age_in_a_result_is_of_the_carers_day_not_of_japans() {
    let today = day("2026-11-25");
    let mut differ = 0;
    for months in 12..=40 {
        // Tomorrow the child is a month older; at 36 months the corrected age ends.
        let born = today.succ_opt().unwrap() - Months::new(months);
        let shown = |on, hour, weeks: &str| {
            let (_folder, book) = handbook_at(on, hour, Locale::En);
            let child = NewChild {
                name: "さくら".into(),
                born,
                sex: Sex::Female,
                gestation: Gestation::parse(weeks),
                ..NewChild::default()
            };
            let child = book.notebooks().add_child(&child).unwrap();
            let check = "18m";
            let items: Vec<String> =
                book.checks().questions(child, check).unwrap().into_iter().map(|q| q.item).collect();
            let answers: Vec<(&str, Answer)> = items.iter().map(|item| (item.as_str(), Answer::NotYet)).collect();
            book.checks().answer(child, check, &answers, None, None).unwrap();
            let result = book.checks().result(child, check).unwrap();
            let words: Vec<String> = result.next.iter().map(|item| item.typical_words.clone()).collect();
            (words, result.corrected)
        };
        for weeks in ["", "36w6d"] {
            // 20:30 in universal time is half past five of the next morning in Japan.
            let morning = shown(today, 3, weeks);
            assert_eq!(shown(today, 20, weeks), morning, "{months} months, born at {weeks:?}");
            differ += usize::from(shown(today.succ_opt().unwrap(), 3, weeks) != morning);
        }
    }
    assert!(differ > 3, "only {differ} ages differ from one day to the next");
}
