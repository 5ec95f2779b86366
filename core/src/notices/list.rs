//! The notices of today.

use chrono::{NaiveDate, NaiveDateTime};
use serde::Serialize;

use super::audience::{Because, Finding, of_household, of_life};
use super::household::Household;
use super::standing::{Marks, Standing, standing};
use super::words::because_words;
use crate::content::notice::{About, Level, Notice};
use crate::content::{Content, in_locale};
use crate::texts::{self, Locale};

/// What a notice is for this carer now.
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeState {
    /// Not read yet.
    New,
    /// It stands in the place of an earlier one, and was not read yet.
    Corrected,
    /// Read.
    Read,
    /// Taken back.
    Cancelled,
    /// Its time is over.
    Expired,
}

impl NoticeState {
    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Corrected => "corrected",
            Self::Read => "read",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }
}

/// A notice, ready to show.
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoticeView {
    /// Stable key of the notice.
    pub id: String,
    /// The number of its message.
    pub version: u32,
    /// Its title.
    pub title: String,
    /// What it says.
    pub text: String,
    /// `info`, `important` or `urgent`.
    pub severity: String,
    /// The same in words.
    pub level: String,
    /// The day on which it was sent.
    pub on: NaiveDate,
    /// The last day on which it is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
    /// What it is for this carer now.
    pub state: NoticeState,
    /// The same in words.
    pub state_words: String,
    /// Why it is shown here, in words.
    pub because: Vec<String>,
    /// Who tells it: a desk, or the municipality.
    pub source: String,
    /// What is to be said of it besides: what it replaces, that it was taken back, that there is only Japanese. `{date}` is filled in.
    pub remarks: Vec<String>,
    /// A page with more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The desk that answers questions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desk: Option<String>,
    /// Keys of the messages that are shown by it: a shell notes that they were.
    pub shown: Vec<String>,
}

/// Why a notice concerns a household, or nothing if it does not.
pub fn reasons(notice: &Notice, household: &Household, today: NaiveDate) -> Option<Vec<Because>> {
    may_be_shown(notice, household, today).ok()?;
    let own = of_household(&notice.audience, household);
    if !own.iter().all(|finding| finding.holds) {
        return None;
    }
    let mut because: Vec<Because> = Vec::new();
    if notice.audience.asks_of_a_child() {
        let found = household.living(today).map(|life| of_life(&notice.audience, household, life, today));
        let matching = found.filter(|found| found.iter().all(|finding| finding.holds));
        for finding in matching.flatten() {
            if !because.contains(&finding.because) {
                because.push(finding.because);
            }
        }
        if because.is_empty() {
            return None;
        }
    }
    because.extend(own.into_iter().map(|Finding { because, .. }| because));
    if because.is_empty() {
        because.push(Because::Everyone);
    }
    Some(because)
}

/// Whether a notice may be shown beside a loss. What is about a baby and asks of no child needs a baby who lives, or a pregnancy
/// that goes on; what asks of a child is shown for one who lives.
///
/// # Errors
/// [`Because::Loss`].
pub fn may_be_shown(notice: &Notice, household: &Household, today: NaiveDate) -> Result<(), Because> {
    let of_a_baby = notice.about == About::Baby && household.has_loss();
    let for_one = if notice.audience.asks_of_a_child() {
        household.living(today).next().is_some()
    } else {
        household.has_baby(today)
    };
    if of_a_baby && !for_one { Err(Because::Loss) } else { Ok(()) }
}

/// Lists the notices that concern a household now: urgent ones first, then the newest. `all` adds those that are over.
pub fn list(
    content: &Content,
    household: &Household,
    marks: &Marks,
    now: NaiveDateTime,
    locale: Locale,
    all: bool,
) -> Vec<NoticeView> {
    let Some(pack) = content.municipal() else { return Vec::new() };
    let mut found: Vec<(Level, &Notice, NoticeView)> = Vec::new();
    for notice in &pack.notice {
        let (state, beside) = match standing(notice, &pack.notice, marks, now) {
            Standing::Hidden => continue,
            Standing::Expired | Standing::CancelledLongAgo(_) if !all => continue,
            Standing::Expired => (NoticeState::Expired, None),
            Standing::Cancelled(by) | Standing::CancelledLongAgo(by) => (NoticeState::Cancelled, Some(by)),
            Standing::Current(before) => match (marks.get(&notice.key()).is_some_and(|mark| mark.read), before) {
                (true, before) => (NoticeState::Read, before),
                (false, Some(before)) => (NoticeState::Corrected, Some(before)),
                (false, None) => (NoticeState::New, None),
            },
        };
        // Who was shown a message is told of what became of it, also where a correction is for others only.
        let had_before = || {
            let shown = |key: &String| marks.contains_key(key);
            let had = shown(&notice.key()) || notice.references.iter().any(shown);
            let silent = notice.about == About::Baby && household.has_loss();
            (had && !silent).then(|| vec![Because::SeenBefore])
        };
        let Some(because) = reasons(notice, household, now.date()).or_else(had_before) else { continue };
        let shown = Shown { notice, state, beside, because };
        found.push((notice.level(), notice, view(content, household, &shown, now.date(), locale)));
    }
    found.sort_by(|(level, notice, _), (other_level, other, _)| {
        let newest = (other_level, other.sent).cmp(&(level, notice.sent));
        newest.then_with(|| notice.key().cmp(&other.key()))
    });
    found.into_iter().map(|(.., view)| view).collect()
}

/// A message that is shown, and why.
struct Shown<'n> {
    notice: &'n Notice,
    state: NoticeState,
    /// What it replaces, or what took it back.
    beside: Option<&'n Notice>,
    because: Vec<Because>,
}

fn view(content: &Content, household: &Household, shown: &Shown<'_>, today: NaiveDate, locale: Locale) -> NoticeView {
    let Shown { notice, state, beside, because } = shown;
    let (title, text) = (notice.title.in_language(&household.language), notice.text.in_language(&household.language));
    let mut remarks = Vec::new();
    let cancelled = *state == NoticeState::Cancelled;
    if let Some(beside) = beside {
        let (key, of) = if cancelled { ("notice.cancels", notice) } else { ("notice.corrects", beside) };
        remarks.push(texts::municipal(key, locale).replace("{date}", &texts::long_date(of.sent.day, locale)));
        if cancelled {
            remarks.push(beside.text.in_language(&household.language).text.to_owned());
        }
    }
    if title.only_japanese {
        remarks.push(texts::municipal("notice.only_japanese", locale).to_owned());
    }
    let pack = content.municipal();
    let desk = notice.desk.as_ref().and_then(|id| pack?.desk.iter().find(|desk| desk.id == *id));
    let name = desk.map(|desk| &desk.name).or_else(|| pack.map(|pack| &pack.pack.name));
    NoticeView {
        id: notice.id.clone(),
        version: notice.version,
        title: title.text.to_owned(),
        text: text.text.to_owned(),
        severity: notice.level().key().to_owned(),
        level: texts::municipal(&format!("notice.level.{}", notice.level().key()), locale).to_owned(),
        on: notice.sent.day,
        until: notice.expires.map(|expires| expires.day),
        state: *state,
        state_words: texts::municipal(&format!("notice.state.{}", state.key()), locale).to_owned(),
        because: because.iter().map(|because| because_words(content, because, true, today, locale)).collect(),
        source: name.map(|name| in_locale(name, locale).to_owned()).unwrap_or_default(),
        remarks,
        link: notice.link.clone(),
        desk: notice.desk.clone(),
        shown: std::iter::once(notice.key()).chain(beside.filter(|_| cancelled).map(Notice::key)).collect(),
    }
}
