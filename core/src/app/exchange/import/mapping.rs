//! What the person says of another app's table.

use crate::app::error::Result;
use crate::model::{Invalid, Reason};

/// How another app's columns become fields.
#[derive(Debug, Clone, Default)]
pub struct CsvMapping {
    /// Kind of the entries; `growth` if empty.
    pub kind: String,
    /// Column name to field key or label, perhaps with the column's unit (`weight:lb`). What stands here wins over what a name
    /// suggests; columns that are not named here are found by their names.
    pub columns: Vec<(String, String)>,
}

impl CsvMapping {
    /// Adds `COLUMN=FIELD`, or `COLUMN=FIELD:UNIT`.
    ///
    /// # Errors
    /// [`crate::app::Error::Invalid`] if there is no `=` in it.
    pub fn map(&mut self, pair: &str) -> Result<()> {
        // The last sign: a column's name may hold one, a key never does.
        let (column, field) = pair.rsplit_once('=').ok_or_else(|| {
            Invalid::new("map", pair, "COLUMN=FIELD, such as 体重=weight, or COLUMN=FIELD:UNIT")
                .because(Reason::Missing)
        })?;
        self.columns.push((column.trim().to_owned(), field.trim().to_owned()));
        Ok(())
    }
}
