//! Checks in JSON.

use ayumi_core::app::{CheckResult, CheckView, Question, ResultItem};
use serde_json::{Value, json};

use crate::commands::desks::desk_json;

pub(super) fn due_json(check: &CheckView) -> Value {
    let mut value = json!({
        "check": check.check,
        "band": format!("{}-{}", check.band.from, check.band.to),
        "from": check.from,
        "to": check.to,
        "state": check.state.key(),
        "name": check.name,
        "answered": check.answered,
        "questions": check.questions,
    });
    if let Some(again) = check.again_from {
        value["again_from"] = again.to_string().into();
    }
    value
}

pub(super) fn question_json(question: &Question) -> Value {
    // A carer who wants no ages is given none.
    let ages = (!question.typical_words.is_empty())
        .then(|| json!({"from_months": question.typical.from, "to_months": question.typical.to}));
    json!({
        "item": question.item,
        "area": question.area.key(),
        "text": question.text,
        "look": question.look,
        "play": question.play,
        "typical": ages,
        "basis": question.basis.key(),
        "picture": question.picture,
        "answer": question.answer.map(|answer| answer.key()),
        "first": question.first,
    })
}

fn item_json(item: &ResultItem) -> Value {
    let mut value = json!({"item": item.item, "area": item.area.key(), "text": item.text});
    if let Some(answer) = item.answer {
        value["answer"] = answer.key().into();
    }
    if !item.by.is_empty() {
        value["by"] = item.by.iter().map(|by| json!({"carer": by.carer, "answer": by.answer.key()})).collect();
    }
    value
}

fn next_json(item: &ResultItem) -> Value {
    let mut value = item_json(item);
    value["play"] = item.play.clone().into();
    value["typical"] = item.typical_words.clone().into();
    value
}

pub(super) fn result_json(result: &CheckResult) -> Value {
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
        "beginning": result.beginning.iter().map(next_json).collect::<Vec<_>>(),
        "next": result.next.iter().map(next_json).collect::<Vec<_>>(),
        "asked_back": result.asked_back.iter().map(item_json).collect::<Vec<_>>(),
        "offer": offer,
        "corrected": result.corrected,
    })
}
