//! Reminders for the operating system. What stands on a lock screen says nothing about anybody: one neutral text a day.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate, NaiveDateTime};

use super::AgendaLine;

/// When to remind: a local time. At most one a day, whatever is due; the app says what.
pub fn times(items: &[AgendaLine], now: NaiveDateTime, to: NaiveDate, hour: u32) -> Vec<NaiveDateTime> {
    let days: BTreeSet<NaiveDate> =
        items.iter().flat_map(|item| days(item, now.date(), to)).filter(|day| *day <= to).collect();
    days.into_iter().filter_map(|day| day.and_hms_opt(hour, 0, 0)).filter(|time| *time > now).collect()
}

/// The days on which an item asks for attention: once; a dose, a question and what somebody should look at
/// again and again while they are open.
fn days(item: &AgendaLine, today: NaiveDate, to: NaiveDate) -> Vec<NaiveDate> {
    // What nobody has given a day asks on none.
    if item.undated {
        return Vec::new();
    }
    let first = match (item.remind_before, item.to) {
        (Some(before), Some(to)) => (to - Days::new(u64::from(before))).max(item.from),
        _ => item.from,
    };
    let care = item.care.filter(|care| care.again_days > 0);
    let every = care.map(|care| (care.since, care.again_days)).or(item.remind_every.map(|every| (item.from, every)));
    let Some((since, every)) = every.filter(|(_, every)| *every > 0) else { return vec![first] };
    let step = Days::new(u64::from(every));
    let past = (today - since).num_days().max(0).unsigned_abs() / u64::from(every);
    let start = since.checked_add_days(Days::new(past * u64::from(every)));
    let end = item.to.map_or(to, |last| last.min(to));
    let again = std::iter::successors(start, |day| day.checked_add_days(step)).take_while(|day| *day <= end);
    again.chain(care.and_then(|care| care.also_on)).chain([first]).collect()
}
