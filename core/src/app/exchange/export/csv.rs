//! CSV: one row for each answered field.

use ::csv::WriterBuilder;
use ayumi_protocol::NotebookId;

use crate::app::error::{Defect, Error, Result};
use crate::app::handbook::Handbook;
use crate::app::records::words::{label, shown};
use crate::model::kinds;
use crate::model::value::typed;
use crate::texts;

/// Columns; the first five make the import of the same file possible, the rest is for people.
pub(crate) const COLUMNS: [&str; 8] = ["id", "on", "kind", "field", "value", "kind_label", "field_label", "shown"];

pub(super) fn write(handbook: &Handbook, notebook: NotebookId) -> Result<String> {
    let locale = handbook.locale();
    let mut writer = WriterBuilder::new().from_writer(Vec::new());
    let failed = |_: ::csv::Error| Error::from(Defect::CsvInMemory);
    writer.write_record(COLUMNS).map_err(failed)?;
    for entry in handbook.entries().all(notebook)? {
        let kind = kinds::find(&entry.kind);
        let (id, on) = (entry.id.to_string(), entry.on.map(|on| on.to_string()).unwrap_or_default());
        let kind_label = texts::kind_label(&entry.kind, locale);
        // An entry without answers still has a day: it keeps a row.
        if entry.fields.is_empty() {
            writer.write_record([&id, &on, &entry.kind, "", "", &kind_label, "", ""]).map_err(failed)?;
        }
        for (key, value) in &entry.fields {
            let plain = typed(value);
            let label = label(handbook, &entry.kind, key);
            let shown = shown(kind, key, value, locale);
            let row = [&id, &on, &entry.kind, key, &plain, &kind_label, &label, &shown];
            writer.write_record(row.map(|cell| guard(cell))).map_err(failed)?;
        }
    }
    let bytes = writer.into_inner().map_err(|_| Defect::CsvInMemory)?;
    let text = String::from_utf8(bytes).map_err(|_| Defect::CsvInMemory)?;
    Ok(format!("\u{feff}{text}"))
}

/// A text that a spreadsheet would take for a formula gets an apostrophe in front, which the import takes away again.
fn guard(cell: &str) -> String {
    let signs = matches!(cell, "+" | "++" | "-");
    let formula = cell.starts_with(['=', '+', '-', '@']) && !signs && cell.parse::<f64>().is_err();
    if formula { format!("'{cell}") } else { cell.to_owned() }
}
