//! What becomes of the rows of a table, one by one: new, there already, or a problem.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::NaiveDate;

use super::plan::{ImportPlan, ImportRow, Outcome, RowFields};
use crate::app::error::{Error, Result};
use crate::app::handbook::Handbook;
use crate::app::records::entries::NewEntry;
use crate::app::view::{ListFilter, NotebookView};
use crate::model::Invalid;
use crate::model::kind::ON;
use crate::model::value::Fields;

/// What tells two entries apart for a table without ids: a hash of kind, day and fields.
type Same = u64;

fn same(kind: &str, on: NaiveDate, fields: &Fields) -> Same {
    let mut hash = DefaultHasher::new();
    kind.hash(&mut hash);
    on.hash(&mut hash);
    for (key, value) in fields.iter().filter(|(key, _)| *key != ON.key) {
        key.hash(&mut hash);
        // JSON values hash by content.
        value.hash(&mut hash);
    }
    hash.finish()
}

/// Entries that stand in the notebook before an import, and what is planned so far.
pub(super) struct Planner<'a> {
    pub(super) handbook: &'a Handbook,
    pub(super) found: NotebookView,
    /// How many entries of each kind there were that look alike. Of the file's rows as many are there already, and no more.
    there: HashMap<Same, usize>,
    kinds_read: Vec<String>,
    pub(super) plan: ImportPlan,
}

impl<'a> Planner<'a> {
    pub(super) fn new(handbook: &'a Handbook, found: NotebookView) -> Self {
        let plan = ImportPlan { place: Some(found.clone()), ..ImportPlan::default() };
        Self { handbook, found, there: HashMap::new(), kinds_read: Vec::new(), plan }
    }

    /// Reads the entries of a kind that are there, once.
    fn read_kind(&mut self, kind: &str) -> Result<()> {
        if self.kinds_read.iter().any(|read| read == kind) {
            return Ok(());
        }
        let filter =
            ListFilter { kind: Some(kind.to_owned()), limit: u32::MAX, about_baby_too: true, ..ListFilter::default() };
        for entry in self.handbook.entries().list(self.found.id, &filter)? {
            if let Some(on) = entry.on {
                *self.there.entry(same(kind, on, &entry.fields)).or_default() += 1;
            }
        }
        self.kinds_read.push(kind.to_owned());
        Ok(())
    }

    /// Checks an entry against its notebook, then plans it. One without an id may be there already.
    pub(super) fn take(&mut self, row: u64, kind: &str, new: Result<NewEntry>) -> Result<()> {
        let checked = new.and_then(|entry| self.handbook.entries().check_place(&entry, &self.found).map(|()| entry));
        let entry = match checked {
            Ok(entry) => entry,
            Err(Error::Invalid { why }) => {
                self.refuse(row, kind, why);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let on = entry.on();
        if let Some(on) = on.filter(|_| entry.id.is_none()) {
            self.read_kind(kind)?;
            if let Some(left) = self.there.get_mut(&same(kind, on, &entry.fields)).filter(|left| **left > 0) {
                *left -= 1;
                self.push(row, kind, Outcome::AlreadyThere, Some(on), RowFields::Own(entry.fields));
                return Ok(());
            }
        }
        if let Err(why) = self.handbook.growth().ask_back(&self.found, &entry) {
            self.push(row, kind, Outcome::Problem(why), on, RowFields::Own(entry.fields));
            return Ok(());
        }
        self.plan.new.push(entry);
        let place = RowFields::New(self.plan.new.len() - 1);
        self.push(row, kind, Outcome::Add, on, place);
        Ok(())
    }

    /// A row that cannot be taken.
    pub(super) fn refuse(&mut self, row: u64, kind: &str, why: Invalid) {
        self.push(row, kind, Outcome::Problem(why), None, RowFields::Own(Fields::new()));
    }

    pub(super) fn push(&mut self, row: u64, kind: &str, outcome: Outcome, on: Option<NaiveDate>, fields: RowFields) {
        self.plan.rows.push(ImportRow { row, outcome, kind: kind.to_owned(), on, exactly: None, fields });
    }
}
