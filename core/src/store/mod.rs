//! What the device remembers: one encrypted SQLite file. Knows no network.
//!
//! | module | idea |
//! |---|---|
//! | [`open`] | one process, the right key, the right version |
//! | [`migrate`] | the schema's steps, stamped by one runner |
//! | [`changes`] | the log of what carers did, and the entries that follow from it |
//! | [`entries`] | reading entries by page, kind, day |
//! | [`search`] | finding Japanese text by substring |
//! | [`photos`] | pixels and thumbnails |
//! | [`check`] | what the doctor looks at |
//! | [`salvage`], [`leaf`] | reading what can be read of a damaged file |

pub mod changes;
pub mod check;
pub mod entries;
mod error;
pub mod leaf;
pub mod migrate;
pub mod open;
pub mod photos;
pub mod salvage;
pub mod search;

use std::path::Path;

use ayumi_protocol::{DeviceId, Hlc, Stamp};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

use crate::crypto::{self, FileKey};
pub use error::StoreError;

/// An open handbook file.
#[derive(Debug)]
pub struct Db {
    opened: open::Opened,
    device: DeviceId,
    clock: Hlc,
}

impl Db {
    /// Makes the file of a new device. All or nothing.
    pub fn create(folder: &Path, key: &FileKey, carer: &str) -> Result<Self, StoreError> {
        let opened = open::create(folder, key)?;
        let device = DeviceId(u64::from_be_bytes(crypto::random()?));
        let found: Option<String> = meta(&opened.connection, "device")?;
        if found.is_some() {
            return Err(StoreError::Exists);
        }
        let mut db = Self { opened, device, clock: Hlc::default() };
        db.write(|tx| {
            set_meta(tx, "device", &device.to_string())?;
            set_meta(tx, "carer", carer)
        })?;
        Ok(db)
    }

    /// Opens the file of a device.
    pub fn open(folder: &Path, key: &FileKey) -> Result<Self, StoreError> {
        let opened = open::open(folder, key)?;
        let device = meta(&opened.connection, "device")?.ok_or(StoreError::Damaged)?.parse()?;
        let clock = last_clock(&opened.connection)?;
        Ok(Self { opened, device, clock })
    }

    /// This device.
    pub const fn device(&self) -> DeviceId {
        self.device
    }

    /// A stamp later than all this device has seen.
    pub fn next_stamp(&mut self, now_ms: u64) -> Stamp {
        self.clock = self.clock.next(now_ms);
        Stamp { hlc: self.clock, device: self.device }
    }

    /// Reads.
    pub const fn reader(&self) -> &Connection {
        &self.opened.connection
    }

    /// Writes: everything the closure did, durably, or nothing.
    pub fn write<T>(&mut self, work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let transaction = self.opened.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(&transaction)?;
        transaction.commit()?;
        Ok(done)
    }

    /// Who keeps this handbook on this device.
    pub fn carer(&self) -> Result<String, StoreError> {
        Ok(meta(self.reader(), "carer")?.unwrap_or_default())
    }
}

pub(crate) fn meta(connection: &Connection, key: &str) -> Result<Option<String>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
    Ok(statement.query_row([key], |row| row.get(0)).optional()?)
}

pub(crate) fn set_meta(tx: &Transaction<'_>, key: &str, value: &str) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )?
    .execute([key, value])?;
    Ok(())
}

/// The greatest clock reading seen: of the last change written here, or of changes taken in from elsewhere.
fn last_clock(connection: &Connection) -> Result<Hlc, StoreError> {
    let last: Option<Vec<u8>> = connection
        .query_row("SELECT stamp FROM changes ORDER BY seq DESC LIMIT 1", [], |row| row.get(0))
        .optional()?;
    let written = last.map(|bytes| Stamp::from_slice(&bytes)).transpose()?.map_or(Hlc::default(), |stamp| stamp.hlc);
    let taken = meta(connection, "clock")?.and_then(|text| text.parse().ok()).map_or(Hlc::default(), Hlc);
    Ok(written.max(taken))
}

#[cfg(test)]
mod tests;
