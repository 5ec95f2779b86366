//! `growth`: show, chart, score.

use ayumi_core::app::{BatchError, GrowthQuestion, Measure, Measurement, NotebookId, Reference, score_csv, texts};
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::args::GlobalArgs;
use crate::args::value::{measure, notebook_id, reference};
use crate::home;
use crate::output::{Failure, hint, not_own, print, private_file, progress, write_file};
use crate::words;
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum GrowthCommand {
    /// Measurements with z-score, percentile and plain words
    #[command(after_help = "Example:\n  ayumi --json growth show NOTEBOOK --reference who")]
    Show {
        #[arg(value_parser = notebook_id)]
        notebook: NotebookId,
        #[arg(long, default_value = "jp2023", value_parser = reference, value_name = "jp2023|jp2000|who")]
        reference: Reference,
    },
    /// Draw a chart
    #[command(after_help = "Example:\n  ayumi growth chart NOTEBOOK --measure weight --svg weight.svg")]
    Chart {
        #[arg(value_parser = notebook_id)]
        notebook: NotebookId,
        #[arg(long, value_parser = measure, value_name = "weight|length|head|bmi")]
        measure: Measure,
        #[arg(long, value_name = "FILE")]
        svg: PathBuf,
        #[arg(long, default_value = "jp2023", value_parser = reference, value_name = "jp2023|jp2000|who")]
        reference: Reference,
    },
    /// Score a table, any size: CSV in, CSV out, the same rows with z, percentile, note
    #[command(
        after_help = "Columns: sex (female|male), age_days, indicator (wfa|lhfa|bfa|hcfa|acfa|wfl|wfh), value, [stature_cm],\n\
                      [posture lying|standing], [gestation_days]\n\n\
                      Born before 37 weeks: corrected age, until it is two years (WHO) or three (Japan). WHO: 2006 to five years, 2007 to 19 (weight to ten).\n\
                      Curves for Down syndrome and other courses of their own are not here.\n\nExample:\n  ayumi growth score --reference who --in in.csv --out out.csv"
    )]
    Score {
        #[arg(long, value_parser = reference, value_name = "who|jp2000|jp2023")]
        reference: Reference,
        /// Default: stdin
        #[arg(long = "in", value_name = "FILE")]
        input: Option<PathBuf>,
        /// Default: stdout
        #[arg(long = "out", value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

pub(crate) fn run(args: &GlobalArgs, command: &GrowthCommand) -> Result<(), Failure> {
    match command {
        GrowthCommand::Show { notebook, reference } => {
            let measurements = home::open(args)?.growth().measurements(*notebook, *reference)?;
            let values: Vec<Value> = measurements.iter().map(measurement_json).collect();
            print(args, &Value::from(values), || {
                measurements.iter().map(|measurement| line(args, measurement)).collect()
            })
        }
        GrowthCommand::Chart { notebook, measure, svg, reference } => {
            let drawn = home::open(args)?.export().svg(*notebook, *measure, *reference)?;
            write_file(svg, drawn.as_bytes())?;
            print(args, &json!({"svg": svg}), || format!("{}\n", svg.display()))
        }
        GrowthCommand::Score { reference, input, output } => {
            score(args, *reference, input.as_deref(), output.as_deref())
        }
    }
}

fn rounded(value: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    (value * scale).round() / scale
}

fn measurement_json(measurement: &Measurement) -> Value {
    let mut value = json!({
        "on": measurement.on,
        "measure": measurement.measure.key(),
        "value": rounded(measurement.value, 3),
        "unit": measurement.measure.unit(),
        "age_days": measurement.age_days,
        "reading": measurement.reading,
        "reading_key": measurement.reading_key,
        "notes": measurement.notes.iter().map(|note| note.key()).collect::<Vec<_>>(),
    });
    if let Some(days) = measurement.corrected_age_days {
        value["corrected_age_days"] = days.into();
    }
    if let Some(baby) = measurement.baby {
        value["baby"] = baby.into();
    }
    if let Some(question) = &measurement.question {
        value["question"] = question_json(question);
    }
    if let (Some(z), Some(percentile), Some(reference)) =
        (measurement.z, measurement.percentile, measurement.reference.as_deref())
    {
        value["z"] = rounded(z, 4).into();
        value["percentile"] = rounded(percentile, 2).into();
        value["reference"] = reference.into();
        value["age_used"] = if measurement.corrected_age_days.is_some() { "corrected" } else { "chronological" }.into();
    }
    value
}

/// A value that is asked back, in JSON.
pub(super) fn question_json(question: &GrowthQuestion) -> Value {
    let mut value = json!({"measure": question.measure.key(), "given": question.given, "unit": question.measure.unit(), "words": question.words});
    if let (Some(likely), Some(slip)) = (question.likely, question.slip) {
        (value["likely"], value["slip"]) = (likely.into(), slip.key().into());
    }
    if let Some(beside) = &question.beside {
        value["beside"] = json!({"on": beside.on, "value": beside.value});
    }
    value
}

fn line(args: &GlobalArgs, measurement: &Measurement) -> String {
    let label = texts::growth(&format!("measure.{}", measurement.measure.key()), args.locale);
    format!(
        "{}  {label} {:.*} {}  {}\n",
        measurement.on,
        measurement.measure.places(),
        measurement.value,
        measurement.measure.sign(),
        measurement.reading
    )
}

fn score(args: &GlobalArgs, reference: Reference, input: Option<&Path>, output: Option<&Path>) -> Result<(), Failure> {
    let open = |path: &Path| File::open(path).map_err(|e| Failure::File(path.display().to_string(), e.kind()));
    let source: Box<dyn Read> = match input {
        Some(path) => Box::new(BufReader::new(open(path)?)),
        None => Box::new(std::io::stdin().lock()),
    };
    let bar = progress(None);
    let mut tell = |rows: u64| {
        bar.set_position(rows);
    };
    let failed = |error: BatchError| match error {
        BatchError::Io(std::io::ErrorKind::BrokenPipe) => Failure::Silent(0),
        BatchError::Io(kind) => Failure::File("growth score".into(), kind),
        BatchError::NoColumn(name) => {
            Failure::Wrong("the table has no column \"{name}\"", vec![("name", name.to_owned())])
        }
        BatchError::NotCsv(row) => Failure::Wrong("row {row} is no CSV", vec![("row", row.to_string())]),
    };
    let Some(path) = output else {
        score_csv(reference, source, std::io::stdout().lock(), &mut tell).map_err(failed)?;
        bar.finish_and_clear();
        return Ok(());
    };
    not_own(path)?;
    // Into a neighbour first: half a table never stands under the name that was asked for.
    let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
    let file = private_file(&temporary).map_err(|e| Failure::File(path.display().to_string(), e.kind()))?;
    let scored = score_csv(reference, source, BufWriter::new(file), &mut tell);
    bar.finish_and_clear();
    let report = match scored {
        Ok(report) => report,
        Err(error) => {
            let _ = std::fs::remove_file(&temporary);
            return Err(failed(error));
        }
    };
    std::fs::rename(&temporary, path).map_err(|e| Failure::File(path.display().to_string(), e.kind()))?;
    if args.json {
        return print(args, &json!({"rows": report.rows, "scored": report.scored}), String::new);
    }
    let (rows, scored) = (report.rows.to_string(), report.scored.to_string());
    hint(&words::tell(args.locale, "{rows} rows, {scored} scored", &[("rows", &rows), ("scored", &scored)]));
    std::io::stdout().flush().map_err(|e| Failure::File("stdout".into(), e.kind()))
}
