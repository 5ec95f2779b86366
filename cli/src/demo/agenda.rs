//! The demo's look ahead: agenda, visits, a self-check and the desk that it leads to.

use ayumi_core::app::Handbook;
use serde_json::{Value, json};

use super::family::Family;
use crate::args::GlobalArgs;
use crate::commands::desks::desk_text;
use crate::output::{Failure, say};

/// A sample municipality's own content.
const SAMPLE: &str = include_str!("../../../fixtures/municipality/sample.toml");

pub(super) fn show(args: &GlobalArgs, handbook: &Handbook, family: &Family) -> Result<Value, Failure> {
    say(args, "5. これからのこと — what comes next, with a sample municipality's content installed");
    handbook.contents().install(SAMPLE)?;
    let twin = family.twins[0];
    let agenda = handbook.agenda().list(twin, None, None)?;
    for item in agenda.iter().take(6) {
        say(args, &format!("   {}  {}  [{}]", item.when, item.title, item.by));
    }
    let visits = handbook.vaccines().visits(twin, 365, false)?;
    if let Some(visit) = visits.first() {
        say(args, &format!("   予防接種は同じ日にまとめられます — {}: {}", visit.on, visit.titles.join("、")));
    }
    // A mother writes what is on her mind; the desk opens with one tap.
    let checks = handbook.checks();
    let open = checks.due(family.older)?.into_iter().rfind(|check| check.answered > 0);
    let mut offer = Value::Null;
    if let Some(check) = open {
        checks.answer(family.older, &check.check, &[], Some("お友だちの輪に入れないことがあります"), None)?;
        let result = checks.result(family.older, &check.check)?;
        say(args, &format!("   できたね!チェック({}) できること:", check.name));
        for item in result.strengths.iter().take(4) {
            say(args, &format!("     ・{}", item.text));
        }
        say(args, &format!("   {}", result.offer_words));
        if let Some(desk) = &result.desk {
            for line in desk_text(desk, args.locale).lines() {
                say(args, &format!("     {line}"));
            }
        }
        offer = json!({"check": check.check, "kind": result.offer.key(), "desk": result.desk.map(|desk| desk.name)});
    }
    Ok(json!({"agenda": agenda.len(), "visits": visits.len(), "offer": offer}))
}
