//! What can be measured of a child, or of a pregnancy's baby.

use crate::growth::Indicator;
use crate::model::field::Quantity;

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Measure {
    /// kg
    Weight,
    /// cm
    Length,
    /// cm
    Head,
    /// cm
    Chest,
    /// kg/m²
    Bmi,
    /// g
    FetalWeight,
}

impl Measure {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Weight, Self::Length, Self::Head, Self::Chest, Self::Bmi, Self::FetalWeight];

    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Weight => "weight",
            Self::Length => "length",
            Self::Head => "head",
            Self::Chest => "chest",
            Self::Bmi => "bmi",
            Self::FetalWeight => "fetal_weight",
        }
    }

    /// Reads it from its key; `None` for an unknown one.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.key() == key)
    }

    /// The measure of a quantity of the form.
    pub(super) const fn of(quantity: Quantity) -> Self {
        match quantity {
            Quantity::Weight => Self::Weight,
            Quantity::Length => Self::Length,
            Quantity::Head => Self::Head,
            Quantity::Chest => Self::Chest,
            Quantity::FetalWeight => Self::FetalWeight,
        }
    }

    /// Its unit.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Weight => "kg",
            Self::Bmi => "kg/m2",
            Self::FetalWeight => "g",
            Self::Length | Self::Head | Self::Chest => "cm",
        }
    }

    /// Its unit as people write it.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Bmi => "kg/m²",
            other => other.unit(),
        }
    }

    /// Places behind the point that say something.
    pub const fn places(self) -> usize {
        match self {
            Self::Weight => 2,
            Self::FetalWeight => 0,
            Self::Length | Self::Head | Self::Chest | Self::Bmi => 1,
        }
    }

    pub(super) const fn indicator(self) -> Option<Indicator> {
        match self {
            Self::Weight => Some(Indicator::Wfa),
            Self::Length => Some(Indicator::Lhfa),
            Self::Head => Some(Indicator::Hcfa),
            Self::Bmi => Some(Indicator::Bfa),
            // The survey of 2023 has no chest; fetal weight has a table of its own.
            Self::Chest | Self::FetalWeight => None,
        }
    }

    /// The quantity of the form that it is; a BMI is none.
    pub(super) const fn quantity(self) -> Option<Quantity> {
        match self {
            Self::Weight => Some(Quantity::Weight),
            Self::Length => Some(Quantity::Length),
            Self::Head => Some(Quantity::Head),
            Self::Chest => Some(Quantity::Chest),
            Self::FetalWeight => Some(Quantity::FetalWeight),
            Self::Bmi => None,
        }
    }
}
