//! Drawings of what a child does: one for each name, in one style, and nothing in them but lines.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use ayumi_core::app::{Content, drawing};

/// The first line of each file, and so its one field, one width and one colour.
const HEAD: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 120 120\" fill=\"none\" stroke=\"currentColor\" \
     stroke-width=\"3\" stroke-linecap=\"round\" stroke-linejoin=\"round\">";
const MOST_BYTES: usize = 2048;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("content/drawings")
}

/// Files by name.
fn files() -> BTreeMap<String, String> {
    let svg = |path: PathBuf| {
        let name = path.file_stem()?.to_str()?.to_owned();
        path.extension().filter(|end| *end == "svg").map(|_| (name, std::fs::read_to_string(&path).unwrap()))
    };
    std::fs::read_dir(folder()).unwrap().filter_map(|entry| svg(entry.unwrap().path())).collect()
}

/// Names in the table of what is left out, each with a reason.
fn left_out() -> BTreeSet<String> {
    let text = std::fs::read_to_string(folder().join("README.md")).unwrap();
    let (_, table) = text.split_once("## Left out").unwrap();
    let row = |line: &str| {
        let (name, reason) = line.strip_prefix("| `")?.strip_suffix(" |")?.split_once("` | ")?;
        assert!(reason.len() > 20, "{name}: why is it left out?");
        Some(name.to_owned())
    };
    table.lines().filter_map(row).collect()
}

/// Names that items give, with one of the items.
fn named() -> BTreeMap<String, String> {
    let content = Content::default();
    content.items().iter().map(|item| (item.picture.clone(), item.id.clone())).collect()
}

#[test]
fn every_item_names_a_drawing_that_is_there_or_says_why_not() {
    let (files, left_out) = (files(), left_out());
    for (name, item) in named() {
        assert!(files.contains_key(&name) != left_out.contains(&name), "{item}: {name:?}: drawn, or left out?");
    }
}

#[test]
fn no_drawing_and_no_line_of_the_left_out_is_for_nothing() {
    let named = named();
    let unused: Vec<_> = files().into_keys().chain(left_out()).filter(|name| !named.contains_key(name)).collect();
    assert_eq!(unused, Vec::<String>::new());
}

#[test]
fn the_core_gives_each_drawing_as_it_is_on_file_and_none_for_another_name() {
    for (name, text) in files() {
        let given = drawing(&name).unwrap_or_else(|| panic!("{name} is not given"));
        assert_eq!(given, text.lines().map(str::trim).collect::<String>(), "{name}");
    }
    for name in left_out().iter().map(String::as_str).chain(["", "Blocks", "blocks.svg", "../checks/motor", "<svg"]) {
        assert_eq!(drawing(name), None, "{name}");
    }
}

/// Reads `key="value"` pairs; anything else ends the test.
fn attributes<'a>(name: &str, mut rest: &'a str) -> BTreeMap<&'a str, &'a str> {
    let mut all = BTreeMap::new();
    while !rest.is_empty() {
        let pair = rest.strip_prefix(' ').and_then(|rest| rest.split_once("=\""));
        let (key, after) = pair.unwrap_or_else(|| panic!("{name}: {rest:?}"));
        let (value, after) = after.split_once('"').unwrap_or_else(|| panic!("{name}: {rest:?}"));
        assert!(all.insert(key, value).is_none(), "{name}: {key} twice");
        rest = after;
    }
    all
}

/// Numbers of a path; they must be as many as its commands take.
fn numbers_of_path(name: &str, path: &str) -> Vec<f64> {
    let mut all = Vec::new();
    let starts: Vec<usize> = path.char_indices().filter(|(_, c)| c.is_ascii_alphabetic()).map(|(at, _)| at).collect();
    assert_eq!(starts.first(), Some(&0), "{name}: a path begins with a command: {path}");
    for (place, start) in starts.iter().enumerate() {
        let end = starts.get(place + 1).copied().unwrap_or(path.len());
        let numbers = path[start + 1..end].split_whitespace();
        let numbers: Vec<f64> =
            numbers.map(|number| number.parse().unwrap_or_else(|_| panic!("{name}: {path}"))).collect();
        let wanted = match &path[*start..=*start] {
            "M" | "L" => 2,
            "Q" => 4,
            "C" => 6,
            "Z" => 0,
            other => panic!("{name}: command {other}: M, L, Q, C, Z are all that a shell must know"),
        };
        assert_eq!(numbers.len(), wanted, "{name}: {path}");
        all.extend(numbers);
    }
    all
}

#[test]
fn each_drawing_is_small_and_holds_lines_of_the_one_style_and_nothing_else() {
    const SHADES: [&str; 2] = [".2", ".5"];
    for (name, text) in files() {
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{name}: small letters and _");
        assert!(text.len() <= MOST_BYTES, "{name}: {} bytes", text.len());
        assert!(text.is_ascii(), "{name}");
        let body = text.strip_prefix(HEAD).and_then(|rest| rest.strip_prefix('\n'));
        let body = body.and_then(|rest| rest.strip_suffix("</svg>\n")).unwrap_or_else(|| panic!("{name}: head or end"));
        for line in body.lines() {
            let tag = line.strip_prefix("  <").and_then(|line| line.strip_suffix("/>"));
            let (tag, rest) =
                tag.and_then(|tag| tag.split_at_checked(tag.find(' ')?)).unwrap_or_else(|| panic!("{name}: {line}"));
            let numbers = |value: &str| value.parse::<f64>().unwrap_or_else(|_| panic!("{name}: {line}"));
            let mut reach = Vec::new();
            let mut shape = Vec::new();
            for (key, value) in attributes(&name, rest) {
                match (key, value) {
                    ("d", path) => reach.extend(numbers_of_path(&name, path)),
                    ("cx" | "cy", at) => reach.push(numbers(at)),
                    ("r", radius) => assert!(numbers(radius) > 0.0, "{name}: {line}"),
                    ("stroke-width", "2" | "4" | "5" | "8") | ("fill", "currentColor") => {}
                    ("stroke", "none") | ("stroke-opacity", ".4") => {}
                    ("fill-opacity", shade) if SHADES.contains(&shade) => {}
                    _ => panic!("{name}: {key}={value:?} is not of the style"),
                }
                if matches!(key, "d" | "cx" | "cy" | "r") {
                    shape.push(key);
                }
            }
            assert!(
                matches!((tag, shape.as_slice()), ("path", ["d"]) | ("circle", ["cx", "cy", "r"])),
                "{name}: {line}"
            );
            // Bodies run out of the lower edge; nothing else leaves the field by more than a line's width.
            assert!(reach.iter().all(|at| (-3.0..=123.0).contains(at)), "{name}: outside of the field: {line}");
        }
    }
}
