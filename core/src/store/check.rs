//! What the doctor looks at: every page's tag, SQLite's own order, and whether each entry shows what its changes say.

use ayumi_protocol::{EntryId, NotebookId};
use rusqlite::Connection;
use serde_json::Value;

use super::error::StoreError;
use super::{changes, entries, photos};
use crate::crypto::sha256_hex;
use crate::model::merge::merge;
use crate::model::naming::EntryKey;

/// Something that is wrong with a file, and in how many places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// Parts of the file cannot be read.
    Unreadable,
    /// Pages whose tag is wrong.
    Pages(u64),
    /// Places where SQLite's order is broken.
    Order(u64),
    /// Entries that do not show what was written.
    Entries(u64),
    /// Photos that are not what was saved.
    Photos(u64),
}

impl Finding {
    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Pages(_) => "pages",
            Self::Order(_) => "order",
            Self::Entries(_) => "entries",
            Self::Photos(_) => "photos",
        }
    }

    /// In how many places; none where nobody can count.
    pub const fn count(self) -> Option<u64> {
        match self {
            Self::Unreadable => None,
            Self::Pages(count) | Self::Order(count) | Self::Entries(count) | Self::Photos(count) => Some(count),
        }
    }
}

/// What was looked at and found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// Entries looked at.
    pub entries: u64,
    /// Changes in the log.
    pub changes: u64,
    /// Photos looked at.
    pub photos: u64,
    /// What is wrong. Empty is healthy.
    pub findings: Vec<Finding>,
}

/// Looks at everything; repairs nothing. Damage is a finding, not an error.
pub fn check(connection: &Connection, progress: &mut dyn FnMut(u64, u64)) -> Result<Checked, StoreError> {
    let mut checkup = Checked::default();
    match look(connection, &mut checkup, progress) {
        Err(StoreError::Damaged) => checkup.findings.push(Finding::Unreadable),
        other => other?,
    }
    Ok(checkup)
}

fn look(connection: &Connection, checkup: &mut Checked, progress: &mut dyn FnMut(u64, u64)) -> Result<(), StoreError> {
    let pages = pragma_rows(connection, "cipher_integrity_check")?;
    if !pages.is_empty() {
        // After a page that cannot be decrypted SQLite answers nothing more on this connection.
        checkup.findings.push(Finding::Pages(pages.len() as u64));
        return Ok(());
    }
    let order = pragma_rows(connection, "integrity_check")?.iter().filter(|text| *text != "ok").count();
    if order > 0 {
        checkup.findings.push(Finding::Order(order as u64));
        return Ok(());
    }
    (checkup.entries, checkup.changes) = entries::counts(connection)?;
    check_entries(connection, checkup, progress)?;
    check_photos(connection, checkup)
}

fn pragma_rows(connection: &Connection, pragma: &str) -> Result<Vec<String>, StoreError> {
    let mut statement = connection.prepare(&format!("PRAGMA {pragma}"))?;
    Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

fn check_entries(
    connection: &Connection,
    checkup: &mut Checked,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(), StoreError> {
    let sql = "SELECT e.id, e.kind, b.id FROM entries e JOIN notebooks b ON b.n = e.notebook WHERE e.deleted < 2
               ORDER BY e.n";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    let (mut differ, mut done) = (0, 0);
    while let Some(row) = rows.next()? {
        let (id, kind, notebook): (Vec<u8>, String, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let key = EntryKey { id: EntryId::from_slice(&id)?, kind, notebook: NotebookId::from_slice(&notebook)? };
        let state = merge(&changes::of_entry(connection, &key)?);
        let shown = entries::find(connection, &key)?.ok_or(StoreError::Damaged)?;
        let mut fields = state.fields();
        fields.remove(crate::model::kind::ON.key);
        let same = fields == shown.fields
            && state.deleted == shown.deleted
            && state.conflicts().count() == shown.conflicts as usize
            && changes::day_number(&state) == shown.place.day;
        differ += u64::from(!same);
        done += 1;
        progress(done, checkup.entries);
    }
    if differ > 0 {
        checkup.findings.push(Finding::Entries(differ));
    }
    Ok(())
}

fn check_photos(connection: &Connection, checkup: &mut Checked) -> Result<(), StoreError> {
    let mut wrong = 0;
    for key in photos::all(connection)? {
        checkup.photos += 1;
        let sum = entries::find(connection, &key)?.and_then(|entry| entry.fields.get("sha256").cloned());
        let data = photos::data(connection, &key)?;
        wrong += u64::from(sum != data.map(|bytes| Value::from(sha256_hex(&bytes))));
    }
    if wrong > 0 {
        checkup.findings.push(Finding::Photos(wrong));
    }
    Ok(())
}
