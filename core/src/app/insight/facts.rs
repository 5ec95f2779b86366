//! Gathers a notebook's facts in one reading and keeps them until something is written.

use std::sync::{Arc, PoisonError};

use ayumi_protocol::NotebookId;
use chrono::NaiveDate;

use crate::app::error::Result;
use crate::app::facts::{Facts, begun_on};
use crate::app::handbook::Handbook;
use crate::model::kind::Record;
use crate::model::kinds::{self, Growth, NeonateEarly};
use crate::model::naming::EntryKey;
use crate::model::notebook::NotebookType;
use crate::store::entries::{Entry, EntryQuery};
use crate::store::{changes, entries};

/// The weight of an entry in grams, whichever unit its form has.
fn grams(entry: &Entry) -> Option<u32> {
    let weight = entry.fields.get("weight")?.as_f64()?;
    let kind = kinds::find(&entry.kind)?;
    let grams = if kind.field("weight")?.field_type.unit() == "g" { weight } else { weight * 1000.0 };
    Some(grams.round() as u32)
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
        let (mut born, mut multiple) = (notebook.profile.born, notebook.profile.multiple.is_some_and(|n| n > 1));
        if notebook.notebook_type == NotebookType::Pregnancy {
            let mine = id.to_string();
            let all = self.notebooks().list()?;
            let children = all.iter().filter(|other| other.profile.pregnancy.as_deref() == Some(&mine));
            let births: Vec<NaiveDate> = children.filter_map(|child| child.profile.born).collect();
            multiple |= births.len() > 1;
            born = births.into_iter().min();
        }
        // A clock that has been set back cannot put the beginning into the future.
        let own = changes::of_entry(self.db().reader(), &EntryKey::profile(id))?;
        let today = self.clock().today();
        let begun = begun_on(&own).unwrap_or(today).min(today);
        let mut facts = Facts::new(notebook, born, multiple, begun);
        for row in entries::for_agenda(self.db().reader(), id)? {
            facts.take(row);
        }
        if let Some(born) = facts.child().map(|child| child.born) {
            let (kinds, from, to) = ([Growth::KIND, NeonateEarly::KIND], Some(born), Some(born));
            let kinds = kinds.map(|kind| kind.id.to_owned()).to_vec();
            let that_day = EntryQuery { kinds, from, to, ..EntryQuery::default() };
            let weighed = entries::page(self.db().reader(), id, &that_day, None, usize::MAX)?;
            facts.weighed_at_birth(weighed.iter().rev().find_map(grams));
        }
        Ok(facts)
    }
}
