//! Notices (お知らせ): what a municipality tells families, with the words of CAP (the Common Alerting Protocol): alert,
//! update, cancel, severity, urgency.
//!
//! | module | idea |
//! |---|---|
//! | [`audience`] | whom it is for, in a closed list of predicates |
//! | [`told`] | a text in the languages in which it was written |
//! | [`valid`] | what a notice must keep |
//!
//! A message is never changed: an update or a cancellation is a message of its own that names the one before. Whom it
//! concerns is decided on the phone, by `notices` of the core.

pub mod audience;
#[cfg(test)]
mod tests;
pub mod told;
pub mod valid;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

use audience::Audience;
use told::Told;

/// What a message does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// It tells something.
    #[default]
    Alert,
    /// It stands in the place of the ones that it names.
    Update,
    /// It takes back the ones that it names.
    Cancel,
}

/// How bad it can become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Nothing bad.
    #[default]
    Minor,
    /// Somewhat.
    Moderate,
    /// A danger to health.
    Severe,
    /// A danger to life.
    Extreme,
}

/// How soon one should do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// Some day.
    #[default]
    Future,
    /// Soon.
    Expected,
    /// Now.
    Immediate,
}

/// How a notice is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As any other.
    Info,
    /// Before those.
    Important,
    /// First. Two people publish it.
    Urgent,
}

impl Level {
    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Important => "important",
            Self::Urgent => "urgent",
        }
    }
}

/// What a notice is about; it decides who reads it after a loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// A pregnancy, a baby or a child, or nobody has said: it is silent after a loss.
    #[default]
    Baby,
    /// Nothing of a baby, such as heat or water: whoever reads it is not reminded of one.
    Everyone,
}

/// A day or a time in Japan, `2026-11-30` or `2026-11-30 09:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    /// The day.
    pub day: NaiveDate,
    /// The time, if it is said.
    pub time: Option<NaiveTime>,
}

impl At {
    /// Its first moment.
    pub fn begins(self) -> NaiveDateTime {
        self.day.and_time(self.time.unwrap_or_default())
    }

    /// Whether it is over: a day without a time is over with its end.
    pub fn is_over(self, now: NaiveDateTime) -> bool {
        self.time.map_or(self.day < now.date(), |time| self.day.and_time(time) < now)
    }
}

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let read = || {
            let (day, time) = text.split_once(' ').map_or((text.as_str(), None), |(day, time)| (day, Some(time)));
            let day = crate::model::law::iso_day(day)?;
            match time {
                None => Some(Self { day, time: None }),
                Some(time) => Some(Self { day, time: Some(NaiveTime::parse_from_str(time, "%H:%M").ok()?) }),
            }
        };
        read().ok_or_else(|| D::Error::custom(format!("\"{text}\" is no time: write \"2026-11-30 09:00\"")))
    }
}

/// One message of a notice.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Stable key of the notice; its messages have it all.
    pub id: String,
    /// The number of the message among them, from 1.
    #[serde(default = "one")]
    pub version: u32,
    /// What it does.
    #[serde(default)]
    pub message: Message,
    /// The messages that it replaces or cancels, `measles/1`.
    #[serde(default)]
    pub references: Vec<String>,
    /// When it is sent.
    pub sent: At,
    /// Until when it is shown; a cancellation has none.
    #[serde(default)]
    pub expires: Option<At>,
    /// How bad it can become.
    #[serde(default)]
    pub severity: Severity,
    /// How soon one should do something.
    #[serde(default)]
    pub urgency: Urgency,
    /// What it is about.
    #[serde(default)]
    pub about: About,
    /// Whom it is for; everybody without it.
    #[serde(default)]
    pub audience: Audience,
    /// Its title.
    pub title: Told,
    /// What it says.
    pub text: Told,
    /// A page with more, https://.
    #[serde(default)]
    pub link: Option<String>,
    /// The desk that answers questions.
    #[serde(default)]
    pub desk: Option<String>,
}

const fn one() -> u32 {
    1
}

impl Notice {
    /// Names the message, as references do.
    pub fn key(&self) -> String {
        format!("{}/{}", self.id, self.version)
    }

    /// Whether a reference names the message.
    pub fn is_named(&self, reference: &str) -> bool {
        let version = reference.strip_prefix(&self.id).and_then(|rest| rest.strip_prefix('/'));
        version.is_some_and(|version| version == self.version.to_string())
    }

    /// How it is shown.
    pub fn level(&self) -> Level {
        match (self.severity, self.urgency) {
            (Severity::Severe | Severity::Extreme, Urgency::Immediate) => Level::Urgent,
            (Severity::Minor, Urgency::Future | Urgency::Expected) => Level::Info,
            _ => Level::Important,
        }
    }
}
