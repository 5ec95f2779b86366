//! One list of what is next: check-ups, vaccinations, self-checks, interviews, benefits, registrations,
//! and what somebody should look at.
//!
//! | module | idea |
//! |---|---|
//! | [`doses`] | the lines of a vaccination plan, with what a clinic must be asked |
//! | [`events`] | windows of the events for one family, with a municipality's own |
//! | [`prenatal`] | the next prenatal check by the three national frequencies |
//! | [`remind`] | reminders for the operating system, as neutral text |
//!
//! Silence: after a loss nothing about a baby is made at all ([`Family::silent`]); only what is the mother's stays.

pub mod doses;
pub mod events;
pub mod prenatal;
pub mod remind;

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::content::event::EventKind;
use crate::content::moment::Anchors;
use crate::model::notebook::NotebookType;

/// What the agenda knows of a notebook.
#[derive(Debug, Clone, PartialEq)]
pub struct Family {
    /// Pregnancy or child.
    pub notebook: NotebookType,
    /// The days that others are counted from. For a pregnancy, `born` is the day of the birth, once it has been.
    pub anchors: Anchors,
    /// Expected or born together.
    pub multiple: bool,
    /// Born outside Japan.
    pub born_abroad: bool,
    /// Weight at birth in grams, once it is written.
    pub birth_weight: Option<u32>,
    /// A loss or a death: only the mother's own stays.
    pub silent: bool,
    /// Whether the mother's items stand in a pregnancy's notebook of their own.
    pub mother_elsewhere: bool,
    /// Keys of what is done or not needed.
    pub done: BTreeSet<String>,
    /// The last prenatal check.
    pub last_prenatal: Option<NaiveDate>,
}

/// The kind of an agenda item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum AgendaKind {
    /// A check-up (健診).
    Checkup,
    /// A prenatal check (妊婦健診).
    PrenatalCheck,
    /// A dose of a vaccine (予防接種).
    Vaccine,
    /// A self-check (できたね!チェック).
    SelfCheck,
    /// An interview of the continuous support (伴走型相談支援の面談).
    Interview,
    /// A benefit (給付).
    Benefit,
    /// A registration or procedure (届出・手続き).
    Registration,
    /// A home visit (訪問).
    Visit,
    /// Care after birth and the like (産後ケアなど).
    Care,
    /// Leave before and after birth (産前・産後休業).
    Leave,
    /// A test, also one at home (検査・家での確認).
    Test,
    /// Something that somebody should look at (見てもらうこと).
    Look,
}

impl AgendaKind {
    /// Returns the kind's key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Checkup => EventKind::Checkup.key(),
            Self::PrenatalCheck => EventKind::Prenatal.key(),
            Self::Vaccine => "vaccine",
            Self::SelfCheck => "self_check",
            Self::Interview => EventKind::Interview.key(),
            Self::Benefit => EventKind::Benefit.key(),
            Self::Registration => EventKind::Registration.key(),
            Self::Visit => EventKind::Visit.key(),
            Self::Care => EventKind::Care.key(),
            Self::Leave => EventKind::Leave.key(),
            Self::Test => EventKind::Test.key(),
            Self::Look => "look",
        }
    }
}

impl From<EventKind> for AgendaKind {
    fn from(kind: EventKind) -> Self {
        match kind {
            EventKind::Checkup => Self::Checkup,
            EventKind::Prenatal => Self::PrenatalCheck,
            EventKind::Interview => Self::Interview,
            EventKind::Benefit => Self::Benefit,
            EventKind::Registration => Self::Registration,
            EventKind::Visit => Self::Visit,
            EventKind::Care => Self::Care,
            EventKind::Leave => Self::Leave,
            EventKind::Test => Self::Test,
        }
    }
}

/// What an entry of the agenda is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// An event of the list.
    Event(String),
    /// The next prenatal check.
    Prenatal,
    /// A dose: series and number.
    Dose(String, u8),
    /// A dose about which a clinic must be asked first: series and number.
    Ask(String, u8),
    /// A self-check; `true`: another look.
    Check(u32, bool),
    /// What somebody should look at: rule and day of what was written.
    Lead(String, NaiveDate),
}

impl Subject {
    /// A stable key, to mark it done or to open it.
    pub fn key(&self) -> String {
        match self {
            Self::Event(id) => id.clone(),
            Self::Prenatal => "PRENATAL".to_owned(),
            Self::Dose(series, n) | Self::Ask(series, n) => format!("{series}/{n}"),
            Self::Check(months, false) => format!("CHECK/{months}m"),
            Self::Check(months, true) => format!("CHECK/{months}m/again"),
            Self::Lead(rule, on) => format!("LEAD/{rule}/{on}"),
        }
    }
}

/// One entry of the agenda, without words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgendaLine {
    /// What it is about.
    pub topic: Subject,
    /// Its kind.
    pub kind: AgendaKind,
    /// First day.
    pub from: NaiveDate,
    /// Last day, if it has one.
    pub to: Option<NaiveDate>,
    /// Until when it is shown: without a last day, or past it.
    pub shown_to: Option<NaiveDate>,
    /// Nobody has said when: `from` is only where it begins to be shown.
    pub undated: bool,
    /// Whether law stands behind it.
    pub legal: bool,
    /// Key of its force.
    pub force: &'static str,
    /// Key of whom it comes from.
    pub by: String,
    /// Days before its last day on which a reminder comes; without it, on the first day.
    pub remind_before: Option<u32>,
    /// Days after which a reminder comes again, counted from its first day, for as long as it is open.
    pub remind_every: Option<u32>,
    /// Keys of its sources.
    pub sources: Vec<String>,
    /// For a dose: what is to be told and reminded of besides.
    pub care: Option<DoseCare>,
}

/// What is to be told of a dose beside its days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DoseCare {
    /// After its standard window, still free: as soon as possible, before all else.
    pub overdue: bool,
    /// It stands for either of two series.
    pub either: bool,
    /// It asks for a look at the dates of the records, and for no clinic.
    pub look: bool,
    /// The day that reminders are counted from.
    pub since: NaiveDate,
    /// Days after which a reminder comes again, for as long as it is open.
    pub again_days: u32,
    /// The last day on which all doses of the series still fit into the programme.
    pub finish_by: Option<NaiveDate>,
    /// A day on which a reminder comes besides.
    pub also_on: Option<NaiveDate>,
}

impl AgendaLine {
    /// The last day on which it is shown; `None` without an end.
    pub fn last_shown(&self) -> Option<NaiveDate> {
        self.to.max(self.shown_to)
    }
}

/// What is on between two days. What somebody should look at comes first. A dose that is overdue
/// follows, then what a clinic is to be asked, then what ends first; what has no end comes last among what has begun.
pub fn between(mut items: Vec<AgendaLine>, from: NaiveDate, to: NaiveDate) -> Vec<AgendaLine> {
    items.retain(|item| item.from <= to && item.last_shown().is_none_or(|end| end >= from));
    items.sort_by_key(|item| {
        let begun = item.from.max(from);
        let rank = match &item.topic {
            Subject::Lead(..) => 0,
            _ if item.care.is_some_and(|care| care.overdue) => 1,
            Subject::Ask(..) => 2,
            _ => 3,
        };
        (rank, begun, item.to.unwrap_or(NaiveDate::MAX), item.topic.clone())
    });
    items
}
