//! What was given is judged by the rules of its day.

use ayumi_core::model::notebook::Sex;
use ayumi_core::vaccines::history::History;

use super::{child, content, day, given, pregnant, rules};

#[test]
fn each_record_has_the_verdict_of_its_time() {
    let content = content();
    for (who, history, product, verdict, rule, why) in [
        ("2023-06-01", "pcv13@2023-08-05", "pcv13", "routine", "", "PCV13 was routine until 2024-09-30"),
        ("2024-06-20", "pcv13@2024-10-05", "pcv13", "private", "", "and not any more after it"),
        ("2026-01-15", "pcv20@2026-03-14", "pcv20", "routine", "", "the first day of eligibility"),
        ("2026-01-15", "pcv20@2026-03-13", "pcv20", "too_early", "eligible", "a day before it: no grace"),
        (
            "2022-12-01",
            "dpt_ipv@2023-02-15",
            "dpt_ipv",
            "too_early",
            "eligible",
            "4-in-1 from 3 months until 2023-03-31",
        ),
        ("2009-04-03", "pcv13@2013-03-31", "pcv13", "private", "eligible", "the programme began on 2013-04-01"),
        ("2009-04-03", "pcv13@2013-04-01", "pcv13", "routine", "", "its first day"),
        ("2016-03-31", "hepb@2016-10-10", "hepb", "private", "eligible", "routine for births from 2016-04-01"),
        ("2016-04-01", "hepb@2016-10-10", "hepb", "routine", "", "the first birth date"),
        ("2005-06-26", "hpv9@2025-03-31", "hpv9", "routine", "", "the last day of the HPV catch-up"),
        ("2005-06-26", "hpv9@2025-04-01", "hpv9", "private", "eligible", "not begun in its time"),
        ("2023-02-10", "dpt_ipv@2023-04-12", "dpt_ipv", "routine", "", "and from 2 months since"),
        ("2025-05-01", "mr@2027-05-02", "mr", "private", "eligible", "two years and a day"),
        ("2025-05-01", "mr@2027-04-30", "mr", "routine", "", "the last routine day"),
        ("2022-06-01", "mr@2026-11-20", "mr", "routine", "", "inside the measure for the shortage"),
        (
            "2019-01-10",
            "bcg@2019-06-20 dpt_ipv@2019-07-10",
            "dpt_ipv",
            "too_soon",
            "OLD_GAP",
            "27 days after any live vaccine, then",
        ),
        ("2019-01-10", "bcg@2019-06-20 dpt_ipv@2019-07-18", "dpt_ipv", "routine", "", "28 days later"),
        (
            "2020-08-10",
            "bcg@2021-01-20 dpt_ipv@2021-01-21",
            "dpt_ipv",
            "routine",
            "",
            "since 2020-10-01 the next day is fine",
        ),
        ("2026-01-15", "hepb@2026-01-01", "hepb", "inconsistent", "before_birth", "before the birth"),
        ("2026-01-15", "bcg@2026-06-20 bcg@2026-07-30", "bcg", "routine", "", "the first; the second is one too many"),
        ("2012-06-01", "flu_inj@2025-11-10", "flu_inj", "private", "", "a season that is over is judged too"),
        (
            "2024-10-10",
            "mr@2025-10-15 yellow_fever@2025-11-01",
            "yellow_fever",
            "too_soon",
            "LIVE27",
            "live, in no series",
        ),
        (
            "2016-10-10",
            "mr@2017-10-15 varicella@2017-11-01",
            "varicella",
            "too_soon",
            "OLD_GAP",
            "the same rule before",
        ),
        ("2025-10-10", "nirsevimab@2025-11-15", "nirsevimab", "private", "recorded", "kept, and asked for by nothing"),
        ("2026-01-15", "hepb_mother@2026-01-15", "hepb_mother", "private", "led_by_doctor", "not the programme's"),
        ("2015-03-01", "dpt@2026-05-01", "dpt", "private", "eligible", "in place of DT"),
        ("2026-01-15", "mr@2027-06-02", "mr", "inconsistent", "after_today", "a day after the asked one"),
        ("due:2026-05-20", "flu_inj@2026-01-20", "flu_inj", "private", "recorded", "hers, and no question"),
        ("due:2026-05-20", "rsv_maternal@2026-03-20", "rsv_maternal", "private", "", "before the programme began"),
        ("due:2026-05-20", "rsv_maternal@2026-04-20", "rsv_maternal", "routine", "", "in its weeks"),
    ] {
        let person = who.strip_prefix("due:").map_or_else(|| child(who, Sex::Female), pregnant);
        let today = day("2027-06-01");
        let judged = History::new(rules(&content), &given(history), today).judge(rules(&content), &person, today);
        let dose = judged.iter().find(|dose| dose.given.product == product).unwrap_or_else(|| panic!("{why}"));
        assert_eq!(dose.verdict.key(), verdict, "{why}: {dose:?}");
        assert!(rule.is_empty() || dose.because.iter().any(|because| because.ends_with(rule)), "{why}: {dose:?}");
    }
    let girl = History::new(rules(&content), &given("hpv9@2026-05-10 hpv9@2026-07-10"), day("2026-08-01"));
    let judged = girl.judge(rules(&content), &child("2013-01-20", Sex::Female), day("2026-08-01"));
    let second = (judged[1].verdict.key(), judged[1].dose);
    assert_eq!(second, ("routine", Some(2)), "a month apart or more: the second of three");
    let boy = History::new(rules(&content), &given("hpv9@2026-01-20"), day("2026-08-01"));
    let judged = boy.judge(rules(&content), &child("2013-01-20", Sex::Male), day("2026-08-01"));
    assert_eq!(judged[0].verdict.key(), "private", "the programme is for girls");
    let today = day("2026-08-01");
    let twice = History::new(rules(&content), &given("bcg@2026-06-20 bcg@2026-07-30"), today);
    let judged = twice.judge(rules(&content), &child("2026-01-15", Sex::Female), today);
    assert_eq!(judged.iter().map(|dose| dose.verdict.key()).collect::<Vec<_>>(), ["routine", "extra"]);
    assert_eq!(judged[0].dose, Some(1));
}
