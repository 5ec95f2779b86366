//! `demo`: a family's year, typed offline, with a crash in the middle; a municipality's server and a second phone;
//! then what there is to look at.

mod agenda;
pub(crate) mod crash;
mod days;
mod doses;
mod family;
mod together;

use std::path::{Path, PathBuf};
use std::time::Instant;

use ayumi_core::app::{Handbook, ListFilter, Measure, NotebookId, OwnWords, Reference};
use chrono::NaiveDate;
use serde_json::json;

use crate::args::GlobalArgs;
use crate::home;
use crate::output::{Failure, print, progress, say, write_file};

/// The demo's day, so that it tells the same story every time.
const TODAY: Option<NaiveDate> = NaiveDate::from_ymd_opt(2026, 4, 20);

/// Arguments of `ayumi demo`.
#[derive(Debug, clap::Args)]
pub(crate) struct DemoOptions {
    /// Folder to play in (default: a new one in the temporary folder)
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

pub(crate) fn run(args: &GlobalArgs, options: &DemoOptions) -> Result<(), Failure> {
    let folder = match &options.keep {
        Some(folder) => folder.clone(),
        None => std::env::temp_dir().join(format!("ayumi-demo-{}", std::process::id())),
    };
    let made = |error: std::io::Error| Failure::File(folder.display().to_string(), error.kind());
    std::fs::create_dir_all(&folder).map_err(made)?;
    let home = folder.join("phone");
    let today = args.today.or(TODAY).unwrap_or_default();
    let config = home::config_in(home.clone(), Some(today), args.locale)?;

    say(args, "1. 手帳をひらく — a handbook on this computer, encrypted, without any network");
    let handbook = Handbook::create(&config, "母")?;
    let family = family::begin(&handbook, today)?;
    say(args, "   上の子と、31週4日で生まれたふたご — an older child, and twins born at 31 weeks and 4 days");

    say(args, "2. 一年分の記録 — a year of entries, typed offline");
    let started = Instant::now();
    let bar = progress(Some(family.entries().len() as u64));
    let written = family.write(&handbook, &bar)?;
    bar.finish_and_clear();
    let each = started.elapsed().as_secs_f64() * 1e3 / written.max(1) as f64;
    say(args, &format!("   {written} entries, each safe on disk when its call returned: {each:.1} ms an entry"));
    let twin = family.twins[0];
    drop(handbook);

    say(args, "3. とつぜん電源が切れる — the program is killed in the middle of writing, five times");
    let crash = crash::kill_while_writing(&home, twin, 5)?;
    let handbook = Handbook::open(&config)?;
    let lost = crash.confirmed.iter().filter(|id| handbook.entries().show(**id).is_err()).count();
    let checkup = handbook.doctor().examine(&mut |_, _| ())?;
    say(
        args,
        &format!(
            "   {} entries had been confirmed before the kills; lost: {lost}. Doctor: {}",
            crash.confirmed.len(),
            if checkup.findings.is_empty() { "healthy" } else { "found something" }
        ),
    );
    if lost > 0 || !checkup.findings.is_empty() {
        return Err(Failure::Other("the demo lost something; please report this".into()));
    }

    search(args, &handbook, twin)?;

    let next = agenda::show(args, &handbook, &family)?;
    let together = together::show(args, &handbook, &family, &folder, today)?;
    let files = write_files(&handbook, &family, &folder)?;
    let bytes = std::fs::metadata(home.join("handbook.db")).map_err(made)?.len();
    let value = json!({
        "folder": folder,
        "entries": checkup.entries,
        "confirmed_before_kill": crash.confirmed.len(),
        "kills": crash.kills,
        "lost": lost,
        "healthy": checkup.findings.is_empty(),
        "handbook_bytes": bytes,
        "files": files,
        "twin": twin,
        "older": family.older,
        "next": next,
        "together": together,
    });
    print(args, &value, || {
        let list: String = files.iter().map(|file| format!("   {}\n", file.display())).collect();
        format!(
            "8. 見てみる — open these in a browser:\n{list}   \
             The encrypted file ({} KB): {}\n   \
             Go on in it:  ayumi --home {} --today {today} notebook list\n   \
             Everything lies in {}; delete the folder when you are done.\n",
            bytes / 1024,
            home.join("handbook.db").display(),
            home.display(),
            folder.display()
        )
    })
}

/// Shows that a search finds a word in any kana.
fn search(args: &GlobalArgs, handbook: &Handbook, twin: NotebookId) -> Result<(), Failure> {
    say(args, "4. さがす — search, whatever the kana");
    handbook.maintain()?;
    let started = Instant::now();
    let filter = ListFilter { search: Some("ミルク".into()), limit: 50, ..ListFilter::default() };
    let matches = handbook.entries().list(twin, &filter)?.len();
    let search_ms = started.elapsed().as_secs_f64() * 1e3;
    say(args, &format!("   「ミルク」 finds みるく too: {matches} entries in {search_ms:.1} ms"));
    Ok(())
}

fn write_files(handbook: &Handbook, family: &family::Family, folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let export = handbook.export();
    let mut files = Vec::new();
    let mut keep = |name: String, text: String| -> Result<(), Failure> {
        let path = folder.join(name);
        write_file(&path, text.as_bytes())?;
        files.push(path);
        Ok(())
    };
    for (i, child) in [family.older].into_iter().chain(family.twins.iter().copied()).enumerate() {
        keep(format!("handbook-{}.html", i + 1), export.html(child)?)?;
        for measure in [Measure::Weight, Measure::Length] {
            let name = format!("chart-{}-{}.svg", i + 1, measure.key());
            keep(name, export.svg(child, measure, Reference::Jp2023)?)?;
        }
    }
    let own = OwnWords {
        likes: vec!["外あそび、とくに石や葉っぱを集めること".into(), "寝る前の絵本".into()],
        helps: vec!["つぎにすることを、先に短く伝える".into()],
    };
    keep("nursery-1.html".into(), export.nursery(family.older, &own)?)?;
    keep("handbook-pregnancy.html".into(), export.html(family.pregnancy)?)?;
    Ok(files)
}
