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
    for wanted in ["これからのこと", "予防接種のこれから", "できたね!チェック", "これまでの歩み"]
    {
        assert!(older.contains(wanted), "{wanted}");
    }
    let html = std::fs::read_to_string(format!("{folder}/handbook-2.html")).unwrap();
    for wanted in ["そら", "31週4日", "首がすわった", "五種混合", "data:image/jpeg", "修正月齢"] {
        assert!(html.contains(wanted), "{wanted}");
    }
}
