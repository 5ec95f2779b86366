//! The rule table, a test for each row: the row holds, and one condition less does not.

use std::collections::BTreeSet;

use ayumi_core::checks::{Became, Sitting, offer, outcome};
use ayumi_core::content::Content;
use ayumi_core::content::item::OfferKind;

use super::{child, sitting};

/// Rule, offer, sittings of check 18 of a child born on 2024-05-03 (18 months on 2025-11-03), why.
type Row = (&'static str, OfferKind, Vec<Sitting>, &'static str);

fn noticed(notice: &str) -> Vec<Sitting> {
    vec![Sitting { notices: vec![notice.into()], ..sitting(18, "2025-11-10", "母", "m_run=yes") }]
}

fn worried(text: &str) -> Vec<Sitting> {
    vec![Sitting { worry: text.into(), ..sitting(18, "2025-11-10", "母", "m_run=yes") }]
}

/// An item that is "not yet" on 10 November, and what the mother says of that.
fn became(item: &str, became: Became) -> Sitting {
    Sitting {
        became: [(item.to_owned(), became)].into(), ..sitting(18, "2025-11-10", "母", &format!("{item}=notyet"))
    }
}

#[test]
fn each_row_leads_where_it_says() {
    use OfferKind::{Desk, Doctor, None as Nothing, Repeat, Soon};
    let rows: Vec<Row> = vec![
        (
            "lost",
            Doctor,
            vec![sitting(16, "2025-09-10", "母", "l_word1=yes"), became("l_word1", Became::Gone)],
            "the same carer had seen it, and says that the child has stopped",
        ),
        (
            "",
            Nothing,
            vec![sitting(16, "2025-09-10", "母", "l_word1=yes"), sitting(18, "2025-11-10", "母", "l_word1=notyet")],
            "nobody has asked yet what became of it",
        ),
        (
            "",
            Nothing,
            vec![sitting(16, "2025-09-10", "母", "l_word1=yes"), became("l_word1", Became::ByChance)],
            "only by chance today",
        ),
        (
            "",
            Nothing,
            vec![sitting(16, "2025-09-10", "母", "l_word1=yes"), became("l_word1", Became::Mistaken)],
            "the answer before was mistaken",
        ),
        (
            "",
            Nothing,
            vec![sitting(16, "2025-09-10", "父", "l_word1=yes"), became("l_word1", Became::Gone)],
            "this carer had never seen it",
        ),
        (
            "",
            Nothing,
            vec![sitting(16, "2025-09-10", "母", "s_share=yes"), became("s_share", Became::Gone)],
            "sharing comes and goes: it is not asked about",
        ),
        (
            "",
            Nothing,
            vec![sitting(16, "2025-09-10", "父", "m_pick=yes"), sitting(18, "2025-11-10", "母", "m_pick=notyet")],
            "another carer had seen it: they see it differently, nothing is lost",
        ),
        (
            "",
            Nothing,
            vec![sitting(16, "2025-09-10", "母", "m_pick=sometimes"), sitting(18, "2025-11-10", "母", "m_pick=notyet")],
            "sometimes is not yet a skill",
        ),
        ("notice_lost", Doctor, noticed("lost_skill"), "a carer says that a skill is gone"),
        ("notice_sound", Soon, noticed("no_sound"), "no response to sound"),
        ("notice_side", Doctor, noticed("one_sided"), "a marked one-sidedness"),
        ("notice_pupil", Doctor, noticed("pupil_white"), "the form's own question"),
        ("worry", Desk, worried("ことばが気になります"), "a worry outranks every yes"),
        ("", Nothing, worried("  "), "blanks are no worry"),
        (
            "passed",
            Repeat,
            vec![sitting(18, "2025-11-10", "母", "m_stand=notyet m_walk=notyet")],
            "18 months, nine of ten do both at 17: look again",
        ),
        ("", Nothing, vec![sitting(18, "2025-11-10", "母", "m_stand=notyet m_walk=yes")], "one alone says little"),
        (
            "",
            Nothing,
            vec![sitting(18, "2025-11-10", "母", "m_stand=notyet l_gesture=notyet")],
            "two of two areas are one and one",
        ),
        (
            "",
            Nothing,
            vec![sitting(18, "2025-11-10", "母", "m_stand=notyet m_climb=notyet")],
            "there is time for climbing, to 21 months",
        ),
        ("", Nothing, vec![sitting(18, "2025-11-10", "母", "m_stand=notyet m_walk=sometimes")], "it is coming"),
        ("", Nothing, vec![sitting(18, "2025-11-10", "母", "m_stand=notyet m_walk=unsure")], "nobody has looked yet"),
        (
            "again",
            Desk,
            vec![
                sitting(18, "2025-11-10", "母", "m_stand=notyet m_walk=notyet"),
                sitting(18, "2025-12-08", "母", "m_stand=notyet m_walk=notyet"),
            ],
            "28 days later still not",
        ),
        (
            "passed",
            Repeat,
            vec![
                sitting(18, "2025-11-10", "母", "m_stand=notyet m_walk=notyet"),
                sitting(18, "2025-12-07", "母", "m_stand=notyet m_walk=notyet"),
            ],
            "27 days are not some weeks",
        ),
        (
            "passed",
            Repeat,
            vec![
                sitting(16, "2025-10-02", "母", "m_stand=notyet m_walk=notyet"),
                sitting(18, "2025-11-10", "母", "m_stand=notyet m_walk=notyet"),
            ],
            "at 16 months their ranges were not over: this is the first look",
        ),
        (
            "",
            Nothing,
            vec![
                sitting(18, "2025-11-10", "母", "m_stand=notyet m_walk=notyet"),
                sitting(18, "2025-12-10", "母", "m_walk=yes"),
            ],
            "one has come",
        ),
        (
            "",
            Nothing,
            vec![
                sitting(18, "2025-11-10", "母", "m_stand=notyet m_walk=notyet"),
                sitting(18, "2025-11-10", "父", "m_walk=yes"),
            ],
            "one of two carers has seen it",
        ),
        ("", Nothing, vec![sitting(18, "2026-04-10", "母", "m_walk=notyet")], "23 months, one alone: there is time"),
        (
            "passed_alone",
            Repeat,
            vec![sitting(18, "2026-05-10", "母", "m_walk=notyet")],
            "24 months, nearly all walk at 23: look again",
        ),
        (
            "again_alone",
            Desk,
            vec![sitting(18, "2026-05-10", "母", "m_walk=notyet"), sitting(18, "2026-06-07", "母", "m_walk=notyet")],
            "28 days later still not",
        ),
    ];
    let content = Content::default();
    let young = child("2024-05-03", "39w0d");
    let mut tested: BTreeSet<String> = BTreeSet::new();
    for (rule, kind, sittings, why) in rows {
        let offered = offer(&content, &young, 18, &sittings);
        assert_eq!(offered.kind, kind, "{why}: {offered:?}");
        assert_eq!(offered.because.iter().any(|reason| reason.rule == rule), !rule.is_empty(), "{why}: {offered:?}");
        tested.insert(rule.to_owned());
    }
    // Sound is asked of babies: check of 4 months, looks for a voice between 2 and 4.
    let baby = child("2025-07-03", "39w0d");
    for (on, answer, kind, why) in [
        ("2025-11-10", "notyet", Soon, "at four months no turning to a voice"),
        ("2025-11-10", "sometimes", Nothing, "sometimes is an answer to sound"),
        ("2025-10-20", "notyet", Nothing, "three months: there is time"),
    ] {
        let offered = offer(&content, &baby, 4, &[sitting(4, on, "母", &format!("l_voice={answer}"))]);
        assert_eq!(offered.kind, kind, "{why}: {offered:?}");
        tested.extend(offered.because.into_iter().map(|reason| reason.rule));
    }
    let all: BTreeSet<String> = content.checks().rule.iter().map(|rule| rule.id.clone()).collect();
    tested.remove("");
    assert_eq!(tested, all, "every row of the table has its test");
}

/// The greatest offer wins, and only its own reasons are told.
#[test]
fn one_offer_with_its_reasons() {
    let (content, who) = (Content::default(), child("2024-05-03", "39w0d"));
    let both = || sitting(18, "2025-12-20", "母", "m_stand=notyet m_walk=notyet m_climb=notyet");
    let worried = Sitting { worry: "夜中によく起きます".into(), ..both() };
    let offered = offer(&content, &who, 18, &[worried]);
    assert_eq!(offered.kind, OfferKind::Desk);
    assert_eq!(offered.because.iter().map(|reason| reason.rule.as_str()).collect::<Vec<_>>(), ["worry"]);
    let found = offer(&content, &who, 18, &[both()]);
    assert_eq!(found.again_from, Some(super::day("2026-01-17")), "28 days later");
    let about: BTreeSet<&str> = found.because.iter().filter_map(|reason| reason.item.as_deref()).collect();
    assert_eq!(about, BTreeSet::from(["m_stand", "m_walk"]), "not what there is time for");
}

/// Where a carer wants no ages, none leads anywhere; a worry, a box and what is lost do as ever.
#[test]
fn without_ages_nothing_is_offered_because_of_them() {
    let content = Content::default();
    let who = ayumi_core::checks::Child { without_ages: true, ..child("2024-05-03", "39w0d") };
    let late = |on: &str| sitting(18, on, "母", "m_stand=notyet m_walk=notyet l_word1=notyet l_fetch=notyet");
    let twice = [late("2026-05-10"), late("2026-06-10")];
    assert_eq!(offer(&content, &child("2024-05-03", "39w0d"), 18, &twice).kind, OfferKind::Desk);
    assert_eq!(offer(&content, &who, 18, &twice).kind, OfferKind::None);
    assert_eq!(offer(&content, &who, 18, &worried("ことばが気になります")).kind, OfferKind::Desk);
    assert_eq!(offer(&content, &who, 18, &noticed("no_sound")).kind, OfferKind::Soon);
    let gone = [sitting(16, "2025-09-10", "母", "l_word1=yes"), became("l_word1", Became::Gone)];
    assert_eq!(offer(&content, &who, 18, &gone).kind, OfferKind::Doctor);
}

/// How much is answered with yes never matters: a whole check of "not yet" within its ranges offers nothing.
#[test]
fn nothing_is_counted() {
    let content = Content::default();
    let young = child("2024-05-03", "39w0d");
    let early: String =
        content.items_of(14).filter(|item| item.range.1 > 14).map(|item| format!("{}=notyet ", item.id)).collect();
    assert!(early.split_whitespace().count() > 5);
    assert_eq!(offer(&content, &young, 14, &[sitting(14, "2025-07-10", "母", &early)]).kind, OfferKind::None);
}

#[test]
fn what_was_seen_before_is_asked_about_once_and_only_where_it_matters() {
    let content = Content::default();
    let who = child("2024-05-03", "39w0d");
    let asked = |sittings: &[Sitting]| -> Vec<String> {
        outcome(&content, &who, 18, sittings).asked_back.iter().map(|item| item.id.clone()).collect()
    };
    let before = sitting(16, "2025-09-10", "母", "m_walk=yes s_share=yes m_stand=yes");
    let now = sitting(18, "2025-11-10", "母", "m_walk=notyet s_share=notyet m_stand=notyet");
    assert_eq!(asked(&[before.clone(), now]), ["m_walk"]);
    for word in Became::ALL {
        assert!(asked(&[before.clone(), became("m_walk", word)]).is_empty(), "{word:?}");
    }
}
