//! Files out and in: our own, and another app's.

use ayumi_core::app::{CsvMapping, Error, Handbook, ListFilter, NewChild, NewEntry};
use ayumi_core::model::NotebookId;
use ayumi_core::model::notebook::Sex;
use ayumi_tests::handbook::{day, scratch};
use serde_json::{Value, json};

fn filled() -> (tempfile::TempDir, Handbook, NotebookId) {
    let (folder, book) = scratch();
    let child =
        NewChild { name: "さくら<b>".into(), sex: Sex::Female, born: day("2024-05-03"), ..NewChild::default() };
    let child = book.notebooks().add_child(&child).unwrap();
    for (kind, on, fields) in [
        ("growth", "2024-11-05", &[("weight", "7.35"), ("length", "66.5"), ("note", "=1+1")][..]),
        ("diary", "2024-11-06", &[("text", "一行目\n\"二行目\", ミルク <script>")]),
        ("guardian_3-4m", "2024-09-05", &[("head_control", "2024-08~"), ("worry", "unsure")]),
        ("dental", "", &[]),
        ("wellchild", "2024-09-05", &[("teeth", "51:sound 61:sound"), ("u_protein", "+"), ("hip_limited", "no")]),
    ] {
        if !on.is_empty() {
            book.entries().add(&NewEntry::typed(child, kind, on, fields).unwrap()).unwrap();
        }
    }
    (folder, book, child)
}

fn all(book: &Handbook, notebook: NotebookId) -> Vec<Value> {
    let found = book.entries().list(notebook, &ListFilter { limit: 999, ..ListFilter::default() }).unwrap();
    found.iter().map(|e| json!([e.id, e.kind, e.on, e.fields])).collect()
}

#[test]
fn json_comes_back_whole_on_another_device() {
    let (_folder, book, child) = filled();
    let (_other_folder, other) = scratch();
    let text = book.export().json(child).unwrap();
    let plan = other.import().plan_json(&text).unwrap();
    assert_eq!((plan.count("add"), plan.count("problem")), (5, 0));
    assert!(other.notebooks().list().unwrap().is_empty(), "a plan writes nothing");
    let here = plan.notebook().unwrap();
    assert_ne!(here, child, "it begins anew under an id of its own");
    other.import().apply(plan, false).unwrap();
    assert_eq!(all(&other, here), all(&book, child));
    assert_eq!(other.notebooks().find(here).unwrap().profile, book.notebooks().find(child).unwrap().profile);
    let again = other.import().plan_json(&text).unwrap();
    assert_eq!((again.count("already_there"), again.rows.len()), (5, 5), "the same file again writes nothing");
    assert_eq!(again.notebook(), Some(here));
    let (_third_folder, third) = scratch();
    let plan = third.import().plan_json(&other.export().json(here).unwrap()).unwrap();
    let there = plan.notebook().unwrap();
    third.import().apply(plan, false).unwrap();
    assert_eq!(all(&third, there), all(&book, child), "and goes on from there");
}

/// What a file says is no member's word: it is told as history, and neither wins nor revives.
#[test]
fn history_that_comes_by_a_file_is_shown_once_and_changes_nothing() {
    let (_folder, book, child) = filled();
    let id: ayumi_core::model::EntryId =
        all(&book, child).iter().find(|e| e[1] == "growth").unwrap()[0].as_str().unwrap().parse().unwrap();
    book.entries().edit(id, &[("weight", "7.4")]).unwrap();
    let (_other_folder, other) = scratch();
    let plan = other.import().plan_json(&book.export().json(child).unwrap()).unwrap();
    let here = plan.notebook().unwrap();
    other.import().apply(plan, false).unwrap();
    let weights = |book: &Handbook| -> Vec<f64> {
        let history = book.entries().history(id).unwrap();
        history.iter().map(|version| version.fields["weight"].as_f64().unwrap()).collect()
    };
    assert_eq!(weights(&other), [7.35, 7.4], "each version once");
    assert_eq!(other.entries().history(id).unwrap()[0].device, book.entries().history(id).unwrap()[0].device);
    // Edited here, deleted here; edited there.
    other.entries().edit(id, &[("weight", "7.5")]).unwrap();
    book.entries().edit(id, &[("weight", "7.9")]).unwrap();
    let later = book.export().json(child).unwrap();
    for (done, why) in [(1, "more history"), (0, "the same file again")] {
        let plan = other.import().plan_json(&later).unwrap();
        assert_eq!(other.import().apply(plan, false).unwrap(), done, "{why}");
        assert_eq!(other.entries().show(id).unwrap().fields["weight"], 7.5, "{why}");
    }
    assert_eq!(weights(&other), [7.35, 7.4, 7.9, 7.5]);
    other.entries().delete(id).unwrap();
    book.entries().edit(id, &[("weight", "8.0")]).unwrap();
    let plan = other.import().plan_json(&book.export().json(child).unwrap()).unwrap();
    other.import().apply(plan, false).unwrap();
    assert!(other.entries().show(id).unwrap().deleted, "a file brings nothing back");
    assert_eq!(other.notebooks().list().unwrap().len(), 1);
    assert_eq!(other.notebooks().list().unwrap()[0].id, here);
}

#[test]
fn our_csv_comes_back_whole() {
    let (_folder, book, child) = filled();
    let table = book.export().csv(child).unwrap();
    assert!(table.starts_with('\u{feff}'));
    assert!(table.contains("'=1+1"), "no formula for a spreadsheet");
    let plan = book.import().plan_csv(child, table.as_bytes(), &CsvMapping::default()).unwrap();
    assert_eq!((plan.count("already_there"), plan.rows.len()), (4, 4), "all of it is there");
    let before = all(&book, child);
    for entry in book.entries().list(child, &ListFilter { limit: 999, ..ListFilter::default() }).unwrap() {
        book.entries().delete(entry.id).unwrap();
    }
    // Into another handbook's notebook of the same child.
    let (_other_folder, other) = scratch();
    let same = NewChild { name: "さくら".into(), sex: Sex::Female, born: day("2024-05-03"), ..NewChild::default() };
    let same = other.notebooks().add_child(&same).unwrap();
    let plan = other.import().plan_csv(same, table.as_bytes(), &CsvMapping::default()).unwrap();
    assert_eq!(other.import().apply(plan, false).unwrap(), 4);
    assert_eq!(all(&other, same), before);
}

#[test]
fn another_apps_table_with_shift_jis_units_and_problems() {
    let (_folder, book, child) = filled();
    let table = "計測日\t体重(g)\t身長（ｃｍ）\t頭囲\tメモ\tアプリ内ID\n\
        2025/1/5\t8120\t69.5\t43.1\tよく寝た\tA1\n\
        令和7年2月5日\t８５００\t71\t\t\tA2\n\
        2025/3/5 09:30\t888000\t72\t\t\tA3\n\
        \t\t\t\t\t\n\
        2025/1/5\t8120\t69.5\t43.1\tよく寝た\tA4\n\
        きのう\t8600\t\t\t\tA5\n";
    let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode(table);
    let mut mapping = CsvMapping::default();
    mapping.map("計測日=on").unwrap();
    let plan = book.import().plan_csv(child, &bytes, &mapping).unwrap();
    let rows: Vec<(u64, &str)> = plan.rows.iter().map(|row| (row.row, row.outcome.key())).collect();
    // A row that stands there twice is two readings: none of them was here before this file.
    assert_eq!(rows, [(2, "add"), (3, "add"), (4, "problem"), (6, "add"), (7, "problem")]);
    assert_eq!(json!(plan.fields(&plan.rows[0])["weight"]), json!(8.12), "grams became kilograms");
    assert_eq!(json!(plan.fields(&plan.rows[1])["weight"]), json!(8.5));
    assert_eq!(plan.ignored_columns(), ["アプリ内ID"]);
    let count = all(&book, child).len();
    let Err(Error::Invalid { why }) = book.import().apply(plan, false) else { panic!("problems were ignored") };
    assert_eq!(why.field, "row 4, weight");
    assert_eq!(all(&book, child).len(), count, "all or nothing");
    let plan = book.import().plan_csv(child, &bytes, &mapping).unwrap();
    assert_eq!(book.import().apply(plan, true).unwrap(), 3);
    let again = book.import().plan_csv(child, &bytes, &mapping).unwrap();
    assert_eq!(again.count("add"), 0, "the same table twice adds nothing");
}

#[test]
fn files_that_are_something_else_are_refused_whole() {
    let (_folder, book, child) = filled();
    for text in ["", "{", "[]", "{\"format\":\"x\",\"version\":1,\"notebook\":{\"id\":\"x\",\"type\":\"child\"}}"] {
        assert!(matches!(book.import().plan_json(text), Err(Error::Invalid { .. })), "{text}");
    }
    let mut newer: Value = serde_json::from_str(&book.export().json(child).unwrap()).unwrap();
    newer["version"] = json!(2);
    assert!(
        matches!(book.import().plan_json(&newer.to_string()), Err(Error::Invalid { why }) if why.field == "version")
    );
    let no_day = book.import().plan_csv(child, b"weight,length\n8,70\n", &CsvMapping::default());
    assert!(matches!(no_day, Err(Error::Invalid { why }) if why.field == "map"));
    // An id that another entry has takes nothing from it: it comes in as an entry of its own.
    let (_other_folder, other, theirs) = filled();
    let mut file: Value = serde_json::from_str(&other.export().json(theirs).unwrap()).unwrap();
    let before = all(&book, child);
    file["entries"][1]["id"] = before[0][0].clone();
    let plan = book.import().plan_json(&file.to_string()).unwrap();
    assert_eq!(plan.count("problem"), 0);
    book.import().apply(plan, false).unwrap();
    assert_eq!(all(&book, child), before);
    // A value out of its range is a problem of that row, also inside the history.
    let mut file: Value = serde_json::from_str(&other.export().json(theirs).unwrap()).unwrap();
    for entry in file["entries"].as_array_mut().unwrap() {
        if entry["kind"] == "growth" {
            entry["changes"][0]["body"]["n"]["weight"] = json!(-4);
        }
    }
    assert_eq!(book.import().plan_json(&file.to_string()).unwrap().count("problem"), 1);
}

#[test]
fn a_clock_that_ran_ahead_cannot_win_for_ever() {
    let (_folder, book, child) = filled();
    let (_other_folder, other) = scratch();
    let mut file: Value = serde_json::from_str(&book.export().json(child).unwrap()).unwrap();
    for entry in file["entries"].as_array_mut().unwrap() {
        // Some three hundred years ahead.
        entry["changes"][0]["stamp"] = json!("0a00000000000000-00000000000000aa");
    }
    let plan = other.import().plan_json(&file.to_string()).unwrap();
    let here = plan.notebook().unwrap();
    other.import().apply(plan, false).unwrap();
    assert_eq!(all(&other, here), all(&book, child), "what was shown came in");
    let id: ayumi_core::model::EntryId = all(&other, here)[0][0].as_str().unwrap().parse().unwrap();
    let at = other.entries().history(id).unwrap()[0].at.clone();
    assert!(at.starts_with("2026-"), "under this device's own clock: {at}");
}

#[test]
fn the_printed_handbook_is_complete_and_safe() {
    let (_folder, book, child) = filled();
    let html = book.export().html(child).unwrap();
    for wanted in [
        "さくら&lt;b&gt;",
        "2024年(令和6年)5月3日",
        "体重",
        "66.5 cm",
        "6か月",
        "首がすわった",
        "2024年8月ごろ",
        "何ともいえない",
        "<svg",
        "こども家庭庁",
    ] {
        assert!(html.contains(wanted), "{wanted}");
    }
    assert!(!html.contains("<script"), "nothing typed becomes markup");
    assert!(!html.contains("src=\"http") && !html.contains("href=\"http"), "one file, no network");
    let order = |id: &str| html.find(&format!("<h2 id=\"{id}\"")).unwrap();
    assert!(
        order("guardian_3-4m") < order("wellchild")
            && order("wellchild") < order("growth")
            && order("growth") < order("diary")
    );
    for colour in ["red", "#f00", "#ff0000"] {
        assert!(!html.contains(colour));
    }
}
