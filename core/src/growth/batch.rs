//! Scoring of whole tables: CSV in, CSV out, row by row, any size.
//!
//! The same rows come back in the same order with three more columns. A row that cannot be scored keeps its place
//! with an empty z and a note.

use std::io::{Read, Write};

use csv::{ByteRecord, ReaderBuilder, WriterBuilder};

use super::query::{Indicator, Note, Posture, Query};
use super::score::{Reference, score};
use crate::model::date::Gestation;
use crate::model::notebook::Sex;

/// Nobody lives who was born before 20 weeks: a shorter pregnancy is a slip.
const EARLIEST_BIRTH_DAYS: i64 = 20 * 7;

/// Why a table could not be scored at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// A column is missing.
    #[error("the table has no column \"{0}\"")]
    NoColumn(&'static str),
    /// The text is no CSV from this row on.
    #[error("row {0} is no CSV")]
    NotCsv(u64),
    /// Reading or writing failed.
    #[error("reading or writing failed: {0:?}")]
    Io(std::io::ErrorKind),
}

/// How many rows went through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BatchReport {
    /// All rows.
    pub rows: u64,
    /// Rows with a z-score.
    pub scored: u64,
}

#[derive(Debug, Clone, Copy)]
struct Columns {
    sex: usize,
    age: usize,
    indicator: usize,
    value: usize,
    stature: Option<usize>,
    posture: Option<usize>,
    gestation: Option<usize>,
}

impl Columns {
    fn of(header: &ByteRecord) -> Result<Self, BatchError> {
        let bare = |cell: &[u8]| String::from_utf8_lossy(cell).trim().trim_start_matches('\u{feff}').to_lowercase();
        let find = |name: &'static str| header.iter().position(|cell| bare(cell) == name);
        let need = |name: &'static str| find(name).ok_or(BatchError::NoColumn(name));
        Ok(Self {
            sex: need("sex")?,
            age: need("age_days")?,
            indicator: need("indicator")?,
            value: need("value")?,
            stature: find("stature_cm"),
            posture: find("posture"),
            gestation: find("gestation_days"),
        })
    }

    /// Reads a row, or says which column is wrong.
    fn query(&self, row: &ByteRecord) -> Result<Query, String> {
        let cell = |at: usize| row.get(at).unwrap_or_default().trim_ascii();
        let text = |at: usize| std::str::from_utf8(cell(at)).unwrap_or("?");
        let optional = |at: Option<usize>| at.map(text).filter(|text| !text.is_empty());
        let number = |name: &'static str, text: &str| {
            text.parse::<f64>().ok().filter(|n| n.is_finite()).ok_or_else(|| format!("bad_{name}"))
        };
        let bad = |name: &str| format!("bad_{name}");
        Ok(Query {
            sex: Sex::from_key(text(self.sex)).ok_or_else(|| bad("sex"))?,
            age_days: optional(Some(self.age)).map(|t| number("age_days", t)).transpose()?,
            indicator: Indicator::from_key(text(self.indicator)).ok_or_else(|| bad("indicator"))?,
            value: match text(self.value) {
                "" => f64::NAN,
                text => number("value", text)?,
            },
            stature_cm: optional(self.stature).map(|t| number("stature_cm", t)).transpose()?,
            posture: optional(self.posture).map(|t| Posture::from_key(t).ok_or_else(|| bad("posture"))).transpose()?,
            gestation: optional(self.gestation)
                .map(|t| {
                    let days =
                        t.parse().ok().filter(|days| *days >= EARLIEST_BIRTH_DAYS).and_then(Gestation::from_days);
                    days.ok_or_else(|| bad("gestation_days"))
                })
                .transpose()?,
        })
    }
}

/// Scores a table. Calls `progress` with the number of rows now and then.
pub fn score_csv(
    reference: Reference,
    input: impl Read,
    output: impl Write,
    progress: &mut dyn FnMut(u64),
) -> Result<BatchReport, BatchError> {
    let mut reader = ReaderBuilder::new().flexible(true).has_headers(true).buffer_capacity(1 << 16).from_reader(input);
    let mut writer = WriterBuilder::new().flexible(true).buffer_capacity(1 << 16).from_writer(output);
    let mut header = reader.byte_headers().map_err(|e| failed(&e, 0))?.clone();
    let columns = Columns::of(&header)?;
    let width = header.len();
    for name in ["z", "percentile", "note"] {
        header.push_field(name.as_bytes());
    }
    writer.write_byte_record(&header).map_err(|e| failed(&e, 0))?;
    let mut report = BatchReport::default();
    let mut row = ByteRecord::new();
    let mut number = Vec::with_capacity(32);
    while reader.read_byte_record(&mut row).map_err(|e| failed(&e, report.rows + 1))? {
        report.rows += 1;
        let scored = columns.query(&row).and_then(|q| score(reference, &q).map_err(|note| note.key().to_owned()));
        // A short row keeps its place: its missing cells come back empty.
        for _ in row.len()..width {
            row.push_field(b"");
        }
        row.truncate(width);
        match scored {
            Ok(found) => {
                report.scored += 1;
                for (value, decimals) in [(found.z, 4), (found.percentile, 3)] {
                    number.clear();
                    // No "-0.0000".
                    let value = if value.abs() < 5e-5 { 0.0 } else { value };
                    // Writing to a Vec cannot fail.
                    let _ = write!(number, "{value:.decimals$}");
                    row.push_field(&number);
                }
                let mut notes = found.notes.iter().flatten().map(|note| Note::key(*note));
                number.clear();
                if let Some(first) = notes.next() {
                    number.extend_from_slice(first.as_bytes());
                    for note in notes {
                        number.push(b' ');
                        number.extend_from_slice(note.as_bytes());
                    }
                }
                row.push_field(&number);
            }
            Err(note) => {
                row.push_field(b"");
                row.push_field(b"");
                row.push_field(note.as_bytes());
            }
        }
        writer.write_byte_record(&row).map_err(|e| failed(&e, report.rows))?;
        if report.rows.is_multiple_of(65_536) {
            progress(report.rows);
        }
    }
    writer.flush().map_err(|e| BatchError::Io(e.kind()))?;
    progress(report.rows);
    Ok(report)
}

fn failed(error: &csv::Error, row: u64) -> BatchError {
    match error.kind() {
        csv::ErrorKind::Io(io) => BatchError::Io(io.kind()),
        _ => BatchError::NotCsv(row),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(table: &str) -> Result<String, BatchError> {
        let mut out = Vec::new();
        score_csv(Reference::Who, table.as_bytes(), &mut out, &mut |_| ())?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn every_row_keeps_its_place() {
        let table = "\u{feff}id,sex,age_days,indicator,value,stature_cm,posture\n\
            a,female,365,lhfa,75.0,,\nb,female,365,lhfa,,,\nc,?,365,lhfa,75,,\nd,male,9999,wfa,10,,\n\
            e,male\nf,male,,wfl,7.5,65.0,\n\"g,x\",male,731,lhfa,87.8303,,lying\n";
        let out = run(table).unwrap();
        let rows: Vec<&str> = out.lines().collect();
        assert_eq!(
            rows[0].trim_start_matches('\u{feff}'),
            "id,sex,age_days,indicator,value,stature_cm,posture,z,percentile,note"
        );
        assert_eq!(rows[1], "a,female,365,lhfa,75.0,,,0.3865,65.044,");
        assert_eq!(rows[2], "b,female,365,lhfa,,,,,,value_missing");
        assert_eq!(rows[3], "c,?,365,lhfa,75,,,,,bad_sex");
        assert_eq!(rows[4], "d,male,9999,wfa,10,,,,,age_out_of_range");
        assert_eq!(rows[5], "e,male,,,,,,,,bad_indicator");
        assert!(rows[6].starts_with("f,male,,wfl,7.5,65.0,,"), "{}", rows[6]);
        assert_eq!(rows[7], "\"g,x\",male,731,lhfa,87.8303,,lying,0.0000,50.000,posture_adjusted");
        assert_eq!(rows.len(), 8);
    }

    #[test]
    fn a_table_without_its_columns_is_refused() {
        assert_eq!(run("sex,age_days,indicator\n"), Err(BatchError::NoColumn("value")));
    }
}
