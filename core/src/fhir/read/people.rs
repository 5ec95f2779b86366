//! Whose a resource is. A file that a family got may hold several people, and may have been meant for another notebook.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde_json::Value;

use super::types::{Patient, Reference, elements};
use crate::fhir::open::{References, Resource};
use crate::fhir::why::Why;

/// Somebody that resources of a file are about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Somebody {
    /// A patient of the file, by day of birth and name: several cards of one person hold one each.
    Known { born: String, name: String },
    /// A patient without a day of birth, by place.
    Unborn(u64),
    /// Somebody who is not in the file.
    Elsewhere(String),
    /// Nobody is named.
    Nobody,
}

/// The people of a file, compared with the one whose notebook it is.
pub(super) struct People<'a> {
    references: References<'a>,
    patients: BTreeMap<u64, Somebody>,
    /// Everybody whom a resource is about.
    meant: BTreeSet<Somebody>,
    born: Option<NaiveDate>,
}

impl<'a> People<'a> {
    pub(super) fn new(all: &'a [Resource], born: Option<NaiveDate>) -> Self {
        let references = References::new(all);
        let patients = all.iter().filter(|one| one.kind == "Patient").map(|one| (one.place, patient(one))).collect();
        let mut people = Self { references, patients, meant: BTreeSet::new(), born };
        let about = all.iter().filter(|one| {
            ["Observation", "Immunization", "QuestionnaireResponse", "Media"].contains(&one.kind.as_str())
        });
        people.meant = about.map(|one| people.of(one)).collect();
        people
    }

    fn of(&self, resource: &Resource) -> Somebody {
        if let Some(own) = self.patients.get(&resource.place) {
            return own.clone();
        }
        let named = |body: &serde_json::Map<String, Value>| {
            let reference = body.get("subject").or_else(|| body.get("patient"))?;
            let reference = serde_json::from_value::<Reference>(reference.clone()).ok()?.reference;
            Some(reference).filter(|reference| !reference.is_empty())
        };
        let Some(mut reference) = named(&resource.body) else {
            // One patient, and a resource that names nobody: a file about one person.
            let only = self.patients.values().collect::<BTreeSet<_>>();
            return only.first().filter(|_| only.len() == 1).map_or(Somebody::Nobody, |only| (*only).clone());
        };
        // A related person is somebody's.
        if let Some(related) = self.references.find(resource, &reference).filter(|found| found.kind == "RelatedPerson")
        {
            reference = named(&related.body).unwrap_or(reference);
        }
        match self.references.find(resource, &reference).and_then(|found| self.patients.get(&found.place)) {
            Some(patient) => patient.clone(),
            None => Somebody::Elsewhere(reference),
        }
    }

    /// Checks that a resource is of the person whose notebook it is, as far as the file says it.
    pub(super) fn check(&self, resource: &Resource) -> Result<(), Why> {
        let somebody = self.of(resource);
        if let (Somebody::Known { born, .. }, Some(wanted)) = (&somebody, self.born) {
            // A year or a month alone says less, and that must fit.
            return if wanted.to_string().starts_with(born.as_str()) { Ok(()) } else { Err(Why::SomebodyElse) };
        }
        if self.meant.len() <= 1 { Ok(()) } else { Err(Why::WhoseIsUnclear) }
    }
}

fn patient(resource: &Resource) -> Somebody {
    let read: Patient = elements(resource).unwrap_or_default();
    if read.birth_date.len() < 4 {
        return Somebody::Unborn(resource.place);
    }
    let name = read.name.first().map(|name| format!("{} {} {}", name.text, name.family, name.given.join(" ")));
    Somebody::Known { born: read.birth_date, name: name.unwrap_or_default() }
}
