//! What must not stay silent: each rule of `content/leads/rules.toml`, at once and in the agenda, and what settles it.
//!
//! Thresholds: back at the weight of birth by about two weeks, 5 to 10 % less at first (kodomohub.jp, kimura-kids.net); stool
//! colour card (Sapporo, Hokkaido, Amagasaki); hearing (mcfh.or.jp, Hino); pupil (Chiba University). The child of words.md A1 is
//! born on 2026-10-01 with 3400 g.

mod own;
mod weight;

use std::collections::BTreeSet;

use ayumi_core::app::{
    AgendaKind, EndReason, EntryId, Handbook, LeadView, Locale, MarkState, NewEntry, NotebookId, OfferKind,
};
use ayumi_core::content::Content;
use ayumi_core::content::validate::unsigned;
use ayumi_core::model::kinds;
use chrono::Days;

use crate::scratch::{child, day, handbook, opened_at};

pub(crate) const BORN: &str = "2026-10-01";

pub(crate) fn write(book: &Handbook, id: NotebookId, kind: &str, on: &str, fields: &[(&str, &str)]) -> EntryId {
    book.entries().add(&NewEntry::typed(id, kind, on, fields).unwrap()).unwrap()
}

/// What follows at once from writing an entry.
pub(crate) fn at_once(book: &Handbook, id: NotebookId, kind: &str, on: &str, fields: &[(&str, &str)]) -> Vec<LeadView> {
    book.leads().written(write(book, id, kind, on, fields)).unwrap().leads
}

/// Keys of the lines that tell of somebody who should look.
pub(crate) fn lines(book: &Handbook, id: NotebookId) -> Vec<String> {
    let items = book.agenda().list(id, None, None).unwrap();
    items.into_iter().filter(|item| item.kind == AgendaKind::Look).map(|item| item.key).collect()
}

/// Words.md A2: only an id came back, and the agenda stayed as it was.
#[test]
fn a2_stool_colours_1_to_3_lead_to_a_childrens_doctor_at_once_and_stay_in_the_agenda() {
    for colour in ["1", "2", "3"] {
        let (_folder, book) = handbook(day("2026-10-20"), Locale::Ja);
        let id = child(&book, BORN);
        let found = at_once(&book, id, "stool", "2026-10-20", &[("colour_no", colour)]);
        assert_eq!(found.len(), 1, "{colour}");
        assert_eq!((found[0].offer, found[0].rule.as_str()), (OfferKind::Doctor, "stool_pale"));
        assert!(found[0].words.contains("おむつを持って、今日か明日、小児科で"), "{}", found[0].words);
        assert_eq!(
            (found[0].clinics.as_slice(), found[0].within.as_str()),
            (["小児科".to_owned()].as_slice(), "今日か明日のうちに")
        );
        assert!(found[0].desk.is_some(), "the desk after the doctor");
        let items = book.agenda().list(id, None, None).unwrap();
        assert_eq!(items[0].key, "LEAD/stool_pale/2026-10-20", "first of all");
        assert_eq!(
            (items[0].by.as_str(), items[0].when.as_str(), items[0].open),
            ("小児科", "今日か明日のうちに", true)
        );
        assert!(!items[0].title.is_empty() && items[0].how == found[0].words);
    }
}

#[test]
fn a2_stool_colour_4_is_watched_and_5_to_7_are_silent() {
    let (folder, book) = handbook(day("2026-10-20"), Locale::Ja);
    let id = child(&book, BORN);
    let found = at_once(&book, id, "stool", "2026-10-18", &[("colour_no", "4")]);
    assert_eq!((found[0].offer, found[0].clinics.len(), found[0].desk.is_none()), (OfferKind::Repeat, 0, true));
    assert_eq!(lines(&book, id), ["LEAD/stool_watch/2026-10-18"]);
    for colour in ["5", "6", "7"] {
        assert!(at_once(&book, id, "stool", "2026-10-18", &[("colour_no", colour)]).is_empty());
    }
    assert_eq!(lines(&book, id).len(), 1, "of two colours of one day nobody knows the later one");
    write(&book, id, "stool", "2026-10-20", &[("colour_no", "6")]);
    assert!(lines(&book, id).is_empty(), "a later colour settles the watch");
    write(&book, id, "stool", "2026-10-20", &[("colour_no", "4")]);
    assert_eq!(lines(&book, id).len(), 1);
    // The card is for the first months: up to attaining five.
    let book = opened_at(&folder, book, day("2027-03-01").and_hms_opt(9, 0, 0).unwrap(), Locale::Ja);
    assert!(lines(&book, id).is_empty());
}

/// A later, darker colour does not take the doctor back: only somebody who says that it was seen does.
#[test]
fn a2_a_pale_stool_stays_until_somebody_says_it_was_seen() {
    let (_folder, book) = handbook(day("2026-10-22"), Locale::Ja);
    let id = child(&book, BORN);
    let entry = write(&book, id, "stool", "2026-10-20", &[("colour_no", "2")]);
    write(&book, id, "stool", "2026-10-22", &[("colour_no", "7")]);
    assert_eq!(lines(&book, id), ["LEAD/stool_pale/2026-10-20"]);
    let mark = book.agenda().mark(id, "LEAD/stool_pale/2026-10-20", MarkState::Done).unwrap();
    assert!(lines(&book, id).is_empty());
    book.entries().delete(mark).unwrap();
    assert_eq!(lines(&book, id).len(), 1, "a mark that is taken back brings it back");
    // A slip of the finger: the corrected entry leads nowhere.
    book.entries().edit(entry, &[("colour_no", "6")]).unwrap();
    assert!(book.leads().written(entry).unwrap().leads.is_empty() && lines(&book, id).is_empty());
    book.entries().edit(entry, &[("colour_no", "3")]).unwrap();
    assert_eq!(book.leads().written(entry).unwrap().leads.len(), 1, "editing says it at once, too");
    book.entries().delete(entry).unwrap();
    assert!(book.leads().written(entry).unwrap().leads.is_empty() && lines(&book, id).is_empty());
}

#[test]
fn a2_a_mark_counts_for_what_was_written_up_to_its_day_only() {
    let (_folder, book) = handbook(day("2026-10-25"), Locale::Ja);
    let id = child(&book, BORN);
    write(&book, id, "stool", "2026-10-20", &[("colour_no", "2")]);
    book.agenda().mark(id, "LEAD/stool_pale/2026-10-20", MarkState::NotNeeded).unwrap();
    write(&book, id, "stool", "2026-10-18", &[("colour_no", "1")]);
    assert!(lines(&book, id).is_empty(), "an earlier one was seen with it");
    assert!(!at_once(&book, id, "stool", "2026-10-24", &[("colour_no", "1")]).is_empty());
    assert_eq!(lines(&book, id), ["LEAD/stool_pale/2026-10-24"], "a new one is new");
    assert!(book.agenda().mark(id, "LEAD/pupil_white/2026-10-24", MarkState::Done).is_err(), "nothing to mark");
}

/// Words.md A2, A3: white pupil, no answer to sounds, the eyes; the first clinic of each.
#[test]
fn a2_a3_answers_of_the_guardians_record_lead_to_the_right_clinic() {
    for (kind, field, answer, rule, offer, first) in [
        ("guardian_2w", "weak_cry_or_suck", "yes", "drinks_little", OfferKind::Doctor, "産院・助産師"),
        ("guardian_1m", "drinks_well", "no", "drinks_little", OfferKind::Doctor, "産院・助産師"),
        ("guardian_1m", "startles_at_sound", "no", "hearing", OfferKind::Soon, "小児科"),
        ("guardian_1m", "limbs_move", "no", "limbs_move", OfferKind::Soon, "小児科"),
        ("guardian_3-4m", "looks_for_voice", "no", "hearing", OfferKind::Soon, "小児科"),
        ("guardian_3-4m", "eyes_odd", "yes", "eyes", OfferKind::Soon, "眼科"),
        ("guardian_6-7m", "pupil_white", "yes", "pupil_white", OfferKind::Doctor, "眼科"),
        ("guardian_6-7m", "turns_to_tv_sound", "no", "hearing", OfferKind::Soon, "小児科"),
        ("guardian_9-10m", "turns_to_whispered_call", "no", "hearing", OfferKind::Soon, "小児科"),
        ("guardian_1y6m", "turns_when_called", "no", "hearing", OfferKind::Soon, "小児科"),
        ("guardian_1y6m", "eyes_dazzled_or_odd", "yes", "eyes", OfferKind::Soon, "眼科"),
        ("guardian_3y", "eyes_not_aligned", "yes", "eyes", OfferKind::Soon, "眼科"),
        ("guardian_3y", "goes_very_near", "yes", "eyes", OfferKind::Soon, "眼科"),
        ("guardian_3y", "hearing_worry", "yes", "hearing", OfferKind::Soon, "小児科"),
    ] {
        let (_folder, book) = handbook(day("2027-05-01"), Locale::Ja);
        let id = child(&book, BORN);
        let other = if answer == "yes" { "no" } else { "yes" };
        assert!(at_once(&book, id, kind, "2027-04-01", &[(field, other)]).is_empty(), "{field}={other}");
        let found = at_once(&book, id, kind, "2027-05-01", &[(field, answer)]);
        let one = found.first().unwrap_or_else(|| panic!("{kind}.{field}={answer} is silent"));
        assert_eq!((one.rule.as_str(), one.offer, one.clinics[0].as_str()), (rule, offer, first), "{field}");
        assert_eq!(lines(&book, id), std::slice::from_ref(&one.key), "{field}");
        let desk = one.desk.as_ref().unwrap();
        assert!(desk.id != "8000" && desk.meanwhile.iter().all(|other| other.id != "8000"), "{field}: no #8000");
    }
}

#[test]
fn a2_a_later_answer_settles_hearing_and_never_a_white_pupil() {
    let (_folder, book) = handbook(day("2027-08-01"), Locale::Ja);
    let id = child(&book, BORN);
    write(&book, id, "guardian_3-4m", "2027-02-01", &[("looks_for_voice", "no")]);
    write(&book, id, "guardian_6-7m", "2027-04-10", &[("pupil_white", "yes"), ("turns_to_tv_sound", "no")]);
    assert_eq!(lines(&book, id), ["LEAD/hearing/2027-04-10", "LEAD/pupil_white/2027-04-10"]);
    write(&book, id, "guardian_9-10m", "2027-07-20", &[("turns_to_whispered_call", "yes")]);
    assert_eq!(lines(&book, id), ["LEAD/pupil_white/2027-04-10"]);
    book.agenda().mark(id, "LEAD/pupil_white/2027-04-10", MarkState::Done).unwrap();
    assert!(lines(&book, id).is_empty());
}

#[test]
fn a2_a_hearing_screen_that_was_not_passed_leads_on_until_a_later_one_was() {
    let (_folder, book) = handbook(day("2026-11-20"), Locale::Ja);
    let id = child(&book, BORN);
    let screen = [("item", "newborn_hearing"), ("hearing_r", "pass"), ("hearing_l", "refer")];
    let found = at_once(&book, id, "tests", "2026-10-04", &screen);
    assert_eq!((found[0].rule.as_str(), found[0].offer), ("hearing_refer", OfferKind::Doctor));
    assert!(found[0].words.contains("生後3か月") && found[0].words.contains("生後3週間"), "{}", found[0].words);
    write(&book, id, "tests", "2026-10-05", &[("item", "newborn_metabolic"), ("result", "not_recorded")]);
    assert_eq!(lines(&book, id).len(), 1, "another test says nothing of hearing");
    let again = [("item", "hearing_retest"), ("hearing_r", "pass"), ("hearing_l", "pass")];
    assert!(at_once(&book, id, "tests", "2026-11-01", &again).is_empty());
    assert!(lines(&book, id).is_empty());
}

/// A screen that nobody wrote down does not vanish after a week; it ends when it was done.
#[test]
fn a2_a_hearing_screen_that_was_missed_stays_in_the_agenda() {
    let (folder, book) = handbook(day("2026-11-20"), Locale::Ja);
    let id = child(&book, BORN);
    let line = |book: &Handbook| {
        let items = book.agenda().list(id, None, None).unwrap();
        items.into_iter().find(|item| item.key == "HEARING_NB")
    };
    let missed = line(&book).unwrap();
    assert!(missed.open && missed.how.contains("生後1か月"), "{missed:?}");
    write(
        &book,
        id,
        "tests",
        "2026-10-04",
        &[("item", "newborn_hearing"), ("hearing_r", "pass"), ("hearing_l", "pass")],
    );
    assert!(line(&book).is_none());
    let other = child(&book, BORN);
    let book = opened_at(&folder, book, day("2027-01-20").and_hms_opt(9, 0, 0).unwrap(), Locale::Ja);
    assert!(book.agenda().list(other, None, None).unwrap().iter().all(|item| item.key != "HEARING_NB"));
}

/// Words come with the desk of the family's own first: what they had written among their contacts.
#[test]
fn a3_the_own_doctor_stands_beside_the_clinic() {
    let (_folder, book) = handbook(day("2026-10-20"), Locale::Ja);
    let id = child(&book, BORN);
    let doctor = [("role", "doctor"), ("name", "みなみ小児科"), ("tel", "000-0000-0000"), ("hours", "9時から")];
    write(&book, id, "contact", "2026-10-05", &doctor);
    write(&book, id, "contact", "2026-10-05", &[("role", "dentist"), ("name", "歯"), ("tel", "111")]);
    let found = at_once(&book, id, "stool", "2026-10-20", &[("colour_no", "2")]);
    assert_eq!(found[0].own.len(), 1);
    assert_eq!((found[0].own[0].label.as_str(), found[0].own[0].value.as_str()), ("みなみ小児科", "000-0000-0000"));
}

/// The lock screen: a reminder each day, and always the same neutral words.
#[test]
fn a2_reminders_come_again_until_it_is_settled_and_tell_a_stranger_nothing() {
    let (_folder, book) = handbook(day("2026-10-20"), Locale::Ja);
    let id = child(&book, BORN);
    let quiet = book.agenda().reminders(id, 6).unwrap().len();
    write(&book, id, "stool", "2026-10-20", &[("colour_no", "1")]);
    let all = book.agenda().reminders(id, 6).unwrap();
    let days: BTreeSet<String> = all.iter().map(|reminder| reminder.at.date().to_string()).collect();
    for offset in 0..=6 {
        let wanted = (day("2026-10-20") + Days::new(offset)).to_string();
        assert!(days.contains(&wanted), "{wanted}: {days:?}");
    }
    assert!(all.len() > quiet);
    for reminder in &all {
        assert_eq!(reminder.title, "あゆみ");
        assert_eq!(reminder.text, "お知らせがあります。アプリを開いてごらんください。");
    }
    book.agenda().mark(id, "LEAD/stool_pale/2026-10-20", MarkState::Done).unwrap();
    assert_eq!(book.agenda().reminders(id, 6).unwrap().len(), quiet);
}

#[test]
fn nothing_leads_anywhere_after_a_death_and_reopening_brings_it_back() {
    let (_folder, book) = handbook(day("2026-10-20"), Locale::Ja);
    let id = child(&book, BORN);
    let entry = write(&book, id, "stool", "2026-10-16", &[("colour_no", "1")]);
    write(&book, id, "delivery", BORN, &[("weight", "3400")]);
    let weighed = write(&book, id, "growth", "2026-10-16", &[("weight", "3.05")]);
    assert_eq!(lines(&book, id).len(), 2);
    book.notebooks().end(id, EndReason::Death, day("2026-10-20")).unwrap();
    assert!(lines(&book, id).is_empty() && book.leads().open(id).unwrap().is_empty());
    assert!([entry, weighed].iter().all(|entry| book.leads().written(*entry).unwrap().leads.is_empty()));
    book.notebooks().reopen(id).unwrap();
    assert_eq!(lines(&book, id).len(), 2);
}

/// The newborn's hearing test may stand in the pregnancy's notebook; after the child's death it is silent there, too.
#[test]
fn a_death_silences_what_stands_in_the_pregnancys_notebook() {
    let (_folder, book) = handbook(day("2026-10-20"), Locale::Ja);
    let pregnancy = book.notebooks().add_pregnancy(day("2026-10-03")).unwrap();
    let baby = ayumi_core::app::NewChild { name: "そら".into(), born: day(BORN), ..Default::default() };
    let child = book.notebooks().birth(pregnancy, &[baby]).unwrap()[0];
    let screen = [("item", "newborn_hearing"), ("hearing_r", "refer")];
    let entry = write(&book, pregnancy, "tests", "2026-10-04", &screen);
    assert_eq!(lines(&book, pregnancy), ["LEAD/hearing_refer/2026-10-04"]);
    book.notebooks().end(child, EndReason::Death, day("2026-10-10")).unwrap();
    assert!(lines(&book, pregnancy).is_empty());
    assert!(book.leads().written(entry).unwrap().leads.is_empty());
}

/// `ACT_SOON` was declared and used nowhere.
#[test]
fn each_item_that_the_form_calls_soon_has_a_rule_and_every_rule_is_about_the_child() {
    let content = Content::default();
    let answers: Vec<_> = content.leads().rule.iter().flat_map(|rule| &rule.answer).collect();
    let named = |key: &str| answers.iter().any(|answer| answer.field.as_ref().is_some_and(|(field, _)| field == key));
    let silent: Vec<&&str> = kinds::ACT_SOON.iter().filter(|key| !named(key)).collect();
    assert!(silent.is_empty(), "{silent:?}");
    assert!(named("colour_no"), "pale stool");
    // Every guardian page that asks one of them has it.
    for kind in kinds::KINDS.iter().filter(|kind| kind.id.starts_with("guardian_")) {
        for field in kinds::asked(kind).filter(|field| kinds::ACT_SOON.contains(&field.key)) {
            let here = |answer: &&&ayumi_core::content::event::DoneBy| {
                answer.kind == kind.id && answer.field.as_ref().is_some_and(|(key, _)| key == field.key)
            };
            assert!(answers.iter().any(|answer| here(&answer)), "{}.{}", kind.id, field.key);
        }
    }
}

/// "A release check refuses an unsigned red flag or soon rule." Today no professional has signed any.
#[test]
fn the_release_check_refuses_what_nobody_signed_and_passes_what_somebody_did() {
    let content = Content::default();
    let (mut leads, mut checks) = (content.leads().clone(), content.checks().clone());
    let found: Vec<String> = unsigned(&leads, &checks).iter().map(ToString::to_string).collect();
    for rule in ["stool_pale", "pupil_white", "under_birth", "no_gain", "hearing_refer", "lost", "sound"] {
        assert!(found.iter().any(|line| line.contains(&format!("\"{rule}\""))), "{rule}: {found:?}");
    }
    assert!(found.iter().all(|line| !line.contains("stool_watch") && !line.contains("\"worry\"")), "{found:?}");
    let signed = "山田花子 小児科医 2026-12-01";
    leads.rule.iter_mut().for_each(|rule| rule.signed_by = signed.into());
    checks.rule.iter_mut().for_each(|rule| rule.signed_by = signed.into());
    assert!(unsigned(&leads, &checks).is_empty());
    leads.rule[0].signed_by = "  ".into();
    assert_eq!(unsigned(&leads, &checks).len(), 1, "blanks are no signature");
    // The build asks for a release, and for nothing else.
    let build = include_str!("../../build.rs");
    assert!(build.contains("std::env::var_os(RELEASE).is_some()") && build.contains("\"AYUMI_RELEASE\""));
}

#[test]
fn words_that_lead_to_a_person_are_gentle_in_three_languages() {
    let content = Content::default();
    let refused = [
        "%",
        "％",
        "異常",
        "正常",
        "病気",
        "疑い",
        "障害",
        "遅れ",
        "判定",
        "スクリーニング",
        "がん",
        "胆道",
        "腫",
        "abnormal",
        "disease",
        "cancer",
        "tumour",
        "suspect",
        "risk",
        "screening",
        "delay",
    ];
    for rule in &content.leads().rule {
        for locale in Locale::ALL {
            let words = content.word(&format!("lead.{}", rule.id), locale).into_owned();
            let title = content.word(&format!("lead.{}.title", rule.id), locale).into_owned();
            assert!(!words.is_empty() && !title.is_empty(), "{} {locale:?}", rule.id);
            let own = if locale == Locale::JaEasy {
                words.replace("病院", "").replace("がんか", "")
            } else {
                words.clone()
            };
            for word in refused {
                assert!(!own.contains(word), "{} {locale:?}: {word}", rule.id);
            }
            // Who looks stands in the words themselves, too.
            if rule.offer == OfferKind::Doctor && locale == Locale::Ja {
                assert!(["産院", "小児科", "眼科"].iter().any(|who| words.contains(who)), "{words}");
            }
        }
    }
}

#[test]
fn a_municipality_does_not_replace_what_a_professional_signs() {
    let text = "format = 1\n[pack]\nid = \"jp.000000.test\"\nversion = 1\nname = [\"試\", \"し\", \"test\"]\n[words]\n\
                \"lead.stool_pale\" = [\"様子を見ましょう\", \"ようすを みましょう\", \"wait and see\"]\n";
    let problems = ayumi_core::content::read_pack(text).unwrap_err();
    assert!(problems.iter().any(|problem| problem.to_string().contains("a professional signs")), "{problems:?}");
}
