//! The reasons of notices, in three languages.

use chrono::NaiveDate;

use super::audience::Because;
use crate::content::{Content, in_locale};
use crate::texts::{self, Locale};

/// Says why a predicate holds, or why it does not.
pub fn because_words(content: &Content, because: &Because, holds: bool, today: NaiveDate, locale: Locale) -> String {
    let key = key(because, holds);
    let words = texts::municipal(&key, locale);
    match because {
        Because::Age(name, born) => {
            let child = match name.as_deref() {
                Some(name) if locale == Locale::En => name.to_owned(),
                Some(name) => format!("{name}さん"),
                None => texts::municipal("notice.your_child", locale).to_owned(),
            };
            let age = texts::age_words(*born, today, locale).unwrap_or_default();
            words.replace("{child}", &child).replace("{age}", &age)
        }
        Because::Pregnancy(weeks) => words.replace("{weeks}", &weeks.to_string()),
        Because::Area(area) => words.replace("{area}", &area_words(content, area, locale)),
        Because::AreaUnknown(areas) => {
            let names: Vec<String> = areas.iter().map(|area| area_words(content, area, locale)).collect();
            words.replace("{area}", &names.join(texts::municipal("notice.area.and", locale)))
        }
        Because::Language(code) => words.replace("{language}", &language_words(code, locale)),
        Because::Missing(event) => words.replace("{entry}", &content.word(&format!("event.{event}"), locale)),
        _ => words.to_owned(),
    }
}

/// The key of a reason's words.
fn key(because: &Because, holds: bool) -> String {
    let name = match because {
        Because::Age(..) => "age",
        Because::NoChild => "no_child",
        Because::Pregnancy(_) => "pregnancy",
        Because::NoPregnancy => "no_pregnancy",
        Because::Area(_) => "area",
        Because::AreaUnknown(_) => "area_unknown",
        Because::Language(_) => "language",
        Because::FirstChild => "first_child",
        Because::LaterChild => "later_child",
        Because::Multiple => "multiple",
        Because::Single => "single",
        Because::Missing(_) => "missing",
        Because::Everyone => "everyone",
        Because::SeenBefore => "seen",
        Because::Loss => "loss",
    };
    format!("notice.{}.{name}", if holds { "because" } else { "not" })
}

/// The name of an area, as the municipality's pack has it; its key if there is none.
fn area_words(content: &Content, area: &str, locale: Locale) -> String {
    let known = content.municipal().and_then(|pack| pack.area.iter().find(|known| known.id == area));
    known.map_or_else(|| area.to_owned(), |known| in_locale(&known.name, locale).to_owned())
}

/// A language by its own name; its code if nobody has written one.
fn language_words(code: &str, locale: Locale) -> String {
    let words = texts::municipal(&format!("language.{code}"), locale);
    if words.is_empty() { code.to_owned() } else { words.to_owned() }
}
