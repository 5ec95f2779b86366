//! Resources as entries: our own put together again, those of others as far as a handbook has a place for them.
//!
//! Narratives (`text`) are never read: they are markup, and say nothing that the resource does not.

mod answers;
mod observation;
mod own;
mod people;
mod taken;
mod types;
mod vaccination;

use std::collections::HashMap;

use ayumi_protocol::EntryId;
use chrono::NaiveDate;
use serde_json::Value;

pub use own::{OwnFile, entries, own};
pub use taken::{Left, Reading, Taken};

use super::open::Resource;
use super::why::Why;
use crate::model::value::Fields;
use people::People;

/// Reads the resources of a file for the notebook of somebody born on a day, if that is known.
pub fn read(all: &[Resource], born: Option<NaiveDate>) -> Reading {
    let people = People::new(all, born);
    let mut reading = Reading::default();
    let mut merging = Merging::default();
    for resource in all {
        if let Err(why) = one(resource, &people, &mut merging, &mut reading) {
            reading.left.push(Left { place: resource.place, resource: resource.kind.clone(), why });
        }
    }
    reading
}

/// Entries that more resources may belong to.
#[derive(Default)]
struct Merging {
    /// Our own, by what their tags say.
    own: HashMap<(String, EntryId), usize>,
    /// Measurements of others, by bundle and moment.
    measured: HashMap<(usize, String), usize>,
}

fn one(resource: &Resource, people: &People<'_>, merging: &mut Merging, reading: &mut Reading) -> Result<(), Why> {
    if changes_its_meaning(resource) {
        return Err(Why::Modified);
    }
    if let Some(part) = own::part(resource) {
        let part = part?;
        people.check(resource)?;
        return merge_own(resource, part, merging, reading);
    }
    match resource.kind.as_str() {
        "Observation" => {
            let measured = observation::read(resource)?;
            people.check(resource)?;
            unused(resource, observation::ELEMENTS, reading);
            let key = (resource.bundle, measured.moment.clone());
            let at = merging.measured.get(&key).copied();
            let same = at.and_then(|at| reading.taken.get_mut(at)).filter(|taken| measured.goes_with(taken));
            match same {
                Some(taken) => taken.fields.extend(measured.fields),
                None => {
                    merging.measured.insert(key, reading.taken.len());
                    reading.taken.push(begun(resource, measured.kind, Some(measured.day), measured.fields));
                }
            }
            Ok(())
        }
        "Immunization" => {
            let (on, fields) = vaccination::read(resource)?;
            people.check(resource)?;
            unused(resource, vaccination::ELEMENTS, reading);
            reading.taken.push(begun(resource, vaccination::kind(), Some(on), fields));
            Ok(())
        }
        "Patient" => Err(Why::Compared),
        "ImmunizationRecommendation" => Err(Why::Computed),
        "Composition" | "Device" | "RelatedPerson" | "MessageHeader" | "OperationOutcome" => Err(Why::Frame),
        "" => Err(Why::Unreadable),
        _ => Err(Why::NotKept),
    }
}

fn begun(resource: &Resource, kind: &str, on: Option<NaiveDate>, fields: Fields) -> Taken {
    let card = resource.card.clone();
    Taken { place: resource.place, own: None, card, kind: kind.to_owned(), on, fields, picture: None }
}

fn merge_own(resource: &Resource, part: own::Part, merging: &mut Merging, reading: &mut Reading) -> Result<(), Why> {
    let key = (part.tag.kind.clone(), part.tag.id);
    let at = *merging.own.entry(key).or_insert(reading.taken.len());
    if at == reading.taken.len() {
        let mut new = begun(resource, &part.tag.kind, part.on, part.fields);
        (new.own, new.picture) = (Some(part.tag.id), part.picture);
        reading.taken.push(new);
        return Ok(());
    }
    let Some(there) = reading.taken.get_mut(at) else { return Err(Why::Unreadable) };
    let contradicts = part.fields.iter().any(|(key, value)| there.fields.get(key).is_some_and(|known| known != value));
    let other_day = part.on.is_some_and(|on| there.on.is_some_and(|known| known != on));
    let other_picture = part.picture.is_some() && there.picture.is_some();
    if contradicts || other_day || other_picture {
        return Err(Why::SaysTwoThings);
    }
    there.fields.extend(part.fields);
    there.on = there.on.or(part.on);
    there.picture = part.picture.or(there.picture.take());
    Ok(())
}

/// What must not be passed over: a modifier that is not understood, or rules outside the specification.
fn changes_its_meaning(resource: &Resource) -> bool {
    let filled = |value: &Value| match value {
        Value::Array(items) => !items.is_empty(),
        Value::Null => false,
        _ => true,
    };
    ["modifierExtension", "implicitRules"].iter().any(|key| resource.body.get(*key).is_some_and(filled))
}

/// Elements that every resource has and that are about it, not about the person.
const ABOUT_ITSELF: [&str; 5] = ["resourceType", "id", "meta", "text", "language"];

fn unused(resource: &Resource, elements: &[&str], reading: &mut Reading) {
    let known = |key: &str| elements.contains(&key) || ABOUT_ITSELF.contains(&key) || key.starts_with('_');
    let more = resource.body.keys().filter(|key| !known(key));
    reading.unused.extend(more.map(|key| format!("{}.{}", resource.kind, key.chars().take(64).collect::<String>())));
}
