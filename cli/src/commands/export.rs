//! `export`: a notebook to a file.

use ayumi_core::app::{Error, Handbook, Measure, NotebookId, OwnWords, Paper, Reference};
use serde_json::json;
use std::path::PathBuf;

use crate::args::GlobalArgs;
use crate::args::value::{measure, notebook_id};
use crate::connection::{connect, wait};
use crate::home;
use crate::output::{Failure, print, write_file};
use crate::words::say;

#[derive(Debug, clap::Args)]
pub(crate) struct ExportOptions {
    #[arg(value_parser = notebook_id)]
    pub notebook: NotebookId,
    /// json (everything, comes back by import), fhir (R4, for clinics and other programs), csv (spreadsheets), html (to print and keep), nursery (one page about the child to take to nursery or a check-up), svg (a growth chart)
    #[arg(long, value_name = "json|fhir|csv|html|nursery|svg", value_parser = ["json", "fhir", "csv", "html", "nursery", "svg"])]
    pub format: String,
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// For svg: what to draw
    #[arg(long, default_value = "weight", value_parser = measure)]
    pub measure: Measure,
    /// For html: a5, or a4 with two pages side by side
    #[arg(long, default_value = "a5", value_name = "a5|a4", value_parser = paper)]
    pub paper: Paper,
    /// For nursery: something that the child likes, in your own words; may be repeated
    #[arg(long, value_name = "TEXT")]
    pub likes: Vec<String>,
    /// For nursery: something that helps; may be repeated
    #[arg(long, value_name = "TEXT")]
    pub helps: Vec<String>,
}

fn paper(text: &str) -> Result<Paper, String> {
    Paper::from_key(text).ok_or_else(|| "allowed: a5, a4".into())
}

pub(crate) fn run(args: &GlobalArgs, options: &ExportOptions) -> Result<(), Failure> {
    let handbook = home::open(args)?;
    let export = handbook.export();
    let holds_photos = matches!(options.format.as_str(), "json" | "html");
    let missing = if holds_photos { fetch_photos(&handbook, options.notebook)? } else { 0 };
    let text = match options.format.as_str() {
        "json" => export.json(options.notebook)?,
        "fhir" => export.fhir(options.notebook)?,
        "csv" => export.csv(options.notebook)?,
        "html" => export.booklet(options.notebook, options.paper)?,
        "nursery" => {
            let own = OwnWords { likes: options.likes.clone(), helps: options.helps.clone() };
            export.nursery(options.notebook, &own)?
        }
        _ => export.svg(options.notebook, options.measure, Reference::default())?,
    };
    write_file(&options.out, text.as_bytes())?;
    let mut value = json!({"out": options.out, "bytes": text.len()});
    if holds_photos {
        value["photos_missing"] = missing.into();
    }
    print(args, &value, || {
        let (file, bytes) = (options.out.display().to_string(), text.len().to_string());
        format!("{}\n", say(args.locale, "export.done", &[("file", &file), ("bytes", &bytes)]))
    })?;
    if missing == 0 {
        return Ok(());
    }
    Err(Failure::Other(say(args.locale, "export.photos_missing", &[("count", &missing.to_string())])))
}

/// Fetches what pixels the notebook lacks here, where a server is known. Returns how many are still missing.
fn fetch_photos(handbook: &Handbook, notebook: NotebookId) -> Result<usize, Failure> {
    let missing = handbook.export().missing_photos(notebook)?;
    if missing.is_empty() || handbook.sync().server()?.is_none() {
        return Ok(missing.len());
    }
    let Ok(server) = connect(handbook, None, None) else { return Ok(missing.len()) };
    for photo in &missing {
        // Without a connection the next one will not come either.
        if let Err(Error::Offline) = wait(handbook.sync().fetch_photo(photo, &server))? {
            break;
        }
    }
    Ok(handbook.export().missing_photos(notebook)?.len())
}
