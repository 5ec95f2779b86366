//! The open file: reading, writing, and the clock of this device.

use std::collections::BTreeMap;
use std::path::Path;

use ayumi_protocol::{DeviceId, Hlc, NotebookId, Stamp};
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::error::StoreError;
use super::settings::{CARER, CLOCK, CLOCK_OFFSET};
use super::touched::{self, Touched};
use super::{devices, open};
use crate::crypto::FileKey;

/// What is read from: the open file, or a transaction on it. Only the store speaks SQL with it.
pub type View = Connection;
/// What is written through: everything of it, durably, or nothing. Also a [`View`].
pub type Tx<'a> = Transaction<'a>;

/// An open handbook file.
#[derive(Debug)]
pub struct Db {
    opened: open::Opened,
    /// The last clock reading: looked up before the first write, so that opening to read stays fast.
    last: Option<Hlc>,
    /// This device in the stamps of each notebook, as looked up.
    devices: BTreeMap<NotebookId, DeviceId>,
    /// How much the server's clock is ahead of this device's, in milliseconds, as learnt at the last sync.
    offset: Option<i64>,
    touched: std::sync::Arc<touched::Marks>,
}

impl Db {
    /// Makes the file of a new device. All or nothing.
    pub fn create(folder: &Path, key: &FileKey, carer: &str) -> Result<Self, StoreError> {
        let mut opened = open::create(folder, key)?;
        if CARER.get(&opened.connection)?.is_some() {
            return Err(StoreError::Exists);
        }
        let touched = touched::Marks::on(&mut opened.connection)?;
        let mut db = Self { opened, last: Some(Hlc::default()), devices: BTreeMap::new(), offset: Some(0), touched };
        db.write(|tx| CARER.set(tx, &carer.to_owned()))?;
        Ok(db)
    }

    /// Opens the file of a device.
    pub fn open(folder: &Path, key: &FileKey) -> Result<Self, StoreError> {
        let mut opened = open::open(folder, key)?;
        let touched = touched::Marks::on(&mut opened.connection)?;
        Ok(Self { opened, last: None, devices: BTreeMap::new(), offset: None, touched })
    }

    /// The same from a copy, as if the folder could not be written.
    #[cfg(test)]
    pub(crate) fn open_to_read(folder: &Path, key: &FileKey) -> Result<Self, StoreError> {
        let mut opened = open::open_copy(folder, key)?;
        let touched = touched::Marks::on(&mut opened.connection)?;
        Ok(Self { opened, last: None, devices: BTreeMap::new(), offset: None, touched })
    }

    /// Whether the file lies where nothing can be written.
    pub const fn is_read_only(&self) -> bool {
        self.opened.copy.is_some()
    }

    /// The last clock reading.
    fn last(&mut self) -> Result<&mut Hlc, StoreError> {
        let last = match self.last {
            Some(last) => last,
            None => last_clock(self.reader())?,
        };
        Ok(self.last.insert(last))
    }

    /// A clock reading later than all this device has seen.
    pub fn next_clock(&mut self, now_ms: u64) -> Result<Hlc, StoreError> {
        let now_ms = self.corrected(now_ms)?;
        let last = self.last()?;
        *last = last.next(now_ms);
        Ok(*last)
    }

    /// A stamp in a notebook, later than all this device has seen.
    pub fn next_stamp(&mut self, notebook: NotebookId, now_ms: u64) -> Result<Stamp, StoreError> {
        Ok(Stamp { device: self.device(notebook)?, hlc: self.next_clock(now_ms)? })
    }

    /// This device in a notebook's stamps.
    pub fn device(&mut self, notebook: NotebookId) -> Result<DeviceId, StoreError> {
        if let Some(known) = self.devices.get(&notebook) {
            return Ok(*known);
        }
        let device = devices::in_notebook(self.reader(), notebook)?.ok_or(StoreError::Damaged)?;
        self.devices.insert(notebook, device);
        Ok(device)
    }

    /// How much the server's clock is ahead of this device's, in milliseconds; 0 until it is known.
    pub fn clock_offset(&mut self) -> Result<i64, StoreError> {
        let offset = match self.offset {
            Some(offset) => offset,
            None => CLOCK_OFFSET.get(self.reader())?.unwrap_or(0),
        };
        Ok(*self.offset.insert(offset))
    }

    /// This device's clock, corrected by the server's time.
    pub fn corrected(&mut self, now_ms: u64) -> Result<u64, StoreError> {
        Ok(now_ms.saturating_add_signed(self.clock_offset()?))
    }

    /// What is known of the clock, and of this device in notebooks, is read again.
    pub(crate) fn forget_known(&mut self) {
        self.last = None;
        self.offset = None;
        self.devices.clear();
    }

    /// No stamp from here on is less than this clock reading.
    pub fn advance_clock(&mut self, seen: Hlc) -> Result<(), StoreError> {
        let last = self.last()?;
        *last = (*last).max(seen);
        Ok(())
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

    /// Folds the write-ahead log into the file, so that no earlier page stays behind in it.
    pub fn fold_log(&self) -> Result<(), StoreError> {
        Ok(self.reader().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
    }

    /// Rises with every row that this connection writes. The file is this process's alone, so what was read at the same
    /// number is still true.
    pub fn edition(&self) -> u64 {
        self.opened.connection.total_changes()
    }

    /// What was written since this was asked last.
    pub fn take_touched(&self) -> Touched {
        self.touched.take()
    }

    /// Who keeps this handbook on this device.
    pub fn carer(&self) -> Result<String, StoreError> {
        Ok(CARER.get(self.reader())?.unwrap_or_default())
    }
}

/// The greatest clock reading seen: of the newest entry, of the newest edit, or of changes taken in from elsewhere.
fn last_clock(connection: &Connection) -> Result<Hlc, StoreError> {
    let stamps = connection.query_row(
        "SELECT (SELECT max(stamp) FROM changes WHERE entry = (SELECT id FROM entries ORDER BY n DESC LIMIT 1)),
                (SELECT stamp FROM edits ORDER BY seq DESC LIMIT 1)",
        [],
        |row| Ok([row.get::<_, Option<Vec<u8>>>(0)?, row.get(1)?]),
    )?;
    let taken = CLOCK.get(connection)?.unwrap_or_default();
    stamps.into_iter().flatten().try_fold(taken, |last, bytes| Ok(last.max(Stamp::from_slice(&bytes)?.hlc)))
}
