//! The demo plays its whole story: nothing lost, files to look at.

use crate::run::Home;
use serde_json::json;

#[test]
fn the_demo_loses_nothing_and_leaves_what_it_promises() {
    let home = Home::empty();
    let folder = home.path("demo");
    let told = home.json(&["demo", "--keep", &folder]);
    assert_eq!((&told["lost"], &told["healthy"], &told["kills"]), (&json!(0), &json!(true), &json!(5)));
    assert!(told["confirmed_before_kill"].as_u64().unwrap() >= 15);
    for file in told["files"].as_array().unwrap() {
        let text = std::fs::read_to_string(file.as_str().unwrap()).unwrap();
        assert!(text.len() > 2000, "{file}");
    }
    assert!(told["next"]["agenda"].as_u64().unwrap() > 3 && told["next"]["visits"].as_u64().unwrap() > 0);
    assert_eq!(told["next"]["offer"]["kind"], "desk");
    assert_eq!(told["next"]["offer"]["desk"], "見本市こども家庭センター");
    let older = std::fs::read_to_string(format!("{folder}/handbook-1.html")).unwrap();
    for wanted in ["これからのこと", "これからの予防接種", "できたね!チェック", "足あと"] {
        assert!(older.contains(wanted), "{wanted}");
    }
    let html = std::fs::read_to_string(format!("{folder}/handbook-2.html")).unwrap();
    for wanted in ["そら", "31週4日", "首がすわった", "五種混合", "data:image/jpeg", "修正月齢"] {
        assert!(html.contains(wanted), "{wanted}");
    }
}

/// The first thing that a nurse looks at: the engines themselves find nothing odd in what the demo's children were given, measured
/// and fed.
#[test]
fn the_demos_family_could_exist() {
    let home = Home::empty();
    let folder = home.path("demo");
    let told = home.json(&["demo", "--keep", &folder]);
    let phone = format!("{folder}/phone");
    let ask = |args: &[&str]| -> serde_json::Value {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_ayumi"));
        command.args(["--home", phone.as_str(), "--today", "2026-04-20", "--json"]).args(args);
        let out = command.env("AYUMI_KEY", crate::run::KEY).output().unwrap();
        serde_json::from_slice(&out.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&out.stderr)))
    };
    let notebooks = ask(&["notebook", "list"]);
    let children: Vec<&serde_json::Value> =
        notebooks.as_array().unwrap().iter().filter(|notebook| notebook["type"] == "child").collect();
    assert_eq!(children.len(), 3);
    for child in children {
        let id = child["id"].as_str().unwrap();
        let name = child["name"].as_str().unwrap();
        let history = ask(&["vaccine", "history", id]);
        assert!(history.as_array().unwrap().len() >= 11, "{name}: {history}");
        for dose in history.as_array().unwrap() {
            let voluntary = ["flu_inj", "mumps"].contains(&dose["product"].as_str().unwrap());
            let wanted = if voluntary { "private" } else { "routine" };
            assert_eq!(dose["verdict"], wanted, "{name}: {dose}");
        }
        for dose in ask(&["vaccine", "plan", id]).as_array().unwrap() {
            let odd = ["needs_clinician_decision", "record_inconsistent", "not_recommended"];
            assert!(!odd.contains(&dose["status"].as_str().unwrap()), "{name}: {dose}");
        }
        for measurement in ask(&["growth", "show", id]).as_array().unwrap() {
            assert!(measurement.get("question").is_none(), "{name}: {measurement}");
        }
        if id == told["older"] {
            continue;
        }
        // A feed of a newborn of 1.5 kg is some millilitres; nobody laughs, or cries at night out of habit, before the due date.
        let entries = ask(&["entry", "list", id, "--limit", "5000"]);
        // 31 weeks and 4 days on 20 April 2025: the due date. Days sort as texts.
        let due = "2025-06-18";
        let mut amounts = Vec::new();
        for entry in entries.as_array().unwrap() {
            let (on, fields) = (entry["on"].as_str().unwrap_or_default(), &entry["fields"]);
            if let Some(ml) = fields["amount_ml"].as_i64() {
                amounts.push((on.to_owned(), ml));
            }
            if entry["kind"] == "diary" && on < due {
                let text = fields["text"].as_str().unwrap();
                assert!(
                    ["笑", "夜泣き", "離乳食", "さんぽ", "えほん"].iter().all(|word| !text.contains(word)),
                    "{on}: {text}"
                );
            }
        }
        amounts.sort();
        assert!(amounts[0].1 <= 5, "the first feed: {:?}", amounts[0]);
        assert!(amounts.iter().filter(|(on, _)| on.as_str() < due).all(|(_, ml)| *ml <= 60), "{amounts:?}");
        assert!(amounts.iter().all(|(_, ml)| *ml <= 200));
    }
}
