//! Huckleberry's table: one row for each thing, eight columns that mean something else for each type.

use super::super::table::Table;
use super::told::{Columns, Told, Units, What, moment};
use crate::model::Reason;
use crate::model::kind::Record;
use crate::model::kinds::{Feeding, Growth, Sleep, Temperature};

const HEADER: [&str; 7] = ["Type", "Start", "End", "Duration", "Start Condition", "Start Location", "End Condition"];

/// All that it has.
pub(super) const READS: [&str; 8] =
    ["Type", "Start", "End", "Duration", "Start Condition", "Start Location", "End Condition", "Notes"];

pub(super) fn is_one(table: &Table) -> bool {
    table.has_all(&HEADER)
}

pub(super) fn read(table: &Table, units: &Units) -> Vec<Told> {
    let columns = Columns { table, units };
    let row = |row| {
        let cell = |name| columns.table.cell(row, name);
        let (on, at) = moment(cell("Start"));
        let (start, place, end) = (cell("Start Condition"), cell("Start Location"), cell("End Condition"));
        let note = ("note", cell("Notes").to_owned());
        let entry = |kind, fields| What::Entry { kind, on: on.clone(), fields };
        let what = match cell("Type") {
            "Feed" if place == "Breast" => {
                let whole = minutes(cell("Duration"));
                let sides = || [start, end].iter().filter_map(|side| of_side(side)).reduce(|a, b| a + b);
                let seconds = sides().filter(|_| whole.is_empty()).map(|seconds| format!("{seconds} s"));
                let fields = vec![("at", at), ("what", "breast".into()), ("minutes", seconds.unwrap_or(whole)), note];
                entry(Feeding::KIND.id, fields)
            }
            "Feed" => {
                let what = match start.to_lowercase().as_str() {
                    "formula" => "formula",
                    "breast milk" => "expressed",
                    _ => "other",
                };
                entry(Feeding::KIND.id, vec![("at", at), ("what", what.into()), ("amount_ml", end.into()), note])
            }
            "Solids" => {
                let words = [start, end, note.1.as_str()].into_iter().filter(|text| !text.is_empty());
                let note = ("note", words.collect::<Vec<_>>().join(" / "));
                entry(Feeding::KIND.id, vec![("at", at), ("what", "weaning_food".into()), note])
            }
            "Sleep" => entry(Sleep::KIND.id, vec![("from", at), ("to", moment(cell("End")).1), note]),
            "Growth" => {
                let fields = vec![("weight", start.into()), ("length", place.into()), ("head", end.into()), note];
                entry(Growth::KIND.id, fields)
            }
            "Temp" => entry(Temperature::KIND.id, vec![("at", at), ("value", start.into()), note]),
            other => What::LeftOut(other.to_owned(), Reason::NoPlaceHere),
        };
        Told { row: row.number, what }
    };
    table.rows.iter().map(row).collect()
}

/// `00:06R` is six minutes at the right side, in seconds.
fn of_side(text: &str) -> Option<u32> {
    let (hours, minutes) = text.trim_end_matches(['R', 'L']).split_once(':')?;
    let minutes = hours.parse::<u32>().ok()?.checked_mul(60)?.checked_add(minutes.parse().ok()?)?;
    minutes.checked_mul(60)
}

/// `0:10` is ten minutes.
fn minutes(duration: &str) -> String {
    let read = duration.split_once(':').and_then(|(hours, minutes)| {
        Some(hours.parse::<u32>().ok()?.checked_mul(60)?.checked_add(minutes.get(..2)?.parse().ok()?)?.to_string())
    });
    read.unwrap_or_else(|| duration.to_owned())
}
