//! What a chain's state tells: who is here, who was, and what counts of what they wrote. It decides nothing.

use super::person::let_in;
use super::{Erased, Holder, LineEnd, Person, Role, State, What, Writing};
use crate::id::NotebookId;
use crate::key::{Hash, KeyId, PublicKeys};
use crate::notebook::envelope::Header;

impl State {
    /// What the founding's wrap and label, and the commitment to the first epoch's key, are bound to in the place of the
    /// notebook: its nonce.
    pub fn founding_bound(&self) -> NotebookId {
        NotebookId::from_nonce(self.nonce)
    }

    /// What the commitment to an epoch's key is bound to.
    pub fn bound_to(&self, epoch: u32) -> NotebookId {
        if epoch == 1 { self.founding_bound() } else { self.notebook }
    }

    /// Whether a head belongs to this chain: a phone that was shown another chain is found out by it.
    pub fn knows_head(&self, head: &Hash) -> bool {
        self.heads.contains(head)
    }

    /// Returns the place of a head in this chain, from 0.
    pub fn place_of(&self, head: &Hash) -> Option<usize> {
        // Most often it is one of the newest.
        self.heads.iter().rposition(|known| known == head)
    }

    /// Returns the epoch that was current at a place of the chain.
    pub fn epoch_at(&self, place: usize) -> u32 {
        // As many as there are statements at most.
        u32::try_from(self.epochs.partition_point(|begun| *begun <= place)).unwrap_or(u32::MAX)
    }

    /// Whether an envelope may count that names the head at a place of this chain, as far as its numbers tell: its author could
    /// write there, and if that ended later, the envelope is not beyond the cutoff. Which of those stand, [`crate::lines`] says.
    pub fn lets_write(&self, author: &KeyId, place: usize, envelope: &LineEnd) -> bool {
        self.times_of(author).iter().any(|time| time.may_hold(place, envelope))
    }

    /// Whether an author can write since before a place of this chain, and nothing has ended it.
    pub fn writes_on(&self, author: &KeyId, place: usize) -> bool {
        self.times_of(author).last().is_some_and(|time| time.until.is_none() && time.contains(place))
    }

    /// When a key could write, in order.
    pub(in crate::notebook) fn times_of(&self, author: &KeyId) -> &[Writing] {
        self.writing.get(author).map_or(&[], Vec::as_slice)
    }

    /// Whether an envelope could count, whatever head it names: its author could write once, and it leads up to where that ended.
    pub fn could_count(&self, author: &KeyId, sequence: u64, attempt: u32, hash: &[u8; 16]) -> bool {
        let leads_up = |last: &LineEnd| {
            let is_it = (sequence, attempt) == (last.sequence, last.attempt) && last.hash.starts_with(hash);
            is_it || (sequence < last.sequence && attempt <= last.attempt)
        };
        let could = |time: &Writing| time.until.as_ref().is_none_or(|(_, cutoff)| cutoff.ends().iter().any(leads_up));
        self.times_of(author).iter().any(could)
    }

    /// Returns what of an envelope is erased, and the place of the last statement that erased some of it; `None` if nothing is.
    /// What was written after a statement is not erased by it.
    pub fn erased(&self, header: &Header) -> Option<(usize, Erased)> {
        self.erasures.of(header, self.place_of(&header.control)?)
    }

    /// Whether a statement erases the word at a place of an author's envelope, in whatever attempt it was sealed.
    pub fn may_be_erased(&self, author: KeyId, sequence: u64, place: u32) -> bool {
        self.erasures.include(author, sequence, place)
    }

    /// Returns the place of the last statement that erased words.
    pub fn last_erasure(&self) -> Option<usize> {
        self.erasures.last()
    }

    /// Returns the public keys of somebody who is or was here.
    pub fn keys_of(&self, id: &KeyId) -> Option<&PublicKeys> {
        self.holders.get(id).or_else(|| self.gone.get(id)).map(|holder| &holder.keys)
    }

    /// How many statements there are.
    pub fn length(&self) -> usize {
        self.heads.len()
    }

    /// Returns the commitment to an epoch's key.
    pub fn commitment(&self, epoch: u32) -> Option<&[u8; 32]> {
        self.commitments.get(usize::try_from(epoch).ok()?.checked_sub(1)?)
    }

    /// Everybody who has the keys.
    pub fn holders(&self) -> impl Iterator<Item = (&KeyId, &Holder)> {
        self.holders.iter()
    }

    /// One of them.
    pub fn holder(&self, id: &KeyId) -> Option<&Holder> {
        self.holders.get(id)
    }

    /// Whether a holder may take another one out, lower it, or leave it out of a recovery, as far as their places say.
    pub fn may_take_out(&self, author: &KeyId, held: &KeyId) -> bool {
        let both = self.holders.get(author).zip(self.holders.get(held));
        both.is_some_and(|(author, held)| self.owners.may_take(author, held))
    }

    /// Returns a person's devices.
    pub fn devices_of(&self, person: Person) -> impl Iterator<Item = &KeyId> {
        self.members().filter(move |(_, holder)| holder.person == person).map(|(id, _)| id)
    }

    /// Returns the members whom a person let in, and whom those let in: not the person's own devices.
    pub fn let_in_by(&self, person: Person) -> Vec<KeyId> {
        let all = self.holders.values().chain(self.gone.values()).filter(|holder| holder.what == What::Member);
        let came = all.map(|holder| (holder.person, holder.by.and_then(|by| self.person_of(&by))));
        let persons = let_in(person, &came.collect::<Vec<_>>());
        self.members().filter(|(_, holder)| persons.contains(&holder.person)).map(|(id, _)| *id).collect()
    }

    /// The members' devices, of every role.
    pub fn members(&self) -> impl Iterator<Item = (&KeyId, &Holder)> {
        self.holders.iter().filter(|(_, holder)| holder.what == What::Member)
    }

    /// Whether a key was in use here and is no more.
    pub fn was_holder(&self, id: &KeyId) -> bool {
        self.gone.contains_key(id)
    }

    /// Everybody who had the keys and has them no more, with what they were last.
    pub fn gone(&self) -> impl Iterator<Item = &Holder> {
        self.gone.values()
    }

    /// Everybody who is or was a member.
    pub fn present_and_past_members(&self) -> impl Iterator<Item = &KeyId> {
        let present = self.holders.iter().map(|(id, holder)| (id, holder.what));
        let all = present.chain(self.gone.iter().map(|(id, holder)| (id, holder.what)));
        all.filter(|(_, what)| *what == What::Member).map(|(id, _)| id)
    }

    /// Everybody who is or was here, with what they are or were last.
    pub fn present_and_past(&self) -> impl Iterator<Item = (&KeyId, &Holder)> {
        self.holders.iter().chain(&self.gone)
    }

    /// Whether somebody who left, or a key that was replaced, knows the current key: an owner's device makes a new one next.
    pub const fn wants_new_epoch(&self) -> bool {
        self.left
    }

    /// Whether a key may write now: members who are writers or owners.
    pub fn may_write(&self, id: &KeyId) -> bool {
        self.holders.get(id).is_some_and(|holder| holder.what == What::Member && holder.role >= Role::Writer)
    }

    /// Whether a key is an owner's device now.
    pub fn is_owner(&self, id: &KeyId) -> bool {
        self.holders.get(id).is_some_and(Holder::is_owner)
    }

    /// Whether a key may read now: members of every role.
    pub fn may_read(&self, id: &KeyId) -> bool {
        self.holders.get(id).is_some_and(|holder| holder.what == What::Member)
    }

    /// Whether a key is given the whole log: a member's, and a sheet's, which says where the words end of whom it leaves out.
    pub fn may_fetch(&self, id: &KeyId) -> bool {
        self.may_read(id) || self.holders.get(id).is_some_and(|holder| holder.what == What::Recovery)
    }

    /// The open codes: invitations and recovery sheets.
    pub fn codes(&self) -> impl Iterator<Item = (&KeyId, &Holder)> {
        self.holders.iter().filter(|(_, holder)| holder.what != What::Member)
    }
}
