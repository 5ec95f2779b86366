//! Whose file it is: another child's values do not come into a notebook.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::told::{Told, What};
use crate::app::exchange::import::table::{Row, Table};
use crate::app::view::NotebookView;
use crate::model::text::fold_for_search;
use crate::model::{Invalid, Reason};

/// So far an age that an app shows may lie from the real one: one that it counts from the due date.
const CORRECTED_DAYS: i64 = 130;

/// Of a table about several children, the rows of the one that has the notebook's name; the others are left out. If none has it,
/// nobody knows whose the rows are, and none is taken.
pub(super) fn of_this_name(told: Vec<Told>, table: &Table, columns: &[&str], name: &str) -> Vec<Told> {
    let said = |row: &Row| -> Vec<String> {
        columns.iter().map(|column| table.cell(row, column).to_owned()).filter(|text| !text.is_empty()).collect()
    };
    let all: BTreeSet<String> = table.rows.iter().filter_map(|row| said(row).into_iter().next()).collect();
    if all.len() < 2 {
        return told;
    }
    let wanted = fold_for_search(name.trim());
    let is_mine = |row: &Row| said(row).iter().any(|text| fold_for_search(text) == wanted);
    let mine: BTreeSet<u64> = table.rows.iter().filter(|row| is_mine(row)).map(|row| row.number).collect();
    let of_row = |number: u64| table.rows.iter().find(|row| row.number == number).map(said).unwrap_or_default();
    let aside = |told: Told| match told.what {
        What::Entry { .. } if mine.is_empty() => {
            let allowed = "a file about one child, or one whose name is the notebook's";
            let why = Invalid::new("child", &of_row(told.row).join(" "), allowed).because(Reason::SeveralChildren);
            Told { what: What::Problem(why), ..told }
        }
        What::Entry { .. } if !mine.contains(&told.row) => {
            let what = of_row(told.row).pop().unwrap_or_default();
            Told { what: What::LeftOut(what, Reason::InAnotherNotebook), ..told }
        }
        _ => told,
    };
    told.into_iter().map(aside).collect()
}

/// What a file tells of a child that is as old as the notebook's; of another one nothing is taken.
pub(super) fn of_this_age(told: Vec<Told>, born: Option<NaiveDate>, notebook: &NotebookView) -> Vec<Told> {
    let apart = born.zip(notebook.profile.born).map(|(told, here)| (told - here).num_days().abs());
    if apart.is_none_or(|days| days <= CORRECTED_DAYS) {
        return told;
    }
    let given = born.map(|born| born.to_string()).unwrap_or_default();
    let aside = |told: Told| match told.what {
        What::Entry { .. } => {
            let why = Invalid::new("born", &given, "a file about the notebook's child: this one's age is another");
            Told { what: What::Problem(why.because(Reason::InAnotherNotebook)), ..told }
        }
        _ => told,
    };
    told.into_iter().map(aside).collect()
}
