//! `export`: a notebook to a file.

use ayumi_core::growth::Reference;
use serde_json::json;

use crate::args::{Args, ExportOptions};
use crate::home;
use crate::output::{Failure, print, write_file};

pub(crate) fn run(args: &Args, options: &ExportOptions) -> Result<(), Failure> {
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
