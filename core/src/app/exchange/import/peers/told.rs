//! What the files of other apps tell, row by row, and how their cells are read.

use std::collections::BTreeMap;

use crate::app::exchange::import::table::{Row, Table};
use crate::model::times::read_day_and_time;
use crate::model::value::TIME;
use crate::model::{Invalid, Reason};

/// What one row of a peer's file tells.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Told {
    pub(super) row: u64,
    pub(super) what: What,
}

/// An entry, or something that there is no place for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum What {
    /// An entry: its kind, its day, its fields as typed.
    Entry { kind: &'static str, on: String, fields: Vec<(&'static str, String)> },
    /// Something of this name that is left out.
    LeftOut(String, Reason),
    /// A whole column of this name that there is no place for.
    Column(String),
    /// A row whose cells cannot be told apart.
    Problem(Invalid),
}

/// The columns of a table by their names, and the units that the person said of them.
pub(super) struct Columns<'a> {
    pub(super) table: &'a Table,
    pub(super) units: &'a Units,
}

/// Units of columns that the file does not say, by the column's name.
pub(super) type Units = BTreeMap<String, String>;

impl Columns<'_> {
    /// A row's amount in the unit that the file says; else in the one that the person says.
    pub(super) fn amount(&self, row: &Row, name: &str, unit: &str) -> String {
        let told = self.units.get(name).map_or("", String::as_str);
        amount(self.table.cell(row, name), if unit.is_empty() { told } else { unit })
    }
}

/// Day and time of a cell, as text to be read; a cell that is none stays, so that the error shows it.
pub(super) fn moment(cell: &str) -> (String, String) {
    match read_day_and_time(cell) {
        Some((day, time)) => (day.to_string(), time.map_or_else(String::new, |time| time.format(TIME).to_string())),
        None => (cell.to_owned(), String::new()),
    }
}

/// What stands behind a number whose unit nobody has said: it cannot be read.
const NO_UNIT: &str = " (unit?)";

/// An amount and its unit; nothing without a number.
fn amount(number: &str, unit: &str) -> String {
    match (number.is_empty(), unit.is_empty()) {
        (true, _) => String::new(),
        (false, true) => format!("{number}{NO_UNIT}"),
        (false, false) => format!("{number} {unit}"),
    }
}

/// Why an entry's fields cannot be read, if one of them has no unit.
pub(super) fn without_unit(fields: &[(&str, &str)]) -> Option<Invalid> {
    let (key, number) = fields.iter().find_map(|(key, text)| Some((*key, text.strip_suffix(NO_UNIT)?)))?;
    let allowed = format!("a unit, which the file does not say: --map COLUMN={key}:UNIT");
    Some(Invalid::new(key, number, allowed).because(Reason::NoUnit))
}
