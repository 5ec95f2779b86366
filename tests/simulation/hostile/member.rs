//! A member who signs properly and means harm: a patched client with true keys.

use ayumi_channel::log::Log;
use ayumi_channel::memory::Contents;
use ayumi_core::crypto::keys::SecretKeys;
use ayumi_core::sync::code::Invitation;
use ayumi_core::sync::reader::Reader;
use ayumi_core::sync::statement::{Decision, rekey};
use ayumi_play::Dice;
use ayumi_protocol::batch::Batch;
use ayumi_protocol::control::{Action, Cutoff, Role, Statement, What, extend_chain};
use ayumi_protocol::envelope::{Envelope, Tail};
use ayumi_protocol::exchange::{ItemBody, Piece};
use ayumi_protocol::key::KeyId;
use ayumi_protocol::lines::{Link, cutoff};
use ayumi_protocol::{Change, DeviceId, EntryId, Hlc, NotebookId, Stamp, limits};
use ayumi_tests::family::{Municipality, Time};

use super::photo::squats;
use super::snapshot::puts_a_snapshot;
use crate::sync::matrix::{Device, says, sync};
use crate::sync::patched::{chain_of, come_in, lying_epoch, signed};

/// What a member who means harm does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Harm {
    /// Writes what anybody may write.
    Writes,
    /// Changes an entry of another notebook by its id.
    AnotherNotebook,
    /// Changes an entry under another kind.
    AnotherKind,
    /// Sends an id before its honest entry.
    TakesAnId,
    /// Writes over an honest entry, in the own name.
    Overwrites,
    /// Stamps a change far ahead inside an envelope.
    FarAhead,
    /// Writes another member's device into a stamp.
    ForgesAStamp,
    /// Signs one thing and seals another.
    SealsOther,
    /// Signs two envelopes for one place.
    TwoTongues,
    /// Brings another line of its own, that parts from the known one somewhere, as if it had it from a log.
    TellsLowerAttempts,
    /// Writes two bodies under one stamp.
    TwoBodies,
    /// Stamps a word below its own earlier ones.
    BackDates,
    /// Puts other words in the place of the own first ones.
    SealsAnew,
    /// Names a past that is not the own.
    AnotherPast,
    /// Sends what no version knows.
    UnknownKind,
    /// Sends values out of their range, and not of their form.
    WrongValues,
    /// Sends what stands in notebooks of another type.
    AnotherTypesKind,
    /// Says that the notebook is for something else, or deletes its own facts.
    TurnsTheNotebook,
    /// Changes one entry more often than anybody may.
    ChangesWithoutEnd,
    /// Sends junk that opens.
    Junk,
    /// Takes an honest member out, with a cutoff before words that the server has.
    CutsOff,
    /// Makes a new epoch and wraps another key for one member.
    LiesAboutAKey,
    /// Lowers an honest member.
    Lowers,
    /// Invites an accomplice.
    Invites,
    /// Takes new keys, and goes on under them.
    TakesNewKeys,
    /// Puts an own key into an honest member's place.
    TakesAPlace,
    /// Leaves, and goes on writing.
    WritesAfterLeaving,
    /// Closes the notebook at the server, at once; also as one who is no owner.
    Closes,
    /// Opens what was closed at the server; also as one who is no owner.
    Opens,
    /// Puts a snapshot that is false, cut or swapped, or that holds what was never sent.
    PutsASnapshot,
    /// Tells a server that lost everything its own past first: one in which an honest member was taken out, or it was not.
    TellsAnotherChain,
    /// Takes the names of an honest photo and its thumbnail.
    SquatsAPhoto,
    /// Tells what was never said as an entry's history, under an honest member's stamp, also as of a notebook before.
    LiesInHistory,
}

impl Harm {
    /// Everything such a member does.
    pub(super) const ALL: [Self; 33] = [
        Self::Writes,
        Self::AnotherNotebook,
        Self::AnotherKind,
        Self::TakesAnId,
        Self::Overwrites,
        Self::FarAhead,
        Self::ForgesAStamp,
        Self::SealsOther,
        Self::TwoTongues,
        Self::TellsLowerAttempts,
        Self::TwoBodies,
        Self::BackDates,
        Self::SealsAnew,
        Self::AnotherPast,
        Self::UnknownKind,
        Self::WrongValues,
        Self::AnotherTypesKind,
        Self::TurnsTheNotebook,
        Self::ChangesWithoutEnd,
        Self::Junk,
        Self::CutsOff,
        Self::LiesAboutAKey,
        Self::Lowers,
        Self::Invites,
        Self::TakesNewKeys,
        Self::TakesAPlace,
        Self::WritesAfterLeaving,
        Self::Closes,
        Self::Opens,
        Self::PutsASnapshot,
        Self::TellsAnotherChain,
        Self::SquatsAPhoto,
        Self::LiesInHistory,
    ];
}

/// What the member knows of the others.
pub(super) struct Prey {
    /// An entry of another notebook, and that notebook.
    pub(super) elsewhere: (EntryId, NotebookId),
    /// An honest entry of this notebook.
    pub(super) entry: Option<EntryId>,
    /// An honest photo in this notebook.
    pub(super) photo: Option<EntryId>,
    /// An id that an honest phone will use.
    pub(super) coming: EntryId,
    /// An honest member's device in stamps.
    pub(super) device: DeviceId,
}

/// A patched client.
pub(super) struct Member {
    keys: SecretKeys,
    /// Keys that are to take the place of these.
    next: Option<SecretKeys>,
    notebook: NotebookId,
    count: u64,
}

/// What the member says in its own name.
pub(super) const GUEST: &str = "客の言葉";
/// What the member says under a stamp below its own earlier ones.
pub(super) const BACK_DATED: &str = "客の前の言葉";

impl Member {
    /// Comes in by a code.
    pub(super) fn come_in(municipality: &Municipality, code: &str) -> Option<Self> {
        let Device { keys, reader, .. } = come_in(municipality, code)?;
        Some(Self { keys, next: None, notebook: reader.notebook(), count: 0 })
    }

    /// The key's name.
    pub(super) fn id(&self) -> KeyId {
        self.keys.id()
    }

    /// This client as the server's log has it now; `None` if it is no member there.
    fn device(&self, municipality: &Municipality) -> Option<Device> {
        let chain = chain_of(municipality, &self.keys, self.notebook)?;
        let mut device = Device::new(self.notebook, self.keys.clone());
        device.learn(&chain);
        let state = device.reader.state()?;
        if !state.may_read(&self.keys.id()) {
            return None;
        }
        let own = own_envelopes(municipality, &self.keys, self.notebook);
        let rank = |envelope: &&Envelope| (envelope.header.attempt, envelope.header.sequence, envelope.hash());
        device.tail = own.iter().max_by_key(rank).map_or(Tail::default(), Envelope::tail);
        // Each line's last, so that it can leave and take new keys.
        let links: Vec<Link> = own.iter().map(|envelope| Link::from(&envelope.frame())).collect();
        let named = cutoff(device.reader.state()?, &self.keys.id(), &links);
        device.reader = device.reader.with_cutoffs([(self.keys.id(), named)].into());
        Some(device)
    }

    fn change(&mut self, entry: EntryId, kind: &str, ms: u64, body: &str) -> Option<Change> {
        let stamp = Stamp { hlc: Hlc(ms << 16), device: self.keys.id().into() };
        Change::from_parts(entry, self.notebook, kind, stamp, body).ok()
    }

    fn new_entry(&mut self) -> EntryId {
        self.count += 1;
        numbered(self.count)
    }

    fn words(&mut self, time: &Time) -> Option<Change> {
        let entry = self.new_entry();
        let text = format!(r#"{{"n":{{"text":"{GUEST}{}"}}}}"#, self.count);
        self.change(entry, "diary", time.now(), &text)
    }

    /// Does harm; whether the server took something of it.
    pub(super) fn harms(
        &mut self,
        harm: Harm,
        municipality: &Municipality,
        time: &Time,
        prey: &Prey,
        dice: &mut Dice,
    ) -> Option<bool> {
        time.pass(1000);
        if harm == Harm::TellsAnotherChain {
            return self.tells_another_chain(municipality, dice);
        }
        let mut device = self.device(municipality)?;
        if harm == Harm::PutsASnapshot {
            return puts_a_snapshot(municipality, &mut device, (time, self.words(time)?), dice);
        }
        if harm == Harm::SquatsAPhoto {
            return squats(municipality, &device, prey.photo?, dice);
        }
        let pieces = self.pieces(harm, municipality, &mut device, time, prey, dice)?;
        let reply = sync(municipality, &self.keys, self.notebook, &pieces).ok()?;
        let taken = reply.answers.iter().any(|answer| answer.position().is_some());
        if let Some(next) = self.next.take().filter(|_| taken) {
            self.keys = next;
        }
        Some(taken)
    }

    /// The server loses everything, and this client is the first that comes, with a chain that parts from the family's: also
    /// when it was taken out meanwhile, which is not told.
    fn tells_another_chain(&mut self, municipality: &Municipality, dice: &mut Dice) -> Option<bool> {
        let mut chain = past_of(municipality, &self.keys, self.notebook)?;
        let (mut states, mut state) = (Vec::new(), None);
        for statement in &chain {
            state = Some(extend_chain(state, statement).ok()?);
            states.extend(state.clone());
        }
        // Back to some place at which it was an owner.
        let owned: Vec<usize> = (0..states.len()).filter(|at| states[*at].is_owner(&self.keys.id())).collect();
        let at = *owned.get(dice.below(owned.len()))?;
        chain.truncate(at + 1);
        let mut device = Device::new(self.notebook, self.keys.clone());
        device.learn(&chain);
        let other = honest(&device.reader, self.id(), dice);
        let own = match other.filter(|_| dice.percent(50)) {
            Some(other) => says(&device, &Decision::Remove(other)),
            None => says(&device, &Decision::NewEpoch),
        };
        device.reader.state()?.after(&own).ok()?;
        chain.push(own);
        municipality.restore(Contents::default());
        let pieces: Vec<Piece> = chain.iter().map(|told| Piece::CarriedStatement(told.to_bytes())).collect();
        let reply = sync(municipality, &self.keys, self.notebook, &pieces).ok()?;
        Some(reply.answers.iter().any(|answer| answer.position().is_some()))
    }

    fn pieces(
        &mut self,
        harm: Harm,
        municipality: &Municipality,
        device: &mut Device,
        time: &Time,
        prey: &Prey,
        dice: &mut Dice,
    ) -> Option<Vec<Piece>> {
        let now = time.now();
        let envelope = |envelope: Envelope| Piece::Envelope(envelope.to_bytes());
        let text = format!(r#"{{"n":{{"text":"{GUEST}"}}}}"#);
        let mut seals = |change: Option<Change>| Some(vec![envelope(device.writes_changes(time, &[change?]))]);
        match harm {
            Harm::Writes => seals(self.words(time)),
            Harm::AnotherNotebook => {
                let (entry, _) = prey.elsewhere;
                seals(self.change(entry, "diary", now, &text))
            }
            Harm::AnotherKind => seals(self.change(prey.entry?, "growth", now, r#"{"n":{"weight":19.5}}"#)),
            Harm::TakesAnId => seals(self.change(prey.coming, "growth", now, r#"{"n":{"weight":19.5}}"#)),
            Harm::Overwrites => seals(self.change(prey.entry?, "diary", now, &text)),
            Harm::FarAhead => {
                let entry = self.new_entry();
                seals(self.change(entry, "diary", 4_102_444_800_000, &text))
            }
            Harm::ForgesAStamp => {
                let change = self.words(time)?;
                let stamp = Stamp { device: prey.device, ..change.stamp };
                seals(Some(Change { stamp, ..change }))
            }
            Harm::SealsOther => {
                let batch =
                    Batch { seed: [3; 16], former_key: None, peer_heads: Vec::new(), changes: vec![self.words(time)?] };
                Some(vec![envelope(device.writes_text(time, &batch.to_bytes()))])
            }
            Harm::TwoTongues => {
                let tail = device.tail;
                let first = device.writes_changes(time, &[self.words(time)?]);
                device.tail = tail;
                let second = device.writes_changes(time, &[self.words(time)?]);
                // A fresh one is refused; one that somebody has from a log is kept.
                let carried = Piece::CarriedEnvelope(second.to_bytes());
                Some(vec![envelope(first), if dice.percent(50) { carried } else { envelope(second) }])
            }
            Harm::TellsLowerAttempts => {
                let mut own = own_envelopes(municipality, &self.keys, self.notebook);
                let parent = if own.is_empty() { Tail::default() } else { own.remove(dice.below(own.len())).tail() };
                device.tail = parent;
                let first = device.writes_changes(time, &[self.words(time)?]);
                let second = device.writes_changes(time, &[self.words(time)?]);
                Some([first, second].map(|envelope| Piece::CarriedEnvelope(envelope.to_bytes())).to_vec())
            }
            Harm::TwoBodies => {
                let entry = prey.entry.filter(|_| dice.percent(50)).unwrap_or_else(|| self.new_entry());
                let mut bodies = Vec::new();
                for n in 0..2 + dice.below(3) {
                    bodies.push(self.change(entry, "diary", now, &format!(r#"{{"n":{{"text":"{GUEST}・{n}"}}}}"#))?);
                }
                Some(vec![envelope(device.writes_changes(time, &bodies))])
            }
            Harm::BackDates => {
                let first = device.writes_changes(time, &[self.words(time)?]);
                let entry = prey.entry.filter(|_| dice.percent(50)).unwrap_or_else(|| self.new_entry());
                let before = now - dice.number() % 1000;
                let words = self.change(entry, "diary", before, &format!(r#"{{"n":{{"text":"{BACK_DATED}"}}}}"#))?;
                Some(vec![envelope(first), envelope(device.writes_changes(time, &[words]))])
            }
            Harm::SealsAnew => {
                let own = own_envelopes(municipality, &self.keys, self.notebook);
                let first = own.first()?.header;
                device.tail = Tail::default();
                device.attempt = first.attempt + 1;
                Some(vec![envelope(device.writes_changes(time, &[self.words(time)?]))])
            }
            Harm::AnotherPast => {
                device.tail.hash = [0x77; 32];
                Some(vec![envelope(device.writes_changes(time, &[self.words(time)?]))])
            }
            Harm::UnknownKind => {
                let (entry, body) = (self.new_entry(), r#"{"n":{"dream":"x"}}"#);
                seals(self.change(entry, "from_the_future", now, body))
            }
            Harm::WrongValues => {
                let entry = self.new_entry();
                seals(self.change(entry, "growth", now, r#"{"n":{"weight":-3,"on":"yesterday"}}"#))
            }
            Harm::AnotherTypesKind => {
                let (entry, body) = (self.new_entry(), r#"{"n":{"on":"2026-04-01"}}"#);
                seals(self.change(entry, "prenatal_visit", now, body))
            }
            Harm::TurnsTheNotebook => {
                let bodies = [r#"{"n":{"notebook_type":"private"}}"#, r#"{"n":{"notebook_type":null}}"#, r#"{"d":[]}"#];
                seals(self.change(self.notebook.into(), "profile", now, bodies[dice.below(bodies.len())]))
            }
            Harm::ChangesWithoutEnd => {
                let mut changes = Vec::new();
                for n in 0..limits::ENTRY_CHANGES as u64 * 3 / 5 {
                    let body = format!(r#"{{"n":{{"text":"{GUEST}{n}"}}}}"#);
                    let change = self.change(numbered(0), "diary", now, &body)?;
                    let stamp = Stamp { hlc: Hlc(change.stamp.hlc.0 + n), ..change.stamp };
                    changes.push(Change { stamp, ..change });
                }
                time.pass(1);
                Some(vec![envelope(device.writes_changes(time, &changes))])
            }
            Harm::Junk => Some(vec![envelope(device.writes_text(time, b"junk"))]),
            Harm::CutsOff => {
                let other = honest(&device.reader, self.id(), dice)?;
                let statement = says(device, &Decision::Remove(other));
                let Action::Remove { holder, epoch, .. } = statement.action else { return None };
                let action = Action::Remove { holder, cutoff: Cutoff::default(), epoch };
                let statement = signed(&self.keys, self.notebook, statement.previous, action);
                // As if it had it from a log, so that the server does not ask for what it cuts off.
                Some(vec![Piece::CarriedStatement(statement.to_bytes())])
            }
            Harm::LiesAboutAKey => {
                let members = device.reader.state()?.holders();
                let stay = members.filter(|(_, holder)| !matches!(holder.what, What::Invitation { .. }));
                let stay: Vec<KeyId> = stay.map(|(id, _)| *id).collect();
                let cheated = stay[dice.below(stay.len())];
                let lie = lying_epoch(device, |id| *id == cheated);
                Some(vec![Piece::Statement(lie.to_bytes())])
            }
            Harm::Lowers => {
                let other = honest(&device.reader, self.id(), dice)?;
                let role = [Role::Reader, Role::Writer][dice.below(2)];
                Some(vec![Piece::Statement(says(device, &Decision::Role(other, role)).to_bytes())])
            }
            Harm::Invites => {
                let code = Invitation::generate(self.notebook, None).ok()?;
                let (keys, proof) = (code.keys().public(), code.proof());
                let expires_at = now + 1_000_000;
                let name = String::new();
                let invite = Decision::Invite { keys, proof, role: Role::Owner, mine: false, expires_at, name };
                Some(vec![Piece::Statement(says(device, &invite).to_bytes())])
            }
            Harm::TakesNewKeys => {
                let next = SecretKeys::generate().ok()?;
                let statement = rekey(&device.reader, device.reader.state()?, &next, "客").ok()?;
                self.next = Some(next);
                Some(vec![Piece::Statement(statement.to_bytes())])
            }
            Harm::TakesAPlace => {
                let other = honest(&device.reader, self.id(), dice)?;
                let mut statement =
                    rekey(&device.reader, device.reader.state()?, &SecretKeys::generate().ok()?, "客").ok()?;
                statement.author = other;
                Some(vec![Piece::Statement(statement.to_bytes())])
            }
            Harm::WritesAfterLeaving => {
                let leave = says(device, &Decision::Leave);
                let after = device.writes_changes(time, &[self.words(time)?]);
                Some(vec![Piece::Statement(leave.to_bytes()), envelope(after)])
            }
            Harm::Closes => {
                let server = municipality.log().signer().public_key();
                let decision = Decision::Close { server, at_once: true };
                Some(vec![Piece::Statement(says(device, &decision).to_bytes())])
            }
            Harm::LiesInHistory => {
                let entry = prey.entry.filter(|_| dice.percent(50)).unwrap_or_else(|| self.new_entry());
                let stamp = Stamp { hlc: Hlc((now - dice.number() % 1_000_000) << 16), device: prey.device };
                let author = prey.device;
                let leaf = "ab".repeat(32);
                let origin = format!(r#","o":"{author}{author}-{:016x}-{leaf}""#, 1 + dice.number() % 9);
                let origin = if dice.percent(50) { origin } else { String::new() };
                let body = format!(r#"{{"h":[{{"s":"{stamp}","k":"text","v":"{GUEST}・昔"{origin}}}]}}"#);
                seals(self.change(entry, "diary", now, &body))
            }
            // Nothing for the log.
            Harm::PutsASnapshot | Harm::SquatsAPhoto => None,
            Harm::Opens => {
                let server = municipality.log().signer().public_key();
                Some(vec![Piece::Statement(says(device, &Decision::Reopen(server)).to_bytes())])
            }
            Harm::TellsAnotherChain => None,
        }
    }
}

/// An id of the member's own.
fn numbered(number: u64) -> EntryId {
    let mut bytes = [0x6b; 16];
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    EntryId::from_slice(&bytes).expect("sixteen bytes")
}

/// The chain as a server shows it to a key, also to one that was taken out.
fn past_of(municipality: &Municipality, keys: &SecretKeys, notebook: NotebookId) -> Option<Vec<Statement>> {
    let reply = sync(municipality, keys, notebook, &[]).ok()?;
    let statement = |body: &ItemBody| match body {
        ItemBody::Statement(bytes) => Statement::from_bytes(bytes).ok(),
        _ => None,
    };
    Some(reply.items.iter().filter_map(|item| statement(&item.body)).collect())
}

/// A member who is not the one that means harm.
fn honest(reader: &Reader, me: KeyId, dice: &mut Dice) -> Option<KeyId> {
    let members = reader.state()?.holders().filter(|(id, holder)| holder.what == What::Member && **id != me);
    let members: Vec<KeyId> = members.map(|(id, _)| *id).collect();
    members.get(dice.below(members.len())).copied()
}

/// The envelopes of a key in the server's log.
fn own_envelopes(municipality: &Municipality, keys: &SecretKeys, notebook: NotebookId) -> Vec<Envelope> {
    let Ok(reply) = sync(municipality, keys, notebook, &[]) else { return Vec::new() };
    let envelope = |body: &ItemBody| match body {
        ItemBody::Envelope(bytes) => Envelope::from_bytes(bytes).ok(),
        _ => None,
    };
    let all = reply.items.iter().filter_map(|item| envelope(&item.body));
    all.filter(|envelope| envelope.header.author == keys.id()).collect()
}
