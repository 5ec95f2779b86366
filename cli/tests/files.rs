//! Files in and out as a script sees them: what is told, in which language, and what no output replaces.

use crate::run::Home;
use serde_json::{Value, json};

fn with_child() -> (Home, String) {
    let home = Home::new();
    let child = home.id(&["notebook", "add", "child", "--name", "さくら", "--sex", "female", "--born", "2024-05-03"]);
    (home, child)
}

/// What a command that fails says on stderr, and its exit code.
fn told(home: &Home, args: &[&str]) -> (Option<i32>, String) {
    let output = home.command(args).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// Case 14.
#[test]
fn no_output_replaces_a_file_of_the_handbook() {
    let (home, child) = with_child();
    home.id(&["entry", "add", &child, "growth", "--on", "2024-11-05", "weight=7.35"]);
    let before = std::fs::read(home.handbook()).unwrap();
    let folder = home.path("home");
    std::os::unix::fs::symlink(home.handbook(), home.path("link.json")).unwrap();
    for out in [
        format!("{folder}/handbook.db"),
        format!("{folder}/../home/handbook.db"),
        format!("{folder}/handbook.db-wal"),
        format!("{folder}/key"),
        home.path("link.json"),
    ] {
        for args in [
            &["export", &child, "--format", "json", "--out", &out][..],
            &["export", &child, "--format", "html", "--out", &out],
            &["growth", "chart", &child, "--measure", "weight", "--svg", &out],
            &["pack", &out],
        ] {
            assert_eq!(told(&home, args).0, Some(2), "{args:?}");
        }
    }
    assert_eq!(std::fs::read(home.handbook()).unwrap(), before);
    assert_eq!(home.json(&["doctor"])["healthy"], json!(true));
}

#[test]
fn a_page_for_nursery_and_two_pages_on_a4_are_written() {
    let (home, child) = with_child();
    let (out, a4) = (home.path("page.html"), home.path("a4.html"));
    let (code, words) = told(&home, &["export", &child, "--format", "nursery", "--out", &out]);
    assert_eq!(code, Some(2), "nothing to say yet: {words}");
    assert!(!std::path::Path::new(&out).exists());
    home.json(&[
        "export",
        &child,
        "--format",
        "nursery",
        "--out",
        &out,
        "--likes",
        "石あつめ",
        "--helps",
        "先に伝える",
    ]);
    let page = std::fs::read_to_string(&out).unwrap();
    assert!(page.contains("石あつめ") && page.contains("先に伝える") && page.contains("size: A5"));
    home.json(&["export", &child, "--format", "html", "--paper", "a4", "--out", &a4]);
    assert!(std::fs::read_to_string(&a4).unwrap().contains("size: A4 landscape"));
    assert_eq!(told(&home, &["export", &child, "--format", "html", "--paper", "a3", "--out", &a4]).0, Some(2));
}

/// What people read in a list is said as at home, and numbers as they are written.
#[test]
fn a_list_says_feeds_and_measurements_as_people_do() {
    let (home, child) = with_child();
    home.id(&["entry", "add", &child, "feeding", "--on", "2024-11-05", "at=06:30", "what=formula", "amount_ml=80"]);
    home.id(&["entry", "add", &child, "diary", "--on", "2024-11-06", "text=庭の花を見た"]);
    home.id(&["entry", "add", &child, "growth", "--on", "2024-11-05", "weight=7", "length=66"]);
    let list = home.text(&["entry", "list", &child]);
    for wanted in ["6:30 ミルク 80 mL", "  庭の花を見た", "7.00 kg", "66.0 cm"] {
        assert!(list.contains(wanted), "{wanted}: {list}");
    }
    let growth = home.text(&["growth", "show", &child]);
    assert!(growth.contains("16.1 kg/m²") && growth.contains("7.00 kg"), "{growth}");
}

/// Case 15.
#[test]
fn a_folder_that_cannot_be_made_is_named_with_its_reason() {
    let home = Home::empty();
    std::fs::write(home.path("file"), "x").unwrap();
    for folder in ["/proc/x".to_owned(), home.path("file/x")] {
        let args = ["--home", &folder, "--locale", "en", "init", "--carer", "母"];
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_ayumi"))
            .args(args)
            .env("AYUMI_KEY", crate::run::KEY)
            .output()
            .unwrap();
        let words = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{words}");
        assert!(words.contains(&folder) && !words.contains("ayumi init"), "{words}");
    }
}

/// Case 16.
#[test]
fn words_are_in_the_language_that_was_chosen() {
    let (home, child) = with_child();
    let table = home.path("t.csv");
    std::fs::write(&table, "date,weight,x\n2024-11-05,7.35,1\n2020-01-01,7,\n").unwrap();
    let import = ["import", &table, "--notebook", &child];
    let given = |name: &str, text: &str| {
        let path = home.path(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let doses = [
        given("no.json", "no json"),
        given("product.json", r#"[{"product":"horoscope","on":"2026-03-14"}]"#),
        given("day.json", r#"[{"product":"hepb","on":"soon"}]"#),
    ];
    let ascii = |text: &str| text.lines().all(|line| line.is_ascii());
    for (locale, japanese) in [("ja", true), ("ja-easy", true), ("en", false)] {
        let speak = |args: &[&str]| home.command(&[&["--locale", locale], args].concat()).output().unwrap();
        let out = |args: &[&str]| String::from_utf8(speak(args).stdout).unwrap();
        let err = |args: &[&str]| String::from_utf8(speak(args).stderr).unwrap();
        let counts = out(&[&import[..], &["--dry-run"]].concat());
        assert_eq!(counts.contains("problems"), !japanese, "{counts}");
        assert_eq!(out(&["doctor"]).contains("healthy"), !japanese);
        assert_eq!(
            out(&["export", &child, "--format", "csv", "--out", &home.path("o.csv")]).contains("bytes"),
            !japanese
        );
        for args in [
            &import[..],
            &["entry", "add", &child, "growth", "--on", "2020-01-01", "weight=7"],
            &["entry", "add", &child, "growth", "--on", "2024-11-05", "weight=735"],
            &["export", &child, "--format", "json", "--out", "/nowhere/x.json"],
            &["import", "/nowhere/x.json"],
            &["import", &table],
            &["notebook", "add"],
            &["notebook", "list", "--horoscope"],
            &["entry", "list", "x"],
            &["vaccine", "plan"],
            &["vaccine", "plan", "--born", "2026-01-15", "--given", &doses[0]],
            &["vaccine", "plan", "--born", "2026-01-15", "--given", &doses[1]],
            &["vaccine", "plan", "--born", "2026-01-15", "--given", &doses[2]],
            &["entry", "kinds", "horoscope"],
            &["sync"],
        ] {
            let words = err(args);
            assert!(!words.is_empty());
            assert_eq!(
                ascii(&words.replace("令和6年5月3日", "").replace("昨日", "")),
                !japanese,
                "{locale} {args:?}: {words}"
            );
        }
        let made = Home::empty();
        let init = made.command(&["--locale", locale, "init", "--carer", "x"]).output().unwrap();
        assert_eq!(ascii(&String::from_utf8(init.stdout).unwrap()), !japanese);
    }
}

#[test]
fn wrong_arguments_are_json_where_json_was_asked_for() {
    let (home, child) = with_child();
    for args in [
        &["notebook", "list", "--horoscope"][..],
        &["horoscope"],
        &["notebook", "add"],
        &["entry", "list", "no-id"],
        &["growth", "show", &child, "--reference", "x"],
        &["entry", "add", &child, "growth", "--on", "2020-01-01", "weight=7"],
    ] {
        let (code, words) = told(&home, &[&["--json"], args].concat());
        let value: Value = serde_json::from_str(&words).unwrap_or_else(|_| panic!("{args:?}: {words}"));
        assert_eq!((code, &value["error"]), (Some(2), &json!("invalid")), "{args:?}");
        assert!(value["message"].is_string());
    }
    let (_, words) = told(&home, &["--json", "entry", "add", &child, "growth", "--on", "2020-01-01", "weight=7"]);
    let value: Value = serde_json::from_str(&words).unwrap();
    assert_eq!((&value["field"], &value["reason"]), (&json!("on"), &json!("before_birth")));
}

/// Case 17, at the door where parents type.
#[test]
fn forms_that_parents_type() {
    let (home, child) = with_child();
    for (on, typed, expected) in [
        ("昨日", "体重=7,35", json!({"weight": 7.35})),
        ("2024/11/5(火)", "weight=7kg350", json!({"weight": 7.35})),
        ("一昨日", "weight=16lb 3oz", json!({"weight": 7.343})),
        ("令和6年11月5日", "weight=７キロ３５０", json!({"weight": 7.35})),
    ] {
        let id = home.id(&["entry", "add", &child, "growth", "--on", on, typed]);
        assert_eq!(home.json(&["entry", "show", &id])["fields"], expected, "{typed}");
    }
    let id = home.id(&["entry", "add", &child, "growth", "--on", "昨日", "weight=7"]);
    assert_eq!(home.json(&["entry", "show", &id])["on"], json!("2026-04-19"), "counted from --today");
    let id = home.id(&["entry", "add", &child, "temperature", "at=午前8時", "value=37度5分"]);
    assert_eq!(home.json(&["entry", "show", &id])["fields"], json!({"at": "08:00", "value": 37.5}));
    let id = home.id(&["entry", "add", &child, "immunisation", "--on", "2024-07-05", "ワクチン=5種混合", "dose_no=1"]);
    assert_eq!(home.json(&["entry", "show", &id])["fields"]["vaccine"], json!("dpt_ipv_hib"));
}

/// A file of ours is for its own notebook.
#[test]
fn a_json_file_goes_into_no_other_notebook_than_its_own() {
    let (home, child) = with_child();
    let file = home.path("x.json");
    home.json(&["export", &child, "--format", "json", "--out", &file]);
    let other = home.id(&["notebook", "add", "child", "--name", "うみ", "--sex", "male", "--born", "2024-05-03"]);
    home.fails(&["import", &file, "--notebook", &other], 2, "another notebook");
    assert_eq!(home.json(&["import", &file, "--notebook", &child])["written"], json!(0));
}

/// One device, many doors: the second waits for the first.
#[test]
fn a_command_waits_a_moment_for_another_one() {
    let (home, child) = with_child();
    let add = |n: u32| {
        let weight = format!("weight=7.{n}");
        home.command(&["entry", "add", &child, "growth", "--on", "2024-11-05", &weight]).spawn().unwrap()
    };
    let mut running: Vec<_> = (1..6).map(add).collect();
    assert!(running.iter_mut().all(|command| command.wait().unwrap().success()));
    assert_eq!(home.json(&["entry", "list", &child]).as_array().unwrap().len(), 5);
}
