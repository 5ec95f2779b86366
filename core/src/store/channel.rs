//! What this device knows of a notebook's log at the server: keys, cursor, chains, receipts.

use ayumi_protocol::NotebookId;
use ayumi_protocol::accept::Tail;
use ayumi_protocol::exchange::Ticket;
use ayumi_protocol::key::{Hash, KeyId};
use ayumi_protocol::prefix::Prefix;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::error::StoreError;
use crate::crypto::keys::{EpochKey, SecretKeys};

/// A notebook's channel.
#[derive(Debug, Clone)]
pub struct Channel {
    /// The notebook.
    pub notebook: NotebookId,
    /// This device's keys in it.
    pub keys: SecretKeys,
    /// The server's store epoch; `None` before its first reply.
    pub store_epoch: Option<[u8; 16]>,
    /// Signs receipts.
    pub server_key: Option<[u8; 32]>,
    /// Opens the next request.
    pub token: Option<Ticket>,
    /// All up to here is in this file.
    pub position: u64,
    /// Names the log up to there.
    pub prefix: Prefix,
    /// The end of this device's own chain, as sealed.
    pub own: Tail,
    /// The log of a server that lost data is being read again.
    pub again: bool,
    /// Why nothing more is sent.
    pub halted: Option<String>,
    /// This device is no member any more.
    pub removed: bool,
    /// Where the newest whole snapshot ends.
    pub snapshot: u64,
    /// Envelopes were compacted whose snapshot has not arrived yet.
    pub hollow: bool,
    /// The snapshot of which not all parts have come.
    pub assembly: Option<Vec<u8>>,
}

impl Channel {
    /// Returns the channel of a notebook that was never synced.
    pub fn new(notebook: NotebookId, keys: SecretKeys) -> Self {
        Self {
            notebook,
            keys,
            store_epoch: None,
            server_key: None,
            token: None,
            position: 0,
            prefix: Prefix::default(),
            own: Tail::default(),
            again: false,
            halted: None,
            removed: false,
            snapshot: 0,
            hollow: false,
            assembly: None,
        }
    }

    /// Saves the channel.
    pub fn save(&self, tx: &Transaction<'_>) -> Result<(), StoreError> {
        let (sign, agree) = self.keys.expose();
        tx.prepare_cached(
            "INSERT OR REPLACE INTO channels (notebook, sign, agree, store_epoch, server_key, token, position, sequence, hash,
                                              again, halted, removed, prefix, snapshot, hollow, assembly)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
        )?
        .execute(params![
            self.notebook.as_bytes(),
            sign,
            agree,
            self.store_epoch,
            self.server_key,
            self.token,
            self.position,
            self.own.sequence,
            self.own.hash,
            self.again,
            self.halted,
            self.removed,
            self.prefix,
            self.snapshot,
            self.hollow,
            self.assembly
        ])?;
        Ok(())
    }
}

/// Returns a notebook's channel, if it has one.
pub fn find(connection: &Connection, notebook: NotebookId) -> Result<Option<Channel>, StoreError> {
    let sql =
        "SELECT sign, agree, store_epoch, server_key, token, position, sequence, hash, again, halted, removed, prefix,
                      snapshot, hollow, assembly FROM channels WHERE notebook = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_row([notebook.as_bytes()], |row| {
        Ok(Channel {
            notebook,
            keys: SecretKeys::from_bytes(row.get(0)?, row.get(1)?),
            store_epoch: row.get(2)?,
            server_key: row.get(3)?,
            token: row.get(4)?,
            position: row.get(5)?,
            own: Tail { sequence: row.get(6)?, hash: row.get(7)? },
            again: row.get(8)?,
            halted: row.get(9)?,
            removed: row.get(10)?,
            prefix: row.get(11)?,
            snapshot: row.get(12)?,
            hollow: row.get(13)?,
            assembly: row.get(14)?,
        })
    });
    Ok(found.optional()?)
}

/// Returns the notebooks that have a channel; also those whose first entry has not come yet.
pub fn all(connection: &Connection) -> Result<Vec<NotebookId>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT notebook FROM channels ORDER BY notebook")?;
    let ids = statement.query_map([], |row| row.get::<_, Vec<u8>>(0))?.collect::<Result<Vec<_>, _>>()?;
    Ok(ids.iter().map(|id| NotebookId::from_slice(id)).collect::<Result<_, _>>()?)
}

/// A control statement, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredStatement {
    /// When the server accepted it.
    pub taken_at: u64,
    /// Its number in the log; 0 until the server has accepted it.
    pub position: u64,
    /// Its wire form.
    pub body: Vec<u8>,
}

/// Returns the control chain, in order; what the server has not accepted yet stands at its end.
pub fn statements(connection: &Connection, notebook: NotebookId) -> Result<Vec<StoredStatement>, StoreError> {
    let sql = "SELECT taken_at, position, body FROM control WHERE notebook = ?1
               ORDER BY position = 0, position, place";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([notebook.as_bytes()], |row| {
        Ok(StoredStatement { taken_at: row.get(0)?, position: row.get(1)?, body: row.get(2)? })
    });
    Ok(rows?.collect::<Result<_, _>>()?)
}

/// Adds a control statement at the end of the chain.
pub fn add_statement(tx: &Transaction<'_>, notebook: NotebookId, stored: &StoredStatement) -> Result<(), StoreError> {
    let sql = "INSERT INTO control (notebook, place, taken_at, position, body)
               SELECT ?1, coalesce(max(place), 0) + 1, ?2, ?3, ?4 FROM control WHERE notebook = ?1";
    let id = notebook.as_bytes();
    tx.prepare_cached(sql)?.execute(params![id, stored.taken_at, stored.position, stored.body])?;
    Ok(())
}

/// Notes the place of a control statement that the server has accepted, or has again.
pub fn place_statement(
    tx: &Transaction<'_>,
    notebook: NotebookId,
    body: &[u8],
    taken_at: u64,
    position: u64,
) -> Result<(), StoreError> {
    let sql = "UPDATE control SET taken_at = ?3, position = ?4 WHERE notebook = ?1 AND body = ?2";
    tx.prepare_cached(sql)?.execute(params![notebook.as_bytes(), body, taken_at, position])?;
    Ok(())
}

/// Returns whether a control statement is stored.
pub fn has_statement(connection: &Connection, notebook: NotebookId, body: &[u8]) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM control WHERE notebook = ?1 AND body = ?2";
    Ok(connection.prepare_cached(sql)?.exists(params![notebook.as_bytes(), body])?)
}

/// Resets accepted control statements to pending ones; those that the server refuses now are deleted.
pub fn doubt_statements(tx: &Transaction<'_>, notebook: NotebookId) -> Result<(), StoreError> {
    let sql = "UPDATE control SET taken_at = 0 WHERE notebook = ?1 AND position = 0";
    tx.execute(sql, [notebook.as_bytes()])?;
    Ok(())
}

/// Deletes a control statement that the server did not accept.
pub fn drop_statement(tx: &Transaction<'_>, notebook: NotebookId, body: &[u8]) -> Result<(), StoreError> {
    let sql = "DELETE FROM control WHERE notebook = ?1 AND body = ?2 AND position = 0";
    tx.prepare_cached(sql)?.execute(params![notebook.as_bytes(), body])?;
    Ok(())
}

/// Returns the notebook's keys by key epoch.
pub fn epoch_keys(connection: &Connection, notebook: NotebookId) -> Result<Vec<(u32, EpochKey)>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT epoch, key FROM epoch_keys WHERE notebook = ?1 ORDER BY epoch")?;
    let rows =
        statement.query_map([notebook.as_bytes()], |row| Ok((row.get(0)?, EpochKey::from_bytes(row.get(1)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Saves keys.
pub fn keep_keys<'k>(
    tx: &Transaction<'_>,
    notebook: NotebookId,
    keys: impl IntoIterator<Item = (&'k u32, &'k EpochKey)>,
) -> Result<(), StoreError> {
    let mut insert =
        tx.prepare_cached("INSERT OR REPLACE INTO epoch_keys (notebook, epoch, key) VALUES (?1, ?2, ?3)")?;
    for (epoch, key) in keys {
        insert.execute(params![notebook.as_bytes(), epoch, key.expose()])?;
    }
    Ok(())
}

/// Returns the ends of the authors' chains.
pub fn tails(connection: &Connection, notebook: NotebookId) -> Result<Vec<(KeyId, Tail)>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT author, sequence, hash FROM tails WHERE notebook = ?1")?;
    let rows = statement.query_map([notebook.as_bytes()], |row| {
        Ok((KeyId(row.get(0)?), Tail { sequence: row.get(1)?, hash: row.get(2)? }))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Saves the ends of the authors' chains.
pub fn keep_tails<'t>(
    tx: &Transaction<'_>,
    notebook: NotebookId,
    tails: impl IntoIterator<Item = (&'t KeyId, &'t Tail)>,
) -> Result<(), StoreError> {
    let sql = "INSERT OR REPLACE INTO tails (notebook, author, sequence, hash) VALUES (?1, ?2, ?3, ?4)";
    let mut insert = tx.prepare_cached(sql)?;
    for (author, tail) in tails {
        insert.execute(params![notebook.as_bytes(), author.0, tail.sequence, tail.hash])?;
    }
    Ok(())
}

/// Saves a receipt of the server.
pub fn keep_receipt(
    tx: &Transaction<'_>,
    notebook: NotebookId,
    sequence: u64,
    position: u64,
    hash: &Hash,
    signature: &[u8; 64],
) -> Result<(), StoreError> {
    let sql =
        "INSERT OR REPLACE INTO receipts (notebook, sequence, position, hash, signature) VALUES (?1, ?2, ?3, ?4, ?5)";
    tx.prepare_cached(sql)?.execute(params![notebook.as_bytes(), sequence, position, hash, signature])?;
    Ok(())
}

/// Returns the last of this device's envelopes that has a receipt; sequence 0 before the first.
pub fn last_receipt(connection: &Connection, notebook: NotebookId) -> Result<Tail, StoreError> {
    let sql = "SELECT sequence, hash FROM receipts WHERE notebook = ?1 ORDER BY sequence DESC LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    let tail = statement
        .query_row([notebook.as_bytes()], |row| Ok(Tail { sequence: row.get(0)?, hash: row.get(1)? }))
        .optional()?;
    Ok(tail.unwrap_or_default())
}

/// Returns the hash of an envelope that this file made: sealed and without a receipt, or with one.
pub fn own_hash(connection: &Connection, notebook: NotebookId, sequence: u64) -> Result<Option<Hash>, StoreError> {
    let mut receipted = connection.prepare_cached("SELECT hash FROM receipts WHERE notebook = ?1 AND sequence = ?2")?;
    let found = receipted.query_row(params![notebook.as_bytes(), sequence], |row| row.get(0)).optional()?;
    if found.is_some() {
        return Ok(found);
    }
    let mut sealed = connection.prepare_cached("SELECT body FROM sealed WHERE notebook = ?1 AND sequence = ?2")?;
    let body = sealed.query_row(params![notebook.as_bytes(), sequence], |row| row.get::<_, Vec<u8>>(0)).optional()?;
    Ok(body.map(|body| ayumi_protocol::key::hash(&body)))
}

/// Saves an item that this version cannot read yet.
pub fn keep_unread(
    tx: &Transaction<'_>,
    notebook: NotebookId,
    position: u64,
    taken_at: u64,
    body: &[u8],
) -> Result<(), StoreError> {
    let sql = "INSERT OR REPLACE INTO unread (notebook, position, taken_at, body) VALUES (?1, ?2, ?3, ?4)";
    tx.prepare_cached(sql)?.execute(params![notebook.as_bytes(), position, taken_at, body])?;
    Ok(())
}

/// Returns how many items this version cannot read yet.
pub fn unread(connection: &Connection, notebook: NotebookId) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached("SELECT count(*) FROM unread WHERE notebook = ?1")?;
    Ok(statement.query_row([notebook.as_bytes()], |row| row.get(0))?)
}

/// Restarts a log from its beginning: what is known of it is dropped; members, keys and entries stay.
pub fn begin_again(tx: &Transaction<'_>, channel: &mut Channel) -> Result<(), StoreError> {
    let id = channel.notebook.as_bytes();
    for table in ["tails", "sealed", "receipts", "unread", "snapshot_seen"] {
        tx.execute(&format!("DELETE FROM {table} WHERE notebook = ?1"), [id])?;
    }
    // In the order of the log, also what came before this device.
    let chain = statements(tx, channel.notebook)?;
    tx.execute("DELETE FROM control WHERE notebook = ?1", [id])?;
    for stored in chain {
        add_statement(tx, channel.notebook, &StoredStatement { position: 0, ..stored })?;
    }
    let sql = "DELETE FROM photos_sent WHERE id IN (SELECT e.id FROM entries e JOIN notebooks b ON b.n = e.notebook
               WHERE b.id = ?1 AND e.kind = 'photo')";
    tx.execute(sql, [id])?;
    channel.position = 0;
    channel.prefix = Prefix::default();
    channel.own = Tail::default();
    channel.token = None;
    (channel.snapshot, channel.hollow, channel.assembly) = (0, false, None);
    channel.again = true;
    channel.save(tx)
}

/// Deletes what is known of a notebook's log, with this device's keys in it: the device joins anew. Entries and epoch
/// keys stay.
pub fn delete(tx: &Transaction<'_>, notebook: NotebookId) -> Result<(), StoreError> {
    for table in ["channels", "control", "tails", "sealed", "receipts", "unread", "snapshot_seen"] {
        tx.execute(&format!("DELETE FROM {table} WHERE notebook = ?1"), [notebook.as_bytes()])?;
    }
    Ok(())
}
