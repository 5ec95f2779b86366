//! Commands and flags, as `cli.md` of the project's design fixes them.

mod next;
mod sync;

use std::path::PathBuf;

pub(crate) use next::{AgendaOptions, CheckCommand, ContentCommand, VaccineCommand};
pub(crate) use sync::{JoinOptions, MemberCommand, NearbyCommand, RecoveryCommand, ServeOptions, SyncOptions};

use ayumi_core::app::Measure;
use ayumi_core::growth::Reference;
use ayumi_core::model::date::{Gestation, parse_date};
use ayumi_core::model::notebook::{EndReason, Sex};
use ayumi_core::model::{EntryId, NotebookId};
use ayumi_core::texts::Locale;
use chrono::NaiveDate;
use clap::{Parser, Subcommand};

/// あゆみ: a child's handbook that stays yours. Everything works offline and is kept encrypted.
#[derive(Debug, Parser)]
#[command(
    name = "ayumi",
    version,
    after_help = "Example:\n  ayumi init --carer 母\n  ayumi notebook add child --name さくら --sex female --born 令和6年5月3日\n  \
                  ayumi entry add NOTEBOOK growth --on 2024-11-05 weight=7350g length=66.5\n  ayumi growth show NOTEBOOK\n  \
                  ayumi agenda NOTEBOOK\n  ayumi check start NOTEBOOK\n\n\
                  Just looking? ayumi demo"
)]
pub(crate) struct Args {
    /// The folder of this device's handbook (default: the platform's data folder)
    #[arg(long, global = true, env = "AYUMI_HOME", value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// Print one JSON value
    #[arg(long, global = true)]
    pub json: bool,
    /// Language of words
    #[arg(long, global = true, default_value = "ja", value_name = "ja|ja-easy|en", value_parser = locale)]
    pub locale: Locale,
    /// Use this day instead of the clock's
    #[arg(long, global = true, value_name = "YYYY-MM-DD", value_parser = date)]
    pub today: Option<NaiveDate>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Play the whole story on a scratch folder and say what to look at
    #[command(after_help = "Example:\n  ayumi demo --keep /tmp/ayumi-demo")]
    Demo {
        /// Folder to play in (default: a new one in the temporary folder)
        #[arg(long, value_name = "DIR")]
        keep: Option<PathBuf>,
    },
    /// Make this device's handbook
    #[command(after_help = "Example:\n  ayumi init --carer 母")]
    Init {
        /// Who keeps it
        #[arg(long, value_name = "NAME")]
        carer: String,
    },
    /// Notebooks: one per pregnancy, one per child, one private
    #[command(subcommand)]
    Notebook(NotebookCommand),
    /// Entries: everything written in a notebook
    #[command(subcommand)]
    Entry(EntryCommand),
    /// Fields that two carers wrote differently without seeing each other's
    #[command(subcommand)]
    Conflict(ConflictCommand),
    /// Growth on the curves
    #[command(subcommand)]
    Growth(GrowthCommand),
    /// Self-check (できたね!チェック): what a child does, what comes next, whom to talk to
    #[command(subcommand)]
    Check(CheckCommand),
    /// Vaccinations: what comes next, and why
    #[command(subcommand)]
    Vaccine(VaccineCommand),
    /// What comes next: check-ups, vaccinations, self-checks, interviews, registrations
    #[command(
        after_help = "Examples:\n  ayumi agenda NOTEBOOK\n  ayumi --json agenda NOTEBOOK --from 2026-04-01 --to 2027-03-31\n  \
                      ayumi agenda NOTEBOOK --done BIRTH_REG\n  ayumi agenda NOTEBOOK --reminders 30"
    )]
    Agenda(AgendaOptions),
    /// Content of a municipality: desks, programmes, items, words
    #[command(subcommand)]
    Content(ContentCommand),
    /// Write a notebook to a file
    #[command(after_help = "Example:\n  ayumi export NOTEBOOK --format html --out handbook.html")]
    Export(ExportOptions),
    /// Take a file in
    #[command(
        after_help = "Examples:\n  ayumi import handbook.json\n  ayumi import other-app.csv --notebook NOTEBOOK --kind growth \\\n    \
                      --map 計測日=on --map \"体重(g)=weight\" --dry-run"
    )]
    Import(ImportOptions),
    /// Send and fetch what there is, sealed end to end
    #[command(
        after_help = "Examples:\n  ayumi sync --server https://ayumi.city.example   (the address is remembered)\n  ayumi --json sync --budget-ms 30000\n  \
                      ayumi sync --go-on NOTEBOOK   (after a notebook had stopped, and you know why)"
    )]
    Sync(SyncOptions),
    /// Who reads and writes a notebook
    #[command(subcommand)]
    Member(MemberCommand),
    /// Join a notebook with the code that a member gave you
    #[command(after_help = "Example:\n  ayumi join J-04H2-...@https://ayumi.city.example")]
    Join(JoinOptions),
    /// The print for the paper handbook, with which everything comes back on a new device
    #[command(subcommand)]
    Recovery(RecoveryCommand),
    /// Bring everything back on this device, with a recovery print
    #[command(
        after_help = "Example:\n  ayumi init --carer 母\n  ayumi recover R-04H2-... --server https://ayumi.city.example"
    )]
    Recover(JoinOptions),
    /// Everything in one encrypted file, for the device that takes this one's place
    #[command(after_help = "Example:\n  ayumi pack moving.ayumi   (write down the code that it prints)")]
    Pack {
        /// A file that is not there yet
        file: PathBuf,
    },
    /// Make this device's handbook from a packed file
    #[command(after_help = "Example:\n  ayumi unpack moving.ayumi M-04H2-...")]
    Unpack {
        file: PathBuf,
        /// As it was printed; blanks and dashes do not matter
        code: String,
    },
    /// Exchange with a device beside this one, without any server
    #[command(subcommand)]
    Nearby(NearbyCommand),
    /// Run the municipal server
    #[command(
        after_help = "Examples:\n  ayumi serve --data /var/lib/ayumi\n  ayumi serve --listen 0.0.0.0:443 --tls-cert chain.pem --tls-key key.pem \\\n    \
                      --database \"host=db user=ayumi dbname=ayumi\"\n\nSee docs/operations.md."
    )]
    Serve(ServeOptions),
    /// Check the file and the key; say what was found; repair nothing unasked
    #[command(
        after_help = "Examples:\n  ayumi doctor\n  ayumi doctor --repair   (after \"the handbook file is damaged\")"
    )]
    Doctor {
        /// Set a damaged file aside and save what can be read of it
        #[arg(long)]
        repair: bool,
    },
    /// Writes entries until it is killed; the demo's other half
    #[command(hide = true)]
    DemoWriter {
        #[arg(value_parser = notebook_id)]
        notebook: NotebookId,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum NotebookCommand {
    /// Begin a notebook
    #[command(subcommand)]
    Add(NotebookAdd),
    /// List notebooks
    #[command(after_help = "Example:\n  ayumi --json notebook list")]
    List,
    /// Change what is told of a notebook: name, sex, born, due, gestation, multiple, birth_order
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
    },
    /// Change fields; FIELD= clears one
    #[command(after_help = "Example:\n  ayumi entry edit ID weight=7.4 note=")]
    Edit {
        #[arg(value_parser = entry_id)]
        id: EntryId,
        /// FIELD=VALUE
        #[arg(required = true, value_parser = pair)]
        fields: Vec<(String, String)>,
    },
    /// Delete an entry; it can be restored
    #[command(after_help = "Example:\n  ayumi entry delete ID")]
    Delete {
        #[arg(value_parser = entry_id)]
        id: EntryId,
    },
    /// Bring back a deleted entry, or any version
    #[command(after_help = "Examples:\n  ayumi entry restore ID\n  ayumi entry restore ID --version 2")]
    Restore {
        #[arg(value_parser = entry_id)]
        id: EntryId,
        /// As in "entry show ID --history"
        #[arg(long, value_name = "K")]
        version: Option<u32>,
    },
    /// Take the last action on an entry back
    #[command(after_help = "Example:\n  ayumi entry undo ID")]
    Undo {
        #[arg(value_parser = entry_id)]
        id: EntryId,
    },
    /// Show an entry
    #[command(after_help = "Example:\n  ayumi --json entry show ID --history")]
    Show {
        #[arg(value_parser = entry_id)]
        id: EntryId,
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
        #[arg(value_parser = entry_id)]
        id: EntryId,
        #[arg(long)]
        out: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConflictCommand {
    /// List what is to settle
    #[command(after_help = "Example:\n  ayumi --json conflict list")]
    List,
    /// Settle a field with the value of one version
    #[command(after_help = "Example:\n  ayumi conflict settle ID weight 2")]
    Settle {
        #[arg(value_parser = entry_id)]
        id: EntryId,
        field: String,
        version: u32,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum GrowthCommand {
    /// Measurements with z-score, percentile and plain words
    #[command(after_help = "Example:\n  ayumi --json growth show NOTEBOOK --reference who")]
    Show {
        #[arg(value_parser = notebook_id)]
        notebook: NotebookId,
        #[arg(long, default_value = "jp2023", value_parser = reference, value_name = "jp2023|jp2000|who")]
        reference: Reference,
    },
    /// Draw a chart
    #[command(after_help = "Example:\n  ayumi growth chart NOTEBOOK --measure weight --svg weight.svg")]
    Chart {
        #[arg(value_parser = notebook_id)]
        notebook: NotebookId,
        #[arg(long, value_parser = measure, value_name = "weight|length|head|bmi")]
        measure: Measure,
        #[arg(long, value_name = "FILE")]
        svg: PathBuf,
        #[arg(long, default_value = "jp2023", value_parser = reference, value_name = "jp2023|jp2000|who")]
        reference: Reference,
    },
    /// Score a table, any size: CSV in, CSV out, the same rows with z, percentile, note
    #[command(
        after_help = "Columns: sex (female|male), age_days, indicator (wfa|lhfa|bfa|hcfa|acfa|wfl|wfh), value, [stature_cm],\n\
                      [posture lying|standing], [gestation_days]\n\nExample:\n  ayumi growth score --reference who --in in.csv --out out.csv"
    )]
    Score {
        #[arg(long, value_parser = reference, value_name = "who|jp2000|jp2023")]
        reference: Reference,
        /// Default: stdin
        #[arg(long = "in", value_name = "FILE")]
        input: Option<PathBuf>,
        /// Default: stdout
        #[arg(long = "out", value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct ExportOptions {
    #[arg(value_parser = notebook_id)]
    pub notebook: NotebookId,
    /// json (everything, comes back by import), csv (spreadsheets), html (to print and keep), svg (a growth chart)
    #[arg(long, value_name = "json|csv|html|svg", value_parser = ["json", "csv", "html", "svg"])]
    pub format: String,
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// For svg: what to draw
    #[arg(long, default_value = "weight", value_parser = measure)]
    pub measure: Measure,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ImportOptions {
    pub file: PathBuf,
    /// Default: by the file's name
    #[arg(long, value_name = "json|csv", value_parser = ["json", "csv"])]
    pub format: Option<String>,
    /// For csv: the notebook to write into
    #[arg(long, value_parser = notebook_id)]
    pub notebook: Option<NotebookId>,
    /// For another app's csv: kind of the entries
    #[arg(long, default_value = "growth")]
    pub kind: String,
    /// For another app's csv: COLUMN=FIELD; other columns are found by their names
    #[arg(long = "map", value_name = "COLUMN=FIELD")]
    pub maps: Vec<String>,
    /// Only show what would happen, row by row
    #[arg(long)]
    pub dry_run: bool,
    /// Take what can be taken, leave rows with problems out
    #[arg(long)]
    pub skip_problems: bool,
}

fn date(text: &str) -> Result<NaiveDate, String> {
    parse_date(text).ok_or_else(|| "allowed: a date such as 2024-05-03 or 令和6年5月3日".into())
}

fn gestation(text: &str) -> Result<Gestation, String> {
    Gestation::parse(text).ok_or_else(|| "allowed: weeks and days such as 38w2d, up to 45w0d".into())
}

fn notebook_id(text: &str) -> Result<NotebookId, String> {
    text.parse().map_err(|_| "allowed: a notebook's id, as in \"ayumi notebook list\"".into())
}

fn entry_id(text: &str) -> Result<EntryId, String> {
    text.parse().map_err(|_| "allowed: an entry's id, as in \"ayumi entry list\"".into())
}

fn locale(text: &str) -> Result<Locale, String> {
    Locale::from_key(text).ok_or_else(|| "allowed: ja, ja-easy, en".into())
}

fn sex(text: &str) -> Result<Sex, String> {
    Sex::from_key(text).ok_or_else(|| "allowed: female, male, unspecified".into())
}

fn reason(text: &str) -> Result<EndReason, String> {
    match text {
        "loss" => Ok(EndReason::Loss),
        "death" => Ok(EndReason::Death),
        _ => Err("allowed: loss, death".into()),
    }
}

fn reference(text: &str) -> Result<Reference, String> {
    Reference::from_key(text).ok_or_else(|| "allowed: jp2023, jp2000, who".into())
}

fn measure(text: &str) -> Result<Measure, String> {
    Measure::from_key(text).ok_or_else(|| "allowed: weight, length, head, chest, bmi".into())
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("allowed: FIELD=VALUE, such as weight=7.35")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}

fn child(text: &str) -> Result<(String, Sex), String> {
    let (name, key) = text.rsplit_once(':').ok_or("allowed: NAME:female, NAME:male or NAME:unspecified")?;
    Ok((name.to_owned(), sex(key)?))
}
