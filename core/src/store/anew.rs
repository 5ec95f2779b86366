//! A notebook of the file begins anew, under another id and this device's new name in stamps: every entry comes along as it is
//! shown, and what its changes said is told as its history.

use std::collections::BTreeMap;

use ayumi_protocol::{Change, DeviceId, EntryId, FieldChange, Hlc, NotebookId, Stamp};
use rusqlite::{Transaction, params};
use serde_json::Value;

use super::changes::{self, Delivery};
use super::entries;
use super::error::StoreError;
use super::outbox;
use crate::model::merge::{as_history, merge};
use crate::model::naming::EntryKey;
use crate::model::notebook::NotebookType;
use crate::model::value::Fields;
use crate::model::{judge, kinds};

/// Where a notebook goes on.
#[derive(Debug, Clone, Copy)]
pub struct Heir {
    /// The notebook as it was.
    pub from: NotebookId,
    /// As it is from here on.
    pub to: NotebookId,
    /// This device in its stamps.
    pub device: DeviceId,
    /// What it is for.
    pub notebook_type: NotebookType,
}

/// Rewrites a notebook's entries. `clock` gives the readings, each later than the one before; `renamed` says what a field that
/// names another notebook says from here on.
pub fn begin_anew(
    tx: &Transaction<'_>,
    heir: &Heir,
    clock: &mut impl FnMut() -> Hlc,
    renamed: impl Fn(&mut Fields),
) -> Result<(), StoreError> {
    let (from, to) = (heir.from.as_bytes(), heir.to.as_bytes());
    let mut ids = tx.prepare("SELECT DISTINCT entry, kind, n FROM changes WHERE notebook = ?1 ORDER BY n")?;
    let rows = ids.query_map([from], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?, row.get(2)?)))?;
    let rows: Vec<(Vec<u8>, String, i64)> = rows.collect::<Result<_, _>>()?;
    tx.execute("DELETE FROM outbox WHERE notebook = ?1", [from])?;
    tx.execute("UPDATE notebooks SET id = ?2 WHERE id = ?1", [from, to])?;
    for table in ["photos", "photo_data"] {
        tx.execute(&format!("UPDATE {table} SET notebook = ?2 WHERE notebook = ?1"), [from, to])?;
    }
    // They are sent again, under the new one's keys.
    for table in ["photos_sent", "photo_chunks"] {
        tx.execute(&format!("DELETE FROM {table} WHERE notebook = ?1"), [from])?;
    }
    entries::note_former(tx, heir.to, heir.from)?;
    for (id, kind, n) in rows {
        let old = EntryKey::new(heir.from, &kind, EntryId::from_slice(&id)?);
        let entry = if old.is_profile() { heir.to.into() } else { old.id };
        let told = changes::of_entry(tx, &old)?;
        let new = retold(&told, entry, heir, clock, &renamed);
        let sql = "DELETE FROM changes WHERE entry = ?1 AND notebook = ?2 AND kind = ?3";
        tx.execute(sql, params![old.id.as_bytes(), from, kind])?;
        tx.execute("UPDATE entries SET id = ?2 WHERE n = ?1", params![n, entry.as_bytes()])?;
        for change in &new {
            changes::log(tx, n, change, Delivery::Waiting)?;
        }
        changes::refresh(tx, &EntryKey::new(heir.to, &kind, entry))?;
        outbox::requeue(tx, &new)?;
    }
    Ok(())
}

/// An entry as one change that shows what was shown, and a second one if it was deleted.
fn retold(
    told: &[Change],
    entry: EntryId,
    heir: &Heir,
    clock: &mut impl FnMut() -> Hlc,
    renamed: impl Fn(&mut Fields),
) -> Vec<Change> {
    let Some(first) = told.first() else { return Vec::new() };
    let state = merge(told);
    let mut shown = state.fields();
    renamed(&mut shown);
    // What nobody would be shown is not told.
    let kind = kinds::find(&first.kind);
    let fits = |key: &str, value: &Value| {
        kind.is_none_or(|kind| judge::values(kind, heir.notebook_type, [(key, value)]).is_ok())
    };
    shown.retain(|key, value| fits(key, value));
    let mut history = as_history(told);
    history.retain(|past| fits(&past.field, &past.value));
    let value = |(key, value)| (key, FieldChange { value, replaces: Default::default() });
    let fields: BTreeMap<String, FieldChange> = shown.into_iter().map(value).collect();
    let stamp = Stamp { hlc: clock(), device: heir.device };
    let (kind, notebook) = (first.kind.clone(), heir.to);
    let shown = Change { entry, notebook, kind, stamp, fields, deletes: None, history };
    let deletion = state.deleted.then(|| Change {
        stamp: Stamp { hlc: clock(), device: heir.device },
        fields: BTreeMap::new(),
        deletes: Some([stamp].into()),
        history: Vec::new(),
        ..shown.clone()
    });
    std::iter::once(shown).chain(deletion).collect()
}
