//! Verifies a log; trusts nothing the server says.
//!
//! The same pure functions run here as on the server. Something that does not fit halts the notebook, and nothing of
//! its page is kept.

use std::collections::BTreeMap;

use ayumi_protocol::accept::{self, Tail, accept};
use ayumi_protocol::control::{Action, AllEpochs, State, Statement};
use ayumi_protocol::envelope::{Envelope, Kind, Part};
use ayumi_protocol::key::{Hash, KeyId};
use ayumi_protocol::prefix::Prefix;
use ayumi_protocol::snapshot::{self, Tails};
use ayumi_protocol::{Change, Hlc, NotebookId, batch};

use crate::crypto::keys::{EpochKey, NotForUs, SecretKeys, commitment};
use crate::crypto::seal::open;

/// Why a notebook stops: a server or a copy of a phone shows another past, or forges. The phone keeps working offline
/// and sends nothing more to this notebook until a carer decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "SyncHalt"))]
pub enum Halt {
    /// A statement that the chain does not allow, or a chain that does not follow the one that is known.
    #[error("the server shows another chain of members")]
    Chain,
    /// An envelope that must not have been taken: forged, dropped, reordered, by somebody who may not write.
    #[error("the server shows entries that nobody may have written")]
    Envelope,
    /// Another copy of this device writes under its keys.
    #[error("another copy of this device is writing")]
    Copy,
    /// A receipt that the server's key did not sign.
    #[error("the server's receipt is not genuine")]
    Receipt,
    /// The server shows another key than the one that is known.
    #[error("the server shows another key than before")]
    Server,
    /// The notebook is at the server already, and this device holds no key of it.
    #[error("the notebook is at the server already, under keys that this device does not have")]
    Elsewhere,
    /// This device made something that nobody can accept: a defect of the app, not of the server.
    #[error("this device made something that the server cannot accept: a defect; please report it")]
    Defect,
}

impl Halt {
    const ALL: [Self; 7] =
        [Self::Chain, Self::Envelope, Self::Copy, Self::Receipt, Self::Server, Self::Elsewhere, Self::Defect];

    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Chain => "chain",
            Self::Envelope => "envelope",
            Self::Copy => "copy",
            Self::Receipt => "receipt",
            Self::Server => "server",
            Self::Elsewhere => "elsewhere",
            Self::Defect => "defect",
        }
    }

    /// Reads it from its key; `None` for an unknown one.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|halt| halt.key() == key)
    }
}

/// An envelope that was checked.
#[derive(Debug, Clone, PartialEq)]
pub enum Opened {
    /// What its author did.
    Changes(Vec<Change>),
    /// A part of a snapshot: what stands before it in the log, once more.
    Part {
        /// The changes in it.
        changes: Vec<Change>,
        /// It begins one.
        first: bool,
        /// It ends one that is whole and says of the authors' chains what this device knows.
        whole: bool,
    },
    /// Of a form that this version cannot read, or under a key that it was not given: its bytes are kept.
    Unread,
}

/// A snapshot of which not all parts have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assembly {
    author: KeyId,
    next: u16,
    of: u16,
}

impl Assembly {
    /// To keep it until the next page.
    pub fn to_bytes(self) -> Vec<u8> {
        [&self.author.0[..], &self.next.to_be_bytes(), &self.of.to_be_bytes()].concat()
    }

    /// As kept.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (author, numbers) = bytes.split_first_chunk::<16>()?;
        let &[a, b, c, d] = numbers else { return None };
        Some(Self { author: KeyId(*author), next: u16::from_be_bytes([a, b]), of: u16::from_be_bytes([c, d]) })
    }
}

/// What is known of a notebook's log up to a place.
#[derive(Debug, Clone)]
pub struct Reader {
    notebook: NotebookId,
    me: SecretKeys,
    id: KeyId,
    state: Option<State>,
    keys: BTreeMap<u32, EpochKey>,
    tails: BTreeMap<KeyId, Tail>,
    /// Something of a newer form was met: an author's chain may go on from it.
    newer: bool,
    /// The server has let go of envelopes that this device has not seen, and no snapshot has said what was in them yet.
    hollow: bool,
    assembly: Option<Assembly>,
    /// Who wrapped another key for this device than the chain commits to.
    liar: Option<KeyId>,
}

impl Reader {
    /// At the beginning of a log.
    pub fn new(notebook: NotebookId, me: SecretKeys) -> Self {
        let id = me.id();
        let (keys, tails) = (BTreeMap::new(), BTreeMap::new());
        Self { notebook, me, id, state: None, keys, tails, newer: false, hollow: false, assembly: None, liar: None }
    }

    /// With what was kept: keys, the ends of the authors' chains, and whether something could not be read.
    #[must_use]
    pub fn with(
        mut self,
        keys: impl IntoIterator<Item = (u32, EpochKey)>,
        tails: impl IntoIterator<Item = (KeyId, Tail)>,
        newer: bool,
    ) -> Self {
        self.keys.extend(keys);
        self.tails.extend(tails);
        self.newer = newer;
        self
    }

    /// In the middle of a snapshot.
    #[must_use]
    pub const fn within(mut self, hollow: bool, assembly: Option<Assembly>) -> Self {
        self.hollow = hollow;
        self.assembly = assembly;
        self
    }

    /// Whether something is missing that only a snapshot can tell.
    pub const fn is_hollow(&self) -> bool {
        self.hollow
    }

    /// The snapshot of which not all parts have come.
    pub const fn assembly(&self) -> Option<Assembly> {
        self.assembly
    }

    /// This device's key in the notebook.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// This device's secret keys in the notebook.
    pub const fn me(&self) -> &SecretKeys {
        &self.me
    }

    /// The notebook.
    pub const fn notebook(&self) -> NotebookId {
        self.notebook
    }

    /// Who may read and write, as far as is known.
    pub const fn state(&self) -> Option<&State> {
        self.state.as_ref()
    }

    /// The key of an epoch.
    pub fn key(&self, epoch: u32) -> Option<&EpochKey> {
        self.keys.get(&epoch)
    }

    /// All keys.
    pub const fn keys(&self) -> &BTreeMap<u32, EpochKey> {
        &self.keys
    }

    /// The ends of the authors' chains.
    pub const fn tails(&self) -> &BTreeMap<KeyId, Tail> {
        &self.tails
    }

    /// The end of an author's chain.
    pub fn tail(&self, author: &KeyId) -> Tail {
        self.tails.get(author).copied().unwrap_or_default()
    }

    /// Whether this device may write.
    pub fn may_write(&self) -> bool {
        self.state.as_ref().is_some_and(|state| state.may_write(&self.id))
    }

    /// Takes a statement. One that is known already changes nothing.
    ///
    /// # Errors
    /// [`Halt::Chain`].
    pub fn statement(&mut self, bytes: &[u8]) -> Result<Option<Statement>, Halt> {
        let statement = Statement::from_bytes(bytes).map_err(|_| Halt::Chain)?;
        if statement.notebook != self.notebook {
            return Err(Halt::Chain);
        }
        let next = match &self.state {
            Some(state) if state.knows_head(&statement.hash()) => return Ok(None),
            Some(state) => state.after(&statement),
            None => State::founded(&statement),
        };
        self.state = Some(next.map_err(|_| Halt::Chain)?);
        self.unwrap(&statement);
        Ok(Some(statement))
    }

    /// The keys that a statement wraps for this device.
    fn unwrap(&mut self, statement: &Statement) {
        let (all, new) = match &statement.action {
            Action::Found { epoch, .. } => (None, Some(epoch)),
            Action::Join { member, wraps } => (Some((member, wraps)), None),
            Action::Recover { member, wraps, epoch } => (Some((member, wraps)), Some(epoch)),
            Action::Remove { epoch, .. } | Action::Epoch { epoch } => (None, Some(epoch)),
            Action::Invite { .. } | Action::Print { .. } | Action::Leave | Action::Role { .. } => (None, None),
        };
        if let Some((_, wraps)) = all.filter(|(member, _)| member.keys.id() == self.id) {
            self.unwrap_all(wraps, statement.author);
        }
        let mine = new.and_then(|new| new.wraps.iter().find(|(holder, _)| *holder == self.id));
        if let (Some((_, wrap)), Some(epoch)) = (mine, self.state.as_ref().map(State::epoch)) {
            self.keep(epoch, wrap, statement.author);
        }
    }

    /// Opens the wraps of all epochs that an author made for this device.
    pub fn unwrap_all(&mut self, wraps: &AllEpochs, author: KeyId) {
        wraps.0.iter().for_each(|(epoch, wrap)| self.keep(*epoch, wrap, author));
    }

    /// Keeps the key that a wrap holds, if it is the one that the chain commits to; remembers who wrapped another.
    fn keep(&mut self, epoch: u32, wrap: &[u8], author: KeyId) {
        let committed = self.state.as_ref().and_then(|state| state.commitment(epoch));
        match self.me.unwrap(self.notebook, epoch, author, wrap) {
            Ok(key) if committed == Some(&commitment(&key, self.notebook, epoch)) => _ = self.keys.insert(epoch, key),
            Ok(_) | Err(NotForUs) => self.liar = Some(author),
        }
    }

    /// Returns the member who gave this device no key, or another one than the chain commits to.
    pub const fn liar(&self) -> Option<KeyId> {
        self.liar
    }

    /// Takes the mention of envelopes that the server has let go of. Nothing of it is believed before a snapshot says
    /// the same.
    pub fn run(&mut self, tails: &[(KeyId, Tail)]) {
        self.tails.extend(tails.iter().copied());
        self.hollow = true;
        self.assembly = None;
    }

    /// Takes an envelope, judged by the chain as it is at this place of the log, which `prefix` names.
    ///
    /// # Errors
    /// [`Halt::Envelope`], [`Halt::Chain`].
    pub fn envelope(&mut self, bytes: &[u8], taken_at: u64, prefix: &Prefix) -> Result<Opened, Halt> {
        let Ok(envelope) = Envelope::from_bytes(bytes) else {
            self.newer = true;
            return Ok(Opened::Unread);
        };
        let state = self.state.as_ref().ok_or(Halt::Chain)?;
        let header = &envelope.header;
        let tail = self.tail(&header.author);
        let there = (tail.sequence == header.sequence).then_some(&tail.hash);
        match accept(&envelope, state, there, &tail, prefix, taken_at) {
            Ok(accept::Taken::New) => {}
            // A log holds everything once.
            Ok(accept::Taken::Again) => return Err(Halt::Envelope),
            Err(accept::Refusal::Gap { .. } | accept::Refusal::Chain) if self.newer => {}
            Err(accept::Refusal::Forked | accept::Refusal::OtherNotebook) => return Err(Halt::Chain),
            Err(
                accept::Refusal::NotAWriter
                | accept::Refusal::Signature
                | accept::Refusal::OldEpoch
                | accept::Refusal::ClockAhead
                | accept::Refusal::Gap { .. }
                | accept::Refusal::Taken
                | accept::Refusal::Chain
                | accept::Refusal::Moved
                | accept::Refusal::Unknown(_),
            ) => return Err(Halt::Envelope),
        }
        let opened = self.keys.get(&header.epoch).and_then(|key| open(&envelope, key).ok());
        let read = match header.kind {
            Kind::Changes => {
                let changes = opened.and_then(|bytes| batch::decode(self.notebook, &bytes).ok());
                // The server took the header's clock reading and saw no other one.
                let changes = changes.filter(|changes| none_is_behind(changes, header.stamp));
                Ok(changes.map_or(Opened::Unread, Opened::Changes))
            }
            Kind::Snapshot(part) => {
                let decoded = opened.and_then(|bytes| snapshot::decode(self.notebook, &bytes).ok());
                let decoded = decoded.filter(|(_, changes)| none_is_behind(changes, header.stamp));
                self.part(header.author, part, decoded)
            }
        };
        // Behind the reading: a snapshot names the ends as they were before it.
        self.tails.insert(header.author, Tail { sequence: header.sequence, hash: envelope.hash() });
        read
    }

    /// A part of a snapshot. That it stands at this very place of the log was checked; so what was let go of before
    /// it is what its author saw, if it also names the same ends of the authors' chains.
    fn part(&mut self, author: KeyId, part: Part, decoded: Option<(Tails, Vec<Change>)>) -> Result<Opened, Halt> {
        let Some((tails, changes)) = decoded else {
            self.assembly = None;
            return Ok(Opened::Unread);
        };
        if part.number == 0 {
            let mut known = self.tails.iter().filter(|(_, tail)| tail.sequence > 0);
            let same = tails.len() == known.clone().count()
                && known.all(|(author, tail)| tails.iter().any(|(other, seen)| other == author && seen == tail));
            if !same && self.hollow {
                return Err(Halt::Envelope);
            }
            self.assembly = same.then_some(Assembly { author, next: 0, of: part.of });
        }
        let next = self.assembly.filter(|known| (known.author, known.next, known.of) == (author, part.number, part.of));
        self.assembly = next.map(|known| Assembly { next: known.next + 1, ..known });
        let whole = self.assembly.is_some_and(|known| known.next == known.of);
        if whole {
            (self.assembly, self.hollow) = (None, false);
        }
        Ok(Opened::Part { changes, first: part.number == 0, whole })
    }

    /// Takes the mention of an envelope of this device's own; `known` is its hash, if this file made it.
    ///
    /// # Errors
    /// [`Halt::Envelope`] if it does not follow; [`Halt::Copy`] if this file did not make it.
    pub fn own(&mut self, sequence: u64, known: Option<Hash>) -> Result<(), Halt> {
        let hash = known.ok_or(Halt::Copy)?;
        if sequence != self.tail(&self.id).sequence + 1 {
            return Err(Halt::Envelope);
        }
        self.tails.insert(self.id, Tail { sequence, hash });
        Ok(())
    }
}

/// Whether no change is stamped later than its envelope says: a stamp that the server never saw would stand above every edit.
fn none_is_behind(changes: &[Change], header: Hlc) -> bool {
    changes.iter().all(|change| change.stamp.hlc <= header)
}
