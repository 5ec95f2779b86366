//! Values as people read them: labels for options, units behind numbers, dates written out.

use chrono::{NaiveDate, NaiveDateTime};
use serde_json::Value;

use crate::app::handbook::Handbook;
use crate::app::records::daily;
use crate::app::view::EntryView;
use crate::content::in_locale;
use crate::growth::age::{Ages, THREE_YEARS};
use crate::model::date::{ApproxDate, Gestation, japanese_year};
use crate::model::field::FieldType;
use crate::model::kind::{KindDef, Record};
use crate::model::kinds::{self, SelfCheck, Sleep};
use crate::model::value::FieldValue;
pub use crate::texts::long_date;
use crate::texts::{self, Locale, age_words, counted};

/// One answered field, ready to show.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "FieldLine"))]
pub struct Line {
    /// Key of the field.
    pub key: String,
    /// Its label.
    pub label: String,
    /// Its value in words.
    pub text: String,
}

impl EntryView {
    /// The answered fields in the order of the form, in the handbook's language; items of the self-check in the words
    /// of its content, a municipality's own included.
    pub fn lines(&self, handbook: &Handbook) -> Vec<Line> {
        let locale = handbook.locale();
        let kind = kinds::find(&self.kind);
        let order = |key: &str| kind.and_then(|k| k.fields.iter().position(|f| f.key == key)).unwrap_or(usize::MAX);
        let mut fields: Vec<_> = self.fields.iter().collect();
        fields.sort_by_key(|(key, _)| order(key));
        let line = |(key, value): (&String, &Value)| Line {
            key: key.clone(),
            label: label(handbook, &self.kind, key),
            text: shown(kind, key, value, locale),
        };
        fields.into_iter().map(line).collect()
    }

    /// The answered fields in one line. Words speak for themselves, and a feed or a sleep is said as at home (6:30 ミルク
    /// 80 mL); anything else has its label.
    pub fn in_a_line(&self, handbook: &Handbook) -> String {
        let at_home = daily::is_summed(&self.kind);
        let part = |line: Line| match line.key.as_str() {
            "text" => line.text,
            _ if at_home => {
                line.text.strip_prefix('0').filter(|_| line.text.contains(':')).unwrap_or(&line.text).to_owned()
            }
            _ => format!("{} {}", line.label, line.text),
        };
        let parts: Vec<String> = self.lines(handbook).into_iter().map(part).collect();
        let between = match self.kind.as_str() {
            kind if kind == Sleep::KIND.id => "〜",
            _ if at_home => " ",
            _ => " / ",
        };
        parts.join(between)
    }
}

/// A field's label; an answer of the self-check has its item's own words. Content is read only for those.
pub(in crate::app) fn label(handbook: &Handbook, kind: &str, key: &str) -> String {
    let locale = handbook.locale();
    match key.strip_prefix("answer.").filter(|_| kind == SelfCheck::KIND.id) {
        Some(id) => {
            let content = handbook.content().unwrap_or_default();
            content.item(id).map_or_else(|| id.to_owned(), |item| in_locale(&item.text, locale).to_owned())
        }
        None => texts::field_label(kind, key, locale),
    }
}

/// A value as people read it: labels for options, units behind numbers.
pub(in crate::app) fn shown(kind: Option<&KindDef>, key: &str, value: &Value, locale: Locale) -> String {
    let field = kind.and_then(|kind| kind.field(key));
    let (kind_id, field_type) = (kind.map_or("", |kind| kind.id), field.map(|field| field.field_type));
    let key = field.map_or(key, |field| field.key);
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
            let digits = match number.as_f64() {
                // A child's measurement as the form has room for it: 3.00 kg, 50.0 cm.
                Some(value) if field.is_some_and(|field| field.measured.is_some()) => digits_of(value, unit),
                // Else as written: 54 kg, not 54.0 kg.
                Some(value) => value.to_string(),
                None => number.to_string(),
            };
            if unit.is_empty() || unit == "FDI" { digits } else { format!("{digits} {unit}") }
        }
        other => other.to_string(),
    }
}

/// A measurement with the places that its unit is written with; more where more were written.
fn digits_of(value: f64, unit: &str) -> String {
    let places: usize = match unit {
        "kg" => 2,
        "cm" => 1,
        _ => 0,
    };
    let written = value.to_string();
    let there = written.split_once('.').map_or(0, |(_, places)| places.len());
    if there >= places { written } else { format!("{value:.places$}") }
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
            let words = if japanese { format!("{weeks}週{rest}日") } else { format!("{weeks} weeks {rest} days") };
            counted(words, locale)
        }
        _ => return None,
    })
}

/// A date for paper: offices write the year of the era, so both stand there.
pub(in crate::app) fn printed_date(date: NaiveDate, locale: Locale) -> String {
    match japanese_year(date).filter(|_| locale != Locale::En) {
        Some(era) => date.format(&format!("%Y年({era})%-m月%-d日")).to_string(),
        None => long_date(date, locale),
    }
}

/// A month for paper, likewise.
pub(in crate::app) fn printed_month(date: NaiveDate, locale: Locale) -> String {
    match japanese_year(date).filter(|_| locale != Locale::En) {
        Some(era) => date.format(&format!("%Y年({era})%-m月")).to_string(),
        None => date.format(if locale == Locale::En { "%B %Y" } else { "%Y年%-m月" }).to_string(),
    }
}

/// A child's age on a day; of a child born early with the age from the due date beside it, for as long as Japan looks at it.
pub(in crate::app) fn both_ages(
    born: NaiveDate,
    gestation: Option<Gestation>,
    on: NaiveDate,
    locale: Locale,
) -> Option<String> {
    let age = age_words(born, on, locale)?;
    let corrected = Ages::on(born, gestation, on, THREE_YEARS).corrected;
    let corrected = corrected.and_then(|days| age_words(on - chrono::TimeDelta::days(days), on, locale));
    Some(match corrected {
        Some(words) => format!("{age} ({})", texts::booklet("age.corrected", locale).replace("{age}", &words)),
        None => age,
    })
}
