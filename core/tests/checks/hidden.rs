//! Where a carer wants no ages, no view of the self-check shows one.

use ayumi_core::app::{Answer, Area, Handbook, Locale, NotebookId, OwnWords, Paper, steps_svg};

use crate::scratch::{child, day, handbook};

/// Everything that carers see of the self-check, by view.
fn views(book: &Handbook, id: NotebookId) -> Vec<(&'static str, String)> {
    let ages = |words: &str| if words.is_empty() { String::new() } else { format!("{words}\n") };
    let questions: String =
        book.checks().questions(id, "18m").unwrap().iter().map(|question| ages(&question.typical_words)).collect();
    let result = book.checks().result(id, "18m").unwrap();
    let items = [&result.strengths, &result.beginning, &result.next, &result.asked_back];
    let results: String = items.into_iter().flatten().map(|item| ages(&item.typical_words)).collect();
    let agenda: String = book
        .agenda()
        .list(id, None, None)
        .unwrap()
        .iter()
        .map(|item| format!("{}\n{}\n", item.title, item.how))
        .collect();
    let areas: Vec<(String, Vec<_>)> =
        Area::ALL.into_iter().map(|area| (area.key().to_owned(), book.checks().trend(id, area).unwrap())).collect();
    vec![
        ("questions", questions),
        ("results", results),
        ("agenda", agenda),
        ("steps", steps_svg::draw("", "", &areas)),
        ("booklet", book.export().booklet(id, Paper::A5).unwrap()),
        ("nursery", book.export().nursery(id, &OwnWords::default()).unwrap()),
    ]
}

/// What the words of an age say, and what is said once it is over.
const AGES: [&str; 5] = ["ごろまでに", "ゆっくりの子", "ゆっくりの 子", "many children do", "take their time"];

#[test]
fn where_a_carer_wants_no_ages_no_view_shows_one() {
    for locale in Locale::ALL {
        let (_folder, book) = handbook(day("2026-01-10"), locale);
        let id = child(&book, "2024-05-03");
        let answers = [("m_climb", Answer::Yes), ("m_stand", Answer::NotYet), ("m_walk", Answer::Sometimes)];
        book.checks().answer(id, "18m", &answers, None, None).unwrap();
        let shows = |views: &[(&'static str, String)]| -> Vec<&'static str> {
            views.iter().filter(|(_, text)| AGES.iter().any(|age| text.contains(age))).map(|(view, _)| *view).collect()
        };
        assert_eq!(
            shows(&views(&book, id)),
            ["questions", "results"],
            "{locale:?}: ages are told there, and there only"
        );
        book.notebooks().edit(id, &[("age_ranges", "hidden")]).unwrap();
        let hidden = views(&book, id);
        assert_eq!(shows(&hidden), Vec::<&str>::new(), "{locale:?}");
        for (view, text) in hidden.iter().filter(|(view, _)| ["questions", "results"].contains(view)) {
            assert!(text.is_empty(), "{locale:?} {view}: {text}");
        }
        book.notebooks().edit(id, &[("age_ranges", "shown")]).unwrap();
        assert_eq!(shows(&views(&book, id)), ["questions", "results"]);
    }
}
