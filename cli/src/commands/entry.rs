//! `entry`: kinds, add, edit, delete, erase, restore, undo, show, list, photo.

use ayumi_core::app::{
    Conflict, Entries, EntryName, EntryView, Error, GrowthQuestion, Handbook, ListFilter, NotebookId, VersionView,
    texts,
};
use chrono::NaiveDate;
use serde_json::{Value, json};
use std::io::IsTerminal;
use std::path::PathBuf;

use super::lead;
use crate::args::GlobalArgs;
use crate::args::value::{date, entry_name, notebook_id, pair};
use crate::connection::{connect, wait};
use crate::home;
use crate::output::{Failure, agrees, print, read_file, write_file};
use crate::words::{said, say};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum EntryCommand {
    /// The kinds of entries, their fields, types, units, ranges
    #[command(after_help = "Examples:\n  ayumi entry kinds\n  ayumi entry kinds growth")]
    Kinds {
        /// Only this kind
        kind: Option<String>,
    },
    /// Write an entry
    #[command(after_help = "Examples:\n  ayumi entry add NOTEBOOK growth --on 2024-11-05 weight=7.35 length=66.5\n  \
                            ayumi entry add NOTEBOOK diary --on 令和6年11月5日 text=はじめて笑った --photo smile.jpg")]
    Add {
        #[arg(value_parser = notebook_id)]
        notebook: NotebookId,
        /// Kind, as in "entry kinds"
        kind: String,
        /// The day it is about (default: today)
        #[arg(long, value_name = "DATE")]
        on: Option<String>,
        /// FIELD=VALUE
        #[arg(value_parser = pair)]
        fields: Vec<(String, String)>,
        /// Photos; position, camera and time are taken out
        #[arg(long = "photo", value_name = "FILE")]
        photos: Vec<PathBuf>,
        /// Keep a measurement that no child of that age has, without being asked
        #[arg(long)]
        yes: bool,
    },
    /// Change fields; FIELD= clears one
    #[command(after_help = "Example:\n  ayumi entry edit ID weight=7.4 note=")]
    Edit {
        #[arg(value_parser = entry_name)]
        id: EntryName,
        /// FIELD=VALUE
        #[arg(required = true, value_parser = pair)]
        fields: Vec<(String, String)>,
        /// Keep a measurement that no child of that age has, without being asked
        #[arg(long)]
        yes: bool,
    },
    /// Delete an entry; it can be restored
    #[command(after_help = "Example:\n  ayumi entry delete ID")]
    Delete {
        #[arg(value_parser = entry_name)]
        id: EntryName,
    },
    /// Erase an entry for good, with all versions and photos: here, at the server, on other members' phones when they sync
    #[command(after_help = "Example:\n  ayumi entry erase ID     asks first")]
    Erase {
        #[arg(value_parser = entry_name)]
        id: EntryName,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Bring back a deleted entry, or any version
    #[command(after_help = "Examples:\n  ayumi entry restore ID\n  ayumi entry restore ID --version 2")]
    Restore {
        #[arg(value_parser = entry_name)]
        id: EntryName,
        /// As in "entry show ID --history"
        #[arg(long, value_name = "K")]
        version: Option<u32>,
    },
    /// Take the last action on an entry back
    #[command(after_help = "Example:\n  ayumi entry undo ID")]
    Undo {
        #[arg(value_parser = entry_name)]
        id: EntryName,
    },
    /// Show an entry
    #[command(after_help = "Example:\n  ayumi --json entry show ID --history")]
    Show {
        #[arg(value_parser = entry_name)]
        id: EntryName,
        /// With every version
        #[arg(long)]
        history: bool,
    },
    /// List entries, newest first
    #[command(after_help = "Example:\n  ayumi entry list NOTEBOOK --search 発熱 --limit 10")]
    List {
        #[arg(value_parser = notebook_id)]
        notebook: NotebookId,
        /// Only this kind
        #[arg(long)]
        kind: Option<String>,
        /// From this day
        #[arg(long, value_parser = date)]
        from: Option<NaiveDate>,
        /// Up to this day
        #[arg(long, value_parser = date)]
        to: Option<NaiveDate>,
        /// Only entries with this text; width of letters and kind of kana do not matter
        #[arg(long)]
        search: Option<String>,
        /// At most so many
        #[arg(long)]
        limit: Option<u32>,
        /// Deleted entries instead
        #[arg(long)]
        deleted: bool,
        /// After a loss: also what is about the baby
        #[arg(long)]
        all: bool,
    },
    /// Write a photo to a file
    #[command(after_help = "Example:\n  ayumi entry photo ID --out smile.jpg")]
    Photo {
        #[arg(value_parser = entry_name)]
        id: EntryName,
        #[arg(long)]
        out: PathBuf,
    },
}

pub(crate) fn run(args: &GlobalArgs, command: &EntryCommand) -> Result<(), Failure> {
    if let EntryCommand::Kinds { kind } = command {
        return super::kinds::run(args, kind.as_deref());
    }
    let handbook = home::open(args)?;
    let entries = handbook.entries();
    match command {
        EntryCommand::Kinds { .. } => Ok(()),
        EntryCommand::Add { notebook, kind, on, fields, photos, yes } => {
            let today = on.clone().unwrap_or_else(|| today(args));
            let mut new = entries.typed(*notebook, kind, &today, &borrowed(fields))?;
            for path in photos {
                new = new.with_photo(&read_file(path)?)?;
            }
            ask(args, *yes, &handbook.growth().questions(&new)?)?;
            let id = entries.add(&new)?;
            let written = handbook.leads().written(id)?;
            let mut value = json!({"id": id});
            lead::add_json(&mut value, &written);
            print(args, &value, || format!("{id}\n{}", lead::written_text(&written, args.locale)))
        }
        EntryCommand::Edit { id, fields, yes } => {
            ask(args, *yes, &handbook.growth().questions_of_edit(id, &borrowed(fields))?)?;
            entries.edit(id, &borrowed(fields))?;
            let (entry, written) = (entries.show(id)?, handbook.leads().written(id)?);
            let mut value = entry_json(&entries, &entry, false)?;
            lead::add_json(&mut value, &written);
            print(args, &value, || line(args, &handbook, &entry) + &lead::written_text(&written, args.locale))
        }
        EntryCommand::Delete { id } => {
            entries.delete(id)?;
            show(args, &handbook, &entries.show(id)?, false)
        }
        EntryCommand::Erase { id, yes } => erase(args, &handbook, id, *yes),
        EntryCommand::Restore { id, version } => {
            entries.restore(id, *version)?;
            show(args, &handbook, &entries.show(id)?, false)
        }
        EntryCommand::Undo { id } => {
            entries.undo(id)?;
            show(args, &handbook, &entries.show(id)?, false)
        }
        EntryCommand::Show { id, history } => show(args, &handbook, &entries.show(id)?, *history),
        EntryCommand::List { notebook, kind, from, to, search, limit, deleted, all } => {
            let filter = ListFilter {
                kind: kind.clone(),
                from: *from,
                to: *to,
                search: search.clone(),
                limit: limit.unwrap_or(u32::MAX),
                after: None,
                deleted: *deleted,
                about_baby_too: *all,
            };
            if *limit == Some(0) {
                return Err(Failure::Input("limit: \"0\" does not fit; allowed: 1 or more".into()));
            }
            let listed = entries.list(*notebook, &filter)?;
            let values: Vec<Value> =
                listed.iter().map(|entry| entry_json(&entries, entry, false)).collect::<Result<_, Failure>>()?;
            print(args, &Value::from(values), || listed.iter().map(|entry| line(args, &handbook, entry)).collect())
        }
        EntryCommand::Photo { id, out } => {
            let photo = match entries.photo(id) {
                // Another member's device has sent it: it comes when somebody looks.
                Err(Error::NotFound { .. }) if handbook.sync().server()?.is_some() => {
                    let server = connect(&handbook, None, None)?;
                    wait(handbook.sync().fetch_photo(id, &server))??
                }
                here => here?,
            };
            write_file(out, &photo)?;
            print(args, &json!({"out": out}), || format!("{}\n", out.display()))
        }
    }
}

/// Asks about values that no child of that age has. Where nobody can answer, nothing is written.
fn ask(args: &GlobalArgs, yes: bool, questions: &[GrowthQuestion]) -> Result<(), Failure> {
    if yes || questions.is_empty() {
        return Ok(());
    }
    let words: Vec<&str> = questions.iter().map(|question| question.words.as_str()).collect();
    let words = words.join(" ");
    if std::io::stdin().is_terminal() && agrees(&format!("{words} {}", said(args.locale, "Type yes to keep it: ")))? {
        return Ok(());
    }
    Err(Failure::Input(format!("{words} {} (--yes)", texts::growth("ask.not_written", args.locale))))
}

fn erase(args: &GlobalArgs, handbook: &Handbook, id: &EntryName, yes: bool) -> Result<(), Failure> {
    let entry = handbook.entries().show(id)?;
    let question = "Erase this entry for good, with all its versions and photos, for everybody? Type yes: ";
    let agreed = yes || (std::io::stdin().is_terminal() && agrees(&said(args.locale, question))?);
    if !agreed {
        return Err(Failure::Input("nothing was erased: say --yes, or type yes on a terminal".into()));
    }
    if handbook.sync().server()?.is_some() {
        let server = connect(handbook, None, None)?;
        wait(handbook.sync().erase(id, &server))??;
    } else {
        handbook.sync().erase_here(id)?;
    }
    print(args, &json!({"id": entry.id}), || format!("{}\n", said(args.locale, "it is erased")))
}

fn borrowed(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(key, text)| (key.as_str(), text.as_str())).collect()
}

fn today(args: &GlobalArgs) -> String {
    use ayumi_core::app::ports::{Clock, SystemClock};
    args.today.unwrap_or_else(|| SystemClock.today()).to_string()
}

fn show(args: &GlobalArgs, handbook: &Handbook, entry: &EntryView, history: bool) -> Result<(), Failure> {
    let value = entry_json(&handbook.entries(), entry, history)?;
    print(args, &value, || {
        let mut text = line(args, handbook, entry);
        for version in value["history"].as_array().into_iter().flatten() {
            let told = version["told_by"].as_str();
            let by = told.map(|name| say(args.locale, "history.told_by", &[("name", name)]));
            let by = by.unwrap_or_else(|| version["device"].to_string());
            let ahead = if version["ahead"] == true { VersionView::told_ahead(args.locale) } else { "" };
            let by = [by.as_str(), ahead].join(if ahead.is_empty() { "" } else { " · " });
            text += &format!("  {} {} {by} {}\n", version["version"], version["at"], version["fields"]);
        }
        text
    })
}

/// An entry in JSON, as `docs/cli.md` has it.
fn entry_json(entries: &Entries, entry: &EntryView, history: bool) -> Result<Value, Failure> {
    let conflicts = if entry.conflicts > 0 { entries.conflicts_of(entry.name())? } else { Vec::new() };
    let mut value = json!({
        "id": entry.id,
        "notebook": entry.notebook,
        "kind": entry.kind,
        "on": entry.on,
        "fields": entry.fields,
        "deleted": entry.deleted,
        "conflicts": conflicts.iter().map(conflict_json).collect::<Vec<_>>(),
        "state": entries.delivery(entry.name())?.key(),
    });
    if history {
        let all = entries.history(entry.name())?;
        let version = |v: &VersionView| {
            let mut fields = v.fields.clone();
            let on = fields.remove("on");
            let mut version = json!({
                "version": v.version, "at": v.at, "device": v.device, "on": on, "fields": fields, "deleted": v.deleted,
            });
            if let Some(name) = &v.told_by {
                version["told_by"] = json!(name);
            }
            if v.ahead {
                version["ahead"] = json!(true);
            }
            version
        };
        value["history"] = all.iter().map(version).collect();
        value["photos"] = entries.photos_of(entry.name())?.into_iter().map(|photo| json!(photo.id)).collect();
    }
    Ok(value)
}

/// A conflict in JSON.
pub(super) fn conflict_json(conflict: &Conflict) -> Value {
    let value = |v: &ayumi_core::app::ConflictValue| json!({"version": v.version, "value": v.value, "at": v.at, "device": v.device});
    json!({
        "id": conflict.entry,
        "field": conflict.field,
        "values": conflict.values.iter().map(value).collect::<Vec<_>>(),
    })
}

fn line(args: &GlobalArgs, handbook: &Handbook, entry: &EntryView) -> String {
    let on = entry.on.map(|on| on.to_string()).unwrap_or_default();
    let fields = entry.in_a_line(handbook).replace('\n', " ");
    let mark = if entry.deleted { " (削除ずみ)" } else { "" };
    format!("{on}  {}{mark}  {}  [{}]\n", texts::kind_label(&entry.kind, args.locale), fields, entry.id)
}
