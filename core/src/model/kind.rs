//! What a kind of entry is, and the macro that declares one as a Rust type and as a table of fields at once.

use serde_json::Value;

use super::field::{FieldDef, FieldType, Measured};
use super::notebook::NotebookType;
use super::value::Fields;
use super::{Invalid, Reason};

/// Whom an entry is about. After a loss, what is about the baby falls silent and the mother's care stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// The mother's own health and care.
    Mother,
    /// The baby or child.
    Child,
    /// The family, contacts, the handbook itself.
    Family,
}

/// Who usually writes it on paper. A carer may copy it; corrections never overwrite, they are new versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrittenBy {
    /// A mother, father or other carer.
    Guardian,
    /// Doctor, dentist, midwife, nurse.
    Clinic,
    /// The municipality.
    Municipality,
}

/// Everything about a kind but the labels, which are content.
#[derive(Debug, Clone, Copy)]
pub struct KindDef {
    /// Stable key, as in the form's data.
    pub id: &'static str,
    /// Notebooks it stands in.
    pub notebooks: &'static [NotebookType],
    /// Whom it is about.
    pub about: About,
    /// Who usually writes it.
    pub written_by: WrittenBy,
    /// Whether the form has room for it once per notebook.
    pub once: bool,
    /// Its fields, in the order of the form.
    pub fields: &'static [FieldDef],
}

/// The day an entry is about; a field of every kind, so that it merges and has a history.
pub const ON: FieldDef = FieldDef::new("on", FieldType::Date);

/// Fields that every kind has besides its own: who wrote it on paper, and how it came here. The author matters when a
/// parent copies what a clinic wrote.
pub static COMMON: &[FieldDef] = &[
    FieldDef::new("recorded_by", FieldType::Code(&["guardian", "clinic", "municipality", "other"])),
    FieldDef::new("source", FieldType::Code(&["typed", "copied", "photographed", "imported"])),
];

impl KindDef {
    /// Whom an entry is about in a notebook. A vaccination in a pregnancy's notebook is the mother's own.
    pub fn about_in(&self, notebook: NotebookType) -> About {
        match (self.id, notebook) {
            ("immunisation", NotebookType::Pregnancy) => About::Mother,
            _ => self.about,
        }
    }

    /// The field with this key. A field `answer.*` stands for any `answer.NAME` whose name is small letters, digits,
    /// `_`.
    pub fn field(&self, key: &str) -> Option<&'static FieldDef> {
        if key == ON.key {
            return Some(&ON);
        }
        let exact = self.fields.iter().chain(COMMON).find(|field| field.key == key);
        exact.or_else(|| {
            let (family, name) = key.split_once('.')?;
            self.fields.iter().find(|field| field.key.strip_suffix(".*") == Some(family)).filter(|_| is_name(name))
        })
    }

    /// The fields that are measurements of the baby or child.
    pub fn measured(&self) -> impl Iterator<Item = (&'static FieldDef, Measured)> + use<> {
        self.fields.iter().filter_map(|field| Some((field, field.measured?)))
    }

    /// The field with this key, or an error that lists what there is.
    pub fn known_field(&self, key: &str) -> Result<&'static FieldDef, Invalid> {
        self.field(key).ok_or_else(|| {
            let keys: Vec<&str> = self.fields.iter().map(|field| field.key).collect();
            Invalid::new("field", key, format!("a field of {}: {}", self.id, keys.join(", ")))
                .because(Reason::UnknownField)
        })
    }

    /// Validates JSON fields and brings them into the stored form.
    pub fn validate(&self, fields: &Fields) -> Result<Fields, Invalid> {
        fields.iter().map(|(key, value)| Ok((key.clone(), self.known_field(key)?.validate(value)?))).collect()
    }

    /// Reads typed fields. The same key twice is an error.
    pub fn read<'a>(&self, typed: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Fields, Invalid> {
        let mut fields = Fields::new();
        for (key, text) in typed {
            let value: Value = self.known_field(key)?.read(text)?;
            if fields.insert(key.to_owned(), value).is_some() {
                return Err(Invalid::new("field", key, "each field once").because(Reason::FieldTwice));
            }
        }
        Ok(fields)
    }
}

/// Whether a text is a name within a family of fields.
fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    !text.is_empty() && text.len() <= 40 && text.chars().all(plain)
}

/// Fields about the baby in entries that are the mother's: they fall silent with the rest after a loss.
const ABOUT_BABY: &[(&str, &[&str])] = &[
    ("prenatal_visit", &["efw", "efw_2", "efw_3", "efw_4"]),
    ("preg_diary", &["quickening", "edd"]),
    ("tests", &["hearing_r", "hearing_l", "hearing_method", "retest_on"]),
    // The day that was hoped for, and how many.
    ("profile", &["due", "multiple"]),
];

/// Whether a field is about the baby though its entry is the mother's.
pub fn field_about_baby(kind: &str, field: &str) -> bool {
    ABOUT_BABY.iter().any(|(of, fields)| *of == kind && fields.contains(&field))
}

/// A kind as a Rust type: each field typed and optional, because unanswered is an answer of its own.
pub trait Record: Sized {
    /// Its table of fields.
    const KIND: KindDef;
    /// From stored fields; a field of another type (from a newer version) reads as unanswered and stays stored.
    fn from_fields(fields: &Fields) -> Self;
    /// To fields; unanswered ones are left out.
    fn to_fields(&self) -> Fields;
}

/// A field's key without the `r#` of a raw identifier (`type`).
pub(crate) const fn plain(name: &'static str) -> &'static str {
    match name.as_bytes() {
        [b'r', b'#', ..] => name.split_at(2).1,
        _ => name,
    }
}

/// Declares a kind: a struct whose fields are `Option`s, and its [`KindDef`].
///
/// `weight: i64 = GRAMS => Weight on visit_on` says that the field is a measurement of the child, in the unit of its
/// type, and which field has its day. Without `on` it is the entry's own day.
macro_rules! kind {
    (
        $(#[$doc:meta])*
        $name:ident $id:literal in $notebooks:ident, $about:ident, by $by:ident, $once:ident {
            $($(#[$note:meta])* $field:ident: $type:ty = $spec:expr $(=> $quantity:ident $(on $day:ident)?)?,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct $name {
            $(
                $(#[$note])*
                // The derive for other languages reads words only, not words that a macro puts together.
                #[cfg_attr(not(feature = "uniffi"), doc = concat!("`", stringify!($field), "` of the form; `None` is unanswered."))]
                #[cfg_attr(feature = "uniffi", allow(missing_docs))]
                pub $field: Option<$type>,
            )*
        }

        impl $crate::model::kind::Record for $name {
            const KIND: $crate::model::kind::KindDef = $crate::model::kind::KindDef {
                id: $id,
                notebooks: $notebooks,
                about: $crate::model::kind::About::$about,
                written_by: $crate::model::kind::WrittenBy::$by,
                once: kind!(@once $once),
                fields: &[$($crate::model::field::FieldDef {
                    key: $crate::model::kind::plain(stringify!($field)),
                    field_type: $spec,
                    measured: kind!(@measured $($quantity $(on $day)?)?),
                },)*],
            };

            fn from_fields(fields: &$crate::model::value::Fields) -> Self {
                Self {
                    $($field: fields
                        .get($crate::model::kind::plain(stringify!($field)))
                        .and_then(<$type as $crate::model::value::FieldValue>::from_json),)*
                }
            }

            fn to_fields(&self) -> $crate::model::value::Fields {
                let mut fields = $crate::model::value::Fields::new();
                $(
                    if let Some(value) = &self.$field {
                        let json = $crate::model::value::FieldValue::to_json(value);
                        fields.insert($crate::model::kind::plain(stringify!($field)).to_owned(), json);
                    }
                )*
                fields
            }
        }
    };
    (@measured) => { None };
    (@measured $quantity:ident) => {
        Some($crate::model::field::Measured { quantity: $crate::model::field::Quantity::$quantity, day: None })
    };
    (@measured $quantity:ident on $day:ident) => {
        Some($crate::model::field::Measured {
            quantity: $crate::model::field::Quantity::$quantity,
            day: Some(stringify!($day)),
        })
    };
    (@once once) => { true };
    (@once many) => { false };
}
pub(crate) use kind;
