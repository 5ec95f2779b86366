//! Desks as people see them: name, ways, hours, whether somebody is there now.

use chrono::NaiveDateTime;

use crate::app::error::Result;
use crate::app::handbook::Handbook;
use crate::app::records::words::long_date;
use crate::content::desk::{Desk, Hours};
use crate::content::{Content, in_locale};
use crate::texts::Locale;

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
    /// A sentence about it.
    pub about: String,
    /// "No reason needed."
    pub no_reason: String,
    /// Ways, the easiest first.
    pub ways: Vec<WayView>,
    /// Hours in words.
    pub hours: Vec<String>,
    /// Whether it is open now; unknown where no hours are given.
    pub open_now: Option<bool>,
    /// The same in words, with the next opening.
    pub state: String,
    /// Who can be asked meanwhile, if it is closed.
    pub meanwhile: Vec<DeskView>,
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
    /// The desk for a topic (`development`, `pregnancy`), and who is there while it is closed.
    ///
    /// # Errors
    /// Any [store error](crate::app::Error#store-errors).
    pub fn find(&self, topic: &str) -> Result<Option<DeskView>> {
        Ok(find(&*self.handbook.content()?, topic, self.handbook.now_in_japan(), self.handbook.locale()))
    }
}

pub(in crate::app) fn find(content: &Content, topic: &str, now: NaiveDateTime, locale: Locale) -> Option<DeskView> {
    let desk = *content.desks(topic, now.date()).first()?;
    let mut found = view(content, desk, now, locale);
    if found.open_now != Some(true) {
        let night = content.desks("night", now.date());
        // One that is closed too is no help.
        let others = night.into_iter().filter(|other| other.id != desk.id && other.is_open(now) != Some(false));
        found.meanwhile = others.map(|other| view(content, other, now, locale)).collect();
    }
    Some(found)
}

fn view(content: &Content, desk: &Desk, now: NaiveDateTime, locale: Locale) -> DeskView {
    let words = |words: &Option<crate::content::Words>| {
        words.as_ref().map(|words| in_locale(words, locale).to_owned()).unwrap_or_default()
    };
    let way = |way: &crate::content::desk::Way| WayView {
        kind: way.kind.clone(),
        label: content.word(&format!("way.{}", way.kind), locale).into_owned(),
        value: way.value.clone(),
        note: words(&way.note),
    };
    let open_now = desk.is_open(now);
    let state = match open_now {
        Some(true) => content.word("desk.open", locale).into_owned(),
        Some(false) => {
            let next = desk.opens_next(now);
            let when = next.map(|at| format!("{} {}", long_date(at.date(), locale), at.format("%-H:%M")));
            content.word("desk.closed", locale).replace("{date}", &when.unwrap_or_default())
        }
        None => String::new(),
    };
    DeskView {
        id: desk.id.clone(),
        name: in_locale(&desk.name, locale).to_owned(),
        about: words(&desk.about),
        no_reason: content.word("desk.no_reason", locale).into_owned(),
        ways: desk.ways.iter().map(way).collect(),
        hours: desk.hours.iter().map(|hours| hours_words(content, hours, locale)).collect(),
        open_now,
        state,
        meanwhile: Vec::new(),
    }
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
