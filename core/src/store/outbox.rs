//! Changes that wait to be sent. Saving an entry writes nothing here: when a sync begins, what was written since the
//! last one is collected.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use ayumi_protocol::accept::CLOCK_TOLERANCE_MS;
use ayumi_protocol::{Change, DeviceId, Hlc, NotebookId, Stamp};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::changes::{Delivery, ONE, one, read_change};
use super::db::Db;
use super::error::StoreError;
use super::frames;
use super::settings::{CLOCK_OFFSET, OUTBOX, Scanned};
use crate::model::naming::EntryKey;

/// Returns how far entries and edits have been scanned.
fn scanned(connection: &Connection) -> Result<Scanned, StoreError> {
    Ok(OUTBOX.get(connection)?.unwrap_or_default())
}

/// Returns whether something was written since changes were collected last.
pub fn is_behind(connection: &Connection) -> Result<bool, StoreError> {
    Ok(scanned(connection)? != Scanned::newest(connection)?)
}

/// Enqueues the changes that were written since this was called last.
pub fn collect_new(tx: &Transaction<'_>) -> Result<(), StoreError> {
    let (from, newest) = (scanned(tx)?, Scanned::newest(tx)?);
    if from == newest {
        return Ok(());
    }
    // The first change of a new entry and the edits are found by different marks; a change is collected once.
    let sql = "INSERT INTO outbox (entry, notebook, kind, stamp, fresh)
               SELECT c.entry, c.notebook, c.kind, c.stamp, 1 FROM (
                   SELECT e.id AS entry, e.n, NULL AS stamp FROM entries e WHERE e.n > ?1
                   UNION ALL
                   SELECT e.id, e.n, d.stamp FROM edits d JOIN entries e ON e.n = d.n WHERE d.seq > ?2 AND d.n <= ?1
               ) w JOIN changes c ON c.entry = w.entry AND c.n = w.n AND (w.stamp IS NULL OR c.stamp = w.stamp)
               WHERE c.state = 0
               ORDER BY c.stamp, c.entry";
    tx.prepare_cached(sql)?.execute([from.entry, from.edit])?;
    OUTBOX.set(tx, &newest)
}

/// Marks everything written up to now as scanned: changes that just came need not be sent. Call [`collect_new`]
/// before, in the same transaction.
pub fn mark_current_as_scanned(tx: &Transaction<'_>) -> Result<(), StoreError> {
    OUTBOX.set(tx, &Scanned::newest(tx)?)
}

/// Returns changes that wait and are in no envelope yet, the earliest stamps first, with their rows: no envelope of this device
/// holds a stamp below one in an earlier one.
pub fn waiting(connection: &Connection, notebook: NotebookId, limit: usize) -> Result<Vec<(i64, Change)>, StoreError> {
    let sql = "SELECT c.entry, c.notebook, c.kind, c.stamp, c.body, o.n FROM
               (SELECT * FROM outbox WHERE notebook = ?1 AND sequence IS NULL ORDER BY stamp, n LIMIT ?2) o
               JOIN changes c USING (entry, notebook, kind, stamp) WHERE c.state = 0 ORDER BY o.stamp, o.n";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![notebook.as_bytes(), i64::try_from(limit).unwrap_or(i64::MAX)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push((row.get(5)?, read_change(row)?));
    }
    Ok(found)
}

/// Returns the greatest clock reading of the changes in envelopes that were sealed with these sequences and not answered yet.
pub fn greatest_sealed(
    connection: &Connection,
    notebook: NotebookId,
    sequences: RangeInclusive<u64>,
) -> Result<Option<Hlc>, StoreError> {
    let sql = "SELECT max(stamp) FROM outbox WHERE notebook = ?1 AND sequence BETWEEN ?2 AND ?3";
    let key = params![notebook.as_bytes(), sequences.start(), i64::try_from(*sequences.end()).unwrap_or(i64::MAX)];
    let greatest: Option<Vec<u8>> = connection.prepare_cached(sql)?.query_row(key, |row| row.get(0))?;
    greatest.map(|stamp| Ok(Stamp::from_slice(&stamp)?.hlc)).transpose()
}

/// Returns whether a waiting change of this device is stamped further ahead than any server accepts.
pub fn has_own_ahead(db: &mut Db, notebook: NotebookId, now_ms: u64) -> Result<bool, StoreError> {
    let device = db.device(notebook)?;
    let sql = "SELECT stamp FROM outbox WHERE notebook = ?1 AND sequence IS NULL AND stamp > ?2";
    let refused = Stamp { hlc: Hlc(now_ms.saturating_add(CLOCK_TOLERANCE_MS + 1) << 16), device: DeviceId(0) };
    let mut statement = db.reader().prepare_cached(sql)?;
    let mut rows = statement.query(params![notebook.as_bytes(), refused.to_bytes()])?;
    while let Some(row) = rows.next()? {
        if Stamp::from_slice(&row.get::<_, Vec<u8>>(0)?)?.device == device {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Returns whether something waits that this device wrote under another name than this.
pub fn has_former(connection: &Connection, notebook: NotebookId, device: DeviceId) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM outbox o JOIN changes c USING (entry, notebook, kind, stamp)
               WHERE o.notebook = ?1 AND c.state = 0 AND o.sequence IS NULL AND substr(o.stamp, 9) <> ?2 LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.exists(params![notebook.as_bytes(), device.0.to_be_bytes()])?)
}

/// Saves the envelope that these changes were sealed into, until the server's log shows it.
pub fn seal(
    tx: &Transaction<'_>,
    notebook: NotebookId,
    sequence: u64,
    body: &[u8],
    rows: &[i64],
) -> Result<(), StoreError> {
    // From here on somebody may have it, also if no answer comes: its stamp is never changed again.
    let mut mark = tx.prepare_cached("UPDATE outbox SET sequence = ?2, fresh = 0 WHERE n = ?1")?;
    for row in rows {
        mark.execute(params![row, sequence])?;
    }
    tx.prepare_cached("INSERT OR REPLACE INTO sealed (notebook, sequence, body) VALUES (?1, ?2, ?3)")?
        .execute(params![notebook.as_bytes(), sequence, body])?;
    Ok(())
}

/// Returns one of them.
pub fn sealed_with(
    connection: &Connection,
    notebook: NotebookId,
    sequence: u64,
) -> Result<Option<Vec<u8>>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT body FROM sealed WHERE notebook = ?1 AND sequence = ?2")?;
    Ok(statement.query_row(params![notebook.as_bytes(), sequence], |row| row.get(0)).optional()?)
}

/// Returns envelopes that were sealed and that no log has shown yet, in order.
pub fn sealed(connection: &Connection, notebook: NotebookId) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
    let sql = "SELECT sequence, body FROM sealed WHERE notebook = ?1 ORDER BY sequence";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([notebook.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Marks the changes of an envelope as sent: the server has it.
pub fn mark_sent(tx: &Transaction<'_>, notebook: NotebookId, sequence: u64) -> Result<usize, StoreError> {
    let id = notebook.as_bytes();
    let sql = "UPDATE changes SET state = 1 WHERE state = 0 AND (entry, notebook, kind, stamp) IN
               (SELECT entry, notebook, kind, stamp FROM outbox WHERE notebook = ?1 AND sequence = ?2)";
    let changed = tx.prepare_cached(sql)?.execute(params![id, sequence])?;
    tx.prepare_cached("DELETE FROM outbox WHERE notebook = ?1 AND sequence = ?2")?.execute(params![id, sequence])?;
    tx.prepare_cached("DELETE FROM sealed WHERE notebook = ?1 AND sequence = ?2")?.execute(params![id, sequence])?;
    Ok(changed)
}

/// Drops the envelopes from this sequence on, so that their changes are sealed again with the same sequences.
/// `unsent` if no server can have accepted them: their stamps may still be corrected.
pub fn unseal_from(tx: &Transaction<'_>, notebook: NotebookId, from: u64, unsent: bool) -> Result<(), StoreError> {
    let id = notebook.as_bytes();
    tx.prepare_cached("DELETE FROM sealed WHERE notebook = ?1 AND sequence >= ?2")?.execute(params![id, from])?;
    tx.prepare_cached("UPDATE outbox SET sequence = NULL, fresh = ?3 WHERE notebook = ?1 AND sequence >= ?2")?
        .execute(params![id, from, unsent])?;
    Ok(())
}

/// Marks what waits as refused: this device may not write any more.
pub fn mark_refused(tx: &Transaction<'_>, notebook: NotebookId) -> Result<usize, StoreError> {
    let id = notebook.as_bytes();
    let sql = "UPDATE changes SET state = 2 WHERE state = 0 AND (entry, notebook, kind, stamp) IN
               (SELECT entry, notebook, kind, stamp FROM outbox WHERE notebook = ?1)";
    let refused = tx.execute(sql, [id])?;
    tx.execute("DELETE FROM outbox WHERE notebook = ?1", [id])?;
    tx.execute("DELETE FROM sealed WHERE notebook = ?1", [id])?;
    Ok(refused)
}

/// Shows everything of a notebook as waiting: whether the server has it is not known.
pub fn doubt(tx: &Transaction<'_>, notebook: NotebookId) -> Result<(), StoreError> {
    tx.execute("UPDATE changes SET state = 0 WHERE notebook = ?1 AND state = 1", [notebook.as_bytes()])?;
    Ok(())
}

/// Shows everything of a notebook as sent, but for what waits to be sealed and for `missing`.
pub fn trust(tx: &Transaction<'_>, notebook: NotebookId, missing: &[Change]) -> Result<(), StoreError> {
    let sql = "UPDATE changes SET state = 1 WHERE notebook = ?1 AND state = 0 AND NOT EXISTS
               (SELECT 1 FROM outbox o WHERE o.notebook = ?1 AND o.entry = changes.entry AND o.kind = changes.kind
                AND o.stamp = changes.stamp)";
    tx.execute(sql, [notebook.as_bytes()])?;
    let mut state = tx.prepare_cached(&format!("UPDATE changes SET state = 0 WHERE {ONE} AND state = 1"))?;
    for change in missing {
        state.execute(one(change))?;
    }
    Ok(())
}

/// Enqueues what was refused: this device may write once more.
pub fn requeue_refused(tx: &Transaction<'_>, notebook: NotebookId) -> Result<(), StoreError> {
    let id = notebook.as_bytes();
    let sql = "INSERT INTO outbox (entry, notebook, kind, stamp, fresh) SELECT entry, notebook, kind, stamp, 0
               FROM changes WHERE notebook = ?1 AND state = 2 ORDER BY stamp, entry";
    tx.execute(sql, [id])?;
    tx.execute("UPDATE changes SET state = 0 WHERE notebook = ?1 AND state = 2", [id])?;
    Ok(())
}

/// Enqueues changes that the server had and has no more, under the author that it knew.
pub fn requeue(tx: &Transaction<'_>, changes: &[Change]) -> Result<(), StoreError> {
    let waits = format!("UPDATE changes SET state = 0 WHERE {ONE} AND state < 2");
    let enqueue = format!(
        "INSERT INTO outbox (entry, notebook, kind, stamp, fresh)
         SELECT ?1, ?2, ?3, ?4, 0 WHERE NOT EXISTS (SELECT 1 FROM outbox WHERE {ONE})"
    );
    for change in changes {
        if tx.prepare_cached(&waits)?.execute(one(change))? > 0 {
            tx.prepare_cached(&enqueue)?.execute(one(change))?;
        }
    }
    Ok(())
}

/// Marks changes as confirmed: the server has them, whoever wrote them.
pub fn mark_confirmed(tx: &Transaction<'_>, changes: &[Change]) -> Result<(), StoreError> {
    let mut state = tx.prepare_cached(&format!("UPDATE changes SET state = 1 WHERE {ONE} AND state <> 1"))?;
    for change in changes {
        state.execute(one(change))?;
    }
    Ok(())
}

/// Drops what the server has confirmed meanwhile, if it is in no envelope.
pub fn drop_confirmed(tx: &Transaction<'_>, notebook: NotebookId) -> Result<(), StoreError> {
    let sql = "DELETE FROM outbox WHERE notebook = ?1 AND sequence IS NULL AND NOT EXISTS
               (SELECT 1 FROM changes c WHERE c.entry = outbox.entry AND c.notebook = outbox.notebook
                AND c.kind = outbox.kind AND c.stamp = outbox.stamp AND c.state = 0)";
    tx.prepare_cached(sql)?.execute([notebook.as_bytes()])?;
    Ok(())
}

/// Returns whether something new waits to be sent.
pub fn is_waiting(connection: &Connection, notebook: NotebookId) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM outbox WHERE notebook = ?1 LIMIT 1")?;
    Ok(statement.exists([notebook.as_bytes()])?)
}

/// Returns how many changes wait and how many are refused, in one notebook. What a server lost, or will not take, waits too.
pub fn counts(connection: &Connection, notebook: NotebookId) -> Result<(u64, u64), StoreError> {
    let sql = "SELECT (SELECT count(*) FROM outbox WHERE notebook = ?1),
                      (SELECT count(*) FROM changes WHERE notebook = ?1 AND state = 2)";
    let mut statement = connection.prepare_cached(sql)?;
    let (new, refused): (u64, u64) =
        statement.query_row([notebook.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok((new + frames::unplaced_changes(connection, notebook)?, refused))
}

impl Db {
    /// The device's clock as the server's tells: what was never sent is stamped anew by the difference to what was
    /// known before. Values that replace each other keep their order. Small differences are the network's.
    pub fn correct_clock(&mut self, server_ms: u64, now_ms: u64) -> Result<bool, StoreError> {
        const LEAST_MS: i64 = 5_000;
        let offset_ms = i64::try_from(server_ms).unwrap_or(i64::MAX).saturating_sub_unsigned(now_ms);
        let known = self.clock_offset()?;
        let by = offset_ms.saturating_sub(known);
        if by.abs() < LEAST_MS {
            return Ok(false);
        }
        self.write(|tx| {
            collect_new(tx)?;
            CLOCK_OFFSET.set(tx, &offset_ms)?;
            // A stamp that followed others and not the clock is not moved into the future.
            restamp(tx, Moves::Unsent { server_ms }, |millis| millis.saturating_add_signed(by).min(server_ms))
        })?;
        self.forget_known();
        Ok(true)
    }

    /// Stamps what was never sent with the server's time: the server said that stamps are ahead of its clock.
    pub fn pull_back_clock(&mut self, server_ms: u64) -> Result<(), StoreError> {
        self.write(|tx| restamp(tx, Moves::Unsent { server_ms }, |millis| millis.min(server_ms)))?;
        self.forget_known();
        Ok(())
    }
}

/// Which waiting changes are stamped anew.
#[derive(Clone, Copy)]
enum Moves<'a> {
    /// What was never sent; also what was sealed once, if its stamp is so far ahead of the server's clock that no server can
    /// have taken it.
    Unsent {
        /// The server's clock.
        server_ms: u64,
    },
    /// What this device wrote in a notebook and its own line has left behind: nobody would show it.
    Below {
        /// The notebook.
        notebook: NotebookId,
        /// The greatest clock reading in the line.
        line: Hlc,
    },
    /// What this device wrote under keys that it had here before.
    Former,
    /// These.
    These(&'a BTreeSet<(EntryKey, Stamp)>),
}

impl Moves<'_> {
    fn includes(self, change: &Change, fresh: bool, device: DeviceId) -> bool {
        match self {
            Self::Unsent { server_ms } => {
                let refused = server_ms.saturating_add(CLOCK_TOLERANCE_MS);
                change.stamp.device == device && (fresh || change.stamp.hlc.millis() > refused)
            }
            Self::Below { notebook, line } => {
                change.notebook == notebook && change.stamp.device == device && change.stamp.hlc <= line
            }
            Self::Former => change.stamp.device != device,
            Self::These(these) => these.contains(&(EntryKey::of(change), change.stamp)),
        }
    }
}

/// Stamps with this device's present name what waits under one that it had here before: an envelope holds its author's
/// stamps only.
pub fn take_over(tx: &Transaction<'_>) -> Result<(), StoreError> {
    restamp(tx, Moves::Former, |millis| millis)
}

/// Stamps what waits in a notebook behind a clock reading, if it is not: the greatest in this device's line there.
pub fn lift_above(tx: &Transaction<'_>, notebook: NotebookId, line: Hlc) -> Result<(), StoreError> {
    restamp(tx, Moves::Below { notebook, line }, |millis| millis)
}

/// As [`take_over`], at once, for what is known to count nowhere: a log that still shows it takes it back again.
pub fn take_over_cut_off(tx: &Transaction<'_>, cut_off: &BTreeSet<(EntryKey, Stamp)>) -> Result<(), StoreError> {
    restamp(tx, Moves::These(cut_off), |millis| millis)
}

/// The stamps of all that a change replaces or deletes.
fn seen(change: &Change) -> impl Iterator<Item = &Stamp> {
    change.fields.values().flat_map(|field| &field.replaces).chain(change.deletes.iter().flatten())
}

/// Stamps waiting changes anew.
fn restamp(tx: &Transaction<'_>, moves: Moves<'_>, corrected: impl Fn(u64) -> u64) -> Result<(), StoreError> {
    let sql = "SELECT c.entry, c.notebook, c.kind, c.stamp, c.body, c.n, o.n, o.fresh, h.device FROM outbox o
               JOIN changes c USING (entry, notebook, kind, stamp)
               JOIN channels h ON h.notebook = o.notebook
               WHERE o.sequence IS NULL AND c.state = 0 ORDER BY c.stamp, c.entry";
    let mut moved: Vec<(Change, i64, i64, DeviceId)> = Vec::new();
    let mut moving: BTreeSet<(EntryKey, Stamp)> = BTreeSet::new();
    {
        let mut statement = tx.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (change, device) = (read_change(row)?, DeviceId(u64::from_be_bytes(row.get(8)?)));
            let entry = EntryKey::of(&change);
            // What names a change by its old stamp goes with it.
            let follows = seen(&change).any(|stamp| moving.contains(&(entry.clone(), *stamp)));
            if follows || moves.includes(&change, row.get(7)?, device) {
                moving.insert((entry, change.stamp));
                moved.push((change, row.get(5)?, row.get(6)?, device));
            }
        }
    }
    // Stamps may fall on old ones of other changes: all are taken out before any is put back.
    for (change, ..) in &moved {
        tx.prepare_cached(&format!("DELETE FROM changes WHERE {ONE}"))?.execute(one(change))?;
    }
    // One action keeps one stamp, later actions get later ones, and none falls on one that is there.
    let mut new_stamps: BTreeMap<Stamp, Stamp> = BTreeMap::new();
    let mut last = if let Moves::Below { line, .. } = moves { line } else { Hlc::default() };
    for action in moved.chunk_by(|(one, ..), (other, ..)| one.stamp == other.stamp) {
        let Some((first, .., device)) = action.first() else { continue };
        // What it replaces was there before it, whatever the clock said.
        let seen = action.iter().flat_map(|(change, ..)| seen(change));
        let before = seen.map(|stamp| new_stamps.get(stamp).unwrap_or(stamp).hlc).max().unwrap_or_default();
        last = last.max(before);
        let stamp = loop {
            last = last.next(corrected(first.stamp.hlc.millis()));
            let stamp = Stamp { hlc: last, device: *device };
            let mut there = tx.prepare_cached(&format!("SELECT 1 FROM changes WHERE {ONE}"))?;
            let mut free = true;
            for (change, ..) in action {
                let (entry, notebook, kind, _) = one(change);
                free &= !there.exists((entry, notebook, kind, stamp.to_bytes()))?;
            }
            if free {
                break stamp;
            }
        };
        new_stamps.insert(first.stamp, stamp);
    }
    let mut touched = BTreeSet::new();
    for (mut change, n, row, device) in moved {
        let old = change.stamp;
        // Parts of one action stand in several notebooks, under another name in each.
        change.stamp = Stamp { device, ..new_stamps.get(&old).copied().unwrap_or(old) };
        let renew = |stamps: &BTreeSet<Stamp>| {
            stamps.iter().map(|stamp| new_stamps.get(stamp).copied().unwrap_or(*stamp)).collect()
        };
        for field in change.fields.values_mut() {
            field.replaces = renew(&field.replaces);
        }
        change.deletes = change.deletes.as_ref().map(renew);
        let (old, new) = (old.to_bytes(), change.stamp.to_bytes());
        super::changes::log(tx, n, &change, Delivery::Waiting)?;
        tx.prepare_cached("UPDATE edits SET stamp = ?3 WHERE n = ?1 AND stamp = ?2")?.execute(params![n, old, new])?;
        tx.prepare_cached("UPDATE outbox SET stamp = ?2 WHERE n = ?1")?.execute(params![row, new])?;
        touched.insert(EntryKey::of(&change));
    }
    touched.iter().try_for_each(|entry| super::changes::refresh(tx, entry))
}
