//! Who came in by an invitation, and which word says that it was into the family's own notebook.
//!
//! A code proves that its maker saw the chain up to it, and nothing of what came later. So who comes in sends nothing until the
//! phone that made the code has signed an envelope on top of the join, or a carer has compared six words.

use super::{State, Statement};
use crate::key::{Hash, KeyId};
use crate::notebook::envelope::Tail;

/// How a member came in by an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Joining {
    /// The place of the statement in the chain, from 0.
    place: usize,
    /// Who made the invitation: whose phone confirms it.
    pub maker: KeyId,
    /// The hash of the statement: what the six words are made of.
    pub statement: Hash,
}

impl State {
    /// Notes a join that is being taken.
    pub(super) fn note_joining(&mut self, statement: &Statement, member: KeyId, maker: KeyId) {
        let joining = Joining { place: self.heads.len(), maker, statement: statement.hash() };
        self.joinings.insert(member, joining);
    }

    /// A member's new keys came in as the old ones did, and confirm whom those let in.
    pub(super) fn joinings_under_new_keys(&mut self, old: KeyId, new: KeyId) {
        if let Some(joining) = self.joinings.remove(&old) {
            self.joinings.insert(new, joining);
        }
        for joining in self.joinings.values_mut().filter(|joining| joining.maker == old) {
            joining.maker = new;
        }
    }

    /// Returns how a member came in; `None` for who founded the notebook or recovered it.
    pub fn joining(&self, member: &KeyId) -> Option<&Joining> {
        self.joinings.get(member)
    }

    /// Whether a member's invitation was made by a key whose line ends so, and that end names a head that holds the join. Heads
    /// never fall along a line, so the last one tells.
    pub fn confirms(&self, author: &KeyId, end: &Tail, member: &KeyId) -> bool {
        let holds = |joining: &Joining| {
            joining.maker == *author
                && end.sequence > 0
                && self.place_of(&end.control).is_some_and(|place| place >= joining.place)
        };
        self.joining(member).is_some_and(holds)
    }

    /// Whether somebody who is here came in by an invitation of this writer, and its line, which ends so, does not say yet that
    /// it knows.
    pub fn owes_confirmation(&self, author: &KeyId, end: &Tail) -> bool {
        let waits = |(member, joining): (&KeyId, &Joining)| {
            joining.maker == *author && self.may_read(member) && !self.confirms(author, end, member)
        };
        self.may_write(author) && self.joinings.iter().any(waits)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Role;
    use super::super::testing::{Device, family, invite, join};
    use super::*;

    /// The end of a line that names this head.
    fn at(head: Hash) -> Tail {
        Tail { sequence: 1, control: head, ..Tail::default() }
    }

    #[test]
    fn a_join_is_confirmed_by_a_head_that_holds_it_and_by_the_codes_maker_alone() {
        let (state, [mother, father, grandmother]) = family();
        let before = state.head();
        let code = Device::new(50);
        let invited = state.after(&invite(&mother, &state, &code, Role::Writer)).unwrap();
        let aunt = Device::new(51);
        let statement = join(&code, &invited, &aunt);
        let joined = invited.after(&statement).unwrap();
        let (hers, id) = (mother.id(), aunt.id());
        let joining = joined.joining(&id).unwrap();
        assert_eq!((joining.maker, joining.statement), (hers, statement.hash()));
        for (why, author, end, expected) in [
            ("on top of the join", hers, at(joined.head()), true),
            ("the invitation, before it was used", hers, at(invited.head()), false),
            ("an old one again", hers, at(before), false),
            ("a head of another chain", hers, at([9; 32]), false),
            ("no envelope at all", hers, Tail { sequence: 0, ..at(joined.head()) }, false),
            ("another writer", father.id(), at(joined.head()), false),
            ("a reader", grandmother.id(), at(joined.head()), false),
            ("who came in", id, at(joined.head()), false),
        ] {
            assert_eq!(joined.confirms(&author, &end, &id), expected, "{why}");
        }
        assert!(joined.owes_confirmation(&hers, &at(invited.head())));
        assert!(!joined.owes_confirmation(&hers, &at(joined.head())), "said once");
        assert!(!joined.owes_confirmation(&father.id(), &at(before)), "not his code");
        assert_eq!(joined.joining(&hers), None, "she founded it");
    }
}
