//! Takes a notebook off this device: its words, photos, keys and log. Nothing of it is left in the file.

use ayumi_protocol::NotebookId;
use rusqlite::{OptionalExtension, Transaction, params};

use super::error::StoreError;
use super::outbox;
use super::settings::{INDEXED, Indexed, OUTBOX, Scanned};

/// Tables whose rows carry the notebook's id.
const BY_ID: &[&str] = &[
    "photo_data",
    "photos",
    "photos_sent",
    "photo_chunks",
    "thumbnails_missed",
    "outbox",
    "sealed",
    "frames",
    "tails",
    "absent",
    "ends",
    "former_logs",
    "control",
    "epoch_keys",
    "channels",
    "releases",
    "changes",
    "apart",
    "photos_gone",
    "early",
    "snapshots",
    "archives",
    "archived",
];

/// Deletes everything of a notebook.
pub fn forget(tx: &Transaction<'_>, notebook: NotebookId) -> Result<(), StoreError> {
    outbox::collect_new(tx)?;
    let id = notebook.as_bytes();
    let former: Option<Vec<u8>> =
        tx.query_row("SELECT former FROM notebooks WHERE id = ?1", [id], |row| row.get(0)).optional()?.flatten();
    let entries = "FROM entries WHERE notebook = (SELECT n FROM notebooks WHERE id = ?1)";
    tx.execute(&format!("DELETE FROM search WHERE rowid IN (SELECT n {entries})"), [id])?;
    tx.execute(&format!("DELETE FROM edits WHERE n IN (SELECT n {entries})"), [id])?;
    tx.execute(&format!("DELETE {entries}"), [id])?;
    for table in BY_ID {
        tx.execute(&format!("DELETE FROM {table} WHERE notebook = ?1"), [id])?;
        // The log of the notebook from which it began anew.
        tx.execute(&format!("DELETE FROM {table} WHERE notebook = ?1"), [&former])?;
    }
    tx.execute("DELETE FROM notebooks WHERE id = ?1", params![id])?;
    // Numbers of rows that went are given again: what is written next lies behind the marks all the same.
    let newest = Scanned::newest(tx)?;
    let indexed = INDEXED.get(tx)?.unwrap_or_default().0;
    let (entry, edit) = (indexed.entry.min(newest.entry), indexed.edit.min(newest.edit));
    INDEXED.set(tx, &Indexed(Scanned { entry, edit }))?;
    OUTBOX.set(tx, &newest)
}
