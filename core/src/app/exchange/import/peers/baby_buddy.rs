//! Baby Buddy's tables: one for each kind of thing, known by `child_id` and the name of the value's column. They hold no unit, and
//! each family may use its own: it is asked for, and said with `--map weight=weight:kg`.

use super::super::table::{Row, Table};
use super::told::{Columns, Told, Units, What, moment};
use crate::model::Reason;
use crate::model::kind::Record;
use crate::model::kinds::{Diary, Feeding, Growth, Sleep, Temperature};
use crate::model::times::read_day_and_time;

/// What is read of its tables; ids only number the rows.
pub(super) const READS: [&str; 17] = [
    "id",
    "child_id",
    "child_first_name",
    "child_last_name",
    "weight",
    "height",
    "head_circumference",
    "temperature",
    "note",
    "notes",
    "method",
    "type",
    "amount",
    "start",
    "end",
    "date",
    "time",
];

pub(super) fn is_one(table: &Table) -> bool {
    let values = ["weight", "height", "head_circumference", "temperature", "note", "type", "start", "wet", "bmi"];
    table.has_all(&["child_id"]) && values.iter().any(|name| table.has_all(&[name]))
}

/// Columns of amounts, and the field that each goes into.
pub(super) const AMOUNTS: [(&str, &str); 4] =
    [("weight", "weight"), ("height", "length"), ("head_circumference", "head"), ("amount", "amount_ml")];

pub(super) fn read(table: &Table, units: &Units) -> Vec<Told> {
    let columns = Columns { table, units };
    table.rows.iter().map(|row| Told { row: row.number, what: one(&columns, row) }).collect()
}

fn one(columns: &Columns<'_>, row: &Row) -> What {
    let cell = |name: &str| columns.table.cell(row, name).to_owned();
    let has = |name: &str| columns.table.place(name).is_some();
    let note = ("note", cell("notes"));
    let bare = |name: &str| columns.amount(row, name, "");
    let (day, (at_day, at)) = (moment(&cell("date")).0, moment(&cell("time")));
    let (start_day, from) = moment(&cell("start"));
    let growth = |key, name: &str| What::Entry {
        kind: Growth::KIND.id,
        on: day.clone(),
        fields: vec![(key, bare(name)), note.clone()],
    };
    if has("weight") {
        return growth("weight", "weight");
    }
    if has("height") {
        return growth("length", "height");
    }
    if has("head_circumference") {
        return growth("head", "head_circumference");
    }
    if has("temperature") {
        let fields = vec![("at", at), ("value", degrees(&cell("temperature"))), note];
        return What::Entry { kind: Temperature::KIND.id, on: at_day, fields };
    }
    if has("note") {
        return What::Entry { kind: Diary::KIND.id, on: at_day, fields: vec![("text", cell("note"))] };
    }
    if has("method") {
        let (method, food) = (cell("method"), cell("type"));
        let breast = method.contains("breast");
        let what = match food.as_str() {
            _ if breast => "breast",
            "formula" => "formula",
            "breast milk" => "expressed",
            "solid food" => "weaning_food",
            _ => "other",
        };
        let minutes = breast.then(|| minutes_between(&cell("start"), &cell("end"))).flatten().unwrap_or_default();
        let fields =
            vec![("at", from), ("what", what.to_owned()), ("minutes", minutes), ("amount_ml", bare("amount")), note];
        return What::Entry { kind: Feeding::KIND.id, on: start_day, fields };
    }
    let sleep = has("start") && has("end") && !has("milestone") && !has("amount");
    if sleep {
        let fields = vec![("from", from), ("to", moment(&cell("end")).1), note];
        return What::Entry { kind: Sleep::KIND.id, on: start_day, fields };
    }
    What::LeftOut("Baby Buddy".to_owned(), Reason::NoPlaceHere)
}

/// How long a feed at the breast took.
fn minutes_between(start: &str, end: &str) -> Option<String> {
    let at = |text: &str| read_day_and_time(text).and_then(|(day, time)| Some(day.and_time(time?)));
    let minutes = (at(end)? - at(start)?).num_minutes();
    (minutes > 0).then(|| minutes.to_string())
}

/// Degrees of a child: no thermometer shows the same number in Celsius and in Fahrenheit.
fn degrees(number: &str) -> String {
    match number.parse::<f64>() {
        Ok(degrees) if degrees > 80.0 => format!("{number} °F"),
        _ => number.to_owned(),
    }
}
