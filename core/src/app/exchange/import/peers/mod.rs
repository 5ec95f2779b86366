//! Files of other apps that are known by their own form. Where each form was seen: `fixtures/README.md`.
//!
//! A reader of one app is a pure function: it makes a list of what the file tells, each with its row. What there is no kind of
//! entry for is counted and told, never dropped in silence.

mod baby_buddy;
mod huckleberry;
mod nara;
mod piyolog;

use super::csv::Planner;
use super::plan::{ImportPlan, LeftOut};
use super::table::{Row, Table, decode};
use crate::app::error::Result;
use crate::app::records::entries::NewEntry;
use crate::model::times::read_day_and_time;
use crate::model::value::TIME;
use crate::model::{Invalid, Reason};

/// What one row of a peer's file tells.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Told {
    pub(super) row: u64,
    pub(super) what: What,
}

/// An entry, or something that there is no place for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum What {
    /// An entry: its kind, its day, its fields as typed.
    Entry { kind: &'static str, on: String, fields: Vec<(&'static str, String)> },
    /// Something of this name that is left out.
    LeftOut(String, Reason),
    /// A row whose cells cannot be told apart.
    Problem(Invalid),
}

/// A known app's table: how it is told from others, and how it is read.
struct Peer {
    is_one: fn(&Table) -> bool,
    read: fn(&Table) -> Vec<Told>,
}

const TABLES: [Peer; 3] = [
    Peer { is_one: huckleberry::is_one, read: huckleberry::read },
    Peer { is_one: nara::is_one, read: nara::read },
    Peer { is_one: baby_buddy::is_one, read: baby_buddy::read },
];

/// What a file tells, if it is of a known app.
pub(super) fn told(bytes: &[u8]) -> Option<Vec<Told>> {
    let text = decode(bytes).ok()?;
    if piyolog::is_one(&text) {
        return Some(piyolog::read(&text));
    }
    let table = Table::read(bytes).ok()?;
    let peer = TABLES.iter().find(|peer| (peer.is_one)(&table))?;
    let trouble = |row: &Row| Some(Told { row: row.number, what: What::Problem(row.trouble()?) });
    let mut told: Vec<Told> = table.rows.iter().filter_map(trouble).collect();
    let damaged: Vec<u64> = told.iter().map(|told| told.row).collect();
    told.extend((peer.read)(&table).into_iter().filter(|told| !damaged.contains(&told.row)));
    told.sort_by_key(|told| told.row);
    Some(told)
}

/// Plans what a file tells.
pub(super) fn plan(mut planner: Planner<'_>, told: Vec<Told>) -> Result<ImportPlan> {
    for Told { row, what } in told {
        match what {
            What::Entry { kind, on, fields } => {
                let fields: Vec<(&str, &str)> =
                    fields.iter().map(|(key, text)| (*key, text.trim())).filter(|(_, text)| !text.is_empty()).collect();
                let new = NewEntry::typed(planner.found.id, kind, &on, &fields);
                planner.take(row, kind, new)?;
            }
            What::LeftOut(name, why) => leave(&mut planner, name, why),
            What::Problem(why) => planner.refuse(row, "", why),
        }
    }
    Ok(planner.plan)
}

/// Counts what is left out, by its name.
fn leave(planner: &mut Planner<'_>, what: String, why: Reason) {
    match planner.plan.left_out.iter_mut().find(|left| left.what == what && left.why == why) {
        Some(left) => left.rows += 1,
        None => planner.plan.left_out.push(LeftOut { what, rows: 1, why }),
    }
}

/// The columns of a table by their names.
struct Columns<'a> {
    table: &'a Table,
}

impl<'a> Columns<'a> {
    fn place(&self, name: &str) -> Option<usize> {
        self.table.header.iter().position(|cell| cell.trim() == name)
    }

    /// A row's cell; empty where there is none.
    fn cell(&self, row: &'a Row, name: &str) -> &'a str {
        self.place(name).map_or("", |at| row.cell(at)).trim()
    }
}

fn has_all(table: &Table, names: &[&str]) -> bool {
    let columns = Columns { table };
    names.iter().all(|name| columns.place(name).is_some())
}

/// Day and time of a cell, as text to be read; a cell that is none stays, so that the error shows it.
fn moment(cell: &str) -> (String, String) {
    match read_day_and_time(cell) {
        Some((day, time)) => (day.to_string(), time.map_or_else(String::new, |time| time.format(TIME).to_string())),
        None => (cell.to_owned(), String::new()),
    }
}

/// An amount and its unit; nothing without a number. A number without a unit stays one that cannot be read.
fn amount(number: &str, unit: &str) -> String {
    match (number.is_empty(), unit.is_empty()) {
        (true, _) => String::new(),
        (false, true) => format!("{number} (unit?)"),
        (false, false) => format!("{number} {unit}"),
    }
}

#[cfg(test)]
mod tests;
