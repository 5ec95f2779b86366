//! Phones of a family: real keys, wraps and seals.

use ayumi_core::crypto::keys::{EpochKey, SecretKeys, commitment, wrap};
use ayumi_core::crypto::seal::{new_salt, seal};
use ayumi_protocol::control::{
    Action, AllEpochs, Cutoff, Holder, NewEpoch, NewHolder, PURPOSE, Person, Role, State, Statement, founded_id,
};
use ayumi_protocol::envelope::{CHANGES, Envelope, Header, Tail, VERSION};
use ayumi_protocol::key::{Hash, KeyId};
use ayumi_protocol::{Hlc, NotebookId};

/// The tests' clock.
pub(crate) const NOW: u64 = 1_800_000_000_000;

/// One phone in one notebook.
pub(crate) struct Phone {
    pub(crate) keys: SecretKeys,
    pub(crate) tail: Tail,
    pub(crate) attempt: u32,
}

impl Phone {
    pub(crate) fn new() -> Self {
        Self { keys: SecretKeys::generate().unwrap(), tail: Tail::default(), attempt: 0 }
    }

    pub(crate) fn id(&self) -> KeyId {
        self.keys.id()
    }

    pub(crate) fn says(&self, notebook: NotebookId, previous: Hash, action: Action) -> Statement {
        let bytes = Statement::signed_bytes(notebook, &previous, self.id(), &action);
        let signature = self.keys.sign(PURPOSE, &bytes);
        Statement { notebook, previous, author: self.id(), action, signature }
    }

    /// Seals words as its next envelope.
    pub(crate) fn writes(&mut self, family: &Family, words: &[u8]) -> Envelope {
        self.writes_at(family, words, NOW)
    }

    /// The same by a clock that shows this.
    pub(crate) fn writes_at(&mut self, family: &Family, words: &[u8], ms: u64) -> Envelope {
        let header = Header {
            version: VERSION,
            kind: CHANGES,
            notebook: family.notebook,
            epoch: family.state.epoch(),
            control: family.state.head(),
            author: self.id(),
            sequence: self.tail.sequence + 1,
            attempt: self.attempt,
            previous: self.tail.hash,
            stamp: Hlc(ms << 16),
            author_hash: [0; 32],
            salt: new_salt().unwrap(),
        };
        let envelope = seal(header, family.epochs.last().unwrap(), &self.keys, words).unwrap();
        self.tail = envelope.tail();
        envelope
    }
}

/// What the phones of a family know.
pub(crate) struct Family {
    pub(crate) notebook: NotebookId,
    pub(crate) state: State,
    pub(crate) epochs: Vec<EpochKey>,
    /// The chain so far.
    pub(crate) statements: Vec<Statement>,
}

impl Family {
    pub(crate) fn founded(mother: &Phone) -> Self {
        let (key, nonce) = (EpochKey::generate().unwrap(), [9; 16]);
        let bound = NotebookId::from_nonce(nonce);
        let wraps = vec![(mother.id(), wrap(&key, bound, 1, &mother.keys.public(), mother.id()).unwrap())];
        let epoch = NewEpoch { commitment: commitment(&key, bound, 1), wraps };
        let owner = NewHolder { keys: mother.keys.public(), label: Vec::new() };
        let action = Action::Found { nonce, person: Person(nonce), owner, epoch };
        let notebook = founded_id(mother.id(), &action);
        let found = mother.says(notebook, [0; 32], action);
        let state = State::founded(&found).unwrap();
        Self { notebook, state, epochs: vec![key], statements: vec![found] }
    }

    /// A statement that the chain allows.
    pub(crate) fn extend(&mut self, by: &Phone, action: Action) -> Statement {
        let statement = by.says(self.notebook, self.state.head(), action);
        self.state = self.state.after(&statement).unwrap();
        self.statements.push(statement.clone());
        statement
    }

    fn all_epochs_for(&self, holder: &Phone, author: &Phone) -> AllEpochs {
        let wrapped = |(n, key)| (n, wrap(key, self.notebook, n, &holder.keys.public(), author.id()).unwrap());
        AllEpochs((1..).zip(&self.epochs).map(wrapped).collect())
    }

    pub(crate) fn welcome(&mut self, by: &Phone, member: &Phone, role: Role) {
        let invitation = Phone::new();
        let person = Person(invitation.id().0);
        self.welcome_as(by, &invitation, member, (person, role));
    }

    /// Lets somebody in by a code, as a person.
    pub(crate) fn welcome_as(&mut self, by: &Phone, code: &Phone, member: &Phone, (person, role): (Person, Role)) {
        let new = |phone: &Phone| NewHolder { keys: phone.keys.public(), label: Vec::new() };
        let (invitation, wraps) = (new(code), self.all_epochs_for(code, by));
        let expires_at = NOW + 1000;
        self.extend(by, Action::Invite { invitation, person, role, expires_at, wraps, mac: [0; 32] });
        let wraps = self.all_epochs_for(member, code);
        self.extend(code, Action::Join { member: new(member), wraps });
    }

    /// Takes a phone out, up to the last envelope that counts.
    pub(crate) fn remove(&mut self, by: &Phone, gone: &Phone, last: Tail) {
        self.remove_up_to(by, gone, last.into());
    }

    /// Takes a phone out, up to the last envelopes that count.
    pub(crate) fn remove_up_to(&mut self, by: &Phone, gone: &Phone, cutoff: Cutoff) {
        let (epoch, key) = (self.state.epoch() + 1, EpochKey::generate().unwrap());
        let stay = self.state.holders().filter(|(id, _)| **id != gone.id());
        let wrapped =
            |(id, holder): (&KeyId, &Holder)| (*id, wrap(&key, self.notebook, epoch, &holder.keys, by.id()).unwrap());
        let wraps = stay.map(wrapped).collect();
        let commitment = commitment(&key, self.notebook, epoch);
        self.extend(by, Action::Remove { holder: gone.id(), cutoff, epoch: NewEpoch { commitment, wraps } });
        self.epochs.push(key);
    }
}
