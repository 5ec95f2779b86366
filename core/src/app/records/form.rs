//! The form for shells: which kinds of entries a notebook has, their fields, what each may hold.

use crate::app::error::Result;
use crate::app::handbook::Handbook;
use crate::content::desk::Topic;
use crate::model::field::{FieldDef, FieldType};
use crate::model::kind::{About, KindDef, Record};
use crate::model::kinds::{self, Profile};
use crate::model::value::typed;
use crate::model::{EntryName, NotebookId};
use crate::texts::{self, Locale};

/// A kind of entry, to build a screen of.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct KindForm {
    /// Stable key, the same in every language.
    pub kind: String,
    /// Its name.
    pub label: String,
    /// Whether the form has room for it once per notebook.
    pub once: bool,
    /// A topic of desks whose way stands beside this form, whatever is written in it; mostly none.
    pub topic: Option<String>,
    /// Its fields, in the order of the form.
    pub fields: Vec<FieldForm>,
}

/// One field.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct FieldForm {
    /// Stable key, the same in every language.
    pub key: String,
    /// Its label.
    pub label: String,
    /// The type of its value.
    pub field_type: ValueType,
    /// Its unit; empty if it has none.
    pub unit: String,
    /// Least number.
    pub min: Option<f64>,
    /// Greatest number.
    pub max: Option<f64>,
    /// Decimals of a number at most.
    pub decimals: Option<u32>,
    /// Characters of a text at most.
    pub max_chars: Option<u32>,
    /// What it chooses from.
    pub options: Vec<OptionForm>,
}

/// The type of a field's value, to choose a control by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum ValueType {
    /// Free text.
    Text,
    /// A whole number.
    Integer,
    /// A number with decimals.
    Number,
    /// A day.
    Date,
    /// A day, a month or a year.
    ApproximateDate,
    /// A day and a time of day.
    DateTime,
    /// A time of day.
    Time,
    /// Weeks and days of pregnancy.
    Gestation,
    /// One of the options.
    Code,
    /// Any of the options.
    Flags,
    /// Yes or no.
    YesNo,
    /// Yes, no or not sure.
    YesNoUnsure,
    /// Systolic and diastolic blood pressure.
    BloodPressure,
    /// A dental chart; the options are the states of a tooth.
    Teeth,
    /// Another entry.
    Entry,
}

impl ValueType {
    const fn of(field_type: FieldType) -> Self {
        match field_type {
            FieldType::Text(_) => Self::Text,
            FieldType::Integer { .. } => Self::Integer,
            FieldType::Decimal { .. } => Self::Number,
            FieldType::Date => Self::Date,
            FieldType::ApproxDate => Self::ApproximateDate,
            FieldType::DateTime => Self::DateTime,
            FieldType::Time => Self::Time,
            FieldType::Gestation => Self::Gestation,
            FieldType::Code(_) => Self::Code,
            FieldType::Flags(_) => Self::Flags,
            FieldType::YesNo => Self::YesNo,
            FieldType::YesNoUnsure => Self::YesNoUnsure,
            FieldType::BloodPressure => Self::BloodPressure,
            FieldType::Teeth(_) => Self::Teeth,
            FieldType::Reference => Self::Entry,
        }
    }
}

/// One option of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct OptionForm {
    /// Stable key, the same in every language.
    pub key: String,
    /// Its label.
    pub label: String,
}

/// The official form (省令様式) as screens need it: kinds, fields, options.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/handbook.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let (handbook, child) = handbook(folder.path())?;
/// let kinds = handbook.form().kinds(child)?;
/// let growth = kinds.iter().find(|kind| kind.kind == "growth").ok_or("growth")?;
/// let weight = growth.fields.iter().find(|field| field.key == "weight").ok_or("weight")?;
/// assert_eq!((weight.unit.as_str(), weight.decimals), ("kg", Some(3)));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Form {
    pub(in crate::app) handbook: Handbook,
}

impl Form {
    /// The kinds of entries that a notebook has, in the order of the form. After the loss of a pregnancy nothing
    /// about the baby is among them.
    ///
    /// # Errors
    /// [`crate::app::Error::NotFound`].
    pub fn kinds(&self, notebook: NotebookId) -> Result<Vec<KindForm>> {
        let notebook = self.handbook.notebooks().find(notebook)?;
        let here = |kind: &&KindDef| {
            let about_baby = kind.about_in(notebook.notebook_type) == About::Child;
            kind.id != Profile::KIND.id
                && kind.notebooks.contains(&notebook.notebook_type)
                && !(notebook.hides_baby() && about_baby)
        };
        let content = self.handbook.content()?;
        let form = |kind: &'static KindDef| kind_form(kind, content.own_topic(kind.id), self.handbook.locale());
        Ok(kinds::KINDS.iter().filter(here).map(form).collect())
    }

    /// An entry as a form that is filled in: each answered field as it would be typed. For a screen that edits.
    ///
    /// # Errors
    /// [`crate::app::Error::NotFound`].
    pub fn filled_in(&self, entry: impl Into<EntryName>) -> Result<std::collections::HashMap<String, String>> {
        let shown = self.handbook.entries().show(entry)?;
        Ok(shown.fields.iter().map(|(key, value)| (key.clone(), typed(value))).collect())
    }
}

fn kind_form(kind: &'static KindDef, topic: Option<Topic>, locale: Locale) -> KindForm {
    KindForm {
        kind: kind.id.to_owned(),
        label: texts::kind_label(kind.id, locale),
        once: kind.once,
        topic: topic.map(|topic| topic.key().to_owned()),
        fields: kinds::asked(kind).map(|field| field_form(kind.id, field, locale)).collect(),
    }
}

fn field_form(kind: &str, field: &FieldDef, locale: Locale) -> FieldForm {
    let option =
        |key: &&str| OptionForm { key: (*key).to_owned(), label: texts::option_label(kind, field.key, key, locale) };
    let (decimals, max_chars) = match field.field_type {
        FieldType::Integer { .. } => (Some(0), None),
        FieldType::Decimal { decimals, .. } => (Some(u32::from(decimals)), None),
        FieldType::Text(most) => (None, u32::try_from(most).ok()),
        _ => (None, None),
    };
    let range = field.field_type.range();
    FieldForm {
        key: field.key.to_owned(),
        label: texts::field_label(kind, field.key, locale),
        field_type: ValueType::of(field.field_type),
        unit: field.field_type.unit().to_owned(),
        min: range.as_ref().map(|range| range.min),
        max: range.as_ref().map(|range| range.max),
        decimals,
        max_chars,
        options: field.field_type.options().iter().map(option).collect(),
    }
}
