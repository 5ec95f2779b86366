//! The self-check as carers see it: checks, questions, results.

use chrono::NaiveDate;

use crate::app::insight::desks::DeskView;
use crate::checks::Answer;
use crate::content::item::{Area, Basis, OfferKind};

/// When a check can be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum CheckState {
    /// It can be answered now.
    Open,
    /// Everything that is asked first has an answer.
    Done,
    /// Its time has passed; it can still be looked at.
    Missed,
    /// Its time has not come.
    Later,
}

impl CheckState {
    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
            Self::Missed => "missed",
            Self::Later => "later",
        }
    }
}

/// Completed months of age, from and to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Months {
    /// The first.
    pub from: u32,
    /// The last.
    pub to: u32,
}

/// What one carer answered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct CarerAnswer {
    /// The carer's name.
    pub carer: String,
    /// What the carer answered.
    pub answer: Answer,
}

/// A check in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct CheckView {
    /// Its key, such as `18m`.
    pub check: String,
    /// Its name in words.
    pub name: String,
    /// First and last completed month.
    pub band: Months,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// Its state.
    pub state: CheckState,
    /// How many items have an answer: for "go on where you stopped", never as a result.
    pub answered: u32,
    /// How many items there are.
    pub questions: u32,
    /// From when another look is offered.
    pub again_from: Option<NaiveDate>,
}

/// A question, ready to show.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Question {
    /// Key of the item.
    pub item: String,
    /// Its area.
    pub area: Area,
    /// The area in words.
    pub area_name: String,
    /// What the child does.
    pub text: String,
    /// How to look.
    pub look: String,
    /// How to play.
    pub play: String,
    /// Completed months: the source's age before, and the age by which many children do it. Not to be shown where
    /// [`typical_words`](Self::typical_words) is empty.
    pub typical: Months,
    /// The same in words, for the screen; empty where a carer wants no ages (`age_ranges` of the profile).
    pub typical_words: String,
    /// What its ages rest on.
    pub basis: Basis,
    /// Name of its drawing, for [`drawing`](crate::app::drawing); not every name has one.
    pub picture: String,
    /// This carer's last answer.
    pub answer: Option<Answer>,
    /// Whether it is one of the ten that are asked first; the rest is there for who wants it.
    pub first: bool,
}

/// An item of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ResultItem {
    /// Key of the item.
    pub item: String,
    /// Its area.
    pub area: Area,
    /// What the child does.
    pub text: String,
    /// How to play.
    pub play: String,
    /// By when many children do it, in words; once that is over, that some take their time; empty where a carer wants no
    /// ages.
    pub typical_words: String,
    /// The shown answer; none for what the next check brings.
    pub answer: Option<Answer>,
    /// Each carer's own answer, where they differ.
    pub by: Vec<CarerAnswer>,
}

/// What a check shows: strengths first.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct CheckResult {
    /// What the child does.
    pub strengths: Vec<ResultItem>,
    /// What is beginning: seen sometimes.
    pub beginning: Vec<ResultItem>,
    /// What is still to come, how to play, and what the next check brings.
    pub next: Vec<ResultItem>,
    /// What the child did before and does not do now: [`crate::app::Checks::say_what_became`] keeps what the carer says of it.
    pub asked_back: Vec<ResultItem>,
    /// What is offered.
    pub offer: OfferKind,
    /// The offer in words.
    pub offer_words: String,
    /// Keys of the reasons.
    pub because: Vec<String>,
    /// The reasons in words.
    pub because_words: Vec<String>,
    /// Items that the reasons are about.
    pub about: Vec<String>,
    /// For another look: from when.
    pub again_from: Option<NaiveDate>,
    /// The desk, with an offer of it.
    pub desk: Option<DeskView>,
    /// Whether ages are counted from the due date.
    pub corrected: bool,
}

/// One step of an area's history.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct TrendStep {
    /// The check.
    pub check: String,
    /// Its name in words.
    pub name: String,
    /// The age in words, short.
    pub age: String,
    /// What was new.
    pub new: Vec<String>,
}
