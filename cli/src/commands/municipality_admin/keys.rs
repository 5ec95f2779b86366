//! `municipality-admin keys`: new ones, and the next ones.

use std::fmt::Write as _;
use std::io::Read;
use std::path::{Path, PathBuf};

use ayumi_server::feed::keys::{FeedKeys, Printed, RootKey};
use ayumi_server::feed::{Founding, MunicipalityName};
use clap::Subcommand;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::place::{failed, now_ms};
use crate::args::GlobalArgs;
use crate::output::{Failure, hint, print, read_file, time, write_file};

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Make the keys of a feed: a page to print for each of the three root keys, and the feed key in this folder
    #[command(
        after_help = "Example:\n  ayumi municipality-admin keys new /etc/ayumi --municipality jp.131130 --pages /media/stick"
    )]
    New {
        /// The folder of the keys: not in the data, nor in its backup
        folder: PathBuf,
        /// What the municipality is called in signed texts: small letters, digits, dots, hyphens
        #[arg(long, value_name = "NAME", value_parser = name)]
        municipality: MunicipalityName,
        /// Where the three pages are written (default: the folder of the keys). Print them, keep them apart, delete them
        #[arg(long, value_name = "DIR")]
        pages: Option<PathBuf>,
        /// Names of the accounts of the first two supervisors; everybody can read them
        #[arg(long, value_name = "A,B", value_delimiter = ',', default_value = "s-01,s-02")]
        supervisors: Vec<String>,
        /// It is only a sample, and everything that it signs says so
        #[arg(long)]
        sample: bool,
    },
    /// Name the next feed key, which revokes the one before: with two of the three root keys
    #[command(after_help = "Example:\n  ayumi municipality-admin keys rotate /etc/ayumi --root two-papers.txt")]
    Rotate {
        /// The folder of the keys
        folder: PathBuf,
        /// The words of two root keys, a line each (default: they are typed)
        #[arg(long, value_name = "FILE")]
        root: Option<PathBuf>,
        /// Name three new root keys, too: a paper was lost
        #[arg(long)]
        new_root: bool,
        /// Where the three pages of new root keys are written (default: the folder of the keys)
        #[arg(long, value_name = "DIR", requires = "new_root")]
        pages: Option<PathBuf>,
    },
}

fn name(text: &str) -> Result<MunicipalityName, String> {
    text.parse().map_err(|_| "allowed: small letters, digits, dots, hyphens, 64 at most, such as jp.131130".into())
}

pub(super) fn run(args: &GlobalArgs, command: &KeysCommand) -> Result<(), Failure> {
    match command {
        KeysCommand::New { folder, municipality, pages, supervisors, sample } => {
            let [first, second] = supervisors.as_slice() else {
                return Err(Failure::Input("--supervisors: allowed: two names, with a comma between".into()));
            };
            let founding = Founding {
                municipality: municipality.clone(),
                supervisors: [first.clone(), second.clone()],
                sample: *sample,
            };
            let made = FeedKeys::make(folder, founding, now_ms() / 1000).map_err(failed)?;
            told(args, folder, Some((&made, pages.as_deref().unwrap_or(folder))))
        }
        KeysCommand::Rotate { folder, root, new_root, pages } => {
            let signers = root_keys(root.as_deref())?;
            let mut keys = FeedKeys::load(folder).map_err(failed)?;
            let made = keys.rotate(&signers, *new_root, now_ms() / 1000).map_err(failed)?;
            told(args, folder, made.as_ref().map(|made| (made, pages.as_deref().unwrap_or(folder))))
        }
    }
}

/// Reads the words of root keys, a line each.
fn root_keys(file: Option<&Path>) -> Result<Vec<RootKey>, Failure> {
    let mut text = Zeroizing::new(String::new());
    match file {
        Some(file) => text.push_str(&String::from_utf8_lossy(&Zeroizing::new(read_file(file)?))),
        None => {
            hint("Type the words of two root keys, a line each, then end the input:");
            std::io::stdin().read_to_string(&mut text).map_err(|_| Failure::Other("no answer could be read".into()))?;
        }
    }
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let key = |(number, line): (usize, &str)| {
        let words = || Failure::Input(format!("line {}: no root key; allowed: its 24 words in hiragana", number + 1));
        RootKey::from_words(line).ok_or_else(words)
    };
    lines.map(key).collect()
}

/// Writes the pages of new root keys, and says what is to be done.
fn told(args: &GlobalArgs, folder: &Path, made: Option<(&Printed, &Path)>) -> Result<(), Failure> {
    let keys = FeedKeys::load(folder).map_err(failed)?;
    let mut pages = Vec::new();
    if let Some((printed, folder)) = made {
        for (number, key) in printed.keys.iter().enumerate() {
            let path = folder.join(format!("root-{}.html", number + 1));
            write_file(&path, page(printed, number + 1, key).as_bytes())?;
            pages.push(path);
        }
    }
    let [hiragana, english] = keys.compared();
    let feed = keys.newest().feed;
    let value = json!({
        "municipality": keys.newest().municipality.to_string(),
        "statement": keys.newest().number,
        "key": feed.number,
        "key_ends_at": time(feed.ends.saturating_mul(1000)),
        "words": hiragana,
        "pages": pages.iter().map(|page| page.display().to_string()).collect::<Value>(),
    });
    print(args, &value, || {
        let mut text = format!("feed key {} until {}\n", feed.number, time(feed.ends.saturating_mul(1000)));
        let _ = writeln!(
            text,
            "Families compare these six words; print them where they can be trusted:\n  {}",
            hiragana.join("・")
        );
        let _ = writeln!(text, "  {}", english.join(", "));
        for page in &pages {
            let _ = writeln!(text, "{}", page.display());
        }
        if !pages.is_empty() {
            let _ = writeln!(
                text,
                "Print each page once, keep the papers apart, then delete the files: two of them are the municipality."
            );
        }
        text
    })
}

/// A page with one root key, to be printed.
fn page(printed: &Printed, number: usize, key: &RootKey) -> String {
    let words = key.words();
    let rows: String = words
        .chunks(4)
        .enumerate()
        .map(|(row, words)| {
            let cells = words.iter().enumerate();
            let cells: String =
                cells.map(|(column, word)| format!("<td>{}. {word}</td>", row * 4 + column + 1)).collect();
            format!("<tr>{cells}</tr>\n")
        })
        .collect();
    format!(
        "<!doctype html>\n<html lang=\"ja\"><meta charset=\"utf-8\"><title>{municipality} {number}/3</title>\n\
         <style>body{{font:14pt sans-serif;margin:20mm}}table{{border-collapse:collapse}}td{{border:1px solid;padding:3mm}}</style>\n\
         <h1>大もとの鍵 {number}/3</h1>\n<p>{municipality}</p>\n<table>\n{rows}</table>\n\
         <p>この24のことばが鍵です。3枚のうち2枚で、市区町村の名前で署名できます。3枚を別々の場所に、鍵をかけて保管してください。写真をとらないでください。</p>\n\
         <p>ご家庭がくらべる6つのことば: {compared}<br>{english}</p>\n</html>\n",
        municipality = printed.municipality,
        compared = printed.compared.join("・"),
        english = printed.compared_in_english.join(", "),
    )
}
