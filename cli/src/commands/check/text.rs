//! Checks as text for people.

use std::fmt::Write as _;

use ayumi_core::app::{
    Became, CheckResult, CheckState, CheckView, Locale, OfferKind, Question, ResultItem, long_date, texts,
};

use crate::commands::desks::desk_text;

/// Lists open and done checks, the check just missed and the next one; long missed checks are left out.
pub(super) fn due_text(all: &[CheckView], locale: Locale) -> String {
    let mut text = String::new();
    let next = all.iter().position(|check| check.state == CheckState::Later);
    for (i, check) in all.iter().enumerate() {
        let shown = match check.state {
            CheckState::Open | CheckState::Done => true,
            CheckState::Missed => check.answered > 0 || all.get(i + 1).is_some_and(|n| n.state == CheckState::Open),
            CheckState::Later => Some(i) == next,
        };
        if shown {
            let words = texts::insight(&format!("check.state.{}", check.state.key()), locale);
            let span = texts::insight("agenda.span", locale)
                .replace("{from}", &long_date(check.from, locale))
                .replace("{to}", &long_date(check.to, locale));
            let _ = writeln!(text, "{:>4}  {}  {span}  {words}", check.check, check.name);
        }
        if let Some(again) = check.again_from {
            let _ = writeln!(text, "      {} ({})", texts::insight("check.again", locale), long_date(again, locale));
        }
    }
    text
}

/// The ten that come first, area by area; then the rest.
pub(super) fn questions_text(all: &[Question], locale: Locale) -> String {
    let (first, rest): (Vec<&Question>, Vec<&Question>) = all.iter().partition(|question| question.first);
    let mut text = questions_by_area(&first, locale);
    if !rest.is_empty() {
        let _ = writeln!(text, "\n{}", more(rest.len(), locale));
        text += &questions_by_area(&rest, locale);
    }
    text
}

/// How many more there are, for who wants them.
pub(super) fn more(questions: usize, locale: Locale) -> String {
    texts::insight("check.more", locale).replace("{n}", &questions.to_string())
}

fn questions_by_area(questions: &[&Question], locale: Locale) -> String {
    let mut text = String::new();
    let mut area = None;
    for item in questions {
        if area != Some(item.area) {
            area = Some(item.area);
            let _ = writeln!(text, "\n{}", item.area_name);
        }
        let ages = Some(&item.typical_words).filter(|words| !words.is_empty());
        let ages = ages.map(|words| format!("  ({words})")).unwrap_or_default();
        let _ = writeln!(text, "  {:<14} {}{ages}", item.item, item.text);
        let _ = writeln!(text, "  {:<14} {}: {}", "", texts::insight("check.look", locale), item.look);
        let _ = writeln!(text, "  {:<14} {}: {}", "", texts::insight("check.play", locale), item.play);
    }
    text
}

/// Strengths first; then what comes; then one offer, in friendly words.
pub(super) fn result_text(result: &CheckResult, locale: Locale) -> String {
    let word = |key: &str| texts::insight(key, locale);
    let mut text = String::new();
    let answered = |items: &[ResultItem]| items.iter().any(|item| item.answer.is_some());
    if ![&result.strengths, &result.beginning, &result.next].into_iter().any(|items| answered(items)) {
        let _ = writeln!(text, "{}\n", word("check.nothing"));
    }
    if !result.strengths.is_empty() {
        let _ = writeln!(text, "{}", word("check.strengths"));
        result.strengths.iter().for_each(|item| {
            let _ = writeln!(text, "  ・{}", item.text);
        });
        text.push('\n');
    }
    for (title, items) in [("check.beginning", &result.beginning), ("check.next", &result.next)] {
        if items.is_empty() {
            continue;
        }
        let _ = writeln!(text, "{}", word(title));
        for item in items {
            let _ =
                writeln!(text, "  ・{}  {}\n     {}: {}", item.text, item.typical_words, word("check.play"), item.play);
        }
        text.push('\n');
    }
    if !result.asked_back.is_empty() {
        let _ = writeln!(text, "{}", word("check.asked_back"));
        for item in &result.asked_back {
            let _ = writeln!(text, "  ・{}", item.text);
        }
        for became in Became::ALL {
            let _ = writeln!(text, "     {:<10} {}", became.key(), word(&format!("check.became.{}", became.key())));
        }
        text.push('\n');
    }
    if result.strengths.iter().chain(&result.beginning).chain(&result.next).any(|item| !item.by.is_empty()) {
        let _ = writeln!(text, "{}\n", word("check.differs"));
    }
    if result.corrected {
        let _ = writeln!(text, "{}\n", word("check.corrected"));
    }
    let _ = writeln!(text, "{}", result.offer_words);
    if result.offer != OfferKind::None {
        result.because_words.iter().for_each(|words| {
            let _ = writeln!(text, "  ・{words}");
        });
    }
    if let Some(desk) = &result.desk {
        let _ = writeln!(text, "\n{}", desk_text(desk, locale));
        let _ = writeln!(text, "{}", word("check.free"));
    }
    text
}
