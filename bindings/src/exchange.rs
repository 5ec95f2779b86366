//! Export, import, content packs.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use ayumi_core::app::{
    self, CsvMapping, Error, ImportSummary, Invalid, NotebookId, OwnWords, PackView, Paper, PublisherKey, Thing,
};

use crate::Result;
use crate::slot::Slot;

/// Exports a notebook as a file for people and other programs, and imports one.
#[derive(uniffi::Object)]
pub struct Exchange {
    pub(crate) slot: Arc<Slot>,
}

#[uniffi::export]
impl Exchange {
    /// Exports everything that the notebook shows, with its history and photos, as JSON.
    pub fn json(&self, notebook: NotebookId) -> Result<String> {
        self.slot.with("exchange.json", |handbook| handbook.export().json(notebook))
    }

    /// Exports one row for each answered field, for spreadsheets.
    pub fn csv(&self, notebook: NotebookId) -> Result<String> {
        self.slot.with("exchange.csv", |handbook| handbook.export().csv(notebook))
    }

    /// Exports a booklet to print and keep, as one HTML file.
    pub fn html(&self, notebook: NotebookId) -> Result<String> {
        self.slot.with("exchange.html", |handbook| handbook.export().html(notebook))
    }

    /// Exports the booklet for another paper.
    pub fn booklet(&self, notebook: NotebookId, paper: Paper) -> Result<String> {
        self.slot.with("exchange.booklet", |handbook| handbook.export().booklet(notebook, paper))
    }

    /// Exports one page about a child to take to nursery or to a check-up: likes, what helps, what the child can do.
    pub fn nursery(&self, notebook: NotebookId, own: OwnWords) -> Result<String> {
        self.slot.with("exchange.nursery", |handbook| handbook.export().nursery(notebook, &own))
    }

    /// Exports what the notebook shows as a FHIR R4 document, for clinics and other programs.
    pub fn fhir(&self, notebook: NotebookId) -> Result<String> {
        self.slot.with("exchange.fhir", |handbook| handbook.export().fhir(notebook))
    }

    /// Plans the import of FHIR R4 in JSON, or of SMART Health Cards, whose signature is not checked. A document of `fhir`
    /// needs no notebook.
    pub fn plan_fhir(&self, notebook: Option<NotebookId>, file: Vec<u8>) -> Result<Arc<ImportPlan>> {
        let plan = self.slot.with("exchange.plan_fhir", |handbook| handbook.import().plan_fhir(notebook, &file))?;
        Ok(self.planned(plan))
    }

    /// Plans the import of a file of `json`. Nothing is written before `ImportPlan.apply`.
    ///
    /// Fails with `Invalid` if the file is not such an export.
    pub fn plan_json(&self, text: String) -> Result<Arc<ImportPlan>> {
        let plan = self.slot.with("exchange.plan_json", |handbook| handbook.import().plan_json(&text))?;
        Ok(self.planned(plan))
    }

    /// Plans the import of a table: our own, or another app's.
    ///
    /// `columns` names a field for each column that is not found by its name; `kind` is the kind of its entries,
    /// `growth` if empty.
    pub fn plan_csv(
        &self,
        notebook: NotebookId,
        table: Vec<u8>,
        kind: String,
        columns: HashMap<String, String>,
    ) -> Result<Arc<ImportPlan>> {
        let mapping = CsvMapping { kind, columns: columns.into_iter().collect() };
        let plan =
            self.slot.with("exchange.plan_csv", |handbook| handbook.import().plan_csv(notebook, &table, &mapping))?;
        Ok(self.planned(plan))
    }
}

impl Exchange {
    fn planned(&self, plan: app::ImportPlan) -> Arc<ImportPlan> {
        let summary = plan.summary();
        Arc::new(ImportPlan { slot: self.slot.clone(), summary, plan: Mutex::new(Some(plan)) })
    }
}

/// The plan of an import, to be confirmed and applied.
#[derive(uniffi::Object)]
pub struct ImportPlan {
    slot: Arc<Slot>,
    summary: ImportSummary,
    plan: Mutex<Option<app::ImportPlan>>,
}

#[uniffi::export]
impl ImportPlan {
    /// Summarises the entries and problems of the import, to be confirmed.
    pub fn summary(&self) -> ImportSummary {
        self.summary.clone()
    }

    /// Applies the plan, once: everything in one step, or nothing. A plan with problems needs `skip_problems`. Returns
    /// how many entries were added or got more history.
    pub fn apply(&self, skip_problems: bool) -> Result<u64> {
        let plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner).take();
        let plan = plan.ok_or(Error::NotFound { what: Thing::File })?;
        self.slot.with("import.apply", |handbook| Ok(handbook.import().apply(plan, skip_problems)? as u64))
    }
}

/// Content packs of a municipality: desks, events, texts.
#[derive(uniffi::Object)]
pub struct Contents {
    pub(crate) slot: Arc<Slot>,
}

#[uniffi::export]
impl Contents {
    /// Lists the installed packs.
    pub fn list(&self) -> Result<Vec<PackView>> {
        self.slot.with("contents.list", |handbook| handbook.contents().list())
    }

    /// Installs a pack from a network: only with the publisher's Ed25519 signature over its bytes.
    pub fn install(&self, text: String, signature: Vec<u8>, publisher: Vec<u8>) -> Result<PackView> {
        self.slot.with("contents.install", |handbook| {
            let wrong = || Invalid::new("publisher", "this key", "a public key of 32 bytes");
            let key: [u8; 32] = publisher.try_into().map_err(|_| wrong())?;
            handbook.contents().install_signed(&text, &signature, &PublisherKey::from_bytes(key))
        })
    }

    /// Installs a file that the carer chose, in place of the previous municipality's.
    pub fn install_file(&self, text: String) -> Result<PackView> {
        self.slot.with("contents.install_file", |handbook| handbook.contents().install(&text))
    }

    /// Removes a pack.
    pub fn remove(&self, pack: String) -> Result<()> {
        self.slot.with("contents.remove", |handbook| handbook.contents().remove(&pack))
    }
}
