//! `notices`: what the municipality tells this family, and why.

use ayumi_core::app::{FeedReport, NoticeView};
use clap::Subcommand;
use serde_json::{Value, json};

use crate::args::GlobalArgs;
use crate::connection::wait;
use crate::home;
use crate::output::{Failure, print, time};
use crate::words::said;

#[derive(Debug, Subcommand)]
pub(crate) enum NoticesCommand {
    /// The notices that concern this family, urgent ones first, each with its reason
    #[command(after_help = "Examples:\n  ayumi notices list\n  ayumi --json notices list --all")]
    List {
        /// Those too that are over
        #[arg(long)]
        all: bool,
    },
    /// Read a notice; nothing is fetched for it
    #[command(after_help = "Example:\n  ayumi notices read measles")]
    Read {
        /// Its id, as in "notices list"
        id: String,
    },
    /// Look whether there is a newer edition, and take it whole
    #[command(after_help = "Example:\n  ayumi notices check")]
    Check,
}

pub(crate) fn run(args: &GlobalArgs, command: &NoticesCommand) -> Result<(), Failure> {
    let handbook = home::open_reading(args)?;
    match command {
        NoticesCommand::List { all } => {
            let notices = handbook.notices().list(*all)?;
            handbook.notices().shown(&notices)?;
            print(args, &notices.iter().map(notice_json).collect::<Value>(), || {
                if notices.is_empty() {
                    return format!("{}\n", said(args.locale, "there is no notice for this family"));
                }
                notices.iter().map(line).collect()
            })
        }
        NoticesCommand::Read { id } => {
            let notice = handbook.notices().read(id)?;
            let mut value = notice_json(&notice);
            value["text"] = notice.text.as_str().into();
            print(args, &value, || {
                let link = notice.link.as_ref().map(|link| format!("{link}\n")).unwrap_or_default();
                let remarks: String = notice.remarks.iter().map(|remark| format!("* {remark}\n")).collect();
                format!("{}{remarks}\n{}\n{link}", line(&notice), notice.text)
            })
        }
        NoticesCommand::Check => {
            let municipality = handbook.municipality();
            let report = wait(municipality.check(&municipality.connection()?))??;
            print(args, &report_json(&report), || report.words.iter().map(|words| format!("{words}\n")).collect())
        }
    }
}

fn notice_json(notice: &NoticeView) -> Value {
    let mut value = json!({
        "id": notice.id,
        "version": notice.version,
        "title": notice.title,
        "severity": notice.severity,
        "on": notice.on,
        "state": notice.state.key(),
        "because": notice.because,
        "source": notice.source,
        "remarks": notice.remarks,
    });
    if let Some(until) = notice.until {
        value["until"] = until.to_string().into();
    }
    for (key, text) in [("link", &notice.link), ("desk", &notice.desk)] {
        if let Some(text) = text {
            value[key] = text.as_str().into();
        }
    }
    value
}

fn line(notice: &NoticeView) -> String {
    let because = notice.because.join(" / ");
    format!(
        "【{}】{}  ({})\n  {}  {}  {}  {because}\n",
        notice.level, notice.title, notice.state_words, notice.id, notice.on, notice.source
    )
}

fn report_json(report: &FeedReport) -> Value {
    let mut value = json!({
        "outcome": report.outcome,
        "checked_at": time(report.checked_at),
        "never_compared": report.never_compared,
        "bytes": report.bytes,
        "told": report.words,
    });
    if let Some(reason) = &report.reason {
        value["reason"] = reason.as_str().into();
    }
    value
}
