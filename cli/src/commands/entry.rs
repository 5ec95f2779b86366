//! `entry`: kinds, add, edit, delete, erase, restore, undo, show, list, photo.

use ayumi_core::app::{
    About, COMMON, Conflict, Entries, EntryName, EntryView, Error, FieldType, GrowthQuestion, Handbook, KINDS, KindDef,
    ListFilter, Locale, NotebookId, WrittenBy, texts,
};
use chrono::NaiveDate;
use serde_json::{Value, json};
use std::io::IsTerminal;
use std::path::PathBuf;

use crate::args::GlobalArgs;
use crate::args::value::{date, entry_name, notebook_id, pair};
use crate::connection::{connect, wait};
use crate::home;
use crate::output::{Failure, agrees, print, read_file, write_file};
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
        return kinds(args, kind.as_deref());
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
            print(args, &json!({"id": id}), || format!("{id}\n"))
        }
        EntryCommand::Edit { id, fields, yes } => {
            ask(args, *yes, &handbook.growth().questions_of_edit(id, &borrowed(fields))?)?;
            entries.edit(id, &borrowed(fields))?;
            show(args, &handbook, &entries.show(id)?, false)
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
    if std::io::stdin().is_terminal() && agrees(&format!("{words} Type yes to keep it: "))? {
        return Ok(());
    }
    Err(Failure::Input(format!("{words} {} (--yes)", texts::growth("ask.not_written", args.locale))))
}

fn erase(args: &GlobalArgs, handbook: &Handbook, id: &EntryName, yes: bool) -> Result<(), Failure> {
    let entry = handbook.entries().show(id)?;
    let question = "Erase this entry for good, with all its versions and photos, for everybody? Type yes: ";
    let agreed = yes || (std::io::stdin().is_terminal() && agrees(question)?);
    if !agreed {
        return Err(Failure::Input("nothing was erased: say --yes, or type yes on a terminal".into()));
    }
    if handbook.sync().server()?.is_some() {
        let server = connect(handbook, None, None)?;
        wait(handbook.sync().erase(id, &server))??;
    } else {
        handbook.sync().erase_here(id)?;
    }
    print(args, &json!({"id": entry.id}), || "it is erased\n".into())
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
            text +=
                &format!("  {} {} {} {}\n", version["version"], version["at"], version["device"], version["fields"]);
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
        let version = |v: &ayumi_core::app::VersionView| {
            let mut fields = v.fields.clone();
            let on = fields.remove("on");
            json!({
                "version": v.version, "at": v.at, "device": v.device, "on": on, "fields": fields, "deleted": v.deleted,
            })
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
    let lines = entry.lines(handbook).into_iter();
    let fields: Vec<String> = lines.map(|line| format!("{}: {}", line.label, line.text.replace('\n', " "))).collect();
    let mark = if entry.deleted { " (削除ずみ)" } else { "" };
    format!("{on}  {}{mark}  {}  [{}]\n", texts::kind_label(&entry.kind, args.locale), fields.join(" / "), entry.id)
}

fn kinds(args: &GlobalArgs, wanted: Option<&str>) -> Result<(), Failure> {
    let kinds: Vec<&KindDef> =
        KINDS.iter().filter(|kind| kind.id != "profile" && wanted.is_none_or(|id| id == kind.id)).collect();
    if let (Some(id), true) = (wanted, kinds.is_empty()) {
        return Err(Failure::Input(format!("kind: \"{id}\" does not fit; allowed: a kind of \"ayumi entry kinds\"")));
    }
    let values: Vec<Value> = kinds.iter().map(|kind| kind_json(kind, args.locale)).collect();
    let value = if wanted.is_some() { values.first().cloned().unwrap_or_default() } else { Value::from(values) };
    print(args, &value, || kinds.iter().map(|kind| kind_text(kind, args.locale, wanted.is_some())).collect())
}

fn kind_json(kind: &KindDef, locale: Locale) -> Value {
    let field = |field: &ayumi_core::app::FieldDef| {
        let mut value = json!({
            "field": field.key,
            "label": texts::field_label(kind.id, field.key, locale),
            "type": field.field_type.name(),
            "allowed": field.field_type.allowed(),
        });
        if !field.field_type.unit().is_empty() {
            value["unit"] = field.field_type.unit().into();
        }
        match field.field_type {
            FieldType::Integer { min, max, .. } => (value["min"], value["max"]) = (min.into(), max.into()),
            FieldType::Decimal { min, max, decimals, .. } => {
                (value["min"], value["max"], value["decimals"]) = (min.into(), max.into(), decimals.into());
            }
            FieldType::Text(max) => value["max_characters"] = max.into(),
            _ => {}
        }
        if !field.field_type.options().is_empty() {
            let option =
                |key: &&str| json!({"key": key, "label": texts::option_label(kind.id, field.key, key, locale)});
            value["options"] = field.field_type.options().iter().map(option).collect();
        }
        value
    };
    json!({
        "kind": kind.id,
        "label": texts::kind_label(kind.id, locale),
        "notebooks": kind.notebooks.iter().map(|t| t.key()).collect::<Vec<_>>(),
        "about": match kind.about { About::Mother => "mother", About::Child => "child", About::Family => "family" },
        "written_by": match kind.written_by {
            WrittenBy::Guardian => "guardian",
            WrittenBy::Clinic => "clinic",
            WrittenBy::Municipality => "municipality",
        },
        "once": kind.once,
        "fields": kind.fields.iter().chain(COMMON).map(field).collect::<Vec<_>>(),
    })
}

fn kind_text(kind: &KindDef, locale: Locale, whole: bool) -> String {
    let notebooks: Vec<&str> = kind.notebooks.iter().map(|t| t.key()).collect();
    let mut text = format!("{}  {}  ({})\n", kind.id, texts::kind_label(kind.id, locale), notebooks.join(", "));
    if whole {
        for field in kind.fields.iter().chain(COMMON) {
            let label = texts::field_label(kind.id, field.key, locale);
            text += &format!("  {:<28} {label}: {}\n", field.key, field.field_type.allowed());
        }
    }
    text
}
