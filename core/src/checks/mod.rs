//! Self-check (できたね!チェック): what a child does at this age, what comes next, and when to offer an open ear.
//!
//! | module | idea |
//! |---|---|
//! | [`bands`] | which check is due when; corrected age |
//! | [`mod@asked`] | what a check asks, and what first |
//! | [`answers`] | what carers answered, sitting by sitting; both keep their own |
//! | [`mod@offer`] | the rule table: none, look again, the desk, soon |
//! | [`trend`] | an area's history, in words |
//!
//! No score, no label, no percentage: nothing here counts how much of a check was answered with yes.

pub mod answers;
pub mod asked;
pub mod bands;
pub mod offer;
pub mod trend;

pub use answers::{Answer, Became, Seen, Sitting, seen};
pub use asked::{Asked, asked};
pub use bands::{CheckWindow, Child};
pub use offer::{Offer, Reason, offer, offer_of};

use std::collections::BTreeSet;

use crate::content::Content;
use crate::content::item::{Area, CheckItem};

/// What a check shows: strengths first.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome<'c> {
    /// What the child does.
    pub strengths: Vec<Seen<'c>>,
    /// What is beginning: seen sometimes.
    pub beginning: Vec<Seen<'c>>,
    /// What is still to come, or what nobody has looked at yet, with how to play.
    pub coming: Vec<Seen<'c>>,
    /// What was seen before and is not now; a carer is asked what became of it before it counts.
    pub asked_back: Vec<&'c CheckItem>,
    /// What later checks ask and has not been seen yet: the nearest of each area.
    pub ahead: Vec<&'c CheckItem>,
    /// What is offered.
    pub offer: Offer,
}

/// The result of a check, from all sittings of a child.
pub fn outcome<'c>(content: &'c Content, child: &Child, check: u32, sittings: &[Sitting]) -> Outcome<'c> {
    let answered = seen(content, check, sittings);
    let offer = offer_of(content, child, check, &answered, sittings);
    let asked_back = answered
        .iter()
        .filter(|answered| offer::asked_back(answered, sittings) == Some(None))
        .map(|answered| answered.item)
        .collect();
    let (strengths, rest): (Vec<_>, Vec<_>) = answered.into_iter().partition(|one| one.shown == Answer::Yes);
    let (beginning, mut coming): (Vec<_>, Vec<_>) = rest.into_iter().partition(|one| one.shown == Answer::Sometimes);
    coming.sort_by_key(|answered| answered.shown);
    let done: BTreeSet<&str> = sittings
        .iter()
        .flat_map(|sitting| &sitting.answers)
        .filter(|(_, answer)| **answer == Answer::Yes)
        .map(|(item, _)| item.as_str())
        .collect();
    // What later checks bring, nearest first: nothing that this one asks, nothing that most had come to before.
    let later = content.checks().bands.iter().filter(|band| **band > check).flat_map(|band| content.items_of(*band));
    let new: Vec<&CheckItem> = later
        .filter(|item| item.range.1 > check + 1 && !item.bands.contains(&check) && !done.contains(item.id.as_str()))
        .collect();
    let ahead = Area::ALL.into_iter().filter_map(|area| new.iter().find(|item| item.area == area).copied()).collect();
    Outcome { strengths, beginning, coming, asked_back, ahead, offer }
}
