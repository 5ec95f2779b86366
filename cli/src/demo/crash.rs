//! A real crash: another process writes, and is killed while it does.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ayumi_core::app::{EntryId, NewEntry, NotebookId};

use crate::args::GlobalArgs;
use crate::args::value::notebook_id;
use crate::home;
use crate::output::Failure;

/// What the killed writers had confirmed.
pub(crate) struct Crash {
    /// Ids that were printed, each after its call had returned.
    pub confirmed: Vec<EntryId>,
    /// How often a writer was killed.
    pub kills: u32,
}

/// Starts a writer, lets it confirm some entries, kills it a little later; again and again.
pub(crate) fn kill_while_writing(home: &Path, notebook: NotebookId, times: u32) -> Result<Crash, Failure> {
    let failed = |error: std::io::Error| Failure::File("demo writer".into(), error.kind());
    let mut crash = Crash { confirmed: Vec::new(), kills: 0 };
    for round in 0..times {
        let mut writer = Command::new(std::env::current_exe().map_err(failed)?)
            .arg("--home")
            .arg(home)
            .arg("demo-writer")
            .arg(notebook.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let out = writer.stdout.take().ok_or_else(|| Failure::Other("the demo writer has no output".into()))?;
        let mut lines = BufReader::new(out).lines();
        // At least a few entries, then on for some odd number of microseconds: mostly inside a write.
        let mut wait = None;
        let mut confirmed = 0;
        while let Some(Ok(line)) = lines.next() {
            crash.confirmed.extend(line.parse::<EntryId>());
            confirmed += 1;
            if confirmed == 3 {
                wait = Some(Instant::now() + Duration::from_micros(700 + 1_931 * u64::from(round)));
            }
            if wait.is_some_and(|end| Instant::now() >= end) {
                break;
            }
        }
        writer.kill().map_err(failed)?;
        // What it had confirmed before the kill reached it.
        for line in lines.map_while(Result::ok) {
            crash.confirmed.extend(line.parse::<EntryId>());
        }
        writer.wait().map_err(failed)?;
        crash.kills += 1;
    }
    Ok(crash)
}

/// Arguments of the demo's other half.
#[derive(Debug, clap::Args)]
pub(crate) struct WriterOptions {
    #[arg(value_parser = notebook_id)]
    notebook: NotebookId,
}

/// The writer: one entry after another, each id printed when it is safe. Ends only by being killed (or, so that
/// nothing is left running, after a minute).
pub(crate) fn write_until_killed(args: &GlobalArgs, options: &WriterOptions) -> Result<(), Failure> {
    let handbook = home::open(args)?;
    let end = Instant::now() + Duration::from_secs(60);
    let mut n = 0_u32;
    while Instant::now() < end {
        n += 1;
        let text = format!("{n}さつめのえほん");
        let entry = NewEntry::typed(options.notebook, "diary", "2026-04-19", &[("text", &text)])?;
        let id = handbook.entries().add(&entry)?;
        let mut out = std::io::stdout().lock();
        let printed = writeln!(out, "{id}").and_then(|()| out.flush());
        if printed.is_err() {
            return Ok(());
        }
    }
    Ok(())
}
