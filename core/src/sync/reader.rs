//! Verifies a log; trusts nothing the server says.
//!
//! The same pure functions run here as on the server. Something that does not fit halts the notebook, and nothing of
//! its page is kept.

use std::collections::BTreeMap;

use ayumi_protocol::accept::{Bearer, Known, Refusal, Taken, accept, could_count};
use ayumi_protocol::batch::PeerHead;
use ayumi_protocol::control::{Action, AllEpochs, Cutoff, Holder, NewHolder, State, Statement};
use ayumi_protocol::envelope::{Frame, Tail};
use ayumi_protocol::key::{Hash, KeyId};
use ayumi_protocol::line::smallest_leaves;
use ayumi_protocol::lines::{self, Link};
use ayumi_protocol::opening::Held;
use ayumi_protocol::release::{RELEASE_BYTES, ReleaseKey};
use ayumi_protocol::{Change, Hlc, NotebookId};

use super::halt::Halt;
use super::label::{self, Label};
use crate::crypto::keys::{EpochKey, NotForUs, SecretKeys, commitment};
use crate::crypto::release;

/// An envelope, or what is left of one, that was judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// As it came.
    pub held: Held,
    /// What it counts for.
    pub verdict: Verdict,
}

/// What an envelope counts for, if it stands in its author's lines ([`lines`]).
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// What its author did; without what was erased.
    Changes(Words),
    /// Of a form that this version cannot read, under a key that it was not given, or with other changes than its author
    /// signed: it is kept, passed on, and not shown.
    Unread,
    /// It counts nowhere: beyond its author's cutoff.
    Nowhere,
}

/// Looks up what is kept of a log. An error is a file that cannot be read.
pub trait Kept {
    /// Why the file cannot be read.
    type Error;

    /// Returns the tail behind an author's envelope with a sequence and a hash.
    ///
    /// # Errors
    /// If the file cannot be read.
    fn tail_of(&self, author: KeyId, sequence: u64, hash: &Hash) -> Result<Option<Tail>, Self::Error>;
}

/// What stands in an envelope, as far as it is told by the envelope alone.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Words {
    /// The changes, one for each entry and stamp.
    pub changes: Vec<Change>,
    /// The leaf of each.
    pub leaves: Vec<Hash>,
    /// How many more are there under the stamp of another one.
    pub doubled: usize,
    /// Where others' lines ended for the author.
    pub peer_heads: Vec<PeerHead>,
}

impl Words {
    /// Of changes with their leaves.
    pub(super) fn of(changes: Vec<(Change, Hash)>) -> Self {
        let all = changes.len();
        let (changes, leaves): (Vec<Change>, Vec<Hash>) = smallest_leaves(changes).into_iter().unzip();
        Self { doubled: all - changes.len(), changes, leaves, peer_heads: Vec::new() }
    }

    /// How many changes stand there.
    pub const fn count(&self) -> usize {
        self.changes.len() + self.doubled
    }
}

/// What stands in an envelope.
pub(super) struct Stand {
    /// The changes.
    pub(super) words: Words,
    /// The key of the epoch before, if the author tells it.
    pub(super) former_key: Option<[u8; 32]>,
}

/// What is known of a notebook's log up to a place.
#[derive(Debug, Clone)]
pub struct Reader {
    notebook: NotebookId,
    me: SecretKeys,
    id: KeyId,
    state: Option<State>,
    /// The founder's keys and label, as the notebook was founded.
    founder: Option<NewHolder>,
    keys: BTreeMap<u32, EpochKey>,
    tails: BTreeMap<KeyId, Tail>,
    /// What was taken since the reader was made, and is not kept yet: whose, and with the hash of the one before.
    fresh: Vec<(KeyId, Tail, Hash)>,
    /// What a cutoff names behind authors' envelopes, if that is more than the ends of their lines.
    cutoffs: BTreeMap<KeyId, Cutoff>,
    /// Who wrapped another key for this device than the chain commits to.
    liar: Option<KeyId>,
    /// A member told it a key that it was not given.
    learnt: bool,
    /// Of a code: what its wraps are sealed under.
    release: Option<ReleaseKey>,
}

impl Reader {
    /// At the beginning of a log.
    pub fn new(notebook: NotebookId, me: SecretKeys) -> Self {
        let id = me.id();
        let (keys, tails, cutoffs) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self {
            notebook,
            me,
            id,
            state: None,
            founder: None,
            keys,
            tails,
            fresh: Vec::new(),
            cutoffs,
            liar: None,
            learnt: false,
            release: None,
        }
    }

    /// With what was kept: keys, and the ends of the authors' lines.
    #[must_use]
    pub fn with(
        mut self,
        keys: impl IntoIterator<Item = (u32, EpochKey)>,
        tails: impl IntoIterator<Item = (KeyId, Tail)>,
    ) -> Self {
        self.keys.extend(keys);
        self.tails.extend(tails);
        self
    }

    /// With what a cutoff names of authors of whom more is known than where their lines end.
    #[must_use]
    pub fn with_cutoffs(self, cutoffs: BTreeMap<KeyId, Cutoff>) -> Self {
        Self { cutoffs, ..self }
    }

    /// With the release key of the code whose keys these are.
    #[must_use]
    pub fn released(self, release: Option<ReleaseKey>) -> Self {
        Self { release, ..self }
    }

    /// Returns the release key of an open code, as its label says to members; `None` without the key of that label.
    pub fn release_of(&self, code: &Holder) -> Option<ReleaseKey> {
        let opened = label::open(&code.label, |epoch| self.key(epoch), self.notebook, &code.keys)?;
        Some(opened.release).filter(|release| *release != [0; RELEASE_BYTES])
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

    /// As behind another statement of the same chain.
    #[must_use]
    pub fn knowing(self, state: State) -> Self {
        Self { state: Some(state), ..self }
    }

    /// Returns what the notebook was founded for, as a number; `None` while the first epoch's key is not known.
    pub fn founded_for(&self) -> Option<u8> {
        self.founders_label().map(|label| label.founded_for)
    }

    /// Returns what its founder sealed; `None` while the first epoch's key is not known.
    pub fn founders_label(&self) -> Option<Label> {
        let (founder, state) = (self.founder.as_ref()?, self.state.as_ref()?);
        label::open(&founder.label, |epoch| self.key(epoch), state.founding_bound(), &founder.keys)
    }

    /// Returns the founder's key.
    pub fn founder(&self) -> Option<KeyId> {
        self.founder.as_ref().map(|founder| founder.keys.id())
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

    /// The end of an author's chain; of several lines, the greatest one's.
    pub fn tail(&self, author: &KeyId) -> Tail {
        self.tails.get(author).copied().unwrap_or_default()
    }

    /// The cutoff behind everything that is known of an author: of two tongues it names each line's last.
    pub fn cutoff(&self, author: &KeyId) -> Cutoff {
        if let Some(known) = self.cutoffs.get(author) {
            return known.clone();
        }
        let fresh = self.fresh.iter().filter(|(of, ..)| of == author);
        let link = |(_, tail, previous): &(KeyId, Tail, Hash)| Link {
            end: (*tail).into(),
            previous: *previous,
            control: tail.control,
        };
        let links: Vec<Link> = fresh.map(link).collect();
        match &self.state {
            Some(state) if !links.is_empty() => lines::cutoff(state, author, &links),
            _ => self.tail(author).into(),
        }
    }

    /// Whether an envelope that does not stand could count, so that every server takes it.
    pub fn could_count(&self, frame: &Frame) -> bool {
        self.state.as_ref().is_some_and(|state| could_count(frame, state))
    }

    /// Whether this device may write.
    pub fn may_write(&self) -> bool {
        self.state.as_ref().is_some_and(|state| state.may_write(&self.id))
    }

    /// Whether this device is an owner's.
    pub fn is_owner(&self) -> bool {
        self.state.as_ref().is_some_and(|state| state.is_owner(&self.id))
    }

    /// Whether this device must make a new key before it writes: it is an owner's, and was not given the present one.
    pub fn must_make_a_key(&self) -> bool {
        self.is_owner() && self.state.as_ref().is_some_and(|state| !self.keys.contains_key(&state.epoch()))
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
            Action::Found { epoch, owner, .. } => {
                self.founder = Some(owner.clone());
                let mine = epoch.wraps.iter().find(|(holder, _)| *holder == self.id);
                if let (Some((_, wrap)), Some(bound)) = (mine, self.state.as_ref().map(State::founding_bound)) {
                    self.keep_bound(bound, 1, wrap, statement.author);
                }
                return;
            }
            Action::Join { member, wraps } | Action::Rekey { member, wraps, .. } => (Some((member, wraps)), None),
            Action::Recover { member, wraps, epoch, .. } => (Some((member, wraps)), Some(epoch)),
            Action::Remove { epoch, .. } | Action::Epoch { epoch } => (None, Some(epoch)),
            Action::Invite { .. }
            | Action::Print { .. }
            | Action::Leave { .. }
            | Action::Role { .. }
            | Action::Erase { .. }
            | Action::Close { .. }
            | Action::Reopen { .. } => (None, None),
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
        self.keep_bound(self.notebook, epoch, wrap, author);
    }

    /// As [`Self::keep`], for a wrap that is bound to this.
    fn keep_bound(&mut self, bound: NotebookId, epoch: u32, wrap: &[u8], author: KeyId) {
        let Some(state) = &self.state else { return };
        let committed = state.commitment(epoch);
        let released = self.release.and_then(|release| release::open(&release, wrap));
        let wrap = released.as_deref().unwrap_or(wrap);
        match self.me.unwrap(bound, epoch, author, wrap) {
            Ok(key) if committed == Some(&commitment(&key, state.bound_to(epoch), epoch)) => {
                self.keys.insert(epoch, key);
            }
            Ok(_) | Err(NotForUs) => self.liar = Some(author),
        }
    }

    /// Returns the member who gave this device no key, or another one than the chain commits to.
    pub const fn liar(&self) -> Option<KeyId> {
        self.liar
    }

    /// Judges an envelope, or what is left of one, that stands in a log, whoever brought it there and wherever it stands. Which of
    /// its author's envelopes stand with it is another question ([`lines`]).
    ///
    /// # Errors
    /// [`Halt::Envelope`] for one that no server may have taken, [`Halt::Chain`] for one that names another chain.
    pub fn envelope(&mut self, held: Held, kept: &impl Kept) -> Result<Judged, Halt> {
        let state = self.state.as_ref().ok_or(Halt::Chain)?;
        let frame = held.frame();
        let known = self.known_of(&frame, kept)?;
        // What a server took is there, whatever its clock said then.
        match accept(&frame, state, &known, Bearer::Carrier, Hlc(u64::MAX)) {
            Ok(Taken::New | Taken::Second) => {}
            // Who wrote here once may have gone on beyond the cutoff, where no honest server saw it.
            Err(Refusal::NotAWriter) if state.ever_wrote(&frame.header.author) => {
                self.note(&frame);
                return Ok(Judged { held, verdict: Verdict::Nowhere });
            }
            Err(Refusal::Forked | Refusal::OtherNotebook) => return Err(Halt::Chain),
            // A log holds everything once.
            Ok(Taken::Again)
            | Err(
                Refusal::NotAWriter
                | Refusal::Signature
                | Refusal::OldEpoch
                | Refusal::ClockAhead
                | Refusal::Gap { .. }
                | Refusal::Taken
                | Refusal::Chain
                | Refusal::NotErased
                | Refusal::Unknown(_),
            ) => return Err(Halt::Envelope),
        }
        let previous = known.previous.unwrap_or_default();
        let verdict = match self.stand(&held, &previous) {
            Some(Stand { words, former_key }) => {
                self.learn_former(frame.header.epoch, former_key);
                Verdict::Changes(words)
            }
            None => Verdict::Unread,
        };
        self.note(&frame);
        self.go_on_behind(frame.header.author, frame.tail());
        Ok(Judged { held, verdict })
    }

    /// Gathers what is known of an envelope's author, from what is kept and what was taken since.
    fn known_of(&self, frame: &Frame, kept: &impl Kept) -> Result<Known, Halt> {
        let author = frame.header.author;
        let fresh = || self.fresh.iter().rev().filter(|(of, ..)| *of == author).map(|(_, tail, _)| tail);
        Known::gather(
            frame,
            (self.tail(&author), false),
            |sequence, attempt| {
                let same = fresh().filter(|tail| (tail.sequence, tail.attempt) == (sequence, attempt));
                Ok(same.map(|tail| tail.hash).collect())
            },
            |sequence, hash| {
                let new = fresh().find(|tail| (tail.sequence, &tail.hash) == (sequence, hash));
                new.map_or_else(|| kept.tail_of(author, sequence, hash), |tail| Ok(Some(*tail)))
            },
        )
        .map_err(|_| Halt::Envelope)
    }

    fn note(&mut self, frame: &Frame) {
        self.fresh.push((frame.header.author, frame.tail(), frame.header.previous));
    }

    /// An author's chain ends with the greatest envelope.
    fn go_on_behind(&mut self, author: KeyId, tail: Tail) {
        let rank = |tail: &Tail| (tail.attempt, tail.sequence, tail.hash);
        if rank(&tail) > rank(&self.tail(&author)) {
            self.tails.insert(author, tail);
        }
    }

    /// Keeps the key of the epoch before, told by a member, if this device was not given the right one.
    fn learn_former(&mut self, epoch: u32, key: Option<[u8; 32]>) {
        let (Some(key), Some(state), Some(former)) = (key, &self.state, epoch.checked_sub(1)) else { return };
        if self.keys.contains_key(&former) {
            return;
        }
        let key = EpochKey::from_bytes(key);
        if state.commitment(former) == Some(&commitment(&key, state.bound_to(former), former)) {
            self.keys.insert(former, key);
            self.learnt = true;
        }
    }

    /// Whether a member told this device the key of an epoch that it did not have.
    pub const fn has_learnt_a_key(&self) -> bool {
        self.learnt
    }

    /// Whether this device lacks the key of an epoch.
    pub fn lacks_a_key(&self) -> bool {
        self.state.as_ref().is_some_and(|state| (1..=state.epoch()).any(|epoch| !self.keys.contains_key(&epoch)))
    }

    /// Takes the mention of an envelope of this device's own; `known` is its tail, if this file made it.
    ///
    /// # Errors
    /// [`Halt::Copy`] if this file did not make it.
    pub fn own(&mut self, known: Option<Tail>) -> Result<Tail, Halt> {
        let tail = known.ok_or(Halt::Copy)?;
        self.go_on_behind(self.id, tail);
        Ok(tail)
    }
}
