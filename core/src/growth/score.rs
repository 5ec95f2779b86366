//! Dispatches a measurement to a reference: a z-score and percentile, or a note why there is none.

use super::normal::percentile;
use super::query::{Indicator, Note, Query};
use super::{age, jp2000, jp2023, who};

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

    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Jp2023 => "jp2023",
            Self::Jp2000 => "jp2000",
            Self::Who => "who",
        }
    }

    /// Reads it from its key; `None` for an unknown one.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reference| reference.key() == key)
    }

    /// Its edition, stated beside each result.
    pub const fn version(self) -> &'static str {
        match self {
            Self::Jp2023 => jp2023::VERSION,
            Self::Jp2000 => jp2000::VERSION,
            Self::Who => who::VERSION,
        }
    }
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
    let scored = match reference {
        Reference::Who => who::score(&query)?,
        Reference::Jp2000 => jp2000::score(&query)?,
        Reference::Jp2023 => jp2023::score(&query)?,
    };
    let note = if implausible(query.indicator, scored.z) { Some(Note::CheckMeasurement) } else { scored.note };
    Ok(Score {
        z: scored.z,
        percentile: percentile(scored.z),
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
