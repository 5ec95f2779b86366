//! A5: what a carer answers about herself is read by nobody; the way to who listens stands beside the form, whatever is answered.

use ayumi_core::app::{Locale, NewEntry};
use ayumi_core::content::Content;
use ayumi_core::model::kind::About;
use ayumi_core::model::kinds;

use super::{BORN, write};
use crate::scratch::{child, day, handbook};

/// A kind and answers to it that are opposite.
type Own = (&'static str, &'static [(&'static str, &'static str)], &'static [(&'static str, &'static str)]);

/// Answers about the carer, as opposite as the form allows.
const OWN: [Own; 4] = [
    (
        "mother_self_postpartum",
        &[("mood", "yes"), ("free", "ひとりになりたい。ねむれない")],
        &[("mood", "no"), ("free", "元気")],
    ),
    (
        "guardian_1m",
        &[("own_sleep_trouble", "yes"), ("someone_to_ask", "no")],
        &[("own_sleep_trouble", "no"), ("someone_to_ask", "yes")],
    ),
    (
        "guardian_3-4m",
        &[("own_sleep_trouble", "yes"), ("worry", "yes")],
        &[("own_sleep_trouble", "no"), ("worry", "no")],
    ),
    ("mother_postpartum", &[("epds", "done"), ("epds_note", "12点")], &[("epds", "not")]),
];

#[test]
fn a5_the_mothers_own_answers_are_read_by_nobody() {
    for (kind, hard, well) in OWN {
        let seen = |fields: &[(&str, &str)]| {
            let (_folder, book) = handbook(day("2026-11-20"), Locale::Ja);
            let id = child(&book, BORN);
            let entry = write(&book, id, kind, "2026-11-20", fields);
            let written = book.leads().written(entry).unwrap();
            let agenda = book.agenda().list(id, None, None).unwrap();
            let reminders = book.agenda().reminders(id, 90).unwrap();
            (written.leads, written.topic, format!("{agenda:?}"), format!("{reminders:?}"))
        };
        let (one, other) = (seen(hard), seen(well));
        assert!(one.0.is_empty() && one.0 == other.0, "{kind}: nothing is concluded");
        assert_eq!(
            (one.1.as_deref(), other.1.as_deref()),
            (Some("mind"), Some("mind")),
            "{kind}: the way is there always"
        );
        assert!(one.2 == other.2 && one.3 == other.3, "{kind}: the agenda that others see is the same");
    }
}

#[test]
fn a5_two_taps_from_her_own_page_to_somebody_who_listens() {
    let (_folder, book) = handbook(day("2026-11-20"), Locale::Ja);
    let private = book.notebooks().add_private().unwrap();
    // The first tap is on the form itself, before anything was written.
    let forms = book.form().kinds(private).unwrap();
    let feelings = forms.iter().find(|form| form.kind == "feelings").unwrap();
    assert_eq!(feelings.topic.as_deref(), Some("mind"));
    assert!(forms.iter().filter(|form| form.kind == "diary").all(|form| form.topic.is_none()));
    // The second is on a number.
    let desk = book.desks().find("mind").unwrap().unwrap();
    assert!(desk.ways.iter().any(|way| way.kind == "phone") && desk.confidential && desk.open_now == Some(true));
    assert!(!desk.checked.is_empty(), "a day on which the number was checked");
    let entry = NewEntry::typed(private, "feelings", "2026-11-20", &[("mood", "hard")]).unwrap();
    let written = book.leads().written(book.entries().add(&entry).unwrap()).unwrap();
    assert_eq!((written.leads.len(), written.topic.as_deref()), (0, Some("mind")));
}

#[test]
fn a5_no_rule_asks_for_an_answer_about_a_carer() {
    let content = Content::default();
    let about_carer = ["own_sleep", "own_sleep_trouble", "someone_to_ask", "worry", "mood", "notes", "free", "text"];
    for rule in &content.leads().rule {
        for answer in &rule.answer {
            let (field, _) = answer.field.as_ref().unwrap();
            let kind = kinds::find(&answer.kind).unwrap();
            let screen = ["hearing_r", "hearing_l"].contains(&field.as_str());
            assert!(kind.about == About::Child || screen, "{}: {}", rule.id, answer.kind);
            assert!(!about_carer.contains(&field.as_str()), "{}: {field}", rule.id);
        }
    }
    for kind in kinds::KINDS.iter().filter(|kind| kind.id.starts_with("guardian_") && kind.id != "guardian_birth_cert")
    {
        assert!(content.own_topic(kind.id).is_some(), "{}: it asks how the carer is", kind.id);
    }
}
