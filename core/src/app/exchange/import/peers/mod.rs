//! Files of other apps that are known by their own form. Where each form was seen: `fixtures/README.md`.
//!
//! A reader of one app is a pure function: it makes a list of what the file tells, each with its row. What there is no kind of
//! entry for is counted and told, never dropped in silence.

mod baby_buddy;
mod huckleberry;
mod nara;
mod piyolog;
mod told;

use super::plan::{ImportPlan, LeftOut};
use super::planner::Planner;
use super::table::{Row, Table, decode};
use crate::app::error::Result;
use crate::app::records::entries::NewEntry;
use crate::model::Reason;
use told::{Told, What};

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

#[cfg(test)]
mod tests;
