//! Measurements of a file beside each other and beside those that are here: what cannot follow each other is asked back.
//!
//! It is asked of the whole file at once: of a row that does not fit, its neighbours in the file may tell which one is wrong,
//! in whatever order they stand.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::{ImportPlan, Outcome, RowFields};
use crate::app::error::Result;
use crate::app::handbook::Handbook;
use crate::app::insight::growth_question::GrowthQuestion;
use crate::app::insight::occasions::occasions;
use crate::app::insight::runs::Runs;
use crate::app::view::NotebookView;
use crate::model::kinds;

/// Makes problems of the rows whose measurements cannot be beside the others. What came with its history, or from one of our
/// own tables, was asked where it was typed.
pub(super) fn ask(handbook: &Handbook, mut plan: ImportPlan) -> Result<ImportPlan> {
    let Some(place) = plan.place.clone() else { return Ok(plan) };
    let mut asked = questions(handbook, &place, &plan)?;
    let (mut new, mut changes) = (BTreeSet::new(), BTreeSet::new());
    for (at, row) in plan.rows.iter_mut().enumerate() {
        let Some(question) = asked.remove(&at) else { continue };
        let fields = match &row.fields {
            RowFields::New(entry) => {
                new.insert(*entry);
                plan.new[*entry].fields.clone()
            }
            RowFields::Begun { fields, change } => {
                changes.insert(*change);
                fields.clone()
            }
            RowFields::Own(_) => continue,
        };
        (row.fields, row.outcome) = (RowFields::Own(fields), Outcome::Problem(question.problem()));
    }
    take_out(&mut plan.new, &new);
    take_out(&mut plan.changes, &changes);
    // What stays moves up.
    for row in &mut plan.rows {
        match &mut row.fields {
            RowFields::New(entry) => *entry -= new.range(..*entry).count(),
            RowFields::Begun { change, .. } => *change -= changes.range(..*change).count(),
            RowFields::Own(_) => {}
        }
    }
    Ok(plan)
}

/// The questions, by row.
fn questions(handbook: &Handbook, place: &NotebookView, plan: &ImportPlan) -> Result<BTreeMap<usize, GrowthQuestion>> {
    let mut of_file = Vec::new();
    for (at, row) in plan.rows.iter().enumerate().filter(|(_, row)| row.outcome == Outcome::Add) {
        let Some(kind) = kinds::find(&row.kind) else { continue };
        let open = match &row.fields {
            RowFields::New(entry) => plan.new[*entry].id.is_none(),
            RowFields::Begun { .. } => true,
            RowFields::Own(_) => false,
        };
        let all = occasions(kind, row.on, plan.fields(row)).into_iter();
        of_file.extend(
            all.flat_map(|o| o.values.into_iter().map(move |(measure, value)| (o.on, measure, value, open, at))),
        );
    }
    if !of_file.iter().any(|(.., open, _)| *open) {
        return Ok(BTreeMap::new());
    }
    // A notebook that begins with this file holds nothing yet.
    let here = if plan.founded.is_some() { Runs::of(place) } else { handbook.growth().runs(place, None, None)? };
    let Some(mut runs) = here else { return Ok(BTreeMap::new()) };
    for (on, measure, value, open, at) in of_file {
        runs.add(on, measure, value, open, open.then_some(at));
    }
    let asked = runs.questions(handbook.locale()).into_iter();
    Ok(asked.filter_map(|(row, question)| Some((row?, question))).rev().collect())
}

/// Takes the items at these places out of a list.
fn take_out<T>(list: &mut Vec<T>, places: &BTreeSet<usize>) {
    let mut at = 0;
    list.retain(|_| {
        at += 1;
        !places.contains(&(at - 1))
    });
}
