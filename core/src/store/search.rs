//! Finding Japanese text by substring, whatever the width of letters or the kind of kana.
//!
//! First the newest entries are looked at directly: a common word is found there at once. Then the index of character
//! pairs names candidates among the rest, and changes that are not indexed yet are looked at directly. Every
//! candidate is checked against its text.

use std::collections::BTreeSet;

use ayumi_protocol::NotebookId;
use rusqlite::{Connection, Statement, Transaction, params};
use serde_json::Value;

use super::db::Db;
use super::entries::{COLUMNS, Entry, EntryQuery, Place, notebook_number, page, read_entry};
use super::error::StoreError;
use super::settings::{INDEXED, Indexed, Scanned};
use crate::model::text::{fold_for_search, fold_without_readings, grams};
use crate::model::value::Fields;

/// Entries that are looked at before the index is asked.
const LOOK_FIRST: usize = 400;
/// Changes that may wait to be indexed; beyond it, [`Db::index`] is worth its time.
const MAY_WAIT: i64 = 200;
/// Entries behind the mark: new ones, and edited ones.
const NOT_INDEXED: &str = "(e.n > ?1 OR e.n IN (SELECT n FROM edits WHERE seq > ?2))";

/// The folded texts of an entry; one with readings behind its kanji also without them.
fn searchable(fields: &Fields) -> impl Iterator<Item = String> + '_ {
    fields.values().filter_map(Value::as_str).flat_map(|text| {
        let folded = fold_for_search(text);
        let without = Some(fold_without_readings(text)).filter(|without| *without != folded);
        std::iter::once(folded).chain(without)
    })
}

fn holds(entry: &Entry, folded: &str) -> bool {
    searchable(&entry.fields).any(|text| text.contains(folded))
}

/// Entries of a notebook whose texts hold `text`, newest first, whatever readings stand in either. An empty text finds
/// everything.
pub fn search(
    connection: &Connection,
    notebook: NotebookId,
    text: &str,
    filter: &EntryQuery,
    limit: usize,
) -> Result<Vec<Entry>, StoreError> {
    let folded = fold_without_readings(text.trim());
    let newest = page(connection, notebook, filter, None, LOOK_FIRST)?;
    let all_seen = newest.len() < LOOK_FIRST;
    let last = newest.last().map(|entry| entry.place);
    let mut found: Vec<Entry> = newest.into_iter().filter(|entry| holds(entry, &folded)).take(limit).collect();
    let (Some(last), false) = (last, all_seen || found.len() == limit) else { return Ok(found) };
    let mut older = candidates(connection, notebook, &folded, last)?;
    older.retain(|entry| {
        let wanted = (filter.kinds.is_empty() || filter.kinds.contains(&entry.kind))
            && !filter.not_kinds.contains(&entry.kind)
            && entry.deleted == filter.deleted
            && filter.from.is_none_or(|from| entry.on >= Some(from))
            && filter.to.is_none_or(|to| entry.on <= Some(to));
        wanted && holds(entry, &folded)
    });
    older.sort_by_key(|entry| std::cmp::Reverse((entry.place.day, entry.place.n)));
    older.dedup_by_key(|entry| entry.place.n);
    found.extend(older);
    found.truncate(limit);
    Ok(found)
}

/// Entries behind `last` that may hold the text: the index's, and all that are not indexed yet.
fn candidates(
    connection: &Connection,
    notebook: NotebookId,
    folded: &str,
    last: Place,
) -> Result<Vec<Entry>, StoreError> {
    let Some(notebook) = notebook_number(connection, notebook)? else { return Ok(Vec::new()) };
    let terms: Vec<String> = query_terms(folded);
    let place = "e.notebook = ?1 AND (e.day, e.n) < (?2, ?3)";
    let mut found = Vec::new();
    let mut gather = |sql: &str, extra: &dyn rusqlite::ToSql| -> Result<(), StoreError> {
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![notebook, last.day, last.n, extra])?;
        while let Some(row) = rows.next()? {
            found.push(read_entry(row)?);
        }
        Ok(())
    };
    let join = "JOIN notebooks b ON b.n = e.notebook";
    if terms.is_empty() {
        // Only punctuation was typed: there is nothing to look up.
        let sql = format!("SELECT {COLUMNS} FROM entries e {join} WHERE {place} AND ?4 = 0");
        gather(&sql, &0)?;
        return Ok(found);
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM search s JOIN entries e ON e.n = s.rowid {join} WHERE search MATCH ?4 AND {place}"
    );
    gather(&sql, &terms.join(" "))?;
    let mark = indexed(connection)?;
    let sql = format!("SELECT {COLUMNS} FROM entries e {join} WHERE {NOT_INDEXED} AND e.notebook = ?3");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([mark.entry, mark.edit, notebook])?;
    while let Some(row) = rows.next()? {
        let entry = read_entry(row)?;
        if (entry.place.day, entry.place.n) < (last.day, last.n) {
            found.push(entry);
        }
    }
    Ok(found)
}

/// FTS5 terms: each pair of characters, and the prefix form for a single one.
fn query_terms(folded: &str) -> Vec<String> {
    let all: Vec<String> = grams(folded).collect();
    let single = |gram: &str| gram.chars().count() == 1;
    // The last character alone only says that a run may end there; it is dropped unless it is the whole query.
    let pairs: Vec<String> = all.iter().filter(|g| !single(g)).map(|g| format!("\"{g}\"")).collect();
    if pairs.is_empty() { all.iter().map(|g| format!("\"{g}\"*")).collect() } else { pairs }
}

/// How far the index goes.
fn indexed(connection: &Connection) -> Result<Scanned, StoreError> {
    Ok(INDEXED.get(connection)?.map_or_else(Scanned::default, |indexed| indexed.0))
}

/// Forgets the whole index: what is left of a word in it, too. It is made again when the device is idle, and until then every
/// entry is looked at.
pub(super) fn forget(tx: &Transaction<'_>) -> Result<(), StoreError> {
    if indexed(tx)? != Scanned::default() {
        tx.execute("INSERT INTO search (search) VALUES ('delete-all')", [])?;
        INDEXED.clear(tx)?;
    }
    Ok(())
}

/// Entries that are indexed in one step, and how many steps a search pays for.
const STEP: usize = 2000;
const STEPS_OF_A_SEARCH: usize = 10;

impl Db {
    /// Brings the search index up to date if much waits for it, a part of it at most, or all at once if `force`. Call it when the
    /// device is idle. Returns how many entries were indexed. Each step is written for itself: what was indexed stays, whatever
    /// comes between.
    pub fn index(&mut self, force: bool) -> Result<usize, StoreError> {
        let from = indexed(self.reader())?;
        let newest = Scanned::newest(self.reader())?;
        let waiting = newest.entry - from.entry + newest.edit - from.edit;
        if waiting == 0 || (waiting < MAY_WAIT && !force) || self.is_read_only() {
            return Ok(0);
        }
        let (mut done, mut steps) = (0, 0);
        while force || steps < STEPS_OF_A_SEARCH {
            let from = indexed(self.reader())?;
            if from == Scanned::newest(self.reader())? {
                break;
            }
            let (to, indexed) = self.write(|tx| {
                let step = index_step(tx, from, STEP)?;
                INDEXED.set(tx, &Indexed(step.0))?;
                Ok(step)
            })?;
            (done, steps) = (done + indexed, steps + 1);
            if to == from {
                break;
            }
        }
        Ok(done)
    }
}

/// Indexes some entries behind a mark: first those that were edited, then new ones. Returns the new mark, and how many.
fn index_step(tx: &Transaction<'_>, from: Scanned, at_most: usize) -> Result<(Scanned, usize), StoreError> {
    let mut to = from;
    let mut edited = BTreeSet::new();
    let mut statement = tx.prepare("SELECT seq, n FROM edits WHERE seq > ?1 ORDER BY seq LIMIT ?2")?;
    let mut rows = statement.query(params![from.edit, i64::try_from(at_most).unwrap_or(i64::MAX)])?;
    while let Some(row) = rows.next()? {
        to.edit = row.get(0)?;
        // What is new, too, is indexed as it is now when its turn comes.
        edited.extend(Some(row.get::<_, i64>(1)?).filter(|n| *n <= from.entry));
    }
    let mut indexer = Indexer::new(tx)?;
    for n in &edited {
        indexer.delete.execute([n])?;
        indexer.add("SELECT n, fields FROM entries WHERE n = ?1 AND ?2 > 0", *n, 1)?;
    }
    let left = i64::try_from(at_most - edited.len().min(at_most)).unwrap_or(i64::MAX);
    let last = indexer.add("SELECT n, fields FROM entries WHERE n > ?1 ORDER BY n LIMIT ?2", from.entry, left)?;
    to.entry = last.unwrap_or(to.entry);
    let done = indexer.done;
    // Nothing was left: numbers behind the last row were of rows that are gone.
    let newest = Scanned::newest(tx)?;
    let all = done < at_most && to.edit >= newest.edit;
    Ok((if all { newest } else { to }, done))
}

/// Writes rows of the index.
struct Indexer<'t> {
    connection: &'t Connection,
    delete: Statement<'t>,
    insert: Statement<'t>,
    done: usize,
}

impl<'t> Indexer<'t> {
    fn new(connection: &'t Connection) -> Result<Self, StoreError> {
        let delete = connection.prepare("DELETE FROM search WHERE rowid = ?1")?;
        let insert = connection.prepare("INSERT INTO search (rowid, grams) VALUES (?1, ?2)")?;
        Ok(Self { connection, delete, insert, done: 0 })
    }

    /// Adds the entries of a query with two numbers in it. Returns the last one.
    fn add(&mut self, sql: &str, one: i64, two: i64) -> Result<Option<i64>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([one, two])?;
        let mut last = None;
        while let Some(row) = rows.next()? {
            let n: i64 = row.get(0)?;
            let fields: Fields = serde_json::from_str(row.get_ref(1)?.as_str().map_err(|_| StoreError::Damaged)?)
                .map_err(|_| StoreError::Damaged)?;
            let mut all: Vec<String> = searchable(&fields).flat_map(|text| grams(&text).collect::<Vec<_>>()).collect();
            all.sort_unstable();
            all.dedup();
            self.insert.execute(params![n, all.join(" ")])?;
            self.done += 1;
            last = Some(n);
        }
        Ok(last)
    }
}
