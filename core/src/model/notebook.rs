//! Notebooks: one per pregnancy, one per child, one private per carer.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::date::Gestation;
use super::field::FieldType;
use super::kind::kind;
use super::value::FieldValue;

/// What a notebook is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum NotebookType {
    /// A pregnancy and the mother's health.
    Pregnancy,
    /// One child.
    Child,
    /// One carer alone.
    Private,
}

impl NotebookType {
    /// Its key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Pregnancy => "pregnancy",
            Self::Child => "child",
            Self::Private => "private",
        }
    }

    /// From its key.
    pub fn from_key(key: &str) -> Option<Self> {
        [Self::Pregnancy, Self::Child, Self::Private].into_iter().find(|t| t.key() == key)
    }
}

/// Sex as growth references know it. A child of unspecified sex is shown no sex-specific curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Sex {
    /// 女
    Female,
    /// 男
    Male,
    /// 不明 or not told.
    Unspecified,
}

impl Sex {
    /// From its key.
    pub fn from_key(key: &str) -> Option<Self> {
        match key {
            "female" => Some(Self::Female),
            "male" => Some(Self::Male),
            "unspecified" => Some(Self::Unspecified),
            _ => None,
        }
    }

    /// Its key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Female => "female",
            Self::Male => "male",
            Self::Unspecified => "unspecified",
        }
    }
}

/// Why a notebook ended (design.md, invariant 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum EndReason {
    /// A pregnancy that ended without a live birth.
    Loss,
    /// A child's death.
    Death,
}

impl EndReason {
    /// Its key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::Death => "death",
        }
    }
}

const ALL: &[NotebookType] = &[NotebookType::Pregnancy, NotebookType::Child, NotebookType::Private];

kind! {
    /// A notebook's own facts. They are an entry like any other, so they merge, have a history and reach every device.
    #[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
    Profile "profile" in ALL, Family, by Guardian, once {
        /// `pregnancy`, `child` or `private`.
        notebook_type: String = FieldType::Code(&["pregnancy", "child", "private"]),
        /// Name.
        name: String = FieldType::Text(200),
        /// `female`, `male` or `unspecified`.
        sex: String = FieldType::Code(&["female", "male", "unspecified"]),
        /// Date of birth.
        born: NaiveDate = FieldType::Date,
        /// Due date.
        due: NaiveDate = FieldType::Date,
        /// Length of the pregnancy at birth.
        gestation: Gestation = FieldType::Gestation,
        /// How many were born together.
        multiple: i64 = FieldType::Integer { min: 1, max: 8, unit: "" },
        /// Which of them.
        birth_order: i64 = FieldType::Integer { min: 1, max: 8, unit: "" },
        /// The pregnancy's notebook.
        pregnancy: String = FieldType::Reference,
        /// `loss` or `death`.
        ended: String = FieldType::Code(&["loss", "death"]),
        /// The day of it.
        ended_on: NaiveDate = FieldType::Date,
    }
}

impl Profile {
    /// What the notebook is for.
    pub fn kind(&self) -> Option<NotebookType> {
        self.notebook_type.as_deref().and_then(NotebookType::from_key)
    }

    /// The child's sex; unspecified if not told.
    pub fn sex_or_unspecified(&self) -> Sex {
        self.sex.as_deref().and_then(Sex::from_key).unwrap_or(Sex::Unspecified)
    }

    /// Why it ended, if it did.
    pub fn end_reason(&self) -> Option<EndReason> {
        match self.ended.as_deref()? {
            "loss" => Some(EndReason::Loss),
            "death" => Some(EndReason::Death),
            _ => None,
        }
    }

    /// Weeks of pregnancy at birth: as told, else from due date and birth date.
    pub fn gestation_at_birth(&self) -> Option<Gestation> {
        self.gestation.or_else(|| {
            let early = (self.due? - self.born?).num_days();
            Gestation::from_days(i64::from(Gestation::TERM.days()) - early).filter(|g| g.days() >= 20 * 7)
        })
    }

    /// The field values that make an ending.
    pub fn ending(reason: EndReason, on: NaiveDate) -> super::value::Fields {
        [("ended".to_owned(), reason.key().into()), ("ended_on".to_owned(), on.to_json())].into()
    }
}
