//! The control chain: who may read and write a notebook. Statements are signed, linked by hash, and checked by one pure
//! function that every phone and every server runs: [`State::after`].
//!
//! A *holder* of a notebook's keys is a member's device, an open invitation, or the recovery sheet: each has public
//! keys, and each gets every epoch's key wrapped to it. Using an invitation or the recovery sheet is a statement of
//! its own key, so a server can neither make one nor use one twice. After a removal comes a new epoch, wrapped for
//! exactly those who stay.
//!
//! What wraps and labels hold is sealed by the core; here they are bytes.

mod statement;

use std::collections::{BTreeMap, BTreeSet};

pub use statement::{Action, AllEpochs, MAC_BYTES, NewEpoch, NewHolder, PURPOSE, Statement};

use crate::id::NotebookId;
use crate::key::{Hash, KeyId, PublicKeys};
use crate::limits;
use crate::notebook::refusal::refusals;

/// What a member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Reads.
    Reader,
    /// Reads and writes.
    Writer,
    /// Reads, writes, and says who else does.
    Owner,
}

impl Role {
    /// Its key, as shells show it.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Writer => "writer",
            Self::Owner => "owner",
        }
    }

    /// Reads it from its key; `None` for an unknown one.
    pub fn from_key(key: &str) -> Option<Self> {
        [Self::Reader, Self::Writer, Self::Owner].into_iter().find(|role| role.key() == key)
    }
}

/// What a holder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A member's device.
    Member,
    /// An invitation that nobody has used yet.
    Invitation {
        /// Milliseconds since 1970 after which it is void.
        expires_at: u64,
        /// The owner who made it; it ends when its maker is no owner any more.
        maker: KeyId,
    },
    /// The recovery sheet that a family keeps in the paper handbook.
    Recovery,
}

impl What {
    /// Returns when an invitation ends, in milliseconds since 1970.
    pub const fn expires_at(self) -> Option<u64> {
        match self {
            Self::Invitation { expires_at, .. } => Some(expires_at),
            Self::Member | Self::Recovery => None,
        }
    }

    /// Returns the owner who made an invitation.
    pub const fn maker(self) -> Option<KeyId> {
        match self {
            Self::Invitation { maker, .. } => Some(maker),
            Self::Member | Self::Recovery => None,
        }
    }
}

/// Returns what a chain takes no second time of a pair of keys: either key, and the short name that stamps carry.
fn traces(keys: &PublicKeys) -> [Vec<u8>; 3] {
    [keys.sign.to_vec(), keys.agree.to_vec(), keys.id().0[..8].to_vec()]
}

/// Somebody who has the notebook's keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// What it is.
    pub what: What,
    /// What it may do; what an invitation will be able to do.
    pub role: Role,
    /// Its public keys.
    pub keys: PublicKeys,
    /// A name, sealed.
    pub label: Vec<u8>,
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
    }
}

/// Who may read and write after some statements. A value: nothing is changed in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    notebook: NotebookId,
    heads: Vec<Hash>,
    /// Commitments to the keys of the epochs, from the first on.
    commitments: Vec<[u8; 32]>,
    holders: BTreeMap<KeyId, Holder>,
    /// Who was here and is no more, and what it was.
    gone: BTreeMap<KeyId, What>,
    /// Every signing key, agreement key and short name that was ever in use here: none comes twice.
    used: BTreeSet<Vec<u8>>,
    /// Somebody left and knows the current key.
    left: bool,
}

impl State {
    /// Begins a chain with its first statement.
    ///
    /// # Errors
    /// If it is not a founding one, or its signature does not fit its own keys.
    pub fn founded(statement: &Statement) -> Result<Self, Refusal> {
        let Action::Found { owner, epoch } = &statement.action else { return Err(Refusal::NotAllowed) };
        if statement.previous != [0; 32] {
            return Err(Refusal::HeadMoved);
        }
        if statement.author != owner.keys.id() || !statement.is_signed_by(&owner.keys) {
            return Err(Refusal::Signature);
        }
        if !owner.keys.are_valid() {
            return Err(Refusal::WeakKeys);
        }
        let state = Self {
            notebook: statement.notebook,
            heads: vec![statement.hash()],
            commitments: vec![epoch.commitment],
            holders: BTreeMap::from([(owner.keys.id(), owner.holder(What::Member, Role::Owner))]),
            gone: BTreeMap::new(),
            used: BTreeSet::from(traces(&owner.keys)),
            left: false,
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
        if !statement.is_signed_by(&author.keys) {
            return Err(Refusal::Signature);
        }
        if self.heads.len() >= room_for(&statement.action) {
            return Err(Refusal::Limit);
        }
        self.apply(&author, statement)?;
        if self.holders.len() > limits::HOLDERS {
            return Err(Refusal::Limit);
        }
        if !self.holders.values().any(|holder| holder.what == What::Member && holder.role == Role::Owner) {
            return Err(Refusal::LastOwner);
        }
        self.heads.push(statement.hash());
        Ok(self)
    }

    fn apply(&mut self, author: &Holder, statement: &Statement) -> Result<(), Refusal> {
        let by_owner = author.what == What::Member && author.role == Role::Owner;
        let id = statement.author;
        match &statement.action {
            Action::Found { .. } => Err(Refusal::NotAllowed),
            Action::Invite { invitation, role, expires_at, wraps, .. } if by_owner => {
                self.add(invitation, What::Invitation { expires_at: *expires_at, maker: id }, *role, wraps)
            }
            Action::Join { member, wraps } => {
                if !matches!(author.what, What::Invitation { .. }) {
                    return Err(Refusal::NotAllowed);
                }
                // Single use: the invitation goes as the member comes.
                self.drop_holder(id);
                self.add(member, What::Member, author.role, wraps)
            }
            Action::Print { print, wraps, .. } if by_owner => {
                self.drop_where(|holder| holder.what == What::Recovery);
                self.add(print, What::Recovery, Role::Owner, wraps)
            }
            Action::Recover { member, wraps, epoch } => {
                if author.what != What::Recovery {
                    return Err(Refusal::NotAllowed);
                }
                self.drop_holder(id);
                self.add(member, What::Member, Role::Owner, wraps)?;
                self.members_only();
                self.new_epoch(epoch)
            }
            Action::Remove { holder, epoch } if by_owner => {
                let held = self.holders.get(holder).ok_or(Refusal::NoSuchHolder)?;
                if held.what == What::Member {
                    self.members_only();
                }
                self.drop_holder(*holder);
                // An owner who leaves cannot make the key that shuts her out.
                if *holder == id {
                    return Err(Refusal::NotAllowed);
                }
                self.new_epoch(epoch)
            }
            Action::Leave if author.what == What::Member => {
                self.drop_holder(id);
                // Who leaves may know the sheet at home.
                self.drop_where(|holder| holder.what == What::Recovery || holder.what.maker() == Some(id));
                self.left = true;
                Ok(())
            }
            Action::Epoch { epoch } if by_owner => self.new_epoch(epoch),
            Action::Role { holder, role } if by_owner => {
                let member = self.holders.get_mut(holder).filter(|member| member.what == What::Member);
                let member = member.ok_or(Refusal::NoSuchHolder)?;
                if member.role == *role {
                    return Err(Refusal::NotAllowed);
                }
                let lowered = member.role == Role::Owner;
                member.role = *role;
                // Codes are an owner's word, and who was an owner may know them all.
                if lowered {
                    self.members_only();
                }
                Ok(())
            }
            _ => Err(Refusal::NotAllowed),
        }
    }

    /// A new holder gets every epoch's key: the handbook's past is the point.
    fn add(&mut self, new: &NewHolder, what: What, role: Role, wraps: &AllEpochs) -> Result<(), Refusal> {
        let id = new.keys.id();
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
        self.holders.insert(id, new.holder(what, role));
        Ok(())
    }

    /// Begins an epoch, its key wrapped for exactly those who stay. It ends all open invitations.
    fn new_epoch(&mut self, epoch: &NewEpoch) -> Result<(), Refusal> {
        self.drop_where(|holder| matches!(holder.what, What::Invitation { .. }));
        if epoch.holders().ne(self.holders.keys()) {
            return Err(Refusal::Wraps);
        }
        self.commitments.push(epoch.commitment);
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
            self.gone.insert(id, holder.what);
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

    /// Whether a head belongs to this chain: a phone that was shown another chain is found out by it.
    pub fn knows_head(&self, head: &Hash) -> bool {
        self.heads.contains(head)
    }

    /// How many statements there are.
    pub fn length(&self) -> usize {
        self.heads.len()
    }

    /// The current epoch.
    pub fn epoch(&self) -> u32 {
        // As many as there are statements at most.
        u32::try_from(self.commitments.len()).unwrap_or(u32::MAX)
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

    /// Whether a key was in use here and is no more.
    pub fn was_holder(&self, id: &KeyId) -> bool {
        self.gone.contains_key(id)
    }

    /// Everybody who is or was a member.
    pub fn present_and_past_members(&self) -> impl Iterator<Item = &KeyId> {
        let present = self.holders.iter().map(|(id, holder)| (id, holder.what));
        let all = present.chain(self.gone.iter().map(|(id, what)| (id, *what)));
        all.filter(|(_, what)| *what == What::Member).map(|(id, _)| id)
    }

    /// Whether somebody left who knows the current key: an owner's device makes a new one next.
    pub const fn wants_new_epoch(&self) -> bool {
        self.left
    }

    /// Whether a key may write now: members who are writers or owners.
    pub fn may_write(&self, id: &KeyId) -> bool {
        self.holders.get(id).is_some_and(|holder| holder.what == What::Member && holder.role >= Role::Writer)
    }

    /// Whether a key may read now: members of every role.
    pub fn may_read(&self, id: &KeyId) -> bool {
        self.holders.get(id).is_some_and(|holder| holder.what == What::Member)
    }
}

/// Returns how long a chain may be before a statement of this kind. The last places are for what protects a family: nobody
/// fills a chain so that a member cannot be taken out.
const fn room_for(action: &Action) -> usize {
    match action {
        Action::Remove { .. } | Action::Epoch { .. } | Action::Recover { .. } | Action::Leave => limits::STATEMENTS,
        Action::Found { .. }
        | Action::Invite { .. }
        | Action::Join { .. }
        | Action::Print { .. }
        | Action::Role { .. } => limits::STATEMENTS - limits::LAST_STATEMENTS,
    }
}

/// Reads a chain from its first statement on.
///
/// # Errors
/// The place of the first statement that is refused, and why.
pub fn read_chain<'a>(statements: impl IntoIterator<Item = &'a Statement>) -> Result<State, (usize, Refusal)> {
    let mut state: Option<State> = None;
    for (place, statement) in statements.into_iter().enumerate() {
        let next = match state.take() {
            None => State::founded(statement),
            Some(state) => state.then(statement),
        };
        state = Some(next.map_err(|refusal| (place, refusal))?);
    }
    state.ok_or((0, Refusal::NotAllowed))
}

/// The place of a statement that uses an invitation after its end, among statements that come behind a chain: what a
/// server refuses.
///
/// A server that forgot gets its chain again, with invitations that were used in time long ago. So nothing is late
/// when the whole chain comes anew, or when somebody who was there before signed a later statement on top of it: they
/// had seen it.
pub fn late_join(before: Option<&State>, statements: &[&Statement], now_ms: u64) -> Option<usize> {
    let mut state = before?.clone();
    for (place, statement) in statements.iter().enumerate() {
        let author = state.holder(&statement.author).map(|holder| holder.what);
        if let (Action::Join { .. }, Some(What::Invitation { expires_at, .. })) = (&statement.action, author)
            && now_ms > expires_at
        {
            let witness = |later: &&&Statement| state.may_read(&later.author);
            let chained = state.after(statement).is_ok_and(|after| follow(&after, &statements[place + 1..]));
            if !(chained && statements[place + 1..].iter().any(|later| witness(&later))) {
                return Some(place);
            }
        }
        if let Ok(next) = state.after(statement) {
            state = next;
        }
    }
    None
}

/// Whether statements follow each other behind a state.
fn follow(state: &State, statements: &[&Statement]) -> bool {
    let last = statements.iter().try_fold(state.clone(), |state, statement| state.after(statement));
    last.is_ok()
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
