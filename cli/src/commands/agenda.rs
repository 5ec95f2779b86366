//! `agenda`: what comes next, marks, reminders.

use std::fmt::Write as _;

use ayumi_core::app::AgendaItem;
use ayumi_core::texts;
use serde_json::{Value, json};

use crate::args::{AgendaOptions, Args};
use crate::home;
use crate::output::{Failure, print};

pub(crate) fn run(args: &Args, options: &AgendaOptions) -> Result<(), Failure> {
    let agenda = home::open(args)?.agenda();
    if let Some(key) = options.done.as_deref().or(options.not_needed.as_deref()) {
        let id = agenda.mark(options.notebook, key, options.done.is_some())?;
        return print(args, &json!({"id": id}), || format!("{id}\n"));
    }
    if let Some(days) = options.reminders {
        let all = agenda.reminders(options.notebook, days)?;
        let value: Vec<Value> = all
            .iter()
            .map(|one| json!({"at": one.at.format("%Y-%m-%dT%H:%M").to_string(), "title": one.title, "text": one.text}))
            .collect();
        return print(args, &Value::from(value), || {
            all.iter()
                .map(|one| format!("{}  {}: {}\n", one.at.format("%Y-%m-%d %H:%M"), one.title, one.text))
                .collect()
        });
    }
    let all = agenda.list(options.notebook, options.from, options.to)?;
    let value: Vec<Value> = all.iter().map(told).collect();
    print(args, &Value::from(value), || text(args, &all))
}

fn told(one: &AgendaItem) -> Value {
    let mut value = json!({
        "key": one.key,
        "kind": one.kind,
        "title": one.title,
        "when": one.when,
        "by": one.by,
        "force": one.force,
        "source": one.source,
        "legal": one.legal,
        "open": one.open,
    });
    match one.to {
        Some(to) if to == one.from => value["on"] = to.to_string().into(),
        to => {
            value["from"] = one.from.to_string().into();
            if let Some(to) = to {
                value["to"] = to.to_string().into();
            }
        }
    }
    if !one.how.is_empty() {
        value["how"] = one.how.clone().into();
    }
    value
}

/// What is on now, then what comes, each with from whom.
fn text(args: &Args, all: &[AgendaItem]) -> String {
    let word = |key: &str| texts::insight(key, args.locale);
    if all.is_empty() {
        return format!("{}\n", word("agenda.empty"));
    }
    let mut text = String::new();
    let (now, later): (Vec<&AgendaItem>, Vec<&AgendaItem>) = all.iter().partition(|one| one.open);
    for (title, items) in [(word("agenda.open"), now), (word("agenda.title"), later)] {
        if items.is_empty() {
            continue;
        }
        let _ = writeln!(text, "{title}");
        for one in items {
            let _ = writeln!(text, "  {}  {}  [{} / {}]", one.when, one.title, one.by, one.force);
        }
    }
    let _ = writeln!(text, "\n{}", word("agenda.source"));
    text
}
