//! CSV: our own long form (a row for each field), or another app's table (a row for each entry) with a mapping of its
//! columns.

use ayumi_protocol::NotebookId;

use super::mapping::CsvMapping;
use super::plan::ImportPlan;
use super::planner::Planner;
use super::table::{Table, decode};
use crate::app::error::Result;
use crate::app::handbook::Handbook;

/// Plans the import of a table.
pub(super) fn plan(
    handbook: &Handbook,
    notebook: NotebookId,
    bytes: &[u8],
    mapping: &CsvMapping,
) -> Result<ImportPlan> {
    let view = handbook.notebooks().find(notebook)?;
    handbook.check_may_write(&view)?;
    let planner = Planner::new(handbook, view);
    let text = decode(bytes)?;
    // Another app's own form, unless the person says that its columns are to be read otherwise.
    if let Some(told) = super::peers::told_by_log(&text, &planner.found, mapping) {
        return super::peers::plan(planner, told);
    }
    let table = Table::read(&text)?;
    if let Some(told) = super::peers::told_by_table(&table, &planner.found, mapping) {
        return super::peers::plan(planner, told);
    }
    if table.has_all(&["kind", "field", "value"]) && mapping.columns.is_empty() {
        super::own_csv::plan(planner, &table)
    } else {
        super::wide_csv::plan(planner, &table, mapping)
    }
}
