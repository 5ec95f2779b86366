//! Our own table: a row for each field, rows of the same id make one entry.
//!
//! A table has no history, so what it says of an entry that is here is compared: the same is there already; what was never shown is
//! an edit; what stood there earlier was changed here since, and is not undone.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ayumi_protocol::EntryId;
use serde_json::Value;

use super::differing::{Differs, edit};
use super::plan::{ImportPlan, LeftOut, Outcome, RowFields};
use super::planner::Planner;
use super::table::{Row, Table};
use crate::app::error::{Error, Result};
use crate::app::records::entries::NewEntry;
use crate::app::view::EntryView;
use crate::model::date::parse_date;
use crate::model::kind::{ON, Record};
use crate::model::kinds::Photo;
use crate::model::naming::{EntryKey, EntryName};
use crate::model::value::{FieldValue, Fields};
use crate::model::{Invalid, Reason};
use crate::store::entries;

pub(super) fn plan(mut planner: Planner<'_>, table: &Table) -> Result<ImportPlan> {
    let place = |name| table.place(name);
    let columns =
        Places { id: place("id"), on: place("on"), kind: place("kind"), field: place("field"), value: place("value") };
    let mut photos = 0;
    for group in groups(table, &columns) {
        let Some(first) = group.first() else { continue };
        let kind = columns.kind(first);
        if let Some(why) = group.iter().find_map(|row| row.trouble()) {
            planner.refuse(first.number, kind, why);
            continue;
        }
        let new = typed(&planner, &columns, &group);
        let id = match columns.id(first) {
            "" => None,
            text => match text.parse::<EntryId>() {
                Ok(id) => Some(id),
                Err(_) => {
                    let why = Invalid::new("id", text, "an id as the export wrote it").because(Reason::NotAnId);
                    planner.refuse(first.number, kind, why);
                    continue;
                }
            },
        };
        let known = match id {
            Some(id) => entries::find(planner.handbook.db().reader(), &EntryKey::new(planner.found.id, kind, id))?,
            None => None,
        };
        match (known, id) {
            (Some(known), _) => compare(&mut planner, first.number, &known, new, &columns.emptied(&group))?,
            // Pixels are not in a table.
            (None, _) if kind == Photo::KIND.id => photos += 1,
            (None, Some(id)) if elsewhere(&planner, kind, id)? => {
                let why = Invalid::new("id", &id.to_string(), "entries of this notebook: this one stands in another");
                planner.refuse(first.number, kind, why.because(Reason::InAnotherNotebook));
            }
            (None, id) => {
                let new = new.map(|entry| NewEntry { id, ..entry });
                planner.take(first.number, kind, new)?;
            }
        }
    }
    if photos > 0 {
        let what = Photo::KIND.id.to_owned();
        planner.plan.left_out.push(LeftOut { what, rows: photos, why: Reason::PhotoNotThere });
    }
    Ok(planner.plan)
}

/// Where our columns stand.
struct Places {
    id: Option<usize>,
    on: Option<usize>,
    kind: Option<usize>,
    field: Option<usize>,
    value: Option<usize>,
}

impl Places {
    fn cell(row: &Row, column: Option<usize>) -> &str {
        column.map_or("", |column| row.cell(column)).trim()
    }

    fn id<'a>(&self, row: &'a Row) -> &'a str {
        Self::cell(row, self.id)
    }

    fn kind<'a>(&self, row: &'a Row) -> &'a str {
        Self::cell(row, self.kind)
    }

    fn on<'a>(&self, row: &'a Row) -> &'a str {
        Self::cell(row, self.on)
    }

    /// Fields of an entry whose value is empty.
    fn emptied<'a>(&self, group: &[&'a Row]) -> Vec<&'a str> {
        let empty = |row: &&&'a Row| Self::cell(row, self.value).is_empty();
        group.iter().filter(empty).map(|row| Self::cell(row, self.field)).filter(|key| !key.is_empty()).collect()
    }
}

/// Rows of one entry each, in the order of the file. Rows without an id stand each for itself.
fn groups<'a>(table: &'a Table, columns: &Places) -> Vec<Vec<&'a Row>> {
    let mut groups: Vec<Vec<&Row>> = Vec::new();
    let mut by_id: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for row in &table.rows {
        let name = (columns.kind(row), columns.id(row));
        match by_id.get(&name).filter(|_| !name.1.is_empty()).and_then(|at| groups.get_mut(*at)) {
            Some(group) => group.push(row),
            None => {
                by_id.insert(name, groups.len());
                groups.push(vec![row]);
            }
        }
    }
    groups
}

/// The entry that rows tell of. The same row twice is one; a day or a field that differs from row to row is a problem.
fn typed(planner: &Planner<'_>, columns: &Places, group: &[&Row]) -> Result<NewEntry> {
    let (kind, on) = group.first().map_or(("", ""), |row| (columns.kind(row), columns.on(row)));
    if let Some(other) = group.iter().map(|row| columns.on(row)).find(|other| *other != on) {
        return Err(Invalid::new(ON.key, other, format!("one day for an entry: {on}"))
            .because(Reason::TwiceInFile)
            .into());
    }
    let mut fields: Vec<(&str, Cow<'_, str>)> = Vec::new();
    for row in group {
        let (key, value) = (Places::cell(row, columns.field), columns.value.map_or("", |column| row.cell(column)));
        let pair = (key, unguard(value));
        if !key.is_empty() && !fields.contains(&pair) {
            fields.push(pair);
        }
    }
    // Facts of a photo stand in the table; they are compared, and nobody types them.
    if kind == Photo::KIND.id {
        let day = parse_date(on)
            .ok_or_else(|| Invalid::new(ON.key, on, ON.field_type.allowed()).because(Reason::NotADate))?;
        let read = Photo::KIND.read(fields.iter().map(|(key, value)| (*key, value.as_ref())))?;
        return NewEntry::checked(planner.found.id, kind, day, &read);
    }
    let fields: Vec<(&str, &str)> = fields.iter().map(|(key, value)| (*key, value.as_ref())).collect();
    NewEntry::typed(planner.found.id, kind, on, &fields)
}

/// Whether an entry stands in another notebook of this device.
fn elsewhere(planner: &Planner<'_>, kind: &str, id: EntryId) -> Result<bool> {
    let name = EntryName { id, notebook: None, kind: Some(kind.to_owned()) };
    Ok(!entries::named(planner.handbook.db().reader(), &name)?.is_empty())
}

/// What a row says of an entry that is here.
fn compare(
    planner: &mut Planner<'_>,
    row: u64,
    known: &EntryView,
    new: Result<NewEntry>,
    emptied: &[&str],
) -> Result<()> {
    let entries = planner.handbook.entries();
    let fits = |entry: &NewEntry| entries.check_fields(entry.kind.id, &entry.fields, &planner.found);
    let checked = new.and_then(|entry| fits(&entry).map(|()| entry));
    let entry = match checked {
        Ok(entry) => entry,
        Err(Error::Invalid { why }) => {
            planner.refuse(row, &known.kind, why);
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let on = entry.on();
    let mut shown = known.fields.clone();
    shown.extend(known.on.map(|on| (ON.key.to_owned(), on.to_json())));
    // An emptied cell clears a field; a row that is not in the file says nothing.
    let cleared = emptied.iter().filter(|key| shown.contains_key(**key)).map(|key| ((*key).to_owned(), Value::Null));
    let mut differs: Fields = cleared.collect();
    differs.extend(
        entry.fields.iter().filter(|(key, value)| shown.get(*key) != Some(value)).map(|(k, v)| (k.clone(), v.clone())),
    );
    let outcome = match super::differing::judged(planner.handbook, known, &differs)? {
        Differs::Not => Outcome::AlreadyThere,
        Differs::Cannot(why) => Outcome::Problem(why),
        Differs::Edited => {
            planner.plan.changes.extend(edit(planner.handbook, known, &differs)?);
            planner.push(row, &known.kind, Outcome::Update, on, RowFields::Own(differs));
            return Ok(());
        }
    };
    planner.push(row, &known.kind, outcome, on, RowFields::Own(entry.fields));
    Ok(())
}

/// Takes away the apostrophe that the export puts in front of what a spreadsheet would take for a formula.
pub(super) fn unguard(cell: &str) -> Cow<'_, str> {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => Cow::Borrowed(rest),
        _ => Cow::Borrowed(cell),
    }
}
