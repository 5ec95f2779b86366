//! What a notice must keep. Each message says what to write instead.

use std::collections::{BTreeMap, BTreeSet};

use super::audience::Audience;
use super::told::{JAPANESE, Told, is_language};
use super::{About, Message, Notice};
use crate::content::pack::{Pack, PackProblem};
use crate::furigana;

/// Notices of one pack.
const NOTICES: usize = 300;
/// Characters of a title and of a text.
const TITLE_CHARS: usize = 80;
const TEXT_CHARS: usize = 2_000;
/// Days for which a notice is shown, at most.
const DAYS: i64 = 400;
/// The oldest child of whom a notice speaks, in days: up to school.
const OLDEST_DAYS: u32 = 2_700;
/// The last completed week that counts as pregnant: after it the birth is only not written yet.
pub const LAST_WEEK: u32 = 45;
/// Months of age.
const OLDEST_MONTHS: u32 = 84;

/// Lists what is wrong with the notices of a pack.
pub fn problems(pack: &Pack) -> Vec<PackProblem> {
    let mut found = Vec::new();
    if pack.notice.len() > NOTICES {
        found.push(PackProblem::new("notice", format!("at most {NOTICES}: leave out what is over")));
    }
    let mut areas = BTreeSet::new();
    for area in &pack.area {
        if !areas.insert(area.id.as_str()) || !is_key(&area.id) {
            found.push(PackProblem::new(
                format!("area \"{}\"", area.id),
                "an id of its own: small letters, digits, - and _",
            ));
        }
    }
    let mut messages = BTreeMap::new();
    for notice in &pack.notice {
        if messages.insert(notice.key(), notice).is_some() {
            found.push(PackProblem::new(place(notice), "this id and version are there twice"));
        }
    }
    let mut named = BTreeSet::new();
    for notice in &pack.notice {
        let mut problem = |what: String| found.push(PackProblem::new(place(notice), what));
        message(notice, &mut problem);
        audience(&notice.audience, &areas, &mut problem);
        if let Some(desk) = notice.desk.as_ref().filter(|id| !pack.desk.iter().any(|desk| desk.id == **id)) {
            problem(format!("there is no desk \"{desk}\" in this file"));
        }
        for reference in &notice.references {
            match messages.get(reference) {
                None => problem(format!(
                    "references \"{reference}\", which is not in this file: keep what is replaced in it"
                )),
                Some(before)
                    if before.message == Message::Cancel
                        || before.sent > notice.sent
                        || before.key() == notice.key() =>
                {
                    problem(format!("references \"{reference}\": name an earlier alert or update"));
                }
                Some(_) if !named.insert(reference.clone()) => {
                    problem(format!("references \"{reference}\", which another message names already: name that one"));
                }
                Some(_) => {}
            }
        }
    }
    found
}

fn place(notice: &Notice) -> String {
    format!("notice \"{}\"", notice.key())
}

fn is_key(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    (1..=60).contains(&id.len()) && id.bytes().all(plain)
}

/// The message by itself.
fn message(notice: &Notice, problem: &mut impl FnMut(String)) {
    if !is_key(&notice.id) || notice.version == 0 {
        problem("id: small letters, digits, - and _, at most 60; version: from 1".into());
    }
    if (notice.message == Message::Alert) != notice.references.is_empty() {
        problem("an update or a cancel names what it replaces: references = [\"id/1\"]; an alert names nothing".into());
    }
    match (notice.message, notice.expires) {
        (Message::Cancel, Some(_)) => problem("a cancel has no expires: it is shown for 48 hours".into()),
        (Message::Cancel, None) => {}
        (_, None) => problem("expires: until when it is shown, such as \"2026-12-14\"".into()),
        (_, Some(expires)) => {
            let days = (expires.day - notice.sent.day).num_days();
            if !(0..=DAYS).contains(&days) || expires.is_over(notice.sent.begins()) {
                problem(format!("expires: after sent, and at most {DAYS} days later"));
            }
        }
    }
    if notice.message == Message::Cancel && notice.audience != Audience::default() {
        problem("a cancel goes to whom the notice went: leave audience out".into());
    }
    if notice.about == About::Everyone && notice.audience.asks_of_a_child() {
        problem(
            "about = \"everyone\" is for what says nothing of a baby: leave it out, or the predicates of a child"
                .into(),
        );
    }
    if notice.link.as_ref().is_some_and(|link| !link.starts_with("https://") || link.len() > 500) {
        problem("a link begins with https://".into());
    }
    told("title", &notice.title, TITLE_CHARS, problem);
    told("text", &notice.text, TEXT_CHARS, problem);
    if notice.title.0.keys().ne(notice.text.0.keys()) {
        problem("title and text in the same languages".into());
    }
}

fn told(name: &str, told: &Told, longest: usize, problem: &mut impl FnMut(String)) {
    if !told.0.contains_key(JAPANESE) {
        problem(format!("{name} needs Japanese: {{ ja = \"…\" }}"));
    }
    for (language, text) in &told.0 {
        if !is_language(language) {
            problem(format!("{name}: \"{language}\" is no language: ja, ja-easy, en, vi …"));
        }
        let text = furigana::without(text);
        if text.trim().is_empty() || text.chars().count() > longest {
            problem(format!("{name} in {language}: from 1 to {longest} characters"));
        }
        if text.chars().any(|c| c.is_control() && c != '\n') {
            problem(format!("{name} in {language} holds a control character"));
        }
    }
}

fn audience(audience: &Audience, areas: &BTreeSet<&str>, problem: &mut impl FnMut(String)) {
    let outside = |(from, to): (u32, u32), last| from > to || to > last;
    if audience.age_days.is_some_and(|days| outside(days, OLDEST_DAYS)) {
        problem(format!("age_days: [from, to] in days, from not after to, at most {OLDEST_DAYS}"));
    }
    if audience.pregnancy_weeks.is_some_and(|weeks| outside(weeks, LAST_WEEK)) {
        problem(format!("pregnancy_weeks: [from, to] in weeks, from not after to, at most {LAST_WEEK}"));
    }
    let of_a_born_child = audience.age_days.is_some() || audience.missing.is_some();
    if audience.pregnancy_weeks.is_some() && of_a_born_child {
        problem("nobody is born and not born: write two notices".into());
    }
    if let Some(area) = audience.area.iter().find(|area| !areas.contains(area.as_str())) {
        problem(format!("there is no area \"{area}\" in this file: [[area]] id, name"));
    }
    if let Some(language) = audience.language.iter().find(|language| !is_language(language)) {
        problem(format!("\"{language}\" is no language: ja, ja-easy, en, vi …"));
    }
    if audience.missing.as_ref().is_some_and(|missing| missing.months > OLDEST_MONTHS) {
        problem(format!("missing: months of age, at most {OLDEST_MONTHS}"));
    }
}
