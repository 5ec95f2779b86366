//! A notebook as a file for people and other programs: JSON, CSV, printable HTML, SVG.

mod csv;
mod html;
mod json;

use ayumi_protocol::NotebookId;
use chrono::{NaiveDate, NaiveDateTime};
use serde_json::Value;

use super::growth::Measure;
use super::{EntryView, Handbook, ListFilter, Result, chart_svg};
use crate::growth::Reference;
use crate::model::date::{ApproxDate, Gestation};
use crate::model::field::FieldType;
use crate::model::kind::KindDef;
use crate::model::value::FieldValue;
use crate::texts::{self, Locale};

pub(crate) use json::{FORMAT, VERSION};

/// Exports of a handbook.
#[derive(Clone)]
pub struct Export {
    pub(super) book: Handbook,
}

impl Export {
    /// Everything that the notebook shows, with its history and photos; the import of the same file, here or on another
    /// device, writes nothing twice. Deleted entries are left out.
    ///
    /// # Errors
    /// [`super::Error::NotFound`].
    pub fn json(&self, notebook: NotebookId) -> Result<String> {
        json::write(&self.book, notebook)
    }

    /// One row for each answered field, with labels, for spreadsheets. Begins with a byte order mark, so that Excel reads
    /// Japanese.
    ///
    /// # Errors
    /// [`super::Error::NotFound`].
    pub fn csv(&self, notebook: NotebookId) -> Result<String> {
        csv::write(&self.book, notebook)
    }

    /// A booklet to print and keep: cover, growth charts, records in the order of the form, photos. One file, no network.
    ///
    /// # Errors
    /// [`super::Error::NotFound`].
    pub fn html(&self, notebook: NotebookId) -> Result<String> {
        html::write(&self.book, notebook)
    }

    /// A growth chart.
    ///
    /// # Errors
    /// [`super::Error::NotFound`]; [`super::Error::Invalid`] where there is nothing to draw.
    pub fn svg(&self, notebook: NotebookId, measure: Measure, reference: Reference) -> Result<String> {
        let chart = self.book.growth().chart(notebook, measure, reference)?;
        let name = self.book.notebooks().find(notebook)?.name;
        Ok(chart_svg::draw(&chart, &name, self.book.locale()))
    }
}

/// Every entry that the notebook shows, oldest first.
fn all_entries(book: &Handbook, notebook: NotebookId) -> Result<Vec<EntryView>> {
    let mut entries = book.entries().list(notebook, &ListFilter { limit: usize::MAX, ..ListFilter::default() })?;
    entries.reverse();
    Ok(entries)
}

/// A value as people read it: labels for options, units behind numbers.
pub(super) fn shown(kind: Option<&KindDef>, key: &str, value: &Value, locale: Locale) -> String {
    let field = kind.and_then(|kind| kind.field(key));
    let (kind_id, field_type) = (kind.map_or("", |kind| kind.id), field.map(|field| field.field_type));
    let option = |text: &str| match field_type {
        Some(
            FieldType::Code(_) | FieldType::Flags(_) | FieldType::Teeth(_) | FieldType::YesNo | FieldType::YesNoUnsure,
        ) => texts::option_label(kind_id, key, text, locale),
        _ => text.to_owned(),
    };
    match value {
        Value::String(text) => match field_type {
            Some(kept @ (FieldType::Date | FieldType::ApproxDate | FieldType::DateTime | FieldType::Gestation)) => {
                date_words(kept, value, locale).unwrap_or_else(|| text.clone())
            }
            _ => option(text),
        },
        Value::Array(items) => {
            let items: Vec<String> = items.iter().filter_map(Value::as_str).map(option).collect();
            items.join(if locale == Locale::En { ", " } else { "、" })
        }
        Value::Object(teeth) => {
            let teeth: Vec<String> = teeth
                .iter()
                .map(|(tooth, found)| format!("{tooth}: {}", option(found.as_str().unwrap_or(""))))
                .collect();
            teeth.join(", ")
        }
        Value::Number(number) => {
            let unit = field_type.map_or("", FieldType::unit);
            if unit.is_empty() || unit == "FDI" { number.to_string() } else { format!("{number} {unit}") }
        }
        other => other.to_string(),
    }
}

/// Dates and weeks as they are written out; "about" stays "about".
fn date_words(kept: FieldType, value: &Value, locale: Locale) -> Option<String> {
    let japanese = locale != Locale::En;
    let about = |words: String| if japanese { format!("{words}ごろ") } else { format!("about {words}") };
    Some(match kept {
        FieldType::Date => long_date(NaiveDate::from_json(value)?, locale),
        FieldType::ApproxDate => match ApproxDate::from_json(value)? {
            ApproxDate::Day(date) => long_date(date, locale),
            ApproxDate::About(date) => about(long_date(date, locale)),
            ApproxDate::Month(date) => about(date.format(if japanese { "%Y年%-m月" } else { "%B %Y" }).to_string()),
            ApproxDate::Unknown => texts::option_label("", "", "unsure", locale),
        },
        FieldType::DateTime => {
            let time = NaiveDateTime::from_json(value)?;
            let clock = time.format(if japanese { "%-H時%-M分" } else { "%H:%M" });
            format!("{} {clock}", long_date(time.date(), locale))
        }
        FieldType::Gestation => {
            let days = Gestation::from_json(value)?.days();
            let (weeks, rest) = (days / 7, days % 7);
            if japanese { format!("{weeks}週{rest}日") } else { format!("{weeks} weeks {rest} days") }
        }
        _ => return None,
    })
}

/// A date as it is written out.
pub(super) fn long_date(date: NaiveDate, locale: Locale) -> String {
    date.format(if locale == Locale::En { "%-d %B %Y" } else { "%Y年%-m月%-d日" }).to_string()
}
