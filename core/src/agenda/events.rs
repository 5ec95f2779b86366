//! Windows of the events for one family.

use chrono::NaiveDate;

use super::{AgendaLine, Family, Subject};
use crate::content::Content;
use crate::content::event::{EventDef, ForWhom};
use crate::content::moment::Confidence;
use crate::model::notebook::NotebookType;

/// Every event that this family has, done ones left out.
pub fn events(content: &Content, family: &Family) -> Vec<AgendaLine> {
    let Some(rules) = content.agenda() else { return Vec::new() };
    let mine = rules.event.iter().filter(|event| concerns(event, family) && !family.done.contains(&event.id));
    mine.filter_map(|event| item(content, family, event)).collect()
}

/// Whether an event belongs into this notebook now.
fn concerns(event: &EventDef, family: &Family) -> bool {
    let born = family.anchors.born.is_some();
    match family.notebook {
        // After a loss: only what has words and a window of its own for that time.
        NotebookType::Pregnancy if family.silent => event.after_loss.is_some(),
        NotebookType::Pregnancy => match event.whom {
            // Benefits of the pregnancy can be claimed for two years, whatever came after.
            ForWhom::Pregnant => !born || event.kind == crate::content::event::EventKind::Benefit,
            ForWhom::Postpartum => born,
            ForWhom::Child | ForWhom::Household => false,
        },
        NotebookType::Child => match event.whom {
            ForWhom::Pregnant => false,
            ForWhom::Postpartum => !family.mother_elsewhere,
            ForWhom::Child | ForWhom::Household => !family.silent,
        },
        NotebookType::Private => false,
    }
}

fn item(content: &Content, family: &Family, event: &EventDef) -> Option<AgendaLine> {
    let programme = content.programme(&event.id);
    if programme.is_some_and(|programme| !programme.offered) || (event.where_offered && programme.is_none()) {
        return None;
    }
    let lost = family.notebook == NotebookType::Pregnancy && family.silent;
    let own = |pick: fn(&crate::content::pack::EventSettings) -> Option<crate::content::moment::Moment>| {
        programme.and_then(pick)
    };
    let (from, to) = match event.after_loss.filter(|_| lost) {
        Some((from, to)) => (Some(from), Some(to)),
        None => {
            let from = event.from_multiple.filter(|_| family.multiple).or(event.from);
            (own(|programme| programme.from).or(from), own(|programme| programme.to).or(event.to))
        }
    };
    // What nobody has confirmed is shown only where a municipality has said its own window.
    let sure = event.confidence < Confidence::C || programme.is_some();
    let from = from.filter(|at| sure && at.is_sure()).and_then(|at| at.on(&family.anchors))?;
    let to = match to {
        Some(to) => Some(to.on(&family.anchors)?),
        None => None,
    };
    Some(AgendaLine {
        topic: Subject::Event(event.id.clone()),
        kind: event.kind.into(),
        from,
        to: to.filter(|to| *to >= from),
        shown_to: event.shown_to.and_then(|at| at.on(&family.anchors)),
        legal: event.force.legal(),
        force: event.force.key(),
        by: event.by.clone(),
        remind_before: event.remind_before,
        sources: event.sources.clone(),
        care: None,
    })
}

/// Whether an entry of a kind, with its fields, means that the event is done.
pub fn is_done_by<'f>(event: &EventDef, kind: &str, value: impl Fn(&str) -> Option<&'f str>) -> bool {
    event.done_by.as_ref().is_some_and(|done_by| {
        done_by.kind == kind && done_by.field.as_ref().is_none_or(|(key, wanted)| value(key) == Some(wanted))
    })
}

/// Whether it is on today; its last day is part of it.
pub fn is_open(item: &AgendaLine, today: NaiveDate) -> bool {
    item.from <= today && item.to.is_none_or(|to| today <= to)
}
