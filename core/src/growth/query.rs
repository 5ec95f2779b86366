//! What is asked of a reference, and what it answers: the types that every reference shares.

use crate::model::date::Gestation;
use crate::model::notebook::Sex;

/// What is compared with what, by WHO's short names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Indicator {
    /// Weight for age, kg.
    Wfa,
    /// Length or height for age, cm.
    Lhfa,
    /// BMI for age, kg/m².
    Bfa,
    /// Head circumference for age, cm.
    Hcfa,
    /// Arm circumference for age, cm.
    Acfa,
    /// Weight for length, kg.
    Wfl,
    /// Weight for height, kg.
    Wfh,
}

impl Indicator {
    /// How many there are.
    pub const COUNT: usize = 7;
    /// All of them.
    pub const ALL: [Self; Self::COUNT] =
        [Self::Wfa, Self::Lhfa, Self::Bfa, Self::Hcfa, Self::Acfa, Self::Wfl, Self::Wfh];

    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Wfa => "wfa",
            Self::Lhfa => "lhfa",
            Self::Bfa => "bfa",
            Self::Hcfa => "hcfa",
            Self::Acfa => "acfa",
            Self::Wfl => "wfl",
            Self::Wfh => "wfh",
        }
    }

    /// Reads it from its key; `None` for an unknown one.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|indicator| indicator.key() == key)
    }

    /// Whether it is looked up by stature, not by age.
    pub const fn by_stature(self) -> bool {
        matches!(self, Self::Wfl | Self::Wfh)
    }

    /// Whether lying or standing makes a difference.
    pub const fn uses_stature(self) -> bool {
        matches!(self, Self::Lhfa | Self::Bfa | Self::Wfl | Self::Wfh)
    }
}

/// How stature was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Posture {
    /// Length, lying.
    Lying,
    /// Height, standing.
    Standing,
}

impl Posture {
    /// Reads it from its key; `None` for an unknown one.
    pub fn from_key(key: &str) -> Option<Self> {
        match key {
            "lying" => Some(Self::Lying),
            "standing" => Some(Self::Standing),
            _ => None,
        }
    }
}

/// A caveat about a result, or why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "GrowthNote"))]
pub enum Note {
    /// Corrected age was used.
    CorrectedAge,
    /// 0.7 cm were added or taken for the posture.
    PostureAdjusted,
    /// Written as standing before nine months: taken as lying, and nothing is added.
    StandingTooEarly,
    /// At a preterm birth the size was compared with babies born in the same week.
    BirthSize,
    /// Outside the printed 3rd to 97th percentile: continued beyond what the survey prints.
    BeyondPrinted,
    /// So far out that WHO asks to check the measurement.
    CheckMeasurement,
    /// The reference does not have this indicator.
    NotInReference,
    /// The reference has curves by sex only.
    SexUnspecified,
    /// Before birth, or older than the reference.
    AgeOutOfRange,
    /// Born early and not yet at the term date: no curve for age.
    BeforeTerm,
    /// Weight settles in the first days; not scored.
    FirstDays,
    /// No age given.
    AgeMissing,
    /// No value, or not above zero.
    ValueMissing,
    /// Weight for stature without stature.
    StatureMissing,
    /// Stature outside the table.
    StatureOutOfRange,
}

impl Note {
    /// Its key, as CSV and JSON show it.
    pub const fn key(self) -> &'static str {
        match self {
            Self::CorrectedAge => "corrected_age",
            Self::PostureAdjusted => "posture_adjusted",
            Self::StandingTooEarly => "standing_under_9_months",
            Self::BirthSize => "birth_size_by_gestation",
            Self::BeyondPrinted => "beyond_printed_percentiles",
            Self::CheckMeasurement => "check_measurement",
            Self::NotInReference => "not_in_reference",
            Self::SexUnspecified => "sex_unspecified",
            Self::AgeOutOfRange => "age_out_of_range",
            Self::BeforeTerm => "before_term",
            Self::FirstDays => "first_days",
            Self::AgeMissing => "age_missing",
            Self::ValueMissing => "value_missing",
            Self::StatureMissing => "stature_missing",
            Self::StatureOutOfRange => "stature_out_of_range",
        }
    }
}

/// A measurement to look up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Query {
    /// Sex of the curve.
    pub sex: Sex,
    /// Chronological age in days.
    pub age_days: Option<f64>,
    /// What was measured.
    pub indicator: Indicator,
    /// In kg, cm or kg/m².
    pub value: f64,
    /// For weight for stature; for BMI where the posture does not fit the age.
    pub stature_cm: Option<f64>,
    /// How stature was measured; without it, as the age asks.
    pub posture: Option<Posture>,
    /// Gestation at birth, for corrected age.
    pub gestation: Option<Gestation>,
}

/// The result of one reference.
pub(super) struct Scored {
    pub(super) z: f64,
    pub(super) note: Option<Note>,
}
