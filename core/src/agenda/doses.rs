//! Doses in the agenda: what is due, what comes, and what a clinic must be asked. Nothing of it is left out.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};

use super::{AgendaKind, AgendaLine, DoseCare, Subject};
use crate::content::series::{Programme, Series, VaccineRules};
use crate::vaccines::{NextDose, Status};

/// So many days before the last day that leaves room for the rest, a reminder comes.
const REMIND_BEFORE: Days = Days::new(14);
/// Reminders of a question that has no day of its own are counted from here, so that each asking finds the same days.
const QUESTIONS_SINCE: Option<NaiveDate> = NaiveDate::from_ymd_opt(2024, 1, 1);

/// The lines of a plan. `answered` holds the keys of questions that the family marked as settled.
pub fn lines(
    rules: &VaccineRules,
    plan: &[NextDose],
    today: NaiveDate,
    answered: &BTreeSet<String>,
) -> Vec<AgendaLine> {
    let shown = plan.iter().filter(|dose| is_shown(dose) && !gives_way(rules, plan, dose));
    let line = |dose: &NextDose| {
        let series = rules.series(&dose.series)?;
        let either = is_either(rules, plan, dose, today);
        let line = if dose.status.is_question() {
            question(rules, series, dose, either, today)
        } else {
            planned(rules, series, dose, either, today)?
        };
        let settled = dose.status.is_question() && answered.contains(&line.topic.key());
        (!settled).then_some(line)
    };
    shown.filter_map(line).collect()
}

fn is_shown(dose: &NextDose) -> bool {
    dose.status.is_question() || (dose.status.is_open() && dose.standard_from.or(dose.earliest).is_some())
}

/// The series of which only one is to be chosen, and which is not begun either.
fn partners<'a>(
    rules: &'a VaccineRules,
    plan: &'a [NextDose],
    dose: &'a NextDose,
) -> impl Iterator<Item = &'a NextDose> {
    let others = rules.series(&dose.series).map(|series| series.exclusive_with.as_slice()).unwrap_or_default();
    plan.iter()
        .filter(move |other| dose.dose <= 1 && other.dose <= 1 && others.contains(&other.series) && is_shown(other))
}

/// Of two series of which one is to be chosen, one line is enough.
fn gives_way(rules: &VaccineRules, plan: &[NextDose], dose: &NextDose) -> bool {
    partners(rules, plan, dose).any(|other| other.series < dose.series)
}

/// Whether a line stands for either of two series.
pub fn is_either(rules: &VaccineRules, plan: &[NextDose], dose: &NextDose, today: NaiveDate) -> bool {
    let by = dose.earliest.map_or(today, |earliest| earliest.max(today));
    partners(rules, plan, dose).any(|other| other.earliest.is_none_or(|earliest| earliest <= by))
}

fn base(series: &Series, topic: Subject, from: NaiveDate, to: Option<NaiveDate>, care: DoseCare) -> AgendaLine {
    let routine = series.programme == Programme::Routine;
    AgendaLine {
        topic,
        kind: AgendaKind::Vaccine,
        from,
        to,
        shown_to: None,
        undated: false,
        legal: routine,
        force: if routine { "routine" } else { "voluntary" },
        by: "clinic".into(),
        remind_before: None,
        remind_every: None,
        sources: series.sources.clone(),
        care: Some(care),
    }
}

fn planned(
    rules: &VaccineRules,
    series: &Series,
    dose: &NextDose,
    either: bool,
    today: NaiveDate,
) -> Option<AgendaLine> {
    let late = dose.status == Status::PastStandardStillEligible;
    let first = dose.earliest.or(dose.standard_from)?;
    let from = dose.standard_from.unwrap_or(first);
    // The usual time may begin when it is too late for the rest.
    let from = dose.finish_by.map_or(from, |by| from.min(by).max(first));
    let to = if late { dose.last_routine_day } else { dose.standard_to.or(dose.last_routine_day) };
    let care = DoseCare {
        overdue: late,
        either,
        look: false,
        since: if late { first } else { from },
        again_days: rules.remind_again_days,
        finish_by: dose.finish_by,
        also_on: dose.finish_by.and_then(|by| by.checked_sub_days(REMIND_BEFORE)),
    };
    let topic = Subject::Dose(dose.series.clone(), dose.dose);
    Some(base(series, topic, if late { today } else { from }, to, care))
}

/// What a doctor or the municipality must say stands from today on, as long as it may still be given.
fn question(rules: &VaccineRules, series: &Series, dose: &NextDose, either: bool, today: NaiveDate) -> AgendaLine {
    let since = dose.earliest.filter(|earliest| *earliest <= today).or(QUESTIONS_SINCE).unwrap_or(today);
    let care = DoseCare {
        overdue: false,
        either,
        look: dose.status == Status::RecordInconsistent,
        since,
        again_days: rules.remind_again_days,
        finish_by: None,
        also_on: None,
    };
    let to = dose.last_routine_day.filter(|last| *last >= today);
    base(series, Subject::Ask(dose.series.clone(), dose.dose.max(1)), today, to, care)
}
