//! What must not stay silent, as data: which answer or weight leads to whom, how soon, and until what settles it.

use serde::Deserialize;

use super::desk::Topic;
use super::event::DoneBy;
use super::item::OfferKind;
use super::moment::Confidence;

/// How soon somebody should look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Within {
    /// Today or tomorrow.
    Tomorrow,
    /// Within days.
    Days,
    /// Before the next check-up.
    Soon,
    /// At home, each time.
    EachTime,
}

impl Within {
    /// Returns its stable key; words stand under `lead.within.KEY`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Tomorrow => "tomorrow",
            Self::Days => "days",
            Self::Soon => "soon",
            Self::EachTime => "each_time",
        }
    }
}

/// Where somebody looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clinic {
    /// 産院・助産師
    Birth,
    /// 小児科
    Children,
    /// 眼科
    Eyes,
    /// 耳鼻咽喉科
    Ears,
}

impl Clinic {
    /// Returns its stable key; words stand under `lead.clinic.KEY`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Birth => "birth",
            Self::Children => "children",
            Self::Eyes => "eyes",
            Self::Ears => "ears",
        }
    }
}

/// A weight below the one at birth, by more than a part of it, at some ages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lost {
    /// First age in full days of life.
    pub from_days: u32,
    /// Last age in full days of life; none without it.
    #[serde(default)]
    pub to_days: Option<u32>,
    /// More than so many hundredths of the weight at birth are gone; 0: any weight below it.
    pub percent: u32,
}

/// A weight that is not more than an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoGain {
    /// The earlier one counts from this age on, in full days of life: at first every child loses.
    pub since_days: u32,
    /// At least so many days lie between the two.
    pub apart_days: u32,
    /// Only before so many months of age are attained.
    pub until_months: u32,
}

/// One rule. Its words stand under `lead.ID`, the line of the agenda under `lead.ID.title`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeadRule {
    /// Stable key.
    pub id: String,
    /// What it leads to.
    pub offer: OfferKind,
    /// How soon.
    pub within: Within,
    /// Who looks, the first one first; the municipality's desk comes after them.
    #[serde(default)]
    pub clinics: Vec<Clinic>,
    /// Days from one reminder to the next, while it is open.
    pub remind_every: u32,
    /// Answers that lead here, as `stool.colour_no=1`.
    #[serde(default)]
    pub answer: Vec<DoneBy>,
    /// A weight that leads here.
    #[serde(default)]
    pub lost: Option<Lost>,
    /// A weight that leads here.
    #[serde(default)]
    pub no_gain: Option<NoGain>,
    /// Whether a later answer to one of these questions settles it. Without this only the carer does: by marking the line of
    /// the agenda, or by correcting or deleting the entry.
    #[serde(default)]
    pub settled_by_later: bool,
    /// The line stands until so many months of age are attained; without it, until it is settled.
    #[serde(default)]
    pub until_months: Option<u32>,
    /// Keys of `content/sources.toml`.
    pub sources: Vec<String>,
    /// How sure the source is.
    pub confidence: Confidence,
    /// Which professional has signed it: name, profession, day. Empty until somebody has; no release is built before.
    pub signed_by: String,
}

impl LeadRule {
    /// Whether it looks at weights.
    pub const fn is_of_weight(&self) -> bool {
        self.lost.is_some() || self.no_gain.is_some()
    }
}

/// Kinds in which a carer answers about herself or himself.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Own {
    /// The topic of desks whose way stands beside them, whatever is answered.
    pub topic: Topic,
    /// Keys of the kinds.
    pub kinds: Vec<String>,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeadRules {
    /// What a carer answers about herself or himself.
    pub own: Own,
    /// The rules; of several that hold for one weight the first one counts.
    pub rule: Vec<LeadRule>,
}
