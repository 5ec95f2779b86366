//! Envelopes that a member's envelope names as another author's last, and that are not here. They prove nothing and halt nothing; they
//! are told until they come.

use ayumi_protocol::NotebookId;
use ayumi_protocol::batch::PeerHead;
use ayumi_protocol::envelope::Header;
use ayumi_protocol::key::KeyId;
use rusqlite::{Connection, Transaction, params};

use super::error::StoreError;

/// How many are kept of what one member names: who names more makes nobody's file grow.
const MOST: usize = 64;

/// What an envelope names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    /// Whose envelope names it.
    pub by: KeyId,
    /// The sequence and the attempt of that envelope.
    pub at: (u64, u32),
    /// What it names.
    pub head: PeerHead,
}

impl Named {
    /// Everything that an envelope names.
    pub fn all<'a>(header: &'a Header, heads: &'a [PeerHead]) -> impl Iterator<Item = Self> + 'a {
        let (by, at) = (header.author, (header.sequence, header.attempt));
        heads.iter().map(move |head| Self { by, at, head: *head })
    }
}

/// Notes that what an envelope names is not here.
pub fn note(tx: &Transaction<'_>, notebook: NotebookId, named: &Named) -> Result<(), StoreError> {
    let Named { by, at: (at_sequence, at_attempt), head } = named;
    let sql =
        "INSERT OR REPLACE INTO absent (notebook, member, at_sequence, at_attempt, author, sequence, attempt, hash)
               SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8
               WHERE (SELECT count(*) FROM absent WHERE notebook = ?1 AND member = ?2) < ?9";
    let key = params![
        notebook.as_bytes(),
        by.0,
        number(*at_sequence),
        at_attempt,
        head.author.0,
        number(head.sequence),
        head.attempt,
        head.hash,
        MOST
    ];
    tx.prepare_cached(sql)?.execute(key)?;
    Ok(())
}

/// A sequence as the file holds it; those beyond name nothing that could come.
fn number(sequence: u64) -> i64 {
    i64::try_from(sequence).unwrap_or(i64::MAX)
}

/// Whether what is named is here: kept in whatever state, what is left of it too, or made here and not answered yet.
pub fn is_here(connection: &Connection, notebook: NotebookId, head: &PeerHead) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM frames WHERE notebook = ?1 AND author = ?2 AND sequence = ?3 AND attempt = ?4
               AND substr(hash, 1, 16) = ?5";
    let key = params![notebook.as_bytes(), head.author.0, number(head.sequence), head.attempt, head.hash];
    Ok(connection.prepare_cached(sql)?.exists(key)?)
}

/// Whether an envelope that names something counts.
pub fn counts(connection: &Connection, notebook: NotebookId, named: &Named) -> Result<bool, StoreError> {
    let sql =
        "SELECT 1 FROM frames WHERE notebook = ?1 AND author = ?2 AND sequence = ?3 AND attempt = ?4 AND state < 2";
    let key = params![notebook.as_bytes(), named.by.0, number(named.at.0), named.at.1];
    Ok(connection.prepare_cached(sql)?.exists(key)?)
}

/// Returns what is named and not here, by who names it and whose it is.
pub fn all(connection: &Connection, notebook: NotebookId) -> Result<Vec<Named>, StoreError> {
    let sql = "SELECT member, at_sequence, at_attempt, author, sequence, attempt, hash FROM absent WHERE notebook = ?1
               ORDER BY member, author, sequence, attempt";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([notebook.as_bytes()])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let head =
            PeerHead { author: KeyId(row.get(3)?), sequence: row.get(4)?, attempt: row.get(5)?, hash: row.get(6)? };
        all.push(Named { by: KeyId(row.get(0)?), at: (row.get(1)?, row.get(2)?), head });
    }
    Ok(all)
}

/// Forgets one: it came, or does not count any more.
pub fn forget(tx: &Transaction<'_>, notebook: NotebookId, named: &Named) -> Result<(), StoreError> {
    let sql =
        "DELETE FROM absent WHERE notebook = ?1 AND member = ?2 AND author = ?3 AND sequence = ?4 AND attempt = ?5
               AND hash = ?6";
    let head = &named.head;
    let key = params![notebook.as_bytes(), named.by.0, head.author.0, number(head.sequence), head.attempt, head.hash];
    tx.prepare_cached(sql)?.execute(key)?;
    Ok(())
}
