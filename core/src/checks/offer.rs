//! The rule table. Which rows hold, and what they lead to; the thresholds are data (`content/checks/rules.toml`).

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};

use super::answers::{Answer, Became, Seen, Sitting, seen};
use super::bands::Child;
use crate::content::Content;
use crate::content::item::{AgeBand, Before, CheckItem, CheckRules, OfferKind, OfferRule};

/// Why something is offered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reason {
    /// Key of the row; its words stand under `check.because.KEY`.
    pub rule: String,
    /// The item, if it is about one.
    pub item: Option<String>,
}

/// What is offered, and why.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Offer {
    /// How near the desk is brought.
    pub kind: OfferKind,
    /// The rows that hold for this kind.
    pub because: Vec<Reason>,
    /// For "look again": from when.
    pub again_from: Option<NaiveDate>,
}

/// Everything that a row may ask about one item.
struct ItemFacts<'a> {
    seen: &'a Seen<'a>,
    place: AgeBand,
    gone: bool,
    still_not_yet: bool,
}

/// The offer of a check. Rows of all items, boxes and the worry box are looked at; the greatest kind wins.
pub fn offer(content: &Content, child: &Child, check: u32, sittings: &[Sitting]) -> Offer {
    offer_of(content, child, check, &seen(content, check, sittings), sittings)
}

/// The same for items that have been gathered already.
pub fn offer_of(content: &Content, child: &Child, check: u32, answered: &[Seen<'_>], sittings: &[Sitting]) -> Offer {
    let rules = content.checks();
    // Only answers that a row asks for need their history.
    let asked = |one: &&Seen<'_>| rules.rule.iter().any(|rule| rule.answer.as_deref() == Some(one.shown.key()));
    let facts: Vec<ItemFacts<'_>> =
        answered.iter().filter(asked).map(|answered| facts(rules, child, answered, sittings)).collect();
    // A box or a worry stands until the carer takes it back, however many sittings follow.
    let own: Vec<&Sitting> = sittings.iter().filter(|sitting| sitting.check == check).collect();
    let notices: BTreeSet<&str> = own.iter().flat_map(|sitting| &sitting.notices).map(String::as_str).collect();
    let worried = own.iter().any(|sitting| !sitting.worry.trim().is_empty());
    let mut found: Vec<(OfferKind, Reason)> = Vec::new();
    let by_age = |rule: &OfferRule| rule.age.is_some_and(|age| age >= AgeBand::Passed);
    for rule in rules.rule.iter().filter(|rule| !(child.without_ages && by_age(rule))) {
        let mut add = |item: Option<&CheckItem>| {
            let reason = Reason { rule: rule.id.clone(), item: item.map(|item| item.id.clone()) };
            found.push((rule.offer, reason));
        };
        if let Some(answer) = rule.answer.as_deref().and_then(Answer::from_key) {
            let holding: Vec<&CheckItem> =
                facts.iter().filter(|one| holds(rule, answer, one)).map(|facts| facts.seen.item).collect();
            let together = |item: &CheckItem| holding.iter().filter(|other| other.area == item.area).count();
            holding.iter().filter(|item| together(item) >= rule.together).for_each(|item| add(Some(item)));
        } else if rule.notice.as_deref().is_some_and(|notice| notices.contains(notice)) || (rule.worry && worried) {
            add(None);
        }
    }
    let kind = found.iter().map(|(kind, _)| *kind).max().unwrap_or_default();
    let because = found.into_iter().filter(|(of, _)| *of == kind).map(|(_, reason)| reason).collect();
    let again = || answered.iter().filter(|answered| answered.shown == Answer::NotYet).filter_map(Seen::on).max();
    let again_from = (kind == OfferKind::Repeat).then(again).flatten().map(|on| on + repeat_after(rules));
    Offer { kind, because, again_from }
}

/// "Some weeks" later.
fn repeat_after(rules: &CheckRules) -> Days {
    Days::new(u64::from(rules.repeat_after_days))
}

fn holds(rule: &OfferRule, answer: Answer, facts: &ItemFacts<'_>) -> bool {
    facts.seen.shown == answer
        && rule.age.is_none_or(|age| facts.place >= age)
        && rule.signal.as_ref().is_none_or(|signal| facts.seen.item.signal.as_ref() == Some(signal))
        && match rule.before {
            None => true,
            Some(Before::Gone) => facts.gone,
            Some(Before::StillNotYet) => facts.still_not_yet,
        }
}

/// Where an age lies against an item's range.
pub(super) fn place(rules: &CheckRules, child: &Child, item: &CheckItem, on: NaiveDate) -> AgeBand {
    let (late, long_late) = item.late.unwrap_or((item.range.1, item.range.1));
    match child.months_on(rules, on) {
        Some(months) if months > long_late => AgeBand::LongLate,
        Some(months) if months > late => AgeBand::Late,
        Some(months) if months > item.range.1 => AgeBand::Passed,
        Some(months) if months == item.range.1 => AgeBand::Reached,
        _ => AgeBand::Any,
    }
}

fn facts<'a>(rules: &CheckRules, child: &Child, seen: &'a Seen<'a>, sittings: &[Sitting]) -> ItemFacts<'a> {
    let on = seen.on().unwrap_or_default();
    let answer_of = |sitting: &Sitting| sitting.answers.get(&seen.item.id).copied();
    let gone = asked_back(seen, sittings).is_some_and(|said| said == Some(Became::Gone));
    let still_not_yet = sittings.iter().any(|sitting| {
        sitting.on + repeat_after(rules) <= on
            && answer_of(sitting) == Some(Answer::NotYet)
            && place(rules, child, seen.item, sitting.on) >= AgeBand::Passed
    });
    ItemFacts { seen, place: place(rules, child, seen.item, on), gone, still_not_yet }
}

/// What a carer who says "not yet" now, and had seen it before, says of that: `None` if there is nothing to ask,
/// `Some(None)` if nobody has asked yet.
pub fn asked_back(seen: &Seen<'_>, sittings: &[Sitting]) -> Option<Option<Became>> {
    let item = &seen.item.id;
    let on = seen.on().filter(|_| seen.item.core && seen.shown == Answer::NotYet)?;
    let carers = seen.by.iter().filter(|(_, answer, _)| *answer == Answer::NotYet).map(|(carer, ..)| carer);
    let had_seen = |carer: &&String| {
        let mut own = sittings.iter().filter(|sitting| sitting.carer == **carer);
        own.any(|sitting| sitting.on < on && sitting.answers.get(item) == Some(&Answer::Yes))
    };
    let lost: Vec<&String> = carers.filter(had_seen).collect();
    if lost.is_empty() {
        return None;
    }
    // The last word of those carers, given with this answer or after it.
    let said = sittings.iter().filter(|sitting| sitting.on >= on && lost.contains(&&sitting.carer));
    Some(
        said.filter_map(|sitting| sitting.became.get(item).map(|became| (sitting.on, *became)))
            .max()
            .map(|(_, said)| said),
    )
}
