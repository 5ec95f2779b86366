//! Small tables as they are kept: CSV with a header, parsed once when first needed.

/// Rows of a compiled-in table as numbers by column name; texts of the named key columns in front.
pub(super) struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn parse(text: &str) -> Self {
        let mut lines = text
            .lines()
            .filter(|line| !line.is_empty())
            .map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
        Self { header: lines.next().unwrap_or_default(), rows: lines.collect() }
    }

    /// Rows whose columns hold these texts.
    pub(super) fn rows(&self, wanted: &[(&str, &str)]) -> Vec<Row<'_>> {
        let places: Vec<(Option<usize>, &str)> = wanted.iter().map(|(name, text)| (self.place(name), *text)).collect();
        let fits = |row: &[String]| {
            places.iter().all(|(place, text)| place.and_then(|p| row.get(p)).is_some_and(|cell| cell == text))
        };
        self.rows.iter().filter(|row| fits(row)).map(|row| Row { table: self, cells: row }).collect()
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|column| *column == name)
    }
}

/// One row.
pub(super) struct Row<'a> {
    table: &'a Table,
    cells: &'a [String],
}

impl Row<'_> {
    pub(super) fn number(&self, column: &str) -> Option<f64> {
        self.cells.get(self.table.place(column)?)?.parse().ok()
    }
}
