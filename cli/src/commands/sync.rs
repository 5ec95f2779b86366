//! `sync`.

use std::future::Future;
use std::path::Path;

use ayumi_core::app::Handbook;
use ayumi_core::app::sync::{Budget, SyncOutcome};
use ayumi_core::sync::http::{Https, normal_address};
use serde_json::json;

use crate::args::{Args, SyncOptions};
use crate::home;
use crate::output::{Failure, print, progress};

/// Runs a future to its end; this shell does one thing at a time.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::File("network".into(), error.kind()))?;
    Ok(runtime.block_on(future))
}

/// The way to the server: the one given, or the one that is remembered.
pub(crate) fn way(book: &Handbook, server: Option<&str>, ca: Option<&Path>) -> Result<Https, Failure> {
    let wrong = |_| Failure::Input("server does not fit; allowed: https://…, or http:// to this computer".into());
    if let Some(server) = server {
        book.sync().set_server(&normal_address(server).map_err(wrong)?)?;
    }
    let known = book.sync().server()?;
    let known = known.ok_or_else(|| Failure::Other("no server is known yet; name it once with --server URL".into()))?;
    let ca = match ca.map(Path::to_owned).or_else(|| std::env::var_os("AYUMI_CA").map(Into::into)) {
        Some(path) => {
            Some(std::fs::read(&path).map_err(|error| Failure::File(path.display().to_string(), error.kind()))?)
        }
        None => None,
    };
    Https::to(&known, ca.as_deref()).map_err(wrong)
}

pub(crate) fn run(args: &Args, options: &SyncOptions) -> Result<(), Failure> {
    let book = home::open(args)?;
    if let Some(notebook) = options.go_on {
        book.sync().go_on(notebook)?;
    }
    let way = match way(&book, options.server.as_deref(), options.ca.as_deref()) {
        Err(Failure::Other(words)) if args.json => {
            print(args, &json!({"outcome": SyncOutcome::NoServer.key(), "message": words}), String::new)?;
            return Err(Failure::Silent(1));
        }
        other => other?,
    };
    let bar = progress(None);
    let told = |done: u64, all: u64| {
        bar.set_length(all);
        bar.set_position(done);
    };
    let report = wait(book.sync().run(&way, Budget { time_ms: options.budget_ms, background: false }, &told))??;
    if report.outcome == SyncOutcome::Done {
        wait(book.members().extend_recovery(&way))??;
    }
    bar.finish_and_clear();
    let states = book.sync().states()?;
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
                "a notebook has stopped: the server, or a copy of this device, shows another past. Nothing of yours is lost. \
                 Ask your municipality; then go on with --go-on NOTEBOOK"
            }
            SyncOutcome::Busy => "another sync is running",
        };
        format!(
            "{words}\nsent {}, came {}, waiting {}, refused {}\n{} questions, {} bytes up, {} bytes down\n",
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
