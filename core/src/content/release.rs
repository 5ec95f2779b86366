//! What an edition of a municipality's feed must keep beside the one before: nothing that was sent is changed behind a family's
//! back, nobody loses a desk without being told where to go, and what is urgent has two people behind it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;

use super::notice::{Level, Message, Notice};
use super::pack::{Pack, PackProblem};

/// A pack of an edition, and the file that it stands in.
pub type Named = (String, Pack);

/// Lists what keeps an edition from being published. `people` are those who publish it, `now` is the time in Japan.
pub fn problems(former: &[Named], next: &[Named], people: &[String], now: NaiveDateTime) -> Vec<PackProblem> {
    let mut found = Vec::new();
    of_one_municipality(next, &mut found);
    for (what, ids) in [
        ("pack", ids(next, |pack| vec![pack.pack.id.clone()])),
        ("desk", ids(next, |pack| pack.desk.iter().map(|desk| format!("{} {:?}", desk.id, desk.valid_from)).collect())),
        ("area", ids(next, |pack| pack.area.iter().map(|area| area.id.clone()).collect())),
        ("notice", ids(next, |pack| pack.notice.iter().map(Notice::key).collect())),
        ("programme", ids(next, |pack| pack.programme.iter().map(|one| one.event.clone()).collect())),
        ("item", ids(next, |pack| pack.item.iter().map(|item| item.id.clone()).collect())),
        ("words", ids(next, |pack| pack.words.keys().cloned().collect())),
    ] {
        found.extend(twice(what, ids));
    }
    versions(former, next, &mut found);
    notices(former, next, now, &mut found);
    urgent(former, next, people, &mut found);
    desks(former, next, &mut found);
    found
}

fn all<'a, T: 'a>(packs: &'a [Named], of: impl Fn(&'a Pack) -> &'a [T] + 'a) -> impl Iterator<Item = &'a T> {
    packs.iter().flat_map(move |(_, pack)| of(pack))
}

fn of_one_municipality(next: &[Named], found: &mut Vec<PackProblem>) {
    let mut codes: BTreeSet<&str> = BTreeSet::new();
    for (path, pack) in next {
        match &pack.pack.municipality {
            Some(code) => _ = codes.insert(code),
            None => found.push(PackProblem::new(path.as_str(), "municipality is missing: write its code")),
        }
    }
    if codes.len() > 1 {
        let all: Vec<&str> = codes.into_iter().collect();
        found.push(PackProblem::new("municipality", format!("{}: one in all files", all.join(", "))));
    }
}

/// The ids of all packs, each with its file.
fn ids(packs: &[Named], of: impl Fn(&Pack) -> Vec<String>) -> Vec<(String, String)> {
    packs.iter().flat_map(|(path, pack)| of(pack).into_iter().map(|id| (id, path.clone()))).collect()
}

/// Files are put together on a phone: what two of them say would be decided by their order.
fn twice(what: &str, ids: Vec<(String, String)>) -> Vec<PackProblem> {
    let mut first: BTreeMap<String, String> = BTreeMap::new();
    let mut found = Vec::new();
    for (id, path) in ids {
        match first.get(&id) {
            Some(other) if *other != path => {
                let id = id.split(' ').next().unwrap_or_default();
                found.push(PackProblem::new(format!("{what} \"{id}\""), format!("in {other} and in {path}: once")));
            }
            _ => _ = first.insert(id, path),
        }
    }
    found
}

/// The version of a pack rises with each change of it.
fn versions(former: &[Named], next: &[Named], found: &mut Vec<PackProblem>) {
    for (path, pack) in next {
        let Some((_, before)) = former.iter().find(|(_, before)| before.pack.id == pack.pack.id) else { continue };
        let (old, new) = (before.pack.version, pack.pack.version);
        if new < old || (new == old && before != pack) {
            found.push(PackProblem::new(path.as_str(), format!("version {new}: {} or more, it was changed", old + 1)));
        }
    }
}

/// A message that was sent is never changed, and stays until its time is over.
fn notices(former: &[Named], next: &[Named], now: NaiveDateTime, found: &mut Vec<PackProblem>) {
    let before: BTreeMap<String, &Notice> =
        all(former, |pack| &pack.notice).map(|notice| (notice.key(), notice)).collect();
    let is_over = |notice: &Notice| match notice.message {
        Message::Cancel => notice
            .references
            .iter()
            .all(|key| before.get(key).and_then(|notice| notice.expires).is_none_or(|expires| expires.is_over(now))),
        Message::Alert | Message::Update => notice.expires.is_some_and(|expires| expires.is_over(now)),
    };
    for (key, old) in before.iter().filter(|(_, old)| old.sent.begins() <= now) {
        let place = || format!("notice \"{key}\"");
        match all(next, |pack| &pack.notice).find(|notice| notice.key() == *key) {
            Some(new) if new == *old => {}
            Some(_) => found.push(PackProblem::new(
                place(),
                "it was sent, and is another one now: leave it, and write an update or a cancel",
            )),
            None if is_over(old) => {}
            None => found.push(PackProblem::new(
                place(),
                "it was sent and is missing: keep it in the file until its time is over; a cancel takes it back",
            )),
        }
    }
}

/// An urgent message that is new has two people behind it; a cancellation needs one.
fn urgent(former: &[Named], next: &[Named], people: &[String], found: &mut Vec<PackProblem>) {
    let known: BTreeSet<String> = all(former, |pack| &pack.notice).map(Notice::key).collect();
    let two = people.iter().map(|name| name.trim()).filter(|name| !name.is_empty()).collect::<BTreeSet<_>>().len() > 1;
    let new = all(next, |pack| &pack.notice).filter(|notice| !known.contains(&notice.key()));
    for notice in new.filter(|notice| notice.level() == Level::Urgent && notice.message != Message::Cancel) {
        if !two {
            found.push(PackProblem::new(
                format!("notice \"{}\"", notice.key()),
                "it is urgent: two people publish it, each by name",
            ));
        }
    }
}

/// A desk to which families write is closed only after it named the one that comes after it.
fn desks(former: &[Named], next: &[Named], found: &mut Vec<PackProblem>) {
    let here: BTreeSet<&str> = all(next, |pack| &pack.desk).map(|desk| desk.id.as_str()).collect();
    for desk in all(former, |pack| &pack.desk).filter(|desk| desk.consults && !here.contains(desk.id.as_str())) {
        if desk.successor.as_deref().is_none_or(|successor| !here.contains(successor)) {
            found.push(PackProblem::new(
                format!("desk \"{}\"", desk.id),
                "families write to it: publish it with successor = \"…\" first, then leave it out",
            ));
        }
    }
}

#[cfg(test)]
mod tests;
