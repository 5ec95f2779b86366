//! A notebook of the file begins anew, under another id and this device's new name in stamps: every entry comes along as it is
//! shown, and what its changes said is told as its history.

use std::collections::BTreeMap;

use ayumi_protocol::{Change, DeviceId, EntryId, FieldChange, Hlc, NotebookId, Origin, Past, Stamp, limits};
use rusqlite::{Transaction, params};
use serde_json::Value;

use super::changes::{self, Delivery};
use super::error::StoreError;
use super::{apart, entries, outbox};
use crate::model::merge::merge;
use crate::model::naming::EntryKey;
use crate::model::notebook::NotebookType;
use crate::model::past::{as_history, name_origins};
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
/// names another notebook says from here on, `origin_of` where an archive proves what a change says.
pub fn begin_anew(
    tx: &Transaction<'_>,
    heir: &Heir,
    clock: &mut impl FnMut() -> Hlc,
    renamed: impl Fn(&mut Fields),
    origin_of: impl Fn(&Change) -> Option<Origin>,
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
    for table in ["photos_sent", "photo_chunks", "thumbnails_missed"] {
        tx.execute(&format!("DELETE FROM {table} WHERE notebook = ?1"), [from])?;
    }
    entries::note_former(tx, heir.to, heir.from)?;
    bring_along(tx, heir, clock)?;
    for (id, kind, n) in rows {
        let old = EntryKey::new(heir.from, &kind, EntryId::from_slice(&id)?);
        let entry = if old.is_profile() { heir.to.into() } else { old.id };
        let told = changes::of_entry(tx, &old)?;
        let Retold { new, unfit } = retold(&told, entry, heir, clock, &renamed, &origin_of);
        let sql = "DELETE FROM changes WHERE entry = ?1 AND notebook = ?2 AND kind = ?3";
        tx.execute(sql, params![old.id.as_bytes(), from, kind])?;
        tx.execute("UPDATE entries SET id = ?2 WHERE n = ?1", params![n, entry.as_bytes()])?;
        for change in &new {
            changes::log(tx, n, change, Delivery::Waiting)?;
        }
        // An entry of which nothing may stand there is not shown as an empty one.
        if !unfit.is_empty() && new.iter().all(says_nothing) {
            changes::withdraw(tx, &new)?;
        }
        changes::refresh(tx, &EntryKey::new(heir.to, &kind, entry))?;
        outbox::requeue(tx, &new)?;
        apart::keep(tx, &unfit)?;
        let whole: Vec<Change> =
            new.into_iter().filter(|change| judge::judge(change, heir.notebook_type).is_err()).collect();
        apart::keep(tx, &whole)?;
    }
    Ok(())
}

fn says_nothing(change: &Change) -> bool {
    change.fields.is_empty() && change.history.is_empty() && change.deletes.is_none()
}

/// What was kept apart stays so, under this device's new name.
fn bring_along(tx: &Transaction<'_>, heir: &Heir, clock: &mut impl FnMut() -> Hlc) -> Result<(), StoreError> {
    for old in apart::all(tx, heir.from)? {
        let entry = if EntryKey::of(&old).is_profile() { heir.to.into() } else { old.entry };
        let stamp = Stamp { hlc: clock(), device: heir.device };
        apart::forget(tx, std::slice::from_ref(&old))?;
        apart::keep(tx, &[Change { entry, notebook: heir.to, stamp, ..old }])?;
    }
    Ok(())
}

/// An entry as it is told again.
struct Retold {
    /// One change that shows what was shown, behind what does not fit into it of a long history; one more if it was deleted.
    new: Vec<Change>,
    /// What of it may not stand in the notebook: no value of it is lost.
    unfit: Vec<Change>,
}

/// Bytes of history that one change tells: what it shows needs room, too.
const HISTORY: usize = limits::CHANGE_BYTES / 2;

/// Cuts a history into parts that a change can hold each; what was said together stays together.
fn in_parts(history: Vec<Past>) -> Vec<Vec<Past>> {
    let (mut parts, mut room): (Vec<Vec<Past>>, usize) = (Vec::new(), 0);
    for said in history.chunk_by(|past, next| past.stamp == next.stamp) {
        // Past values always serialise.
        let bytes = serde_json::to_string(said).unwrap_or_default().len();
        if bytes > room || parts.is_empty() {
            parts.push(Vec::new());
            room = HISTORY;
        }
        room = room.saturating_sub(bytes);
        if let Some(part) = parts.last_mut() {
            part.extend_from_slice(said);
        }
    }
    parts
}

fn retold(
    told: &[Change],
    entry: EntryId,
    heir: &Heir,
    clock: &mut impl FnMut() -> Hlc,
    renamed: impl Fn(&mut Fields),
    origin_of: impl Fn(&Change) -> Option<Origin>,
) -> Retold {
    let Some(first) = told.first() else { return Retold { new: Vec::new(), unfit: Vec::new() } };
    let state = merge(told);
    let mut shown = state.fields();
    renamed(&mut shown);
    // What nobody would be shown is not told.
    let kind = kinds::find(&first.kind);
    let fits = |key: &str, value: &Value| {
        kind.is_none_or(|kind| judge::values(kind, heir.notebook_type, [(key, value)]).is_ok())
    };
    let (shown, unfit): (Fields, Fields) = shown.into_iter().partition(|(key, value)| fits(key, value));
    let (mut history, unfit_history): (Vec<Past>, Vec<Past>) =
        as_history(told).into_iter().partition(|past| fits(&past.field, &past.value));
    name_origins(&mut history, told, origin_of);
    let value = |(key, value)| (key, FieldChange { value, replaces: Default::default() });
    let fields: BTreeMap<String, FieldChange> = shown.into_iter().map(value).collect();
    let unfit: BTreeMap<String, FieldChange> = unfit.into_iter().map(value).collect();
    let mut parts = in_parts(history);
    let history = parts.pop().unwrap_or_default();
    let earlier: Vec<(Stamp, Vec<Past>)> =
        parts.into_iter().map(|part| (Stamp { hlc: clock(), device: heir.device }, part)).collect();
    let stamp = Stamp { hlc: clock(), device: heir.device };
    let (kind, notebook) = (first.kind.clone(), heir.to);
    let shown = Change { entry, notebook, kind, stamp, fields, deletes: None, history };
    let told = |(stamp, history)| Change { stamp, fields: BTreeMap::new(), history, ..shown.clone() };
    let earlier: Vec<Change> = earlier.into_iter().map(told).collect();
    let deletion = state.deleted.then(|| Change {
        stamp: Stamp { hlc: clock(), device: heir.device },
        fields: BTreeMap::new(),
        deletes: Some([stamp].into()),
        history: Vec::new(),
        ..shown.clone()
    });
    let unfit = (!unfit.is_empty() || !unfit_history.is_empty()).then(|| Change {
        stamp: Stamp { hlc: clock(), device: heir.device },
        fields: unfit,
        history: unfit_history,
        ..shown.clone()
    });
    let new = earlier.into_iter().chain([shown]).chain(deletion).collect();
    Retold { new, unfit: unfit.into_iter().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_history_is_told_in_changes_that_each_can_be_read() {
        let device = DeviceId(1);
        let said = |time: u64, field: &str| Past {
            stamp: Stamp { hlc: Hlc(time), device },
            field: field.into(),
            value: "\u{3042}".repeat(9_000).into(),
            origin: None,
        };
        let history: Vec<Past> = (0..20).flat_map(|time| [said(time, "note"), said(time, "text")]).collect();
        let parts = in_parts(history.clone());
        assert!(parts.len() > 1);
        for pair in parts.windows(2) {
            assert_ne!(pair[0].last().unwrap().stamp, pair[1][0].stamp, "what was said together stays together");
        }
        for part in &parts {
            assert!(serde_json::to_string(part).unwrap().len() <= HISTORY);
        }
        assert_eq!(parts.concat(), history);
        assert!(in_parts(Vec::new()).is_empty());
    }
}
