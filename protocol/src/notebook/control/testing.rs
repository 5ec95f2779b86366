//! A family for tests: devices whose keys follow from a number.

use std::collections::BTreeMap;

use ring::signature::{Ed25519KeyPair, KeyPair};

use super::action::NewHolder;
use super::statement::PURPOSE;
use super::{Action, AllEpochs, NewEpoch, Person, Role, State, Statement, founded_id};
use crate::id::NotebookId;
use crate::key::{Hash, KeyId, PublicKeys, to_sign};

/// A device with keys that follow from a number.
pub(crate) struct Device {
    pair: Ed25519KeyPair,
    agree: [u8; 32],
}

impl Device {
    pub(crate) fn new(number: u8) -> Self {
        Self { pair: Ed25519KeyPair::from_seed_unchecked(&[number; 32]).unwrap(), agree: [number; 32] }
    }

    /// As [`Self::new`], for more of them than a byte can count.
    pub(crate) fn numbered(number: u16) -> Self {
        let mut seed = [3; 32];
        seed[..2].copy_from_slice(&number.to_be_bytes());
        Self { pair: Ed25519KeyPair::from_seed_unchecked(&seed).unwrap(), agree: seed }
    }

    pub(crate) fn keys(&self) -> PublicKeys {
        PublicKeys { sign: self.pair.public_key().as_ref().try_into().unwrap(), agree: self.agree }
    }

    pub(crate) fn id(&self) -> KeyId {
        self.keys().id()
    }

    /// Whose it is, unless another tag is given.
    pub(crate) fn person(&self) -> Person {
        Person(self.agree[..16].try_into().unwrap())
    }

    pub(crate) fn new_holder(&self) -> NewHolder {
        NewHolder { keys: self.keys(), label: vec![self.agree[0]] }
    }

    pub(crate) fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        self.pair.sign(bytes).as_ref().try_into().unwrap()
    }

    /// A statement in the notebook that the device with the number 1 founded, or the founding of its own one.
    pub(crate) fn says(&self, previous: Hash, action: Action) -> Statement {
        let founds = matches!(action, Action::Found { .. }) && previous == [0; 32];
        let notebook = if founds { founded_id(self.id(), &action) } else { notebook() };
        let bytes = Statement::signed_bytes(notebook, &previous, self.id(), &action);
        let signature = self.sign(&to_sign(PURPOSE, &bytes));
        Statement { notebook, previous, author: self.id(), action, signature }
    }
}

/// The notebook that the device with the number 1 founds.
pub(crate) fn notebook() -> NotebookId {
    let mother = Device::new(1);
    founded_id(mother.id(), &founding(&mother))
}

pub(crate) fn founding(owner: &Device) -> Action {
    Action::Found { nonce: [9; 16], person: owner.person(), owner: owner.new_holder(), epoch: holders(&[owner.id()]) }
}

pub(crate) fn epochs(last: u32) -> AllEpochs {
    AllEpochs((1..=last).map(|epoch| (epoch, vec![epoch as u8; 80])).collect())
}

pub(crate) fn holders(ids: &[KeyId]) -> NewEpoch {
    let sorted: BTreeMap<KeyId, Vec<u8>> = ids.iter().map(|id| (*id, vec![1; 80])).collect();
    NewEpoch { commitment: [0; 32], wraps: sorted.into_iter().collect() }
}

pub(crate) fn everybody(state: &State) -> NewEpoch {
    holders(&state.holders().map(|(id, _)| *id).collect::<Vec<_>>())
}

pub(crate) const NOW: u64 = 1_800_000_000_000;

pub(crate) fn founded(owner: &Device) -> State {
    State::founded(&owner.says([0; 32], founding(owner))).unwrap()
}

pub(crate) fn invite(by: &Device, state: &State, invitation: &Device, role: Role) -> Statement {
    invite_as(by, state, invitation, role, invitation.person())
}

pub(crate) fn invite_as(by: &Device, state: &State, invitation: &Device, role: Role, person: Person) -> Statement {
    let (invitation, wraps) = (invitation.new_holder(), epochs(state.epoch()));
    by.says(state.head(), Action::Invite { invitation, person, role, expires_at: NOW + 1000, wraps, mac: [0; 32] })
}

pub(crate) fn join(invitation: &Device, state: &State, member: &Device) -> Statement {
    invitation.says(state.head(), Action::Join { member: member.new_holder(), wraps: epochs(state.epoch()) })
}

/// A family: mother (owner), father (writer), grandmother (reader).
pub(crate) fn family() -> (State, [Device; 3]) {
    let [mother, father, grandmother] = [1, 2, 3].map(Device::new);
    let mut state = founded(&mother);
    for (number, member, role) in [(11, &father, Role::Writer), (12, &grandmother, Role::Reader)] {
        let invitation = Device::new(number);
        state = state.after(&invite(&mother, &state, &invitation, role)).unwrap();
        state = state.after(&join(&invitation, &state, member)).unwrap();
    }
    (state, [mother, father, grandmother])
}
