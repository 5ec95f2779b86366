//! `doctor`: check everything; with `--repair` set a damaged file aside and save what can be read.

use ayumi_core::app::doctor::{Checkup, salvage};
use ayumi_core::app::{Error, Locale};
use serde_json::{Value, json};

use crate::args::GlobalArgs;
use crate::home;
use crate::output::{Failure, print, progress};
use crate::words::say;

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
    let checked = home::open_with(&config).and_then(|handbook| {
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
    print(args, &value, || words(args.locale, &checkup))?;
    if damaged { Err(Failure::Silent(1)) } else { Ok(()) }
}

fn words(locale: Locale, checkup: &Checkup) -> String {
    if checkup.findings.is_empty() {
        let [entries, changes, photos] =
            [checkup.entries, checkup.changes, checkup.photos].map(|count| count.to_string());
        let counts = [("entries", entries.as_str()), ("changes", &changes), ("photos", &photos)];
        return format!("{}\n", say(locale, "doctor.healthy", &counts));
    }
    let findings: String = checkup.findings.iter().map(|finding| format!("  {finding}\n")).collect();
    format!("{}\n{findings}{}\n", say(locale, "doctor.found", &[]), say(locale, "doctor.unchanged", &[]))
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
        let [entries, changes, photos] = [saved.entries, saved.changes, saved.photos].map(|count| count.to_string());
        let [photos_lost, pages, pages_lost] =
            [saved.photos_lost, saved.pages, saved.pages_lost].map(|count| count.to_string());
        let counts = [
            ("entries", entries.as_str()),
            ("changes", &changes),
            ("photos", &photos),
            ("photos_lost", &photos_lost),
            ("pages", &pages),
            ("pages_lost", &pages_lost),
        ];
        let mut lines = vec![say(args.locale, "doctor.saved", &counts)];
        if saved.facts_lost > 0 {
            lines.push(say(args.locale, "doctor.facts_lost", &[]));
        }
        if saved.apart > 0 {
            lines.push(say(args.locale, "doctor.apart", &[("count", &saved.apart.to_string())]));
        }
        let folder = saved.set_aside.display().to_string();
        lines.push(say(args.locale, "doctor.set_aside", &[("folder", &folder)]));
        format!("{}\n", lines.join("\n"))
    })
}
