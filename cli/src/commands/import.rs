//! `import`: a file into a notebook; with `--dry-run` only what would happen, row by row.

use ayumi_core::app::{CsvMapping, ImportPlan, ImportRow, NotebookId, Outcome};
use serde_json::{Value, json};
use std::path::PathBuf;

use crate::args::GlobalArgs;
use crate::args::value::notebook_id;
use crate::home;
use crate::output::{Failure, print, read_file};

#[derive(Debug, clap::Args)]
pub(crate) struct ImportOptions {
    pub file: PathBuf,
    /// Default: by the file's name
    #[arg(long, value_name = "json|csv", value_parser = ["json", "csv"])]
    pub format: Option<String>,
    /// For csv: the notebook to write into
    #[arg(long, value_parser = notebook_id)]
    pub notebook: Option<NotebookId>,
    /// For another app's csv: kind of the entries
    #[arg(long, default_value = "growth")]
    pub kind: String,
    /// For another app's csv: COLUMN=FIELD; other columns are found by their names
    #[arg(long = "map", value_name = "COLUMN=FIELD")]
    pub maps: Vec<String>,
    /// Only show what would happen, row by row
    #[arg(long)]
    pub dry_run: bool,
    /// Take what can be taken, leave rows with problems out
    #[arg(long)]
    pub skip_problems: bool,
}

pub(crate) fn run(args: &GlobalArgs, options: &ImportOptions) -> Result<(), Failure> {
    let import = home::open(args)?.import();
    let bytes = read_file(&options.file)?;
    let by_name = options.file.extension().and_then(|e| e.to_str()).map(str::to_lowercase);
    let plan = match options.format.as_deref().or(by_name.as_deref()) {
        Some("json") => {
            let text = String::from_utf8(bytes)
                .map_err(|_| Failure::Input(format!("{}: not UTF-8 text", options.file.display())))?;
            import.plan_json(&text)?
        }
        Some("csv" | "tsv" | "txt") => {
            let notebook = options.notebook.ok_or_else(|| {
                Failure::Input("a table goes into a notebook: name it with --notebook NOTEBOOK".into())
            })?;
            let mut mapping = CsvMapping { kind: options.kind.clone(), columns: Vec::new() };
            for pair in &options.maps {
                mapping.map(pair)?;
            }
            import.plan_csv(notebook, &bytes, &mapping)?
        }
        _ => return Err(Failure::Input("what kind of file is it? Say it with --format json or --format csv".into())),
    };
    let mut value = plan_json(&plan, options.dry_run);
    let counts = format!(
        "add {}, update {}, already there {}, problems {}",
        plan.count("add"),
        plan.count("update"),
        plan.count("already_there"),
        plan.count("problem")
    );
    if options.dry_run {
        let mut lines: String = plan.rows.iter().map(|row| line(&plan, row)).collect();
        if !plan.ignored_columns.is_empty() {
            lines += &format!("columns not used: {}\n", plan.ignored_columns.join(", "));
        }
        return print(args, &value, || format!("{lines}{counts} (nothing was written)\n"));
    }
    value["written"] = import.apply(plan, options.skip_problems)?.into();
    print(args, &value, || format!("{counts}\n"))
}

fn plan_json(plan: &ImportPlan, rows: bool) -> Value {
    let row = |row: &ImportRow| {
        let mut value = json!({
            "row": row.row,
            "outcome": row.outcome.key(),
            "kind": row.kind,
            "on": row.on,
            "fields": plan.fields(row),
        });
        if let Outcome::Problem(why) = &row.outcome {
            value["problem"] = why.to_string().into();
        }
        value
    };
    let mut value = json!({
        "notebook": plan.notebook(),
        "add": plan.count("add"),
        "update": plan.count("update"),
        "already_there": plan.count("already_there"),
        "problems": plan.count("problem"),
        "ignored_columns": plan.ignored_columns,
    });
    if rows {
        value["rows"] = plan.rows.iter().map(row).collect();
    }
    value
}

fn line(plan: &ImportPlan, row: &ImportRow) -> String {
    let fields: Vec<String> = plan.fields(row).iter().map(|(key, value)| format!("{key}={value}")).collect();
    let on = row.on.map(|on| on.to_string()).unwrap_or_default();
    let why = match &row.outcome {
        Outcome::Problem(why) => why.to_string(),
        _ => String::new(),
    };
    format!("{:>5}  {:<13} {on} {} {}{why}\n", row.row, row.outcome.key(), row.kind, fields.join(" "))
}
