//! The desktop shell as scripts see it: JSON keys, exit codes, messages. Runs the real program.

use crate::run::Home;
use serde_json::json;

#[test]
fn a_family_keeps_a_handbook() {
    let home = Home::new();
    let child = home.id(&[
        "notebook",
        "add",
        "child",
        "--name",
        "さくら",
        "--sex",
        "female",
        "--born",
        "令和6年5月3日",
        "--gestation",
        "38w2d",
    ]);
    let list = home.json(&["notebook", "list"]);
    assert_eq!(list[0]["id"], json!(child));
    for (key, value) in
        [("type", "child"), ("name", "さくら"), ("role", "owner"), ("born", "2024-05-03"), ("gestation", "38w2d")]
    {
        assert_eq!(list[0][key], json!(value), "{key}");
    }
    let id = home.id(&[
        "entry",
        "add",
        &child,
        "growth",
        "--on",
        "2024-11-05",
        "weight=7350g",
        "length=66.5",
        "note=ミルク",
    ]);
    let shown = home.json(&["entry", "show", &id, "--history"]);
    assert_eq!(shown["fields"], json!({"weight": 7.35, "length": 66.5, "note": "ミルク"}));
    for (key, value) in
        [("id", json!(id)), ("notebook", json!(child)), ("kind", json!("growth")), ("on", json!("2024-11-05"))]
    {
        assert_eq!(shown[key], value, "{key}");
    }
    assert_eq!(
        (&shown["deleted"], &shown["conflicts"], &shown["state"]),
        (&json!(false), &json!([]), &json!("waiting"))
    );
    assert_eq!(shown["history"][0]["version"], json!(1));
    assert_eq!(shown["history"][0]["fields"], shown["fields"]);
    assert!(shown["history"][0]["at"].is_string() && shown["history"][0]["device"].is_string());
    home.json(&["entry", "edit", &id, "weight=7.4"]);
    home.json(&["entry", "delete", &id]);
    assert_eq!(home.json(&["entry", "list", &child]), json!([]));
    home.json(&["entry", "restore", &id, "--version", "1"]);
    let entries = home.json(&[
        "entry",
        "list",
        &child,
        "--search",
        "みるく",
        "--kind",
        "growth",
        "--from",
        "2024-01-01",
        "--limit",
        "5",
    ]);
    assert_eq!(entries[0]["fields"]["weight"], json!(7.35));
    let growth = home.json(&["growth", "show", &child, "--reference", "who"]);
    let weight = &growth.as_array().unwrap().iter().find(|row| row["measure"] == "weight").unwrap();
    for key in ["on", "measure", "value", "unit", "age_days", "z", "percentile", "reading"] {
        assert!(!weight[key].is_null(), "{key}");
    }
    assert_eq!(weight["age_days"], json!(186));
    assert_eq!(home.json(&["conflict", "list"]), json!([]));
}

#[test]
fn files_go_out_and_come_back() {
    let home = Home::new();
    let child = home.id(&["notebook", "add", "child", "--name", "x", "--sex", "male", "--born", "2024-05-03"]);
    home.id(&["entry", "add", &child, "growth", "--on", "2024-11-05", "weight=7.9"]);
    let photo = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/photos/garden.jpg");
    let with_photo = home.id(&["entry", "add", &child, "diary", "--on", "2024-11-06", "text=花", "--photo", photo]);
    assert_eq!(home.json(&["entry", "show", &with_photo, "--history"])["photos"].as_array().unwrap().len(), 1);
    for (format, begins) in [("json", "{"), ("csv", "\u{feff}id,on,kind"), ("html", "<!doctype html>"), ("svg", "<svg")]
    {
        let out = home.path(&format!("out.{format}"));
        home.json(&["export", &child, "--format", format, "--out", &out]);
        assert!(std::fs::read_to_string(&out).unwrap().starts_with(begins), "{format}");
    }
    let chart = home.path("weight.svg");
    home.json(&["growth", "chart", &child, "--measure", "weight", "--svg", &chart]);
    assert!(std::fs::read_to_string(&chart).unwrap().contains("こども家庭庁"));
    let other = Home::new();
    let file = home.path("out.json");
    assert_eq!(other.json(&["import", &file, "--dry-run"])["add"], json!(4));
    assert_eq!(other.json(&["notebook", "list"]), json!([]), "a dry run writes nothing");
    assert_eq!(other.json(&["import", &file])["written"], json!(4));
    assert_eq!(other.json(&["import", &file])["written"], json!(0));
    assert_eq!(other.json(&["doctor"])["photos"], json!(1));
    let table = home.path("app.csv");
    std::fs::write(&table, "測定日,体重(g),身長\n2025-01-05,8120,69.5\n2025-02-05,88000000,70\n").unwrap();
    let plan = home.json(&["import", &table, "--notebook", &child, "--dry-run"]);
    assert_eq!((&plan["add"], &plan["problems"]), (&json!(1), &json!(1)));
    assert_eq!(plan["rows"][1]["outcome"], json!("problem"));
    home.fails(&["import", &table, "--notebook", &child], 2, "row 3, weight");
    assert_eq!(home.json(&["import", &table, "--notebook", &child, "--skip-problems"])["written"], json!(1));
}

#[test]
fn growth_score_streams_from_stdin_to_stdout_and_keeps_every_row() {
    let home = Home::new();
    let table = "id,sex,age_days,indicator,value\n1,female,365,lhfa,75.0\n2,female,x,lhfa,75.0\n3,male,0,wfa,3.3464\n";
    let out = home.with_input(&["growth", "score", "--reference", "who"], table);
    assert_eq!(
        out,
        "id,sex,age_days,indicator,value,z,percentile,note\n1,female,365,lhfa,75.0,0.3865,65.044,\n\
         2,female,x,lhfa,75.0,,,bad_age_days\n3,male,0,wfa,3.3464,0.0000,50.000,\n"
    );
    let (input, output) = (home.path("in.csv"), home.path("out.csv"));
    std::fs::write(&input, table).unwrap();
    home.text(&["growth", "score", "--reference", "who", "--in", &input, "--out", &output]);
    assert_eq!(std::fs::read_to_string(&output).unwrap(), out);
    std::fs::write(&input, "sex,age_days\n").unwrap();
    std::fs::remove_file(&output).unwrap();
    home.fails(
        &["growth", "score", "--reference", "who", "--in", &input, "--out", &output],
        2,
        "no column \"indicator\"",
    );
    assert!(!std::path::Path::new(&output).exists(), "nothing half-done");
}

#[test]
fn bad_input_exits_2_and_a_failure_exits_1_with_one_line() {
    let home = Home::new();
    let child = home.id(&["notebook", "add", "child", "--name", "x", "--sex", "male", "--born", "2024-05-03"]);
    for (args, code, words) in [
        (
            &["entry", "add", &child, "growth", "--on", "2024-11-05", "weight=9100"][..],
            2,
            "weight: \"9100\" does not fit; allowed: number from 0.1 to 150 kg",
        ),
        (
            &["entry", "add", &child, "growth", "--on", "2024-11-05", "height=70"],
            2,
            "a field of growth: weight, length",
        ),
        (&["entry", "add", &child, "growth", "--on", "あした", "weight=9"], 2, "on: \"あした\""),
        (&["entry", "add", &child, "gardening"], 2, "kind: \"gardening\""),
        (&["entry", "add", "01890a5d-ac96-774b-bcce-b302099a8057", "growth", "weight=9"], 2, "no such notebook"),
        (&["entry", "show", "01890a5d-ac96-774b-bcce-b302099a8057"], 2, "no such entry"),
        (&["entry", "show", "7"], 2, "an entry's id"),
        (&["notebook", "end", &child, "--reason", "loss", "--on", "2024-06-01"], 2, "loss for a pregnancy"),
        (
            &["notebook", "add", "child", "--name", "x", "--sex", "boy", "--born", "2024-05-03"],
            2,
            "female, male, unspecified",
        ),
        (&["notebook", "add", "child", "--name", "x", "--sex", "male", "--born", "2027-05-03"], 2, "born"),
        (&["import", "nothing.json"], 1, "there is no such file"),
        (
            &["growth", "chart", &child, "--measure", "weight", "--svg", "/nowhere/x.svg"],
            1,
            "there is no such file or folder",
        ),
        (&["init", "--carer", "y"], 1, "there is a handbook already"),
    ] {
        home.fails(args, code, words);
    }
    assert_eq!(home.json(&["entry", "list", &child]), json!([]), "nothing was half written");
    let nobody = Home::empty();
    nobody.fails(&["notebook", "list"], 1, "ayumi init --carer");
}

/// What nobody can take back is asked; a script says that it means it.
#[test]
fn nothing_is_erased_without_being_asked_for() {
    let home = Home::empty();
    home.json(&["init", "--carer", "母"]);
    let child = home.id(&["notebook", "add", "child", "--name", "さくら", "--sex", "female", "--born", "2024-05-03"]);
    let entry = home.id(&["entry", "add", &child, "diary", "--on", "2024-06-01", "text=けす"]);
    home.fails(&["entry", "erase", &entry], 2, "--yes");
    assert_eq!(home.json(&["entry", "show", &entry])["fields"]["text"], "けす");
    home.json(&["entry", "erase", &entry, "--yes"]);
    home.fails(&["entry", "show", &entry], 2, "no such entry");
    home.fails(&["entry", "erase", &child, "--yes"], 2, "a notebook's own facts stay with it");
}

#[test]
fn every_command_has_help_with_an_example() {
    let home = Home::empty();
    for command in [
        "",
        "demo",
        "init",
        "notebook",
        "notebook add child",
        "notebook add pregnancy",
        "notebook add private",
        "notebook list",
        "notebook birth",
        "notebook end",
        "notebook reopen",
        "notebook edit",
        "entry",
        "entry kinds",
        "entry add",
        "entry edit",
        "entry delete",
        "entry erase",
        "entry restore",
        "entry undo",
        "entry show",
        "entry list",
        "entry photo",
        "conflict list",
        "conflict settle",
        "growth show",
        "growth chart",
        "growth score",
        "export",
        "import",
        "doctor",
    ] {
        let mut args: Vec<&str> = command.split_whitespace().collect();
        args.push("--help");
        let text = home.text(&args);
        assert!(text.contains("Usage: ayumi"), "{command}");
        // A group's own help lists its commands, each of which has examples.
        assert!(text.contains("Example") || text.contains("Commands:"), "{command}: no example");
    }
}

#[test]
fn kinds_tell_fields_types_units_and_ranges() {
    let home = Home::empty();
    let all = home.json(&["entry", "kinds"]);
    assert!(all.as_array().unwrap().len() >= 45);
    let growth = home.json(&["entry", "kinds", "growth"]);
    let weight = &growth["fields"][0];
    assert_eq!(
        (&weight["field"], &weight["type"], &weight["unit"], &weight["min"], &weight["max"]),
        (&json!("weight"), &json!("number"), &json!("kg"), &json!(0.1), &json!(150.0))
    );
    let easy = home.json(&["--locale", "ja-easy", "entry", "kinds", "growth"]);
    assert_eq!(easy["label"], json!("体(からだ)の 大(おお)きさ"));
    home.fails(&["entry", "kinds", "x"], 2, "ayumi entry kinds");
}
