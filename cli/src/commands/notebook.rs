//! `notebook`: begin, list, edit, birth, end, forget, close.

use ayumi_core::app::{EndReason, Gestation, MemberView, NewChild, NotebookId, NotebookView, Notebooks, Sex, texts};
use chrono::NaiveDate;
use serde_json::{Value, json};

use super::closing;
use crate::args::GlobalArgs;
use crate::args::value::{child, date, gestation, notebook_id, pair, reason, sex};
use crate::home;
use crate::output::{Failure, agrees, print};
use crate::words::{said, tell};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum NotebookCommand {
    /// Begin a notebook
    #[command(subcommand)]
    Add(NotebookAdd),
    /// List notebooks
    #[command(after_help = "Example:\n  ayumi --json notebook list")]
    List,
    /// Change a notebook's profile: name, sex, born, due, gestation, multiple, birth_order, born_in (japan|abroad),
    /// age_ranges (shown|hidden, of the self-check)
    #[command(after_help = "Example:\n  ayumi notebook edit NOTEBOOK name=さくら gestation=38w2d")]
    Edit {
        #[arg(value_parser = notebook_id)]
        notebook: NotebookId,
        /// FIELD=VALUE
        #[arg(required = true, value_parser = pair)]
        fields: Vec<(String, String)>,
    },
    /// A birth: one notebook for each child, sharing the pregnancy
    #[command(
        after_help = "Example (twins):\n  ayumi notebook birth PREGNANCY --on 2024-05-03 --child そら:male --child うみ:female"
    )]
    Birth {
        #[arg(value_parser = notebook_id)]
        pregnancy: NotebookId,
        /// Day of the birth
        #[arg(long, value_parser = date)]
        on: NaiveDate,
        /// NAME:female|male|unspecified, once for each child in the order of birth
        #[arg(long = "child", required = true, value_parser = child)]
        children: Vec<(String, Sex)>,
        /// Weeks of pregnancy, if they differ from the due date
        #[arg(long, value_parser = gestation)]
        gestation: Option<Gestation>,
        /// Outside Japan: the birth is reported within three months
        #[arg(long)]
        abroad: bool,
    },
    /// A loss or a death: everything about the baby falls silent at once; the mother's care stays
    #[command(after_help = "Example:\n  ayumi notebook end NOTEBOOK --reason loss --on 2024-05-03")]
    End {
        #[arg(value_parser = notebook_id)]
        notebook: NotebookId,
        /// loss (a pregnancy) or death (a child)
        #[arg(long, value_parser = reason, value_name = "loss|death")]
        reason: EndReason,
        /// The day
        #[arg(long, value_parser = date)]
        on: NaiveDate,
    },
    /// Take an ending back
    #[command(after_help = "Example:\n  ayumi notebook reopen NOTEBOOK")]
    Reopen {
        #[arg(value_parser = notebook_id)]
        notebook: NotebookId,
    },
    /// Begin a notebook anew, without somebody: a new one with every word; the old one is left alone, nobody in it is told
    #[command(after_help = "Example:\n  ayumi notebook begin-anew NOTEBOOK --without MEMBER")]
    BeginAnew {
        #[arg(value_parser = notebook_id)]
        notebook: NotebookId,
        /// A member who is not to be invited again, as in "member list"
        #[arg(long, value_name = "MEMBER")]
        without: Vec<String>,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Take a notebook off this device: words, photos, keys. What a server or other members have stays there
    #[command(after_help = "Example:\n  ayumi notebook forget NOTEBOOK     asks first, on a terminal")]
    Forget {
        #[arg(value_parser = notebook_id)]
        notebook: NotebookId,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Close a notebook at the server: nothing of it is served there, after thirty days it is deleted. It stays on phones
    #[command(
        after_help = "Examples:\n  ayumi notebook close NOTEBOOK     asks first, on a terminal\n  ayumi notebook close --undo NOTEBOOK"
    )]
    Close(closing::CloseOptions),
}

#[derive(Debug, Subcommand)]
pub(crate) enum NotebookAdd {
    /// A child
    #[command(
        after_help = "Example:\n  ayumi notebook add child --name さくら --sex female --born 2024-05-03 --gestation 38w2d"
    )]
    Child {
        /// Name
        #[arg(long)]
        name: String,
        /// female, male or unspecified
        #[arg(long, value_parser = sex, value_name = "female|male|unspecified")]
        sex: Sex,
        /// Date of birth
        #[arg(long, value_parser = date)]
        born: NaiveDate,
        /// Due date, for corrected age
        #[arg(long, value_parser = date, conflicts_with = "gestation")]
        due: Option<NaiveDate>,
        /// Weeks of pregnancy at birth, such as 38w2d
        #[arg(long, value_parser = gestation)]
        gestation: Option<Gestation>,
        /// How many were born together
        #[arg(long, value_parser = clap::value_parser!(u8).range(1..=8), value_name = "N")]
        multiple: Option<u8>,
        /// The pregnancy's notebook
        #[arg(long, value_parser = notebook_id)]
        pregnancy: Option<NotebookId>,
        /// Born outside Japan: the birth is reported within three months
        #[arg(long)]
        born_abroad: bool,
    },
    /// A pregnancy
    #[command(after_help = "Example:\n  ayumi notebook add pregnancy --due 2025-03-10")]
    Pregnancy {
        /// Due date
        #[arg(long, value_parser = date)]
        due: NaiveDate,
    },
    /// For you alone
    #[command(after_help = "Example:\n  ayumi notebook add private")]
    Private,
}

pub(crate) fn run(args: &GlobalArgs, command: &NotebookCommand) -> Result<(), Failure> {
    let handbook = home::open(args)?;
    let notebooks = handbook.notebooks();
    match command {
        NotebookCommand::Add(add) => {
            let id = begin(&notebooks, add)?;
            print(args, &json!({"id": id}), || format!("{id}\n"))
        }
        NotebookCommand::List => {
            let all = notebooks.list()?;
            let value: Vec<Value> = all.iter().map(notebook_json).collect();
            print(args, &Value::from(value), || all.iter().map(|notebook| line(args, notebook)).collect())
        }
        NotebookCommand::Edit { notebook, fields } => {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(key, text)| (key.as_str(), text.as_str())).collect();
            notebooks.edit(*notebook, &fields)?;
            show(args, &notebooks.find(*notebook)?)
        }
        NotebookCommand::Birth { pregnancy, on, children, gestation, abroad } => {
            let new = |(name, sex): &(String, _)| NewChild {
                name: name.clone(),
                sex: *sex,
                born: *on,
                gestation: *gestation,
                born_abroad: *abroad,
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
        NotebookCommand::BeginAnew { notebook, without, yes } => {
            let question =
                "Begin this notebook anew? You take every word along; nobody in the old one is told. Type yes: ";
            if !*yes && !agrees(&said(args.locale, question))? {
                return Err(Failure::Input("nothing was changed".into()));
            }
            let begun = handbook.members().begin_anew(*notebook, without)?;
            let row = |m: &MemberView| json!({"id": m.id, "name": m.name, "role": m.role.key()});
            let value = json!({"notebook": begun.notebook, "former": notebook,
                               "to_invite": begun.to_invite.iter().map(row).collect::<Vec<_>>()});
            print(args, &value, || {
                let id = begun.notebook;
                let again = said(args.locale, "to invite again");
                let line = |m: &MemberView| format!("{again}: {}  ({})\n", m.name, m.role.key());
                let invite: String = begun.to_invite.iter().map(line).collect();
                let words = "everything is in it; nobody else is. The old one is left alone, and nobody in it is told";
                format!("{id}\n{}\n{invite}", said(args.locale, words))
            })
        }
        NotebookCommand::Close(options) => closing::run(args, &handbook, options),
        NotebookCommand::Forget { notebook, yes } => {
            let waiting = handbook.sync().state(*notebook)?.waiting;
            let words =
                "Take this notebook off this device? {waiting} changes were never sent and would be lost. Type yes: ";
            let question = tell(args.locale, words, &[("waiting", &waiting.to_string())]);
            if !*yes && !agrees(&question)? {
                return Err(Failure::Input("nothing was taken off".into()));
            }
            notebooks.forget(*notebook)?;
            print(args, &json!({"notebook": notebook}), || format!("{}\n", said(args.locale, "it is off this device")))
        }
    }
}

fn begin(notebooks: &Notebooks, add: &NotebookAdd) -> Result<ayumi_core::app::NotebookId, Failure> {
    Ok(match add {
        NotebookAdd::Child { name, sex, born, due, gestation, multiple, pregnancy, born_abroad } => notebooks
            .add_child(&NewChild {
                name: name.clone(),
                sex: *sex,
                born: *born,
                due: *due,
                gestation: *gestation,
                multiple: *multiple,
                birth_order: None,
                pregnancy: *pregnancy,
                born_abroad: *born_abroad,
            })?,
        NotebookAdd::Pregnancy { due } => notebooks.add_pregnancy(*due)?,
        NotebookAdd::Private => notebooks.add_private()?,
    })
}

fn show(args: &GlobalArgs, notebook: &NotebookView) -> Result<(), Failure> {
    print(args, &notebook_json(notebook), || line(args, notebook))
}

/// `{"id","type","name","role","born"?,"due"?}` and, where known, sex, gestation, pregnancy, ended.
fn notebook_json(notebook: &NotebookView) -> Value {
    let profile = &notebook.profile;
    let mut value = json!({
        "id": notebook.id,
        "type": notebook.notebook_type.key(),
        "name": notebook.name,
        "role": notebook.role.map_or("none", |role| role.key()),
    });
    let more = [
        ("born", profile.born.map(|day| day.to_string())),
        // After a loss nobody needs to see the day that was hoped for.
        ("due", profile.due.filter(|_| !notebook.baby_silent()).map(|day| day.to_string())),
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

fn line(args: &GlobalArgs, notebook: &NotebookView) -> String {
    let label = texts::option_label("profile", "notebook_type", notebook.notebook_type.key(), args.locale);
    let day = match (notebook.profile.born, notebook.profile.due.filter(|_| !notebook.baby_silent())) {
        (Some(born), _) => format!("{} {born}", texts::booklet("born", args.locale)),
        (None, Some(due)) => format!("{} {due}", texts::booklet("due", args.locale)),
        (None, None) => String::new(),
    };
    format!("{}  {label}  {}  {day}\n", notebook.id, notebook.name)
}
