//! Persons: several devices of one notebook may be the same person's, and who has been an owner for longer is safe from who
//! became one later.

use std::collections::{BTreeMap, BTreeSet};

use super::holder::{Holder, Person, What};

/// The place of the statement that last made each owning person an owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owners(BTreeMap<Person, usize>);

impl Owners {
    /// The founder alone.
    pub(super) fn founded(by: Person) -> Self {
        Self(BTreeMap::from([(by, 0)]))
    }

    /// Notes who is an owner behind the statement at a place. Who stays one keeps the place, with whatever device.
    pub(super) fn settle<'a>(&mut self, holders: impl Iterator<Item = &'a Holder>, place: usize) {
        let owners: BTreeSet<Person> = holders.filter(|holder| holder.is_owner()).map(|holder| holder.person).collect();
        self.0.retain(|person, _| owners.contains(person));
        for person in owners {
            self.0.entry(person).or_insert(place);
        }
    }

    /// Whether nobody decides any more.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether somebody may take away what another one holds: not from who became an owner before them. An open invitation
    /// any owner takes back.
    pub(super) fn may_take(&self, author: &Holder, held: &Holder) -> bool {
        let senior = match (self.0.get(&author.person), self.0.get(&held.person)) {
            (Some(author), Some(held)) => held < author,
            (None, Some(_)) => true,
            (_, None) => false,
        };
        matches!(held.what, What::Invitation { .. }) || author.person == held.person || !senior
    }
}

/// Returns the persons whom a person let in, and whom those let in, also through somebody who is gone. `members` are those who
/// are and were here, each with the person who let them in.
pub(super) fn let_in(person: Person, members: &[(Person, Option<Person>)]) -> BTreeSet<Person> {
    let mut persons = BTreeSet::from([person]);
    loop {
        let came = |(new, by): &&(Person, Option<Person>)| {
            !persons.contains(new) && by.is_some_and(|by| persons.contains(&by))
        };
        let new: Vec<Person> = members.iter().filter(came).map(|(new, _)| *new).collect();
        if new.is_empty() {
            break;
        }
        persons.extend(new);
    }
    persons.remove(&person);
    persons
}
