//! Reading entries: one, a page, a conflict list.

use std::collections::BTreeSet;

use ayumi_protocol::{DeviceId, EntryId, Hlc, NotebookId, Stamp};
use chrono::{Datelike, NaiveDate};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, Transaction, params};

use super::error::StoreError;
use crate::model::kind::Record;
use crate::model::kinds::Photo;
use crate::model::naming::{EntryKey, EntryName};
use crate::model::value::Fields;

/// An entry as it shows; shells know it as `EntryView`.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "EntryView"))]
pub struct Entry {
    /// Its id.
    pub id: EntryId,
    /// The notebook it stands in.
    pub notebook: NotebookId,
    /// Key of its kind.
    pub kind: String,
    /// The day it is about.
    pub on: Option<NaiveDate>,
    /// Its answered fields, without `on`.
    pub fields: Fields,
    /// Whether it is deleted.
    pub deleted: bool,
    /// How many fields are in conflict.
    pub conflicts: u32,
    /// Its place in a list: the next page begins behind it.
    pub place: Place,
}

impl Entry {
    /// Returns what it is found by.
    pub fn key(&self) -> EntryKey {
        EntryKey::new(self.notebook, &self.kind, self.id)
    }

    /// Returns which entry a photo belongs to, as text; empty if to none.
    pub fn photo_of(&self) -> &str {
        self.fields.get("of").and_then(serde_json::Value::as_str).unwrap_or_default()
    }

    /// Returns a name that no other entry has.
    pub fn name(&self) -> EntryName {
        self.key().into()
    }
}

/// A place in a list, newest first: the next page starts behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub(super) day: i32,
    pub(super) n: i64,
}

impl Place {
    /// As text, for a shell that keeps it.
    pub fn to_text(self) -> String {
        format!("{}.{}", self.day, self.n)
    }

    /// From [`Self::to_text`].
    pub fn from_text(text: &str) -> Option<Self> {
        let (day, n) = text.split_once('.')?;
        Some(Self { day: day.parse().ok()?, n: n.parse().ok()? })
    }
}

/// Selects entries of a notebook, with the kinds that the app resolved from a carer's filter.
#[derive(Debug, Clone, Default)]
pub struct EntryQuery {
    /// Only these kinds; empty is all.
    pub kinds: Vec<String>,
    /// Not these kinds.
    pub not_kinds: Vec<String>,
    /// From this day on.
    pub from: Option<NaiveDate>,
    /// Up to this day.
    pub to: Option<NaiveDate>,
    /// Deleted ones instead of the others.
    pub deleted: bool,
}

pub(super) const COLUMNS: &str = "e.n, e.id, b.id, e.kind, e.day, e.fields, e.deleted, e.conflicts";
const FROM: &str = "FROM entries e JOIN notebooks b ON b.n = e.notebook";

pub(super) fn read_entry(row: &Row<'_>) -> Result<Entry, StoreError> {
    let (id, notebook): (Vec<u8>, Vec<u8>) = (row.get(1)?, row.get(2)?);
    let day: i32 = row.get(4)?;
    let mut fields: Fields = serde_json::from_str(row.get_ref(5)?.as_str().map_err(|_| StoreError::Damaged)?)
        .map_err(|_| StoreError::Damaged)?;
    fields.remove(crate::model::kind::ON.key);
    Ok(Entry {
        id: EntryId::from_slice(&id)?,
        notebook: NotebookId::from_slice(&notebook)?,
        kind: row.get(3)?,
        on: (day != 0).then(|| NaiveDate::from_num_days_from_ce_opt(day)).flatten(),
        fields,
        deleted: row.get(6)?,
        conflicts: row.get(7)?,
        place: Place { day, n: row.get(0)? },
    })
}

/// Entries of a statement.
pub(super) fn collect(connection: &Connection, sql: &str, params: &[&dyn ToSql]) -> Result<Vec<Entry>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(read_entry(row)?);
    }
    Ok(entries)
}

/// In a condition in SQL: the changes of one entry, by [`key`].
pub(super) const OF_ENTRY: &str = "entry = ?1 AND notebook = ?2 AND kind = ?3";

/// An entry as [`OF_ENTRY`] asks for it.
pub(super) fn key(entry: &EntryKey) -> (&[u8; 16], &[u8; 16], &str) {
    (entry.id.as_bytes(), entry.notebook.as_bytes(), &entry.kind)
}

/// One entry, deleted or not.
pub fn find(connection: &Connection, entry: &EntryKey) -> Result<Option<Entry>, StoreError> {
    let sql = format!("SELECT {COLUMNS} {FROM} WHERE e.n = (SELECT n FROM changes WHERE {OF_ENTRY} LIMIT 1)");
    let (id, notebook, kind) = key(entry);
    Ok(collect(connection, &sql, &[id, notebook, &kind])?.pop())
}

/// All entries that a name fits, deleted or not, in the order they came. Honest ones are one.
pub fn named(connection: &Connection, name: &EntryName) -> Result<Vec<Entry>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} {FROM} WHERE e.n IN (SELECT n FROM changes WHERE entry = ?1)
         AND (?2 IS NULL OR b.id = ?2) AND (?3 IS NULL OR e.kind = ?3) ORDER BY e.n"
    );
    let notebook = name.notebook.as_ref().map(NotebookId::as_bytes);
    collect(connection, &sql, &[name.id.as_bytes(), &notebook, &name.kind])
}

/// A notebook's own facts.
pub fn profile(connection: &Connection, id: NotebookId) -> Result<Option<Entry>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM notebooks b JOIN entries e ON e.n = b.profile WHERE b.id = ?1");
    Ok(collect(connection, &sql, &[id.as_bytes()])?.pop())
}

/// Kinds that the agenda is made of: the condition of the index `entries_for_agenda`, word by word, as SQLite asks. A
/// test compares them, and the kinds that events and leads name.
pub(super) const FOR_AGENDA: &str =
    "kind = 'immunisation' OR kind = 'wellchild' OR kind = 'self_check' OR kind = 'agenda_mark'
    OR kind = 'tests' OR kind = 'stool' OR kind = 'dental_maternal' OR kind = 'prenatal_visit'
    OR kind = 'cover' OR kind = 'delivery' OR kind = 'guardian_birth_cert' OR kind = 'guardian_2w'
    OR kind = 'guardian_1m' OR kind = 'guardian_2m' OR kind = 'guardian_3-4m'
    OR kind = 'guardian_6-7m' OR kind = 'guardian_9-10m' OR kind = 'guardian_1y6m'
    OR kind = 'guardian_3y'";

/// An entry for the agenda, its fields unread: most of them are not asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct AgendaRow {
    /// Its id.
    pub id: EntryId,
    /// Key of its kind.
    pub kind: String,
    /// The day it is about.
    pub on: Option<NaiveDate>,
    /// JSON of its fields.
    pub fields: String,
}

/// A notebook's entries that the agenda is made of.
pub fn for_agenda(connection: &Connection, notebook: NotebookId) -> Result<Vec<AgendaRow>, StoreError> {
    let sql = format!(
        "SELECT e.id, e.kind, e.day, e.fields FROM entries e INDEXED BY entries_for_agenda
         WHERE e.notebook = (SELECT n FROM notebooks WHERE id = ?1) AND e.deleted = 0 AND ({FOR_AGENDA})"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([notebook.as_bytes()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let day: i32 = row.get(2)?;
        found.push(AgendaRow {
            id: EntryId::from_slice(row.get_ref(0)?.as_blob().map_err(|_| StoreError::Damaged)?)?,
            kind: row.get(1)?,
            on: (day != 0).then(|| NaiveDate::from_num_days_from_ce_opt(day)).flatten(),
            fields: row.get(3)?,
        });
    }
    Ok(found)
}

/// Kinds of the entries that a notebook has.
pub fn kinds_in(connection: &Connection, id: NotebookId) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT DISTINCT e.kind FROM entries e JOIN notebooks b ON b.n = e.notebook WHERE b.id = ?1";
    let mut statement = connection.prepare(sql)?;
    Ok(statement.query_map([id.as_bytes()], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// Finds a notebook, or the one that began anew from it.
pub fn notebook_or_its_heir(connection: &Connection, id: NotebookId) -> Result<Option<NotebookId>, StoreError> {
    let sql = "SELECT id FROM notebooks WHERE id = ?1 OR former = ?1 ORDER BY id = ?1 DESC, n DESC LIMIT 1";
    let found = connection.prepare_cached(sql)?.query_row([id.as_bytes()], |row| row.get(0)).optional()?;
    found.map(|bytes: Vec<u8>| Ok(NotebookId::from_slice(&bytes)?)).transpose()
}

/// Returns each notebook that began anew: the id that it had, and the one that it has.
pub fn heirs(connection: &Connection) -> Result<Vec<(NotebookId, NotebookId)>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT former, id FROM notebooks WHERE former IS NOT NULL ORDER BY n")?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (former, id): (Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?);
        found.push((NotebookId::from_slice(&former)?, NotebookId::from_slice(&id)?));
    }
    Ok(found)
}

/// Notes the id that a notebook had before it began anew.
pub fn note_former(tx: &Transaction<'_>, id: NotebookId, former: NotebookId) -> Result<(), StoreError> {
    let sql = "UPDATE notebooks SET former = ?2 WHERE id = ?1";
    tx.execute(sql, [id.as_bytes(), former.as_bytes()])?;
    Ok(())
}

/// Number of a notebook.
pub fn notebook_number(connection: &Connection, id: NotebookId) -> Result<Option<i64>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT n FROM notebooks WHERE id = ?1")?;
    Ok(statement.query_row([id.as_bytes()], |row| row.get(0)).optional()?)
}

/// Ids of all notebooks, in the order they came.
pub fn notebooks(connection: &Connection) -> Result<Vec<NotebookId>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT id FROM notebooks ORDER BY n")?;
    let ids = statement.query_map([], |row| row.get::<_, Vec<u8>>(0))?.collect::<Result<Vec<_>, _>>()?;
    Ok(ids.iter().map(|id| NotebookId::from_slice(id)).collect::<Result<_, _>>()?)
}

/// A page of a notebook's entries, newest first, behind `after`.
pub fn page(
    connection: &Connection,
    notebook: NotebookId,
    filter: &EntryQuery,
    after: Option<Place>,
    limit: usize,
) -> Result<Vec<Entry>, StoreError> {
    let low = filter.from.map_or(0, |date| date.num_days_from_ce());
    let high = filter.to.map_or(i32::MAX, |date| date.num_days_from_ce());
    let after = after.unwrap_or(Place { day: i32::MAX, n: i64::MAX });
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut params: Vec<&dyn ToSql> =
        vec![notebook.as_bytes(), &filter.deleted, &low, &high, &after.day, &after.n, &limit];
    let mut kinds = String::new();
    for (word, list) in [("IN", &filter.kinds), ("NOT IN", &filter.not_kinds)] {
        if !list.is_empty() {
            let marks: Vec<String> = (1..=list.len()).map(|i| format!("?{}", params.len() + i)).collect();
            kinds += &format!(" AND e.kind {word} ({})", marks.join(","));
            params.extend(list.iter().map(|kind| kind as &dyn ToSql));
        }
    }
    // The upper bound on `day` stands alone besides the row comparison, so that the index is entered at the right end.
    let sql = format!(
        "SELECT e.n, e.id, ?1, e.kind, e.day, e.fields, e.deleted, e.conflicts FROM entries e
         WHERE e.notebook = (SELECT n FROM notebooks WHERE id = ?1) AND e.deleted = ?2 AND e.day >= ?3 AND e.day <= min(?4, ?5)
               AND (e.day, e.n) < (?5, ?6){kinds}
         ORDER BY e.day DESC, e.n DESC LIMIT ?7"
    );
    collect(connection, &sql, &params)
}

/// A notebook's photo entries: those that are shown, or the deleted ones.
pub fn photos(connection: &Connection, notebook: NotebookId, deleted: bool) -> Result<Vec<Entry>, StoreError> {
    let filter = EntryQuery { kinds: vec![Photo::KIND.id.into()], deleted, ..EntryQuery::default() };
    page(connection, notebook, &filter, None, usize::MAX)
}

/// A notebook's entries that were deleted before a time, in milliseconds since 1970, and not touched since.
pub fn deleted_before(connection: &Connection, notebook: NotebookId, ms: u64) -> Result<Vec<EntryKey>, StoreError> {
    let sql = "SELECT e.id, e.kind FROM entries e WHERE e.notebook = (SELECT n FROM notebooks WHERE id = ?1) AND e.deleted = 1
               AND (SELECT max(c.stamp) FROM changes c WHERE c.entry = e.id AND c.notebook = ?1 AND c.kind = e.kind) < ?2";
    let first = Stamp { hlc: Hlc(ms << 16), device: DeviceId(0) };
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![notebook.as_bytes(), first.to_bytes()])?;
    let mut keys = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, kind): (Vec<u8>, String) = (row.get(0)?, row.get(1)?);
        keys.push(EntryKey::new(notebook, &kind, EntryId::from_slice(&id)?));
    }
    Ok(keys)
}

/// The ids of a notebook's entries that were deleted. One that somebody else's entry of another kind has, too, counts only if that
/// was deleted as well.
pub fn deleted_ids(connection: &Connection, notebook: NotebookId) -> Result<BTreeSet<String>, StoreError> {
    let sql = "SELECT id FROM entries WHERE notebook = (SELECT n FROM notebooks WHERE id = ?1)
               GROUP BY id HAVING min(deleted) > 0";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([notebook.as_bytes()])?;
    let mut ids = BTreeSet::new();
    while let Some(row) = rows.next()? {
        ids.insert(EntryId::from_slice(&row.get::<_, Vec<u8>>(0)?)?.to_string());
    }
    Ok(ids)
}

/// Entries in conflict, oldest first.
pub fn in_conflict(connection: &Connection) -> Result<Vec<Entry>, StoreError> {
    collect(connection, &format!("SELECT {COLUMNS} {FROM} WHERE e.conflicts > 0 AND e.deleted = 0 ORDER BY e.n"), &[])
}

/// How many entries, deleted ones too, and changes there are.
pub fn counts(connection: &Connection) -> Result<(u64, u64), StoreError> {
    Ok(connection.query_row(
        "SELECT (SELECT count(*) FROM entries WHERE deleted < 2), (SELECT count(*) FROM changes)",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?)
}
