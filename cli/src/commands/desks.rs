//! `desks`: who listens, with what one comes, when they are there.

use std::fmt::Write as _;

use ayumi_core::app::{DeskTopic, DeskView, Locale, texts};
use serde_json::{Value, json};

use crate::args::GlobalArgs;
use crate::home;
use crate::output::{Failure, print};

#[derive(Debug, clap::Args)]
pub(crate) struct DesksOptions {
    /// Only desks for this topic: development, pregnancy, pregnancy_hidden, mind, violence, loss, night_illness, poison, dental,
    /// foreign, general
    #[arg(long, value_name = "TOPIC")]
    pub topic: Option<String>,
    /// Only desks that are open now
    #[arg(long)]
    pub open_now: bool,
}

pub(crate) fn run(args: &GlobalArgs, options: &DesksOptions) -> Result<(), Failure> {
    let mut all = home::open(args)?.desks().list(options.topic.as_deref())?;
    if options.open_now {
        all.retain(|desk| desk.open_now == Some(true));
    }
    let value: Vec<Value> = all.iter().map(desk_json).collect();
    print(args, &Value::from(value), || {
        if all.is_empty() {
            return format!("{}\n", texts::insight("desk.none", args.locale));
        }
        all.iter().map(|desk| desk_text(desk, args.locale)).collect()
    })
}

/// A desk in JSON, as `docs/cli.md` has it.
pub(crate) fn desk_json(desk: &DeskView) -> Value {
    let mut value = json!({
        "id": desk.id,
        "name": desk.name,
        "topics": desk.topics,
        "professions": desk.professions,
        "about": desk.about,
        "for": desk.what_for,
        "no_reason": desk.no_reason,
        "ways": desk.ways.iter().map(|way| json!({"kind": way.kind, "value": way.value, "note": way.note})).collect::<Vec<_>>(),
        "hours": desk.hours,
        "open_now": desk.open_now,
        "consults": desk.consults,
        "confidential": desk.confidential,
        "languages": desk.languages,
        "at_night": desk.at_night,
        "meanwhile_words": desk.meanwhile_words,
        "meanwhile": desk.meanwhile.iter().map(desk_json).collect::<Vec<_>>(),
    });
    let texts = [("not_for", &desk.not_for), ("asks", &desk.asks), ("fee", &desk.fee), ("checked", &desk.checked)];
    for (key, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
        value[key] = text.clone().into();
    }
    if let Some(anonymous) = desk.anonymous {
        value["anonymous"] = anonymous.into();
    }
    for (key, other) in [("second", &desk.second), ("successor", &desk.successor)] {
        if let Some(id) = other {
            value[key] = id.as_str().into();
        }
    }
    if let Some(at) = desk.opens_at {
        value["opens_at"] = at.format("%Y-%m-%dT%H:%M").to_string().into();
    }
    value
}

/// A desk as it is read on a terminal.
pub(crate) fn desk_text(desk: &DeskView, locale: Locale) -> String {
    let word = |key: &str| texts::insight(key, locale);
    let mut text = format!("【{}】{}\n", desk.name, desk.no_reason);
    if !desk.about.is_empty() {
        let _ = writeln!(text, "  {}", desk.about);
    }
    for way in &desk.ways {
        let note = if way.note.is_empty() { String::new() } else { format!(" ({})", way.note) };
        let _ = writeln!(text, "  {}: {}{note}", way.label, way.value);
    }
    if !desk.hours.is_empty() {
        let _ = writeln!(text, "  {}: {}  {}", word("desk.hours"), desk.hours.join(" / "), desk.state);
    }
    let lines = [
        ("desk.for", &desk.what_for),
        ("desk.not_for", &desk.not_for),
        ("desk.asks", &desk.asks),
        ("desk.fee", &desk.fee),
    ];
    for (key, words) in lines.into_iter().filter(|(_, words)| !words.is_empty()) {
        let _ = writeln!(text, "  {}: {words}", word(key));
    }
    if !desk.answers.is_empty() {
        let _ = writeln!(text, "  {}", desk.answers);
    }
    if desk.anonymous == Some(true) {
        let _ = writeln!(text, "  {}", word("desk.anonymous"));
    }
    if desk.confidential {
        let _ = writeln!(text, "  {}", word("desk.confidential"));
    }
    for words in [&desk.checked, &desk.at_night].into_iter().filter(|words| !words.is_empty()) {
        let _ = writeln!(text, "  {words}");
    }
    if !desk.meanwhile.is_empty() {
        let _ = writeln!(text, "{}", desk.meanwhile_words);
        desk.meanwhile.iter().for_each(|other| text.push_str(&desk_text(other, locale)));
    }
    text
}

/// The way to a topic, for a line under something else.
pub(super) fn way_text(topic: &str, locale: Locale) -> String {
    debug_assert!(DeskTopic::from_key(topic).is_some(), "a topic of the list");
    format!("{}: ayumi desks --topic {topic}\n", texts::insight("desk.for_you", locale))
}
