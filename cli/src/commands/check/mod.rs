//! `check`: due, start, questions, answer, result, picture, trend.

use std::path::PathBuf;
mod ask;
mod json;
mod text;

use std::fmt::Write as _;
use std::path::Path;

use ayumi_core::app::{Answer, Area, Became, Error, Handbook, NotebookId, drawing, steps_svg, texts};
use serde_json::{Value, json};

use crate::args::GlobalArgs;
use crate::args::value::{area, notebook_id, pair};
use crate::home;
use crate::output::{Failure, print, write_file};
use crate::words::list;
use clap::Subcommand;
use json::{due_json, question_json, result_json};
use text::{due_text, questions_text, result_text};

#[derive(Debug, Subcommand)]
pub(crate) enum CheckCommand {
    /// Which checks are open, done, passed, ahead
    #[command(after_help = "Example:\n  ayumi check due NOTEBOOK")]
    Due {
        #[arg(value_parser = notebook_id)]
        notebook: NotebookId,
    },
    /// Look at a check together, question by question; stop and go on any time
    #[command(after_help = "Example:\n  ayumi check start NOTEBOOK\n  ayumi check start NOTEBOOK 18m")]
    Start {
        #[arg(value_parser = notebook_id)]
        notebook: NotebookId,
        /// Default: the one that is open now
        check: Option<String>,
    },
    /// The questions of a check, with how to look and how to play
    #[command(after_help = "Example:\n  ayumi --json check questions NOTEBOOK 18m")]
    Questions {
        #[arg(value_parser = notebook_id)]
        notebook: NotebookId,
        /// As in "check due", such as 18m
        check: String,
    },
    /// Keep answers, one or many; the rest can follow another day
    #[command(
        after_help = "Example:\n  ayumi check answer NOTEBOOK 18m m_climb=yes l_word1=sometimes --worry 夜よく起きます"
    )]
    Answer {
        #[arg(value_parser = notebook_id)]
        notebook: NotebookId,
        /// As in "check due", such as 18m
        check: String,
        /// ITEM=yes|sometimes|notyet|unsure
        #[arg(value_parser = pair, value_name = "ITEM=ANSWER")]
        answers: Vec<(String, String)>,
        /// ITEM=gone|by_chance|mistaken, for what the child did before and does not do now
        #[arg(long, value_parser = pair, value_name = "ITEM=WORD")]
        became: Vec<(String, String)>,
        /// What is on your mind; "" takes it back
        #[arg(long, value_name = "TEXT")]
        worry: Option<String>,
        /// lost_skill, no_sound, one_sided, pupil_white; "none" takes them back
        #[arg(long, value_name = "BOX", value_parser = ["lost_skill", "no_sound", "one_sided", "pupil_white", "none"])]
        notice: Vec<String>,
    },
    /// What a check shows: what the child does, what comes next, whom to talk to
    #[command(after_help = "Example:\n  ayumi check result NOTEBOOK 18m")]
    Result {
        #[arg(value_parser = notebook_id)]
        notebook: NotebookId,
        /// As in "check due", such as 18m
        check: String,
    },
    /// The drawing of a question, as SVG
    #[command(after_help = "Example:\n  ayumi check picture blocks --svg blocks.svg")]
    Picture {
        /// As a question gives it in "check questions" with --json
        name: String,
        /// Write it there instead of printing it
        #[arg(long, value_name = "FILE")]
        svg: Option<PathBuf>,
    },
    /// What was new at each check, area by area
    #[command(after_help = "Example:\n  ayumi check trend NOTEBOOK --area language --svg steps.svg")]
    Trend {
        #[arg(value_parser = notebook_id)]
        notebook: NotebookId,
        /// Only one area
        #[arg(long, value_parser = area, value_name = "motor|language|social|daily_life")]
        area: Option<Area>,
        /// Draw it
        #[arg(long, value_name = "FILE")]
        svg: Option<PathBuf>,
    },
}

pub(crate) fn run(args: &GlobalArgs, command: &CheckCommand) -> Result<(), Failure> {
    let open = || home::open(args);
    match command {
        CheckCommand::Due { notebook } => {
            let all = open()?.checks().due(*notebook)?;
            let values: Vec<Value> = all.iter().map(due_json).collect();
            print(args, &Value::from(values), || due_text(&all, args.locale))
        }
        CheckCommand::Start { notebook, check } => ask::run(args, &open()?, *notebook, check.as_deref()),
        CheckCommand::Questions { notebook, check } => {
            let all = open()?.checks().questions(*notebook, check)?;
            let values: Vec<Value> = all.iter().map(question_json).collect();
            print(args, &Value::from(values), || questions_text(&all, args.locale))
        }
        CheckCommand::Answer { notebook, check, answers, became, worry, notice } => {
            let read = |(item, answer): &'_ (String, String)| Ok((item.clone(), Answer::read(item, answer)?));
            let read: Vec<(String, Answer)> = answers.iter().map(read).collect::<Result<_, Error>>()?;
            let answers: Vec<(&str, Answer)> = read.iter().map(|(item, answer)| (item.as_str(), *answer)).collect();
            let boxes: Vec<&str> = notice.iter().map(String::as_str).filter(|notice| *notice != "none").collect();
            let boxes = (!notice.is_empty()).then_some(boxes.as_slice());
            let read = |(item, word): &(String, String)| Ok((item.clone(), Became::read(item, word)?));
            let became: Vec<(String, Became)> = became.iter().map(read).collect::<Result<_, Error>>()?;
            let checks = open()?.checks();
            let mut id = None;
            if !answers.is_empty() || worry.is_some() || boxes.is_some() || became.is_empty() {
                id = Some(checks.answer(*notebook, check, &answers, worry.as_deref(), boxes)?);
            }
            for (item, became) in &became {
                id = Some(checks.say_what_became(*notebook, check, item, *became)?);
            }
            let id = id.map(|id| id.to_string()).unwrap_or_default();
            print(args, &json!({"id": id}), || format!("{id}\n"))
        }
        CheckCommand::Result { notebook, check } => {
            let result = open()?.checks().result(*notebook, check)?;
            print(args, &result_json(&result), || result_text(&result, args.locale))
        }
        CheckCommand::Picture { name, svg } => picture(args, name, svg.as_deref()),
        CheckCommand::Trend { notebook, area, svg } => trend(args, &open()?, *notebook, *area, svg.as_deref()),
    }
}

fn picture(args: &GlobalArgs, name: &str, file: Option<&Path>) -> Result<(), Failure> {
    let none = || {
        Failure::Wrong(
            "no drawing is called \"{name}\"; \"check questions\" with --json names them",
            vec![("name", name.to_owned())],
        )
    };
    let svg = drawing(name).ok_or_else(none)?;
    if let Some(path) = file {
        write_file(path, svg.as_bytes())?;
    }
    print(args, &json!({"picture": name, "svg": svg}), || file.map_or_else(|| format!("{svg}\n"), |_| String::new()))
}

fn trend(
    args: &GlobalArgs,
    handbook: &Handbook,
    notebook: NotebookId,
    area: Option<Area>,
    svg: Option<&Path>,
) -> Result<(), Failure> {
    let mut areas = Vec::new();
    let mut values = Vec::new();
    for shown in Area::ALL.into_iter().filter(|shown| area.is_none_or(|wanted| wanted == *shown)) {
        let steps = handbook.checks().trend(notebook, shown)?;
        let steps_json: Vec<Value> = steps.iter().map(|step| json!({"check": step.check, "new": step.new})).collect();
        values.push(json!({"area": shown.key(), "steps": steps_json}));
        let name = texts::insight(&format!("check.area.{}", shown.key()), args.locale);
        areas.push((name.to_owned(), steps));
    }
    if let Some(path) = svg {
        let note = texts::booklet("steps.note", args.locale);
        let drawn = steps_svg::draw(texts::insight("check.trend", args.locale), note, &areas);
        write_file(path, drawn.as_bytes())?;
    }
    print(args, &Value::from(values), || {
        let mut text = String::new();
        for (name, steps) in &areas {
            let _ = writeln!(text, "{name}");
            for step in steps {
                let _ = writeln!(text, "  {}  {}", step.name, list(args.locale, &step.new));
            }
        }
        text
    })
}
