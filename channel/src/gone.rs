//! What becomes of a notebook that is closed, forgotten or left: when it goes, and what a store remembers of it.

use ayumi_protocol::control::{CLOSED_FOR_MS, ServerKey, State};
use ayumi_protocol::gone::WhyGone;
use ayumi_protocol::key::Hash;

/// A day, in milliseconds.
const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// How exactly a store knows when somebody came last, in milliseconds: a visit is written down once in thirty days.
pub const VISIT_MS: u64 = 30 * DAY_MS;
/// How long before its end who comes is told of it, in milliseconds: six months.
pub const TOLD_MS: u64 = 183 * DAY_MS;
/// How long a drawer stays that nobody opens, in milliseconds: two years.
pub const DRAWER_MS: u64 = 2 * 366 * DAY_MS;

/// What a store keeps of a notebook that is gone: enough to say so, and to let it not begin again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trace {
    /// A hash of its id ([`ayumi_protocol::gone::gone_hash`]).
    pub hash: Hash,
    /// Why it is gone.
    pub why: WhyGone,
    /// Since when, in milliseconds since 1970.
    pub when_ms: u64,
}

/// What is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The server's clock, milliseconds since 1970.
    pub now_ms: u64,
    /// Notebooks that nobody visited since then go, too; `None`: they stay.
    pub unvisited_since: Option<u64>,
}

impl Due {
    /// Only what has a time of its own.
    pub const fn now(now_ms: u64) -> Self {
        Self { now_ms, unvisited_since: None }
    }

    /// Drawers that nobody opened since then go.
    pub const fn drawers_since(&self) -> u64 {
        self.now_ms.saturating_sub(DRAWER_MS)
    }
}

/// Returns when a notebook is deleted behind a statement that was taken at a time; `before` as it was before it.
pub fn goes_at(before: Option<u64>, state: &State, server: &[ServerKey], taken_at: u64) -> Option<u64> {
    let closing = state.closing_at(server)?;
    let in_time = before.unwrap_or(taken_at.saturating_add(CLOSED_FOR_MS));
    Some(if closing.at_once { in_time.min(taken_at) } else { in_time })
}

/// Whether a visit is to be written down.
pub const fn is_a_new_visit(last: u64, now_ms: u64) -> bool {
    now_ms.saturating_sub(last) >= VISIT_MS
}

/// Returns when a notebook would have ended, had nobody come; `None` unless that is within the next six months. `after_ms`: how long
/// a notebook stays that nobody visits.
pub fn told_end(visited_at: u64, after_ms: Option<u64>, now_ms: u64) -> Option<u64> {
    let ends_at = visited_at.saturating_add(after_ms?);
    (ends_at.saturating_sub(now_ms) <= TOLD_MS).then_some(ends_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_in_the_last_six_months_is_told_the_end_and_nobody_before() {
        let two_years = 2 * 365 * DAY_MS;
        for (visited, after, now, expected) in [
            (DAY_MS, None, 10 * two_years, None),
            (DAY_MS, Some(two_years), two_years + DAY_MS - TOLD_MS - 1, None),
            (DAY_MS, Some(two_years), two_years + DAY_MS - TOLD_MS, Some(two_years + DAY_MS)),
            (DAY_MS, Some(two_years), 2 * two_years, Some(two_years + DAY_MS)),
            (u64::MAX, Some(two_years), 0, None),
        ] {
            assert_eq!(told_end(visited, after, now), expected, "{visited} {after:?} {now}");
        }
    }

    #[test]
    fn a_visit_is_written_down_once_in_thirty_days() {
        for (last, now, expected) in [(0, VISIT_MS - 1, false), (0, VISIT_MS, true), (5, 0, false), (7, 7, false)] {
            assert_eq!(is_a_new_visit(last, now), expected, "{last} {now}");
        }
    }
}
