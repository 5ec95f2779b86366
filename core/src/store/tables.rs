//! Every table of the file by name: the rows it has, and whether salvage reads them.
//!
//! Salvage knows a page's table by its name where the tree above the page can be read ([`super::trees`]), and otherwise a
//! row by the pattern that its table declares here. The tests below fail when a table of the newest schema is missing, or
//! when a row of one could be read as a row of another.

use super::leaf::Column;

/// A table of the file.
pub(super) struct Table {
    /// Its name in the schema.
    pub(super) name: &'static str,
    /// Whether salvage reads its rows.
    pub(super) salvage: Salvage,
    /// Its columns, as a row stores them.
    pub(super) row: &'static [Cell],
}

/// Whether salvage reads a table's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Salvage {
    /// It does, as these.
    Reads(Rows),
    /// It does not, for this reason.
    Skips(&'static str),
}

/// The rows that salvage reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rows {
    /// Settings of the file.
    Settings,
    /// Changes: all that carers wrote.
    Changes,
    /// Photos.
    Photos,
    /// This device's keys, epoch keys and control statements.
    Memberships,
}

/// The values that a column can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell {
    /// The row number (`INTEGER PRIMARY KEY`): NULL in the table's rows.
    RowNumber,
    /// An integer.
    Integer,
    /// Text.
    Text,
    /// This many bytes: an id, a stamp, a key, a hash.
    Bytes(usize),
    /// More bytes than this.
    Over(usize),
    /// A JPEG.
    Jpeg,
    /// Anything, also NULL.
    Any,
}

use Cell::{Any, Bytes, Integer, Jpeg, Over, RowNumber, Text};
use Rows::{Changes, Memberships, Photos, Settings};
use Salvage::{Reads, Skips};

/// An id or a stamp.
const ID: Cell = Bytes(16);
const KEY: Cell = Bytes(32);
const FROM_CHANGES: &str = "made again from the changes";
const FROM_SERVER: &str = "comes again when the log is read from its beginning";
const SENT_AGAIN: &str = "all changes are sent again";

/// Every table of the newest schema.
pub(super) const TABLES: &[Table] = &[
    table("sqlite_schema", Skips("the new file has its own"), &[Text, Text, Text, Integer, Any]),
    table("meta", Reads(Settings), &[RowNumber, Text, Text]),
    table("notebooks", Skips(FROM_CHANGES), &[RowNumber, ID, Integer, Any]),
    table("entries", Skips(FROM_CHANGES), &[RowNumber, ID, Integer, Text, Integer, Text, Integer, Integer]),
    table("changes", Reads(Changes), &[ID, ID, Text, ID, Integer, Integer, Text]),
    table("apart", Reads(Changes), &[RowNumber, ID, ID, Text, ID, Text]),
    table("edits", Skips(FROM_CHANGES), &[RowNumber, Integer, ID]),
    table("photos", Skips("thumbnails are made again from the photos, or come again"), &[RowNumber, ID, ID, Jpeg]),
    table("photo_data", Reads(Photos), &[RowNumber, ID, ID, Jpeg]),
    table("search", Skips("virtual, has no rows of its own"), &[Any]),
    table("search_data", Skips(FROM_CHANGES), &[RowNumber, Over(0)]),
    table("search_idx", Skips(FROM_CHANGES), &[Integer, Any, Integer]),
    table("search_docsize", Skips(FROM_CHANGES), &[RowNumber, Over(0), Integer]),
    table("search_config", Skips(FROM_CHANGES), &[Text, Any]),
    table("packs", Skips("the municipality's pack is installed again"), &[RowNumber, Text, Integer, Text]),
    table("municipality", Skips("its place is a setting"), &[RowNumber, Text, Text, Integer, Any, Any, Any, Any]),
    table("feed_files", Skips("fetched again"), &[RowNumber, Text, KEY, Over(0)]),
    table("notice_marks", Skips("a notice is new once more"), &[RowNumber, Text, Integer, Integer]),
    table(
        "channels",
        Reads(Memberships),
        &[ID, KEY, KEY, Bytes(8), Any, Any, Any, Any, Any, Integer, Integer, Any, Any, Any, Integer, Any, Any, Any],
    ),
    table("releases", Skips("put at the server once more"), &[ID, ID, ID]),
    table("control", Reads(Memberships), &[ID, Integer, Integer, Integer, Over(32)]),
    table("epoch_keys", Reads(Memberships), &[ID, Integer, KEY]),
    table("tails", Skips(FROM_SERVER), &[ID, ID, Over(32), Integer, Integer]),
    table("absent", Skips(FROM_SERVER), &[ID, ID, Integer, Integer, ID, Integer, Integer, ID]),
    table("ends", Skips(FROM_SERVER), &[RowNumber, ID, KEY, ID, KEY, Integer, Over(32)]),
    table("former_logs", Skips(FROM_SERVER), &[ID, KEY, Over(32), Over(32)]),
    table("outbox", Skips(SENT_AGAIN), &[RowNumber, ID, ID, Text, ID, Integer, Any]),
    // An envelope is longer than a key.
    table("sealed", Skips(SENT_AGAIN), &[ID, Integer, Over(32)]),
    table(
        "frames",
        Skips(FROM_SERVER),
        &[
            RowNumber,
            ID,
            ID,
            Integer,
            Integer,
            KEY,
            Integer,
            Integer,
            Integer,
            Integer,
            Integer,
            Any,
            Integer,
            Over(32),
        ],
    ),
    table("early", Skips(FROM_SERVER), &[RowNumber, ID, Integer, Over(32), Over(0)]),
    table("snapshots", Skips("made again"), &[ID, Integer, Integer, Integer]),
    table("archives", Skips("fetched again"), &[RowNumber, ID, Any, Any, Integer, Integer, Any, Any]),
    table("archived", Skips("noted again when the archive is read"), &[ID, ID]),
    table("photos_sent", Skips(SENT_AGAIN), &[ID, ID, Integer]),
    table("photos_gone", Skips("they are asked for once more where their entries were deleted"), &[ID, ID]),
    table("thumbnails_missed", Skips("asked for again"), &[ID, ID, Integer, Integer]),
    table("photo_chunks", Skips("fetched again"), &[ID, ID, KEY, Integer, Over(0)]),
];

const fn table(name: &'static str, salvage: Salvage, row: &'static [Cell]) -> Table {
    Table { name, salvage, row }
}

impl Cell {
    fn holds(self, column: &Column) -> bool {
        match (self, column) {
            (Any, _) | (RowNumber, Column::Null) | (Integer, Column::Integer(_)) | (Text, Column::Text(_)) => true,
            (Bytes(length), Column::Blob(bytes)) => bytes.len() == length,
            (Over(length), Column::Blob(bytes)) => bytes.len() > length,
            (Jpeg, Column::Blob(bytes)) => bytes.starts_with(&[0xff, 0xd8]),
            _ => false,
        }
    }
}

/// Returns how salvage reads a row: as its page's table says, and without one, or if the row is not of that table, by the
/// pattern that a table declares. `None` if it skips the row.
pub(super) fn read_as(owner: Option<&Table>, columns: &[Column]) -> Option<Rows> {
    let by_name = owner.filter(|table| table.fits(columns));
    let table = by_name.or_else(|| TABLES.iter().find(|table| table.is_read() && table.fits(columns)))?;
    if let Reads(rows) = table.salvage { Some(rows) } else { None }
}

impl Table {
    fn is_read(&self) -> bool {
        matches!(self.salvage, Reads(_))
    }

    fn fits(&self, columns: &[Column]) -> bool {
        self.row.len() == columns.len() && self.row.iter().zip(columns).all(|(cell, column)| cell.holds(column))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rusqlite::Connection;

    use super::*;
    use crate::store::migrate;

    /// Tables whose rows look the same, and the rule that tells them apart.
    const TOLD_APART: &[(&str, &str, &str)] =
        &[("photos", "photo_data", "the entry's sha256 says which JPEG is the photo")];

    fn newest_schema() -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate::migrate(&mut connection, migrate::STEPS).unwrap();
        connection
    }

    fn strings(connection: &Connection, sql: &str) -> Vec<String> {
        let mut statement = connection.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    }

    fn listed(name: &str) -> &'static Table {
        TABLES.iter().find(|table| table.name == name).unwrap_or_else(|| panic!("{name} is not in tables.rs"))
    }

    #[test]
    fn every_table_of_the_newest_schema_is_listed_with_its_columns() {
        let connection = newest_schema();
        let names = strings(&connection, "SELECT name FROM sqlite_schema WHERE type = 'table'");
        for name in &names {
            let columns = strings(&connection, &format!("SELECT name FROM pragma_table_info('{name}')"));
            assert_eq!(listed(name).row.len(), columns.len(), "{name}: {columns:?}");
        }
        let listed: BTreeSet<&str> = TABLES.iter().map(|table| table.name).collect();
        let real: BTreeSet<&str> = names.iter().map(String::as_str).chain(["sqlite_schema"]).collect();
        assert_eq!(listed, real);
        assert_eq!(listed.len(), TABLES.len(), "each once");
    }

    /// Whether some value fits both.
    fn overlap(one: Cell, other: Cell) -> bool {
        match (one, other) {
            (Any, _) | (_, Any) => true,
            (Bytes(a), Bytes(b)) => a == b,
            (Bytes(a), Over(b)) | (Over(b), Bytes(a)) => a > b,
            (Bytes(_) | Over(_) | Jpeg, Jpeg) | (Jpeg, Bytes(_) | Over(_)) | (Over(_), Over(_)) => true,
            (one, other) => one == other,
        }
    }

    /// The rows of each table, and of each index: its pages are read as rows too.
    fn patterns(connection: &Connection) -> Vec<(String, Vec<Cell>)> {
        let mut patterns: Vec<_> = TABLES.iter().map(|table| (table.name.to_owned(), table.row.to_vec())).collect();
        // The index of a table without row numbers' primary key is the table itself.
        let sql = "SELECT name, tbl_name FROM sqlite_schema WHERE type = 'index'";
        let mut statement = connection.prepare(sql).unwrap();
        let indexes = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        for (index, table) in indexes.map(Result::<(String, String), _>::unwrap) {
            let sql = format!("SELECT cid FROM pragma_index_xinfo('{index}') ORDER BY seqno");
            let mut statement = connection.prepare(&sql).unwrap();
            let row = listed(&table).row;
            let cell = |place: i64| usize::try_from(place).map_or(RowNumber, |place| row[place]);
            let cells = statement.query_map([], |row| row.get(0)).unwrap().map(|place| match cell(place.unwrap()) {
                RowNumber => Integer,
                cell => cell,
            });
            patterns.push((index, cells.collect()));
        }
        patterns
    }

    #[test]
    fn no_row_is_read_as_a_row_of_another_table() {
        let patterns = patterns(&newest_schema());
        assert!(patterns.len() > TABLES.len() + 5, "the indexes too");
        let mut told_apart: BTreeSet<(&str, &str, &str)> = BTreeSet::new();
        for table in TABLES.iter().filter(|table| matches!(table.salvage, Reads(_))) {
            for (name, row) in patterns.iter().filter(|(name, _)| name != table.name) {
                let alike = row.len() == table.row.len() && row.iter().zip(table.row).all(|(a, b)| overlap(*a, *b));
                let rule = TOLD_APART.iter().find(|(one, other, _)| [*one, *other] == [name.as_str(), table.name]);
                assert!(!alike || rule.is_some(), "a row of {name} could be read as a row of {}", table.name);
                told_apart.extend(rule.filter(|_| alike));
            }
        }
        assert_eq!(told_apart.len(), TOLD_APART.len(), "a rule that nothing needs");
    }
}
