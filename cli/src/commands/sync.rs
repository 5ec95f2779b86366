//! `sync`.

use ayumi_core::app::NotebookId;
use std::path::PathBuf;

use ayumi_core::app::sync::{Budget, SyncOutcome};
use serde_json::json;

use crate::args::GlobalArgs;
use crate::args::value::notebook_id;
use crate::connection::{connect, wait};
use crate::home;
use crate::output::{Failure, print, progress};

#[derive(Debug, clap::Args)]
pub(crate) struct SyncOptions {
    /// The municipality's server; remembered. Another one than before gets everything, and nothing is lost
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
    /// Stop after so many milliseconds; the next sync goes on
    #[arg(long, value_name = "N")]
    pub budget_ms: Option<u64>,
    /// Go on with a notebook that had stopped
    #[arg(long, value_name = "NOTEBOOK", value_parser = notebook_id)]
    pub go_on: Option<NotebookId>,
    /// Trust this certificate too (PEM); remembered nowhere
    #[arg(long, value_name = "FILE", env = "AYUMI_CA")]
    pub ca: Option<PathBuf>,
}

pub(crate) fn run(args: &GlobalArgs, options: &SyncOptions) -> Result<(), Failure> {
    let handbook = home::open(args)?;
    if let Some(notebook) = options.go_on {
        handbook.sync().go_on(notebook)?;
    }
    let server = match connect(&handbook, options.server.as_deref(), options.ca.as_deref()) {
        Err(Failure::Other(words)) if args.json => {
            print(args, &json!({"outcome": SyncOutcome::NoServer.key(), "message": words}), String::new)?;
            return Err(Failure::Silent(1));
        }
        other => other?,
    };
    let bar = progress(None);
    let progress = |done: u64, all: u64| {
        bar.set_length(all);
        bar.set_position(done);
    };
    let report =
        wait(handbook.sync().run(&server, Budget { time_ms: options.budget_ms, background: false }, &progress))??;
    if report.outcome == SyncOutcome::Done {
        wait(handbook.members().extend_recovery(&server))??;
    }
    bar.finish_and_clear();
    let states = handbook.sync().states()?;
    let stopped: Vec<_> = states
        .iter()
        .filter_map(|state| Some(json!({"notebook": state.notebook, "why": state.halted?.key()})))
        .collect();
    let value = json!({
        "outcome": report.outcome.key(),
        "pushed": report.pushed,
        "pulled": report.pulled,
        "bytes_up": report.bytes_up,
        "bytes_down": report.bytes_down,
        "round_trips": report.round_trips,
        "waiting": report.waiting,
        "refused": report.refused,
        "retry_ms": report.retry_ms,
        "stopped": stopped,
        "unread": states.iter().map(|state| state.unread).sum::<u64>(),
    });
    print(args, &value, || {
        let words = match report.outcome {
            SyncOutcome::Done => "everything is sent, and everything has come",
            SyncOutcome::More => "the time is used up; the next sync goes on",
            SyncOutcome::Offline => "the server cannot be reached now; your entries wait safely",
            SyncOutcome::NoServer => "no server is known yet",
            SyncOutcome::Full => "the server has no room left for a notebook; your entries wait safely",
            SyncOutcome::Halted => {
                "a notebook has stopped. Nothing of yours is lost. Ask your municipality; then go on with --go-on NOTEBOOK"
            }
            SyncOutcome::Busy => "another sync is running",
        };
        let halts: String =
            states.iter().filter_map(|state| Some(format!("{}: {}\n", state.notebook, state.halted?))).collect();
        format!(
            "{words}\n{halts}sent {}, came {}, waiting {}, refused {}\n{} questions, {} bytes up, {} bytes down\n",
            report.pushed,
            report.pulled,
            report.waiting,
            report.refused,
            report.round_trips,
            report.bytes_up,
            report.bytes_down
        )
    })?;
    match report.outcome {
        SyncOutcome::Done | SyncOutcome::More => Ok(()),
        _ => Err(Failure::Silent(1)),
    }
}
