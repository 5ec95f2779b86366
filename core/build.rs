//! Reads every content file as the app will, and fails the build on the first problem; packs WHO's daily tables.
//!
//! The tables (a megabyte as text) become numbers that are read where they lie.
//! Each row becomes three little-endian `i32`: L and M in units of 1/10000, S in units of 1/100000, which is exactly
//! what the tables print. The order is checked here, so that reading needs no search: day 0 (or 91) upwards, tenth of a
//! centimetre upwards.

// The app's own readers, so that what the build accepts is what the app accepts.
#[path = "src/model"]
#[allow(dead_code, unreachable_pub, reason = "the build uses a part")]
mod model {
    pub mod law;
}
#[path = "src/content"]
#[allow(dead_code, unreachable_pub, reason = "the build uses a part")]
mod content {
    pub type Words = [String; 3];
    pub mod desk;
    pub mod event;
    pub mod item;
    pub mod moment;
    pub mod pack;
    pub mod series;
    pub mod validate;
}

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    println!("cargo:rerun-if-changed=build.rs");
    check_content()?;
    let mut index = String::from("// Made by build.rs.\n");
    pack("who_lms_daily.csv", "WHO_DAILY", 1.0, &mut index)?;
    pack("who_lms_weight_for_length_height.csv", "WHO_STATURE", 10.0, &mut index)?;
    fs::write(Path::new(&std::env::var("OUT_DIR")?).join("who_tables.rs"), index)?;
    Ok(())
}

/// Every pack by itself, and all of them together.
fn check_content() -> Outcome<()> {
    let read = |path: &str| -> Outcome<content::pack::Pack> {
        println!("cargo:rerun-if-changed=content/{path}");
        let text = fs::read_to_string(Path::new("content").join(path))?;
        content::pack::read(&text).map_err(|problems| report(path, &problems).into())
    };
    let rules = read("checks/rules.toml")?;
    let checks = rules.checks.as_ref().ok_or("content/checks/rules.toml has no [checks]")?;
    let table = fs::read_to_string("content/checks/milestones.csv")?;
    println!("cargo:rerun-if-changed=content/checks/milestones.csv");
    let milestones = content::item::read_milestones(&table)?;
    let mut problems = content::validate::rule_problems(checks);
    let mut seen = BTreeSet::new();
    for area in ["motor", "language", "social", "daily_life"] {
        let pack = read(&format!("checks/{area}.toml"))?;
        let base = content::validate::Base {
            checks,
            milestones: &milestones,
            items: &pack.item,
            events: &BTreeSet::new(),
            words: &BTreeMap::new(),
        };
        problems.extend(content::validate::against(&pack, &base));
        for item in &pack.item {
            if !seen.insert(item.id.clone()) {
                return Err(format!("content/checks/{area}.toml: item \"{}\" is there twice", item.id).into());
            }
        }
        problems.extend(content::validate::fullness(&pack.item, checks));
    }
    if !problems.is_empty() {
        return Err(report("checks", &problems).into());
    }
    // A source that is named must be in the list of sources.
    let (vaccines, agenda) = (read("vaccines/rules.toml")?, read("agenda/events.toml")?);
    read("agenda/desks.toml")?;
    println!("cargo:rerun-if-changed=content/sources.toml");
    let sources: BTreeMap<String, BTreeMap<String, String>> =
        toml::from_str(&fs::read_to_string("content/sources.toml")?)?;
    let series = vaccines.vaccines.iter().flat_map(|rules| &rules.series).flat_map(|series| &series.sources);
    let events = agenda.agenda.iter().flat_map(|rules| &rules.event).flat_map(|event| &event.sources);
    if let Some(missing) = series.chain(events).find(|key| !sources.contains_key(*key)) {
        return Err(format!("content/sources.toml: \"{missing}\" is named but not there").into());
    }
    Ok(())
}

fn report(path: &str, problems: &[content::pack::Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(|problem| format!("  {problem}")).collect();
    format!("content/{path}:\n{}", lines.join("\n"))
}

/// One table: rows grouped by indicator and sex, keyed by a step (day, or tenth of a centimetre).
fn pack(file: &str, name: &str, steps_per_unit: f64, index: &mut String) -> Outcome<()> {
    let path = Path::new("content/growth").join(file);
    println!("cargo:rerun-if-changed={}", path.display());
    let text = fs::read_to_string(&path)?;
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().ok_or("empty table")?.split(',').collect();
    let column = |name: &str| header.iter().position(|h| *h == name).ok_or(format!("{file}: no column {name}"));
    let key = column("age_days").or_else(|_| column("length_or_height_cm"))?;
    let (l, m, s) = (column("l")?, column("m")?, column("s")?);
    let mut bytes: Vec<u8> = Vec::new();
    // (indicator, sex, first step, first row, rows)
    let mut groups: Vec<(String, String, i64, usize, usize)> = Vec::new();
    for (row, line) in lines.enumerate() {
        let cells: Vec<&str> = line.split(',').collect();
        let step = (cells[key].parse::<f64>()? * steps_per_unit).round() as i64;
        match groups.last_mut() {
            Some((indicator, sex, first, _, rows)) if *indicator == cells[0] && *sex == cells[1] => {
                if step != *first + *rows as i64 {
                    return Err(format!("{file}: gap before row {row}").into());
                }
                *rows += 1;
            }
            _ => groups.push((cells[0].into(), cells[1].into(), step, row, 1)),
        }
        for (cell, scale) in [(cells[l], 1e4), (cells[m], 1e4), (cells[s], 1e5)] {
            let scaled = cell.parse::<f64>()? * scale;
            if (scaled - scaled.round()).abs() > 1e-6 {
                return Err(format!("{file}: more decimals than packed: {cell}").into());
            }
            bytes.extend_from_slice(&(scaled.round() as i32).to_le_bytes());
        }
    }
    let out = std::env::var("OUT_DIR")?;
    let bin = Path::new(&out).join(format!("{}.bin", name.to_lowercase()));
    fs::write(&bin, &bytes)?;
    writeln!(index, "static {name}: &[u8] = include_bytes!({bin:?});")?;
    writeln!(index, "static {name}_GROUPS: &[Group] = &[")?;
    for (indicator, sex, first, row, rows) in groups {
        writeln!(
            index,
            "    Group {{ indicator: {indicator:?}, sex: {sex:?}, first: {first}, row: {row}, rows: {rows} }},"
        )?;
    }
    writeln!(index, "];")?;
    Ok(())
}
