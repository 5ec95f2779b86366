//! `check`, `vaccine`, `agenda`, `content` as scripts see them: JSON keys, exit codes, messages. Runs the real program.

use crate::run::Home;
use serde_json::{Value, json};

fn child(home: &Home, born: &str) -> String {
    home.id(&["notebook", "add", "child", "--name", "さくら", "--sex", "female", "--born", born])
}

fn sample() -> String {
    format!("{}/../fixtures/municipality/sample.toml", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_check_from_due_to_result() {
    let home = Home::new();
    let id = child(&home, "2024-10-03");
    let due = home.json(&["check", "due", &id]);
    let states: Vec<&str> = due.as_array().unwrap().iter().map(|check| check["state"].as_str().unwrap()).collect();
    assert_eq!(due.as_array().unwrap().len(), 30);
    assert!(states.contains(&"missed") && states.contains(&"later"));
    let open = due.as_array().unwrap().iter().find(|check| check["state"] == "open").unwrap();
    assert_eq!((&open["check"], &open["band"]), (&json!("18m"), &json!("18-19")));
    assert_eq!((&open["from"], &open["to"]), (&json!("2026-04-03"), &json!("2026-06-02")));
    let questions = home.json(&["check", "questions", &id, "18m"]);
    for one in questions.as_array().unwrap() {
        for key in ["item", "area", "text", "play", "basis"] {
            assert!(one[key].as_str().is_some_and(|text| !text.is_empty()), "{key}: {one}");
        }
        assert!(one["typical"]["from_months"].as_u64().unwrap() <= one["typical"]["to_months"].as_u64().unwrap());
        assert!(["motor", "language", "social", "daily_life"].contains(&one["area"].as_str().unwrap()));
        assert!(["cited", "derived"].contains(&one["basis"].as_str().unwrap()));
    }
    home.json(&["check", "answer", &id, "18m", "m_climb=yes", "l_word1=sometimes", "s_share=notyet", "d_cup=unsure"]);
    assert_eq!(home.json(&["check", "result", &id, "18m"])["offer"]["kind"], "none", "one alone says little");
    home.json(&["check", "answer", &id, "18m", "m_stand=notyet", "m_walk=notyet"]);
    let result = home.json(&["check", "result", &id, "18m"]);
    assert_eq!(result["strengths"][0]["item"], "m_climb");
    assert_eq!(result["beginning"][0]["item"], "l_word1", "sometimes is a beginning, not what is to come");
    let still = |list: &str| result[list].as_array().unwrap().iter().any(|item| item["item"] == "s_share");
    assert!(still("next") && !still("beginning"));
    assert_eq!(result["offer"]["kind"], "repeat", "nine of ten stand and walk at 17 months: look again");
    assert_eq!(result["offer"]["because"], json!(["passed"]));
    assert_eq!(result["offer"]["again_from"], "2026-05-18", "28 days later");
    assert!(result["offer"].get("desk").is_none());
    home.json(&["check", "answer", &id, "18m", "--worry", "ことばが気になります"]);
    let result = home.json(&["check", "result", &id, "18m"]);
    assert_eq!(result["offer"]["kind"], "desk");
    assert!(result["offer"]["desk"]["name"].as_str().is_some_and(|name| !name.is_empty()));
    home.json(&["check", "answer", &id, "18m", "--worry", "", "--notice", "no_sound"]);
    assert_eq!(home.json(&["check", "result", &id, "18m"])["offer"]["kind"], "soon");
    home.json(&["check", "answer", &id, "18m", "--notice", "none"]);
    assert_eq!(home.json(&["check", "result", &id, "18m"])["offer"]["kind"], "repeat");
    let text = home.text(&["check", "result", &id, "18m"]);
    let (strengths, next) = (text.find("できること").unwrap(), text.find("\nこれから\n").unwrap());
    assert!(strengths < next, "strengths first: {text}");
    for word in ["%", "点", "遅れ", "平均", "赤"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
    home.fails(&["check", "answer", &id, "18m", "m_climb=maybe"], 2, "m_climb: \"maybe\" does not fit");
    home.fails(&["check", "answer", &id, "18m", "m_hop=yes"], 2, "an item of this check: ");
    home.fails(&["check", "answer", &id, "18m"], 2, "at least one ITEM=answer");
    home.fails(&["check", "result", &id, "19m"], 2, "one of 2m, 4m");
    let svg = home.path("steps.svg");
    home.text(&["check", "trend", &id, "--area", "motor", "--svg", &svg]);
    assert!(std::fs::read_to_string(svg).unwrap().contains("ソファ"));
}

#[test]
fn a_question_has_its_drawing_even_where_there_is_no_handbook_yet() {
    let home = Home::new();
    let id = child(&home, "2024-10-03");
    let questions = home.json(&["check", "questions", &id, "18m"]);
    let name = questions[0]["picture"].as_str().unwrap().to_owned();
    let empty = Home::empty();
    let svg = empty.path("drawing.svg");
    let given = empty.json(&["check", "picture", &name, "--svg", &svg]);
    assert_eq!(given["picture"], name.as_str());
    assert_eq!(given["svg"], std::fs::read_to_string(svg).unwrap().as_str());
    assert!(empty.text(&["check", "picture", &name]).starts_with("<svg "));
    empty.fails(&["check", "picture", "19m"], 2, "no drawing is called \"19m\"");
}

#[test]
fn a_check_is_asked_on_a_terminal_and_every_answer_is_kept_at_once() {
    let home = Home::new();
    let id = child(&home, "2024-10-03");
    // Two answers, then stop.
    let said = home.with_input(&["check", "start", &id], "1\n2\nq\n");
    assert!(said.contains("できたね!チェック") && said.contains("→ できた") && said.contains("→ ときどき"), "{said}");
    let answered = |home: &Home| -> usize {
        let questions = home.json(&["check", "questions", &id, "18m"]);
        questions.as_array().unwrap().iter().filter(|question| !question["answer"].is_null()).count()
    };
    assert_eq!(answered(&home), 2);
    // The next time it goes on where it was left: p shows how to play, b goes back, s skips.
    let said = home.with_input(&["check", "start", &id], "p\n1\nb\n1\ns\nq\n");
    assert!(said.contains("あそび: "), "{said}");
    assert_eq!(answered(&home), 3);
    // Everything answered, two things still to come: another look asks only those.
    let questions = home.json(&["check", "questions", &id, "18m"]);
    let answers: Vec<String> = questions
        .as_array()
        .unwrap()
        .iter()
        .map(|question| question["item"].as_str().unwrap())
        .map(|item| format!("{item}={}", if ["m_stand", "m_walk"].contains(&item) { "notyet" } else { "yes" }))
        .collect();
    let mut command = vec!["check", "answer", &id, "18m"];
    command.extend(answers.iter().map(String::as_str));
    home.json(&command);
    let said = home.with_input(&["check", "start", &id, "18m"], "1\n1\n\n\n");
    assert!(said.contains("(2/2)") && said.contains("ささえなしで、しっかり立つ"), "{said}");
    assert_eq!(home.json(&["check", "result", &id, "18m"])["offer"]["kind"], "none");
    home.fails(&["check", "start", &id, "19m"], 2, "allowed: 2m, 4m");
}

#[test]
fn vaccine_plans_with_and_without_a_notebook() {
    let home = Home::new();
    let given = home.path("given.json");
    std::fs::write(&given, r#"[{"product":"hepb","on":"2026-03-14"},{"product":"bcg","on":"2026-04-10"}]"#).unwrap();
    let plan = home.json(&["vaccine", "plan", "--born", "2026-01-15", "--given", &given]);
    let of = |plan: &Value, series: &str| -> Value {
        plan.as_array().unwrap().iter().find(|dose| dose["series"] == series).cloned().unwrap_or_default()
    };
    let hepb = of(&plan, "JP-HEPB");
    for (key, value) in [
        ("dose", json!(2)),
        ("status", json!("recommended_now")),
        ("earliest", json!("2026-04-11")),
        ("standard_from", json!("2026-04-14")),
        ("last_routine_day", json!("2027-01-14")),
        ("because", json!(["JP-HEPB/default/2/gap:prev"])),
    ] {
        assert_eq!(hepb[key], value, "{key}: {hepb}");
    }
    assert_eq!(of(&plan, "JP-BCG")["status"], "completed");
    assert_eq!(of(&plan, "JP-PCV")["path"], "start_2_7m");
    let rsv = home.json(&["vaccine", "plan", "--due", "2026-04-23"]);
    assert_eq!(of(&rsv, "JP-RSV-MAT")["last_routine_day"], "2026-04-01");
    std::fs::write(&given, r#"[{"product":"mumpss","on":"2026-03-14"}]"#).unwrap();
    home.fails(
        &["vaccine", "plan", "--born", "2026-01-15", "--given", &given],
        2,
        "row 1: product \"mumpss\" does not fit",
    );
    std::fs::write(&given, "[{").unwrap();
    home.fails(&["vaccine", "plan", "--born", "2026-01-15", "--given", &given], 2, "allowed: [{");
    home.fails(&["vaccine", "plan"], 2, "give a notebook, or --born DATE");

    let id = child(&home, "2026-01-15");
    home.id(&["entry", "add", &id, "immunisation", "--on", "2026-03-14", "vaccine=hepb"]);
    let own = home.json(&["vaccine", "plan", &id]);
    assert_eq!(of(&own, "JP-HEPB")["earliest"], "2026-04-11");
    let history = home.json(&["vaccine", "history", &id]);
    assert_eq!((&history[0]["verdict"], &history[0]["dose"]), (&json!("routine"), &json!(1)));
    let visits = home.json(&["vaccine", "visits", &id, "--days", "365"]);
    assert!(visits[0]["doses"].as_array().unwrap().len() >= 3, "packed: {visits}");
    let fhir = home.path("plan.json");
    home.text(&["vaccine", "plan", &id, "--fhir", &fhir]);
    let resource: Value = serde_json::from_str(&std::fs::read_to_string(fhir).unwrap()).unwrap();
    assert_eq!(resource["resourceType"], "ImmunizationRecommendation");
    assert_eq!(resource["patient"]["reference"], json!(format!("Patient/{id}")));
    let first = &resource["recommendation"][0];
    assert!(first["forecastStatus"]["text"].is_string() && first["doseNumberPositiveInt"].is_u64());
    let hepb = resource["recommendation"].as_array().unwrap().iter().find(|dose| dose["series"] == "JP-HEPB").unwrap();
    assert_eq!(hepb["dateCriterion"][0]["code"]["coding"][0]["code"], "30981-5");
    assert_eq!(hepb["dateCriterion"][0]["value"], "2026-04-11");
}

/// A family that typed nothing yet learns how to copy the paper; what is late comes first and says until when it is free; what
/// nobody gives any more is not "over at public cost".
#[test]
fn late_and_past_vaccines_have_words_of_their_own() {
    let home = Home::new();
    let id = child(&home, "2025-08-01");
    let plan = home.text(&["vaccine", "plan", &id]);
    assert!(plan.starts_with("まだ記録がありません") && !plan.contains("無料の期間は終わりました"), "{plan}");
    let agenda = home.json(&["agenda", &id]);
    let first = &agenda[0];
    assert_eq!(first["key"], "JP-BCG/1", "free for the shortest time: {agenda}");
    assert_eq!(first["when"], "できるだけ早く(公費は2026年7月31日まで)");
    assert!(first["how"].as_str().unwrap().contains("写して"), "{first}");
    home.id(&["entry", "add", &id, "immunisation", "--on", "2026-04-10", "vaccine=pcv20"]);
    let plan = home.text(&["vaccine", "plan", &id]);
    assert!(plan.contains("受けられる時期を過ぎました") && !plan.contains("まだ記録がありません"), "{plan}");
    let how = &home.json(&["agenda", &id])[0]["how"];
    assert!(!how.as_str().unwrap().contains("写して"), "something was typed: {how}");
    home.id(&["entry", "add", &id, "immunisation", "--on", "2026-04-12", "vaccine=yellow_fever"]);
    assert!(home.text(&["vaccine", "history", &id]).contains("黄熱"), "a product of no series has its name");
}

/// K3c, and what a doctor must decide: in the agenda, at the visits and in the reminders, until the family has asked.
#[test]
fn what_a_doctor_must_decide_stands_until_it_is_settled() {
    let home = Home::new();
    let early = child(&home, "2025-03-01");
    home.id(&["entry", "add", &early, "immunisation", "--on", "2026-01-05", "vaccine=mr"]);
    let keys = |id: &str| -> Vec<String> {
        let agenda = home.json(&["agenda", id]);
        agenda.as_array().unwrap().iter().map(|item| item["key"].as_str().unwrap().to_owned()).collect()
    };
    assert!(keys(&early).contains(&"JP-MR1/1".to_owned()), "{:?}", keys(&early));
    let visits = home.json(&["vaccine", "visits", &early]);
    assert!(visits.to_string().contains("JP-MR1"), "{visits}");
    assert!(!home.json(&["agenda", &early, "--reminders", "60"]).as_array().unwrap().is_empty());

    let id = child(&home, "2026-01-15");
    for on in ["2026-03-14", "2026-04-10"] {
        home.id(&["entry", "add", &id, "immunisation", "--on", on, "vaccine=hepb"]);
    }
    let agenda = home.json(&["agenda", &id]);
    let asked = agenda.as_array().unwrap().iter().find(|item| item["key"] == "JP-HEPB/2").unwrap();
    assert_eq!(asked["title"], "かかりつけ医に聞く:B型肝炎 2回目");
    let first = &home.json(&["vaccine", "visits", &id])[0];
    assert!(first["titles"].as_array().unwrap().contains(&asked["title"]), "{first}");
    assert!(first["doses"].as_array().unwrap().contains(&json!({"series": "JP-HEPB", "dose": 2})), "{first}");
    home.id(&["agenda", &id, "--done", "JP-HEPB/2"]);
    assert!(!keys(&id).contains(&"JP-HEPB/2".to_owned()), "settled");
    home.fails(&["agenda", &id, "--done", "JP-PCV/1"], 2, "item: \"JP-PCV/1\" does not fit");
}

#[test]
fn an_agenda_with_marks_reminders_and_a_city() {
    let home = Home::new();
    let id = child(&home, "2026-04-18");
    let agenda = home.json(&["agenda", &id]);
    let of = |agenda: &Value, key: &str| agenda.as_array().unwrap().iter().find(|item| item["key"] == key).cloned();
    let registration = of(&agenda, "BIRTH_REG").unwrap();
    for (key, value) in [
        ("from", json!("2026-04-18")),
        ("to", json!("2026-05-01")),
        ("kind", json!("registration")),
        ("title", json!("出生届")),
        ("legal", json!(true)),
        ("source", json!("S-LAW-KOSEKI49, S-LAW-HOLIDAY, S-RAKUDA, S-KOMAE")),
    ] {
        assert_eq!(registration[key], value, "{key}");
    }
    home.id(&["agenda", &id, "--done", "BIRTH_REG"]);
    assert!(of(&home.json(&["agenda", &id]), "BIRTH_REG").is_none());
    home.fails(&["agenda", &id, "--done", "BIRTH_REG"], 2, "item: \"BIRTH_REG\" does not fit; allowed: one of ");
    home.fails(&["agenda", &id, "--from", "2026-05-01", "--to", "2026-04-01"], 2, "to: \"2026-04-01\" does not fit");
    let reminders = home.json(&["agenda", &id, "--reminders", "60"]);
    assert!(reminders.as_array().unwrap().iter().all(|reminder| reminder["title"] == "あゆみ"));
    assert!(home.text(&["--locale", "en", "agenda", &id]).contains("Child allowance claim"));

    assert!(home.text(&["content", "check", &sample()]).contains("ok (1 items, 2 desks"));
    assert!(home.text(&["content", "preview", &sample()]).contains("広場で、ほかの親子にかかわろうとする"));
    home.text(&["content", "install", &sample()]);
    assert_eq!(home.json(&["content", "list"])[0]["id"], "jp.000000.mihon");
    assert!(of(&home.json(&["agenda", &id]), "WC_1M").is_some(), "the municipality says when");
    let bad = home.path("bad.toml");
    let text = std::fs::read_to_string(sample()).unwrap();
    std::fs::write(&bad, text.replace("mon-fri", "mo-fr").replace("bands = [26]", "bands = [25]")).unwrap();
    home.fails(&["content", "check", &bad], 2, "there is no check at 25 months");
    home.fails(&["content", "check", &bad], 2, "write \"mon-fri\"");
    home.fails(&["content", "install", &bad], 2, "bad.toml");
    home.text(&["content", "remove", "jp.000000.mihon"]);
    home.fails(&["content", "remove", "jp.000000.mihon"], 2, "no such content pack");
    assert!(home.text(&["content", "words"]).contains("event.WC_3Y = 3歳児健診 | "));
}

/// Cases K15a and K15c (birday#170, babybuddy#484 and #611): a day is the carer's own, wherever the carer is. The two zones
/// are 26 hours apart, so their days always differ.
#[test]
fn k15_a_carer_abroad_writes_on_the_day_of_the_own_calendar() {
    let home = Home::new();
    let in_zone = |zone: &str, args: &[&str]| -> Value {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_ayumi"));
        command.args(["--home", &home.path("home"), "--json"]).args(args);
        command.env("AYUMI_KEY", crate::run::KEY).env_remove("AYUMI_HOME").env("TZ", zone);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{zone} {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let day = |entry: &Value| -> chrono::NaiveDate { entry["on"].as_str().unwrap().parse().unwrap() };
    let notebook = child(&home, "2026-01-05");
    let shown_in = |zone: &str| {
        let id = in_zone(zone, &["entry", "add", &notebook, "diary", "text=x"])["id"].as_str().unwrap().to_owned();
        day(&in_zone(zone, &["entry", "show", &id]))
    };
    // Twice, so that midnight between two commands does not matter.
    let mut days = (shown_in("<+14>-14"), shown_in("<-12>12"));
    if days.0 <= days.1 {
        days = (shown_in("<+14>-14"), shown_in("<-12>12"));
    }
    assert!(days.0 > days.1, "{days:?}");
    // A notebook was begun on the own day, too: what is shown from then on begins with it.
    let east = "<+14>-14";
    let before = shown_in(east);
    let due = (before + chrono::Days::new(200)).to_string();
    let pregnancy = in_zone(east, &["notebook", "add", "pregnancy", "--due", &due])["id"].as_str().unwrap().to_owned();
    let agenda = in_zone(east, &["agenda", &pregnancy]);
    let notice = agenda.as_array().unwrap().iter().find(|item| item["key"] == "PREG_NOTICE").unwrap().clone();
    let from: chrono::NaiveDate = notice["from"].as_str().unwrap().parse().unwrap();
    assert!((before..=shown_in(east)).contains(&from), "{notice}");
    // East of Japan after midnight a child is born today; in the west another carer writes it down, a day behind.
    let born = days.0.to_string();
    for zone in ["<+14>-14", "Asia/Tokyo"] {
        in_zone(zone, &["notebook", "add", "child", "--name", "そら", "--sex", "male", "--born", &born]);
    }
}

/// "73.5 kg? Perhaps 7.35?": asked at the door, in the chosen language; nothing is written until the carer says so, and then
/// it is shown with its mark, never with words about a curve.
#[test]
fn a_measurement_that_no_child_has_is_asked_back() {
    let home = Home::new();
    let id = child(&home, "2025-10-15");
    let add = ["entry", "add", &id, "growth", "--on", "2026-04-18", "weight=73.5"];
    home.fails(&add, 2, "is 73.5 kg right? Could it be 7.35 kg?");
    let told = home.command(&[&["--locale", "ja"], &add[..]].concat()).output().unwrap().stderr;
    let told = String::from_utf8(told).unwrap();
    assert!(told.contains("体重は73.5 kgでよいですか。7.35 kgではありませんか。"), "{told}");
    home.fails(&["entry", "add", &id, "growth", "--on", "2026-04-18", "length=25.5"], 2, "64.8 cm");
    home.fails(
        &["entry", "add", &id, "delivery", "--on", "2026-04-18", "weight=13350", "datetime=2025-10-15T08:00"],
        2,
        "is 13.35 kg right? Could it be 1.335 kg?",
    );
    assert!(home.json(&["entry", "list", &id]).as_array().unwrap().is_empty(), "nothing was written");
    let kept = home.id(&["entry", "add", &id, "growth", "--on", "2026-04-17", "weight=7.3", "length=66.0"]);
    home.fails(&["entry", "edit", &kept, "weight=16.2"], 2, "7.35 kg");
    home.fails(&["entry", "edit", &kept, "on=2025-10-16"], 2, "is 7.3 kg right?");
    home.text(&["entry", "edit", &kept, "note=よく笑う"]);
    home.id(&[&add[..], &["--yes"]].concat());
    let shown = home.json(&["growth", "show", &id]);
    let asked = shown.as_array().unwrap().iter().find(|row| row["value"] == json!(73.5)).unwrap();
    assert_eq!((&asked["question"]["likely"], &asked["question"]["slip"]), (&json!(7.35), &json!("decimal")));
    assert!(asked.get("z").is_none() && asked["reading"].as_str().unwrap().contains("7.35 kg"), "{asked}");
    // A file has nobody to answer: its row is a problem that says the question, and an equal entry is there already.
    let table = home.path("weights.csv");
    std::fs::write(&table, "date,weight\n2026-03-01,6.9\n2026-03-15,70.5\n2026-04-18,73.5\n").unwrap();
    let plan = home.json(&["import", &table, "--notebook", &id, "--dry-run"]);
    assert_eq!((&plan["add"], &plan["problems"], &plan["already_there"]), (&json!(1), &json!(1), &json!(1)), "{plan}");
    assert!(plan.to_string().contains("7.05 kg"), "{plan}");
    let svg = home.path("weight.svg");
    home.text(&["growth", "chart", &id, "--measure", "weight", "--svg", &svg]);
    let drawn = std::fs::read_to_string(&svg).unwrap();
    assert!(drawn.contains("?</text>") && !drawn.contains(">70</text>"), "a mark at the edge, axes as before");
}

/// What was written is answered at once, not with an id alone.
#[test]
fn an_entry_that_must_not_stay_silent_says_so_where_it_is_written() {
    let home = Home::new();
    let id = child(&home, "2025-10-03");
    let said = home.json(&["entry", "add", &id, "stool", "--on", "2025-10-20", "colour_no=2"]);
    let lead = &said["leads"][0];
    assert_eq!((&lead["rule"], &lead["offer"]), (&json!("stool_pale"), &json!("doctor")));
    for key in ["words", "within", "key", "on"] {
        assert!(lead[key].as_str().is_some_and(|text| !text.is_empty()), "{key}: {lead}");
    }
    assert!(lead["desk"]["name"].is_string() && lead["clinics"][0] == "小児科");
    assert!(said.get("topic").is_none());
    let entry = said["id"].as_str().unwrap();
    let agenda = home.json(&["agenda", &id]);
    assert_eq!((&agenda[0]["key"], &agenda[0]["kind"]), (&lead["key"], &json!("look")));
    let said = home.json(&["entry", "edit", entry, "colour_no=6"]);
    assert!(said.get("leads").is_none(), "corrected: {said}");
    assert!(home.json(&["entry", "edit", entry, "colour_no=1"]).get("leads").is_some());
    home.json(&["agenda", &id, "--done", lead["key"].as_str().unwrap()]);
    let agenda = home.json(&["agenda", &id]);
    assert!(agenda.as_array().unwrap().iter().all(|item| item["kind"] != "look"), "{agenda}");
    let text = home.text(&["entry", "add", &id, "guardian_6-7m", "--on", "2026-04-10", "pupil_white=はい"]);
    assert!(text.contains("→ 眼科・小児科 (数日のうちに)") && !text.contains("8000"), "{text}");
    // The mother's own page: the way, whatever she answered, and nothing else.
    for mood in ["はい", "いいえ"] {
        let said = home.json(&["entry", "add", &id, "mother_self_postpartum", &format!("mood={mood}")]);
        assert_eq!((said.get("leads"), &said["topic"]), (None, &json!("mind")), "{mood}");
    }
}

#[test]
fn desks_are_listed_by_topic() {
    let home = Home::new();
    let ids = |topic: &str| -> Vec<String> {
        let all = home.json(&["desks", "--topic", topic]);
        all.as_array().unwrap().iter().map(|desk| desk["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids("night_illness"), ["8000"]);
    assert_eq!(ids("night"), ["8000"], "its name before");
    assert_eq!(ids("violence"), ["dv_plus", "dv_navi"]);
    let open = home.json(&["desks", "--topic", "mind", "--open-now"]);
    assert_eq!(open[0]["id"], "yorisoi");
    for key in ["id", "name", "professions", "open_now", "ways", "consults", "for", "confidential"] {
        assert!(open[0].get(key).is_some(), "{key}");
    }
    assert!(home.text(&["desks"]).contains("#8000"));
    home.fails(&["desks", "--topic", "weather"], 2, "one of development");
}
