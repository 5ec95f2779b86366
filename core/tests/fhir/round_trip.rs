//! A handbook there and back: out of one device into another, twice, and home again.

use ayumi_core::app::{Handbook, ListFilter, Locale, NewEntry, NotebookId, Outcome};
use serde_json::{Value, json};

use super::{handbook, root, with_child};

fn filled() -> (tempfile::TempDir, Handbook, NotebookId) {
    let (folder, book, child) = with_child("2024-05-03");
    for (kind, on, fields) in [
        ("growth", "2024-11-05", &[("weight", "7.35"), ("length", "66.5"), ("note", "=1+1")][..]),
        ("growth", "2024-12-05", &[("head", "43")]),
        ("delivery", "2024-05-03", &[("datetime", "2024-05-03T14:05"), ("weight", "3050"), ("findings", "other")]),
        ("diary", "2024-11-06", &[("text", "一行目\n\"二行目\", ミルク <script>")]),
        ("guardian_3-4m", "2024-09-05", &[("head_control", "2024-08~"), ("worry", "unsure")]),
        ("wellchild", "2024-09-05", &[("teeth", "51:sound 61:sound"), ("u_protein", "+"), ("hip_limited", "no")]),
        ("immunisation", "2024-07-04", &[("vaccine", "hepb"), ("dose_no", "1"), ("maker_lot", "Y012A")]),
        ("temperature", "2024-11-06", &[("value", "37.5"), ("at", "07:40")]),
        ("mother_postpartum", "2024-06-03", &[("bp", "118/72"), ("weight", "54.2")]),
    ] {
        book.entries().add(&NewEntry::typed(child, kind, on, fields).unwrap()).unwrap();
    }
    let picture = std::fs::read(root().join("fuzz/seeds/photo/small.jpg")).unwrap();
    let bath =
        NewEntry::typed(child, "diary", "2024-11-07", &[("text", "お風呂")]).unwrap().with_photo(&picture).unwrap();
    book.entries().add(&bath).unwrap();
    (folder, book, child)
}

/// Entries by content: an entry's own id becomes its name in files.
fn all(book: &Handbook, notebook: NotebookId) -> Vec<Value> {
    let found = book.entries().list(notebook, &ListFilter { limit: 999, ..ListFilter::default() }).unwrap();
    let mut all: Vec<Value> = found
        .iter()
        .map(|entry| {
            let mut fields = entry.fields.clone();
            // What a photo belongs to, by what that says.
            if let Some(of) = fields.remove("of") {
                let host = found.iter().find(|other| json!(other.id) == of).unwrap();
                fields.insert("of".into(), json!(host.fields));
            }
            json!([entry.kind, entry.on, fields])
        })
        .collect();
    all.sort_by_key(Value::to_string);
    all
}

fn pictures(book: &Handbook, notebook: NotebookId) -> Vec<Vec<u8>> {
    let photos = ListFilter { kind: Some("photo".into()), limit: 999, ..ListFilter::default() };
    book.entries()
        .list(notebook, &photos)
        .unwrap()
        .iter()
        .map(|photo| book.entries().photo(photo.name()).unwrap())
        .collect()
}

#[test]
fn a_document_comes_back_whole_on_another_device_twice_and_home_again() {
    let (_folder, book, child) = filled();
    let text = book.export().fhir(child).unwrap();
    let (_other_folder, other) = handbook(Locale::En);
    let plan = other.import().plan_fhir(None, text.as_bytes()).unwrap();
    assert_eq!((plan.count("add"), plan.count("problem")), (12, 0), "eleven entries and the notebook's own facts");
    assert!(other.notebooks().list().unwrap().is_empty(), "a plan writes nothing");
    let here = plan.notebook().unwrap();
    assert_ne!(here, child, "it begins anew under an id of its own");
    other.import().apply(plan, false).unwrap();
    assert_eq!(all(&other, here), all(&book, child));
    assert_eq!(pictures(&other, here), pictures(&book, child));
    assert_eq!(other.notebooks().find(here).unwrap().profile, book.notebooks().find(child).unwrap().profile);
    // The same file again, here and where it came from; a later one of the same child.
    for (book, notebook, text) in [
        (&other, here, &text),
        (&book, child, &text),
        (&other, here, &book.export().fhir(child).unwrap()),
        (&book, child, &other.export().fhir(here).unwrap()),
    ] {
        let before = all(book, notebook);
        let plan = book.import().plan_fhir(None, text.as_bytes()).unwrap();
        assert_eq!(plan.notebook(), Some(notebook));
        assert_eq!((plan.count("add"), plan.count("already_there"), plan.count("problem")), (0, 12, 0));
        book.import().apply(plan, false).unwrap();
        assert_eq!(all(book, notebook), before);
    }
    assert_eq!(other.notebooks().list().unwrap().len(), 1);
}

#[test]
fn an_older_document_undoes_no_edit_and_brings_nothing_back() {
    let (_folder, book, child) = filled();
    let text = book.export().fhir(child).unwrap();
    let list = |kind: &str| {
        book.entries().list(child, &ListFilter { kind: Some(kind.into()), ..ListFilter::default() }).unwrap()
    };
    let (edited, deleted) = (list("growth")[0].id, list("temperature")[0].id);
    book.entries().edit(edited, &[("head", "43.5")]).unwrap();
    book.entries().delete(deleted).unwrap();
    let plan = book.import().plan_fhir(None, text.as_bytes()).unwrap();
    let named: Vec<&str> = plan
        .rows
        .iter()
        .filter(|row| {
            matches!(row.outcome, Outcome::LeftOut(_)) && ["growth", "temperature"].contains(&row.kind.as_str())
        })
        .map(|row| row.kind.as_str())
        .collect();
    assert_eq!((plan.count("add"), named.len()), (0, 2), "both are named");
    book.import().apply(plan, false).unwrap();
    assert_eq!(book.entries().show(edited).unwrap().fields["head"], 43.5);
    assert!(book.entries().show(deleted).unwrap().deleted);
}

/// What is about the baby falls silent in a document, too.
#[test]
fn after_a_loss_a_document_says_nothing_of_the_baby() {
    let (_folder, book) = handbook(Locale::Ja);
    let pregnancy = book.notebooks().add_pregnancy("2026-10-01".parse().unwrap()).unwrap();
    for (kind, on, fields) in [
        ("prenatal_visit", "2026-03-02", &[("bp", "110/70"), ("efw", "350")][..]),
        ("immunisation", "2026-03-03", &[("vaccine", "flu_inj")]),
    ] {
        book.entries().add(&NewEntry::typed(pregnancy, kind, on, fields).unwrap()).unwrap();
    }
    let silent = ["2026-10-01", "efw", "\"value\": 350"];
    let before = book.export().fhir(pregnancy).unwrap();
    book.notebooks().end(pregnancy, ayumi_core::app::EndReason::Loss, "2026-04-10".parse().unwrap()).unwrap();
    let text = book.export().fhir(pregnancy).unwrap();
    for word in silent {
        assert!(before.contains(word), "{word} is said before");
        assert!(!text.contains(word), "{word}");
    }
    assert!(!text.contains("ImmunizationRecommendation"));
    assert!(text.contains("110/70"), "her own care stays");
}

#[test]
fn a_notebook_without_entries_is_known_again_by_its_facts() {
    let (_folder, book, child) = with_child("2024-05-03");
    let text = book.export().fhir(child).unwrap();
    assert_eq!(book.import().plan_fhir(None, text.as_bytes()).unwrap().notebook(), Some(child));
    // A twin under another name is somebody else.
    let text = text.replace("さくら", "かえで");
    assert_ne!(book.import().plan_fhir(None, text.as_bytes()).unwrap().notebook(), Some(child));
}
