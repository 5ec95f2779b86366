//! `content`: check, preview, install, list, remove, words.

use std::fmt::Write as _;
use std::path::Path;
use std::path::PathBuf;

use ayumi_core::app::{Content, Locale, Pack, check_pack, in_locale, texts};
use serde_json::{Value, json};

use crate::args::GlobalArgs;
use crate::home;
use crate::output::{Failure, hint, print, read_file, write_file};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum ContentCommand {
    /// Check a content file: every problem with its line and what to write instead
    #[command(after_help = "Example:\n  ayumi content check our-city.toml")]
    Check {
        /// The file
        file: PathBuf,
    },
    /// Show how a content file will look, in all three languages
    #[command(after_help = "Example:\n  ayumi content preview our-city.toml --html preview.html")]
    Preview {
        /// The file
        file: PathBuf,
        /// Write a page to open in a browser instead
        #[arg(long, value_name = "FILE")]
        html: Option<PathBuf>,
    },
    /// Use a content file on this device
    #[command(after_help = "Example:\n  ayumi content install our-city.toml")]
    Install {
        /// The file
        file: PathBuf,
    },
    /// What is installed
    #[command(after_help = "Example:\n  ayumi content list")]
    List,
    /// Take a pack away
    #[command(after_help = "Example:\n  ayumi content remove jp.000000.sample")]
    Remove {
        /// Its id, as in "content list"
        id: String,
    },
    /// Keys and words that a municipality may replace
    #[command(after_help = "Example:\n  ayumi content words | grep event.WC")]
    Words,
}

pub(crate) fn run(args: &GlobalArgs, command: &ContentCommand) -> Result<(), Failure> {
    match command {
        ContentCommand::Check { file } => {
            let (pack, _) = read(args, file)?;
            print(args, &json!({"ok": true, "id": pack.pack.id, "version": pack.pack.version}), || {
                let (items, desks, programmes) = (pack.item.len(), pack.desk.len(), pack.programme.len());
                format!(
                    "{}: ok ({items} items, {desks} desks, {programmes} programmes, {} words)\n",
                    pack.pack.id,
                    pack.words.len()
                )
            })
        }
        ContentCommand::Preview { file, html } => {
            let (pack, _) = read(args, file)?;
            let shown = preview(&pack);
            if let Some(path) = html {
                write_file(path, page(&shown).as_bytes())?;
                return print(args, &json!({"html": path}), || format!("{}\n", path.display()));
            }
            print(args, &json!({"preview": shown}), || shown.clone())
        }
        ContentCommand::Install { file } => {
            let (_, text) = read(args, file)?;
            let pack = home::open(args)?.contents().install(&text)?;
            print(args, &json!({"id": pack.id, "version": pack.version, "name": pack.name}), || {
                format!("{} {} ({})\n", pack.name, pack.version, pack.id)
            })
        }
        ContentCommand::List => {
            let all = home::open(args)?.contents().list()?;
            let value: Vec<Value> = all
                .iter()
                .map(|pack| json!({"id": pack.id, "version": pack.version, "name": pack.name, "usable": pack.usable}))
                .collect();
            print(args, &Value::from(value), || {
                all.iter().map(|pack| format!("{}  {}  {}\n", pack.id, pack.version, pack.name)).collect()
            })
        }
        ContentCommand::Remove { id } => {
            home::open(args)?.contents().remove(id)?;
            print(args, &json!({"removed": id}), || format!("{id}\n"))
        }
        ContentCommand::Words => {
            let keys: Vec<String> = texts::insight_keys().into_iter().collect();
            let words = |key: &String| Locale::ALL.map(|locale| texts::insight(key, locale));
            let value: Vec<Value> = keys.iter().map(|key| json!({"key": key, "words": words(key)})).collect();
            print(args, &Value::from(value), || {
                keys.iter().map(|key| format!("{key} = {}\n", words(key).join(" | "))).collect()
            })
        }
    }
}

/// Reads a pack and its text; every problem is a line, so that all can be mended in one go.
fn read(args: &GlobalArgs, file: &Path) -> Result<(Pack, String), Failure> {
    let text = String::from_utf8(read_file(file)?).map_err(|_| {
        Failure::Wrong("{file}: the file must be text in UTF-8", vec![("file", file.display().to_string())])
    })?;
    let problems = match check_pack(&text) {
        Ok(pack) => return Ok((pack, text)),
        Err(problems) => problems,
    };
    if args.json {
        let all: Vec<Value> =
            problems.iter().map(|problem| json!({"place": problem.place, "problem": problem.what})).collect();
        print(args, &json!({"ok": false, "problems": all}), String::new)?;
    } else {
        problems.iter().for_each(|problem| hint(&format!("{}: {problem}", file.display())));
    }
    Err(Failure::Silent(2))
}

/// Everything that people will read, in the three languages.
fn preview(pack: &Pack) -> String {
    let mut text = format!("{}  ({}, {})\n", pack.pack.name.join(" | "), pack.pack.id, pack.pack.version);
    let content = Content::with(Some(pack.clone()));
    for locale in Locale::ALL {
        let word = |key: &str| content.word(key, locale).into_owned();
        let _ = writeln!(text, "\n=== {}", locale.key());
        for item in &pack.item {
            let _ = writeln!(
                text,
                "\n[{}] {}",
                word(&format!("check.area.{}", item.area.key())),
                in_locale(&item.text, locale)
            );
            let _ = writeln!(text, "  {}: {}", word("check.look"), in_locale(&item.look, locale));
            let _ = writeln!(text, "  {}: {}", word("check.play"), in_locale(&item.play, locale));
            let answers = ["yes", "sometimes", "notyet", "unsure"].map(|key| word(&format!("check.answer.{key}")));
            let _ = writeln!(text, "  ( {} )", answers.join(" / "));
        }
        for desk in &pack.desk {
            let no_reason = if desk.no_reason { word("desk.no_reason") } else { String::new() };
            let _ = writeln!(text, "\n【{}】{no_reason}", in_locale(&desk.name, locale));
            if let Some(about) = &desk.about {
                let _ = writeln!(text, "  {}", in_locale(about, locale));
            }
            for way in &desk.ways {
                let _ = writeln!(text, "  {}: {}", word(&format!("way.{}", way.kind)), way.value);
            }
        }
        for programme in &pack.programme {
            let how = programme.how.as_ref().map(|how| in_locale(how, locale)).unwrap_or_default();
            let state = if programme.offered { String::new() } else { format!(": {}", word("agenda.not_offered")) };
            let _ = writeln!(text, "\n・{}{state}  {how}", word(&format!("event.{}", programme.event)));
        }
    }
    text
}

/// The preview as a page that opens in any browser.
fn page(shown: &str) -> String {
    let safe = shown.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!(
        "<!doctype html><html lang=\"ja\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>preview</title><style>body{{font:18px/1.8 sans-serif;max-width:40em;margin:2em auto;padding:0 1em}}\
         pre{{white-space:pre-wrap;font:inherit}}</style><pre>{safe}</pre></html>\n"
    )
}
