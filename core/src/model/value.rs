//! Rust types of field values and their JSON form.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use serde_json::Value;

use super::date::{ApproxDate, Gestation, iso_date};

/// Fields of an entry by key, in their JSON form. A key that is missing is unanswered.
pub type Fields = BTreeMap<String, Value>;

/// A value as a person would type it: what [`super::field::FieldDef::read`] reads back.
pub fn typed(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
        Value::Object(teeth) => {
            let found = |(tooth, found): (&String, &Value)| format!("{tooth}:{}", found.as_str().unwrap_or(""));
            teeth.iter().map(found).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    }
}

/// A field's value for a shell that wants more than its words.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Datum {
    /// Text, a date, a key, weeks of pregnancy (`38w2d`), a pressure (`120/75`).
    Text {
        /// As it is stored.
        text: String,
    },
    /// A whole number.
    Whole {
        /// In the field's unit.
        number: i64,
    },
    /// A number.
    Number {
        /// In the field's unit.
        number: f64,
    },
    /// Keys of several options.
    Many {
        /// The keys.
        keys: Vec<String>,
    },
    /// Teeth by FDI number, and the key of what was found.
    Chart {
        /// Tooth and finding.
        teeth: HashMap<String, String>,
    },
    /// No value: the field was cleared.
    Nothing,
}

impl Datum {
    /// From its JSON form.
    pub fn of(value: &Value) -> Self {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        match value {
            Value::Null => Self::Nothing,
            Value::Number(number) => match number.as_i64() {
                Some(number) => Self::Whole { number },
                None => Self::Number { number: number.as_f64().unwrap_or_default() },
            },
            Value::Array(items) => Self::Many { keys: items.iter().map(text).collect() },
            Value::Object(items) => {
                Self::Chart { teeth: items.iter().map(|(key, found)| (key.clone(), text(found))).collect() }
            }
            Value::String(_) | Value::Bool(_) => Self::Text { text: text(value) },
        }
    }

    /// Its JSON form.
    pub fn into_json(self) -> Value {
        match self {
            Self::Text { text } => text.into(),
            Self::Whole { number } => number.into(),
            Self::Number { number } => number.into(),
            Self::Many { keys } => keys.into(),
            Self::Chart { teeth } => teeth.into_iter().map(|(key, found)| (key, Value::from(found))).collect(),
            Self::Nothing => Value::Null,
        }
    }
}

/// Format of a date and time to the minute.
pub(crate) const MINUTE: &str = "%Y-%m-%dT%H:%M";
/// Format of a time of day.
pub(crate) const TIME: &str = "%H:%M";

/// An answer to a question of the form. Unanswered is the absence of an answer, never "no".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// はい
    Yes,
    /// いいえ
    No,
    /// 何ともいえない: only where the form offers it.
    Unsure,
}

/// Systolic over diastolic pressure in mmHg.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BloodPressure {
    /// Upper value.
    pub systolic: u16,
    /// Lower value.
    pub diastolic: u16,
}

impl fmt::Display for BloodPressure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.systolic, self.diastolic)
    }
}

/// Teeth by FDI number (11 to 48 permanent, 51 to 85 milk teeth) and the key of what was found.
pub type Teeth = BTreeMap<u8, String>;

/// A Rust type that a field's JSON value stands for.
pub trait FieldValue: Sized {
    /// From its JSON form; `None` if it is of another type (written by a newer version, say).
    fn from_json(value: &Value) -> Option<Self>;
    /// Its JSON form.
    fn to_json(&self) -> Value;
}

impl FieldValue for f64 {
    fn from_json(value: &Value) -> Option<Self> {
        value.as_f64()
    }

    fn to_json(&self) -> Value {
        Value::from(*self)
    }
}

impl FieldValue for i64 {
    fn from_json(value: &Value) -> Option<Self> {
        value.as_i64()
    }

    fn to_json(&self) -> Value {
        Value::from(*self)
    }
}

impl FieldValue for String {
    fn from_json(value: &Value) -> Option<Self> {
        value.as_str().map(str::to_owned)
    }

    fn to_json(&self) -> Value {
        Value::from(self.as_str())
    }
}

impl FieldValue for Answer {
    fn from_json(value: &Value) -> Option<Self> {
        match value.as_str()? {
            "yes" => Some(Self::Yes),
            "no" => Some(Self::No),
            "unsure" => Some(Self::Unsure),
            _ => None,
        }
    }

    fn to_json(&self) -> Value {
        Value::from(match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unsure => "unsure",
        })
    }
}

impl FieldValue for Vec<String> {
    fn from_json(value: &Value) -> Option<Self> {
        value.as_array()?.iter().map(|v| v.as_str().map(str::to_owned)).collect()
    }

    fn to_json(&self) -> Value {
        Value::from(self.clone())
    }
}

impl FieldValue for Teeth {
    fn from_json(value: &Value) -> Option<Self> {
        let tooth = |(key, found): (&String, &Value)| Some((key.parse().ok()?, found.as_str()?.to_owned()));
        value.as_object()?.iter().map(tooth).collect()
    }

    fn to_json(&self) -> Value {
        self.iter().map(|(tooth, found)| (tooth.to_string(), Value::from(found.as_str()))).collect()
    }
}

impl FieldValue for BloodPressure {
    fn from_json(value: &Value) -> Option<Self> {
        let (systolic, diastolic) = value.as_str()?.split_once('/')?;
        Some(Self { systolic: systolic.parse().ok()?, diastolic: diastolic.parse().ok()? })
    }

    fn to_json(&self) -> Value {
        Value::from(self.to_string())
    }
}

/// Types that are kept as text which they read and write themselves.
macro_rules! text_value {
    ($($type:ty: $read:expr, $write:expr;)*) => {$(
        impl FieldValue for $type {
            fn from_json(value: &Value) -> Option<Self> {
                value.as_str().and_then($read)
            }

            fn to_json(&self) -> Value {
                let write: fn(&$type) -> String = $write;
                Value::from(write(self))
            }
        }
    )*};
}

text_value! {
    NaiveDate: iso_date, NaiveDate::to_string;
    NaiveDateTime: |text| NaiveDateTime::parse_from_str(text, MINUTE).ok(), |time| time.format(MINUTE).to_string();
    NaiveTime: |text| NaiveTime::parse_from_str(text, TIME).ok(), |time| time.format(TIME).to_string();
    ApproxDate: ApproxDate::parse, ApproxDate::to_string;
    Gestation: Gestation::parse, Gestation::to_string;
}
