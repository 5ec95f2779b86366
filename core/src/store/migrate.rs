//! One migration runner: it alone stamps the version, in one transaction with the steps.

use rusqlite::{Connection, TransactionBehavior};

use super::error::StoreError;

/// A step: the `user_version` it leads to, and its SQL.
pub type Step = (i64, &'static str);

/// Every step ever released, in order.
pub const STEPS: &[Step] = &[
    (1, include_str!("migrations/0001_handbook.sql")),
    (2, include_str!("migrations/0002_search.sql")),
    (3, include_str!("migrations/0003_content.sql")),
    (4, include_str!("migrations/0004_sync.sql")),
    (5, include_str!("migrations/0005_begin_anew.sql")),
    (6, include_str!("migrations/0006_municipal.sql")),
];

/// Marks the file as ours ("Ayum").
const APPLICATION_ID: i64 = 0x4179_756d;

/// The step that this version leads to.
pub fn newest() -> i64 {
    STEPS.last().map_or(0, |(number, _)| *number)
}

/// The step that a file is at; 0 for an empty one.
pub fn version(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// Brings the file to the newest step. A newer file is refused untouched; a step that fails leaves the file as it was.
pub fn migrate(connection: &mut Connection, steps: &[Step]) -> Result<(), StoreError> {
    let version = version(connection)?;
    let newest = steps.last().map_or(0, |(number, _)| *number);
    if version > newest {
        return Err(StoreError::Newer);
    }
    if version == newest {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (_, sql) in steps.iter().filter(|(number, _)| *number > version) {
        transaction.execute_batch(sql)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", newest)?;
    Ok(transaction.commit()?)
}
