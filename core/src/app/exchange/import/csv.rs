//! CSV: our own long form (a row for each field), or another app's table (a row for each entry) with a mapping of its
//! columns. UTF-8, or Shift_JIS as older spreadsheets write; comma, semicolon or tab.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use ::csv::{ReaderBuilder, StringRecord};
use ayumi_protocol::{EntryId, NotebookId};
use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization;

use super::plan::{ImportPlan, ImportRow, Outcome, RowFields};
use crate::app::error::{Error, Result};
use crate::app::handbook::Handbook;
use crate::app::records::entries::NewEntry;
use crate::app::view::{ListFilter, NotebookView};
use crate::model::Invalid;
use crate::model::kind::{KindDef, ON, Record};
use crate::model::kinds::{self, Growth, Photo};
use crate::model::naming::EntryKey;
use crate::model::value::Fields;
use crate::store::entries;
use crate::texts;

/// How another app's columns become fields.
#[derive(Debug, Clone, Default)]
pub struct CsvMapping {
    /// Kind of the entries; `growth` if empty.
    pub kind: String,
    /// Column name to field key. Columns that are not named here are found by their names.
    pub columns: Vec<(String, String)>,
}

impl CsvMapping {
    /// Adds `COLUMN=FIELD`.
    ///
    /// # Errors
    /// [`Error::Invalid`] if there is no `=` in it.
    pub fn map(&mut self, pair: &str) -> Result<()> {
        // The last sign: a column's name may hold one, a key never does.
        let (column, field) =
            pair.rsplit_once('=').ok_or_else(|| Invalid::new("map", pair, "COLUMN=FIELD, such as 体重=weight"))?;
        self.columns.push((column.trim().to_owned(), field.trim().to_owned()));
        Ok(())
    }
}

/// Names that other tables use for a column, besides keys and labels.
const COMMON_NAMES: &[(&str, &[&str])] = &[
    ("on", &["日付", "日時", "年月日", "測定日", "計測日", "記録日", "接種日", "date", "day", "measured"]),
    ("weight", &["体重", "weight"]),
    ("length", &["身長", "height", "length"]),
    ("head", &["頭囲", "head", "head circumference"]),
    ("chest", &["胸囲", "chest"]),
    ("note", &["メモ", "備考", "コメント", "memo", "note", "notes", "comment"]),
    ("text", &["本文", "日記", "内容", "text"]),
];

pub(super) fn plan(
    handbook: &Handbook,
    notebook: NotebookId,
    bytes: &[u8],
    mapping: &CsvMapping,
) -> Result<ImportPlan> {
    let view = handbook.notebooks().find(notebook)?;
    let text = decode(bytes)?;
    let mut reader = ReaderBuilder::new().flexible(true).delimiter(delimiter(&text)).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|_| not_csv(1))?.clone();
    let mut rows = Vec::new();
    for (i, row) in reader.records().enumerate() {
        let row = row.map_err(|_| not_csv(i as u64 + 2))?;
        rows.push((i as u64 + 2, row));
    }
    let mut plan = ImportPlan { notebook: Some(notebook), ..ImportPlan::default() };
    let planner = Planner { handbook, found: &view };
    let own = ["kind", "field", "value"].iter().all(|name| header.iter().any(|cell| cell.trim() == *name));
    if own && mapping.columns.is_empty() {
        planner.long(&header, &rows, &mut plan)?;
    } else {
        planner.wide(&header, &rows, mapping, &mut plan)?;
    }
    Ok(plan)
}

fn not_csv(row: u64) -> Error {
    Invalid::new("file", &format!("row {row}"), "a table with commas (CSV), UTF-8 or Shift_JIS").into()
}

fn decode(bytes: &[u8]) -> Result<Cow<'_, str>> {
    decoded(bytes).ok_or_else(|| not_csv(1))
}

/// A mark at the beginning says what follows; without one it is UTF-8 if it can be, else Shift_JIS.
fn decoded(bytes: &[u8]) -> Option<Cow<'_, str>> {
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => std::str::from_utf8(rest).ok().map(Cow::Borrowed),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => Some(Cow::Borrowed(text)),
            Err(_) => super::shift_jis::decode(bytes).map(Cow::Owned),
        },
    }
}

/// "Unicode text", as spreadsheets call it.
fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<Cow<'_, str>> {
    let (units, rest) = bytes.as_chunks::<2>();
    let text: std::result::Result<String, _> = char::decode_utf16(units.iter().map(|pair| unit(*pair))).collect();
    text.ok().filter(|_| rest.is_empty()).map(Cow::Owned)
}

fn delimiter(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or_default();
    let count = |sign: u8| header.bytes().filter(|b| *b == sign).count();
    [b',', b'\t', b';'].into_iter().max_by_key(|sign| (count(*sign), *sign == b',')).unwrap_or(b',')
}

struct Planner<'a> {
    handbook: &'a Handbook,
    found: &'a NotebookView,
}

/// What tells two entries apart for a table without ids: a hash of day and fields.
type Same = u64;

fn same(on: NaiveDate, fields: &Fields) -> Same {
    let mut hash = DefaultHasher::new();
    on.hash(&mut hash);
    for (key, value) in fields.iter().filter(|(key, _)| *key != ON.key) {
        key.hash(&mut hash);
        // JSON values hash by content.
        value.hash(&mut hash);
    }
    hash.finish()
}

impl Planner<'_> {
    /// Checks an entry against its notebook, then plans it.
    fn take(
        &self,
        row: u64,
        kind: &str,
        new: Result<NewEntry>,
        known: &mut HashSet<Same>,
        plan: &mut ImportPlan,
    ) -> Result<()> {
        let checked = new.and_then(|entry| self.handbook.entries().check_place(&entry, self.found).map(|()| entry));
        let (outcome, on, fields) = match checked {
            Ok(entry) => {
                let on = entry.on();
                let there = entry.id.is_none() && on.is_some_and(|on| !known.insert(same(on, &entry.fields)));
                if there {
                    (Outcome::AlreadyThere, on, RowFields::Own(entry.fields))
                } else {
                    match self.handbook.growth().ask_back(&entry) {
                        Ok(()) => {
                            plan.new.push(entry);
                            (Outcome::Add, on, RowFields::New(plan.new.len() - 1))
                        }
                        Err(Error::Invalid { why }) => (Outcome::Problem(why), on, RowFields::Own(entry.fields)),
                        Err(error) => return Err(error),
                    }
                }
            }
            Err(Error::Invalid { why }) => (Outcome::Problem(why), None, RowFields::Own(Fields::new())),
            Err(error) => return Err(error),
        };
        plan.rows.push(ImportRow { row, outcome, kind: kind.to_owned(), on, fields });
        Ok(())
    }

    fn known(&self, kind: &str) -> Result<HashSet<Same>> {
        let filter = ListFilter { kind: Some(kind.to_owned()), limit: u32::MAX, ..ListFilter::default() };
        let entries = self.handbook.entries().list(self.found.id, &filter)?;
        Ok(entries.iter().filter_map(|entry| Some(same(entry.on?, &entry.fields))).collect())
    }

    /// Our own form: rows of the same id make one entry.
    fn long(&self, header: &StringRecord, rows: &[(u64, StringRecord)], plan: &mut ImportPlan) -> Result<()> {
        let column = |name: &str| header.iter().position(|cell| cell.trim() == name);
        let cell = |row: &StringRecord, name: &str| -> String {
            column(name).and_then(|at| row.get(at)).unwrap_or_default().to_owned()
        };
        // Rows without an id stand each for itself.
        let mut groups: Vec<(u64, Vec<&StringRecord>)> = Vec::new();
        let mut by_id: BTreeMap<String, usize> = BTreeMap::new();
        for (number, row) in rows.iter().filter(|(_, row)| row.iter().any(|c| !c.trim().is_empty())) {
            let id = cell(row, "id");
            match by_id.get(&id).filter(|_| !id.is_empty()) {
                Some(at) => groups[*at].1.push(row),
                None => {
                    by_id.insert(id, groups.len());
                    groups.push((*number, vec![row]));
                }
            }
        }
        let mut known = HashSet::new();
        for (number, group) in groups {
            let (id, kind, on) = (cell(group[0], "id"), cell(group[0], "kind"), cell(group[0], "on"));
            if kind == Photo::KIND.id {
                // Pixels are not in a table.
                let why = Invalid::new("kind", Photo::KIND.id, "photos come with the JSON export");
                plan.rows.push(ImportRow {
                    row: number,
                    outcome: Outcome::Problem(why),
                    kind,
                    on: None,
                    fields: RowFields::Own(Fields::new()),
                });
                continue;
            }
            let typed: Vec<(String, String)> =
                group.iter().map(|row| (cell(row, "field"), unguard(&cell(row, "value")).into_owned())).collect();
            let typed: Vec<(&str, &str)> =
                typed.iter().filter(|(key, _)| !key.is_empty()).map(|(k, v)| (k.as_str(), v.as_str())).collect();
            let mut new = NewEntry::typed(self.found.id, &kind, &on, &typed);
            if let (Ok(id), Ok(entry)) = (id.parse::<EntryId>(), &mut new) {
                if entries::find(self.handbook.db().reader(), &EntryKey::new(self.found.id, &kind, id))?.is_some() {
                    let (on, fields) = (entry.on(), RowFields::Own(entry.fields.clone()));
                    plan.rows.push(ImportRow { row: number, outcome: Outcome::AlreadyThere, kind, on, fields });
                    continue;
                }
                entry.id = Some(id);
            }
            self.take(number, &kind, new, &mut known, plan)?;
        }
        Ok(())
    }

    /// Another app's table: a row for each entry.
    fn wide(
        &self,
        header: &StringRecord,
        rows: &[(u64, StringRecord)],
        mapping: &CsvMapping,
        plan: &mut ImportPlan,
    ) -> Result<()> {
        let kind_key = if mapping.kind.is_empty() { Growth::KIND.id } else { &mapping.kind };
        let kind = kinds::find(kind_key).ok_or_else(|| Invalid::new("kind", kind_key, "a kind of \"entry kinds\""))?;
        for (column, _) in &mapping.columns {
            if !header.iter().any(|cell| cell.trim() == column) {
                let names: Vec<&str> = header.iter().collect();
                return Err(Invalid::new("map", column, format!("a column of the file: {}", names.join(", "))).into());
            }
        }
        let mut fields: Vec<Option<(&'static str, Option<String>)>> = Vec::new();
        for name in header {
            let field = field_for(kind, name, mapping)?;
            // The first column of a name counts.
            let taken = fields.iter().flatten().any(|(key, _)| Some(*key) == field);
            if field.is_none() || taken {
                plan.ignored_columns.push(name.to_owned());
            }
            // The field's own unit need not be said.
            let own = field.and_then(|key| kind.field(key)).map_or("", |f| f.field_type.unit());
            let unit = unit_in(name).filter(|unit| !own.eq_ignore_ascii_case(unit));
            fields.push(field.filter(|_| !taken).map(|key| (key, unit)));
        }
        if !fields.iter().flatten().any(|(key, _)| *key == ON.key) {
            let allowed = "a column with the day; name it with --map COLUMN=on";
            return Err(Invalid::new("map", &header.iter().collect::<Vec<_>>().join(","), allowed).into());
        }
        let mut known = self.known(kind.id)?;
        for (number, row) in rows.iter().filter(|(_, row)| row.iter().any(|cell| !cell.trim().is_empty())) {
            let mut on = "";
            let mut typed: Vec<(&str, Cow<'_, str>)> = Vec::new();
            for (cell, field) in row.iter().zip(&fields) {
                let Some((key, unit)) = field else { continue };
                if *key == ON.key {
                    // A time behind the day is not kept.
                    on = cell.trim().split_once([' ', 'T']).map_or(cell.trim(), |(day, _)| day);
                } else if !cell.trim().is_empty() {
                    let text = unguard(cell.trim());
                    let bare_number =
                        || text.parse::<f64>().is_ok() || text.nfkc().collect::<String>().parse::<f64>().is_ok();
                    match unit.as_deref().filter(|_| bare_number()) {
                        Some(unit) => typed.push((key, Cow::Owned(format!("{text}{unit}")))),
                        None => typed.push((key, text)),
                    }
                }
            }
            let typed: Vec<(&str, &str)> = typed.iter().map(|(key, text)| (*key, text.as_ref())).collect();
            if typed.is_empty() {
                let why = Invalid::new("row", "", "at least one answered field");
                let (outcome, kind) = (Outcome::Problem(why), kind.id.to_owned());
                plan.rows.push(ImportRow {
                    row: *number,
                    outcome,
                    kind,
                    on: None,
                    fields: RowFields::Own(Fields::new()),
                });
                continue;
            }
            let new = NewEntry::typed(self.found.id, kind.id, on, &typed);
            self.take(*number, kind.id, new, &mut known, plan)?;
        }
        Ok(())
    }
}

/// The field of a column: as mapped, by key or label, or by a common name.
fn field_for(kind: &KindDef, column: &str, mapping: &CsvMapping) -> Result<Option<&'static str>> {
    if let Some((_, field)) = mapping.columns.iter().find(|(name, _)| name == column.trim()) {
        return match texts::field_by_name(kind, field) {
            Some(key) => Ok(Some(key)),
            None => kind.known_field(field).map(|known| Some(known.key)).map_err(Error::from),
        };
    }
    let bare: String =
        column.nfkc().collect::<String>().split(['(', '[']).next().unwrap_or_default().trim().to_lowercase();
    if let Some(key) = texts::field_by_name(kind, &bare) {
        return Ok(Some(key));
    }
    let common = COMMON_NAMES.iter().find(|(_, names)| names.contains(&bare.as_str())).map(|(key, _)| *key);
    Ok(common.and_then(|key| kind.field(key)).map(|field| field.key))
}

/// The unit in a column's name: `体重(g)`.
fn unit_in(column: &str) -> Option<String> {
    let folded: String = column.nfkc().collect();
    let (_, rest) = folded.split_once(['(', '['])?;
    let unit = rest.split([')', ']']).next()?.trim().to_lowercase();
    ["g", "kg", "cm", "mm", "m", "ml", "min"].contains(&unit.as_str()).then_some(unit)
}

/// Takes away the apostrophe that the export puts in front of what a spreadsheet would take for a formula.
fn unguard(cell: &str) -> Cow<'_, str> {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => Cow::Borrowed(rest),
        _ => Cow::Borrowed(cell),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measurement_has_the_names_that_other_tables_use() {
        for (field, _) in Growth::KIND.measured() {
            assert!(COMMON_NAMES.iter().any(|(key, _)| *key == field.key), "no common column name for {}", field.key);
        }
    }

    /// Expected: the WHATWG standard's `decode`, by the library that implements it.
    #[test]
    fn a_mark_says_what_follows_and_nothing_is_guessed_behind_it() {
        let pair = |unit: u16| (unit.to_le_bytes(), unit.to_be_bytes());
        let (mut little, mut big) = (vec![0xff, 0xfe], vec![0xfe, 0xff]);
        for unit in "日付,体重\n2024-05-03,3.1𠮷".encode_utf16() {
            little.extend(pair(unit).0);
            big.extend(pair(unit).1);
        }
        let half = &little[..little.len() - 2];
        let odd = &little[..little.len() - 1];
        for bytes in [
            &little[..],
            &big,
            half,
            odd,
            &[0xff, 0xfe],
            &[0xef, 0xbb, 0xbf],
            "\u{feff}日付".as_bytes(),
            b"\xef\xbb\xbf\x93\xfa",
            b"\x93\xfa\x95t,weight",
            b"\x93",
        ] {
            let (text, _, broken) = encoding_rs::SHIFT_JIS.decode(bytes);
            assert_eq!(decoded(bytes), (!broken).then_some(text), "{bytes:02x?}");
        }
    }
}
