//! The types of notebooks: one per pregnancy, one per child, one private per carer.

use serde::{Deserialize, Serialize};

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
    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Pregnancy => "pregnancy",
            Self::Child => "child",
            Self::Private => "private",
        }
    }

    const ALL: [Self; 3] = [Self::Pregnancy, Self::Child, Self::Private];

    /// Reads it from its key; `None` for an unknown one.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.key() == key)
    }

    /// Returns its number in the founder's label; frozen.
    pub const fn number(self) -> u8 {
        match self {
            Self::Pregnancy => 1,
            Self::Child => 2,
            Self::Private => 3,
        }
    }

    /// Reads it from its number; `None` for an unknown one.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.number() == number)
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
    /// 不明 or not stated.
    Unspecified,
}

impl Sex {
    /// Reads it from its key; `None` for an unknown one.
    pub fn from_key(key: &str) -> Option<Self> {
        match key {
            "female" => Some(Self::Female),
            "male" => Some(Self::Male),
            "unspecified" => Some(Self::Unspecified),
            _ => None,
        }
    }

    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Female => "female",
            Self::Male => "male",
            Self::Unspecified => "unspecified",
        }
    }
}

/// Why a notebook ended: what is about the baby falls silent, the mother's care stays.
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
    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::Death => "death",
        }
    }
}
