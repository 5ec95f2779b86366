//! The structure itself: arrows between modules, sizes of files, no test file left unlinked.

mod borders;
mod source;

use std::collections::BTreeSet;
use std::path::Path;

use source::{files, root};

/// What each module of the core may name. One direction; nothing points back.
const ARROWS: &[(&str, &[&str])] = &[
    ("model", &["furigana"]),
    ("crypto", &[]),
    ("photo", &["model"]),
    ("packed", &[]),
    ("furigana", &[]),
    ("fhir", &["model", "crypto", "texts"]),
    ("growth", &["model", "packed"]),
    ("texts", &["model", "packed", "furigana"]),
    ("content", &["model", "texts", "crypto", "packed", "furigana"]),
    ("vaccines", &["model", "content"]),
    ("checks", &["model", "content"]),
    ("leads", &["model", "content"]),
    ("notices", &["model", "content", "texts", "furigana"]),
    // Doses stand in the agenda as the plan has them.
    ("agenda", &["model", "content", "vaccines"]),
    ("store", &["model", "crypto", "photo"]),
    ("sync", &["crypto"]),
    ("foreign", &["model", "content", "crypto", "store", "texts", "app"]),
    (
        "app",
        &[
            "model", "crypto", "photo", "growth", "texts", "store", "sync", "content", "vaccines", "checks", "leads",
            "notices", "agenda", "fhir", "packed", "furigana",
        ],
    ),
];

#[test]
fn modules_of_the_core_point_one_way() {
    let source = root().join("core/src");
    let mut seen = BTreeSet::new();
    for path in files(&source, &[".rs"]) {
        let relative = path.strip_prefix(&source).unwrap().to_string_lossy().into_owned();
        let module = relative.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        if module == "lib" || relative.ends_with("tests.rs") {
            continue;
        }
        let allowed =
            ARROWS.iter().find(|(name, _)| *name == module).unwrap_or_else(|| panic!("no arrows for {module}")).1;
        for line in std::fs::read_to_string(&path).unwrap().lines() {
            // Examples in documentation speak from outside.
            if line.trim_start().starts_with("//") {
                continue;
            }
            for (position, _) in line.match_indices("crate::") {
                let target: String =
                    line[position + 7..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let known = ARROWS.iter().any(|(name, _)| *name == target);
                assert!(
                    target == module || !known || allowed.contains(&target.as_str()),
                    "{relative}: {module} must not name {target}"
                );
            }
        }
        seen.insert(module);
    }
    assert_eq!(seen.len(), ARROWS.len(), "every module of the list is there: {seen:?}");
}

/// Crates: what each may depend on inside the workspace.
#[test]
fn crates_point_one_way() {
    for (name, allowed) in [
        ("protocol", &[][..]),
        ("sqlcipher", &[]),
        ("channel", &["ayumi-protocol"]),
        ("core", &["ayumi-protocol", "ayumi-sqlcipher", "ayumi-channel"]),
        ("bindings", &["ayumi-core"]),
        ("server", &["ayumi-protocol", "ayumi-municipal", "ayumi-channel", "ayumi-sqlcipher"]),
        ("cli", &["ayumi-core", "ayumi-server"]),
        // The office's rules and its pages never see a notebook's channel. The pages are not there yet.
        ("municipal", &["ayumi-protocol"]),
        ("play", &[]),
        ("console", &["ayumi-protocol", "ayumi-municipal"]),
    ] {
        let manifest = std::fs::read_to_string(root().join(name).join("Cargo.toml"));
        let absent = manifest.is_err() && name == "console";
        let manifest = if absent { String::new() } else { manifest.unwrap() };
        let dependencies =
            manifest.split("[dependencies]").nth(1).unwrap_or_default().split("\n[").next().unwrap_or_default();
        for line in dependencies.lines().filter(|line| line.starts_with("ayumi")) {
            let found = line.split(['.', ' ', '=']).next().unwrap();
            assert!(allowed.contains(&found), "{name} must not depend on {found}");
        }
    }
}

#[test]
fn stores_know_no_network_and_only_one_crate_is_unsafe() {
    let clean = |path: &Path| -> String {
        let text = std::fs::read_to_string(path).unwrap();
        text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
    };
    for path in files(&root().join("core/src/store"), &[".rs"]) {
        for word in ["reqwest", "http::", "TcpStream"] {
            assert!(!clean(&path).contains(word), "{}: {word}", path.display());
        }
    }
    for folder in ["protocol", "municipal", "channel", "core", "bindings", "server", "cli", "play", "benches", "xtask"]
    {
        for path in files(&root().join(folder), &[".rs"]) {
            assert!(!clean(&path).contains(&["uns", "afe "].concat()), "{}", path.display());
        }
    }
}

#[test]
fn files_are_short_or_say_why_not() {
    for path in files(&root(), &[".rs", ".sh", ".py"]) {
        let text = std::fs::read_to_string(&path).unwrap();
        let lines = text.lines().count();
        let reason = text.lines().take(20).any(|line| line.contains("Long because"));
        assert!(
            lines <= 500 || reason,
            "{} has {lines} lines: split it by idea, or say at its top why not",
            path.display()
        );
    }
}

/// A file of tests that no program takes in would be green for ever.
#[test]
fn no_test_file_is_left_unlinked() {
    for folder in ["tests", "core/tests", "cli/tests", "municipal/tests", "server/tests"] {
        let folder = root().join(folder);
        for path in files(&folder, &[".rs"]) {
            let inside = path.strip_prefix(&folder).unwrap();
            let parent =
                match (inside.parent().unwrap().to_str().unwrap(), inside.file_name().unwrap().to_str().unwrap()) {
                    ("", "main.rs") | ("src", "lib.rs") => continue,
                    ("src", _) => path.with_file_name("lib.rs"),
                    ("", _) => path.with_file_name("main.rs"),
                    (above, "mod.rs") => match above.rsplit_once('/') {
                        Some((above, _)) => folder.join(above).join("mod.rs"),
                        None => folder.join("main.rs"),
                    },
                    _ => path.with_file_name("mod.rs"),
                };
            let name = if path.ends_with("mod.rs") { path.parent().unwrap() } else { &path };
            let name = name.file_stem().unwrap().to_str().unwrap();
            let linked = std::fs::read_to_string(&parent).unwrap();
            assert!(
                linked
                    .lines()
                    .any(|line| line.trim_start_matches("pub ").trim_start_matches("pub(crate) ")
                        == format!("mod {name};")),
                "{} is in no test program",
                path.display()
            );
        }
    }
    for (manifest, program) in [
        ("tests", "main.rs"),
        ("core", "tests/main.rs"),
        ("cli", "tests/main.rs"),
        ("municipal", "tests/main.rs"),
        ("server", "tests/main.rs"),
    ] {
        let text = std::fs::read_to_string(root().join(manifest).join("Cargo.toml")).unwrap();
        assert!(text.contains(&format!("path = \"{program}\"")), "{manifest}: one program of tests");
    }
}

/// Code of the guide for app makers is code of a test, to the letter.
#[test]
fn every_piece_of_the_guide_is_run() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).unwrap();
    let bare = |text: &str| text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    let guide = read("docs/integrate.md");
    let (mut language, mut piece, mut pieces): (Option<String>, _, _) = (None, String::new(), 0);
    for line in guide.lines() {
        if let Some(name) = line.strip_prefix("```") {
            match language.take() {
                None => language = Some(name.to_owned()),
                Some(name) => {
                    let test = match name.as_str() {
                        "kotlin" => "bindings/kotlin/src/test/kotlin/ayumi/IntegrateTest.kt",
                        "swift" => "bindings/swift/Tests/AyumiTests/IntegrateTests.swift",
                        other => panic!("code of a language without tests: {other}"),
                    };
                    assert!(bare(&read(test)).contains(&bare(&piece)), "{test} does not hold:\n{piece}");
                    pieces += 1;
                    piece.clear();
                }
            }
        } else if language.is_some() {
            piece.push_str(line);
            piece.push('\n');
        }
    }
    assert!(pieces >= 12, "{pieces} pieces");
}

/// Files point one way inside a crate, too: nobody has to hold two of them in mind at once.
#[test]
fn no_files_name_each_other_in_a_circle() {
    let mut all = Vec::new();
    for folder in [
        "protocol",
        "municipal",
        "channel",
        "sqlcipher",
        "core",
        "bindings",
        "server",
        "cli",
        "play",
        "benches",
        "xtask",
    ] {
        let edges = source::Crate::read(folder).edges();
        for circle in source::circles(&edges) {
            let inside: Vec<String> = circle
                .iter()
                .flat_map(|file| {
                    let targets = edges[file].iter().filter(|target| circle.contains(target));
                    targets.map(move |target| format!("  {file} names {target}"))
                })
                .collect();
            all.push(inside.join("\n"));
        }
    }
    assert!(all.is_empty(), "circles of files:\n{}", all.join("\n\n"));
}

/// What a purpose looks like in source: `"ayumi <label> <number>"`.
fn is_a_purpose(text: &str) -> bool {
    let label = text.strip_prefix("ayumi ").map(|rest| rest.trim_end_matches(|c: char| c.is_ascii_digit()));
    label.is_some_and(|label| label.ends_with(' ') && label.bytes().all(|c| c == b' ' || c.is_ascii_lowercase()))
        && text.ends_with(|c: char| c.is_ascii_digit())
}

#[test]
fn purposes_stand_in_one_list_only() {
    let mut found = 0;
    for folder in ["protocol", "municipal", "channel", "core", "server", "cli", "bindings"] {
        let sources = files(&root().join(folder).join("src"), &[".rs"]);
        for path in sources.into_iter().filter(|path| !path.ends_with("tests.rs")) {
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
            let purposes = lines.flat_map(|line| line.split('"').skip(1).step_by(2)).filter(|text| is_a_purpose(text));
            match path.ends_with("protocol/src/purpose.rs") {
                true => found = purposes.count(),
                false => assert_eq!(purposes.collect::<Vec<_>>(), [""; 0], "{}", path.display()),
            }
        }
    }
    assert_eq!(found, ayumi_protocol::purpose::ALL.len(), "the list is found, whole");
}
