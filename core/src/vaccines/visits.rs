//! Doses packed into visits: few ways to the clinic, each dose in time.
//!
//! Which vaccines are given on one day is the doctor's decision; this only shows what the rules would allow.

use chrono::{Days, NaiveDate};

use super::forecast::gap_between;
use super::next_doses;
use super::plan::{Given, NextDose, Person, Status};
use crate::content::series::{Programme, VaccineRules};

/// One visit: a day and what could be given then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// The day.
    pub on: NaiveDate,
    /// Series and number of each dose.
    pub doses: Vec<(String, u8)>,
    /// Series and number of what the clinic is to be asked about on the way.
    pub ask: Vec<(String, u8)>,
}

/// A dose that could be given from `target` on, and should not wait beyond `limit`.
struct Wish {
    next: NextDose,
    product: String,
    target: NaiveDate,
    limit: NaiveDate,
}

/// Visits from a day on, as far as `until`. What must be asked is asked at the first of them, or now if that is far.
pub fn visits(
    rules: &VaccineRules,
    person: &Person,
    given: &[Given],
    today: NaiveDate,
    until: NaiveDate,
    voluntary: bool,
) -> Vec<Visit> {
    let asked = given.to_vec();
    let mut given = given.to_vec();
    let mut visits = Vec::new();
    let mut from = today;
    // Each round plans a visit, so the number of rounds is bounded by the doses there are.
    for _ in 0..200 {
        let wishes = wishes(rules, person, &given, from, voluntary);
        let Some(first_limit) = wishes.iter().map(|wish| wish.limit).min() else { break };
        // The last dose that is ready before any other would wait too long.
        let Some(day) = wishes.iter().map(|wish| wish.target).filter(|target| *target <= first_limit).max() else {
            break;
        };
        if day > until {
            break;
        }
        let mut visit = Visit { on: day, doses: Vec::new(), ask: Vec::new() };
        let mut taken: Vec<&Wish> = Vec::new();
        for wish in wishes.iter().filter(|wish| wish.target <= day) {
            // Live vaccines of the same day are fine; one planned before may be too near.
            let near = given.iter().any(|dose| {
                let gap = gap_between(rules, &dose.product, dose.on, &wish.product);
                dose.on != day && gap.is_some_and(|(free, rule)| rule == "LIVE27" && day < free)
            });
            let same = taken.iter().any(|other| exclusive(rules, &other.next.series, &wish.next.series));
            if !near && !same {
                taken.push(wish);
            }
        }
        for wish in taken {
            visit.doses.push((wish.next.series.clone(), wish.next.dose));
            given.push(Given { on: day, product: wish.product.clone() });
        }
        from = day;
        if visit.doses.is_empty() {
            break;
        }
        visits.push(visit);
    }
    ask_early(&mut visits, rules, questions(rules, person, &asked, today, voluntary), today);
    visits
}

fn ask_early(visits: &mut Vec<Visit>, rules: &VaccineRules, ask: Vec<(String, u8)>, today: NaiveDate) {
    let soon = today + Days::new(u64::from(rules.soon_days));
    match visits.first_mut().filter(|visit| visit.on <= soon) {
        Some(first) => first.ask = ask,
        None if ask.is_empty() => {}
        None => visits.insert(0, Visit { on: today, doses: Vec::new(), ask }),
    }
}

fn questions(
    rules: &VaccineRules,
    person: &Person,
    given: &[Given],
    today: NaiveDate,
    voluntary: bool,
) -> Vec<(String, u8)> {
    let mine = |next: &NextDose| {
        let routine = rules.series(&next.series).is_some_and(|series| series.programme == Programme::Routine);
        // Dates of records are for the family to look at.
        next.status.is_question() && next.status != Status::RecordInconsistent && (routine || voluntary)
    };
    let plan = next_doses(rules, person, given, today);
    plan.into_iter().filter(mine).map(|next| (next.series, next.dose.max(1))).collect()
}

fn exclusive(rules: &VaccineRules, one: &str, other: &str) -> bool {
    rules.series(one).is_some_and(|series| series.exclusive_with.iter().any(|id| id == other))
}

fn wishes(rules: &VaccineRules, person: &Person, given: &[Given], from: NaiveDate, voluntary: bool) -> Vec<Wish> {
    let wait = Days::new(u64::from(rules.wait_days));
    let wish = |next: NextDose| {
        let series = rules.series(&next.series)?;
        let routine = series.programme == Programme::Routine;
        if !next.status.is_open() || next.status == Status::Completed || !(routine || voluntary) {
            return None;
        }
        // A seasonal dose that would come after its season is not planned.
        if series.season.is_some() && next.standard_to.is_none() {
            return None;
        }
        let product = started_product(series, given)?;
        // The usual time may begin when it is too late for the rest.
        let usual = next.standard_from.or(next.earliest)?;
        let usual = next.finish_by.map_or(usual, |by| usual.min(by));
        let target = usual.max(next.earliest?).max(from);
        let to = next.standard_to.filter(|to| *to >= target);
        let end = [next.last_routine_day, to, next.finish_by].into_iter().flatten().min();
        let limit = (target + wait).min(end.unwrap_or(NaiveDate::MAX)).max(target);
        next.last_routine_day.is_none_or(|last| target <= last).then_some(Wish { next, product, target, limit })
    };
    next_doses(rules, person, given, from).into_iter().filter_map(wish).collect()
}

/// The product that a series goes on with.
fn started_product(series: &crate::content::series::Series, given: &[Given]) -> Option<String> {
    let begun = given.iter().filter(|dose| series.products.contains(&dose.product)).max();
    begun.map(|dose| dose.product.clone()).or_else(|| series.products.first().cloned())
}
