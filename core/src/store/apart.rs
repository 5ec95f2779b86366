//! Changes of this file that may not stand in their notebook, and that no envelope keeps: an earlier version, a transfer file or a
//! repair brought them. Shown to nobody, and judged again by the next version.

use ayumi_protocol::{Change, NotebookId};
use rusqlite::{Connection, Transaction, params};

use super::changes::{self, Delivery, ONE, one};
use super::error::StoreError;

const COLUMNS: &str = "entry, notebook, kind, stamp, body";

/// Puts changes apart. Those that were shown are shown no more, and wait for nothing.
pub fn keep(tx: &Transaction<'_>, unfit: &[Change]) -> Result<(), StoreError> {
    let sql = format!("INSERT OR IGNORE INTO apart ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5)");
    for change in unfit {
        let (entry, notebook, kind, stamp) = one(change);
        tx.prepare_cached(&sql)?.execute(params![entry, notebook, kind, stamp, change.body()])?;
        tx.prepare_cached(&format!("DELETE FROM outbox WHERE {ONE} AND sequence IS NULL"))?.execute(one(change))?;
    }
    changes::withdraw(tx, unfit)
}

/// Returns what is kept apart of a notebook, the oldest first.
pub fn all(connection: &Connection, notebook: NotebookId) -> Result<Vec<Change>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM apart WHERE notebook = ?1 ORDER BY stamp");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([notebook.as_bytes()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(changes::read_change(row)?);
    }
    Ok(found)
}

/// Returns how many changes of a notebook are kept apart.
pub fn count(connection: &Connection, notebook: NotebookId) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached("SELECT count(*) FROM apart WHERE notebook = ?1")?;
    Ok(statement.query_row([notebook.as_bytes()], |row| row.get(0))?)
}

/// Puts changes that may stand after all in their places: they wait to be sent.
pub fn take_back(tx: &Transaction<'_>, fit: &[Change]) -> Result<(), StoreError> {
    changes::apply_all(tx, fit, Delivery::Waiting)?;
    forget(tx, fit)
}

/// Forgets changes that are kept apart.
pub(super) fn forget(tx: &Transaction<'_>, gone: &[Change]) -> Result<(), StoreError> {
    for change in gone {
        tx.prepare_cached(&format!("DELETE FROM apart WHERE {ONE}"))?.execute(one(change))?;
    }
    Ok(())
}
