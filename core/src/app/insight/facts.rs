//! Gathers a notebook's facts in one reading and keeps them until something is written.

use std::sync::{Arc, PoisonError};

use ayumi_protocol::NotebookId;
use chrono::NaiveDate;

use crate::app::error::Result;
use crate::app::facts::{Facts, begun_at};
use crate::app::handbook::Handbook;
use crate::app::insight::measure::Measure;
use crate::app::insight::occasions::{kinds_of_child, occasions};
use crate::checks::Child;
use crate::content::Content;
use crate::growth::improbable::improbable;
use crate::leads::Weighing;
use crate::model::field::Quantity;
use crate::model::kind::{KindDef, Record};
use crate::model::kinds::{self, Growth, NeonateEarly};
use crate::model::law::attain;
use crate::model::naming::EntryKey;
use crate::model::notebook::NotebookType;
use crate::store::entries::{Entry, EntryQuery};
use crate::store::{changes, entries};

/// The kinds that hold a weight of the child.
fn weight_kinds() -> impl Iterator<Item = &'static KindDef> {
    let has_weight = |kind: &&KindDef| kind.measured().any(|(_, measured)| measured.quantity == Quantity::Weight);
    kinds_of_child().filter(has_weight)
}

/// The weights of an entry, but those that are asked back.
fn weighings(child: &Child, entry: &Entry) -> Vec<Weighing> {
    let Some(kind) = kinds::find(&entry.kind) else { return Vec::new() };
    let weight = |on: NaiveDate, (measure, kg): &(Measure, f64)| {
        let age = (on - child.born).num_days();
        let doubtful = improbable(Quantity::Weight, *kg, age, child.gestation).is_some();
        (*measure == Measure::Weight && !doubtful).then(|| Weighing::of(on, *kg))
    };
    let all = occasions(kind, entry.on, &entry.fields);
    all.iter().flat_map(|occasion| occasion.values.iter().filter_map(|value| weight(occasion.on, value))).collect()
}

impl Handbook {
    pub(in crate::app) fn facts(&self, id: NotebookId) -> Result<Arc<Facts>> {
        let edition = self.db().edition();
        let mut kept = self.inner.facts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, facts)) = kept.get(&id)
            && *of == edition
        {
            return Ok(facts.clone());
        }
        let facts = Arc::new(self.gather(id)?);
        kept.insert(id, (edition, facts.clone()));
        Ok(facts)
    }

    fn gather(&self, id: NotebookId) -> Result<Facts> {
        let notebook = self.notebooks().find(id)?;
        let mut silent = notebook.baby_silent();
        let (mut born, mut multiple) = (notebook.profile.born, notebook.profile.multiple.is_some_and(|n| n > 1));
        if notebook.notebook_type == NotebookType::Pregnancy {
            let mine = id.to_string();
            let all = self.notebooks().list()?;
            let children = all.iter().filter(|other| other.profile.pregnancy.as_deref() == Some(&mine));
            let children: Vec<_> = children.collect();
            silent = children.iter().any(|child| child.baby_silent());
            let births: Vec<NaiveDate> = children.iter().filter_map(|child| child.profile.born).collect();
            multiple |= births.len() > 1;
            born = births.into_iter().min();
        }
        // A clock that has been set back cannot put the beginning into the future.
        let own = changes::of_entry(self.db().reader(), &EntryKey::profile(id))?;
        let today = self.clock().today();
        let begun = begun_at(&own).map_or(today, |at| self.clock().day_of(at)).min(today);
        let mut facts = Facts::new(notebook, born, multiple, begun);
        for row in entries::for_agenda(self.db().reader(), id)? {
            facts.take(row);
        }
        facts.leads_silent = silent;
        if let Some(child) = facts.child() {
            // What a weight leads to ends with the first year; the weights before say whether the newest one is more.
            let rules = Content::default();
            let until =
                rules.leads().rule.iter().filter(|rule| rule.is_of_weight()).filter_map(|rule| rule.until_months);
            let until = until.max().and_then(|months| attain(child.born, months)).filter(|until| today <= *until);
            let kinds = weight_kinds().map(|kind| kind.id.to_owned()).collect();
            let to = Some(until.unwrap_or(child.born));
            let query = EntryQuery { kinds, from: Some(child.born), to, ..EntryQuery::default() };
            let weighed = entries::page(self.db().reader(), id, &query, None, usize::MAX)?;
            let that_day = |entry: &&Entry| {
                entry.on == Some(child.born) && [Growth::KIND.id, NeonateEarly::KIND.id].contains(&entry.kind.as_str())
            };
            let of_birth = |entry: &Entry| weighings(&child, entry).into_iter().find(|one| one.on == child.born);
            let at_birth = weighed.iter().rev().filter(that_day).find_map(of_birth);
            facts.weighed_at_birth(at_birth.map(|weighing| weighing.grams));
            if until.is_some() {
                facts.weighed = weighed.iter().flat_map(|entry| weighings(&child, entry)).collect();
            }
        }
        Ok(facts)
    }
}
