//! A notebook as a file for people and other programs: JSON, FHIR, CSV, printable HTML, SVG.

mod booklet;
mod csv;
mod fhir;
mod json;

use ayumi_protocol::NotebookId;

use crate::app::error::Result;
use crate::app::handbook::Handbook;
use crate::app::insight::chart_svg;
use crate::app::insight::measure::Measure;
use crate::growth::Reference;
use crate::model::naming::EntryName;
use crate::store::photos;

pub use booklet::Paper;
pub use booklet::nursery::OwnWords;
pub(crate) use json::{FORMAT, VERSION};

/// Exports of a handbook.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/handbook.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let (handbook, child) = handbook(folder.path())?;
/// let booklet = handbook.export().html(child)?;
/// assert!(booklet.contains("さくら"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Export {
    pub(in crate::app) handbook: Handbook,
}

impl Export {
    /// Everything that the notebook shows, with its history and photos; the import of the same file, here or on another
    /// device, writes nothing twice. Deleted entries are left out.
    ///
    /// # Errors
    /// [`crate::app::Error::NotFound`].
    pub fn json(&self, notebook: NotebookId) -> Result<String> {
        json::write(&self.handbook, notebook)
    }

    /// What the notebook shows as a FHIR R4 document in JSON: `Patient`, `Observation`, `Immunization`,
    /// `ImmunizationRecommendation`, photos as `Media`, every other answer as `QuestionnaireResponse`. History, deleted entries
    /// and links to other notebooks are left out. Shaped like JP Core where it fits, not validated against it. No id of the
    /// notebook or of an entry stands in it.
    ///
    /// # Errors
    /// [`crate::app::Error::NotFound`].
    pub fn fhir(&self, notebook: NotebookId) -> Result<String> {
        fhir::write(&self.handbook, notebook)
    }

    /// One row for each answered field, with labels, for spreadsheets. Begins with a byte order mark, so that Excel
    /// reads Japanese.
    ///
    /// # Errors
    /// [`crate::app::Error::NotFound`].
    pub fn csv(&self, notebook: NotebookId) -> Result<String> {
        csv::write(&self.handbook, notebook)
    }

    /// A booklet to print and keep, on A5: cover, contents, what comes next, vaccinations, growth charts, records in the order of
    /// the form, photos. One file, no network.
    ///
    /// # Errors
    /// [`crate::app::Error::NotFound`].
    pub fn html(&self, notebook: NotebookId) -> Result<String> {
        self.booklet(notebook, Paper::A5)
    }

    /// The same booklet for another paper.
    ///
    /// # Errors
    /// [`crate::app::Error::NotFound`].
    pub fn booklet(&self, notebook: NotebookId, paper: Paper) -> Result<String> {
        booklet::write(&self.handbook, notebook, paper)
    }

    /// One page about a child to take to nursery or to a check-up: likes, what helps, and what the child can do, as the
    /// self-check has it. Nothing on it is graded.
    ///
    /// # Errors
    /// [`crate::app::Error::NotFound`], also for a notebook that is no living child's; [`crate::app::Error::Invalid`] if there
    /// is nothing to write, or more than a page.
    pub fn nursery(&self, notebook: NotebookId, own: &OwnWords) -> Result<String> {
        booklet::nursery::write(&self.handbook, notebook, own)
    }

    /// Photos that an export of this notebook would lack: their pixels are not on this device yet. Fetch them first
    /// ([`crate::app::Sync::fetch_photo`]), or say how many are missing.
    ///
    /// # Errors
    /// [`crate::app::Error::NotFound`].
    pub fn missing_photos(&self, notebook: NotebookId) -> Result<Vec<EntryName>> {
        self.handbook.notebooks().find(notebook)?;
        let missing = photos::missing(self.handbook.db().reader())?;
        Ok(missing.into_iter().filter(|photo| photo.notebook == notebook).map(EntryName::from).collect())
    }

    /// A growth chart.
    ///
    /// # Errors
    /// [`crate::app::Error::NotFound`]; [`crate::app::Error::Invalid`] where there is nothing to draw.
    pub fn svg(&self, notebook: NotebookId, measure: Measure, reference: Reference) -> Result<String> {
        let chart = self.handbook.growth().chart(notebook, measure, reference)?;
        let name = self.handbook.notebooks().find(notebook)?.name;
        Ok(chart_svg::draw(&chart, &name, self.handbook.locale()))
    }
}
