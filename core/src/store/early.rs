//! What a snapshot showed before its envelopes came: until they are read it may have to go again.

use ayumi_protocol::envelope::Frame;
use ayumi_protocol::{Change, DeviceId, EntryId, Hlc, NotebookId, Stamp};
use rusqlite::{Connection, Transaction, params};

use super::error::StoreError;

/// What a snapshot showed of one author.
#[derive(Debug)]
pub struct Early {
    /// The last of the envelopes that it came from.
    pub end: Frame,
    /// The changes that were new here, without what they say.
    pub changes: Vec<Change>,
}

/// Keeps which changes a part of a snapshot showed.
pub fn keep(tx: &Transaction<'_>, end: &Frame, changes: &[Change]) -> Result<(), StoreError> {
    let mut shown = Vec::new();
    for change in changes {
        shown.extend_from_slice(change.entry.as_bytes());
        shown.extend_from_slice(&change.stamp.to_bytes());
        // A kind is never longer than its limit, which a byte can tell.
        shown.push(u8::try_from(change.kind.len()).unwrap_or(u8::MAX));
        shown.extend_from_slice(change.kind.as_bytes());
    }
    let sql = "INSERT INTO early (notebook, changes, frame, shown) VALUES (?1, ?2, ?3, ?4)";
    tx.execute(sql, params![end.header.notebook.as_bytes(), changes.len(), end.to_bytes(), shown])?;
    Ok(())
}

/// Whether something of a notebook is shown before its envelopes came.
pub fn is_some(connection: &Connection, notebook: NotebookId) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM early WHERE notebook = ?1")?;
    Ok(statement.exists([notebook.as_bytes()])?)
}

/// Returns how many changes of a notebook are shown, and their envelopes are not here yet.
pub fn count(connection: &Connection, notebook: NotebookId) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached("SELECT coalesce(sum(changes), 0) FROM early WHERE notebook = ?1")?;
    Ok(statement.query_row([notebook.as_bytes()], |row| row.get(0))?)
}

/// Returns all of a notebook.
pub fn all(connection: &Connection, notebook: NotebookId) -> Result<Vec<Early>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT frame, shown FROM early WHERE notebook = ?1 ORDER BY n")?;
    let mut rows = statement.query([notebook.as_bytes()])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let end = Frame::from_start_of(&row.get::<_, Vec<u8>>(0)?)?;
        let shown: Vec<u8> = row.get(1)?;
        let mut rest = shown.as_slice();
        let mut changes = Vec::new();
        while let Some((change, behind)) = read(rest, notebook) {
            changes.push(change);
            rest = behind;
        }
        all.push(Early { end, changes });
    }
    Ok(all)
}

fn read(bytes: &[u8], notebook: NotebookId) -> Option<(Change, &[u8])> {
    let (entry, rest) = bytes.split_at_checked(16)?;
    let (stamp, rest) = rest.split_first_chunk::<16>()?;
    let (length, rest) = rest.split_first()?;
    let (kind, rest) = rest.split_at_checked(usize::from(*length))?;
    let (clock, device) = stamp.split_first_chunk::<8>()?;
    let device = DeviceId(u64::from_be_bytes(device.try_into().ok()?));
    let stamp = Stamp { hlc: Hlc(u64::from_be_bytes(*clock)), device };
    let entry = EntryId::from_slice(entry).ok()?;
    let change = Change::from_parts(entry, notebook, std::str::from_utf8(kind).ok()?, stamp, "{}").ok()?;
    Some((change, rest))
}

/// Forgets all of a notebook: its log has been read.
pub fn forget(tx: &Transaction<'_>, notebook: NotebookId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM early WHERE notebook = ?1", [notebook.as_bytes()])?;
    Ok(())
}

/// When this device made a snapshot last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Made {
    /// Milliseconds since 1970.
    pub at_ms: u64,
    /// How long the log was then.
    pub position: u64,
}

/// Returns when this device made a notebook's snapshot last.
pub fn made(connection: &Connection, notebook: NotebookId) -> Result<Made, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT coalesce(max(at_ms), 0), coalesce(max(position), 0) FROM snapshots WHERE notebook = ?1",
    )?;
    let made = |row: &rusqlite::Row<'_>| Ok(Made { at_ms: row.get(0)?, position: row.get(1)? });
    Ok(statement.query_row([notebook.as_bytes()], made)?)
}

/// Returns when this device asked for a notebook's snapshot last, in milliseconds since 1970.
pub fn asked(connection: &Connection, notebook: NotebookId) -> Result<u64, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT coalesce(max(asked_ms), 0) FROM snapshots WHERE notebook = ?1")?;
    Ok(statement.query_row([notebook.as_bytes()], |row| row.get(0))?)
}

/// Notes when this device asked for a notebook's snapshot.
pub fn note_asked(tx: &Transaction<'_>, notebook: NotebookId, at_ms: u64) -> Result<(), StoreError> {
    let sql = "INSERT INTO snapshots (notebook, at_ms, position, asked_ms) VALUES (?1, 0, 0, ?2)
               ON CONFLICT (notebook) DO UPDATE SET asked_ms = ?2";
    tx.execute(sql, params![notebook.as_bytes(), at_ms])?;
    Ok(())
}

/// Returns when this device made a snapshot of any notebook last, in milliseconds since 1970.
pub fn made_any(connection: &Connection) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached("SELECT coalesce(max(at_ms), 0) FROM snapshots")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

/// The servers have dropped a notebook's snapshots: another one is made as soon as it may be.
pub fn make_again(tx: &Transaction<'_>, notebook: NotebookId) -> Result<(), StoreError> {
    tx.execute("UPDATE snapshots SET position = 0 WHERE notebook = ?1", [notebook.as_bytes()])?;
    Ok(())
}

/// Notes when this device made a notebook's snapshot, or tried to.
pub fn note_made(tx: &Transaction<'_>, notebook: NotebookId, made: Made) -> Result<(), StoreError> {
    let sql = "INSERT INTO snapshots (notebook, at_ms, position, asked_ms) VALUES (?1, ?2, ?3, 0)
               ON CONFLICT (notebook) DO UPDATE SET at_ms = ?2, position = ?3";
    tx.execute(sql, params![notebook.as_bytes(), made.at_ms, made.position])?;
    Ok(())
}
