//! What the files of other apps tell, row by row, and how their cells are read.

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

/// The columns of a table by their names.
pub(super) struct Columns<'a> {
    pub(super) table: &'a Table,
}

impl<'a> Columns<'a> {
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.table.header.iter().position(|cell| cell.trim() == name)
    }

    /// A row's cell; empty where there is none.
    pub(super) fn cell(&self, row: &'a Row, name: &str) -> &'a str {
        self.place(name).map_or("", |at| row.cell(at)).trim()
    }
}

pub(super) fn has_all(table: &Table, names: &[&str]) -> bool {
    let columns = Columns { table };
    names.iter().all(|name| columns.place(name).is_some())
}

/// Day and time of a cell, as text to be read; a cell that is none stays, so that the error shows it.
pub(super) fn moment(cell: &str) -> (String, String) {
    match read_day_and_time(cell) {
        Some((day, time)) => (day.to_string(), time.map_or_else(String::new, |time| time.format(TIME).to_string())),
        None => (cell.to_owned(), String::new()),
    }
}

/// An amount and its unit; nothing without a number. A number without a unit stays one that cannot be read.
pub(super) fn amount(number: &str, unit: &str) -> String {
    match (number.is_empty(), unit.is_empty()) {
        (true, _) => String::new(),
        (false, true) => format!("{number} (unit?)"),
        (false, false) => format!("{number} {unit}"),
    }
}
