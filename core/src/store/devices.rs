//! This device in the stamps of each notebook.

use ayumi_protocol::{DeviceId, NotebookId};
use rusqlite::{Connection, OptionalExtension};

use super::error::StoreError;

/// Returns this device in a notebook's stamps; `None` for a notebook without keys.
pub fn in_notebook(connection: &Connection, notebook: NotebookId) -> Result<Option<DeviceId>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT device FROM channels WHERE notebook = ?1")?;
    let device = statement.query_row([notebook.as_bytes()], |row| row.get(0)).optional()?;
    Ok(device.map(|bytes| DeviceId(u64::from_be_bytes(bytes))))
}
