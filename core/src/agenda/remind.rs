//! Reminders for the operating system. What stands on a lock screen says nothing about anybody: one neutral text a day.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate, NaiveDateTime};

use super::AgendaLine;

/// When to remind: a local time. At most one a day, whatever is due; the app says what.
pub fn times(items: &[AgendaLine], now: NaiveDateTime, to: NaiveDate, hour: u32) -> Vec<NaiveDateTime> {
    let days: BTreeSet<NaiveDate> = items.iter().filter_map(day).filter(|day| *day <= to).collect();
    days.into_iter().filter_map(|day| day.and_hms_opt(hour, 0, 0)).filter(|time| *time > now).collect()
}

/// The day on which an item asks for attention.
fn day(item: &AgendaLine) -> Option<NaiveDate> {
    match (item.remind_before, item.to) {
        (Some(before), Some(to)) => Some((to - Days::new(u64::from(before))).max(item.from)),
        _ => Some(item.from),
    }
}
