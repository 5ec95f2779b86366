//! Events of the agenda as data: check-ups, visits, interviews, benefits, registrations.

use std::str::FromStr;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

use super::moment::{Confidence, Moment};

/// What an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// 健診
    Checkup,
    /// 妊婦健診
    Prenatal,
    /// 伴走型相談支援の面談
    Interview,
    /// 給付
    Benefit,
    /// 届出・手続き
    Registration,
    /// 訪問
    Visit,
    /// 産後ケアなど
    Care,
    /// 産前・産後休業
    Leave,
    /// 検査・家での確認
    Test,
}

impl EventKind {
    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Checkup => "checkup",
            Self::Prenatal => "prenatal_check",
            Self::Interview => "interview",
            Self::Benefit => "benefit",
            Self::Registration => "registration",
            Self::Visit => "visit",
            Self::Care => "care",
            Self::Leave => "leave",
            Self::Test => "test",
        }
    }
}

/// Whom it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ForWhom {
    /// The pregnant woman.
    Pregnant,
    /// The mother after birth.
    Postpartum,
    /// The child.
    Child,
    /// The family.
    Household,
}

/// Its force. Not everything that is done everywhere is a duty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Force {
    /// A duty of the family by law.
    Duty,
    /// The municipality must offer it by law.
    Statutory,
    /// A right by law, on application.
    Right,
    /// A programme of the municipality.
    Municipal,
    /// Advised or customary.
    Advised,
}

impl Force {
    /// Whether law stands behind it.
    pub const fn legal(self) -> bool {
        matches!(self, Self::Duty | Self::Statutory | Self::Right)
    }

    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Duty => "duty",
            Self::Statutory => "statutory",
            Self::Right => "right",
            Self::Municipal => "municipal",
            Self::Advised => "advised",
        }
    }
}

/// Entries that mean that an event is done: those of a kind (`dental_maternal`), those whose field is answered
/// (`cover.issued_on`), or those whose field holds a value (`wellchild.checkup=1y6m`). The build compares the keys with the
/// model's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoneBy {
    /// Key of the kind.
    pub kind: String,
    /// Key of the field, and the value it holds; without one, any.
    pub field: Option<(String, Option<String>)>,
}

impl FromStr for DoneBy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let plain = |key: &str| !key.is_empty() && !key.contains(['.', '=', ' ']);
        let (kind, field) = match text.split_once('.') {
            None => (text, None),
            Some((kind, rest)) => match rest.split_once('=') {
                None => (kind, Some((rest, None))),
                Some((key, value)) => (kind, Some((key, Some(value)))),
            },
        };
        if plain(kind) && field.is_none_or(|(key, value)| plain(key) && value.is_none_or(plain)) {
            let field = field.map(|(key, value)| (key.to_owned(), value.map(str::to_owned)));
            return Ok(Self { kind: kind.to_owned(), field });
        }
        let forms = "write \"dental_maternal\", \"cover.issued_on\" or \"wellchild.checkup=1y6m\"";
        Err(format!("done_by \"{text}\": {forms}"))
    }
}

impl<'de> Deserialize<'de> for DoneBy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// One event. Its words stand under `event.ID`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventDef {
    /// Stable key.
    pub id: String,
    /// What it is.
    pub kind: EventKind,
    /// Whom it is for.
    pub whom: ForWhom,
    /// Its force.
    pub force: Force,
    /// From whom it comes: `town`, `clinic`, `insurer`, `work`, `school`, `home`; words under `by.KEY`.
    pub by: String,
    /// First day. Missing: only a municipality can say it.
    #[serde(default)]
    pub from: Option<Moment>,
    /// First day instead, for twins and more.
    #[serde(default)]
    pub from_multiple: Option<Moment>,
    /// Last day.
    #[serde(default)]
    pub to: Option<Moment>,
    /// Last day instead, for a child born outside Japan.
    #[serde(default)]
    pub to_abroad: Option<Moment>,
    /// Its term ends at an office of the municipality: a last day that is a holiday there moves to the next open one by law.
    #[serde(default)]
    pub office_term: bool,
    /// Not for a child born outside Japan.
    #[serde(default)]
    pub not_abroad: bool,
    /// Only for a child that weighed at most so much at birth, in grams.
    #[serde(default)]
    pub birth_weight_to: Option<u32>,
    /// Until when it is shown without a last day, or past it while it goes on. A choice of this project.
    #[serde(default)]
    pub shown_to: Option<Moment>,
    /// Window instead, after a pregnancy that ended without a birth; with it the event stays.
    #[serde(default)]
    pub after_loss: Option<(Moment, Moment)>,
    /// After a loss only if the pregnancy had come so far.
    #[serde(default)]
    pub loss_from: Option<Moment>,
    /// Stays after a child's death, because it is the mother's.
    #[serde(default)]
    pub after_death: bool,
    /// Days only where the municipality says them, and shown only there; see `undated_to`.
    #[serde(default)]
    pub where_offered: bool,
    /// Where no municipality says more, it is shown without days until this one.
    #[serde(default)]
    pub undated_to: Option<Moment>,
    /// Entries that mean that it is done.
    #[serde(default)]
    pub done_by: Option<DoneBy>,
    /// Days before its last day on which a reminder comes; without it, on the first day.
    #[serde(default)]
    pub remind_before: Option<u32>,
    /// How sure the event is.
    #[serde(default)]
    pub confidence: Confidence,
    /// Source keys.
    pub sources: Vec<String>,
}

impl EventDef {
    /// Whether its term ends at an office of the municipality for this child: a birth abroad is reported at an embassy, which has
    /// days of its own.
    pub const fn ends_at_an_office(&self, born_abroad: bool) -> bool {
        self.office_term && !born_abroad
    }
}

/// How often prenatal checks are advised from a week on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frequency {
    /// From this week of pregnancy.
    pub from_week: u32,
    /// Every so many weeks.
    pub every_weeks: u32,
}

/// What the agenda is made of.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgendaRules {
    /// How far ahead the agenda looks, in days. A choice of this project.
    pub ahead_days: u32,
    /// The hour of reminders. A choice of this project.
    pub remind_hour: u32,
    /// Prenatal checks: the three frequencies of the notice; sources in `sources`.
    pub prenatal: Vec<Frequency>,
    /// First week from which a prenatal check is expected.
    pub prenatal_from_week: u32,
    /// Source keys of the prenatal checks.
    pub prenatal_sources: Vec<String>,
    /// Events.
    pub event: Vec<EventDef>,
}
