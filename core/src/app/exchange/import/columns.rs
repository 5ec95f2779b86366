//! Which field each column of another app's table goes into, and in which unit it is.

use unicode_normalization::UnicodeNormalization;

use super::mapping::CsvMapping;
use super::plan::LeftOut;
use crate::app::error::Result;
use crate::furigana;
use crate::model::field::{FieldDef, FieldType};
use crate::model::kind::{KindDef, ON};
use crate::model::{Invalid, Reason, counts_the_rest, is_unit};
use crate::texts;

/// Names that other tables use for a column, besides keys and labels.
pub(super) const COMMON_NAMES: &[(&str, &[&str])] = &[
    (
        "on",
        &[
            "日付",
            "日時",
            "年月日",
            "測定日",
            "計測日",
            "記録日",
            "接種日",
            "date",
            "day",
            "measured",
            "datetime",
            "timestamp",
        ],
    ),
    ("at", &["時刻", "時間", "time"]),
    ("weight", &["体重", "weight", "body weight"]),
    ("length", &["身長", "height", "length", "body length", "stature"]),
    ("head", &["頭囲", "head", "head circumference", "head size"]),
    ("chest", &["胸囲", "chest", "chest circumference"]),
    ("value", &["体温", "temperature", "temp", "body temperature"]),
    ("amount_ml", &["量", "amount", "volume", "ミルク量"]),
    ("note", &["メモ", "備考", "コメント", "memo", "note", "notes", "comment", "comments"]),
    ("text", &["本文", "日記", "内容", "text"]),
    ("vaccine", &["ワクチン名", "ワクチンの種類", "予防接種", "予防接種名", "vaccine", "vaccine name", "immunization"]),
    ("dose_no", &["回数", "接種回数", "回", "dose", "dose number"]),
    ("maker_lot", &["ロット番号", "製造番号", "ロットno", "lot", "lot number"]),
];

/// Words behind a field's name that say: this column holds its unit.
const UNIT_WORDS: &[&str] = &["unit", "units", "uom", "単位", "の単位"];

/// A field and the columns that hold it.
#[derive(Debug)]
pub(super) struct FieldColumns {
    pub(super) field: &'static FieldDef,
    /// Columns of its value with the unit that each name says: one, or two where the second counts what is left of the first
    /// (`Weight (lb)`, `Weight (oz)`).
    pub(super) values: Vec<(usize, Option<String>)>,
    /// The column of its unit.
    pub(super) unit: Option<usize>,
}

/// All that a table's header says.
#[derive(Debug)]
pub(super) struct Columns {
    /// The column with the day.
    pub(super) day: usize,
    pub(super) fields: Vec<FieldColumns>,
    /// Names of columns that no field takes, and why.
    pub(super) left_out: Vec<LeftOut>,
}

/// What one column is.
enum Column {
    Value {
        field: &'static FieldDef,
        unit: Option<String>,
        named: bool,
    },
    /// The unit of a field; without one, of the nearest on its left.
    Unit(Option<&'static FieldDef>),
    None,
}

impl Columns {
    /// Reads a header. What the person named wins over what a column's name suggests.
    ///
    /// # Errors
    /// [`Error::Invalid`] if a column is named that is not there, or no column holds the day.
    pub(super) fn of(kind: &'static KindDef, header: &[&str], mapping: &CsvMapping) -> Result<Self> {
        check_mapping(kind, header, mapping)?;
        let read = |name: &&str| column(kind, name, mapping);
        let columns: Vec<Column> = header.iter().map(read).collect::<Result<_>>()?;
        let named_elsewhere = |at: usize, wanted: &FieldDef| {
            columns.iter().enumerate().any(|(other, column)| {
                matches!(column, Column::Value { field, named: true, .. } if field.key == wanted.key) && other != at
            })
        };
        let mut found: Vec<FieldColumns> = Vec::new();
        let mut left_out = Vec::new();
        let mut leave = |at: usize, why: Reason| {
            left_out.push(LeftOut { what: header.get(at).copied().unwrap_or_default().to_owned(), rows: 0, why });
        };
        for (at, column) in columns.iter().enumerate() {
            let Column::Value { field, unit, named } = column else { continue };
            if !named && named_elsewhere(at, field) {
                leave(at, Reason::MappedTwice);
                continue;
            }
            match found.iter_mut().find(|known| known.field.key == field.key) {
                None => found.push(FieldColumns { field, values: vec![(at, unit.clone())], unit: None }),
                Some(known) => match (known.values.as_slice(), unit) {
                    ([(_, Some(large))], Some(small)) if counts_the_rest(large, small, field.field_type.unit()) => {
                        known.values.push((at, Some(small.clone())));
                    }
                    // The first column of a name counts.
                    _ => leave(at, Reason::MappedTwice),
                },
            }
        }
        for (at, column) in columns.iter().enumerate() {
            let whose = match column {
                Column::Value { .. } => continue,
                Column::None => None,
                Column::Unit(Some(field)) => found.iter_mut().find(|known| known.field.key == field.key),
                Column::Unit(None) => {
                    let left = |known: &&mut FieldColumns| {
                        !known.field.field_type.unit().is_empty() && known.values.iter().any(|(column, _)| *column < at)
                    };
                    found
                        .iter_mut()
                        .filter(left)
                        .max_by_key(|known| known.values.iter().map(|(column, _)| *column).max())
                }
            };
            match whose.filter(|known| known.unit.is_none()) {
                Some(known) => known.unit = Some(at),
                None => leave(at, Reason::NoField),
            }
        }
        let day = found.iter().position(|known| known.field.key == ON.key);
        let Some(day) = day.map(|at| found.remove(at)).and_then(|day| Some(day.values.first()?.0)) else {
            let allowed = "a column with the day; name it with --map COLUMN=on";
            return Err(Invalid::new("map", &header.join(","), allowed).because(Reason::NoDayColumn).into());
        };
        Ok(Self { day, fields: found, left_out })
    }
}

/// What the person said must be there, once for each field.
fn check_mapping(kind: &KindDef, header: &[&str], mapping: &CsvMapping) -> Result<()> {
    let twice =
        |name: &str| Invalid::new("map", name, "each column, and each field, once").because(Reason::MappedTwice);
    let mut fields = Vec::new();
    for (column, field) in &mapping.columns {
        match header.iter().filter(|cell| cell.trim() == column).count() {
            0 => {
                let allowed = format!("a column of the file: {}", header.join(", "));
                return Err(Invalid::new("map", column, allowed).because(Reason::NoSuchColumn).into());
            }
            1 => {}
            _ => return Err(twice(column).into()),
        }
        let (field, unit) = named_field(kind, field)?;
        // Two columns for one field: pounds and ounces, each with its unit.
        if fields
            .iter()
            .any(|(known, known_unit): &(&str, bool)| *known == field.key && !(*known_unit && unit.is_some()))
        {
            return Err(twice(field.key).into());
        }
        fields.push((field.key, unit.is_some()));
    }
    Ok(())
}

/// The field that a person names, perhaps with the unit of the column: `weight`, `体重`, `weight:lb`.
fn named_field(kind: &KindDef, text: &str) -> Result<(&'static FieldDef, Option<String>)> {
    let (name, unit) = match text.rsplit_once(':') {
        Some((name, unit)) if is_unit(unit) => (name, Some(unit.trim().to_owned())),
        _ => (text, None),
    };
    let key = texts::field_by_name(kind, name).unwrap_or(name);
    Ok((kind.known_field(key)?, unit))
}

fn column(kind: &'static KindDef, name: &str, mapping: &CsvMapping) -> Result<Column> {
    if let Some((_, field)) = mapping.columns.iter().find(|(column, _)| column == name.trim()) {
        let (field, unit) = named_field(kind, field)?;
        let unit = unit.or_else(|| named_unit(field, name));
        return Ok(Column::Value { field, unit, named: true });
    }
    // A reading in brackets is no unit.
    let name = furigana::without(&furigana::plain(name));
    let name = name.as_str();
    let (bare, _) = without_brackets(name);
    // Whole names first: a key may end in what looks like a unit (`amount_ml`).
    for candidate in [bare.to_lowercase(), words(&bare).join(" ")] {
        if let Some(field) = field_named(kind, &candidate) {
            return Ok(Column::Value { field, unit: named_unit(field, name), named: false });
        }
    }
    let all = words(&bare);
    for cut in (0..all.len()).rev() {
        let (front, back) = all.split_at(cut);
        // `Weight in kg`: not inches.
        let back = if back.len() > 1 && back[0] == "in" { &back[1..] } else { back };
        let (front, back) = (front.join(" "), back.concat());
        if UNIT_WORDS.contains(&back.as_str()) {
            return match front.as_str() {
                "" => Ok(Column::Unit(None)),
                front => Ok(field_named(kind, front).map_or(Column::None, |field| Column::Unit(Some(field)))),
            };
        }
        if let Some(field) = field_named(kind, &front).filter(|_| is_unit(&back)) {
            return Ok(Column::Value { field, unit: Some(back), named: false });
        }
    }
    // 体重単位, 体重の単位: no blank between.
    let japanese = ["の単位", "単位"].iter().find_map(|word| bare.strip_suffix(word));
    Ok(match japanese.map(str::trim) {
        Some("") => Column::Unit(None),
        Some(front) => field_named(kind, front).map_or(Column::None, |field| Column::Unit(Some(field))),
        None => Column::None,
    })
}

/// The field of a name: a key, a label, or a common name.
fn field_named(kind: &KindDef, name: &str) -> Option<&'static FieldDef> {
    let common = || COMMON_NAMES.iter().filter(|(_, names)| names.contains(&name)).find_map(|(key, _)| kind.field(key));
    if name.is_empty() {
        None
    } else {
        texts::field_by_name(kind, name).and_then(|key| kind.field(key)).or_else(common)
    }
}

/// The unit in a column's name, for a field that has one: what stands in brackets, known or not; else a known one behind the name.
fn named_unit(field: &FieldDef, name: &str) -> Option<String> {
    if !matches!(field.field_type, FieldType::Integer { .. } | FieldType::Decimal { .. }) {
        return None;
    }
    let (bare, brackets) = without_brackets(name);
    let known = brackets.iter().find(|word| is_unit(word)).or(brackets.first());
    let behind = || {
        let all = words(&bare);
        (1..all.len()).map(|cut| all.get(cut..).unwrap_or_default().concat()).find(|word| is_unit(word))
    };
    known.cloned().or_else(|| behind().filter(|_| field.key != bare.to_lowercase()))
}

/// A name, and what stands in its brackets.
fn without_brackets(name: &str) -> (String, Vec<String>) {
    let folded: String = name.nfkc().collect();
    let mut bare = String::new();
    let mut brackets = Vec::new();
    let mut rest = folded.as_str();
    while let Some((before, behind)) = rest.split_once(['(', '[', '【', '{']) {
        let (inside, after) = behind.split_once([')', ']', '】', '}']).unwrap_or((behind, ""));
        bare.push_str(before);
        brackets.push(inside.trim().to_owned());
        rest = after;
    }
    bare.push_str(rest);
    brackets.retain(|inside| !inside.is_empty());
    (bare.trim().to_owned(), brackets)
}

/// The words of a name in small letters: `weight_lb`, `WeightUnit`, `Head-circumference`, `体重kg`.
fn words(name: &str) -> Vec<String> {
    let mut spaced = String::new();
    let mut before: Option<char> = None;
    for c in name.chars() {
        let breaks = before.is_some_and(|before| {
            (before.is_lowercase() && c.is_uppercase()) || (!before.is_ascii() && c.is_ascii_alphabetic())
        });
        if breaks {
            spaced.push(' ');
        }
        spaced.push(c);
        before = Some(c);
    }
    let cut = |c: char| c.is_whitespace() || matches!(c, '_' | '-' | '.' | ',' | ':' | '/' | '・' | '=');
    spaced.split(cut).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::error::Error;
    use crate::model::kind::Record;
    use crate::model::kinds::{self, Growth};

    #[test]
    fn every_measurement_has_the_names_that_other_tables_use() {
        for (field, _) in Growth::KIND.measured() {
            assert!(COMMON_NAMES.iter().any(|(key, _)| *key == field.key), "no common column name for {}", field.key);
        }
    }

    fn shown(kind: &str, header: &[&str], maps: &[&str]) -> std::result::Result<String, Reason> {
        let mut mapping = CsvMapping::default();
        for pair in maps {
            mapping.map(pair).unwrap();
        }
        let columns = match Columns::of(kinds::find(kind).unwrap(), header, &mapping) {
            Ok(columns) => columns,
            Err(Error::Invalid { why }) => return Err(why.reason),
            Err(error) => panic!("{error}"),
        };
        let field = |known: &FieldColumns| {
            let values: Vec<String> = known
                .values
                .iter()
                .map(|(at, unit)| format!("{at}{}", unit.as_ref().map_or(String::new(), |unit| format!(":{unit}"))))
                .collect();
            let unit = known.unit.map_or(String::new(), |at| format!("/{at}"));
            format!("{}={}{unit}", known.field.key, values.join("+"))
        };
        Ok(columns.fields.iter().map(field).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn a_column_is_in_the_unit_that_its_name_or_its_neighbour_says() {
        for (kind, header, expected) in [
            ("growth", &["date", "Weight (lb)", "Height [in]"][..], "weight=1:lb length=2:in"),
            ("growth", &["date", "weight_lb", "WeightUnit"], "weight=1:lb/2"),
            ("growth", &["date", "weight", "weight unit", "height", "height_units"], "weight=1/2 length=3/4"),
            ("growth", &["日付", "体重", "単位", "身長（ｃｍ）"], "weight=1/2 length=3:cm"),
            ("growth", &["日付", "体重kg", "体重の単位"], "weight=1:kg/2"),
            ("growth", &["date", "Weight (lb)", "Weight (oz)"], "weight=1:lb+2:oz"),
            ("growth", &["date", "Weight (kg)", "Weight (lb)"], "weight=1:kg"),
            ("growth", &["date", "Weight (bushels)"], "weight=1:bushels"),
            ("growth", &["date", "Weight (at home) (kg)"], "weight=1:kg"),
            ("growth", &["date", "Head Circumference - in"], "head=1:in"),
            ("growth", &["date", "Weight in lbs", "Height in cm", "head_in"], "weight=1:lbs length=2:cm head=3:in"),
            ("temperature", &["日時", "体温(℉)", "メモ(自由)"], "value=1:°F note=2"),
            ("feeding", &["date", "time", "amount_ml", "minutes"], "at=1 amount_ml=2 minutes=3"),
            ("feeding", &["date", "Amount (oz)", "amount unit"], "amount_ml=1:oz/2"),
            ("feeding", &["date", "unit", "amount"], "amount_ml=2"),
        ] {
            assert_eq!(shown(kind, header, &[]).as_deref(), Ok(expected), "{header:?}");
        }
    }

    #[test]
    fn what_the_person_said_wins_or_is_an_error() {
        let header = ["date", "weight", "weight_kg", "w"];
        for (maps, expected) in [
            (&["weight_kg=weight"][..], Ok("weight=2:kg")),
            (&["w=weight"], Ok("weight=3")),
            (&["w=体重"], Ok("weight=3")),
            (&["w=weight:lb"], Ok("weight=3:lb")),
            (&["w=weight", "weight_kg=weight"], Err(Reason::MappedTwice)),
            (&["x=weight"], Err(Reason::NoSuchColumn)),
            (&["w=wight"], Err(Reason::UnknownField)),
            (&["date=note"], Err(Reason::NoDayColumn)),
        ] {
            assert_eq!(shown("growth", &header, maps).as_deref().map_err(|why| *why), expected, "{maps:?}");
        }
        assert_eq!(shown("growth", &["date", "w", "w"], &["w=weight"]), Err(Reason::MappedTwice));
    }
}
