//! What a server's database holds of one notebook, found without knowing its tables: to look for it when it should be gone.

use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};

/// The shortest piece that means something.
const PIECE: usize = 16;

/// Every value of at least sixteen bytes in a row that names the notebook by its id, in a file of SQLite.
///
/// # Panics
/// If it cannot be read.
pub fn values_in_file(file: &Path, id: &[u8]) -> Vec<Vec<u8>> {
    ayumi_sqlcipher::link();
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the file");
    let mut tables = connection.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").expect("tables");
    let tables: Vec<String> = tables.query_map([], |row| row.get(0)).and_then(Iterator::collect).expect("their names");
    let mut found = Vec::new();
    for table in tables {
        let mut all = connection.prepare(&format!("SELECT * FROM \"{table}\"")).expect("a table");
        let width = all.column_count();
        let mut rows = all.query([]).expect("its rows");
        while let Some(row) = rows.next().expect("a row") {
            let values: Vec<Vec<u8>> = (0..width).filter_map(|at| bytes(row.get(at).expect("a value"))).collect();
            if values.iter().any(|value| value == id) {
                found.extend(values.into_iter().filter(|value| value.len() >= PIECE));
            }
        }
    }
    found
}

fn bytes(value: Value) -> Option<Vec<u8>> {
    match value {
        Value::Blob(bytes) => Some(bytes),
        Value::Text(text) => Some(text.into_bytes()),
        Value::Null | Value::Integer(_) | Value::Real(_) => None,
    }
}

/// The same in a dump of PostgreSQL's, whose bytes are hexadecimal digits behind `\\x`.
///
/// # Panics
/// If the dump is none.
pub fn values_in_dump(dump: &[u8], id: &[u8]) -> Vec<Vec<u8>> {
    let lines = std::str::from_utf8(dump).expect("text").lines();
    let rows = lines.map(|line| line.split('\t').filter_map(unhexed).collect::<Vec<_>>());
    let of_it = rows.filter(|values| values.iter().any(|value| value == id));
    of_it.flatten().filter(|value| value.len() >= PIECE).collect()
}

/// All bytes of such a dump, and its text.
///
/// # Panics
/// If the dump is none.
pub fn bytes_of_dump(dump: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(dump).expect("text");
    let values = text.lines().flat_map(|line| line.split('\t').filter_map(unhexed)).flatten();
    values.chain(dump.iter().copied()).collect()
}

fn unhexed(cell: &str) -> Option<Vec<u8>> {
    let digits = cell.strip_prefix("\\\\x")?;
    let byte = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    (0..digits.len()).step_by(2).map(byte).collect()
}

/// The first piece of a value that stands in these bytes. A piece of few different bytes (a zero hash) says nothing.
pub fn left_of<'a>(values: &'a [Vec<u8>], bytes: &[u8]) -> Option<&'a [u8]> {
    let mut there = std::collections::HashSet::new();
    there.extend(bytes.windows(PIECE));
    let pieces = values.iter().flat_map(|value| value.chunks_exact(PIECE));
    let mut telling = pieces.filter(|piece| piece.iter().collect::<std::collections::HashSet<_>>().len() > PIECE / 2);
    telling.find(|piece| there.contains(piece))
}
