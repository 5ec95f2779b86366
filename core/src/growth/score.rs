//! One door to the references: a measurement in, a z-score and percentile out, or a note why not.

use super::normal::percentile;
use super::{age, jp2000, jp2023, who};
use crate::model::date::Gestation;
use crate::model::notebook::Sex;

/// A growth reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "GrowthReference"))]
pub enum Reference {
    /// Japanese survey 2023, the curves of today's handbook.
    #[default]
    Jp2023,
    /// Japanese reference 2000, for SD scores.
    Jp2000,
    /// WHO standards 2006.
    Who,
}

impl Reference {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Jp2023, Self::Jp2000, Self::Who];

    /// Its key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Jp2023 => "jp2023",
            Self::Jp2000 => "jp2000",
            Self::Who => "who",
        }
    }

    /// From its key.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reference| reference.key() == key)
    }

    /// Its edition, told beside each result.
    pub const fn version(self) -> &'static str {
        match self {
            Self::Jp2023 => jp2023::VERSION,
            Self::Jp2000 => jp2000::VERSION,
            Self::Who => who::VERSION,
        }
    }
}

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

    /// Its key.
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

    /// From its key.
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
    /// From its key.
    pub fn from_key(key: &str) -> Option<Self> {
        match key {
            "lying" => Some(Self::Lying),
            "standing" => Some(Self::Standing),
            _ => None,
        }
    }
}

/// What is to know about a result, or why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "GrowthNote"))]
pub enum Note {
    /// Corrected age was used.
    CorrectedAge,
    /// 0.7 cm were added or taken for the posture.
    PostureAdjusted,
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

/// A reference's own answer.
pub(super) struct Scored {
    pub(super) z: f64,
    pub(super) note: Option<Note>,
}

/// Where a measurement lies, with what it was looked up in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// z-score (SD score).
    pub z: f64,
    /// Percentile, 0 to 100.
    pub percentile: f64,
    /// The reference; its edition is [`Reference::version`].
    pub reference: Reference,
    /// The age that was looked up, in days: corrected if `notes` say so.
    pub age_used_days: Option<f64>,
    /// At most two things to know.
    pub notes: [Option<Note>; 2],
}

/// Looks a measurement up.
///
/// ```
/// use ayumi_core::growth::{Indicator, Query, Reference, score};
/// use ayumi_core::model::notebook::Sex;
/// // WHO 2006: a girl of 365 days and 75.0 cm.
/// let girl = Query {
///     sex: Sex::Female, age_days: Some(365.0), indicator: Indicator::Lhfa, value: 75.0,
///     stature_cm: None, posture: None, gestation: None,
/// };
/// let found = score(Reference::Who, &girl).unwrap();
/// assert!((found.z - 0.3865).abs() < 0.0005);
/// ```
pub fn score(reference: Reference, query: &Query) -> Result<Score, Note> {
    if !(query.value.is_finite() && query.value > 0.0) {
        return Err(Note::ValueMissing);
    }
    let mut query = *query;
    let early = query.gestation.and_then(age::days_early);
    let mut corrected = None;
    if let (Some(early), Some(days)) = (early, query.age_days)
        && days < age::CORRECTED_UNTIL_DAY as f64
    {
        let days = days - early as f64;
        if days < 0.0 && !query.indicator.by_stature() {
            return Err(Note::BeforeTerm);
        }
        query.age_days = Some(days.max(0.0));
        corrected = Some(Note::CorrectedAge);
    }
    let found = match reference {
        Reference::Who => who::score(&query)?,
        Reference::Jp2000 => jp2000::score(&query)?,
        Reference::Jp2023 => jp2023::score(&query)?,
    };
    let note = if implausible(query.indicator, found.z) { Some(Note::CheckMeasurement) } else { found.note };
    Ok(Score {
        z: found.z,
        percentile: percentile(found.z),
        reference,
        age_used_days: query.age_days,
        notes: [corrected, note],
    })
}

/// The limits beyond which WHO's software asks whether the measurement is right (WHO Anthro manual).
fn implausible(indicator: Indicator, z: f64) -> bool {
    let (low, high) = match indicator {
        Indicator::Wfa => (-6.0, 5.0),
        Indicator::Lhfa => (-6.0, 6.0),
        _ => (-5.0, 5.0),
    };
    !(low..=high).contains(&z)
}
