//! `notebook`: begin, list, edit, birth, end.

use ayumi_core::app::{NewChild, NotebookView, Notebooks};
use ayumi_core::texts;
use serde_json::{Value, json};

use crate::args::{Args, NotebookAdd, NotebookCommand};
use crate::home;
use crate::output::{Failure, print};

pub(crate) fn run(args: &Args, command: &NotebookCommand) -> Result<(), Failure> {
    let notebooks = home::open(args)?.notebooks();
    match command {
        NotebookCommand::Add(add) => {
            let id = begin(&notebooks, add)?;
            print(args, &json!({"id": id}), || format!("{id}\n"))
        }
        NotebookCommand::List => {
            let all = notebooks.list()?;
            let value: Vec<Value> = all.iter().map(told).collect();
            print(args, &Value::from(value), || all.iter().map(|one| line(args, one)).collect())
        }
        NotebookCommand::Edit { notebook, fields } => {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(key, text)| (key.as_str(), text.as_str())).collect();
            notebooks.edit(*notebook, &fields)?;
            show(args, &notebooks.find(*notebook)?)
        }
        NotebookCommand::Birth { pregnancy, on, children, gestation } => {
            let new = |(name, sex): &(String, _)| NewChild {
                name: name.clone(),
                sex: *sex,
                born: *on,
                gestation: *gestation,
                ..NewChild::default()
            };
            let ids = notebooks.birth(*pregnancy, &children.iter().map(new).collect::<Vec<_>>())?;
            print(args, &json!({"ids": ids}), || ids.iter().map(|id| format!("{id}\n")).collect())
        }
        NotebookCommand::End { notebook, reason, on } => {
            notebooks.end(*notebook, *reason, *on)?;
            show(args, &notebooks.find(*notebook)?)
        }
        NotebookCommand::Reopen { notebook } => {
            notebooks.reopen(*notebook)?;
            show(args, &notebooks.find(*notebook)?)
        }
    }
}

fn begin(notebooks: &Notebooks, add: &NotebookAdd) -> Result<ayumi_core::model::NotebookId, Failure> {
    Ok(match add {
        NotebookAdd::Child { name, sex, born, due, gestation, multiple, pregnancy } => {
            notebooks.add_child(&NewChild {
                name: name.clone(),
                sex: *sex,
                born: *born,
                due: *due,
                gestation: *gestation,
                multiple: *multiple,
                birth_order: None,
                pregnancy: *pregnancy,
            })?
        }
        NotebookAdd::Pregnancy { due } => notebooks.add_pregnancy(*due)?,
        NotebookAdd::Private => notebooks.add_private()?,
    })
}

fn show(args: &Args, one: &NotebookView) -> Result<(), Failure> {
    print(args, &told(one), || line(args, one))
}

/// `{"id","type","name","role","born"?,"due"?}` and, where told, sex, gestation, pregnancy, ended.
fn told(one: &NotebookView) -> Value {
    let profile = &one.profile;
    let mut value = json!({
        "id": one.id,
        "type": one.notebook_type.key(),
        "name": one.name,
        "role": one.role.map_or("none", |role| role.key()),
    });
    let more = [
        ("born", profile.born.map(|day| day.to_string())),
        // After a loss nobody needs to see the day that was hoped for.
        ("due", profile.due.filter(|_| !one.baby_silent()).map(|day| day.to_string())),
        ("sex", profile.sex.clone()),
        ("gestation", profile.gestation_at_birth().filter(|_| profile.born.is_some()).map(|weeks| weeks.to_string())),
        ("pregnancy", profile.pregnancy.clone()),
        ("ended", profile.ended.clone()),
    ];
    if let Some(map) = value.as_object_mut() {
        for (key, text) in more.into_iter().filter_map(|(key, text)| Some((key, text?))) {
            map.insert(key.into(), text.into());
        }
    }
    value
}

fn line(args: &Args, one: &NotebookView) -> String {
    let label = texts::option_label("profile", "notebook_type", one.notebook_type.key(), args.locale);
    let day = match (one.profile.born, one.profile.due.filter(|_| !one.baby_silent())) {
        (Some(born), _) => format!("{} {born}", texts::booklet("born", args.locale)),
        (None, Some(due)) => format!("{} {due}", texts::booklet("due", args.locale)),
        (None, None) => String::new(),
    };
    format!("{}  {label}  {}  {day}\n", one.id, one.name)
}
