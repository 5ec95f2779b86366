//! One format for all content: a TOML file with a head and the parts it brings.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::desk::Desk;
use super::event::AgendaRules;
use super::item::{CheckItem, CheckRules};
use super::lead::LeadRules;
use super::moment::Moment;
use super::notice::Notice;
use super::series::{Day, VaccineRules};
use super::words::Words;
use crate::furigana;

/// Version of the format; a greater one is refused.
pub const FORMAT: u32 = 1;
/// A pack is at most so long.
pub const MAX_BYTES: usize = 2 * 1024 * 1024;

/// What a pack is.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackHead {
    /// Stable key, such as `jp.131130.handbook`.
    pub id: String,
    /// Rises with each edition; an older one never replaces a newer one.
    pub version: u32,
    /// Its name.
    pub name: Words,
    /// Municipality code (全国地方公共団体コード), five or six digits, as text.
    #[serde(default)]
    pub municipality: Option<String>,
    /// First day on which it holds.
    #[serde(default)]
    pub valid_from: Option<Day>,
    /// Last day on which it was checked for.
    #[serde(default)]
    pub valid_to: Option<Day>,
    /// The municipality's server for handbooks.
    #[serde(default)]
    pub server: Option<PackServer>,
}

/// Which server a pack speaks of, and the key by which a phone knows it. It counts in a signed pack only.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackServer {
    /// Its address: `https://ayumi.city.example`.
    pub address: String,
    /// The first sixteen letters of the hash of its present key.
    pub key: String,
}

/// How many letters of the hash of a server's key a pack has.
pub const KEY_LETTERS: usize = 16;
/// The letters of such a key, without those that are read for others.
pub const LETTERS: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// How a municipality runs an event of the national list.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventSettings {
    /// Key of the event.
    pub event: String,
    /// Whether it is offered here.
    #[serde(default = "yes")]
    pub offered: bool,
    /// First day here.
    #[serde(default)]
    pub from: Option<Moment>,
    /// Last day here.
    #[serde(default)]
    pub to: Option<Moment>,
    /// Where and how.
    #[serde(default)]
    pub how: Option<Words>,
    /// Desk that answers questions.
    #[serde(default)]
    pub desk: Option<String>,
}

const fn yes() -> bool {
    true
}

/// A part of a municipality, such as a school district.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AreaName {
    /// Stable key.
    pub id: String,
    /// Its name.
    pub name: Words,
}

/// A pack of content.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    /// Version of the format.
    pub format: u32,
    /// What it is.
    pub pack: PackHead,
    /// Bands and rules of the self-check: only the built-in pack has them.
    #[serde(default)]
    pub checks: Option<CheckRules>,
    /// Items of the self-check; one with a known id replaces it.
    #[serde(default)]
    pub item: Vec<CheckItem>,
    /// Items that are not asked here.
    #[serde(default)]
    pub without_items: Vec<String>,
    /// Vaccination rules: only the built-in pack has them.
    #[serde(default)]
    pub vaccines: Option<VaccineRules>,
    /// What must not stay silent: only the built-in pack has it.
    #[serde(default)]
    pub leads: Option<LeadRules>,
    /// Events: only the built-in pack has them.
    #[serde(default)]
    pub agenda: Option<AgendaRules>,
    /// How the municipality runs them.
    #[serde(default)]
    pub programme: Vec<EventSettings>,
    /// Desks; one with a known id replaces it.
    #[serde(default)]
    pub desk: Vec<Desk>,
    /// Parts of the municipality, of which a carer chooses one.
    #[serde(default)]
    pub area: Vec<AreaName>,
    /// Notices.
    #[serde(default)]
    pub notice: Vec<Notice>,
    /// Words; a known key replaces ours.
    #[serde(default)]
    pub words: BTreeMap<String, Words>,
}

/// Why a pack cannot be used: where, and what.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub struct PackProblem {
    /// `line 12`, or the part it concerns.
    pub place: String,
    /// What is wrong and what to write.
    pub what: String,
}

impl PackProblem {
    pub(crate) fn new(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into() }
    }
}

/// Reads a pack's form; [`super::validate`] says what is wrong with its content.
///
/// # Errors
/// The place where the file cannot be read, or that it is newer than this app.
pub fn parse(text: &str) -> Result<Pack, PackProblem> {
    if text.len() > MAX_BYTES {
        return Err(PackProblem::new("file", format!("longer than {MAX_BYTES} bytes")));
    }
    let pack = form(&furigana::plain(text))?;
    if pack.format > FORMAT {
        return Err(PackProblem::new("format", format!("{} is newer than this app; please update it", pack.format)));
    }
    Ok(pack)
}

fn at(text: &str, error: &toml::de::Error) -> PackProblem {
    let line = error.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
    let place = line.map_or_else(|| "file".to_owned(), |line| format!("line {line}"));
    PackProblem::new(place, error.message().replace('\n', " "))
}

/// For who writes packs: every problem with its line.
#[cfg(feature = "authoring")]
fn form(text: &str) -> Result<Pack, PackProblem> {
    toml::from_str(text).map_err(|error| at(text, &error))
}

/// On a phone, where nobody writes packs: a wrong value is reported without its line, for a fifth of a megabyte less of
/// readers.
#[cfg(not(feature = "authoring"))]
fn form(text: &str) -> Result<Pack, PackProblem> {
    let value: serde_json::Value = toml::from_str(text).map_err(|error| at(text, &error))?;
    serde_json::from_value(value).map_err(|error| PackProblem::new("file", error.to_string()))
}
