//! Content is data: what a child can do, vaccination rules, events, desks, words. Versioned, with sources; read when
//! first needed.
//!
//! | module | idea |
//! |---|---|
//! | [`pack`] | one format for all of it |
//! | [`moment`] | days in words: `attain 12`, `due - 56 days` |
//! | [`item`], [`series`], [`event`], [`lead`], [`desk`], [`profession`], [`notice`] | the parts |
//! | [`validate`] | what a pack must keep; run by the build for ours, again for each pack that is installed |
//! | [`signature`] | who made it |
//! | [`drawings`] | what a child does, as a picture |
//! | [`holidays`] | days on which an office is closed, as far as anybody has said |
//! | [`mod@guide`] | red flags, and what to do |
//! | [`release`] | what an edition must keep beside the one before |
//! | [`feed`] | how a municipality's content comes: verify, pin, roll over |
//!
//! [`Content`] is ours with a municipality's on top: it can replace items, words and desks and says which events it
//! offers. How to write a pack: `docs/content.md`.
//!
//! The build script compiles the parts, [`pack`], [`moment`] and [`validate`] too, to read our files as the app will.
//! So these files may use `model::law` and nothing else of the crate; only this file, [`drawings`], [`feed`], [`holidays`] and
//! [`signature`] may use more.

pub mod desk;
pub mod drawings;
pub mod event;
pub mod feed;
pub mod guide;
pub mod holidays;
pub mod item;
pub mod lead;
pub mod moment;
pub mod notice;
pub mod pack;
pub mod profession;
pub mod release;
pub mod series;
pub mod signature;
pub mod validate;
mod words;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::NaiveDate;
use once_cell::sync::Lazy;

use crate::packed::packed_text;
use crate::texts::{self, Locale};
use desk::{Desk, Topic};
use event::{AgendaRules, EventKind, ForWhom};
use item::{Area, CheckItem, CheckRules, Milestone};
use lead::{LeadRules, Own};
use pack::{EventSettings, Pack, PackProblem};
use series::VaccineRules;
pub use words::Words;

// The build's list of what `done_by` and the answers of `leads` name: each fails to compile if the model has no such kind, field or option.
include!(concat!(env!("OUT_DIR"), "/done_by.rs"));

static AREAS: [fn() -> String; 4] = [
    || packed_text!("checks/motor.toml"),
    || packed_text!("checks/language.toml"),
    || packed_text!("checks/social.toml"),
    || packed_text!("checks/daily_life.toml"),
];

/// One of our own files. The build has read each of them; an unreadable one cannot be shipped.
fn ours(text: &str) -> Option<Pack> {
    validate::read(text).ok()
}

static ITEMS: Lazy<Items> =
    Lazy::new(|| Items::new(AREAS.iter().filter_map(|text| ours(&text())).flat_map(|pack| pack.item).collect()));
static CHECKS: Lazy<CheckRules> = Lazy::new(|| {
    let none = CheckRules {
        bands: Vec::new(),
        end: 0,
        corrected_until: 0,
        repeat_after_days: 0,
        first: 0,
        carried: 0,
        notices: Vec::new(),
        avoid: Vec::new(),
        rule: Vec::new(),
    };
    ours(&packed_text!("checks/rules.toml")).and_then(|pack| pack.checks).unwrap_or(none)
});
static VACCINES: Lazy<Option<VaccineRules>> =
    Lazy::new(|| ours(&packed_text!("vaccines/rules.toml")).and_then(|pack| pack.vaccines));
static AGENDA: Lazy<Option<AgendaRules>> =
    Lazy::new(|| ours(&packed_text!("agenda/events.toml")).and_then(|pack| pack.agenda));
static LEADS: Lazy<LeadRules> = Lazy::new(|| {
    let none = LeadRules { own: Own { topic: Topic::General, kinds: Vec::new() }, rule: Vec::new() };
    ours(&packed_text!("leads/rules.toml")).and_then(|pack| pack.leads).unwrap_or(none)
});
static DESKS: Lazy<Vec<Desk>> =
    Lazy::new(|| ours(&packed_text!("agenda/desks.toml")).map(|pack| pack.desk).unwrap_or_default());

static GUIDE: Lazy<guide::Guide> = Lazy::new(|| {
    let value: serde_json::Value =
        toml::from_str(&crate::furigana::plain(&packed_text!("guide/flags.toml"))).unwrap_or_default();
    serde_json::from_value(value).unwrap_or_default()
});

/// The guide to red flags.
pub fn guide() -> &'static guide::Guide {
    &GUIDE
}

/// Rows of the sources of items.
pub fn milestones() -> BTreeMap<String, Milestone> {
    item::read_milestones(&packed_text!("checks/milestones.csv")).unwrap_or_default()
}

/// Items, and the ways to them: by check and by key.
#[derive(Debug)]
struct Items {
    all: Vec<CheckItem>,
    by_check: BTreeMap<u32, Vec<usize>>,
    by_id: HashMap<String, usize>,
}

impl Items {
    fn new(all: Vec<CheckItem>) -> Self {
        let mut by_check: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        // Area by area, as they are asked.
        for area in Area::ALL {
            for (place, item) in all.iter().enumerate().filter(|(_, item)| item.area == area) {
                item.bands.iter().for_each(|band| by_check.entry(*band).or_default().push(place));
            }
        }
        let by_id = all.iter().enumerate().map(|(place, item)| (item.id.clone(), place)).collect();
        Self { all, by_check, by_id }
    }
}

/// Everything that engines decide by: ours, and a municipality's on top.
#[derive(Debug, Clone, Default)]
pub struct Content {
    municipal: Option<Pack>,
    items: Option<Arc<Items>>,
}

impl Content {
    /// Ours with a municipality's pack on top.
    pub fn with(municipal: Option<Pack>) -> Self {
        let changed = municipal.as_ref().filter(|pack| !pack.item.is_empty() || !pack.without_items.is_empty());
        let items = changed.map(|pack| {
            let replaced = |item: &&CheckItem| {
                !pack.without_items.contains(&item.id) && !pack.item.iter().any(|own| own.id == item.id)
            };
            Arc::new(Items::new(ITEMS.all.iter().filter(replaced).chain(&pack.item).cloned().collect()))
        });
        Self { municipal, items }
    }

    /// The municipality's pack, if there is one.
    pub fn municipal(&self) -> Option<&Pack> {
        self.municipal.as_ref()
    }

    fn known(&self) -> &Items {
        self.items.as_deref().unwrap_or(&ITEMS)
    }

    /// Items of the self-check.
    pub fn items(&self) -> &[CheckItem] {
        &self.known().all
    }

    /// One of them.
    pub fn item(&self, id: &str) -> Option<&CheckItem> {
        let known = self.known();
        known.by_id.get(id).and_then(|place| known.all.get(*place))
    }

    /// Items of a check, area by area.
    pub fn items_of(&self, check: u32) -> impl Iterator<Item = &CheckItem> + Clone {
        let known = self.known();
        known.by_check.get(&check).into_iter().flatten().filter_map(|place| known.all.get(*place))
    }

    /// Bands and rules of the self-check.
    pub fn checks(&self) -> &CheckRules {
        &CHECKS
    }

    /// Vaccination rules.
    pub fn vaccines(&self) -> Option<&VaccineRules> {
        VACCINES.as_ref()
    }

    /// Events.
    pub fn agenda(&self) -> Option<&AgendaRules> {
        AGENDA.as_ref()
    }

    /// What must not stay silent, and whom it leads to.
    pub fn leads(&self) -> &LeadRules {
        &LEADS
    }

    /// The topic of desks whose way stands beside a kind, whatever is written in it.
    pub fn own_topic(&self, kind: &str) -> Option<Topic> {
        let own = &LEADS.own;
        own.kinds.iter().any(|known| known == kind).then_some(own.topic)
    }

    /// How the municipality runs an event.
    pub fn programme(&self, event: &str) -> Option<&EventSettings> {
        self.municipal.as_ref()?.programme.iter().find(|programme| programme.event == event)
    }

    /// Desks for a topic on a day: the municipality's first, then those of the whole country. A municipality's desk
    /// "town" takes the place of ours, which only says "the desk of your municipality".
    pub fn desks(&self, topic: Topic, day: NaiveDate) -> Vec<&Desk> {
        self.all_desks(day).into_iter().filter(|desk| desk.topics.contains(&topic)).collect()
    }

    /// The same for every topic.
    pub fn all_desks(&self, day: NaiveDate) -> Vec<&Desk> {
        let own = self.municipal.iter().flat_map(|pack| &pack.desk);
        let replaced =
            |desk: &&Desk| !self.municipal.iter().any(|pack| pack.desk.iter().any(|known| known.id == desk.id));
        let all = own.chain(DESKS.iter().filter(replaced));
        all.filter(|desk| desk.holds_on(day)).collect()
    }

    /// Words by key: the municipality's, else ours; empty if there are none.
    pub fn word(&self, key: &str, locale: Locale) -> Cow<'_, str> {
        match self.municipal.as_ref().and_then(|pack| pack.words.get(key)) {
            Some(words) => Cow::Borrowed(in_locale(words, locale)),
            None => Cow::Borrowed(texts::insight(key, locale)),
        }
    }
}

/// A text in one language.
pub fn in_locale(words: &Words, locale: Locale) -> &str {
    &words[locale as usize]
}

/// Reads a pack for this app and checks it beside what is there.
///
/// # Errors
/// Every problem that was found.
pub fn read_pack(text: &str) -> Result<Pack, Vec<PackProblem>> {
    let pack = pack::parse(text).map_err(|problem| vec![problem])?;
    let only_ours = [
        (pack.checks.is_some(), "checks"),
        (pack.vaccines.is_some(), "vaccines"),
        (pack.agenda.is_some(), "agenda"),
        (pack.leads.is_some(), "leads"),
    ];
    // All problems at once, so that a file is mended in one go.
    let mut problems = validate::problems(&pack);
    let foreign = only_ours.into_iter().filter(|(there, _)| *there).map(|(_, part)| {
        PackProblem::new(
            part,
            "rules come with the app; a municipality brings programme, desk, item, area, notice, words",
        )
    });
    problems.extend(foreign);
    let (milestones, words) = (milestones(), texts::insight_in_japanese());
    let events: BTreeSet<String> = AGENDA.iter().flat_map(|rules| &rules.event).map(|event| event.id.clone()).collect();
    let base =
        validate::Base { checks: &CHECKS, milestones: &milestones, items: &ITEMS.all, events: &events, words: &words };
    problems.extend(validate::against(&pack, &base));
    problems.extend(band_problems(&pack));
    problems.extend(missing_problems(&pack));
    if problems.is_empty() { Ok(pack) } else { Err(problems) }
}

/// What a notice may miss: a check-up of a child whose entry says that it is done.
fn missing_problems(pack: &Pack) -> Vec<PackProblem> {
    let known = |id: &str| {
        let event = AGENDA.iter().flat_map(|rules| &rules.event).find(|event| event.id == id);
        event.is_some_and(|event| {
            event.kind == EventKind::Checkup && event.whom == ForWhom::Child && event.done_by.is_some()
        })
    };
    let wrong = pack.notice.iter().filter_map(|notice| {
        let missing = notice.audience.missing.as_ref().filter(|missing| !known(&missing.event))?;
        let what = format!("missing \"{}\": a check-up of a child, such as \"WC_18M\"", missing.event);
        Some(PackProblem::new(format!("notice \"{}\"", notice.key()), what))
    });
    wrong.collect()
}

/// With the pack, each check still has something to ask in each area.
fn band_problems(pack: &Pack) -> Vec<PackProblem> {
    let content = Content::with(Some(pack.clone()));
    let mut found = Vec::new();
    for band in CHECKS.bands.iter().filter(|band| **band >= 12) {
        for area in Area::ALL {
            let count = content.items_of(*band).filter(|item| item.area == area).count();
            if count == 0 || count > 8 {
                found.push(PackProblem::new(
                    format!("check of {band} months"),
                    format!("{} would have {count} items; 3 to 5 is good, 1 to 8 is possible", area.key()),
                ));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests;
