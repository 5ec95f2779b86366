//! An answer that leads somewhere. Of several entries the newest counts; a later answer settles it where the rule says so.

use serde_json::Value;

use super::known::{Lead, Noted};
use crate::content::lead::LeadRule;

/// What an entry says to a rule.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Says {
    /// None of its questions is answered here.
    Nothing,
    /// One of its answers is here.
    Leads,
    /// Its questions are answered, and otherwise.
    Otherwise,
}

/// The newest entry that leads to a rule, if nothing later settles it.
pub fn newest<'c>(rule: &'c LeadRule, noted: &[Noted<'_>]) -> Option<Lead<'c>> {
    let of = |wanted: Says| noted.iter().filter(move |entry| says(rule, entry) == wanted).map(|entry| entry.on).max();
    let on = of(Says::Leads)?;
    // Of two answers of one day nobody knows which is the later one: it stays open.
    let settled = rule.settled_by_later && of(Says::Otherwise).is_some_and(|later| later > on);
    (!settled).then_some(Lead { rule, on })
}

/// Whether an entry leads to a rule.
pub fn leads(rule: &LeadRule, entry: &Noted<'_>) -> bool {
    says(rule, entry) == Says::Leads
}

fn says(rule: &LeadRule, entry: &Noted<'_>) -> Says {
    let mut found = Says::Nothing;
    for answer in rule.answer.iter().filter(|answer| answer.kind == entry.kind) {
        let Some((key, Some(wanted))) = &answer.field else { continue };
        match entry.fields.get(key).map(|value| is(value, wanted)) {
            Some(true) => return Says::Leads,
            Some(false) => found = Says::Otherwise,
            None => {}
        }
    }
    found
}

/// Whether a stored value is the one that a rule names.
fn is(value: &Value, wanted: &str) -> bool {
    match value {
        Value::String(text) => text == wanted,
        Value::Number(number) => number.to_string() == wanted,
        _ => false,
    }
}
