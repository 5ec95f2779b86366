//! Persons: several devices of one notebook may be the same person's, and who has been an owner for longer is safe from who
//! became one later.

use std::collections::BTreeSet;

use super::{Holder, Person, State, What};
use crate::key::KeyId;

impl State {
    /// Notes with which statement each owner became one. Who stays an owner keeps the place, with whatever device.
    pub(super) fn settle_owners(&mut self) {
        let owners: BTreeSet<Person> =
            self.holders.values().filter(|holder| holder.is_owner()).map(|holder| holder.person).collect();
        self.owners.retain(|person, _| owners.contains(person));
        for person in owners {
            self.owners.entry(person).or_insert(self.heads.len());
        }
    }

    /// Whether somebody may take away what another one holds: not from who became an owner before them. An open invitation
    /// any owner takes back.
    pub(super) fn may_take_from(&self, author: &Holder, held: &Holder) -> bool {
        let place = |holder: &Holder| self.owners.get(&holder.person);
        let senior = || match (place(author), place(held)) {
            (Some(author), Some(held)) => held < author,
            (None, Some(_)) => true,
            (_, None) => false,
        };
        matches!(held.what, What::Invitation { .. }) || author.person == held.person || !senior()
    }

    /// Whether a holder may take another one out, lower it, or leave it out of a recovery, as far as their places say.
    pub fn may_take_out(&self, author: &KeyId, held: &KeyId) -> bool {
        let both = self.holders.get(author).zip(self.holders.get(held));
        both.is_some_and(|(author, held)| self.may_take_from(author, held))
    }

    /// Returns whose a key is or was.
    pub fn person_of(&self, id: &KeyId) -> Option<Person> {
        self.holders.get(id).or_else(|| self.gone.get(id)).map(|holder| holder.person)
    }

    /// Returns a person's devices.
    pub fn devices_of(&self, person: Person) -> impl Iterator<Item = &KeyId> {
        let theirs = move |(_, holder): &(&KeyId, &Holder)| holder.what == What::Member && holder.person == person;
        self.holders.iter().filter(theirs).map(|(id, _)| id)
    }

    /// Returns the members whom a person let in, and whom those let in: not the person's own devices.
    pub fn let_in_by(&self, person: Person) -> Vec<KeyId> {
        let mut persons = BTreeSet::from([person]);
        // Also through somebody who is gone.
        loop {
            let came_by = |holder: &Holder| holder.by.and_then(|by| self.person_of(&by));
            let all = self.holders.values().chain(self.gone.values()).filter(|holder| holder.what == What::Member);
            let new: Vec<Person> = all
                .filter(|holder| !persons.contains(&holder.person))
                .filter(|holder| came_by(holder).is_some_and(|by| persons.contains(&by)))
                .map(|holder| holder.person)
                .collect();
            if new.is_empty() {
                break;
            }
            persons.extend(new);
        }
        persons.remove(&person);
        let members = self.holders.iter().filter(|(_, holder)| holder.what == What::Member);
        members.filter(|(_, holder)| persons.contains(&holder.person)).map(|(id, _)| *id).collect()
    }
}
