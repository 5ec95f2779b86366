//! `doctor`: check everything; with `--repair` set a damaged file aside and save what can be read.

use ayumi_core::app::doctor::{Checkup, salvage};
use ayumi_core::app::{Error, Handbook};
use serde_json::{Value, json};

use crate::args::GlobalArgs;
use crate::home;
use crate::output::{Failure, print, progress};

/// Arguments of `ayumi doctor`.
#[derive(Debug, clap::Args)]
pub(crate) struct DoctorOptions {
    /// Set a damaged file aside and save what can be read of it
    #[arg(long)]
    repair: bool,
}

pub(crate) fn run(args: &GlobalArgs, options: &DoctorOptions) -> Result<(), Failure> {
    let config = home::config(args)?;
    let bar = progress(Some(0));
    let checked = Handbook::open(&config).and_then(|handbook| {
        handbook.doctor().examine(&mut |done, total| {
            bar.set_length(total);
            bar.set_position(done);
        })
    });
    bar.finish_and_clear();
    let damaged = match &checked {
        Ok(checkup) => !checkup.findings.is_empty(),
        Err(Error::Damaged) => true,
        Err(_) => false,
    };
    if damaged && options.repair {
        return save(args);
    }
    let checkup = checked?;
    let value = json!({
        "healthy": checkup.findings.is_empty(),
        "entries": checkup.entries,
        "changes": checkup.changes,
        "photos": checkup.photos,
        "findings": checkup.findings,
    });
    print(args, &value, || words(&checkup))?;
    if damaged { Err(Failure::Silent(1)) } else { Ok(()) }
}

fn words(checkup: &Checkup) -> String {
    if checkup.findings.is_empty() {
        return format!(
            "healthy: {} entries, {} changes, {} photos; every page, entry and photo is as it was written\n",
            checkup.entries, checkup.changes, checkup.photos
        );
    }
    let findings: String = checkup.findings.iter().map(|finding| format!("  {finding}\n")).collect();
    format!(
        "found:\n{findings}Nothing was changed. To keep the file and save what can be read: ayumi doctor --repair\n"
    )
}

fn save(args: &GlobalArgs) -> Result<(), Failure> {
    let config = home::config(args)?;
    let bar = progress(None);
    let saved = salvage(&config, &mut |pages| bar.set_position(pages));
    bar.finish_and_clear();
    let saved = saved?;
    let value: Value = json!({
        "healthy": true,
        "repaired": true,
        "entries": saved.entries,
        "changes": saved.changes,
        "photos": saved.photos,
        "photos_lost": saved.photos_lost,
        "facts_lost": saved.facts_lost,
        "apart": saved.apart,
        "pages": saved.pages,
        "pages_lost": saved.pages_lost,
        "set_aside": saved.set_aside,
    });
    print(args, &value, || {
        let facts = if saved.facts_lost > 0 {
            "a notebook's name and birth could not be read: see \"ayumi notebook list\", then \"ayumi notebook edit\"\n"
        } else {
            ""
        };
        let apart = match saved.apart {
            0 => String::new(),
            many => format!("{many} changes may not stand in their notebook: kept, not shown\n"),
        };
        format!(
            "saved: {} entries with {} changes, {} photos ({} photos and {} of {} pages could not be read)\n\
             {facts}{apart}the damaged file is kept, whole, in {}\n",
            saved.entries,
            saved.changes,
            saved.photos,
            saved.photos_lost,
            saved.pages_lost,
            saved.pages,
            saved.set_aside.display()
        )
    })
}
