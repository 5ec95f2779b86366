//! `export`: a notebook to a file.

use ayumi_core::app::{Measure, NotebookId, Reference};
use serde_json::json;
use std::path::PathBuf;

use crate::args::GlobalArgs;
use crate::args::value::{measure, notebook_id};
use crate::home;
use crate::output::{Failure, print, write_file};

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

pub(crate) fn run(args: &GlobalArgs, options: &ExportOptions) -> Result<(), Failure> {
    let export = home::open(args)?.export();
    let text = match options.format.as_str() {
        "json" => export.json(options.notebook)?,
        "csv" => export.csv(options.notebook)?,
        "html" => export.html(options.notebook)?,
        _ => export.svg(options.notebook, options.measure, Reference::default())?,
    };
    write_file(&options.out, text.as_bytes())?;
    let bytes = text.len();
    print(args, &json!({"out": options.out, "bytes": bytes}), || format!("{} ({bytes} bytes)\n", options.out.display()))
}
