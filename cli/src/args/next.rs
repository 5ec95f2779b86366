//! Commands about what comes next: check, vaccine, agenda, content.

use std::path::PathBuf;

use ayumi_core::content::item::Area;
use ayumi_core::model::NotebookId;
use ayumi_core::model::notebook::Sex;
use chrono::NaiveDate;
use clap::Subcommand;

use super::{date, notebook_id, pair, sex};

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

#[derive(Debug, Subcommand)]
pub(crate) enum VaccineCommand {
    /// The next dose of each series: earliest, standard window, last routine day, reasons
    #[command(
        after_help = "Examples:\n  ayumi vaccine plan NOTEBOOK\n  ayumi --json vaccine plan --born 2026-01-15 --given given.json\n  \
                      ayumi vaccine plan --due 2026-12-01          (a pregnancy)\n\ngiven.json: [{\"product\":\"hepb\",\"on\":\"2026-03-14\"}]"
    )]
    Plan {
        #[arg(value_parser = notebook_id, conflicts_with_all = ["born", "due", "given"])]
        notebook: Option<NotebookId>,
        /// Without a notebook: date of birth
        #[arg(long, value_parser = date)]
        born: Option<NaiveDate>,
        /// Without a notebook: due date; alone it is a pregnancy
        #[arg(long, value_parser = date)]
        due: Option<NaiveDate>,
        /// Without a notebook: female, male or unspecified
        #[arg(long, value_parser = sex, default_value = "unspecified", value_name = "female|male|unspecified")]
        sex: Sex,
        /// Without a notebook: what was given, as JSON
        #[arg(long, value_name = "FILE.json")]
        given: Option<PathBuf>,
        /// Write the plan as a FHIR ImmunizationRecommendation
        #[arg(long, value_name = "FILE", requires = "notebook")]
        fhir: Option<PathBuf>,
    },
    /// What was given, judged by the rules of its day
    #[command(after_help = "Example:\n  ayumi vaccine history NOTEBOOK")]
    History {
        #[arg(value_parser = notebook_id)]
        notebook: NotebookId,
    },
    /// Visits that could be made: doses that fit one day together
    #[command(after_help = "Example:\n  ayumi vaccine visits NOTEBOOK --days 365")]
    Visits {
        #[arg(value_parser = notebook_id)]
        notebook: NotebookId,
        /// How far ahead
        #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=6000))]
        days: u32,
        /// Voluntary vaccines (任意接種) too
        #[arg(long)]
        voluntary: bool,
    },
}

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

fn area(text: &str) -> Result<Area, String> {
    let found = Area::ALL.into_iter().find(|area| area.key() == text);
    found.ok_or_else(|| "allowed: motor, language, social, daily_life".into())
}
