//! `import`: a file into a notebook; with `--dry-run` only what would happen, row by row.

use ayumi_core::app::{
    CsvMapping, Error, Import, ImportPlan, ImportRow, KINDS, LeftOut, Locale, NotebookId, Outcome, Reason, texts,
};
use serde_json::{Value, json};
use std::path::PathBuf;

use crate::args::GlobalArgs;
use crate::args::value::notebook_id;
use crate::home;
use crate::output::{Failure, print, read_file};
use crate::words::{self, say};

#[derive(Debug, clap::Args)]
pub(crate) struct ImportOptions {
    pub file: PathBuf,
    /// Default: by the file's name; FHIR and SMART Health Cards are known by what is in them
    #[arg(long, value_name = "json|fhir|csv", value_parser = ["json", "fhir", "csv"])]
    pub format: Option<String>,
    /// For csv, and for FHIR that Ayumi did not write: the notebook to write into
    #[arg(long, value_parser = notebook_id)]
    pub notebook: Option<NotebookId>,
    /// For another app's csv: kind of the entries
    #[arg(long, default_value = "growth")]
    pub kind: String,
    /// For another app's csv: COLUMN=FIELD, or COLUMN=FIELD:UNIT; other columns are found by their names
    #[arg(long = "map", value_name = "COLUMN=FIELD[:UNIT]")]
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
    let locale = args.locale;
    let bytes = read_file(&options.file)?;
    let by_name = options.file.extension().and_then(|e| e.to_str()).map(str::to_lowercase);
    let fhir = || Import::looks_like_fhir(&bytes).then_some("fhir");
    let plan = match options.format.as_deref().or_else(fhir).or(by_name.as_deref()) {
        Some("fhir") => import.plan_fhir(options.notebook, &bytes)?,
        Some("json") => {
            let text = String::from_utf8(bytes).map_err(|_| {
                Failure::Wrong("{file}: not UTF-8 text", vec![("file", options.file.display().to_string())])
            })?;
            let plan = import.plan_json(&text)?;
            if options.notebook.is_some_and(|notebook| plan.notebook() != Some(notebook)) {
                return Err(Failure::Input("this file belongs to another notebook than --notebook names".into()));
            }
            plan
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
        _ => return Err(Failure::Input("what kind of file is it? Say it with --format".into())),
    };
    let mut value = plan_json(locale, &plan, options.dry_run);
    let [add, update, there, problems] =
        ["add", "update", "already_there", "problem"].map(|key| plan.count(key).to_string());
    let blanks = [("add", add.as_str()), ("update", &update), ("there", &there), ("problems", &problems)];
    let counts = say(locale, "import.counts", &blanks);
    let mut left_out: String = plan.left_out.iter().map(|left| left_out_line(locale, left)).collect();
    let no_unit = |row: &ImportRow| matches!(&row.outcome, Outcome::Problem(why) if why.reason == Reason::NoUnit);
    if plan.rows.iter().any(no_unit) {
        left_out += &words::said(args.locale, "say the unit of a column with --map, such as --map weight=weight:kg\n");
    }
    if options.dry_run {
        let lines: String = plan.rows.iter().map(|row| line(locale, &plan, row)).collect();
        let nothing = say(locale, "import.dry", &[]);
        return print(args, &value, || format!("{lines}{left_out}{counts} {nothing}\n"));
    }
    value["written"] = import.apply(plan, options.skip_problems)?.into();
    print(args, &value, || format!("{left_out}{counts}\n"))
}

fn plan_json(locale: Locale, plan: &ImportPlan, rows: bool) -> Value {
    let row = |row: &ImportRow| {
        let mut value = json!({
            "row": row.row,
            "outcome": row.outcome.key(),
            "kind": row.kind,
            "on": row.on,
            "fields": plan.fields(row),
        });
        match &row.outcome {
            Outcome::Problem(why) => {
                value["problem"] = said(locale, row).into();
                value["reason"] = why.reason.key().into();
            }
            Outcome::LeftOut(why) => {
                value["why"] = said(locale, row).into();
                value["reason"] = why.key().into();
            }
            _ => {}
        }
        value
    };
    let left = |left: &LeftOut| json!({"what": left.what, "rows": left.rows, "reason": left.why.key(), "why": left.why.words(locale)});
    let mut value = json!({
        "notebook": plan.notebook(),
        "add": plan.count("add"),
        "update": plan.count("update"),
        "already_there": plan.count("already_there"),
        "problems": plan.count("problem"),
        "ignored_columns": plan.ignored_columns(),
        "left_out": plan.left_out.iter().map(left).collect::<Vec<_>>(),
    });
    if rows {
        value["rows"] = plan.rows.iter().map(row).collect();
    }
    value
}

fn line(locale: Locale, plan: &ImportPlan, row: &ImportRow) -> String {
    let fields: Vec<String> =
        plan.fields(row).iter().map(|(key, value)| field(locale, &row.kind, key, value)).collect();
    let on = row.on.map(|on| on.to_string()).unwrap_or_default();
    let why = said(locale, row);
    let outcome = say(locale, &format!("import.{}", row.outcome.key()), &[]);
    let what: Vec<String> = fields.into_iter().chain([why]).filter(|part| !part.is_empty()).collect();
    let kind = if locale == Locale::En { row.kind.clone() } else { texts::kind_label(&row.kind, locale) };
    format!("{:>5}  {outcome:<13} {on} {kind} {}\n", row.row, what.join(" "))
}

/// A field and its value as a person reads them: `体重=7.35kg`. In English by the keys that `--map` takes.
fn field(locale: Locale, kind: &str, key: &str, value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if locale == Locale::En {
        return format!("{key}={text}");
    }
    let def = KINDS.iter().find(|known| known.id == kind).and_then(|known| known.field(key));
    let shown = match def {
        Some(def) if def.field_type.options().contains(&text.as_str()) => texts::option_label(kind, key, &text, locale),
        Some(def) => format!("{text}{}", def.field_type.unit()),
        None => text,
    };
    format!("{}={shown}", texts::field_label(kind, key, locale))
}

/// Why a row is not taken; empty if it is.
fn said(locale: Locale, row: &ImportRow) -> String {
    match (&row.outcome, row.exactly) {
        (Outcome::Problem(_) | Outcome::LeftOut(_), Some(exactly)) => exactly.to_owned(),
        (Outcome::Problem(why), None) => words::error(locale, &Error::from(why.clone())),
        (Outcome::LeftOut(why), None) => why.words(locale).to_owned(),
        _ => String::new(),
    }
}

fn left_out_line(locale: Locale, left: &LeftOut) -> String {
    let rows = left.rows.to_string();
    let key = if left.rows == 0 { "import.left_out_column" } else { "import.left_out_rows" };
    let blanks = [("what", left.what.as_str()), ("rows", &rows), ("why", left.why.words(locale))];
    format!("{}\n", say(locale, key, &blanks))
}
