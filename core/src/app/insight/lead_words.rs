//! What a reading that leads to a person says: what to do, and who looks.

use crate::app::facts::Facts;
use crate::content::Content;
use crate::content::lead::{Clinic, LeadRule};
use crate::texts::Locale;

/// What to do, in words. A child who was born early may still be in hospital, where others look already.
pub(in crate::app) fn words(content: &Content, facts: &Facts, rule: &LeadRule, locale: Locale) -> String {
    let mut words = content.word(&format!("lead.{}", rule.id), locale).into_owned();
    let early = facts.notebook.profile.gestation_at_birth().is_some_and(|weeks| weeks.days() < 37 * 7);
    if rule.is_of_weight() && early {
        words += if locale == Locale::Ja { "" } else { " " };
        words += &content.word("lead.in_hospital", locale);
    }
    words
}

/// Who looks, in words.
pub(in crate::app) fn clinics(content: &Content, rule: &LeadRule, locale: Locale) -> Vec<String> {
    let name = |clinic: &Clinic| content.word(&format!("lead.clinic.{}", clinic.key()), locale).into_owned();
    rule.clinics.iter().map(name).collect()
}
