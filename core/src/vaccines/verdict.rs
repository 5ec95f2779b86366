//! What a record is: its assessment, and its place in a series.

use super::plan::Given;

/// Assessment of an administered dose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "DoseVerdict"))]
pub enum Verdict {
    /// A routine dose (定期接種).
    Routine,
    /// Counts, but was outside the routine programme (任意接種).
    Private,
    /// Before its first age: does not count.
    TooEarly,
    /// Too soon after another dose: a doctor says whether it counts.
    TooSoon,
    /// More than the series has.
    Extra,
    /// A date that cannot be.
    Inconsistent,
    /// How it counts is for a doctor to say.
    Unclear,
}

impl Verdict {
    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Routine => "routine",
            Self::Private => "private",
            Self::TooEarly => "too_early",
            Self::TooSoon => "too_soon",
            Self::Extra => "extra",
            Self::Inconsistent => "inconsistent",
            Self::Unclear => "unclear",
        }
    }

    /// Whether it takes its place in the series.
    pub const fn counts(self) -> bool {
        matches!(self, Self::Routine | Self::Private)
    }
}

/// A dose that was given, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "JudgedDose"))]
pub struct Judged {
    /// The record.
    pub given: Given,
    /// Key of its series; empty for a product that no series asks for.
    pub series: String,
    /// Its number in the series, if it has a place there.
    pub dose: Option<u8>,
    /// Its assessment.
    pub verdict: Verdict,
    /// Keys of the rules that decided.
    pub because: Vec<String>,
}
