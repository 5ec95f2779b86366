//! What goes into a vaccination plan and what comes out of it: a person, the doses given, the next doses.

use chrono::NaiveDate;

use crate::content::moment::Anchors;
use crate::content::series::Subject;
use crate::model::notebook::Sex;

/// Whose vaccinations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Person {
    /// Birth date or due date.
    pub anchors: Anchors,
    /// Sex; unspecified is asked like female, so that nothing is left out.
    pub sex: Sex,
    /// A child, or a pregnant woman.
    pub subject: Subject,
}

/// One dose that was given.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "GivenDose"))]
pub struct Given {
    /// The day.
    pub on: NaiveDate,
    /// Key of the product.
    pub product: String,
}

/// What the engine may say of a dose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "DoseStatus"))]
pub enum Status {
    /// Before its first day.
    NotYet,
    /// Its recommended window begins within some weeks.
    DueSoon,
    /// Legally possible, before the standard window.
    Eligible,
    /// Within the standard window.
    RecommendedNow,
    /// After the standard window, still routine and free.
    PastStandardStillEligible,
    /// Legal, but advised against.
    NotRecommended,
    /// No routine dose any more.
    EligibilityEnded,
    /// The series is complete.
    Completed,
    /// Not needed any more.
    DroppedByRule,
    /// A doctor or the municipality must say.
    NeedsClinicianDecision,
    /// A date cannot be.
    RecordInconsistent,
}

impl Status {
    /// Its key, as in the rules' vocabulary.
    pub const fn key(self) -> &'static str {
        match self {
            Self::NotYet => "not_yet",
            Self::DueSoon => "due_soon",
            Self::Eligible => "eligible",
            Self::RecommendedNow => "recommended_now",
            Self::PastStandardStillEligible => "past_standard_still_eligible",
            Self::NotRecommended => "not_recommended",
            Self::EligibilityEnded => "eligibility_ended",
            Self::Completed => "completed",
            Self::DroppedByRule => "dropped_by_rule",
            Self::NeedsClinicianDecision => "needs_clinician_decision",
            Self::RecordInconsistent => "record_inconsistent",
        }
    }

    /// Whether somebody must be asked before anything is planned.
    pub const fn is_question(self) -> bool {
        matches!(self, Self::NotRecommended | Self::NeedsClinicianDecision | Self::RecordInconsistent)
    }

    /// Whether a dose may be planned in it, now or later.
    pub const fn is_open(self) -> bool {
        matches!(
            self,
            Self::NotYet | Self::DueSoon | Self::Eligible | Self::RecommendedNow | Self::PastStandardStillEligible
        )
    }
}

/// The next dose of a series.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "NextDose"))]
pub struct NextDose {
    /// Key of the series.
    pub series: String,
    /// Number of the dose; of the last one for a completed series.
    pub dose: u8,
    /// Whether the family may go, and how urgent it is not.
    pub status: Status,
    /// First day that all hard rules allow. Missing where nothing is to be given.
    pub earliest: Option<NaiveDate>,
    /// Standard window.
    pub standard_from: Option<NaiveDate>,
    /// Its end.
    pub standard_to: Option<NaiveDate>,
    /// Last day as a routine dose; voluntary vaccines may have none.
    pub last_routine_day: Option<NaiveDate>,
    /// The last day for this dose on which all doses of the series still fit into the routine programme; missing where
    /// one is left only, or where they do not all fit any more.
    pub finish_by: Option<NaiveDate>,
    /// Path by the age at the first dose; `default` where there is one only.
    pub path: String,
    /// Keys of the rules that decided: `LIVE27`, or a place in the rules such as `JP-HEPB/default/3/gap:dose:1`.
    pub because: Vec<String>,
}
