//! What carers answered. Each sitting is kept as it was; a later one of the same carer is shown, another carer's stays
//! beside it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::content::Content;
use crate::content::item::CheckItem;
use crate::model::{Invalid, Reason};

/// An answer about one item; a smaller one is shown when carers differ, because one of them has seen it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "CheckAnswer"))]
pub enum Answer {
    /// できた
    Yes,
    /// ときどき
    Sometimes,
    /// まだ
    NotYet,
    /// わからない
    Unsure,
}

impl Answer {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Yes, Self::Sometimes, Self::NotYet, Self::Unsure];

    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Sometimes => "sometimes",
            Self::NotYet => "notyet",
            Self::Unsure => "unsure",
        }
    }

    /// Reads what a person typed for an item.
    ///
    /// # Errors
    /// [`Invalid`] with the item and the answers there are.
    pub fn read(item: &str, typed: &str) -> Result<Self, Invalid> {
        Self::from_key(typed)
            .ok_or_else(|| Invalid::new(item, typed, "yes, sometimes, notyet or unsure").because(Reason::NotAnOption))
    }

    /// From its key, or from the word on the button.
    pub fn from_key(key: &str) -> Option<Self> {
        match key.trim() {
            "yes" | "できた" | "はい" => Some(Self::Yes),
            "sometimes" | "ときどき" => Some(Self::Sometimes),
            "notyet" | "not yet" | "まだ" => Some(Self::NotYet),
            "unsure" | "わからない" => Some(Self::Unsure),
            _ => None,
        }
    }
}

/// What a carer says of something that the child did before and does not do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Became {
    /// The child has stopped doing it.
    Gone,
    /// Only by chance today.
    ByChance,
    /// The answer before was mistaken.
    Mistaken,
}

impl Became {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 3] = [Self::Gone, Self::ByChance, Self::Mistaken];

    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::ByChance => "by_chance",
            Self::Mistaken => "mistaken",
        }
    }

    /// Reads what a person typed for an item.
    ///
    /// # Errors
    /// [`Invalid`] with the item and the words there are.
    pub fn read(item: &str, typed: &str) -> Result<Self, Invalid> {
        Self::from_key(typed).ok_or_else(|| Invalid::new(item, typed, "gone, by_chance or mistaken"))
    }

    /// Reads it from its key.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|became| became.key() == key.trim())
    }
}

/// One carer's answers of one day to one check.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sitting {
    /// The check.
    pub check: u32,
    /// Local date of the sitting.
    pub on: NaiveDate,
    /// Who answered.
    pub carer: String,
    /// Answers by item.
    pub answers: BTreeMap<String, Answer>,
    /// By item: what became of something that was seen before.
    pub became: BTreeMap<String, Became>,
    /// Boxes that were ticked.
    pub notices: Vec<String>,
    /// What was written in the worry box.
    pub worry: String,
}

/// An item with what was answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen<'c> {
    /// The item.
    pub item: &'c CheckItem,
    /// The answer that is shown.
    pub shown: Answer,
    /// Each carer's own last answer and its day.
    pub by: Vec<(String, Answer, NaiveDate)>,
}

impl Seen<'_> {
    /// Whether carers see it differently.
    pub fn differs(&self) -> bool {
        self.by.iter().any(|(_, answer, _)| *answer != self.shown)
    }

    /// The last day on which the shown answer was given.
    pub fn on(&self) -> Option<NaiveDate> {
        self.by.iter().filter(|(_, answer, _)| *answer == self.shown).map(|(_, _, on)| *on).max()
    }
}

/// The answered items of a check, in its order; those that came again from an earlier check after its own.
pub fn seen<'c>(content: &'c Content, check: u32, sittings: &[Sitting]) -> Vec<Seen<'c>> {
    let own = sittings_of(check, sittings);
    let answered: BTreeSet<&str> = own.iter().flat_map(|sitting| sitting.answers.keys()).map(String::as_str).collect();
    let again = answered.iter().filter_map(|id| content.item(id)).filter(|item| !item.bands.contains(&check));
    content.items_of(check).chain(again).filter_map(|item| seen_in(item, &own)).collect()
}

/// The sittings of a check, in the order of their days.
pub(super) fn sittings_of(check: u32, sittings: &[Sitting]) -> Vec<&Sitting> {
    let mut own: Vec<&Sitting> = sittings.iter().filter(|sitting| sitting.check == check).collect();
    own.sort_by_key(|sitting| sitting.on);
    own
}

/// What sittings, in the order of their days, say of one item.
pub(super) fn seen_in<'c>(item: &'c CheckItem, sittings: &[&Sitting]) -> Option<Seen<'c>> {
    let mut by: Vec<(String, Answer, NaiveDate)> = Vec::new();
    for sitting in sittings {
        let Some(answer) = sitting.answers.get(&item.id) else { continue };
        match by.iter_mut().find(|(carer, ..)| *carer == sitting.carer) {
            Some(known) => (known.1, known.2) = (*answer, sitting.on),
            None => by.push((sitting.carer.clone(), *answer, sitting.on)),
        }
    }
    let shown = by.iter().map(|(_, answer, _)| *answer).min()?;
    Some(Seen { item, shown, by })
}
