//! Parsers of argument values; each names what it allows.

use ayumi_core::app::ports::{Clock, SystemClock};
use ayumi_core::app::{
    Area, EndReason, EntryName, Gestation, Locale, Measure, NotebookId, Reference, Role, Sex, day_named, parse_date,
};
use chrono::NaiveDate;

/// A day as it is written, or as it is said: 昨日 counts from `--today`, or from the clock.
pub(crate) fn date(text: &str) -> Result<NaiveDate, String> {
    day_named(text, today()).ok_or_else(|| "allowed: a date such as 2024-05-03, 令和6年5月3日 or 昨日".into())
}

/// A day as it is written.
pub(crate) fn calendar_day(text: &str) -> Result<NaiveDate, String> {
    parse_date(text).ok_or_else(|| "allowed: a date such as 2024-05-03 or 令和6年5月3日".into())
}

/// The day that the command takes for today. Values are read one by one, in any order, so that it is looked for by itself.
fn today() -> NaiveDate {
    let arguments: Vec<String> = std::env::args().take_while(|argument| argument != "--").collect();
    let behind = arguments.windows(2).find(|pair| pair[0] == "--today").map(|pair| pair[1].as_str());
    let given = behind.or_else(|| arguments.iter().find_map(|argument| argument.strip_prefix("--today=")));
    given.and_then(parse_date).unwrap_or_else(|| SystemClock.today())
}

pub(crate) fn gestation(text: &str) -> Result<Gestation, String> {
    Gestation::parse(text).ok_or_else(|| "allowed: weeks and days such as 38w2d, up to 45w0d".into())
}

pub(crate) fn notebook_id(text: &str) -> Result<NotebookId, String> {
    text.parse().map_err(|_| "allowed: a notebook's id, as in \"ayumi notebook list\"".into())
}

pub(crate) fn entry_name(text: &str) -> Result<EntryName, String> {
    text.parse().map_err(|_| "allowed: an entry's id, as in \"ayumi entry list\", or NOTEBOOK:KIND:ID".into())
}

pub(crate) fn locale(text: &str) -> Result<Locale, String> {
    Locale::from_key(text).ok_or_else(|| "allowed: ja, ja-easy, en".into())
}

pub(crate) fn sex(text: &str) -> Result<Sex, String> {
    Sex::from_key(text).ok_or_else(|| "allowed: female, male, unspecified".into())
}

pub(crate) fn reason(text: &str) -> Result<EndReason, String> {
    match text {
        "loss" => Ok(EndReason::Loss),
        "death" => Ok(EndReason::Death),
        _ => Err("allowed: loss, death".into()),
    }
}

pub(crate) fn reference(text: &str) -> Result<Reference, String> {
    Reference::from_key(text).ok_or_else(|| "allowed: jp2023, jp2000, who".into())
}

pub(crate) fn measure(text: &str) -> Result<Measure, String> {
    let keys = || Measure::ALL.map(Measure::key).join(", ");
    Measure::from_key(text).ok_or_else(|| format!("allowed: {}", keys()))
}

pub(crate) fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("allowed: FIELD=VALUE, such as weight=7.35")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}

pub(crate) fn child(text: &str) -> Result<(String, Sex), String> {
    let (name, key) = text.rsplit_once(':').ok_or("allowed: NAME:female, NAME:male or NAME:unspecified")?;
    Ok((name.to_owned(), sex(key)?))
}

pub(crate) fn area(text: &str) -> Result<Area, String> {
    let area = Area::ALL.into_iter().find(|area| area.key() == text);
    area.ok_or_else(|| "allowed: motor, language, social, daily_life".into())
}

pub(crate) fn role(text: &str) -> Result<Role, String> {
    Role::from_key(text).ok_or_else(|| "allowed: owner, writer, reader".into())
}
