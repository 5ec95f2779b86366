//! Borders that no `Cargo.toml` draws: SQL stays in the store, shells use one module of the core, paths in prose
//! exist, functions are short.

use std::collections::BTreeSet;
use std::path::Path;

use super::source::{code, files, relative, root};

/// Files of the core that may name SQLite's driver: below the store, and nothing else.
const STORE: &str = "core/src/store/";

#[test]
fn only_the_store_knows_sqlite() {
    let mut outside = Vec::new();
    for path in files(&root().join("core/src"), &[".rs"]) {
        let name = relative(&path);
        let text = code(&path);
        let sql = ["rusqlite", "ayumi_sqlcipher"].iter().any(|word| text.contains(word));
        if sql && !name.starts_with(STORE) && !name.ends_with("/tests.rs") {
            outside.push(name);
        }
    }
    assert!(outside.is_empty(), "SQL belongs to core/src/store: {outside:#?}");
}

#[test]
fn shells_name_only_the_public_door_of_the_core() {
    let mut past = BTreeSet::new();
    for folder in ["cli/src", "bindings/src"] {
        for path in files(&root().join(folder), &[".rs"]) {
            let (name, text) = (relative(&path), code(&path));
            assert!(!text.contains("ayumi_protocol"), "{name} names the protocol");
            for (at, word) in text.match_indices("ayumi_core::") {
                let rest = &text[at + word.len()..];
                let module: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                // A type at the root is the generator's way to name what crosses the border.
                let is_module = module.starts_with(char::is_lowercase) || module.is_empty();
                if is_module && !["app", "chrono"].contains(&module.as_str()) {
                    past.insert(format!("{name}: {module}"));
                }
            }
        }
    }
    assert!(past.is_empty(), "shells name ayumi_core::app only: {past:#?}");
}

/// Words that only a statement of SQL has.
const SQL: &[&str] = &[
    "SELECT ",
    "INSERT ",
    "UPDATE ",
    "DELETE ",
    "CREATE ",
    "ALTER ",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "PRAGMA",
    "VACUUM",
    "set_config",
    "$1",
];

/// Returns a file with its strings, without comments and its own unit tests.
fn with_strings(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default().lines();
    lines.filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// One text for two databases stays one only where it stands beside its rule.
#[test]
fn sql_of_the_municipality_stands_in_its_own_crate_and_nowhere_else() {
    let mut outside = Vec::new();
    let drivers = files(&root().join("server/src/municipal"), &[".rs"]);
    assert!(drivers.len() >= 3);
    for path in drivers {
        let text = with_strings(&path);
        let texts = text.split('"').skip(1).step_by(2).filter(|text| SQL.iter().any(|word| text.contains(word)));
        outside.extend(texts.map(|text| format!("{}: {text}", relative(&path))));
    }
    // Its tables are named by nobody else.
    let migrations = files(&root().join("municipal/src/database/migrations"), &[".sql"]);
    let sql: String = migrations.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let tables = sql.lines().filter_map(|line| line.strip_prefix("CREATE TABLE ")?.split(' ').next());
    let tables: Vec<&str> = tables.collect();
    assert!(tables.contains(&"threads"), "{tables:?}");
    for folder in ["server/src", "channel/src", "cli/src", "console/src", "bindings/src"] {
        for path in files(&root().join(folder), &[".rs", ".sql"]) {
            let text = with_strings(&path);
            let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
            let named = words.windows(2).filter(|pair| ["FROM", "INTO", "UPDATE", "TABLE"].contains(&pair[0]));
            let named = named.filter(|pair| tables.contains(&pair[1]));
            outside.extend(named.map(|pair| format!("{}: {} {}", relative(&path), pair[0], pair[1])));
        }
    }
    assert!(outside.is_empty(), "SQL belongs to municipal/src: {outside:#?}");
}

/// Texts of the core that read like a kind's id and mean something else.
const NOT_A_KIND: &[(&str, &str, &str)] = &[
    ("core/src/app/error.rs", "photo", "the thing that was not found, and the field of a picture that cannot be read"),
    ("core/src/app/exchange/export/booklet/mod.rs", "growth", "a title of the booklet"),
    ("core/src/agenda/mod.rs", "self_check", "a kind of the agenda"),
    ("core/src/app/exchange/import/columns.rs", "temperature", "a name of a column"),
    ("core/src/app/exchange/import/peers/baby_buddy.rs", "temperature", "a column of that app"),
    ("core/src/app/exchange/import/peers/baby_buddy.rs", "milestone", "another column of it"),
];

#[test]
fn the_core_names_kinds_by_their_record_and_never_by_a_literal() {
    let mut literals = BTreeSet::new();
    let mut used = BTreeSet::new();
    for path in files(&root().join("core/src"), &[".rs"]) {
        let name = relative(&path);
        if name.starts_with("core/src/model/") || name.ends_with("/tests.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for kind in ayumi_core::app::KINDS.iter().filter(|kind| line.contains(&format!("\"{}\"", kind.id))) {
                match NOT_A_KIND.iter().find(|(file, id, _)| *file == name && *id == kind.id) {
                    Some(exception) => drop(used.insert(exception)),
                    None => drop(literals.insert(format!("{name}: {}", line.trim()))),
                }
            }
        }
    }
    assert!(literals.is_empty(), "write X::KIND.id: {literals:#?}");
    assert_eq!(used.len(), NOT_A_KIND.len(), "an exception that nothing needs");
}

#[test]
fn a_promise_of_the_threat_model_names_a_test_that_exists() {
    let text = std::fs::read_to_string(root().join("docs/threat-model.md")).unwrap();
    let words = text.split('`').skip(1).step_by(2);
    let named: BTreeSet<&str> = words.filter(|word| word.matches('_').count() >= 4 && !word.contains(' ')).collect();
    assert!(named.len() >= 8, "{named:?}");
    let mut tests = String::new();
    for path in files(&root(), &[".rs", ".py"]) {
        let text = std::fs::read_to_string(&path).unwrap();
        // A test that is skipped holds no promise.
        tests.extend(text.split("#[test]").skip(1).filter(|rest| !rest.trim_start().starts_with("#[ignore")));
        tests.extend(text.split("#[tokio::test").skip(1).filter(|rest| !rest.contains("#[ignore")));
    }
    // A rule of the contract of every store is a test with each of them.
    let rules = ["blobs", "chains", "contract", "erasing", "gone", "receipts", "releases", "tickets", "two_tongues"];
    let channel = rules.map(|name| root().join(format!("tests/server/{name}.rs")));
    let office = files(&root().join("server/tests"), &[".rs"]);
    let rules: String = channel.iter().chain(&office).map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let is_rule = |name: &str| rules.contains(&format!("    {name},\n")) && rules.contains(&format!("fn {name}<"));
    let is_test = |name: &str| tests.contains(&format!("fn {name}(")) || is_rule(name);
    let missing: Vec<&&str> = named.iter().filter(|name| !is_test(name)).collect();
    assert!(missing.is_empty(), "tests that docs/threat-model.md names and nobody wrote: {missing:#?}");
}

/// Endings of files that prose points to.
const PATHS: &[&str] = &[".rs", ".md", ".toml", ".txt", ".csv", ".kt", ".sql", ".json", ".golden"];

/// Returns the words of a text that look like a file of the repository: in backticks or as the target of a link.
fn paths(text: &str) -> BTreeSet<String> {
    let quoted = text.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    let linked = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
    let plain = |word: &&str| {
        !word.contains([' ', '*', '<', '{', '$', '…', ':', '~', ','])
            && !word.starts_with('/')
            && !word.contains("NNNN")
    };
    let of_a_file = |word: &&str| word.contains('/') && PATHS.iter().any(|ending| word.ends_with(ending));
    quoted.chain(linked).filter(plain).filter(of_a_file).map(str::to_owned).collect()
}

/// Prose that tells of files that are no more, and of what a build makes.
const NOT_FILES: &[&str] = &["CHANGELOG.md", "docs/adr/"];

#[test]
fn paths_in_prose_exist() {
    let mut dead = Vec::new();
    for path in files(&root(), &[".md", ".rs"]) {
        let name = relative(&path);
        if NOT_FILES.iter().any(|known| name.starts_with(known)) {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let comments = |text: &str| {
            let lines = text.lines().filter(|line| line.trim_start().starts_with("//"));
            lines.collect::<Vec<_>>().join("\n")
        };
        let prose = if name.ends_with(".rs") { comments(&text) } else { text };
        for word in paths(&prose) {
            // From the root, from the folder it stands in, from a crate's sources.
            let crates = name.split('/').next().unwrap();
            let short = ["core/src/app", "core/src", "core/content", "core", "protocol/src", crates];
            let places = [root().join(&word), path.with_file_name(&word), root().join(crates).join("src").join(&word)];
            if !word.starts_with("target/")
                && !places.iter().any(|place| place.exists())
                && !short.iter().any(|folder| root().join(folder).join(&word).exists())
            {
                dead.push(format!("{name}: {word}"));
            }
        }
    }
    assert!(dead.is_empty(), "paths that lead nowhere: {dead:#?}");
}

/// The longest function without a reason.
const LINES: usize = 80;

#[test]
fn functions_are_short_or_say_why_not() {
    let mut long = Vec::new();
    for folder in
        ["protocol", "municipal", "channel", "sqlcipher", "core", "bindings", "server", "cli", "play", "xtask"]
    {
        for path in files(&root().join(folder).join("src"), &[".rs"]) {
            let text = std::fs::read_to_string(&path).unwrap();
            let lines: Vec<&str> = text.lines().collect();
            // Without its tests: a table of cases may be long.
            let code = code(&path);
            for (start, line) in code.lines().enumerate() {
                let bare = line.trim_start();
                let indent = &line[..line.len() - bare.len()];
                // `pub(in crate::app) fn` counts as `fn`, too.
                let bare =
                    bare.strip_prefix("pub(").and_then(|rest| rest.split_once(") ")).map_or(bare, |(_, rest)| rest);
                let words = bare.split(['(', '<']).next().unwrap_or_default();
                if !words.split(' ').any(|word| word == "fn") {
                    continue;
                }
                // rustfmt closes a body at the function's own depth.
                let length = lines[start..].iter().position(|line| line.strip_prefix(indent) == Some("}"));
                let above = lines[..start].iter().rev().take_while(|line| line.trim_start().starts_with(['/', '#']));
                let reason = above.into_iter().any(|line| line.contains("Long because"));
                if length.is_some_and(|length| length >= LINES)
                    && !bare.ends_with("}")
                    && !bare.ends_with(';')
                    && !reason
                {
                    long.push(format!("{}:{}: {} lines", relative(&path), start + 1, length.unwrap_or_default() + 1));
                }
            }
        }
    }
    assert!(long.is_empty(), "split them, or say above them \"Long because …\": {long:#?}");
}

/// The wings of the core's app, and the wings that each may name.
const WINGS: &[(&str, &[&str])] = &[
    ("records", &[]),
    ("insight", &["records"]),
    ("together", &[]),
    ("exchange", &["records", "insight"]),
    ("municipal", &["records", "insight"]),
];

#[test]
fn wings_of_the_app_point_one_way_and_the_hub_names_none() {
    let app = root().join("core/src/app");
    for path in files(&app, &[".rs"]) {
        let inside = path.strip_prefix(&app).unwrap().to_string_lossy().into_owned();
        let wing = inside.split('/').next().unwrap();
        // The tour names all of them.
        if inside == "mod.rs" || inside.ends_with("tests.rs") {
            continue;
        }
        let allowed = WINGS.iter().find(|(name, _)| *name == wing).map_or(&[][..], |(_, allowed)| allowed);
        let text = code(&path);
        for (other, _) in WINGS.iter().filter(|(other, _)| *other != wing && !allowed.contains(other)) {
            assert!(!text.contains(&format!("app::{other}")), "core/src/app/{inside} must not name the wing {other}");
        }
    }
}
