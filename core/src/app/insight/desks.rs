//! Desks as people see them: what for, ways, hours, whether somebody is there now, and what there is at night.

use chrono::{NaiveDate, NaiveDateTime, Timelike};

use crate::app::error::Result;
use crate::app::handbook::Handbook;
use crate::app::records::words::long_date;
use crate::content::desk::{Desk, Hours, Topic};
use crate::content::holidays::{OfficeDay, office_day};
use crate::content::profession::Profession;
use crate::content::{Content, Words, in_locale};
use crate::model::{Invalid, Reason};
use crate::texts::{self, Locale};

/// A way to reach a desk.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct WayView {
    /// `phone`, `visit`, `web`, …
    pub kind: String,
    /// Its word.
    pub label: String,
    /// Number, place, link.
    pub value: String,
    /// Words beside it.
    pub note: String,
}

/// A desk, ready to show.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct DeskView {
    /// Stable key.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Keys of its topics.
    pub topics: Vec<String>,
    /// A sentence about it.
    pub about: String,
    /// With what one comes here; empty if the pack does not say.
    pub what_for: String,
    /// With what one does not, and where one goes then.
    pub not_for: String,
    /// What it asks first.
    pub asks: String,
    /// "No reason needed"; empty where there must be one.
    pub no_reason: String,
    /// Whether one may stay without a name; unknown where the pack does not say.
    pub anonymous: Option<bool>,
    /// Whether what is said stays there.
    pub confidential: bool,
    /// Whether one can write to it here and is answered.
    pub consults: bool,
    /// Who answers: stable keys such as `midwife`.
    pub professions: Vec<String>,
    /// The same in words; empty if the pack does not say.
    pub answers: String,
    /// The desk that answers if this one does not.
    pub second: Option<String>,
    /// The desk to which everything goes once this one closes for good.
    pub successor: Option<String>,
    /// What it costs.
    pub fee: String,
    /// Languages besides Japanese.
    pub languages: Vec<String>,
    /// The day on which number and hours were last compared with their source, in words.
    pub checked: String,
    /// Ways, the easiest first.
    pub ways: Vec<WayView>,
    /// Hours in words.
    pub hours: Vec<String>,
    /// Whether it is open now; unknown where no hours are given, and on a day that may be a holiday of it.
    pub open_now: Option<bool>,
    /// When it opens next, if it is closed and hours are given; a time in Japan.
    pub opens_at: Option<NaiveDateTime>,
    /// The same in words, with the next opening.
    pub state: String,
    /// What to do at night, while nobody may be there.
    pub at_night: String,
    /// Who can be asked meanwhile, if it is closed: of the same topic; where it is about growing or pregnancy, who listens to the
    /// carer. A line for sudden illness is never among them.
    pub meanwhile: Vec<DeskView>,
    /// The words above them.
    pub meanwhile_words: String,
}

/// Desks of the municipality.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/handbook.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let (handbook, child) = handbook(folder.path())?;
/// let desk = handbook.desks().find("development")?;
/// assert!(desk.is_some_and(|desk| !desk.name.is_empty()));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Desks {
    pub(in crate::app) handbook: Handbook,
}

impl Desks {
    /// The desk for a topic (`development`, `mind`, `night_illness`, …), and who is there while it is closed.
    ///
    /// # Errors
    /// [`crate::app::Error::Invalid`] for the topic; any [store error](crate::app::Error#store-errors).
    pub fn find(&self, topic: &str) -> Result<Option<DeskView>> {
        let topic = topic_of(topic)?;
        Ok(find(&*self.handbook.content()?, topic, self.handbook.now_in_japan(), self.handbook.locale()))
    }

    /// Every desk, or every one of a topic: the municipality's first.
    ///
    /// # Errors
    /// [`crate::app::Error::Invalid`] for the topic; any [store error](crate::app::Error#store-errors).
    pub fn list(&self, topic: Option<&str>) -> Result<Vec<DeskView>> {
        let topic = topic.map(topic_of).transpose()?;
        let (content, now, locale) = (self.handbook.content()?, self.handbook.now_in_japan(), self.handbook.locale());
        let desks = match topic {
            Some(topic) => content.desks(topic, now.date()),
            None => content.all_desks(now.date()),
        };
        Ok(desks.into_iter().map(|desk| view(&content, desk, now, locale)).collect())
    }
}

pub(in crate::app) fn topic_of(key: &str) -> Result<Topic> {
    Topic::from_key(key).ok_or_else(|| {
        let all = Topic::ALL.map(Topic::key).join(", ");
        Invalid::new("topic", key, format!("one of {all}")).because(Reason::NotAnOption).into()
    })
}

/// From this hour of the evening on, and up to this one in the morning, nobody is at a desk whose hours are not known.
const EVENING: u32 = 18;
const MORNING: u32 = 8;

pub(in crate::app) fn find(content: &Content, topic: Topic, now: NaiveDateTime, locale: Locale) -> Option<DeskView> {
    let all = content.desks(topic, now.date());
    let desk = *all.first()?;
    let mut found = view(content, desk, now, locale);
    if found.open_now == Some(true) {
        return Some(found);
    }
    let is_day = (MORNING..EVENING).contains(&now.hour());
    // A worry can wait for the morning; who carries it cannot always.
    let worry = matches!(topic, Topic::Development | Topic::Pregnancy | Topic::General);
    let others = if worry { content.desks(Topic::Mind, now.date()) } else { all };
    // One that is closed too is no help, nor by day one that may be closed.
    let helps = |other: &&Desk| {
        let open = is_open(other, now);
        other.id != desk.id && !other.ways.is_empty() && open != Some(false) && (!worry || open == Some(true))
    };
    let show = !worry || !is_day || found.open_now == Some(false);
    found.meanwhile =
        others.into_iter().filter(helps).filter(|_| show).map(|other| view(content, other, now, locale)).collect();
    let sure = found.meanwhile.iter().all(|other| other.open_now == Some(true));
    let heading = match (found.meanwhile.is_empty(), worry, sure) {
        (true, ..) => "",
        (_, true, _) => "desk.meanwhile.mind",
        (_, _, true) => "desk.meanwhile.open",
        _ => "desk.meanwhile",
    };
    found.meanwhile_words = content.word(heading, locale).into_owned();
    if worry && !is_day {
        found.at_night = content.word("desk.at_night", locale).into_owned();
    }
    Some(found)
}

/// Whether a desk is open; `None` where no hours are given, or where the day may be a holiday that closes it.
fn is_open(desk: &Desk, now: NaiveDateTime) -> Option<bool> {
    desk.is_open(now).filter(|open| !open || !perhaps_closed(desk, now.date()))
}

/// Whether a day may be a holiday of a desk though its pack does not say so. Up to the last day that it lists it has said which
/// are.
fn perhaps_closed(desk: &Desk, day: NaiveDate) -> bool {
    !desk.is_daily() && desk.closed_is_known_to().is_none_or(|last| day > last) && office_day(day) != OfficeDay::Open
}

fn view(content: &Content, desk: &Desk, now: NaiveDateTime, locale: Locale) -> DeskView {
    let words =
        |words: &Option<Words>| words.as_ref().map(|words| in_locale(words, locale).to_owned()).unwrap_or_default();
    let way = |way: &crate::content::desk::Way| WayView {
        kind: way.kind.clone(),
        label: content.word(&format!("way.{}", way.kind), locale).into_owned(),
        value: way.value.clone(),
        note: words(&way.note),
    };
    let open_now = is_open(desk, now);
    let opens_at = (open_now == Some(false))
        .then(|| desk.opens_next(now, |day| perhaps_closed(desk, day) && office_day(day) == OfficeDay::Closed))
        .flatten();
    let state = match open_now {
        Some(true) => content.word("desk.open", locale).into_owned(),
        Some(false) => {
            let when = opens_at.map(|at| format!("{} {}", long_date(at.date(), locale), at.format("%-H:%M")));
            let sure = !opens_at.is_some_and(|at| perhaps_closed(desk, at.date()));
            let words = content.word(if sure { "desk.closed" } else { "desk.closed_perhaps" }, locale);
            words.replace("{date}", &when.unwrap_or_default())
        }
        None if desk.is_open(now).is_some() => content.word("desk.perhaps", locale).into_owned(),
        None => String::new(),
    };
    let checked = |day: NaiveDate| content.word("desk.checked", locale).replace("{date}", &long_date(day, locale));
    let hours = desk.hours.iter().map(|hours| hours_words(content, hours, locale));
    DeskView {
        id: desk.id.clone(),
        name: in_locale(&desk.name, locale).to_owned(),
        topics: desk.topics.iter().map(|topic| topic.key().to_owned()).collect(),
        about: words(&desk.about),
        what_for: words(&desk.for_what),
        not_for: words(&desk.not_for),
        asks: words(&desk.asks),
        no_reason: if desk.no_reason { content.word("desk.no_reason", locale).into_owned() } else { String::new() },
        anonymous: desk.anonymous,
        confidential: desk.confidential,
        consults: desk.consults,
        professions: desk.professions.iter().map(|profession| profession.key().to_owned()).collect(),
        answers: professions_words(desk, locale),
        second: desk.second.clone(),
        successor: desk.successor.clone(),
        fee: words(&desk.fee),
        languages: desk.languages.clone(),
        checked: desk.checked_on.map(|day| checked(day.0)).unwrap_or_default(),
        ways: desk.ways.iter().map(way).collect(),
        hours: hours.chain(desk.hours_words.iter().map(|words| in_locale(words, locale).to_owned())).collect(),
        open_now,
        opens_at,
        state,
        at_night: String::new(),
        meanwhile: Vec::new(),
        meanwhile_words: String::new(),
    }
}

/// Who answers, in words.
fn professions_words(desk: &Desk, locale: Locale) -> String {
    let word = |profession: &Profession| texts::municipal(&format!("profession.{}", profession.key()), locale);
    let words: Vec<&str> = desk.professions.iter().map(word).collect();
    words.join(if locale == Locale::En { ", " } else { "、" })
}

/// `月〜金 8:30〜17:15`
fn hours_words(content: &Content, hours: &Hours, locale: Locale) -> String {
    let tilde = if locale == Locale::En { "-" } else { "〜" };
    let mut days = String::new();
    for part in hours.days.split(',') {
        let name = |day: &str| content.word(&format!("day.{}", day.trim()), locale).into_owned();
        let words = match part.split_once('-') {
            Some((first, last)) => format!("{}{tilde}{}", name(first), name(last)),
            None => name(part),
        };
        if !days.is_empty() {
            days.push_str(if locale == Locale::En { ", " } else { "・" });
        }
        days.push_str(&words);
    }
    format!("{days} {}{tilde}{}", hours.from, hours.to)
}
