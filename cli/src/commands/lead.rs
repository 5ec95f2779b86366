//! What was written and must not stay silent: said at once, where it was written.

use std::fmt::Write as _;

use ayumi_core::app::{LeadView, Locale, Written, texts};
use serde_json::{Value, json};

use super::desks::{desk_json, desk_text, way_text};

/// Adds what follows from an entry to its answer in JSON; nothing where nothing follows.
pub(super) fn add_json(value: &mut Value, written: &Written) {
    if !written.leads.is_empty() {
        value["leads"] = written.leads.iter().map(lead_json).collect();
    }
    if let Some(topic) = &written.topic {
        value["topic"] = topic.clone().into();
    }
}

fn lead_json(lead: &LeadView) -> Value {
    let mut value = json!({
        "rule": lead.rule,
        "offer": lead.offer.key(),
        "on": lead.on,
        "words": lead.words,
        "within": lead.within,
        "clinics": lead.clinics,
        "own": lead.own.iter().map(|way| json!({"name": way.label, "tel": way.value, "note": way.note})).collect::<Vec<_>>(),
    });
    if !lead.key.is_empty() {
        value["key"] = lead.key.clone().into();
    }
    if let Some(desk) = &lead.desk {
        value["desk"] = desk_json(desk);
    }
    value
}

/// The same as text, under the entry.
pub(super) fn written_text(written: &Written, locale: Locale) -> String {
    let mut text: String = written.leads.iter().map(|lead| lead_text(lead, locale)).collect();
    if let Some(topic) = &written.topic {
        text += &way_text(topic, locale);
    }
    text
}

fn lead_text(lead: &LeadView, locale: Locale) -> String {
    let word = |key: &str| texts::insight(key, locale);
    let mut text = format!("\n{}\n", lead.words);
    if !lead.clinics.is_empty() {
        let comma = if locale == Locale::En { ", " } else { "・" };
        let _ = writeln!(text, "  → {} ({})", lead.clinics.join(comma), lead.within);
    }
    if !lead.own.is_empty() {
        let own: Vec<String> = lead.own.iter().map(|way| format!("{} {}", way.label, way.value)).collect();
        let _ = writeln!(text, "  {}: {}", word("lead.own"), own.join(" / "));
    }
    if let Some(desk) = &lead.desk {
        if !lead.clinics.is_empty() {
            let _ = writeln!(text, "{}", word("lead.then"));
        }
        text += &desk_text(desk, locale);
    }
    if !lead.key.is_empty() && !lead.clinics.is_empty() {
        let _ = writeln!(text, "{}: ayumi agenda NOTEBOOK --done {}", word("lead.mark"), lead.key);
    }
    text
}
