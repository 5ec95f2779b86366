//! Files into a notebook: first a plan that says, row by row, what would happen; then all of it or nothing.

mod beside;
mod columns;
mod csv;
mod differing;
mod fhir;
mod json;
mod json_entry;
mod json_file;
mod json_photos;
mod json_place;
mod mapping;
mod own_csv;
mod peers;
mod plan;
mod planner;
mod shift_jis;
mod table;
mod wide_csv;

use ayumi_protocol::NotebookId;

pub use mapping::CsvMapping;
pub use plan::{ImportPlan, ImportRow, ImportSummary, LeftOut, Outcome, RowProblem};

use crate::app::error::Result;

use crate::app::founding::add_pending;
use crate::app::handbook::Handbook;
use crate::fhir::open::looks_like_it;
use crate::model::Invalid;
use crate::store::changes::Delivery;
use crate::store::changes::apply_all;
use crate::store::{entries, photos};

/// Imports into a handbook.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/handbook.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let (handbook, child) = handbook(folder.path())?;
/// let plan = handbook.import().plan_csv(child, b"date,weight\n2024-11-05,7.35\n", &Default::default())?;
/// assert_eq!(plan.summary().add, 1);
/// handbook.import().apply(plan, false)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Import {
    pub(in crate::app) handbook: Handbook,
}

impl Import {
    /// Plans the import of a file that [`crate::app::Export::json`] wrote, or of one in the same form without history.
    ///
    /// # Errors
    /// [`crate::app::Error::Invalid`] if the file as a whole is not that.
    pub fn plan_json(&self, text: &str) -> Result<ImportPlan> {
        beside::ask(&self.handbook, json::plan(&self.handbook, text)?)
    }

    /// Plans the import of a table: our own, or another app's with a mapping of its columns.
    ///
    /// # Errors
    /// [`crate::app::Error::Invalid`] if it is no table, or no column holds the day; [`crate::app::Error::NotFound`].
    pub fn plan_csv(&self, notebook: NotebookId, bytes: &[u8], mapping: &CsvMapping) -> Result<ImportPlan> {
        beside::ask(&self.handbook, csv::plan(&self.handbook, notebook, bytes, mapping)?)
    }

    /// Plans the import of FHIR R4 in JSON, or of SMART Health Cards (their signature is not checked, which the entries
    /// say). A document that [`crate::app::Export::fhir`] wrote finds its notebook, or begins it; anything else needs one.
    ///
    /// # Errors
    /// [`crate::app::Error::Invalid`] if the file is not that, or needs a notebook; [`crate::app::Error::NotFound`].
    pub fn plan_fhir(&self, notebook: Option<NotebookId>, bytes: &[u8]) -> Result<ImportPlan> {
        beside::ask(&self.handbook, fhir::plan(&self.handbook, notebook, bytes)?)
    }

    /// Whether a file looks like what [`Self::plan_fhir`] reads.
    pub fn looks_like_fhir(bytes: &[u8]) -> bool {
        looks_like_it(bytes)
    }

    /// Does what the plan says: everything in one step, or nothing. With problems in it, only if `skip_problems`.
    /// Returns how many entries were added, got more history or other values.
    ///
    /// # Errors
    /// The first problem, as [`crate::app::Error::Invalid`]; any [store error](crate::app::Error#store-errors).
    pub fn apply(&self, plan: ImportPlan, skip_problems: bool) -> Result<usize> {
        let problem = plan.rows.iter().find_map(|row| match &row.outcome {
            Outcome::Problem(why) if !skip_problems => Some((row.row, why.clone())),
            _ => None,
        });
        if let Some((row, why)) = problem {
            return Err(Invalid { field: format!("row {row}, {}", why.field), ..why }.into());
        }
        let done = plan.count("add") + plan.count("update");
        let ImportPlan { new, changes, photos, founded, .. } = plan;
        let rows = self.handbook.entries().rows(&new)?;
        self.handbook.db().write(|tx| {
            if let Some(founded) = &founded {
                founded.channel.save(tx)?;
                add_pending(tx, &founded.founding)?;
            }
            rows.write(tx)?;
            apply_all(tx, &changes, Delivery::Waiting)?;
            if let Some(founded) = &founded {
                entries::note_former(tx, founded.channel.notebook, founded.former)?;
            }
            photos.iter().try_for_each(|(photo, data, thumb)| photos::add(tx, photo, data, thumb))
        })?;
        self.handbook.profiles().clear();
        Ok(done)
    }
}
