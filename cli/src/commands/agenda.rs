//! `agenda`: what comes next, marks, reminders.

use ayumi_core::app::{AgendaItem, MarkState, NotebookId, texts};
use chrono::NaiveDate;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::args::GlobalArgs;
use crate::args::value::{date, notebook_id};
use crate::home;
use crate::output::{Failure, print};

#[derive(Debug, clap::Args)]
pub(crate) struct AgendaOptions {
    #[arg(value_parser = notebook_id)]
    pub notebook: NotebookId,
    /// From this day (default: today)
    #[arg(long, value_parser = date)]
    pub from: Option<NaiveDate>,
    /// Up to this day (default: half a year later)
    #[arg(long, value_parser = date)]
    pub to: Option<NaiveDate>,
    /// Mark an entry as done
    #[arg(long, value_name = "KEY", conflicts_with_all = ["from", "to", "reminders"])]
    pub done: Option<String>,
    /// Mark an entry as not needed
    #[arg(long, value_name = "KEY", conflicts_with_all = ["from", "to", "reminders", "done"])]
    pub not_needed: Option<String>,
    /// Instead: reminders for the operating system within so many days
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3650), conflicts_with_all = ["from", "to"])]
    pub reminders: Option<u32>,
}

pub(crate) fn run(args: &GlobalArgs, options: &AgendaOptions) -> Result<(), Failure> {
    let agenda = home::open(args)?.agenda();
    if let Some(key) = options.done.as_deref().or(options.not_needed.as_deref()) {
        let state = if options.done.is_some() { MarkState::Done } else { MarkState::NotNeeded };
        let id = agenda.mark(options.notebook, key, state)?;
        return print(args, &json!({"id": id}), || format!("{id}\n"));
    }
    if let Some(days) = options.reminders {
        let all = agenda.reminders(options.notebook, days)?;
        let value: Vec<Value> = all
            .iter()
            .map(|reminder| json!({"at": reminder.at.format("%Y-%m-%dT%H:%M").to_string(), "title": reminder.title, "text": reminder.text}))
            .collect();
        return print(args, &Value::from(value), || {
            all.iter()
                .map(|reminder| {
                    format!("{}  {}: {}\n", reminder.at.format("%Y-%m-%d %H:%M"), reminder.title, reminder.text)
                })
                .collect()
        });
    }
    let all = agenda.list(options.notebook, options.from, options.to)?;
    let value: Vec<Value> = all.iter().map(item_json).collect();
    print(args, &Value::from(value), || text(args, &all))
}

fn item_json(item: &AgendaItem) -> Value {
    let mut value = json!({
        "key": item.key,
        "kind": item.kind.key(),
        "title": item.title,
        "when": item.when,
        "by": item.by,
        "force": item.force,
        "source": item.source,
        "legal": item.legal,
        "open": item.open,
    });
    match item.to {
        Some(to) if to == item.from => value["on"] = to.to_string().into(),
        to => {
            value["from"] = item.from.to_string().into();
            if let Some(to) = to {
                value["to"] = to.to_string().into();
            }
        }
    }
    if item.undated {
        value["undated"] = true.into();
    }
    if !item.how.is_empty() {
        value["how"] = item.how.clone().into();
    }
    value
}

/// Lists open items first, then later ones, each with the office it comes from.
fn text(args: &GlobalArgs, all: &[AgendaItem]) -> String {
    let word = |key: &str| texts::insight(key, args.locale);
    if all.is_empty() {
        return format!("{}\n", word("agenda.empty"));
    }
    let mut text = String::new();
    let (now, later): (Vec<&AgendaItem>, Vec<&AgendaItem>) = all.iter().partition(|item| item.open);
    for (title, items) in [(word("agenda.open"), now), (word("agenda.title"), later)] {
        if items.is_empty() {
            continue;
        }
        let _ = writeln!(text, "{title}");
        for item in items {
            // What the heading says already is not said again.
            let when = if item.when == title { String::new() } else { format!("{}  ", item.when) };
            let _ = writeln!(text, "  {when}{}  [{} / {}]", item.title, item.by, item.force);
        }
    }
    let _ = writeln!(text, "\n{}", word("agenda.source"));
    text
}
