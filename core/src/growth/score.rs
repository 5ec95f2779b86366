//! Dispatches a measurement to a reference: a z-score and percentile, or a note why there is none.

use super::birth::{self, BirthMeasure, birth_z};
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
    /// WHO standards 2006, and the reference of 2007 from five to 19 years (weight to ten).
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

    /// The day of corrected age from which a child that was born early is looked up by its birthday.
    pub const fn corrected_until(self) -> f64 {
        match self {
            Self::Who => age::TWO_YEARS,
            Self::Jp2000 | Self::Jp2023 => age::THREE_YEARS,
        }
    }

    /// Its edition; [`Score::edition`] is the one that served a measurement.
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
    /// The reference that was asked for.
    pub reference: Reference,
    /// The edition that answered.
    pub edition: &'static str,
    /// The age that was looked up, in days: corrected if `notes` say so.
    pub age_used_days: Option<f64>,
    /// At most two things to know.
    pub notes: [Option<Note>; 2],
}

/// Looks a measurement up: the one way for tables, lists and charts, with the same rules of age and posture.
///
/// Born early, on the day of birth the Japanese references compare the size with babies born in the same week; WHO has no
/// such table and answers [`Note::BeforeTerm`].
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
    if reference != Reference::Who
        && let Some(z) = birth_size(&query)
    {
        let (edition, age_used_days) = (birth::BIRTH_VERSION, query.age_days);
        return Ok(Score {
            z,
            percentile: percentile(z),
            reference,
            edition,
            age_used_days,
            notes: [Some(Note::BirthSize), None],
        });
    }
    let mut corrected = None;
    if let Some(days) =
        query.age_days.and_then(|days| age::corrected(days, query.gestation, reference.corrected_until()))
    {
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
    let (low, high) = limits(query.indicator);
    let note = if (low..=high).contains(&scored.z) { scored.note } else { Some(Note::CheckMeasurement) };
    Ok(Score {
        z: scored.z,
        percentile: percentile(scored.z),
        reference,
        edition: if reference == Reference::Who { who::edition(query.age_days) } else { reference.version() },
        age_used_days: query.age_days,
        notes: [corrected, note],
    })
}

/// Where the size at a preterm birth lies among babies born in the same week.
fn birth_size(query: &Query) -> Option<f64> {
    let gestation = query.gestation.filter(|gestation| age::days_early(*gestation).is_some())?;
    let (measure, value) = match query.indicator {
        Indicator::Wfa => (BirthMeasure::Weight, query.value * 1000.0),
        Indicator::Lhfa => (BirthMeasure::Length, query.value),
        Indicator::Hcfa => (BirthMeasure::Head, query.value),
        Indicator::Bfa | Indicator::Acfa | Indicator::Wfl | Indicator::Wfh => return None,
    };
    if query.age_days != Some(0.0) {
        return None;
    }
    birth_z(measure, value, gestation, query.sex, None)
}

/// The limits beyond which WHO's software asks whether the measurement is right (WHO Anthro manual).
pub(super) const fn limits(indicator: Indicator) -> (f64, f64) {
    match indicator {
        Indicator::Wfa => (-6.0, 5.0),
        Indicator::Lhfa => (-6.0, 6.0),
        _ => (-5.0, 5.0),
    }
}
