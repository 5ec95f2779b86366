//! Which of an author's envelopes stand. By the envelopes that they name as their previous ones they are a tree: one line, unless
//! the author sealed something anew, or signed two envelopes for one place.
//!
//! - An envelope is *valid* if its author could write at the control head that it names. Of a time that a cutoff ended, only the
//!   envelopes that the cutoff names are, and those that lead up to one of them.
//! - It *stands* if it is valid, the one before it stands, and no valid one behind that same one has a greater attempt.
//!
//! Of two with the same attempt both stand, and both lines' words count: it is their author who spoke with two tongues. Nothing
//! hangs on when or where an envelope came, so everybody who has the same ones shows the same.

use std::collections::BTreeMap;

use crate::key::{Hash, KeyId};
use crate::notebook::control::{Cutoff, LineEnd, State, Writing};
use crate::notebook::envelope::Frame;

/// An envelope in its author's lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Where a line would end that ends with it.
    pub end: LineEnd,
    /// The hash of the one before it; zeros for a first one.
    pub previous: Hash,
    /// The hash of the control head that it names.
    pub control: Hash,
}

impl From<&Frame> for Link {
    fn from(frame: &Frame) -> Self {
        let header = &frame.header;
        Self { end: frame.tail().into(), previous: header.previous, control: header.control }
    }
}

/// What an envelope is in its author's lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// It stands, and its words count.
    Stands,
    /// Another one, with a greater attempt, stands in its place, or in that of one before it.
    Displaced,
    /// Its author could not write it, or it is not shown to lead up to the cutoff: it counts nowhere.
    Nowhere,
}

/// Returns the place of each of an author's envelopes. All that are here must be given, and their order plays no part.
pub fn places(state: &State, author: &KeyId, links: &[Link]) -> Vec<Place> {
    let heads: Vec<Option<usize>> = links.iter().map(|link| state.place_of(&link.control)).collect();
    judge(links, &heads, state.times_of(author))
}

/// Returns the ends of the lines that stand, the greatest first: by attempt, then by sequence, then by hash.
pub fn ends(links: &[Link], places: &[Place]) -> Vec<LineEnd> {
    let standing = || links.iter().zip(places).filter(|(_, place)| **place == Place::Stands).map(|(link, _)| link);
    let followed: std::collections::BTreeSet<&Hash> = standing().map(|link| &link.previous).collect();
    let mut ends: Vec<LineEnd> =
        standing().filter(|link| !followed.contains(&link.end.hash)).map(|link| link.end).collect();
    ends.sort_unstable_by_key(|end| std::cmp::Reverse(rank(end)));
    ends
}

/// Returns an author's greatest envelope, whatever stands: what a server takes for the end, and asks a cutoff to name.
pub fn greatest(links: &[Link]) -> Option<LineEnd> {
    links.iter().map(|link| link.end).max_by_key(rank)
}

/// Returns the cutoff behind all of an author's envelopes that are here. To name one that does not stand lets nothing else stand.
pub fn cutoff(state: &State, author: &KeyId, links: &[Link]) -> Cutoff {
    Cutoff::of(greatest(links).into_iter().chain(ends(links, &places(state, author, links))))
}

/// By what ends of lines are compared.
const fn rank(end: &LineEnd) -> (u32, u64, Hash) {
    (end.attempt, end.sequence, end.hash)
}

/// As [`places`], with the place in the chain of the head that each names, if it is of this chain.
fn judge(links: &[Link], heads: &[Option<usize>], times: &[Writing]) -> Vec<Place> {
    let by_hash: BTreeMap<&Hash, usize> = links.iter().zip(0..).map(|(link, at)| (&link.end.hash, at)).collect();
    // Sequences rise and attempts never fall along a line.
    let before = |at: usize| {
        let link = links.get(at)?;
        let (before, previous) = by_hash.get(&link.previous).and_then(|before| Some((*before, links.get(*before)?)))?;
        let rises = previous.end.sequence.checked_add(1) == Some(link.end.sequence);
        (rises && previous.end.attempt <= link.end.attempt).then_some(before)
    };
    let leads_up = lead_up(links, heads, times, &by_hash, before);
    let is_valid = |at: usize| {
        let head = heads.get(at).copied().flatten();
        let time = head.and_then(|head| times.iter().rev().find(|time| time.contains(head)));
        time.is_some_and(|time| time.until.is_none() || leads_up.get(at) == Some(&true))
    };
    let valid: Vec<bool> = (0..links.len()).map(is_valid).collect();
    let is_first = |link: &Link| link.end.sequence == 1 && link.previous == [0; 32];
    let mut greatest: BTreeMap<&Hash, u32> = BTreeMap::new();
    for (link, _) in links.iter().zip(&valid).filter(|(_, valid)| **valid) {
        let attempt = greatest.entry(&link.previous).or_default();
        *attempt = (*attempt).max(link.end.attempt);
    }
    let mut places = vec![Place::Nowhere; links.len()];
    let mut order: Vec<(usize, &Link)> =
        links.iter().enumerate().filter(|(at, _)| valid.get(*at) == Some(&true)).collect();
    order.sort_by_key(|(_, link)| link.end.sequence);
    for (at, link) in order {
        let goes_on = match before(at) {
            Some(before) => places.get(before) == Some(&Place::Stands),
            None => is_first(link),
        };
        let first_here = greatest.get(&link.previous) == Some(&link.end.attempt);
        if let Some(place) = places.get_mut(at) {
            *place = if goes_on && first_here { Place::Stands } else { Place::Displaced };
        }
    }
    places
}

/// Which envelopes are named by the cutoff of a time, or lead up to one that is. Heads never fall along a line, so what stands
/// before an envelope of an earlier time is of an earlier time, too.
fn lead_up(
    links: &[Link],
    heads: &[Option<usize>],
    times: &[Writing],
    by_hash: &BTreeMap<&Hash, usize>,
    before: impl Fn(usize) -> Option<usize>,
) -> Vec<bool> {
    let mut leads_up = vec![false; links.len()];
    for time in times {
        let Some((end, cutoff)) = &time.until else { continue };
        for last in cutoff.ends() {
            let mut next = by_hash.get(&last.hash).copied();
            while let Some(at) = next {
                let head = heads.get(at).copied().flatten();
                let Some(known) = leads_up.get_mut(at).filter(|_| head.is_none_or(|head| head >= time.from)) else {
                    break;
                };
                // A cutoff proves nothing of what was written after it.
                let inside = head.is_some_and(|head| head < *end);
                if inside && std::mem::replace(known, true) {
                    break;
                }
                next = before(at);
            }
        }
    }
    leads_up
}

#[cfg(test)]
mod tests;
