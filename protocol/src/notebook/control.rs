//! The control chain: who may read and write a notebook. Statements are signed, linked by hash, and checked by one pure
//! function that every phone and every server runs: [`State::after`].
//!
//! A *holder* of a notebook's keys is a member's device, an open invitation, or the recovery sheet: each has public
//! keys, and each gets every epoch's key wrapped to it. Using an invitation or the recovery sheet is a statement of
//! its own key, so a server can neither make one nor use one twice. After a removal comes a new epoch, wrapped for
//! exactly those who stay.
//!
//! What wraps and labels hold is sealed by the core; here they are bytes.

mod action;
mod closing;
mod cutoff;
mod erasure;
mod held;
mod holder;
mod joining;
mod late;
mod person;
mod reading;
mod standing;
mod statement;
mod views;
mod writing;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use action::{Action, AllEpochs, MAC_BYTES, NONCE_BYTES, NewEpoch, NewHolder};
pub use closing::{CLOSED_FOR_MS, Closing, EVERYWHERE, ServerKey};
pub use cutoff::{Cutoff, LineEnd};
pub use erasure::{Erased, ErasedIn};
pub use held::{Coming, held_back};
pub use holder::{Holder, Person, Role, What};
pub use joining::Joining;
pub use late::{Witnesses, late_join};
pub use reading::{extend_chain, read_chain};
pub use standing::{Branch, earliest_receipts, receipts_in, told_stands};
pub use statement::{PURPOSE, REKEY_PURPOSE, Statement, founded_id};

use crate::id::NotebookId;
use crate::key::{Hash, KeyId, PublicKeys};
use crate::limits;
use crate::notebook::refusal::refusals;
use closing::Closings;
use erasure::Erasures;
use person::Owners;
pub(in crate::notebook) use writing::Writing;

/// Returns what a chain takes no second time of a pair of keys: either key, and the short name that stamps carry.
fn traces(keys: &PublicKeys) -> [Vec<u8>; 3] {
    [keys.sign.to_vec(), keys.agree.to_vec(), keys.id().0[..8].to_vec()]
}

refusals! {
    /// Why a statement is refused. Each has a next step for the phone that made it.
    Refusal {
        /// The chain has grown since: read the new head and decide again.
        0 "head_moved" HeadMoved "another statement came first",
        /// It speaks of another notebook.
        1 "other_notebook" OtherNotebook "the statement is for another notebook",
        /// The author holds no key here (any more).
        2 "not_a_holder" NotAHolder "the author is no member",
        /// The signature does not fit.
        3 "signature" Signature "the signature does not fit",
        /// The author may not do this.
        4 "not_allowed" NotAllowed "the author may not do this",
        /// The invitation's time is over: ask for a new one.
        5 "expired" Expired "the invitation has expired",
        /// These keys are or were in use here: make new ones.
        6 "known_keys" KnownKeys "these keys are known here already",
        /// There is no such holder.
        7 "no_such_holder" NoSuchHolder "there is no such member",
        /// Nobody could decide any more: name another owner first.
        8 "last_owner" LastOwner "a notebook needs an owner",
        /// The wraps are not for exactly those who must get them, or for another epoch.
        9 "wraps" Wraps "the keys are not wrapped for exactly those who stay",
        /// Too many members, invitations, or bytes.
        10 "limit" Limit "too many members or too long",
        /// A key that anybody could use, or with which no secret can be agreed on.
        11 "weak_keys" WeakKeys "these keys protect nothing",
        /// They were an owner before the author was one: begin anew without them.
        12 "senior" Senior "they have been an owner for longer than the author",
    }
}

/// Who may read and write after some statements. A value: nothing is changed in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    notebook: NotebookId,
    /// What the founding's wrap, label and commitment are bound to.
    nonce: [u8; NONCE_BYTES],
    heads: Vec<Hash>,
    /// Where each epoch began, from the first on.
    epochs: Vec<usize>,
    /// When each member could write.
    writing: BTreeMap<KeyId, Vec<Writing>>,
    /// Commitments to the keys of the epochs, from the first on.
    commitments: Vec<[u8; 32]>,
    holders: BTreeMap<KeyId, Holder>,
    /// Who was here and is no more.
    gone: BTreeMap<KeyId, Holder>,
    /// Every signing key, agreement key, short name and person that was ever in use here: none comes twice.
    used: BTreeSet<Vec<u8>>,
    /// Who is an owner, and since when.
    owners: Owners,
    /// Who came in by an invitation, and how.
    joinings: BTreeMap<KeyId, Joining>,
    /// Somebody left, or took new keys, and the current key is known under the old ones.
    left: bool,
    /// How many statements of their own persons made who were no owners then.
    own_statements: BTreeMap<Person, usize>,
    /// Owners' words that the notebook is closed somewhere, in their order.
    closings: Closings,
    /// What was erased. Rarely changed, so that states share it.
    erasures: Arc<Erasures>,
}

impl State {
    /// Begins a chain with its first statement.
    ///
    /// # Errors
    /// If it is not a founding one, or its signature does not fit its own keys.
    pub fn founded(statement: &Statement) -> Result<Self, Refusal> {
        let Action::Found { nonce, person, owner, epoch } = &statement.action else { return Err(Refusal::NotAllowed) };
        if statement.previous != [0; 32] {
            return Err(Refusal::HeadMoved);
        }
        if statement.notebook != founded_id(statement.author, &statement.action) {
            return Err(Refusal::OtherNotebook);
        }
        if statement.author != owner.keys.id() || !statement.is_signed_by(&owner.keys) {
            return Err(Refusal::Signature);
        }
        if !owner.keys.are_valid() {
            return Err(Refusal::WeakKeys);
        }
        let state = Self {
            notebook: statement.notebook,
            nonce: *nonce,
            heads: vec![statement.hash()],
            epochs: vec![0],
            writing: BTreeMap::from([(owner.keys.id(), vec![Writing { from: 0, until: None }])]),
            commitments: vec![epoch.commitment],
            holders: BTreeMap::from([(owner.keys.id(), owner.holder(What::Member, Role::Owner, *person, None))]),
            gone: BTreeMap::new(),
            used: traces(&owner.keys).into_iter().chain([person.0.to_vec()]).collect(),
            owners: Owners::founded(*person),
            joinings: BTreeMap::new(),
            left: false,
            own_statements: BTreeMap::new(),
            closings: Closings::default(),
            erasures: Arc::default(),
        };
        if epoch.holders().ne(state.holders.keys()) { Err(Refusal::Wraps) } else { Ok(state) }
    }

    /// The state after one more statement. Time plays no part, so that a chain that held once holds for ever; whether
    /// an invitation is used in time, [`late_join`] says to a server that takes it.
    ///
    /// # Errors
    /// Why it is refused; the state stays as it was.
    pub fn after(&self, statement: &Statement) -> Result<Self, Refusal> {
        self.clone().then(statement)
    }

    /// As [`Self::after`], in the place of the state before: a long chain is read in the time of its length.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn then(mut self, statement: &Statement) -> Result<Self, Refusal> {
        if statement.notebook != self.notebook {
            return Err(Refusal::OtherNotebook);
        }
        if statement.previous != self.head() {
            return Err(Refusal::HeadMoved);
        }
        let author = self.holders.get(&statement.author).cloned().ok_or(Refusal::NotAHolder)?;
        if !statement.is_signed_by(&author.keys) || !statement.is_signed_by_new_keys() {
            return Err(Refusal::Signature);
        }
        if self.heads.len() >= statement.action.room() {
            return Err(Refusal::Limit);
        }
        self.apply(&author, statement)?;
        if self.holders.len() > limits::HOLDERS {
            return Err(Refusal::Limit);
        }
        self.owners.settle(self.holders.values(), self.heads.len());
        if self.owners.is_empty() {
            return Err(Refusal::LastOwner);
        }
        self.heads.push(statement.hash());
        Ok(self)
    }

    // Long because each action has its arm.
    fn apply(&mut self, author: &Holder, statement: &Statement) -> Result<(), Refusal> {
        let by_owner = author.is_owner();
        let id = statement.author;
        match &statement.action {
            Action::Found { .. } => Err(Refusal::NotAllowed),
            Action::Invite { invitation, person, role, expires_at, wraps, .. } if by_owner => {
                // Only their own devices let in another one of somebody; everybody else lets in somebody new.
                if *person != author.person && !self.used.insert(person.0.to_vec()) {
                    return Err(Refusal::NotAllowed);
                }
                let what = What::Invitation { expires_at: *expires_at };
                self.add(invitation.holder(what, *role, *person, Some(id)), wraps)
            }
            Action::Join { member, wraps } => {
                if !matches!(author.what, What::Invitation { .. }) {
                    return Err(Refusal::NotAllowed);
                }
                // Single use: the invitation goes as the member comes.
                self.drop_holder(id);
                self.add(member.holder(What::Member, author.role, author.person, author.by), wraps)?;
                if let Some(maker) = author.by {
                    self.note_joining(statement, member.keys.id(), maker);
                }
                if author.role >= Role::Writer {
                    self.begin_writing(member.keys.id());
                }
                Ok(())
            }
            Action::Print { print, wraps, .. } if by_owner => {
                self.drop_where(|holder| holder.what == What::Recovery && holder.person == author.person);
                self.add(print.holder(What::Recovery, Role::Owner, author.person, Some(id)), wraps)
            }
            Action::Recover { member, wraps, left_out, epoch } => {
                if author.what != What::Recovery {
                    return Err(Refusal::NotAllowed);
                }
                for (gone, cutoff) in left_out {
                    self.leave_out(author, *gone, cutoff)?;
                }
                self.drop_holder(id);
                self.add(member.holder(What::Member, Role::Owner, author.person, author.by), wraps)?;
                self.begin_writing(member.keys.id());
                self.new_epoch(epoch)
            }
            Action::Remove { holder, cutoff, epoch } if by_owner => {
                let held = self.holders.get(holder).ok_or(Refusal::NoSuchHolder)?;
                if !self.owners.may_take(author, held) {
                    return Err(Refusal::Senior);
                }
                if held.what == What::Member {
                    self.members_only();
                }
                self.end_writing(holder, cutoff);
                self.drop_holder(*holder);
                // An owner who leaves cannot make the key that shuts her out.
                if *holder == id {
                    return Err(Refusal::NotAllowed);
                }
                self.new_epoch(epoch)
            }
            Action::Leave { cutoff } if author.what == What::Member => {
                self.end_writing(&id, cutoff);
                self.drop_holder(id);
                // Who leaves may know the sheet at home.
                self.drop_where(|holder| holder.what == What::Recovery || holder.is_invitation_of(id));
                self.left = true;
                Ok(())
            }
            Action::Epoch { epoch } if by_owner => self.new_epoch(epoch),
            Action::Rekey { member, wraps, cutoff, .. } if author.what == What::Member => {
                self.rekey((id, author), member, wraps, cutoff)
            }
            Action::Close { server, at_once } if by_owner => {
                self.closings.close(id, *server, *at_once).ok_or(Refusal::NotAllowed)
            }
            Action::Reopen { server } if by_owner => self.closings.reopen(*server).ok_or(Refusal::NotAllowed),
            Action::Role { holder, role, cutoff } if by_owner => {
                let member = self.holders.get(holder).filter(|member| member.what == What::Member);
                let member = member.ok_or(Refusal::NoSuchHolder)?;
                // Who becomes a reader writes no more: with which envelope it ended is said then, and only then.
                if member.role == *role || (*role == Role::Reader) != cutoff.is_some() {
                    return Err(Refusal::NotAllowed);
                }
                if *role < member.role && !self.owners.may_take(author, member) {
                    return Err(Refusal::Senior);
                }
                let (lowered, wrote) = (member.role == Role::Owner, member.role >= Role::Writer);
                self.holders.entry(*holder).and_modify(|member| member.role = *role);
                match cutoff {
                    Some(cutoff) => self.end_writing(holder, cutoff),
                    None if !wrote => self.begin_writing(*holder),
                    None => {}
                }
                // Codes are an owner's word, and who was an owner may know them all.
                if lowered {
                    self.members_only();
                }
                Ok(())
            }
            Action::Erase { words_of, envelopes } => self.erase(author, *words_of, envelopes),
            _ => Err(Refusal::NotAllowed),
        }
    }

    /// Words go by an owner, or by the person whose they are, also one who writes no more.
    fn erase(&mut self, author: &Holder, words_of: KeyId, envelopes: &[ErasedIn]) -> Result<(), Refusal> {
        let person = self.person_of(&words_of).filter(|_| self.ever_wrote(&words_of)).ok_or(Refusal::NoSuchHolder)?;
        if author.what != What::Member || !(author.is_owner() || author.person == person) {
            return Err(Refusal::NotAllowed);
        }
        self.count_own(author)?;
        let taken = Arc::make_mut(&mut self.erasures).take((words_of, envelopes), self.heads.len());
        if taken { Ok(()) } else { Err(Refusal::Limit) }
    }

    /// Puts new keys into a member's place: place, person and role stay, and what the old key wrote counts up to the cutoff.
    fn rekey(
        &mut self,
        (id, author): (KeyId, &Holder),
        new: &NewHolder,
        wraps: &AllEpochs,
        cutoff: &Cutoff,
    ) -> Result<(), Refusal> {
        self.count_own(author)?;
        self.end_writing(&id, cutoff);
        self.drop_holder(id);
        self.add(new.holder(What::Member, author.role, author.person, author.by), wraps)?;
        let now = new.keys.id();
        if author.role >= Role::Writer {
            self.begin_writing(now);
        }
        // What the old key let in, the new one let in.
        for holder in self.holders.values_mut().chain(self.gone.values_mut()).filter(|holder| holder.by == Some(id)) {
            holder.by = Some(now);
        }
        self.joinings_under_new_keys(id, now);
        // Who has the old key knows the present epoch's.
        self.left = true;
        Ok(())
    }

    /// Counts a statement of a person who is no owner: nobody fills the chain with new keys and erasures of their own.
    fn count_own(&mut self, author: &Holder) -> Result<(), Refusal> {
        if author.is_owner() {
            return Ok(());
        }
        let before = self.own_statements.entry(author.person).or_default();
        *before += 1;
        if *before > limits::OWN_STATEMENTS { Err(Refusal::Limit) } else { Ok(()) }
    }

    /// Leaves a member out of a recovery. The other sheets go, too: who is left out may know them.
    fn leave_out(&mut self, sheet: &Holder, gone: KeyId, cutoff: &Cutoff) -> Result<(), Refusal> {
        let held = self.holders.get(&gone).filter(|held| held.what == What::Member);
        if !self.owners.may_take(sheet, held.ok_or(Refusal::NoSuchHolder)?) {
            return Err(Refusal::Senior);
        }
        self.end_writing(&gone, cutoff);
        self.drop_holder(gone);
        self.members_only();
        Ok(())
    }

    /// A new holder gets every epoch's key: the handbook's past is the point.
    fn add(&mut self, new: Holder, wraps: &AllEpochs) -> Result<(), Refusal> {
        if !new.keys.are_valid() {
            return Err(Refusal::WeakKeys);
        }
        let traces = traces(&new.keys);
        if traces.iter().any(|trace| self.used.contains(trace)) {
            return Err(Refusal::KnownKeys);
        }
        if !wraps.epochs().eq(1..=self.epoch()) {
            return Err(Refusal::Wraps);
        }
        self.used.extend(traces);
        self.holders.insert(new.keys.id(), new);
        Ok(())
    }

    /// Begins an epoch, its key wrapped for exactly those who stay. It ends all open invitations.
    fn new_epoch(&mut self, epoch: &NewEpoch) -> Result<(), Refusal> {
        self.drop_where(|holder| matches!(holder.what, What::Invitation { .. }));
        if epoch.holders().ne(self.holders.keys()) {
            return Err(Refusal::Wraps);
        }
        self.commitments.push(epoch.commitment);
        self.epochs.push(self.heads.len());
        self.left = false;
        Ok(())
    }

    /// Revokes all open invitations and the recovery sheet: a removed member may know their codes.
    fn members_only(&mut self) {
        self.drop_where(|holder| holder.what != What::Member);
    }

    fn drop_where(&mut self, goes: impl Fn(&Holder) -> bool) {
        let ids: Vec<KeyId> = self.holders.iter().filter(|(_, holder)| goes(holder)).map(|(id, _)| *id).collect();
        ids.into_iter().for_each(|id| self.drop_holder(id));
    }

    fn drop_holder(&mut self, id: KeyId) {
        if let Some(holder) = self.holders.remove(&id) {
            self.gone.insert(id, holder);
        }
    }

    /// From the statement on that is being taken.
    fn begin_writing(&mut self, id: KeyId) {
        let from = self.heads.len();
        self.writing.entry(id).or_default().push(Writing { from, until: None });
    }

    /// With the statement that is being taken. Who cannot write has nothing to end.
    fn end_writing(&mut self, id: &KeyId, cutoff: &Cutoff) {
        let end = self.heads.len();
        let last = self.writing.get_mut(id).and_then(|times| times.last_mut());
        if let Some(open) = last.filter(|writing| writing.until.is_none()) {
            open.until = Some((end, cutoff.clone()));
        }
    }

    /// The notebook.
    pub fn notebook(&self) -> NotebookId {
        self.notebook
    }

    /// The hash of the newest statement.
    pub fn head(&self) -> Hash {
        self.heads.last().copied().unwrap_or_default()
    }

    /// Every key that could ever write here.
    pub fn writers(&self) -> impl Iterator<Item = &KeyId> {
        self.writing.keys()
    }

    /// Whether a key could ever write here.
    pub fn ever_wrote(&self, id: &KeyId) -> bool {
        self.writing.contains_key(id)
    }

    /// The current epoch.
    pub fn epoch(&self) -> u32 {
        // As many as there are statements at most.
        u32::try_from(self.commitments.len()).unwrap_or(u32::MAX)
    }

    /// Returns whose a key is or was.
    pub fn person_of(&self, id: &KeyId) -> Option<Person> {
        self.holders.get(id).or_else(|| self.gone.get(id)).map(|holder| holder.person)
    }
}

#[cfg(test)]
mod person_tests;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
