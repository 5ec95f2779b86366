//! Files of other apps that are known by their own form. Where each form was seen: `fixtures/README.md`.
//!
//! A reader of one app is a pure function: it makes a list of what the file tells, each with its row. What there is no kind of
//! entry for is counted and told, never dropped in silence.

mod baby_buddy;
mod children;
mod huckleberry;
mod nara;
mod piyolog;
mod told;

use std::collections::BTreeSet;

use super::mapping::CsvMapping;
use super::plan::{ImportPlan, LeftOut};
use super::planner::Planner;
use super::table::{Row, Table};
use crate::app::error::Result;
use crate::app::records::entries::NewEntry;
use crate::app::view::NotebookView;
use crate::model::{Reason, is_unit};
use told::{Told, Units, What};

/// A known app's table: how it is told from others, and how it is read.
struct Peer {
    is_one: fn(&Table) -> bool,
    read: fn(&Table, &Units) -> Vec<Told>,
    /// The columns of amounts whose unit the file may not say, and the field that each goes into.
    amounts: &'static [(&'static str, &'static str)],
    /// The columns that it looks at, or that only number the rows; what stands in another one is told.
    reads: &'static [&'static str],
    /// The columns that say which child a row is about.
    children: &'static [&'static str],
}

const TABLES: [Peer; 3] = [
    Peer {
        is_one: huckleberry::is_one,
        read: huckleberry::read,
        amounts: &[],
        reads: &huckleberry::READS,
        children: &[],
    },
    Peer {
        is_one: nara::is_one,
        read: nara::read,
        amounts: &nara::AMOUNTS,
        reads: &nara::READS,
        children: &["Profile Name"],
    },
    Peer {
        is_one: baby_buddy::is_one,
        read: baby_buddy::read,
        amounts: &baby_buddy::AMOUNTS,
        reads: &baby_buddy::READS,
        children: &["child_id", "child_first_name"],
    },
];

/// What a log in plain text tells a child's notebook, if it is of a known app.
pub(super) fn told_by_log(text: &str, notebook: &NotebookView, mapping: &CsvMapping) -> Option<Vec<Told>> {
    if !piyolog::is_one(text) || !mapping.columns.is_empty() {
        return None;
    }
    Some(children::of_this_age(piyolog::read(text), piyolog::born(text), notebook))
}

/// What a table tells a child's notebook, if it is of a known app, and if the person says no more of its columns than their units.
pub(super) fn told_by_table(table: &Table, notebook: &NotebookView, mapping: &CsvMapping) -> Option<Vec<Told>> {
    let peer = TABLES.iter().find(|peer| (peer.is_one)(table))?;
    let units: Units =
        mapping.columns.iter().map(|(column, said)| unit_of(peer, column, said)).collect::<Option<_>>()?;
    let trouble = |row: &Row| Some(Told { row: row.number, what: What::Problem(row.trouble()?) });
    let mut told: Vec<Told> = table.rows.iter().filter_map(trouble).collect();
    let damaged: Vec<u64> = told.iter().map(|told| told.row).collect();
    told.extend((peer.read)(table, &units).into_iter().filter(|told| !damaged.contains(&told.row)));
    told.sort_by_key(|told| told.row);
    let unread = unread(table, peer.reads, &told);
    let mut told = children::of_this_name(told, table, peer.children, &notebook.name);
    told.extend(unread);
    Some(told)
}

/// The unit that the person says of a column: `weight=weight:kg`, and no other field than the app's own.
fn unit_of(peer: &Peer, column: &str, said: &str) -> Option<(String, String)> {
    let (field, unit) = said.rsplit_once(':').filter(|(_, unit)| is_unit(unit))?;
    let known = peer.amounts.iter().any(|(name, key)| *name == column && *key == field);
    known.then(|| (column.to_owned(), unit.trim().to_owned()))
}

/// Columns that nobody reads and in which something stands beside an entry.
fn unread(table: &Table, reads: &[&str], told: &[Told]) -> Vec<Told> {
    let entries: BTreeSet<u64> =
        told.iter().filter(|told| matches!(told.what, What::Entry { .. })).map(|told| told.row).collect();
    let rows = || table.rows.iter().filter(|row| entries.contains(&row.number));
    let columns = table.header.iter().enumerate().filter(|(_, name)| !reads.contains(&name.trim()));
    let full = columns.filter(|(at, _)| rows().any(|row| !row.cell(*at).trim().is_empty()));
    full.map(|(_, name)| Told { row: 1, what: What::Column(name.trim().to_owned()) }).collect()
}

/// Plans what a file tells.
pub(super) fn plan(mut planner: Planner<'_>, told: Vec<Told>) -> Result<ImportPlan> {
    for Told { row, what } in told {
        match what {
            What::Entry { kind, on, fields } => {
                let fields: Vec<(&str, &str)> =
                    fields.iter().map(|(key, text)| (*key, text.trim())).filter(|(_, text)| !text.is_empty()).collect();
                match told::without_unit(&fields) {
                    Some(why) => planner.refuse(row, kind, why),
                    None => {
                        let new = NewEntry::typed(planner.found.id, kind, &on, &fields);
                        planner.take(row, kind, new)?;
                    }
                }
            }
            What::LeftOut(name, why) => leave(&mut planner, name, why),
            What::Column(what) => planner.plan.left_out.push(LeftOut { what, rows: 0, why: Reason::NoField }),
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

#[cfg(test)]
mod tests;
