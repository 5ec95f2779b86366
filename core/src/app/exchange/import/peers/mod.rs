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
use super::table::{Table, decode};
use crate::app::error::Result;
use crate::app::records::entries::NewEntry;
use crate::model::Reason;
use crate::model::times::read_day_and_time;
use crate::model::value::TIME;

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
}

/// A table's form, by its header.
type Reader = fn(&Table) -> Vec<Told>;

/// The plan for a file that is of a known app; `None` for any other.
pub(super) fn plan<'a>(mut planner: Planner<'a>, bytes: &[u8]) -> Result<std::result::Result<ImportPlan, Planner<'a>>> {
    let Ok(text) = decode(bytes) else { return Ok(Err(planner)) };
    if piyolog::is_one(&text) {
        return take(&mut planner, piyolog::read(&text)).map(|()| Ok(planner.plan));
    }
    let Ok(table) = Table::read(bytes) else { return Ok(Err(planner)) };
    let known: [(fn(&Table) -> bool, Reader); 3] =
        [(huckleberry::is_one, huckleberry::read), (nara::is_one, nara::read), (baby_buddy::is_one, baby_buddy::read)];
    let Some((_, read)) = known.iter().find(|(is_one, _)| is_one(&table)) else { return Ok(Err(planner)) };
    for row in &table.rows {
        if let Some(why) = row.trouble() {
            planner.refuse(row.number, "", why);
        }
    }
    let damaged: Vec<u64> = planner.plan.rows.iter().map(|row| row.row).collect();
    let told = read(&table).into_iter().filter(|told| !damaged.contains(&told.row)).collect();
    take(&mut planner, told)?;
    planner.plan.rows.sort_by_key(|row| row.row);
    Ok(Ok(planner.plan))
}

fn take(planner: &mut Planner<'_>, told: Vec<Told>) -> Result<()> {
    for Told { row, what } in told {
        match what {
            What::Entry { kind, on, fields } => {
                let fields: Vec<(&str, &str)> =
                    fields.iter().map(|(key, text)| (*key, text.trim())).filter(|(_, text)| !text.is_empty()).collect();
                planner.take(row, kind, NewEntry::typed(planner.found.id, kind, &on, &fields))?;
            }
            What::LeftOut(name, why) => leave(planner, name, why),
        }
    }
    Ok(())
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
    fn cell(&self, row: &'a super::table::Row, name: &str) -> &'a str {
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
