//! Another app's table: a row for each entry.

use std::borrow::Cow;

use chrono::NaiveTime;
use unicode_normalization::UnicodeNormalization;

use super::columns::{Columns, FieldColumns};
use super::mapping::CsvMapping;
use super::own_csv::unguard;
use super::plan::{ImportPlan, LeftOut};
use super::planner::Planner;
use super::table::{Row, Table};
use crate::app::error::Result;
use crate::app::records::entries::NewEntry;
use crate::model::field::FieldType;
use crate::model::kind::{KindDef, Record};
use crate::model::kinds::{self, Growth};
use crate::model::times::read_day_and_time;
use crate::model::value::TIME;
use crate::model::{Invalid, Reason, same_unit};

pub(super) fn plan(mut planner: Planner<'_>, table: &Table, mapping: &CsvMapping) -> Result<ImportPlan> {
    let key = if mapping.kind.is_empty() { Growth::KIND.id } else { &mapping.kind };
    let kind = kinds::find(key)
        .ok_or_else(|| Invalid::new("kind", key, "a kind of \"entry kinds\"").because(Reason::UnknownKind))?;
    let header: Vec<&str> = table.header.iter().collect();
    let columns = Columns::of(kind, &header, mapping)?;
    planner.plan.left_out.extend(columns.left_out.iter().cloned());
    let mut times_lost = 0;
    for row in &table.rows {
        if let Some(why) = row.trouble() {
            planner.refuse(row.number, kind.id, why);
            continue;
        }
        let (day, time) = day_and_time(row.cell(columns.day));
        let answer = |known: &FieldColumns| Some(read(row, known).transpose()?.map(|text| (known.field.key, text)));
        let typed: std::result::Result<Vec<(&str, Cow<'_, str>)>, Invalid> =
            columns.fields.iter().filter_map(answer).collect();
        let mut typed = match typed {
            Ok(typed) => typed,
            Err(why) => {
                planner.refuse(row.number, kind.id, why);
                continue;
            }
        };
        if typed.is_empty() {
            let why = Invalid::new("row", "", "at least one answered field").because(Reason::Missing);
            planner.refuse(row.number, kind.id, why);
            continue;
        }
        if let Some(time) = time {
            match time_field(kind) {
                Some(key) if !typed.iter().any(|(known, _)| *known == key) => {
                    typed.push((key, Cow::Owned(time.format(TIME).to_string())));
                }
                Some(_) => {}
                None => times_lost += 1,
            }
        }
        let typed: Vec<(&str, &str)> = typed.iter().map(|(key, text)| (*key, text.as_ref())).collect();
        let new = NewEntry::typed(planner.found.id, kind.id, &day, &typed);
        planner.take(row.number, kind.id, new)?;
    }
    if times_lost > 0 {
        let what = header.get(columns.day).copied().unwrap_or_default().to_owned();
        planner.plan.left_out.push(LeftOut { what, rows: times_lost, why: Reason::NoPlaceForTime });
    }
    Ok(planner.plan)
}

/// The day of a cell as text to be read, and the time behind it.
fn day_and_time(cell: &str) -> (Cow<'_, str>, Option<NaiveTime>) {
    match read_day_and_time(cell) {
        Some((day, time)) => (Cow::Owned(day.to_string()), time),
        None => (Cow::Borrowed(cell.trim()), None),
    }
}

/// The field that holds the time of a kind's entry.
fn time_field(kind: &KindDef) -> Option<&'static str> {
    kind.fields.iter().find(|field| field.field_type == FieldType::Time).map(|field| field.key)
}

/// What a row says of a field, with its unit; `None` if nothing.
fn read<'a>(row: &'a Row, known: &FieldColumns) -> std::result::Result<Option<Cow<'a, str>>, Invalid> {
    let mut parts: Vec<Cow<'_, str>> = Vec::new();
    for (column, named) in &known.values {
        let text = unguard(row.cell(*column).trim());
        if text.is_empty() {
            continue;
        }
        let bare = is_bare_number(&text);
        let stated = known.unit.map(|column| row.cell(column).trim()).filter(|unit| !unit.is_empty());
        let own = known.field.field_type.unit();
        let unit = match (stated, named.as_deref()) {
            (Some(stated), Some(named)) if known.values.len() == 1 && !same_unit(stated, named, own) => {
                let allowed = format!("one unit: the column's name says {named}, the cell beside it {stated}");
                return Err(Invalid::new(known.field.key, &text, allowed).because(Reason::Ambiguous));
            }
            (Some(stated), None) if !bare => {
                // A unit in the cell itself must be the one beside it.
                let inside =
                    text.trim_start_matches(|c: char| c.is_numeric() || matches!(c, '.' | ',' | '-' | '+' | ' '));
                if !same_unit(stated, inside, own) {
                    let allowed = format!("one unit: the cell beside it says {stated}");
                    return Err(Invalid::new(known.field.key, &text, allowed).because(Reason::Ambiguous));
                }
                None
            }
            (stated, named) => stated.or(named),
        };
        // The field's own unit need not be said.
        match unit.filter(|unit| bare && !own.eq_ignore_ascii_case(unit)) {
            Some(unit) => parts.push(Cow::Owned(format!("{text} {unit}"))),
            None if known.field.field_type == FieldType::Time => {
                let time = read_day_and_time(&text).and_then(|(_, time)| time);
                parts.push(time.map_or(text, |time| Cow::Owned(time.format(TIME).to_string())));
            }
            None => parts.push(text),
        }
    }
    Ok(match parts.len() {
        0 | 1 => parts.pop(),
        _ => Some(Cow::Owned(parts.join(" "))),
    })
}

fn is_bare_number(text: &str) -> bool {
    let number = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '+');
    text.trim().nfkc().all(number)
}
