//! The guide to red flags: signs that a carer can see, and what to do about each. It is here without a network, leaves no trace of
//! what was opened, names no illness and computes nothing.

use serde::Deserialize;

use super::desk::Topic;
use super::words::Words;

/// What to do, the strongest first. A level is never shown as a milder one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum Act {
    /// Call an ambulance.
    #[serde(rename = "119")]
    Ambulance,
    /// Speak to somebody now.
    #[serde(rename = "crisis")]
    Crisis,
    /// Call the maternity clinic now.
    #[serde(rename = "clinic_now")]
    ClinicNow,
    /// See a doctor now, at night and on holidays too.
    #[serde(rename = "see_now")]
    SeeNow,
    /// See a doctor by tomorrow.
    #[serde(rename = "see_soon")]
    SeeSoon,
    /// See a doctor in office hours.
    #[serde(rename = "office_hours")]
    OfficeHours,
}

impl Act {
    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Ambulance => "119",
            Self::Crisis => "crisis",
            Self::ClinicNow => "clinic_now",
            Self::SeeNow => "see_now",
            Self::SeeSoon => "see_soon",
            Self::OfficeHours => "office_hours",
        }
    }

    /// The next stronger act, for what nobody has confirmed.
    const fn stronger(self) -> Self {
        match self {
            Self::Ambulance | Self::ClinicNow | Self::SeeNow => Self::Ambulance,
            Self::Crisis => Self::Crisis,
            Self::SeeSoon => Self::SeeNow,
            Self::OfficeHours => Self::SeeSoon,
        }
    }
}

/// How sure a level is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Confidence {
    /// Two sources or more.
    A,
    /// One.
    B,
    /// Nobody has confirmed it.
    C,
}

/// What to do, what not, what to say on the phone.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActWords {
    /// Which act.
    pub id: Act,
    /// What to do.
    #[serde(rename = "do")]
    pub steps: Vec<Words>,
    /// What not to do.
    pub dont: Vec<Words>,
    /// What to say.
    pub tell: Vec<Words>,
}

/// A sign that a carer can see.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flag {
    /// Stable key.
    pub id: String,
    /// Of which topics it is.
    pub topics: Vec<Topic>,
    /// What the sources say is to be done.
    pub level: Act,
    /// How sure that is.
    pub confidence: Confidence,
    /// Keys of `content/sources.toml`.
    #[serde(default)]
    pub sources: Vec<String>,
    /// What the carer sees.
    pub ask: Words,
    /// What to do besides.
    #[serde(default, rename = "do")]
    pub steps: Vec<Words>,
    /// What not to do besides.
    #[serde(default)]
    pub dont: Vec<Words>,
    /// Whether it speaks of a baby who is expected: after a loss it is not shown.
    #[serde(default)]
    pub of_a_baby: bool,
}

impl Flag {
    /// What is shown: the level, and the next stronger act while nobody has confirmed it.
    pub fn act(&self) -> Act {
        if self.confidence == Confidence::C { self.level.stronger() } else { self.level }
    }
}

/// All flags, and what to do.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guide {
    /// Which doctor has read and signed it; empty until one has.
    pub signed_by: String,
    /// What to do.
    pub act: Vec<ActWords>,
    /// The flags.
    pub flag: Vec<Flag>,
}

impl Guide {
    /// Lists the flags of a topic, or all, the strongest act first.
    pub fn flags(&self, topic: Option<Topic>) -> Vec<&Flag> {
        let of_it = |flag: &&Flag| topic.is_none_or(|topic| flag.topics.contains(&topic));
        let mut flags: Vec<&Flag> = self.flag.iter().filter(of_it).collect();
        flags.sort_by_key(|flag| flag.act());
        flags
    }

    /// What to do for an act.
    pub fn words(&self, act: Act) -> Option<&ActWords> {
        self.act.iter().find(|words| words.id == act)
    }
}
