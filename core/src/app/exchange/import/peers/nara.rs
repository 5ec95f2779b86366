//! Nara's table: one row for each thing, columns named by type, a unit beside each amount.

use super::super::table::{Row, Table};
use super::told::{Columns, Told, Units, What, moment};
use crate::model::Reason;
use crate::model::kind::Record;
use crate::model::kinds::{Feeding, Growth, Sleep};

/// What is read of it; the epoch and the key say nothing more than the row.
pub(super) const READS: [&str; 23] = [
    "Type",
    "Profile Name",
    "Start Date/time",
    "Start Date/time (Epoch)",
    "Note",
    "[Bottle Feed] Type",
    "[Bottle Feed] Breast Milk Volume",
    "[Bottle Feed] Breast Milk Volume Unit",
    "[Bottle Feed] Formula Volume",
    "[Bottle Feed] Formula Volume Unit",
    "[Bottle Feed] Volume",
    "[Bottle Feed] Volume Unit",
    "[Breastfeed] Left Duration (Seconds)",
    "[Breastfeed] Right Duration (Seconds)",
    "[Solid Feed] Food",
    "[Sleep] End Date/time",
    "[Growth] Weight",
    "[Growth] Weight Unit",
    "[Growth] Height",
    "[Growth] Height Unit",
    "[Growth] Head Size",
    "[Growth] Head Size Unit",
    "_activityKey",
];

pub(super) fn is_one(table: &Table) -> bool {
    table.has_all(&["Type", "Start Date/time", "Start Date/time (Epoch)", "_activityKey"])
}

/// Columns of amounts, and the field that each goes into, where no unit stands beside one.
pub(super) const AMOUNTS: [(&str, &str); 6] = [
    ("[Bottle Feed] Breast Milk Volume", "amount_ml"),
    ("[Bottle Feed] Formula Volume", "amount_ml"),
    ("[Bottle Feed] Volume", "amount_ml"),
    ("[Growth] Weight", "weight"),
    ("[Growth] Height", "length"),
    ("[Growth] Head Size", "head"),
];

pub(super) fn read(table: &Table, units: &Units) -> Vec<Told> {
    let columns = Columns { table, units };
    table
        .rows
        .iter()
        .flat_map(|row| one(&columns, row).into_iter().map(|what| Told { row: row.number, what }))
        .collect()
}

/// What a row tells: two entries where a bottle held two things.
fn one(columns: &Columns<'_>, row: &Row) -> Vec<What> {
    let cell = |name: &str| columns.table.cell(row, name).to_owned();
    let with_unit = |name: &str| columns.amount(row, name, &unit(&cell(&format!("{name} Unit"))));
    let (on, at) = moment(&cell("Start Date/time"));
    let note = ("note", cell("Note"));
    let entry = |kind, fields| What::Entry { kind, on: on.clone(), fields };
    let feed = |what: &str, key, text: String| {
        entry(Feeding::KIND.id, vec![("at", at.clone()), ("what", what.to_owned()), (key, text), note.clone()])
    };
    match cell("Type").as_str() {
        "Bottle Feed" => {
            let parts =
                [("expressed", "[Bottle Feed] Breast Milk Volume"), ("formula", "[Bottle Feed] Formula Volume")];
            let known: Vec<What> = parts
                .iter()
                .map(|(what, name)| (what, with_unit(name)))
                .filter(|(_, text)| !text.is_empty())
                .map(|(what, text)| feed(what, "amount_ml", text))
                .collect();
            let what = match cell("[Bottle Feed] Type").as_str() {
                "Formula" => "formula",
                "Breast Milk" => "expressed",
                _ => "other",
            };
            let whole = || vec![feed(what, "amount_ml", with_unit("[Bottle Feed] Volume"))];
            if known.is_empty() { whole() } else { known }
        }
        "Breastfeed" => {
            let sides = ["[Breastfeed] Left Duration (Seconds)", "[Breastfeed] Right Duration (Seconds)"];
            let seconds = sides.iter().filter_map(|side| cell(side).parse::<f64>().ok()).sum::<f64>();
            let minutes = if seconds > 0.0 { format!("{seconds} s") } else { String::new() };
            vec![feed("breast", "minutes", minutes)]
        }
        "Solid Feed" => {
            let words = [cell("[Solid Feed] Food"), note.1.clone()];
            let words: Vec<&str> = words.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
            let fields = vec![("at", at.clone()), ("what", "weaning_food".to_owned()), ("note", words.join(" / "))];
            vec![entry(Feeding::KIND.id, fields)]
        }
        "Sleep" => {
            let to = moment(&cell("[Sleep] End Date/time")).1;
            vec![entry(Sleep::KIND.id, vec![("from", at.clone()), ("to", to), note.clone()])]
        }
        "Growth" => {
            let fields = vec![
                ("weight", with_unit("[Growth] Weight")),
                ("length", with_unit("[Growth] Height")),
                ("head", with_unit("[Growth] Head Size")),
                note.clone(),
            ];
            vec![entry(Growth::KIND.id, fields)]
        }
        other => vec![What::LeftOut(other.to_owned(), Reason::NoPlaceHere)],
    }
}

/// `FLOZ` and `FL_OZ` are fluid ounces.
fn unit(name: &str) -> String {
    name.to_lowercase().replace(['_', ' '], "")
}
