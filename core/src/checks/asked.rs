//! What a check asks: its own items, what was "not yet" in an earlier one, and which come first.

use std::collections::{BTreeMap, BTreeSet};

use super::answers::{Answer, Sitting, seen_in, sittings_of};
use super::bands::Child;
use super::offer::place;
use crate::content::Content;
use crate::content::item::{AgeBand, Area, CheckItem};

/// An item as a check asks it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Asked<'c> {
    /// The item.
    pub item: &'c CheckItem,
    /// Whether it comes again from an earlier check.
    pub carried: bool,
    /// Whether it is one of those that are asked first.
    pub first: bool,
}

/// Everything that a check asks of a child, area by area; in each area first what comes again.
pub fn asked<'c>(content: &'c Content, child: &Child, check: u32, sittings: &[Sitting]) -> Vec<Asked<'c>> {
    let again = carried(content, child, check, sittings);
    let own = sittings_of(check, sittings);
    let one = |item, carried| Asked { item, carried, first: false };
    let mut all: Vec<Asked<'c>> = Vec::new();
    for area in Area::ALL {
        let of = |item: &&CheckItem| item.area == area;
        all.extend(again.iter().copied().filter(of).map(|item| one(item, true)));
        all.extend(content.items_of(check).filter(of).map(|item| one(item, false)));
    }
    let next = content.checks().bands.iter().find(|band| **band > check).map_or(content.checks().end, |band| *band);
    for place in first(&all, next, content.checks().first) {
        if let Some(asked) = all.get_mut(place) {
            asked.first = true;
        }
    }
    // Where something comes again, or is "not yet" as its range ends, what else could be comes too: one alone says
    // little.
    let over = |item| seen_in(item, &own).filter(|seen| seen.shown == Answer::NotYet).and_then(|seen| seen.on());
    let over = |item| over(item).is_some_and(|on| place(content.checks(), child, item, on) >= AgeBand::Reached);
    let looked_at: BTreeSet<Area> = all
        .iter()
        .filter(|asked| asked.carried || (asked.first && over(asked.item)))
        .map(|asked| asked.item.area)
        .collect();
    for asked in all.iter_mut().filter(|asked| looked_at.contains(&asked.item.area)) {
        asked.first |= asked.carried || asked.item.range.1 < next;
    }
    all
}

/// What was "not yet" with its range over when it was last asked, and is not asked by this check itself: of each area
/// the few whose range has been over for longest.
fn carried<'c>(content: &'c Content, child: &Child, check: u32, sittings: &[Sitting]) -> Vec<&'c CheckItem> {
    let mut before: Vec<&Sitting> = sittings.iter().filter(|sitting| sitting.check < check).collect();
    before.sort_by_key(|sitting| (sitting.on, sitting.check));
    let mut open: BTreeMap<&str, &'c CheckItem> = BTreeMap::new();
    // Most answers are yes: only what somebody has not seen once is looked up in all sittings.
    let not_yet = before.iter().flat_map(|sitting| &sitting.answers).filter(|(_, answer)| **answer == Answer::NotYet);
    for (id, _) in not_yet {
        if let Some(item) = content.item(id).filter(|item| !item.bands.contains(&check)) {
            open.insert(&item.id, item);
        }
    }
    let still = |item: &&'c CheckItem| {
        let Some(seen) = seen_in(item, &before).filter(|seen| seen.shown == Answer::NotYet) else { return false };
        seen.on().is_some_and(|on| place(content.checks(), child, item, on) >= AgeBand::Passed)
    };
    let mut open: Vec<&'c CheckItem> = open.into_values().filter(still).collect();
    open.sort_by_key(|item| (item.area, item.range.1));
    let mut kept: BTreeMap<Area, usize> = BTreeMap::new();
    open.retain(|item| {
        let of_area = kept.entry(item.area).or_default();
        *of_area += 1;
        *of_area <= content.checks().carried
    });
    open
}

/// Places of those that are asked first: turn by turn of each area; there what comes again, then what most children
/// come to before the next check, then what should not be lost.
fn first(all: &[Asked<'_>], next: u32, many: usize) -> Vec<usize> {
    let mut areas: Vec<Vec<usize>> = Area::ALL
        .into_iter()
        .map(|area| (0..all.len()).filter(|at| all.get(*at).is_some_and(|asked| asked.item.area == area)).collect())
        .collect();
    for places in &mut areas {
        places.sort_by_key(|at| {
            all.get(*at).map(|asked| (!asked.carried, asked.item.range.1 >= next, !asked.item.core, asked.item.range.1))
        });
    }
    let longest = areas.iter().map(Vec::len).max().unwrap_or_default();
    (0..longest).flat_map(|turn| areas.iter().filter_map(move |places| places.get(turn))).copied().take(many).collect()
}
