//! The log of what carers did, and the entries that follow from it.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use ayumi_protocol::{Change, DeviceId, EntryId, Hlc, NotebookId, Stamp, limits};
use chrono::Datelike;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use serde_json::Value;

use super::db::Db;
use super::entries::{OF_ENTRY, key};
use super::error::StoreError;
use super::settings::CLOCK;
use crate::model::date::iso_date;
use crate::model::kind::{ON, Record};
use crate::model::kinds::Photo;
use crate::model::merge::{Merged, merge};
use crate::model::naming::EntryKey;
use crate::model::value::Fields;

/// Where a change stands on its way to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Delivery {
    /// Not sent yet.
    Waiting = 0,
    /// The server has it.
    Sent = 1,
    /// The server will not take it.
    Refused = 2,
}

impl Delivery {
    /// Its key: `waiting`, `sent` or `refused`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Refused => "refused",
        }
    }
}

/// All changes of an entry, oldest first.
pub fn of_entry(connection: &Connection, entry: &EntryKey) -> Result<Vec<Change>, StoreError> {
    let sql = format!("SELECT entry, notebook, kind, stamp, body FROM changes WHERE {OF_ENTRY} ORDER BY stamp");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(key(entry))?;
    let mut changes = Vec::new();
    while let Some(row) = rows.next()? {
        changes.push(read_change(row)?);
    }
    Ok(changes)
}

/// All changes of a notebook, oldest first.
pub fn in_notebook(connection: &Connection, notebook: NotebookId) -> Result<Vec<Change>, StoreError> {
    let sql = "SELECT entry, notebook, kind, stamp, body FROM changes WHERE notebook = ?1 ORDER BY stamp";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([notebook.as_bytes()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read_change(row)?);
    }
    Ok(found)
}

/// A change from columns entry, notebook, kind, stamp, body.
pub(super) fn read_change(row: &Row<'_>) -> Result<Change, StoreError> {
    let blob = |i: usize| -> Result<Vec<u8>, StoreError> { Ok(row.get(i)?) };
    let (kind, body): (String, String) = (row.get(2)?, row.get(4)?);
    Ok(Change::from_parts(
        EntryId::from_slice(&blob(0)?)?,
        NotebookId::from_slice(&blob(1)?)?,
        &kind,
        Stamp::from_slice(&blob(3)?)?,
        &body,
    )?)
}

/// Where an entry's changes stand: refused if any is, else waiting if any is, else sent.
pub fn delivery(connection: &Connection, entry: &EntryKey) -> Result<Delivery, StoreError> {
    let sql = format!("SELECT DISTINCT state FROM changes WHERE {OF_ENTRY}");
    let mut statement = connection.prepare_cached(&sql)?;
    let states = statement.query_map(key(entry), |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
    Ok(match (states.contains(&2), states.contains(&0)) {
        (true, _) => Delivery::Refused,
        (_, true) => Delivery::Waiting,
        _ => Delivery::Sent,
    })
}

/// How many changes were taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Taken {
    /// New ones.
    pub new: usize,
    /// Ones of an entry that their author had changed too often before, and that were left out.
    pub beyond: usize,
}

/// What is looked up once per transaction.
#[derive(Debug, Default)]
pub struct Applier {
    /// Numbers of notebooks.
    notebooks: BTreeMap<NotebookId, i64>,
    /// How many changes of an entry each author has.
    written: BTreeMap<(EntryKey, DeviceId), usize>,
}

/// What became of a change.
enum Outcome {
    /// It was there already.
    Known,
    /// It began an entry.
    First,
    /// It belongs to an entry in this row, which must be shown anew.
    Edit(i64),
    /// Its author has changed the entry too often: nothing is written.
    Beyond,
}

impl Applier {
    /// Writes one change and what its entry then shows. A change that is there already does nothing (`false`).
    pub fn apply(&mut self, tx: &Transaction<'_>, change: &Change, delivery: Delivery) -> Result<bool, StoreError> {
        match self.take(tx, change, delivery)? {
            Outcome::Known | Outcome::Beyond => Ok(false),
            Outcome::First => Ok(true),
            Outcome::Edit(n) => {
                show(tx, n, &merge(&of_entry(tx, &EntryKey::of(change))?))?;
                Ok(true)
            }
        }
    }

    /// Writes one change; what its entry then shows is not worked out yet.
    fn take(&mut self, tx: &Transaction<'_>, change: &Change, delivery: Delivery) -> Result<Outcome, StoreError> {
        let entry = EntryKey::of(change);
        let Some(n) = row_of(tx, &entry)? else {
            self.add(tx, change, delivery)?;
            return Ok(Outcome::First);
        };
        let is_known = || tx.prepare_cached(&format!("SELECT 1 FROM changes WHERE {ONE}"))?.exists(one(change));
        let written = self.written_by(tx, &entry, change.stamp.device)?;
        if *written >= limits::ENTRY_CHANGES {
            return Ok(if is_known()? { Outcome::Known } else { Outcome::Beyond });
        }
        if !log(tx, n, change, delivery)? {
            return Ok(Outcome::Known);
        }
        *written += 1;
        tx.prepare_cached("INSERT INTO edits (n, stamp) VALUES (?1, ?2)")?
            .execute(params![n, change.stamp.to_bytes()])?;
        Ok(Outcome::Edit(n))
    }

    /// How many changes of an entry an author has.
    fn written_by(
        &mut self,
        tx: &Transaction<'_>,
        entry: &EntryKey,
        author: DeviceId,
    ) -> Result<&mut usize, StoreError> {
        match self.written.entry((entry.clone(), author)) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(place) => {
                let sql = format!("SELECT count(*) FROM changes WHERE {OF_ENTRY} AND substr(stamp, 9) = ?4");
                let (id, notebook, kind) = key(entry);
                let mut count = tx.prepare_cached(&sql)?;
                Ok(place.insert(count.query_row((id, notebook, kind, author.0.to_be_bytes()), |row| row.get(0))?))
            }
        }
    }

    /// Writes the first change of an entry that is known to be new: no look-up, no merge.
    pub fn add(&mut self, tx: &Transaction<'_>, change: &Change, delivery: Delivery) -> Result<(), StoreError> {
        let state = merge([change]);
        let notebook = self.notebook(tx, change.notebook)?;
        tx.prepare_cached(INSERT_ENTRY)?.execute(params![
            change.entry.as_bytes(),
            notebook,
            change.kind,
            day_number(&state),
            json(&state.fields()),
            state.deleted
        ])?;
        let n = tx.last_insert_rowid();
        log(tx, n, change, delivery)?;
        if EntryKey::of(change).is_profile() {
            tx.prepare_cached("UPDATE notebooks SET profile = ?2 WHERE n = ?1")?.execute(params![notebook, n])?;
        }
        Ok(())
    }

    /// Writes new entries with their first values. The same as [`Self::add`] for each, without making changes of them
    /// first; a notebook's own facts do not come this way.
    pub fn add_new<'a>(
        &mut self,
        tx: &Transaction<'_>,
        new: impl IntoIterator<Item = First<'a>>,
    ) -> Result<(), StoreError> {
        let mut entries = tx.prepare_cached(INSERT_ENTRY)?;
        let mut changes = tx.prepare_cached(INSERT_CHANGE)?;
        for one in new {
            let notebook = self.notebook(tx, one.notebook)?;
            let day = day_of(one.fields.get(ON.key).and_then(Value::as_str));
            let id = one.entry.as_bytes();
            let shown = json(one.fields);
            entries.execute(params![id, notebook, one.kind, day, shown, false])?;
            let body = Change::body_of_new(&shown);
            let (n, stamp, waiting) = (tx.last_insert_rowid(), one.stamp.to_bytes(), Delivery::Waiting as i64);
            changes.execute(params![id, one.notebook.as_bytes(), one.kind, stamp, n, waiting, body])?;
        }
        Ok(())
    }

    fn notebook(&mut self, tx: &Transaction<'_>, id: NotebookId) -> Result<i64, StoreError> {
        if let Some(n) = self.notebooks.get(&id) {
            return Ok(*n);
        }
        let rowid: Option<i64> = tx
            .prepare_cached("SELECT n FROM notebooks WHERE id = ?1")?
            .query_row([id.as_bytes()], |row| row.get(0))
            .optional()?;
        let n = match rowid {
            Some(n) => n,
            None => {
                tx.prepare_cached("INSERT INTO notebooks (id, profile) VALUES (?1, 0)")?.execute([id.as_bytes()])?;
                tx.last_insert_rowid()
            }
        };
        self.notebooks.insert(id, n);
        Ok(n)
    }
}

/// A new entry's key columns and first values; none of them is `null`.
#[derive(Debug)]
pub struct First<'a> {
    /// Its id.
    pub entry: EntryId,
    /// The notebook it stands in.
    pub notebook: NotebookId,
    /// Key of its kind.
    pub kind: &'a str,
    /// When, by whom.
    pub stamp: Stamp,
    /// Its values.
    pub fields: &'a Fields,
}

const INSERT_ENTRY: &str =
    "INSERT INTO entries (id, notebook, kind, day, fields, deleted, conflicts) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)";
const INSERT_CHANGE: &str = "INSERT OR IGNORE INTO changes (entry, notebook, kind, stamp, n, state, body)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

/// Writes what an entry shows.
fn show(tx: &Transaction<'_>, n: i64, state: &Merged) -> Result<(), StoreError> {
    let sql = "UPDATE entries SET day = ?2, fields = ?3, deleted = ?4, conflicts = ?5 WHERE n = ?1";
    let conflicts = state.conflicts().count() as i64;
    tx.prepare_cached(sql)?.execute(params![n, day_number(state), json(&state.fields()), state.deleted, conflicts])?;
    Ok(())
}

/// Works out again what an entry shows.
pub(super) fn refresh(tx: &Transaction<'_>, entry: &EntryKey) -> Result<(), StoreError> {
    row_of(tx, entry)?.map_or(Ok(()), |n| show(tx, n, &merge(&of_entry(tx, entry)?)))
}

/// Returns the number of an entry's row; `None` if nothing of it is here.
fn row_of(connection: &Connection, entry: &EntryKey) -> Result<Option<i64>, StoreError> {
    let mut find = connection.prepare_cached(&format!("SELECT n FROM changes WHERE {OF_ENTRY} LIMIT 1"))?;
    Ok(find.query_row(key(entry), |row| row.get(0)).optional()?)
}

pub(super) fn log(tx: &Transaction<'_>, n: i64, change: &Change, delivery: Delivery) -> Result<bool, StoreError> {
    let (entry, stamp, notebook) = (change.entry.as_bytes(), change.stamp.to_bytes(), change.notebook.as_bytes());
    let written = tx.prepare_cached(INSERT_CHANGE)?.execute(params![
        entry,
        notebook,
        change.kind,
        stamp,
        n,
        delivery as i64,
        change.body()
    ])?;
    Ok(written == 1)
}

fn json(fields: &Fields) -> String {
    // Maps with text keys always serialise.
    serde_json::to_string(fields).unwrap_or_default()
}

/// The stored form of a day; 0 for none.
pub(super) fn day_number(state: &Merged) -> i32 {
    day_of(state.registers.get(ON.key).and_then(|register| register.shown().as_str()))
}

fn day_of(on: Option<&str>) -> i32 {
    on.and_then(iso_date).map_or(0, |date| date.num_days_from_ce())
}

impl Db {
    /// Takes in changes made elsewhere (an import, another device, salvage). Those that are there already are left
    /// alone; returns how many were new. All in one transaction.
    pub fn take_in(&mut self, changes: &[Change], delivery: Delivery) -> Result<usize, StoreError> {
        let greatest = changes.iter().map(|change| change.stamp.hlc).max().unwrap_or_default();
        let taken = self.write(|tx| {
            let taken = apply_all(tx, changes, delivery)?;
            note_clock(tx, greatest)?;
            Ok(taken.new)
        })?;
        self.advance_clock(greatest)?;
        Ok(taken)
    }
}

/// Writes changes; what an entry shows is worked out once, however many of them are its own.
pub fn apply_all(tx: &Transaction<'_>, changes: &[Change], delivery: Delivery) -> Result<Taken, StoreError> {
    let mut applier = Applier::default();
    let mut taken = Taken::default();
    let mut edited: BTreeMap<i64, EntryKey> = BTreeMap::new();
    for change in changes {
        match applier.take(tx, change, delivery)? {
            Outcome::Known => {}
            Outcome::First => taken.new += 1,
            Outcome::Beyond => taken.beyond += 1,
            Outcome::Edit(n) => {
                edited.insert(n, EntryKey::of(change));
                taken.new += 1;
            }
        }
    }
    for (n, entry) in edited {
        show(tx, n, &merge(&of_entry(tx, &entry)?))?;
    }
    Ok(taken)
}

/// Takes changes back that count nowhere any more: their author had written them beyond a cutoff, or wrote others in their
/// place. What an entry then shows is worked out again; an entry that nothing is left of is not shown.
pub fn withdraw(tx: &Transaction<'_>, changes: &[Change]) -> Result<(), StoreError> {
    let mut touched = BTreeMap::new();
    for change in changes {
        let mut delete = tx.prepare_cached(&format!("DELETE FROM changes WHERE {ONE} RETURNING n"))?;
        let n: Option<i64> = delete.query_row(one(change), |row| row.get(0)).optional()?;
        if let Some(n) = n {
            touched.insert(n, EntryKey::of(change));
        }
    }
    for (n, entry) in touched {
        let left = of_entry(tx, &entry)?;
        if left.is_empty() {
            // The row stays, so that its number is not given to another entry.
            tx.execute("UPDATE entries SET fields = '{}', deleted = 2, conflicts = 0 WHERE n = ?1", [n])?;
            tx.execute("UPDATE notebooks SET profile = 0 WHERE profile = ?1", [n])?;
        } else {
            show(tx, n, &merge(&left))?;
        }
    }
    Ok(())
}

/// Forgets changes that were erased: what waited to be sent, the photos of entries of which nothing is left, and the search index,
/// from which pairs of letters could be guessed; it is made again.
pub fn erase(tx: &Transaction<'_>, changes: &[Change]) -> Result<(), StoreError> {
    if changes.is_empty() {
        return Ok(());
    }
    for change in changes {
        tx.prepare_cached(&format!("DELETE FROM outbox WHERE {ONE}"))?.execute(one(change))?;
    }
    for change in changes {
        tx.prepare_cached(&format!("DELETE FROM apart WHERE {ONE}"))?.execute(one(change))?;
    }
    withdraw(tx, changes)?;
    let entries: BTreeSet<EntryKey> = changes.iter().map(EntryKey::of).collect();
    for entry in entries {
        if of_entry(tx, &entry)?.is_empty() {
            if entry.kind == Photo::KIND.id {
                super::photos::erase(tx, &entry)?;
            }
            // What kind of entry it was, and of which day, says something, too.
            let sql = "UPDATE entries SET day = 0, kind = '' WHERE id = ?1 AND kind = ?2 AND deleted = 2
                       AND notebook = (SELECT n FROM notebooks WHERE id = ?3)";
            tx.execute(sql, params![entry.id.as_bytes(), entry.kind, entry.notebook.as_bytes()])?;
        }
    }
    super::search::forget(tx)
}

/// Returns those of some changes of which nothing is here yet.
pub fn unknown(connection: &Connection, changes: Vec<Change>) -> Result<Vec<Change>, StoreError> {
    let mut known = connection.prepare_cached(&format!("SELECT 1 FROM changes WHERE {ONE}"))?;
    let mut unknown = Vec::with_capacity(changes.len());
    for change in changes {
        if !known.exists(one(&change))? {
            unknown.push(change);
        }
    }
    Ok(unknown)
}

/// Whether a change is here as it stands, and not another one with its stamp.
pub fn is_here(connection: &Connection, change: &Change) -> Result<bool, StoreError> {
    let (entry, notebook, kind, stamp) = one(change);
    let mut same = connection.prepare_cached(&format!("SELECT 1 FROM changes WHERE {ONE} AND body = ?5"))?;
    Ok(same.exists(params![entry, notebook, kind, stamp, change.body()])?)
}

/// Marks changes of this device as refused: what it wrote stays with it.
pub fn mark_refused(tx: &Transaction<'_>, changes: &[Change]) -> Result<(), StoreError> {
    let mut state = tx.prepare_cached(&format!("UPDATE changes SET state = 2 WHERE {ONE}"))?;
    for change in changes {
        state.execute(one(change))?;
    }
    Ok(())
}

/// In a condition in SQL: one change, by [`one`].
pub(super) const ONE: &str = "entry = ?1 AND notebook = ?2 AND kind = ?3 AND stamp = ?4";

/// A change as [`ONE`] asks for it.
pub(super) fn one(change: &Change) -> (&[u8; 16], &[u8; 16], &str, [u8; 16]) {
    (change.entry.as_bytes(), change.notebook.as_bytes(), &change.kind, change.stamp.to_bytes())
}

/// No stamp of this device will be less than this clock reading, also after a restart.
pub fn note_clock(tx: &Transaction<'_>, seen: Hlc) -> Result<(), StoreError> {
    let known = CLOCK.get(tx)?.unwrap_or_default();
    if seen > known { CLOCK.set(tx, &seen) } else { Ok(()) }
}
