//! What the library on a phone is made of: which crate costs what.

use std::collections::BTreeMap;
use std::process::Command;

use crate::bindings;
use crate::process::{Outcome, say};

/// Prefixes of C's names and whose they are; everything else says its crate itself.
const C: &[(&str, &str)] = &[
    ("sqlite3", "SQLite and SQLCipher"),
    ("sqlcipher", "SQLite and SQLCipher"),
    ("fts5", "SQLite and SQLCipher"),
    ("ZSTD", "zstd"),
    ("HUF", "zstd"),
    ("FSE", "zstd"),
    ("ring_core", "ring"),
    ("ecp_", "ring"),
    ("UNIFFI_META", "uniffi: descriptions"),
    ("uniffi_ayumi", "uniffi: the calls themselves"),
];

fn tool(name: &str, words: &[&str]) -> Result<String, String> {
    let out = Command::new(name).args(words).output().map_err(|error| format!("{name}: {error}"))?;
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}

pub(crate) fn report() -> Outcome {
    bindings::build()?;
    let library = bindings::library()?.display().to_string();
    let shipped = crate::process::root().join("target/bindings/lib/libayumi_ffi.so").display().to_string();
    say("\nBy section, as it ships (KB):");
    let mut sections: Vec<(u64, String)> = tool("size", &["-A", &shipped])?
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            Some((words.next()?.to_owned(), words.next()?.parse::<u64>().ok()?))
        })
        .map(|(name, size)| (size, name))
        .collect();
    sections.sort_by(|a, b| b.cmp(a));
    sections.iter().take(8).for_each(|(size, name)| say(&format!("{:>7}  {name}", size / 1000)));
    say("\nCode and data by crate (KB):");
    let mut parts: BTreeMap<String, u64> = BTreeMap::new();
    for line in tool("nm", &["-S", "-C", "--size-sort", &library])?.lines() {
        let words: Vec<&str> = line.splitn(4, ' ').collect();
        let [_, size, kind, name] = words.as_slice() else { continue };
        if kind.eq_ignore_ascii_case("b") {
            continue;
        }
        *parts.entry(whose(name)).or_default() += u64::from_str_radix(size, 16).unwrap_or(0);
    }
    let mut parts: Vec<(u64, String)> = parts.into_iter().map(|(name, size)| (size, name)).collect();
    parts.sort_by(|a, b| b.cmp(a));
    parts.iter().take(30).for_each(|(size, name)| say(&format!("{:>7}  {name}", size / 1000)));
    Ok(())
}

fn whose(name: &str) -> String {
    if let Some((_, owner)) = C.iter().find(|(prefix, _)| name.starts_with(prefix)) {
        return (*owner).to_owned();
    }
    let bare = name.trim_start_matches(['<', '&', '(', '*', '[']).trim_start_matches("mut ").trim_start_matches("dyn ");
    let first: String = bare.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    match bare.get(first.len()..).is_some_and(|rest| rest.starts_with("::")) {
        true if matches!(first.as_str(), "core" | "alloc" | "std") => "Rust's own library".into(),
        true => first,
        false => "other C, mostly SQLite".into(),
    }
}
