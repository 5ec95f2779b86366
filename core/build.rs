//! Reads every content file as the app will, and fails the build on the first problem; compresses what is shipped,
//! three quarters of a megabyte less on each phone; packs WHO's daily tables.
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
#[path = "src/furigana.rs"]
#[allow(dead_code, unreachable_pub, reason = "the build uses a part")]
mod furigana;
#[path = "src/content"]
#[allow(dead_code, unreachable_pub, reason = "the build uses a part")]
mod content {
    pub mod desk;
    pub mod event;
    pub mod guide;
    pub mod item;
    pub mod lead;
    pub mod moment;
    pub mod notice;
    pub mod pack;
    pub mod profession;
    pub mod series;
    pub mod validate;
    pub mod words;
}

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Set, the build refuses what no professional has signed: `cargo xtask release`, and the scripts that make what is shipped.
const RELEASE: &str = "AYUMI_RELEASE";

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    println!("cargo:rerun-if-changed=build.rs");
    check_content()?;
    for folder in ["agenda", "checks", "growth", "guide", "leads", "texts", "vaccines"] {
        for entry in fs::read_dir(Path::new("content").join(folder))? {
            let path = entry?.path();
            let name = path.strip_prefix("content")?.to_string_lossy().into_owned();
            // WHO's tables become numbers below; the style sheet goes into files as it is.
            if !name.contains("who_lms") && !name.ends_with(".css") && !name.ends_with(".md") {
                println!("cargo:rerun-if-changed={}", path.display());
                compress(&format!("{name}.zst"), &fs::read(&path)?)?;
            }
        }
    }
    compress("drawings.zst", drawings()?.as_bytes())?;
    compress("shift_jis.zst", &shift_jis())?;
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
        content::validate::read(&text).map_err(|problems| report(path, &problems).into())
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
    let (desks, leads) = (read("agenda/desks.toml")?, read("leads/rules.toml")?);
    let rules_of_leads = leads.leads.as_ref().ok_or("content/leads/rules.toml has no [leads]")?;
    println!("cargo:rerun-if-env-changed={RELEASE}");
    println!("cargo:rerun-if-changed=content/guide/flags.toml");
    let guide: content::guide::Guide =
        toml::from_str(&furigana::plain(&fs::read_to_string("content/guide/flags.toml")?))?;
    if std::env::var_os(RELEASE).is_some() {
        if guide.signed_by.is_empty() {
            return Err("content/guide/flags.toml: a release needs a doctor's signature".into());
        }
        let unsigned = content::validate::unsigned(rules_of_leads, checks);
        if !unsigned.is_empty() {
            return Err(report("a release needs a professional's signature", &unsigned).into());
        }
    }
    println!("cargo:rerun-if-changed=content/sources.toml");
    let sources: BTreeMap<String, BTreeMap<String, String>> =
        toml::from_str(&fs::read_to_string("content/sources.toml")?)?;
    let series = vaccines.vaccines.iter().flat_map(|rules| &rules.series).flat_map(|series| &series.sources);
    let events = agenda.agenda.iter().flat_map(|rules| &rules.event).flat_map(|event| &event.sources);
    let products = vaccines.vaccines.iter().flat_map(|rules| &rules.products).flat_map(|product| &product.sources);
    let rules = vaccines.vaccines.iter().flat_map(|rules| &rules.rule).flat_map(|rule| &rule.sources);
    let led = rules_of_leads.rule.iter().flat_map(|rule| &rule.sources);
    let at_desks = desks.desk.iter().flat_map(|desk| &desk.sources);
    let guided = guide.flag.iter().flat_map(|flag| &flag.sources);
    let all = series.chain(products).chain(rules).chain(events).chain(led).chain(at_desks).chain(guided);
    if let Some(missing) = all.into_iter().find(|key| !sources.contains_key(*key)) {
        return Err(format!("content/sources.toml: \"{missing}\" is named but not there").into());
    }
    write_products(&vaccines)?;
    write_named(&agenda, rules_of_leads)
}

/// The options of the field `vaccine`, so that the model has the products of the rules without knowing content.
fn write_products(vaccines: &content::pack::Pack) -> Outcome<()> {
    let products = vaccines.vaccines.iter().flat_map(|rules| &rules.products).map(|product| product.id.as_str());
    let products: Vec<&str> = products.chain(["other"]).collect();
    Ok(fs::write(Path::new(&std::env::var("OUT_DIR")?).join("vaccine_products.rs"), format!("&{products:?}"))?)
}

/// An assertion for each answer that content names: compiled beside the model, which the build script does not have.
fn write_named(agenda: &content::pack::Pack, leads: &content::lead::LeadRules) -> Outcome<()> {
    let mut text = String::from("// Made by build.rs.\n");
    let events = agenda.agenda.iter().flat_map(|rules| &rules.event);
    let done_by = events.filter_map(|event| Some(("content/agenda/events.toml", &event.id, event.done_by.as_ref()?)));
    let answers = leads
        .rule
        .iter()
        .flat_map(|rule| rule.answer.iter().map(|answer| ("content/leads/rules.toml", &rule.id, answer)));
    for (file, id, content::event::DoneBy { kind, field }) in done_by.chain(answers) {
        let message = format!("{file}: {id}: the model has no {kind} {field:?}");
        // A number is no option.
        let number = |value: &String| value.bytes().all(|byte| byte.is_ascii_digit());
        let field = field.clone().map(|(key, value)| (key, value.filter(|value| !number(value))));
        writeln!(text, "const _: () = assert!(crate::model::kinds::has({kind:?}, {field:?}), {message:?});")?;
    }
    for kind in &leads.own.kinds {
        let message = format!("content/leads/rules.toml: own: the model has no {kind}");
        writeln!(text, "const _: () = assert!(crate::model::kinds::has({kind:?}, None), {message:?});")?;
    }
    Ok(fs::write(Path::new(&std::env::var("OUT_DIR")?).join("done_by.rs"), text)?)
}

/// A line for each drawing: its name, a blank, the file without its line breaks.
fn drawings() -> Outcome<String> {
    let folder = Path::new("content/drawings");
    println!("cargo:rerun-if-changed={}", folder.display());
    let mut lines = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let (Some(name), Some("svg")) = (path.file_stem(), path.extension().and_then(|end| end.to_str())) else {
            continue;
        };
        println!("cargo:rerun-if-changed={}", path.display());
        let svg: String = fs::read_to_string(&path)?.lines().map(str::trim).collect();
        lines.insert(format!("{} {svg}\n", name.to_string_lossy()));
    }
    Ok(lines.into_iter().collect())
}

/// Its length, then one frame.
fn compress(name: &str, bytes: &[u8]) -> Outcome<()> {
    let path = Path::new(&std::env::var("OUT_DIR")?).join(name);
    fs::create_dir_all(path.parent().ok_or("no folder")?)?;
    let mut packed = u32::try_from(bytes.len())?.to_le_bytes().to_vec();
    packed.extend(zstd::bulk::compress(bytes, 19)?);
    Ok(fs::write(path, packed)?)
}

/// What each pair of bytes means in Shift_JIS, as the standard's own table says: two bytes each, 0 for nothing. The
/// library that knows brings the tables of forty encodings; this is the one that Japanese spreadsheets write.
fn shift_jis() -> Vec<u8> {
    let mut table = Vec::new();
    for lead in (0x81..=0x9f_u8).chain(0xe0..=0xfc) {
        for trail in 0x40..=0xfc_u8 {
            let pair = [lead, trail];
            let (text, broken) = encoding_rs::SHIFT_JIS.decode_without_bom_handling(&pair);
            let mut units = text.encode_utf16();
            let unit = match (units.next(), units.next()) {
                (Some(unit), None) if !broken => unit,
                _ => 0,
            };
            table.extend_from_slice(&unit.to_le_bytes());
        }
    }
    table
}

fn report(path: &str, problems: &[content::pack::PackProblem]) -> String {
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
    let bin = format!("{}.zst", name.to_lowercase());
    compress(&bin, &bytes)?;
    writeln!(index, "static {name}: Lazy<Vec<u8>> = Lazy::new(|| crate::packed::packed!({bin:?}));")?;
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
