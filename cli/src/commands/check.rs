//! `check`: due, start, questions, answer, result, trend.

use std::fmt::Write as _;
use std::path::Path;

use ayumi_core::app::{CheckResult, CheckState, CheckView, DeskView, Handbook, Question, ResultItem, steps_svg};
use ayumi_core::content::item::{Area, OfferKind};
use ayumi_core::model::NotebookId;
use ayumi_core::texts::{self, Locale};
use serde_json::{Value, json};

use super::ask;
use crate::args::{Args, CheckCommand};
use crate::home;
use crate::output::{Failure, print, write_file};

pub(crate) fn run(args: &Args, command: &CheckCommand) -> Result<(), Failure> {
    let book = home::open(args)?;
    match command {
        CheckCommand::Due { notebook } => {
            let all = book.checks().due(*notebook)?;
            let values: Vec<Value> = all.iter().map(due_json).collect();
            print(args, &Value::from(values), || due_text(&all, args.locale))
        }
        CheckCommand::Start { notebook, check } => ask::run(args, &book, *notebook, check.as_deref()),
        CheckCommand::Questions { notebook, check } => {
            let all = book.checks().questions(*notebook, check)?;
            let values: Vec<Value> = all.iter().map(question_json).collect();
            print(args, &Value::from(values), || questions_text(&all, args.locale))
        }
        CheckCommand::Answer { notebook, check, answers, worry, notice } => {
            let answers: Vec<(&str, &str)> =
                answers.iter().map(|(item, answer)| (item.as_str(), answer.as_str())).collect();
            let boxes: Vec<&str> = notice.iter().map(String::as_str).filter(|notice| *notice != "none").collect();
            let boxes = (!notice.is_empty()).then_some(boxes.as_slice());
            let id = book.checks().answer(*notebook, check, &answers, worry.as_deref(), boxes)?;
            print(args, &json!({"id": id}), || format!("{id}\n"))
        }
        CheckCommand::Result { notebook, check } => {
            let result = book.checks().result(*notebook, check)?;
            print(args, &result_json(&result), || result_text(&result, args.locale))
        }
        CheckCommand::Trend { notebook, area, svg } => trend(args, &book, *notebook, *area, svg.as_deref()),
    }
}

fn due_json(one: &CheckView) -> Value {
    let mut value = json!({
        "check": one.check,
        "band": format!("{}-{}", one.band.from, one.band.to),
        "from": one.from,
        "to": one.to,
        "state": one.state.key(),
        "name": one.name,
        "answered": one.answered,
        "questions": one.questions,
    });
    if let Some(again) = one.again_from {
        value["again_from"] = again.to_string().into();
    }
    value
}

/// What is open stands first in people's minds; what has passed does not press.
fn due_text(all: &[CheckView], locale: Locale) -> String {
    let mut text = String::new();
    let next = all.iter().position(|one| one.state == CheckState::Later);
    for (i, one) in all.iter().enumerate() {
        let shown = match one.state {
            CheckState::Open | CheckState::Done => true,
            CheckState::Missed => one.answered > 0 || all.get(i + 1).is_some_and(|n| n.state == CheckState::Open),
            CheckState::Later => Some(i) == next,
        };
        if shown {
            let words = texts::insight(&format!("check.state.{}", one.state.key()), locale);
            let _ = writeln!(text, "{:>4}  {}  {} - {}  {words}", one.check, one.name, one.from, one.to);
        }
        if let Some(again) = one.again_from {
            let _ = writeln!(text, "      {} ({again})", texts::insight("check.again", locale));
        }
    }
    text
}

fn question_json(one: &Question) -> Value {
    json!({
        "item": one.item,
        "area": one.area.key(),
        "text": one.text,
        "look": one.look,
        "play": one.play,
        "typical": {"from_months": one.typical.from, "to_months": one.typical.to},
        "basis": one.basis,
        "picture": one.picture,
        "answer": one.answer.map(|answer| answer.key()),
    })
}

fn questions_text(all: &[Question], locale: Locale) -> String {
    let mut text = String::new();
    let mut area = None;
    for one in all {
        if area != Some(one.area) {
            area = Some(one.area);
            let _ = writeln!(text, "\n{}", one.area_name);
        }
        let _ = writeln!(text, "  {:<14} {}  ({})", one.item, one.text, one.typical_words);
        let _ = writeln!(text, "  {:<14} {}: {}", "", texts::insight("check.look", locale), one.look);
        let _ = writeln!(text, "  {:<14} {}: {}", "", texts::insight("check.play", locale), one.play);
    }
    text
}

fn item_json(one: &ResultItem) -> Value {
    let mut value = json!({"item": one.item, "area": one.area.key(), "text": one.text});
    if let Some(answer) = one.answer {
        value["answer"] = answer.key().into();
    }
    if !one.by.is_empty() {
        value["by"] = one.by.iter().map(|by| json!({"carer": by.carer, "answer": by.answer.key()})).collect();
    }
    value
}

fn next_json(one: &ResultItem) -> Value {
    let mut value = item_json(one);
    value["play"] = one.play.clone().into();
    value["typical"] = one.typical_words.clone().into();
    value
}

pub(crate) fn desk_json(desk: &DeskView) -> Value {
    json!({
        "id": desk.id,
        "name": desk.name,
        "about": desk.about,
        "no_reason": desk.no_reason,
        "ways": desk.ways.iter().map(|way| json!({"kind": way.kind, "value": way.value, "note": way.note})).collect::<Vec<_>>(),
        "hours": desk.hours,
        "open_now": desk.open_now,
        "meanwhile": desk.meanwhile.iter().map(desk_json).collect::<Vec<_>>(),
    })
}

fn result_json(result: &CheckResult) -> Value {
    let mut offer = json!({
        "kind": result.offer.key(),
        "because": result.because,
        "words": result.offer_words,
        "because_words": result.because_words,
        "items": result.about,
    });
    if let Some(again) = result.again_from {
        offer["again_from"] = again.to_string().into();
    }
    if let Some(desk) = &result.desk {
        offer["desk"] = desk_json(desk);
    }
    json!({
        "strengths": result.strengths.iter().map(item_json).collect::<Vec<_>>(),
        "next": result.next.iter().map(next_json).collect::<Vec<_>>(),
        "offer": offer,
        "corrected": result.corrected,
    })
}

/// Strengths first; then what comes; then one offer, in friendly words.
pub(crate) fn result_text(result: &CheckResult, locale: Locale) -> String {
    let word = |key: &str| texts::insight(key, locale);
    let mut text = String::new();
    if result.strengths.is_empty() && result.next.iter().all(|one| one.answer.is_none()) {
        let _ = writeln!(text, "{}\n", word("check.nothing"));
    }
    if !result.strengths.is_empty() {
        let _ = writeln!(text, "{}", word("check.strengths"));
        result.strengths.iter().for_each(|one| {
            let _ = writeln!(text, "  ・{}", one.text);
        });
        text.push('\n');
    }
    if !result.next.is_empty() {
        let _ = writeln!(text, "{}", word("check.next"));
        for one in &result.next {
            let _ =
                writeln!(text, "  ・{}  {}\n     {}: {}", one.text, one.typical_words, word("check.play"), one.play);
        }
        text.push('\n');
    }
    if result.strengths.iter().chain(&result.next).any(|one| !one.by.is_empty()) {
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

pub(crate) fn desk_text(desk: &DeskView, locale: Locale) -> String {
    let mut text = format!("【{}】{}\n", desk.name, desk.no_reason);
    if !desk.about.is_empty() {
        let _ = writeln!(text, "  {}", desk.about);
    }
    for way in &desk.ways {
        let note = if way.note.is_empty() { String::new() } else { format!(" ({})", way.note) };
        let _ = writeln!(text, "  {}: {}{note}", way.label, way.value);
    }
    if !desk.hours.is_empty() {
        let _ =
            writeln!(text, "  {}: {}  {}", texts::insight("desk.hours", locale), desk.hours.join(" / "), desk.state);
    }
    if !desk.meanwhile.is_empty() {
        let _ = writeln!(text, "{}", texts::insight("desk.meanwhile", locale));
        desk.meanwhile.iter().for_each(|other| text.push_str(&desk_text(other, locale)));
    }
    text
}

fn trend(
    args: &Args,
    book: &Handbook,
    notebook: NotebookId,
    area: Option<Area>,
    svg: Option<&Path>,
) -> Result<(), Failure> {
    let mut areas = Vec::new();
    let mut values = Vec::new();
    for one in Area::ALL.into_iter().filter(|one| area.is_none_or(|area| area == *one)) {
        let steps = book.checks().trend(notebook, one)?;
        let told: Vec<Value> = steps.iter().map(|step| json!({"check": step.check, "new": step.new})).collect();
        values.push(json!({"area": one.key(), "steps": told}));
        let name = texts::insight(&format!("check.area.{}", one.key()), args.locale);
        areas.push((name.to_owned(), steps));
    }
    if let Some(path) = svg {
        let drawn = steps_svg::draw(texts::insight("check.trend", args.locale), &areas);
        write_file(path, drawn.as_bytes())?;
    }
    print(args, &Value::from(values), || {
        let mut text = String::new();
        for (name, steps) in &areas {
            let _ = writeln!(text, "{name}");
            for step in steps {
                let _ = writeln!(text, "  {}  {}", step.name, step.new.join("、"));
            }
        }
        text
    })
}
