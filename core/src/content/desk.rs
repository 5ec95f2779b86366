//! Desks of a municipality: who listens, how to reach them, when.

use std::fmt;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Weekday};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

use super::profession::Profession;
use super::series::Day;
use super::words::Words;

/// What a desk is there for: a closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// How a child grows and learns.
    Development,
    /// Pregnancy and birth.
    Pregnancy,
    /// A pregnancy that nobody is to know of.
    PregnancyHidden,
    /// How a carer feels.
    Mind,
    /// Violence at home.
    Violence,
    /// After a loss.
    Loss,
    /// A sudden illness or injury at night or on a holiday. Packs of before say `night`.
    #[serde(alias = "night")]
    NightIllness,
    /// Something swallowed.
    Poison,
    /// Teeth.
    Dental,
    /// In another language.
    Foreign,
    /// Anything.
    General,
}

impl Topic {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Development,
        Self::Pregnancy,
        Self::PregnancyHidden,
        Self::Mind,
        Self::Violence,
        Self::Loss,
        Self::NightIllness,
        Self::Poison,
        Self::Dental,
        Self::Foreign,
        Self::General,
    ];

    /// Returns its stable key; its name stands under `topic.KEY`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Pregnancy => "pregnancy",
            Self::PregnancyHidden => "pregnancy_hidden",
            Self::Mind => "mind",
            Self::Violence => "violence",
            Self::Loss => "loss",
            Self::NightIllness => "night_illness",
            Self::Poison => "poison",
            Self::Dental => "dental",
            Self::Foreign => "foreign",
            Self::General => "general",
        }
    }

    /// Reads it from its key, or from the one it had before; `None` for an unknown one.
    pub fn from_key(key: &str) -> Option<Self> {
        let key = if key == "night" { Self::NightIllness.key() } else { key };
        Self::ALL.into_iter().find(|topic| topic.key() == key)
    }

    /// Whether it is a carer's own: nobody else is to learn that it was asked for.
    pub const fn is_own(self) -> bool {
        matches!(self, Self::PregnancyHidden | Self::Mind | Self::Violence | Self::Loss)
    }
}

/// A way to reach a desk.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Way {
    /// `phone`, `visit`, `web`, `chat`, `fax`, `mail`.
    pub kind: String,
    /// Number, place or link.
    pub value: String,
    /// Words beside it.
    #[serde(default)]
    pub note: Option<Words>,
}

/// Opening hours on some days of the week.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// `mon`, `tue`, … `sun`, or a span `mon-fri`.
    pub days: String,
    /// From.
    pub from: Time,
    /// To; `24:00` is the end of the day.
    pub to: Time,
}

/// A time of day, `08:30`; `24:00` is the end of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub NaiveTime);

/// How the end of the day is kept.
const END: Option<NaiveTime> = NaiveTime::from_hms_opt(23, 59, 59);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if Some(self.0) == END { f.write_str("24:00") } else { write!(f, "{}", self.0.format("%-H:%M")) }
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time = if text == "24:00" { END } else { NaiveTime::parse_from_str(&text, "%H:%M").ok() };
        time.map(Self).ok_or_else(|| D::Error::custom(format!("\"{text}\" is no time: write \"08:30\"")))
    }
}

/// One desk.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Desk {
    /// Stable key.
    pub id: String,
    /// What it is there for.
    pub topics: Vec<Topic>,
    /// Its name.
    pub name: Words,
    /// A sentence about it.
    #[serde(default)]
    pub about: Option<Words>,
    /// With what one comes here.
    #[serde(default, rename = "for")]
    pub for_what: Option<Words>,
    /// With what one does not, and where one goes then.
    #[serde(default)]
    pub not_for: Option<Words>,
    /// What it asks first.
    #[serde(default)]
    pub asks: Option<Words>,
    /// Whether one may come without a reason.
    #[serde(default = "yes")]
    pub no_reason: bool,
    /// Whether one may stay without a name; unknown without it.
    #[serde(default)]
    pub anonymous: Option<bool>,
    /// Whether what is said stays there.
    #[serde(default)]
    pub confidential: bool,
    /// Whether one can write to it here and is answered.
    #[serde(default)]
    pub consults: bool,
    /// Who answers: stable keys such as `midwife`.
    #[serde(default)]
    pub professions: Vec<Profession>,
    /// The desk that answers if this one does not.
    #[serde(default)]
    pub second: Option<String>,
    /// The desk to which everything goes once this one closes for good.
    #[serde(default)]
    pub successor: Option<String>,
    /// What it costs.
    #[serde(default)]
    pub fee: Option<Words>,
    /// Languages besides Japanese, such as `en`, `vi`.
    #[serde(default)]
    pub languages: Vec<String>,
    /// The day on which somebody last compared number and hours with their source.
    #[serde(default)]
    pub checked_on: Option<Day>,
    /// Keys of `content/sources.toml`; only for desks of the whole country.
    #[serde(default)]
    pub sources: Vec<String>,
    /// Ways to reach it, the easiest first.
    #[serde(default)]
    pub ways: Vec<Way>,
    /// Hours; empty if the pack names none.
    #[serde(default)]
    pub hours: Vec<Hours>,
    /// Hours in words, where they cannot be given as hours.
    #[serde(default)]
    pub hours_words: Option<Words>,
    /// Days of every year on which it is closed, `12-29`.
    #[serde(default)]
    pub closed_yearly: Vec<String>,
    /// Other days on which it is closed (holidays).
    #[serde(default)]
    pub closed_on: Vec<Day>,
    /// From when to when these facts hold; desks move.
    #[serde(default)]
    pub valid_from: Option<Day>,
    /// Last day.
    #[serde(default)]
    pub valid_to: Option<Day>,
}

const fn yes() -> bool {
    true
}

const WEEK: [(&str, Weekday); 7] = [
    ("mon", Weekday::Mon),
    ("tue", Weekday::Tue),
    ("wed", Weekday::Wed),
    ("thu", Weekday::Thu),
    ("fri", Weekday::Fri),
    ("sat", Weekday::Sat),
    ("sun", Weekday::Sun),
];

impl Hours {
    /// Days of the week, Monday 0; empty if they cannot be read.
    pub fn weekdays(&self) -> Vec<u32> {
        let number =
            |name: &str| WEEK.iter().find(|(key, _)| *key == name.trim()).map(|(_, day)| day.num_days_from_monday());
        let mut days = Vec::new();
        for part in self.days.split(',') {
            match part.split_once('-') {
                Some((first, last)) => match (number(first), number(last)) {
                    (Some(first), Some(last)) if first <= last => days.extend(first..=last),
                    _ => return Vec::new(),
                },
                None => match number(part) {
                    Some(day) => days.push(day),
                    None => return Vec::new(),
                },
            }
        }
        days
    }
}

impl Desk {
    /// Whether what is said here goes on only to a desk that is as confidential: it is marked so, or there for what is a carer's
    /// own. Offices that answer decide by the same rule.
    pub fn is_own(&self) -> bool {
        self.confidential || self.topics.iter().any(|topic| topic.is_own())
    }

    /// Whether the facts hold on a day.
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.valid_from.is_none_or(|from| from.0 <= day) && self.valid_to.is_none_or(|to| day <= to.0)
    }

    fn closed_all_day(&self, day: NaiveDate) -> bool {
        self.closed_on.iter().any(|closed| closed.0 == day)
            || self.closed_yearly.iter().any(|closed| *closed == day.format("%m-%d").to_string())
    }

    /// The last of the days that it lists as closed: up to it the pack has said which holidays are.
    pub fn closed_is_known_to(&self) -> Option<NaiveDate> {
        self.closed_on.iter().map(|closed| closed.0).max()
    }

    /// Whether somebody is there on each day of the week: such a desk knows no holidays.
    pub fn is_daily(&self) -> bool {
        (0..7).all(|day| self.hours.iter().any(|hours| hours.weekdays().contains(&day)))
    }

    /// Whether it is open by its hours and its closed days; `None` where no hours are given.
    pub fn is_open(&self, now: NaiveDateTime) -> Option<bool> {
        if self.hours.is_empty() {
            return None;
        }
        let weekday = now.weekday().num_days_from_monday();
        let within = |hours: &Hours| {
            hours.weekdays().contains(&weekday) && hours.from.0 <= now.time() && now.time() <= hours.to.0
        };
        Some(!self.closed_all_day(now.date()) && self.hours.iter().any(within))
    }

    /// When it opens next, within four weeks, on a day that is not left out.
    pub fn opens_next(&self, now: NaiveDateTime, left_out: impl Fn(NaiveDate) -> bool) -> Option<NaiveDateTime> {
        now.date()
            .iter_days()
            .take(28)
            .filter(|day| !self.closed_all_day(*day) && !left_out(*day))
            .flat_map(|day| {
                let weekday = day.weekday().num_days_from_monday();
                self.hours
                    .iter()
                    .filter(move |hours| hours.weekdays().contains(&weekday))
                    .map(move |hours| day.and_time(hours.from.0))
            })
            .filter(|opening| *opening > now)
            .min()
    }
}
