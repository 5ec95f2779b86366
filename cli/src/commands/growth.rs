//! `growth`: show, chart, score.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::Path;

use ayumi_core::app::Measurement;
use ayumi_core::growth::Reference;
use ayumi_core::growth::batch::{BatchError, score_csv};
use ayumi_core::texts;
use serde_json::{Value, json};

use crate::args::{Args, GrowthCommand};
use crate::home;
use crate::output::{Failure, hint, print, progress, write_file};

pub(crate) fn run(args: &Args, command: &GrowthCommand) -> Result<(), Failure> {
    match command {
        GrowthCommand::Show { notebook, reference } => {
            let found = home::open(args)?.growth().measurements(*notebook, *reference)?;
            let values: Vec<Value> = found.iter().map(told).collect();
            print(args, &Value::from(values), || found.iter().map(|one| line(args, one)).collect())
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

fn told(one: &Measurement) -> Value {
    let mut value = json!({
        "on": one.on,
        "measure": one.measure.key(),
        "value": rounded(one.value, 3),
        "unit": one.measure.unit(),
        "age_days": one.age_days,
        "reading": one.reading,
        "notes": one.notes.iter().map(|note| note.key()).collect::<Vec<_>>(),
    });
    if let Some(days) = one.corrected_age_days {
        value["corrected_age_days"] = days.into();
    }
    if let (Some(z), Some(percentile), Some(reference)) = (one.z, one.percentile, one.reference.as_deref()) {
        value["z"] = rounded(z, 4).into();
        value["percentile"] = rounded(percentile, 2).into();
        value["reference"] = reference.into();
        value["age_used"] = if one.corrected_age_days.is_some() { "corrected" } else { "chronological" }.into();
    }
    value
}

fn line(args: &Args, one: &Measurement) -> String {
    let label = texts::growth(&format!("measure.{}", one.measure.key()), args.locale);
    format!("{}  {label} {} {}  {}\n", one.on, rounded(one.value, 3), one.measure.unit(), one.reading)
}

fn score(args: &Args, reference: Reference, input: Option<&Path>, output: Option<&Path>) -> Result<(), Failure> {
    let open = |path: &Path| File::open(path).map_err(|e| Failure::File(path.display().to_string(), e.kind()));
    let source: Box<dyn Read> = match input {
        Some(path) => Box::new(BufReader::new(open(path)?)),
        None => Box::new(std::io::stdin().lock()),
    };
    let bar = progress(None);
    let mut tell = |rows: u64| {
        bar.set_message(format!("{rows} rows"));
        bar.set_position(rows);
    };
    let failed = |error: BatchError| match error {
        BatchError::Io(std::io::ErrorKind::BrokenPipe) => Failure::Silent(0),
        BatchError::Io(kind) => Failure::File("growth score".into(), kind),
        other => Failure::Input(other.to_string()),
    };
    let Some(path) = output else {
        score_csv(reference, source, std::io::stdout().lock(), &mut tell).map_err(failed)?;
        bar.finish_and_clear();
        return Ok(());
    };
    // Into a neighbour first: half a table never stands under the name that was asked for.
    let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
    let file = File::create(&temporary).map_err(|e| Failure::File(path.display().to_string(), e.kind()))?;
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
    hint(&format!("{} rows, {} scored", report.rows, report.scored));
    std::io::stdout().flush().map_err(|e| Failure::File("stdout".into(), e.kind()))
}
