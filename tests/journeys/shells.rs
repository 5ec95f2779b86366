//! What shells build on: notifications of changes, the form as data, drafts and pages ready to show.

use std::sync::{Arc, Mutex};

use ayumi_core::app::{ChangeListener, Config, Draft, EntryView, Handbook, ListFilter, NewChild, NewEntry, Topic};
use ayumi_core::model::NotebookId;
use ayumi_core::model::notebook::{EndReason, Sex};
use ayumi_core::texts::Locale;
use ayumi_tests::handbook::{config, day, scratch};

#[derive(Default)]
struct Heard(Mutex<Vec<Vec<Topic>>>);

impl Heard {
    fn take(&self) -> Vec<Vec<Topic>> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl ChangeListener for Heard {
    fn changed(&self, topics: Vec<Topic>) {
        self.0.lock().unwrap().push(topics);
    }
}

fn child(book: &Handbook) -> NotebookId {
    let child = NewChild { name: "さくら".into(), sex: Sex::Female, born: day("2024-05-03"), ..NewChild::default() };
    book.notebooks().add_child(&child).unwrap()
}

fn draft(notebook: NotebookId, kind: &str, fields: &[(&str, &str)]) -> Draft {
    let fields = fields.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect();
    Draft { notebook, kind: kind.into(), on: day("2026-04-19"), fields, photos: Vec::new() }
}

#[test]
fn a_listener_is_told_everything_once_then_each_write_until_it_is_dropped() {
    let (_folder, book) = scratch();
    let id = child(&book);
    let heard = Arc::new(Heard::default());
    let subscription = book.observe(heard.clone());
    assert_eq!(heard.take().concat().len(), 5, "everything, at once");
    let entry = book.entries().add(&NewEntry::drafted(&draft(id, "diary", &[("text", "一")])).unwrap()).unwrap();
    assert_eq!(heard.take(), [[Topic::Records]]);
    book.entries().edit(entry, &[("text", "二")]).unwrap();
    book.notebooks().edit(id, &[("name", "さくらこ")]).unwrap();
    assert_eq!(heard.take(), [[Topic::Records], [Topic::Records]]);
    book.entries().edit(entry, &[("text", "二")]).unwrap();
    book.entries().show(entry).unwrap();
    book.growth().measurements(id, Default::default()).unwrap();
    assert!(heard.take().is_empty(), "nothing was written");
    book.contents().install(&ayumi_tests::fixture_text("municipality/sample.toml")).unwrap();
    assert_eq!(heard.take(), [[Topic::Content]]);
    drop(subscription);
    book.entries().delete(entry).unwrap();
    assert!(heard.take().is_empty());
}

#[test]
fn a_listener_may_read_and_write_in_what_it_is_told() {
    struct Writes(Mutex<Option<Handbook>>, NotebookId);
    impl ChangeListener for Writes {
        fn changed(&self, _: Vec<Topic>) {
            // Once, or it would hear of itself for ever.
            if let Some(book) = { self.0.lock().unwrap().take() } {
                let draft = draft(self.1, "diary", &[("text", "きいた")]);
                book.entries().add(&NewEntry::drafted(&draft).unwrap()).unwrap();
            }
        }
    }
    let (_folder, book) = scratch();
    let id = child(&book);
    let _subscription = book.observe(Arc::new(Writes(Mutex::new(Some(book.clone())), id)));
    assert_eq!(book.entries().list(id, &ListFilter::default()).unwrap().len(), 1, "the file was free");
}

#[test]
fn the_form_has_words_for_everything_and_is_silent_after_a_loss() {
    for locale in Locale::ALL {
        let folder = tempfile::tempdir().unwrap();
        let book = Handbook::create(&Config { locale, ..config(folder.path()) }, "母").unwrap();
        let pregnancy = book.notebooks().add_pregnancy(day("2026-10-01")).unwrap();
        for notebook in [child(&book), pregnancy] {
            let form = book.form().kinds(notebook).unwrap();
            assert!(form.len() > 10);
            for kind in &form {
                assert!(!kind.label.is_empty());
                for field in &kind.fields {
                    assert!(!field.label.is_empty(), "{} {}", kind.kind, field.key);
                    assert!(field.options.iter().all(|option| !option.label.is_empty()), "{} {}", kind.kind, field.key);
                    assert_eq!(field.min.is_some(), field.max.is_some());
                }
            }
        }
        let before = book.form().kinds(pregnancy).unwrap().len();
        book.notebooks().end(pregnancy, EndReason::Loss, day("2026-04-19")).unwrap();
        let after = book.form().kinds(pregnancy).unwrap();
        assert!(after.len() < before && after.iter().all(|kind| kind.kind != "delivery"));
    }
}

#[test]
fn what_is_filled_in_can_be_kept_again_without_changing_anything() {
    let (_folder, book) = scratch();
    let id = child(&book);
    for (kind, fields) in [
        ("growth", &[("weight", "１１．２kg"), ("length", "85"), ("note", "a, b: c")][..]),
        ("delivery", &[("datetime", "2024-05-03T04:12"), ("weight", "2950")]),
        ("immunisation", &[("vaccine", "hepb")]),
    ] {
        let entry = book.entries().add(&NewEntry::drafted(&draft(id, kind, fields)).unwrap()).unwrap();
        let typed = book.form().filled_in(entry).unwrap();
        let typed: Vec<(&str, &str)> = typed.iter().map(|(key, text)| (key.as_str(), text.as_str())).collect();
        book.entries().edit(entry, &typed).unwrap();
        assert_eq!(book.entries().history(entry).unwrap().len(), 1, "{kind}: {typed:?}");
    }
}

#[test]
fn pages_ready_to_show_follow_each_other() {
    let (_folder, book) = scratch();
    let id = child(&book);
    for i in 0..120 {
        book.entries().add(&NewEntry::drafted(&draft(id, "diary", &[("text", &format!("{i}"))])).unwrap()).unwrap();
    }
    let mut after = None;
    let mut seen = Vec::new();
    loop {
        let page = book.entries().shown(id, &ListFilter { after, ..ListFilter::default() }).unwrap();
        let Some(last) = page.last() else { break };
        // As a shell keeps it: as text.
        after = ayumi_core::store::entries::Place::from_text(&last.entry.place.to_text());
        assert!(after.is_some());
        seen.extend(page.into_iter().map(|entry| {
            assert_eq!((entry.title.as_str(), entry.day.as_str()), ("日記", "2026年4月19日"));
            entry.lines[0].text.clone()
        }));
    }
    let all: Vec<String> = (0..120).rev().map(|i| i.to_string()).collect();
    assert_eq!(seen, all);
    let one: Vec<EntryView> = book.entries().list(id, &ListFilter { limit: 1, ..ListFilter::default() }).unwrap();
    assert_eq!(one.len(), 1);
}
