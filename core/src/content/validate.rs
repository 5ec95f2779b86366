//! Validates the content of a pack once it has been parsed. Each message says what to write instead.

use std::collections::{BTreeMap, BTreeSet};

use super::desk::Desk;
use super::item::{AgeBand, CheckItem, CheckRules, Milestone, OfferKind};
use super::lead::{LeadRule, LeadRules};
use super::moment::Confidence;
use super::notice;
use super::pack::{self, KEY_LETTERS, LETTERS, Pack, PackProblem, PackServer};
use super::series::{Series, VaccineRules};
use super::words::Words;
use crate::furigana;

const LANGUAGES: [&str; 3] = ["日本語", "やさしい日本語", "English"];
/// Longest text of an item: it must fit a phone's card.
const ITEM_CHARS: usize = 90;
const WAYS: [&str; 6] = ["phone", "visit", "web", "chat", "fax", "mail"];

/// Reads one of our own packs and validates it by itself.
///
/// # Errors
/// Every problem that was found, in the order of the file.
pub fn read(text: &str) -> Result<Pack, Vec<PackProblem>> {
    let pack = pack::parse(text).map_err(|problem| vec![problem])?;
    let problems = problems(&pack);
    if problems.is_empty() { Ok(pack) } else { Err(problems) }
}

/// Lists what is wrong within the pack itself.
pub fn problems(pack: &Pack) -> Vec<PackProblem> {
    let mut found = Vec::new();
    head(pack, &mut found);
    unique("item", pack.item.iter().map(|item| item.id.as_str()), &mut found);
    unique("desk", pack.desk.iter().map(|desk| desk.id.as_str()), &mut found);
    pack.item.iter().for_each(|item| item_itself(item, &mut found));
    pack.desk.iter().for_each(|desk| desk_itself(desk, &mut found));
    pack.desk.iter().for_each(|desk| desk_beside(desk, &pack.desk, &mut found));
    pack.area.iter().for_each(|area| words(&format!("area \"{}\"", area.id), &area.name, 40, &mut found));
    found.extend(notice::valid::problems(pack));
    for (key, text) in &pack.words {
        words(&format!("words \"{key}\""), text, 400, &mut found);
    }
    if let Some(rules) = &pack.vaccines {
        vaccines(rules, &mut found);
    }
    if let Some(leads) = &pack.leads {
        unique("rule", leads.rule.iter().map(|rule| rule.id.as_str()), &mut found);
        leads.rule.iter().for_each(|rule| lead(rule, &mut found));
    }
    if let Some(agenda) = &pack.agenda {
        unique("event", agenda.event.iter().map(|event| event.id.as_str()), &mut found);
        if agenda.prenatal.windows(2).any(|pair| pair[0].from_week >= pair[1].from_week) {
            found.push(PackProblem::new("prenatal", "weeks must rise"));
        }
    }
    found
}

/// What the pack needs from what is there already.
#[derive(Debug, Clone, Copy)]
pub struct Base<'a> {
    /// Bands and rules.
    pub checks: &'a CheckRules,
    /// Rows of sources.
    pub milestones: &'a BTreeMap<String, Milestone>,
    /// Items that are there.
    pub items: &'a [CheckItem],
    /// Events that are there.
    pub events: &'a BTreeSet<String>,
    /// Words that are there, in Japanese: their placeholders must be kept.
    pub words: &'a BTreeMap<String, String>,
}

/// What is wrong with the pack beside what is there.
pub fn against(pack: &Pack, base: &Base<'_>) -> Vec<PackProblem> {
    let mut found = Vec::new();
    for item in &pack.item {
        item_against(item, base, &mut found);
    }
    for id in pack.without_items.iter().filter(|id| !base.items.iter().any(|item| item.id == **id)) {
        found.push(PackProblem::new("without_items", format!("there is no item \"{id}\"")));
    }
    for programme in &pack.programme {
        let place = format!("programme \"{}\"", programme.event);
        if !base.events.contains(&programme.event) {
            let all: Vec<&str> = base.events.iter().map(String::as_str).collect();
            found.push(PackProblem::new(&place, format!("there is no such event; one of {}", all.join(", "))));
        }
        if let Some(desk) = &programme.desk
            && !pack.desk.iter().any(|known| known.id == *desk)
        {
            found.push(PackProblem::new(&place, format!("there is no desk \"{desk}\" in this file")));
        }
        if let Some(how) = &programme.how {
            words(&place, how, 400, &mut found);
        }
    }
    for (key, theirs) in &pack.words {
        let place = format!("words \"{key}\"");
        if key.starts_with("lead.") {
            found.push(PackProblem::new(&place, "comes with the app: a professional signs what leads to a doctor"));
        }
        let Some(ours) = base.words.get(key) else {
            found.push(PackProblem::new(place, "no such key; \"ayumi content words\" lists them"));
            continue;
        };
        for name in placeholders(ours) {
            if let Some((language, _)) = LANGUAGES.iter().zip(theirs).find(|(_, one)| !one.contains(name)) {
                found.push(PackProblem::new(&place, format!("{language} needs {name}, which the app fills in")));
            }
        }
    }
    found
}

/// `{date}` in "{date}まで".
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive('}')
        .filter_map(|part| part.find('{').map(|start| &part[start..]))
        .filter(|name| name.ends_with('}'))
}

fn head(pack: &Pack, found: &mut Vec<PackProblem>) {
    let id = &pack.pack.id;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
    if id.is_empty() || id.len() > 80 || !id.chars().all(plain) {
        found.push(PackProblem::new("pack id", "small letters, digits, dots: \"jp.012345.handbook\""));
    }
    if pack.pack.version == 0 {
        found.push(PackProblem::new("pack version", "a whole number from 1"));
    }
    words("pack name", &pack.pack.name, 80, found);
    if let Some(code) = &pack.pack.municipality
        && !(matches!(code.len(), 5 | 6) && code.bytes().all(|b| b.is_ascii_digit()))
    {
        found.push(PackProblem::new("municipality", "five or six digits in quotation marks"));
    }
    if let Some(PackServer { address, key }) = &pack.pack.server {
        let host = address.strip_prefix("https://").map(|rest| rest.trim_end_matches('/'));
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | ':');
        if !host.is_some_and(|host| !host.is_empty() && host.chars().all(plain)) {
            found.push(PackProblem::new("server address", "https:// and the name in small letters, without a path"));
        }
        if key.len() != KEY_LETTERS || !key.chars().all(|c| LETTERS.contains(c)) {
            let what = "the sixteen letters that \"ayumi serve\" shows when it starts";
            found.push(PackProblem::new("server key", what));
        }
    }
}

fn unique<'a>(what: &str, ids: impl Iterator<Item = &'a str>, found: &mut Vec<PackProblem>) {
    let mut seen = BTreeSet::new();
    for id in ids {
        if !seen.insert(id) {
            found.push(PackProblem::new(format!("{what} \"{id}\""), "this id is there twice"));
        }
    }
}

fn words(place: &str, text: &Words, longest: usize, found: &mut Vec<PackProblem>) {
    for (language, one) in LANGUAGES.iter().zip(text) {
        if one.trim().is_empty() {
            found.push(PackProblem::new(place, format!("{language} is empty: [日本語, やさしい日本語, English]")));
        } else if furigana::without(one).chars().count() > longest {
            found.push(PackProblem::new(place, format!("{language} is longer than {longest} characters")));
        } else if one.chars().any(|c| c.is_control() && c != '\n') {
            found.push(PackProblem::new(place, format!("{language} holds a control character")));
        }
    }
}

fn item_itself(item: &CheckItem, found: &mut Vec<PackProblem>) {
    let place = format!("item \"{}\"", item.id);
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if item.id.is_empty() || item.id.len() > 40 || !item.id.chars().all(plain) {
        found.push(PackProblem::new(&place, "id: small letters, digits and _, at most 40"));
    }
    for (name, text) in [("text", &item.text), ("look", &item.look), ("play", &item.play)] {
        words(&format!("{place} {name}"), text, ITEM_CHARS, found);
    }
    if item.range.0 > item.range.1 || item.range.1 > 84 {
        found.push(PackProblem::new(&place, "range: [from, to] in months, from not after to, at most 84"));
    }
    if item.late.is_some_and(|(late, long_late)| late < item.range.1 || long_late < late || long_late > 120) {
        found.push(PackProblem::new(&place, "late: [beside another, alone] in months, not before the range ends"));
    }
    if item.rows.is_empty() && item.source.trim().is_empty() {
        found.push(PackProblem::new(&place, "name the source of the ages: source = \"…\""));
    }
    if item.bands.is_empty() {
        found.push(PackProblem::new(&place, "bands: the checks that ask it, such as [18, 20]"));
    }
    if let Some(signal) = item.signal.as_deref().filter(|signal| *signal != "sound") {
        found.push(PackProblem::new(&place, format!("signal \"{signal}\" is not known; only \"sound\"")));
    }
}

fn item_against(item: &CheckItem, base: &Base<'_>, found: &mut Vec<PackProblem>) {
    let place = format!("item \"{}\"", item.id);
    for band in item.bands.iter().filter(|band| !base.checks.bands.contains(band)) {
        found.push(PackProblem::new(
            &place,
            format!("there is no check at {band} months; checks: {:?}", base.checks.bands),
        ));
    }
    let mut range: Option<(u32, u32)> = None;
    for id in &item.rows {
        match base.milestones.get(id) {
            None => found.push(PackProblem::new(&place, format!("row \"{id}\" is not in milestones.csv"))),
            Some(row) if row.area != item.area => {
                found.push(PackProblem::new(&place, format!("row \"{id}\" is of another area")));
            }
            Some(row) => {
                let (low, high) = range.unwrap_or((row.from_months, row.to_months));
                range = Some((low.min(row.from_months), high.max(row.to_months)));
            }
        }
    }
    if let Some(range) = range.filter(|range| *range != item.range) {
        found.push(PackProblem::new(&place, format!("range must be what its rows say: [{}, {}]", range.0, range.1)));
    }
    // Asked where it is about to come or has just come; later only with a note that says so.
    let far = |band: &&u32| **band + 3 < item.range.0 || (**band > item.range.1 + 6 && item.note.is_empty());
    if let Some(band) = item.bands.iter().find(far) {
        let (from, to) = item.range;
        found.push(PackProblem::new(
            &place,
            format!("asked at {band} months, but its ages are {from} to {to}; say why in note"),
        ));
    }
    for (name, text) in [("text", &item.text), ("look", &item.look), ("play", &item.play)] {
        for one in text {
            let lower = one.to_lowercase();
            if let Some(word) = base.checks.avoid.iter().find(|word| lower.contains(*word)) {
                found.push(PackProblem::new(
                    format!("{place} {name}"),
                    format!("\"{word}\" may frighten or compares; say what the child does"),
                ));
            }
        }
    }
}

fn desk_itself(desk: &Desk, found: &mut Vec<PackProblem>) {
    let place = format!("desk \"{}\"", desk.id);
    words(&format!("{place} name"), &desk.name, 80, found);
    let texts = [
        ("about", &desk.about),
        ("for", &desk.for_what),
        ("not_for", &desk.not_for),
        ("asks", &desk.asks),
        ("fee", &desk.fee),
        ("hours_words", &desk.hours_words),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            words(&format!("{place} {name}"), text, 200, found);
        }
    }
    if desk.topics.is_empty() {
        found.push(PackProblem::new(&place, "topics: what it is there for, such as [\"development\"]"));
    }
    for way in &desk.ways {
        if !WAYS.contains(&way.kind.as_str()) {
            found.push(PackProblem::new(&place, format!("way \"{}\": one of {}", way.kind, WAYS.join(", "))));
        }
        if way.value.trim().is_empty() || way.value.chars().count() > 200 {
            found.push(PackProblem::new(
                &place,
                format!("way \"{}\" needs a value of at most 200 characters", way.kind),
            ));
        }
        if way.kind == "web" && !way.value.starts_with("https://") {
            found.push(PackProblem::new(&place, "a web address begins with https://"));
        }
    }
    for hours in &desk.hours {
        if hours.weekdays().is_empty() {
            found.push(PackProblem::new(&place, format!("days \"{}\": write \"mon-fri\" or \"mon,wed\"", hours.days)));
        }
        if hours.from >= hours.to {
            found.push(PackProblem::new(&place, "hours must begin before they end"));
        }
    }
    let day = |text: &String| chrono::NaiveDate::parse_from_str(&format!("2024-{text}"), "%Y-%m-%d").is_ok();
    if let Some(closed) = desk.closed_yearly.iter().find(|text| !day(text)) {
        found.push(PackProblem::new(&place, format!("closed_yearly \"{closed}\": write \"12-29\"")));
    }
}

/// The desks that a desk names: they are in the file, and lead away from it; what one says in confidence goes on only to a
/// desk that is as confidential.
fn desk_beside(desk: &Desk, all: &[Desk], found: &mut Vec<PackProblem>) {
    let place = format!("desk \"{}\"", desk.id);
    for (name, other) in [("second", &desk.second), ("successor", &desk.successor)] {
        let Some(id) = other else { continue };
        let Some(other) = all.iter().find(|known| known.id == *id && known.id != desk.id) else {
            found.push(PackProblem::new(&place, format!("{name} \"{id}\": another desk of this file")));
            continue;
        };
        if desk.is_own() && !other.confidential {
            found.push(PackProblem::new(&place, format!("{name} \"{id}\" must be confidential = true, too")));
        }
    }
    let mut next = desk;
    for _ in all {
        match next.successor.as_ref().and_then(|id| all.iter().find(|known| known.id == *id)) {
            Some(successor) if successor.id == desk.id => {
                found.push(PackProblem::new(&place, "its successors lead back to it"));
                return;
            }
            Some(successor) => next = successor,
            None => return,
        }
    }
}

fn lead(rule: &LeadRule, found: &mut Vec<PackProblem>) {
    let place = format!("rule \"{}\"", rule.id);
    let ways =
        usize::from(!rule.answer.is_empty()) + usize::from(rule.lost.is_some()) + usize::from(rule.no_gain.is_some());
    if ways != 1 {
        found.push(PackProblem::new(&place, "needs answers, lost or no_gain, and one of them only"));
    }
    if rule.offer == OfferKind::None || (rule.offer >= OfferKind::Soon) == rule.clinics.is_empty() {
        found.push(PackProblem::new(&place, "a doctor or soon names its clinics; nothing else does"));
    }
    if rule.answer.iter().any(|answer| !matches!(answer.field, Some((_, Some(_))))) {
        found.push(PackProblem::new(&place, "an answer is written kind.field=value"));
    }
    if rule.confidence >= Confidence::C || rule.sources.is_empty() {
        found.push(PackProblem::new(&place, "what nobody has confirmed drives nothing"));
    }
    if rule.remind_every == 0 {
        found.push(PackProblem::new(&place, "remind_every: days, from 1"));
    }
}

/// Lists what no professional has signed: each rule that sends a family to a doctor, or somewhere soon. A build for a release
/// (`AYUMI_RELEASE`) fails with these.
pub fn unsigned(leads: &LeadRules, checks: &CheckRules) -> Vec<PackProblem> {
    let of_leads = leads.rule.iter().map(|rule| ("leads", &rule.id, rule.offer, &rule.signed_by));
    let of_checks = checks.rule.iter().map(|rule| ("checks", &rule.id, rule.offer, &rule.signed_by));
    let all =
        of_leads.chain(of_checks).filter(|(.., offer, signed)| *offer >= OfferKind::Soon && signed.trim().is_empty());
    all.map(|(part, id, ..)| PackProblem::new(format!("{part}, rule \"{id}\""), "no professional has signed it"))
        .collect()
}

fn vaccines(rules: &VaccineRules, found: &mut Vec<PackProblem>) {
    unique("product", rules.products.iter().map(|p| p.id.as_str()), found);
    unique("series", rules.series.iter().map(|s| s.id.as_str()), found);
    unique("rule", rules.rule.iter().map(|r| r.id.as_str()), found);
    rules.series.iter().for_each(|series| one_series(series, rules, found));
}

fn one_series(series: &Series, rules: &VaccineRules, found: &mut Vec<PackProblem>) {
    let place = format!("series \"{}\"", series.id);
    let products = series.products.iter().chain(&series.counts).chain(&series.unclear).chain(&series.led_by_doctor);
    let switches = series.switches.iter().flat_map(|(from, to)| [from, to]);
    for id in products.chain(switches).chain(series.path.iter().flat_map(|path| &path.prior)) {
        if rules.product(id).is_none() {
            found.push(PackProblem::new(&place, format!("there is no product \"{id}\"")));
        }
    }
    for id in series.exclusive_with.iter().chain(&series.follows).filter(|id| rules.series(id).is_none()) {
        found.push(PackProblem::new(&place, format!("there is no series \"{id}\"")));
    }
    for path in &series.path {
        if path.doses.is_empty() || path.doses.windows(2).any(|pair| pair[0].n >= pair[1].n) {
            found.push(PackProblem::new(&place, format!("doses of path \"{}\" must rise", path.id)));
        }
        for gap in path.doses.iter().flat_map(|dose| &dose.gaps) {
            let known = match gap.after.split_once(':') {
                None => matches!(gap.after.as_str(), "prev" | "last_initial"),
                Some(("dose", n)) => n.parse::<u8>().is_ok(),
                Some(("series", id)) => rules.series(id).is_some(),
                _ => false,
            };
            if !known {
                found.push(PackProblem::new(&place, format!("gap after \"{}\" is not known", gap.after)));
            }
        }
    }
}

/// One area's items over all checks: 3 to 5 each from 12 months on; the bonus before may have less.
pub fn fullness(items: &[CheckItem], rules: &CheckRules) -> Vec<PackProblem> {
    let mut found = Vec::new();
    for band in &rules.bands {
        let count = items.iter().filter(|item| item.bands.contains(band)).count();
        if !(if *band >= 12 { 3..=5 } else { 1..=5 }).contains(&count) {
            found.push(PackProblem::new(
                format!("check of {band} months"),
                format!("{count} items of one area; 3 to 5"),
            ));
        }
    }
    found
}

/// Rows of the rule table that can never lead anywhere.
pub fn rule_problems(rules: &CheckRules) -> Vec<PackProblem> {
    let mut found = Vec::new();
    unique("rule", rules.rule.iter().map(|rule| rule.id.as_str()), &mut found);
    if rules.bands.windows(2).any(|pair| pair[0] >= pair[1]) || rules.bands.last().is_none_or(|last| *last >= rules.end)
    {
        found.push(PackProblem::new("bands", "must rise, and the end must come after them"));
    }
    for rule in &rules.rule {
        let place = format!("rule \"{}\"", rule.id);
        let some = rule.answer.is_some() || rule.notice.is_some() || rule.worry;
        if !some {
            found.push(PackProblem::new(&place, "needs an answer, a notice or a worry"));
        }
        if let Some(notice) = rule.notice.as_ref().filter(|notice| !rules.notices.contains(notice)) {
            found.push(PackProblem::new(&place, format!("there is no notice \"{notice}\"")));
        }
        if rule.answer.is_none() && (rule.age.is_some_and(|age| age != AgeBand::Any) || rule.before.is_some()) {
            found.push(PackProblem::new(&place, "an age or an earlier answer needs an answer"));
        }
    }
    found
}
