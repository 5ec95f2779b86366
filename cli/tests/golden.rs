//! Help texts and the shape of every `--json` value, compared with `fixtures/cli`. `AYUMI_ACCEPT=1` writes them anew.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::Stdio;

use serde_json::{Value, json};

use super::municipality::Server;
use super::run::{Home, Meeting};

/// Commands without a golden value, each with the reason.
const WITHOUT: [(&str, &str); 3] = [
    ("check start", "asks a person on a terminal; refuses --json"),
    ("demo", "tells how long it took and how many kills it survived; demo.rs looks at its value"),
    ("serve", "prints no value; operations.rs runs it"),
];

/// Keys whose values differ from run to run although what they mean does not.
const VARIABLE: [&str; 13] = [
    "address",
    "bytes",
    "bytes_up",
    "bytes_down",
    "round_trips",
    "pages",
    "device",
    "code",
    "retry_ms",
    "stamp",
    // By the hour of the day.
    "at_night",
    "meanwhile",
    "meanwhile_words",
];

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures/cli").join(name)
}

/// Compares with a golden file, or writes it when told to accept.
fn compare(name: &str, found: &str) {
    let path = fixture(name);
    if std::env::var_os("AYUMI_ACCEPT").is_some() {
        std::fs::write(&path, found).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        golden == found,
        "{name} differs; if that is meant: AYUMI_ACCEPT=1 cargo test -p ayumi --test shell golden\n{found}"
    );
}

fn help(home: &Home, command: &str) -> String {
    let words: Vec<&str> = command.split_whitespace().chain(["--help"]).collect();
    let output = home.command(&words).env("COLUMNS", "100").env_remove("AYUMI_CA").output().unwrap();
    assert!(output.status.success(), "{command}");
    String::from_utf8(output.stdout).unwrap()
}

/// Every command with its help, groups before their commands.
fn walk(home: &Home, command: &str, all: &mut Vec<(String, String, bool)>) {
    let text = help(home, command);
    let listed = text.split("Commands:\n").nth(1).unwrap_or_default();
    let names: Vec<&str> = listed
        .lines()
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    // A command with commands below it may also run by itself.
    let runs = names.is_empty() || text.contains(&format!("Usage: ayumi {command} [OPTIONS]\n"));
    all.push((command.to_owned(), text.clone(), runs));
    for name in names {
        walk(home, format!("{command} {name}").trim(), all);
    }
}

fn commands() -> BTreeSet<String> {
    let mut all = Vec::new();
    walk(&Home::empty(), "", &mut all);
    all.into_iter().filter(|(_, _, leaf)| *leaf).map(|(command, ..)| command).collect()
}

#[test]
fn help_of_every_command_is_as_it_was() {
    let mut all = Vec::new();
    walk(&Home::empty(), "", &mut all);
    let text: String = all.iter().map(|(command, text, _)| format!("$ ayumi {command}\n{text}\n")).collect();
    compare("help.txt", &text);
}

#[test]
fn the_reference_lists_every_command_and_no_other() {
    let page = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/cli.md");
    let page = std::fs::read_to_string(page).unwrap();
    let commands = commands();
    let mut listed = BTreeSet::new();
    for line in page.lines().filter_map(|line| line.strip_prefix("    ayumi ")).filter(|line| !line.starts_with('[')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let known = (1..=words.len().min(3)).map(|n| words[..n].join(" ")).rfind(|name| commands.contains(name));
        listed.insert(known.unwrap_or_else(|| panic!("docs/cli.md: no such command: {line}")));
    }
    assert_eq!(listed, commands, "docs/cli.md lists on the left, the program has on the right");
}

/// Replaces what differs from run to run; keeps one element of each shape in a long list.
fn shape(value: &Value) -> Value {
    match value {
        Value::String(text) => placeholder(text).map_or_else(|| value.clone(), Value::from),
        Value::Array(items) => {
            let shapes: Vec<Value> = items.iter().map(shape).collect();
            if shapes.len() < 3 {
                return Value::from(shapes);
            }
            let keys = |item: &Value| match item {
                Value::Object(fields) => fields.keys().cloned().collect::<Vec<_>>().join(","),
                _ => String::new(),
            };
            let mut seen = BTreeSet::new();
            Value::from(shapes.into_iter().filter(|item| seen.insert(keys(item))).collect::<Vec<_>>())
        }
        Value::Object(fields) => {
            let field = |(key, value): (&String, &Value)| {
                // Six words of a join follow from its hash.
                let join = key == "words" && value.as_array().is_some_and(|words| words.len() == 6);
                let variable = join || (VARIABLE.contains(&key.as_str()) && !value.is_null());
                let value = if variable { format!("<{key}>").into() } else { shape(value) };
                (placeholder(key).map_or_else(|| key.clone(), Into::into), value)
            };
            Value::Object(fields.iter().map(field).collect())
        }
        other => other.clone(),
    }
}

fn placeholder(text: &str) -> Option<&'static str> {
    let hex = |part: &str| part.chars().all(|c| c.is_ascii_hexdigit());
    let uuid = text.len() == 36 && text.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
    match text {
        _ if uuid && text.split('-').all(hex) => Some("<id>"),
        _ if text.len() >= 32 && hex(text) => Some("<hex>"),
        _ if text.starts_with("Patient/") => Some("Patient/<id>"),
        _ if text.starts_with('/') => Some("<path>"),
        _ if text.starts_with("T-") => Some("<ticket>"),
        _ if text.len() > 18 && text.as_bytes()[10] == b'T' && text.starts_with("20") => Some("<time>"),
        _ => None,
    }
}

/// Collects one value per command.
#[derive(Default)]
struct Golden {
    played: BTreeSet<String>,
}

impl Golden {
    fn keep(&mut self, command: &str, value: &Value) {
        compare(&format!("json/{}.json", command.replace(' ', "-")), &format!("{:#}\n", shape(value)));
        self.played.insert(command.to_owned());
    }

    /// Runs a command and keeps its value under its name.
    fn play(&mut self, home: &Home, command: &str, arguments: &[&str]) -> Value {
        let words: Vec<&str> = command.split_whitespace().chain(arguments.iter().copied()).collect();
        let value = home.json(&words);
        self.keep(command, &value);
        value
    }
}

fn id(value: &Value) -> String {
    value["id"].as_str().unwrap().to_owned()
}

fn read(path: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn records(golden: &mut Golden, home: &Home) -> String {
    golden.play(home, "init", &["--carer", "母"]);
    let pregnancy = id(&golden.play(home, "notebook add pregnancy", &["--due", "2025-10-10"]));
    golden.play(home, "notebook birth", &[&pregnancy, "--on", "2025-10-03", "--child", "そら:male"]);
    golden.play(home, "notebook add private", &[]);
    let arguments = ["--name", "さくら", "--sex", "female", "--born", "2024-10-03", "--gestation", "38w2d"];
    let child = id(&golden.play(home, "notebook add child", &arguments));
    golden.play(home, "notebook edit", &[&child, "name=さくら"]);
    golden.play(home, "notebook end", &[&child, "--reason", "death", "--on", "2026-04-01"]);
    golden.play(home, "notebook reopen", &[&child]);
    let private = home.id(&["notebook", "add", "private"]);
    golden.play(home, "notebook forget", &[&private]);
    golden.play(home, "notebook list", &[]);
    let entry =
        id(&golden.play(home, "entry add", &[&child, "growth", "--on", "2025-04-03", "weight=7.35", "length=66.5"]));
    golden.play(home, "entry edit", &[&entry, "weight=7.4"]);
    golden.play(home, "entry undo", &[&entry]);
    golden.play(home, "entry delete", &[&entry]);
    golden.play(home, "entry restore", &[&entry]);
    golden.play(home, "entry show", &[&entry, "--history"]);
    golden.play(home, "entry list", &[&child]);
    golden.play(home, "entry kinds", &[]);
    let picture = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/photos/garden.jpg");
    let diary = id(&home.json(&["entry", "add", &child, "diary", "--on", "2025-04-04", "text=花", "--photo", picture]));
    let photo = home.json(&["entry", "show", &diary, "--history"])["photos"][0].as_str().unwrap().to_owned();
    golden.play(home, "entry photo", &[&photo, "--out", &home.path("photo.jpg")]);
    let gone = home.id(&["entry", "add", &child, "diary", "--on", "2025-04-05", "text=けす"]);
    golden.play(home, "entry erase", &[&gone, "--yes"]);
    child
}

fn insight(golden: &mut Golden, home: &Home, child: &str) {
    golden.play(home, "growth show", &[child]);
    golden.play(home, "growth chart", &[child, "--measure", "weight", "--svg", &home.path("weight.svg")]);
    let table = home.path("in.csv");
    std::fs::write(&table, "sex,age_days,indicator,value\nfemale,365,lhfa,75.0\n").unwrap();
    let scored = home.path("out.csv");
    golden.play(home, "growth score", &["--reference", "who", "--in", &table, "--out", &scored]);
    golden.play(home, "check due", &[child]);
    golden.play(home, "check questions", &[child, "18m"]);
    golden.play(home, "check answer", &[child, "18m", "m_climb=yes", "s_share=notyet", "--worry", "ことば"]);
    golden.play(home, "check result", &[child, "18m"]);
    golden.play(home, "check picture", &["color"]);
    golden.play(home, "check trend", &[child]);
    home.json(&["entry", "add", child, "immunisation", "--on", "2024-12-14", "vaccine=hepb"]);
    golden.play(home, "vaccine plan", &[child]);
    golden.play(home, "vaccine history", &[child]);
    golden.play(home, "vaccine visits", &[child]);
    let fhir = home.path("fhir.json");
    home.json(&["vaccine", "plan", child, "--fhir", &fhir]);
    compare("json/vaccine-plan.fhir.json", &format!("{:#}\n", shape(&read(&fhir))));
    golden.play(home, "agenda", &[child]);
    golden.play(home, "desks", &["--topic", "night_illness"]);
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/municipality/sample.toml");
    golden.play(home, "content check", &[sample]);
    golden.play(home, "content preview", &[sample, "--html", &home.path("preview.html")]);
    golden.play(home, "content install", &[sample]);
    golden.play(home, "content list", &[]);
    golden.play(home, "content remove", &["jp.000000.mihon"]);
    golden.play(home, "content words", &[]);
}

fn exchange(golden: &mut Golden, home: &Home, child: &str) {
    let file = home.path("out.json");
    golden.play(home, "export", &[child, "--format", "json", "--out", &file]);
    compare("json/export.file.json", &format!("{:#}\n", shape(&read(&file))));
    let other = Home::new();
    golden.play(&other, "import", &[&file, "--dry-run"]);
    let document = home.path("handbook.fhir");
    home.json(&["export", child, "--format", "fhir", "--out", &document]);
    let value = other.json(&["import", &document, "--dry-run"]);
    compare("json/import.fhir.json", &format!("{:#}\n", shape(&value)));
    golden.play(home, "doctor", &[]);
    let packed = home.path("moving.ayumi");
    let code = golden.play(home, "pack", &[&packed]);
    golden.play(&Home::empty(), "unpack", &[&packed, code["code"].as_str().unwrap()]);
}

fn together(golden: &mut Golden, mother: &Home, child: &str) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data").display().to_string();
    let server = Server::start(&["--data".into(), data.clone()]);
    let address = format!("http://{}", server.address);
    golden.play(mother, "sync", &["--server", &address]);
    golden.play(mother, "serve tickets", &["--count", "1", "--data", &data]);
    let invited = golden.play(mother, "member invite", &[child, "--role", "writer", "--name", "父"]);
    let father = Home::new();
    golden.play(&father, "join", &[invited["code"].as_str().unwrap()]);
    let entry = id(&mother.json(&["entry", "add", child, "growth", "--on", "2025-05-03", "weight=8.1"]));
    mother.json(&["sync"]);
    father.json(&["sync"]);
    mother.json(&["entry", "edit", &entry, "weight=8.15"]);
    father.json(&["entry", "edit", &entry, "weight=8.2"]);
    for phone in [mother, &father, mother] {
        phone.json(&["sync"]);
    }
    let open = golden.play(mother, "conflict list", &[]);
    let version = open[0]["values"][0]["version"].to_string();
    golden.play(mother, "conflict settle", &[&entry, "weight", &version]);
    let mut members = mother.json(&["member", "list", child]);
    // They come in the order of random keys.
    members.as_array_mut().unwrap().sort_by_key(|member| member["me"] == json!(false));
    golden.keep("member list", &members);
    let other = members.as_array().unwrap().iter().find(|member| member["me"] == json!(false)).unwrap();
    let other = other["id"].as_str().unwrap();
    golden.play(mother, "member role", &[child, other, "--role", "reader"]);
    golden.play(mother, "member remove", &[child, other]);
    let printed = golden.play(mother, "recovery print", &[]);
    golden.play(mother, "recovery status", &[]);
    let (new, code) = (Home::new(), printed["code"].as_str().unwrap());
    let look = new.command(&["--json", "recover", code, "--server", &address]).output().unwrap();
    assert_eq!(look.status.code(), Some(1), "first it shows who is in there");
    let look: Value = serde_json::from_slice(&look.stdout).unwrap();
    compare("json/recover.look.json", &format!("{:#}\n", shape(&look)));
    golden.play(&new, "recover", &[code, "--server", &address, "--all"]);
    golden.play(&new, "member leave", &[child]);
    let closed = mother.id(&["notebook", "add", "child", "--name", "x", "--sex", "male", "--born", "2025-05-03"]);
    mother.json(&["sync"]);
    golden.play(mother, "notebook close", &[&closed, "--yes"]);
    mother.json(&["sync"]);
    let mine = mother.json(&["member", "invite", child, "--role", "writer", "--mine"]);
    Home::new().json(&["join", mine["code"].as_str().unwrap()]);
    golden.play(mother, "member lost", &[]);
    let aunt = mother.json(&["member", "invite", child, "--role", "reader"]);
    Home::new().json(&["join", aunt["code"].as_str().unwrap()]);
    mother.json(&["sync"]);
    golden.play(mother, "notebook begin-anew", &[child, "--yes"]);
    golden.play(mother, "forget-me", &["--yes"]);
}

/// A content folder with one notice for everybody, one desk and one area.
const CONTENT: &str = r#"format = 1
[pack]
id = "jp.000000.notices"
version = 1
name = ["見本市", "{見本市|みほんし}", "Sample City"]
municipality = "000000"

[[area]]
id = "north"
name = ["北地区", "{北地区|きたちく}", "North"]

[[desk]]
id = "centre"
topics = ["development", "general"]
name = ["見本市こども家庭センター", "{見本市|みほんし} こども{家庭|かてい}センター", "Sample City centre"]
consults = true
professions = ["public_health_nurse", "midwife"]
ways = [{ kind = "phone", value = "000-000-0000" }]

[[notice]]
id = "water"
about = "everyone"
sent = "2026-04-10 09:00"
expires = "2026-05-30"
desk = "centre"
link = "https://city.example/water"
title = { ja = "断水のお知らせ", en = "Water is cut off" }
text = { ja = "5月10日の午前", en = "On the morning of 10 May" }
"#;

fn municipal(golden: &mut Golden) {
    let (office, phone) = (Home::empty(), Home::new());
    let (data, keys, content) = (office.path("data"), office.path("keys"), office.path("content"));
    std::fs::create_dir(&content).unwrap();
    std::fs::write(office.path("content/notices.toml"), CONTENT).unwrap();
    golden.play(&office, "municipality-admin keys new", &[&keys, "--municipality", "jp.000000", "--sample"]);
    let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/municipal/families.toml");
    golden.play(&office, "municipality-admin preview", &[&content, "--samples", samples, "--data", &data]);
    let publish = [data.as_str(), "--keys", &keys];
    golden.play(&office, "municipality-admin publish", &[&publish[..], &["--from", &content, "--by", "s-01"]].concat());
    let words = |page: u32| {
        let page = std::fs::read_to_string(office.path(&format!("keys/root-{page}.html"))).unwrap();
        let words = page.split("<td>").skip(1).map(|cell| cell.split("</td>").next().unwrap().to_owned());
        words.collect::<Vec<_>>().join(" ")
    };
    std::fs::write(office.path("two.txt"), format!("{}\n{}\n", words(1), words(3))).unwrap();
    golden.play(&office, "municipality-admin keys rotate", &[&keys, "--root", &office.path("two.txt")]);
    office.json(&[&["municipality-admin", "publish"], &publish[..]].concat());
    let server = Server::start(&["--data".into(), data.clone()]);
    golden.play(&phone, "municipality follow", &[&format!("http://{}", server.address)]);
    golden.play(&phone, "municipality choose", &["--area", "north"]);
    golden.play(&phone, "municipality show", &[]);
    golden.play(&phone, "notices check", &[]);
    golden.play(&phone, "notices list", &["--all"]);
    golden.play(&phone, "notices read", &["water"]);
    compare("json/desks.feed.json", &format!("{:#}\n", shape(&phone.json(&["desks", "--topic", "development"]))));
    golden.play(&phone, "consult guide", &["poison"]);
    golden.play(&phone, "municipality leave", &["--yes"]);
    // Changed without a higher version, and no second person for what is urgent: nothing is signed.
    std::fs::write(office.path("content/notices.toml"), CONTENT.replace("午前", "午後")).unwrap();
    let refused = ["municipality-admin", "publish", &data, "--keys", &keys, "--from", &content];
    office.fails(&refused, 2, "write an update or a cancel");
    let inside = office.path("data/keys");
    office.fails(&["municipality-admin", "publish", &data, "--keys", &inside], 2, "outside");
}

fn nearby(golden: &mut Golden, mother: &Home, child: &str) {
    let arguments = ["--json", "nearby", "wait", "--listen", "127.0.0.1:0", "--invite", child];
    let mut waiting = mother.command(&arguments).stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(waiting.stderr.take().unwrap()).lines();
    let Meeting { address, meeting, code } = Meeting::shown(&mut lines);
    golden.play(&Home::new(), "nearby visit", &[&address, "--code", &meeting, "--join", &code]);
    let mut text = String::new();
    waiting.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert!(waiting.wait().unwrap().success());
    golden.keep("nearby wait", &serde_json::from_str(&text).unwrap());
}

#[test]
fn every_value_has_the_shape_that_scripts_know() {
    let mut golden = Golden::default();
    let mother = Home::empty();
    let child = records(&mut golden, &mother);
    insight(&mut golden, &mother, &child);
    exchange(&mut golden, &mother, &child);
    together(&mut golden, &mother, &child);
    let other = Home::new();
    let child = other.id(&["notebook", "add", "child", "--name", "x", "--sex", "male", "--born", "2025-05-03"]);
    nearby(&mut golden, &other, &child);
    municipal(&mut golden);
    let mut played = golden.played;
    played.extend(WITHOUT.iter().map(|(command, _)| (*command).to_owned()));
    assert_eq!(played, commands(), "each command has a golden value, or a reason for none in WITHOUT");
}
