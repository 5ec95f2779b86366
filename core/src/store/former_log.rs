//! A server's log as it was before another one was read, with its end as that server signed it: proof of which envelopes the server
//! had, whatever their clock readings.

use ayumi_protocol::NotebookId;
use ayumi_protocol::end::SignedEnd;
use ayumi_protocol::key::Hash;
use ayumi_protocol::receipt::Run;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::ends;
use super::error::StoreError;
use super::settings::SERVER_KEY;

/// Bytes of an item: its hash, and when it was taken.
const ITEM: usize = 32 + 8;

/// A log of a server that is read no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerLog {
    /// The server's key.
    pub server_key: [u8; 32],
    /// The end of the log, which it signed.
    pub signed: SignedEnd,
    /// Its items from the first, their hashes and when they were taken.
    pub items: Vec<(Hash, u64)>,
}

/// Where an item stands in a log, its hash, and when it was taken.
pub type Placed = (u64, Hash, u64);

/// Keeps the log that was read so far in one life of a server's store, before another one is read, in the place of the one that is
/// kept; `statements` are those of its chain. Only if it was read to an end that the server signed, and at the server that is known,
/// if one is: a meeting of two devices leaves nothing to be told later.
pub fn keep(
    tx: &Transaction<'_>,
    notebook: NotebookId,
    (server_key, store_epoch): ([u8; 32], [u8; 16]),
    statements: Vec<Placed>,
) -> Result<(), StoreError> {
    if SERVER_KEY.get(tx)?.is_some_and(|known| known != server_key) {
        return Ok(());
    }
    let Some(signed) = ends::newest(tx, notebook, &server_key, &store_epoch)? else { return Ok(()) };
    let (last, mut items) = (signed.end.position, placed(tx, notebook, statements)?);
    items.truncate(usize::try_from(last).unwrap_or(usize::MAX));
    let whole = items.iter().zip(1..).all(|((position, ..), place)| *position == place);
    let items: Vec<(Hash, u64)> = items.into_iter().map(|(_, hash, taken_at)| (hash, taken_at)).collect();
    let run = Run { before: [0; 16], items };
    // What this device did not keep it cannot prove.
    if !whole || run.items.len() as u64 != last || run.prefix() != signed.end.prefix {
        return Ok(());
    }
    let bytes: Vec<u8> = run.items.iter().flat_map(|(hash, at)| [&hash[..], &at.to_be_bytes()].concat()).collect();
    let sql = "INSERT OR REPLACE INTO former_logs (notebook, server_key, signed, items) VALUES (?1, ?2, ?3, ?4)";
    tx.execute(sql, params![notebook.as_bytes(), server_key, signed.to_bytes(), bytes])?;
    Ok(())
}

/// The items that the server has, by their places: these statements, and the envelopes.
fn placed(
    connection: &Connection,
    notebook: NotebookId,
    mut statements: Vec<Placed>,
) -> Result<Vec<Placed>, StoreError> {
    let sql = "SELECT position, hash, taken_at FROM frames WHERE notebook = ?1 AND position > 0";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([notebook.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    for row in rows {
        statements.push(row?);
    }
    statements.sort_unstable_by_key(|(position, ..)| *position);
    Ok(statements)
}

/// Returns the log that is kept.
pub fn find(connection: &Connection, notebook: NotebookId) -> Result<Option<FormerLog>, StoreError> {
    let sql = "SELECT server_key, signed, items FROM former_logs WHERE notebook = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_row([notebook.as_bytes()], |row| {
        Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, Vec<u8>>(2)?))
    });
    let Some((server_key, signed, bytes)) = found.optional()? else { return Ok(None) };
    let items = bytes.chunks_exact(ITEM).filter_map(|item| {
        let (hash, taken_at) = item.split_at_checked(32)?;
        Some((hash.try_into().ok()?, u64::from_be_bytes(taken_at.try_into().ok()?)))
    });
    Ok(Some(FormerLog { server_key, signed: SignedEnd::from_bytes(&signed)?, items: items.collect() }))
}

/// Deletes that of the server with this key: all of it is there again.
pub fn delete(tx: &Transaction<'_>, notebook: NotebookId, server_key: &[u8; 32]) -> Result<(), StoreError> {
    let sql = "DELETE FROM former_logs WHERE notebook = ?1 AND server_key = ?2";
    tx.execute(sql, params![notebook.as_bytes(), server_key])?;
    Ok(())
}
