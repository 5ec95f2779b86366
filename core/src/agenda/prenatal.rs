//! The next prenatal check: every four weeks, then two, then one. There is no fourteenth and last one: a pregnancy
//! past its due date goes on as before.

use chrono::{Days, NaiveDate};

use super::{AgendaKind, AgendaLine, Family, Subject};
use crate::content::Content;
use crate::model::law::pregnancy_week;

/// The window of the next check.
pub fn next(content: &Content, family: &Family, today: NaiveDate) -> Option<AgendaLine> {
    let rules = content.agenda()?;
    if family.silent || family.anchors.born.is_some() {
        return None;
    }
    let due = family.anchors.due?;
    let first = pregnancy_week(due, rules.prenatal_from_week, 0)?;
    // Two weeks past 42 weeks nobody is pregnant any more; the end of the pregnancy was not entered.
    if today > pregnancy_week(due, 44, 0)? {
        return None;
    }
    let day = today.max(first);
    let weeks_at = |day: NaiveDate| u32::try_from(40 * 7 - (due - day).num_days()).unwrap_or(0) / 7;
    let every = |day: NaiveDate| {
        let rule = rules.prenatal.iter().rfind(|rule| rule.from_week <= weeks_at(day));
        Days::new(u64::from(rule.map_or(4, |rule| rule.every_weeks)) * 7)
    };
    // After the last one, the interval of that week; without one, within the interval from now on.
    let (from, to) = match family.last_prenatal {
        Some(last) => {
            let next = last + every(last);
            (next.max(today), next.max(today) + Days::new(6))
        }
        None => (day, day + every(day)),
    };
    Some(AgendaLine {
        topic: Subject::Prenatal,
        kind: AgendaKind::PrenatalCheck,
        from,
        to: Some(to),
        shown_to: None,
        undated: false,
        legal: false,
        force: "advised",
        by: "clinic".into(),
        remind_before: None,
        remind_every: None,
        sources: rules.prenatal_sources.clone(),
        care: None,
    })
}
