//! The plan of an import: row by row what would happen, before anything is written.

use ayumi_protocol::control::Statement;
use ayumi_protocol::{Change, NotebookId};
use chrono::NaiveDate;

use crate::app::records::entries::NewEntry;
use crate::app::view::NotebookView;
use crate::model::naming::EntryKey;
use crate::model::value::Fields;
use crate::model::{Invalid, Reason};
use crate::store::channel::Channel;

/// What would happen to one row (CSV), entry (JSON) or resource (FHIR).
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// A new entry.
    Add,
    /// More history for an entry that is there, or other values than it shows.
    Update,
    /// It is there already.
    AlreadyThere,
    /// It cannot be taken; the reason is for the person who has the file.
    Problem(Invalid),
    /// It is left out, for this reason; the rest does not wait for it.
    LeftOut(Reason),
}

impl Outcome {
    /// Returns its stable key.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Update => "update",
            Self::AlreadyThere => "already_there",
            Self::Problem(_) => "problem",
            Self::LeftOut(_) => "left_out",
        }
    }
}

/// One row of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportRow {
    /// Row of the file (CSV: the header is row 1) or place in the list of entries, from 1.
    pub row: u64,
    /// What would happen.
    pub outcome: Outcome,
    /// Kind of the entry.
    pub kind: String,
    /// The entry's day, as read.
    pub on: Option<NaiveDate>,
    /// Words, in the carer's language, that say more than those of the reason.
    pub exactly: Option<&'static str>,
    /// Where its fields are.
    pub(super) fields: RowFields,
}

/// Fields of a row: its own, or those of an entry that the plan would add (which are not kept twice).
#[derive(Debug, Clone, PartialEq)]
pub(super) enum RowFields {
    Own(Fields),
    New(usize),
    /// Of an entry that a change of the plan begins, and that nobody was asked about yet.
    Begun {
        fields: Fields,
        change: usize,
    },
}

/// Something in a file that an import leaves out, and why.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct LeftOut {
    /// Name of a column or of an element, or what the rows are about.
    pub what: String,
    /// How many rows have it; 0 for a whole column, or an element of resources.
    pub rows: u64,
    /// Why it is left out.
    pub why: Reason,
}

/// A row that cannot be taken.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct RowProblem {
    /// Row of the file (CSV: the header is row 1) or place in the list of entries, from 1.
    pub row: u64,
    /// What is wrong, and what is allowed.
    pub why: Invalid,
}

/// A plan in numbers, to be confirmed.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ImportSummary {
    /// New entries.
    pub add: u64,
    /// Entries that get more history.
    pub update: u64,
    /// Entries that are there already.
    pub already_there: u64,
    /// Rows that cannot be taken.
    pub problems: Vec<RowProblem>,
    /// Columns of a table that no field was found for; elements of FHIR resources that a handbook has no place for.
    pub ignored_columns: Vec<String>,
    /// What is left out, and why: those columns, times, photos, rows and resources that are about something else.
    pub left_out: Vec<LeftOut>,
}

/// What an import would do. Nothing is written before [`crate::app::Import::apply`].
#[derive(Debug, Default)]
pub struct ImportPlan {
    /// Row by row.
    pub rows: Vec<ImportRow>,
    /// What is left out, and why.
    pub left_out: Vec<LeftOut>,
    pub(super) new: Vec<NewEntry>,
    pub(super) changes: Vec<Change>,
    pub(super) photos: Vec<(EntryKey, Vec<u8>, Vec<u8>)>,
    pub(super) place: Option<NotebookView>,
    pub(super) founded: Option<Founded>,
}

/// A notebook that begins with an import.
#[derive(Debug)]
pub(super) struct Founded {
    pub(super) channel: Channel,
    pub(super) founding: Statement,
    /// Its id in the file.
    pub(super) former: NotebookId,
}

impl ImportPlan {
    /// What a row would write, or holds.
    pub fn fields<'a>(&'a self, row: &'a ImportRow) -> &'a Fields {
        match &row.fields {
            RowFields::Own(fields) | RowFields::Begun { fields, .. } => fields,
            RowFields::New(at) => &self.new[*at].fields,
        }
    }

    /// How many rows would end so.
    pub fn count(&self, key: &str) -> usize {
        self.rows.iter().filter(|row| row.outcome.key() == key).count()
    }

    /// Columns of a table that no field was found for.
    pub fn ignored_columns(&self) -> Vec<String> {
        self.left_out.iter().filter(|left| left.rows == 0).map(|left| left.what.clone()).collect()
    }

    /// The plan in numbers.
    pub fn summary(&self) -> ImportSummary {
        let count = |key| self.count(key) as u64;
        let problem = |row: &ImportRow| match &row.outcome {
            Outcome::Problem(why) => Some(RowProblem { row: row.row, why: why.clone() }),
            _ => None,
        };
        ImportSummary {
            add: count("add"),
            update: count("update"),
            already_there: count("already_there"),
            problems: self.rows.iter().filter_map(problem).collect(),
            ignored_columns: self.ignored_columns(),
            left_out: self.left_out.clone(),
        }
    }

    /// The notebook that it goes into.
    pub fn notebook(&self) -> Option<NotebookId> {
        self.place.as_ref().map(|place| place.id)
    }
}
