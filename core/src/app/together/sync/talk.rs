//! Asking: who this device is, one question after the other, until nothing is left.

use ayumi_protocol::NotebookId;
use ayumi_protocol::exchange::{Caller, Challenge, Proof, Reply, Request, SESSION_PURPOSE, Ticket, session_bytes};
use ayumi_protocol::key::KeyId;
use ayumi_protocol::limits;

use super::apply::{Applied, apply};
use super::prepare::{Round, prepare};
use super::snapshot::make_if_due;
use super::{Progress, SyncReport, again};
use crate::app::error::{Error, Result, Thing};
use crate::app::handbook::Handbook;
use crate::crypto::keys::SecretKeys;
use crate::store::outbox;
use crate::sync::reader::Halt;
use crate::sync::transport::{Answer, Transport};

/// Questions about one notebook in a row at most: a server that never comes to an end does not keep a phone busy.
const QUESTIONS: u32 = 10_000;
/// Answers in a row that brought nothing on.
const IDLE: u32 = 8;

/// How a talk about one notebook ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::app) enum Ended {
    Done,
    More,
    Offline,
    Full,
    Halted,
    Removed,
    /// Something was refused for a reason that only a newer version knows; it waits.
    NotUnderstood,
}

/// What came of one question.
pub(in crate::app) enum Asked {
    /// The answer to it.
    Answer(Vec<u8>),
    /// Ask again: the proof is now in hand, and the clock is corrected.
    Challenged(Challenge),
    /// The key holds nothing there.
    NotAHolder,
    /// The notebook is not there.
    NoNotebook,
    /// The notebook has no room.
    Full,
    /// Not now.
    Offline,
}

/// A talk with one server.
pub(in crate::app) struct Talk<'a> {
    pub(in crate::app) handbook: Handbook,
    way: &'a dyn Transport,
    end_ms: Option<u64>,
    pub(in crate::app) report: &'a mut SyncReport,
    /// Seconds that the server asked to wait.
    pub(in crate::app) retry_after: Option<u64>,
    /// The server told the time in this talk.
    clock_is_known: bool,
}

impl<'a> Talk<'a> {
    pub(in crate::app) fn new(
        handbook: Handbook,
        way: &'a dyn Transport,
        end_ms: Option<u64>,
        report: &'a mut SyncReport,
    ) -> Self {
        Self { handbook, way, end_ms, report, retry_after: None, clock_is_known: false }
    }

    pub(super) fn is_over(&self) -> bool {
        self.end_ms.is_some_and(|end| self.handbook.clock().now_ms() >= end)
    }

    /// One notebook, until nothing is left or the budget is used up.
    pub(in crate::app) async fn notebook(&mut self, id: NotebookId, progress: Progress<'_>) -> Result<Ended> {
        let mut proof: Option<Proof> = None;
        let mut idle = 0;
        let mut tried_snapshot = false;
        for _ in 0..QUESTIONS {
            if self.is_over() {
                return Ok(Ended::More);
            }
            let now_ms = self.handbook.clock().now_ms();
            let round = prepare(&mut self.handbook.db(), id, now_ms, self.clock_is_known)?;
            if round.channel.halted.is_some() {
                return Ok(Ended::Halted);
            }
            if round.channel.removed {
                return Ok(Ended::Removed);
            }
            let known = proof.take().or_else(|| round.channel.token.map(Proof::Token));
            // Without proof nothing is sent yet: first the clock is learnt.
            let bare = known.is_none();
            let caller = Caller { notebook: id, author: round.reader.id(), proof: known.unwrap_or(Proof::None) };
            let request = Request {
                caller,
                wanted: round.wanted,
                after: round.channel.position,
                prefix: round.channel.prefix,
                page_bytes: limits::PAGE_BYTES as u64,
                pieces: if bare { Vec::new() } else { round.pieces.clone() },
            };
            let bytes = match self.ask("/v1/sync", request.to_bytes()).await {
                Asked::Answer(bytes) => bytes,
                Asked::Challenged(challenge) => {
                    self.meet(&round, &challenge)?;
                    proof = Some(answer(round.reader.me(), &challenge, id, round.reader.id()));
                    continue;
                }
                Asked::Offline => return Ok(Ended::Offline),
                Asked::Full => return Ok(Ended::Full),
                // The log is gone, or was never there for these keys.
                Asked::NoNotebook | Asked::NotAHolder => match self.lost(&round)? {
                    Some(ended) => return Ok(ended),
                    None => {
                        idle += 1;
                        if idle > IDLE {
                            return Ok(Ended::Offline);
                        }
                        continue;
                    }
                },
            };
            let Ok(reply) = Reply::from_bytes(&bytes) else { return Ok(Ended::Offline) };
            // A bare question that is answered was one by somebody who was removed.
            let round = if bare { Round { pieces: Vec::new(), sequences: Vec::new(), ..round } } else { round };
            self.clock_is_known = true;
            let applied = apply(&self.handbook, round, &reply, self.report)?;
            progress(applied.position().min(reply.end), reply.end);
            match applied {
                // One try: if the log goes on meanwhile, whoever comes next makes it.
                Applied::Done if !tried_snapshot && make_if_due(&mut self.handbook.db(), id)? => tried_snapshot = true,
                Applied::Done => return Ok(Ended::Done),
                Applied::Halted => return Ok(Ended::Halted),
                Applied::Removed => return Ok(Ended::Removed),
                Applied::Full => return Ok(Ended::Full),
                Applied::NotUnderstood => return Ok(Ended::NotUnderstood),
                Applied::GoOn { useful, .. } => {
                    idle = if useful { 0 } else { idle + 1 };
                    if idle > IDLE {
                        return Ok(Ended::Offline);
                    }
                }
            }
        }
        Ok(Ended::More)
    }

    /// The server has no such notebook, or does not know this device's key in it.
    fn lost(&mut self, round: &Round) -> Result<Option<Ended>> {
        let mut db = self.handbook.db();
        let mut channel = round.channel.clone();
        if channel.token.is_none() && channel.position == 0 && channel.again {
            // Read from the beginning and still not known: it is another notebook's log, or somebody else began it there.
            channel.halted = Some(Halt::Elsewhere.key().into());
            db.write(|tx| channel.save(tx))?;
            return Ok(Some(Ended::Halted));
        }
        if channel.position == 0 && !channel.again && round.pieces.is_empty() {
            return Ok(Some(Ended::Offline));
        }
        db.write(|tx| {
            outbox::gather(tx)?;
            again::forget(tx, &mut channel)
        })?;
        Ok(None)
    }

    /// The server says what time it is, which life of its store this is, and what its key is.
    fn meet(&mut self, round: &Round, challenge: &Challenge) -> Result<()> {
        let mut db = self.handbook.db();
        let mut channel = round.channel.clone();
        let now_ms = self.handbook.clock().now_ms();
        let forgot = channel.store_epoch.is_some_and(|known| known != challenge.store_epoch);
        channel.store_epoch = Some(challenge.store_epoch);
        channel.server_key = Some(challenge.server_key);
        channel.token = None;
        db.write(|tx| {
            if forgot {
                outbox::gather(tx)?;
                again::forget(tx, &mut channel)?;
            }
            channel.save(tx)
        })?;
        db.correct_clock(challenge.server_ms, now_ms)?;
        self.clock_is_known = true;
        Ok(())
    }

    /// One question to the server.
    pub(in crate::app) async fn ask(&mut self, path: &str, body: Vec<u8>) -> Asked {
        self.report.bytes_up += body.len() as u64;
        self.report.round_trips += 1;
        let Ok(Answer { status, body, retry_after }) = self.way.post(path, body).await else { return Asked::Offline };
        self.report.bytes_down += body.len() as u64;
        match status {
            200 => Asked::Answer(body),
            401 => Challenge::from_bytes(&body).map_or(Asked::Offline, Asked::Challenged),
            403 => Asked::NotAHolder,
            404 => Asked::NoNotebook,
            507 => Asked::Full,
            _ => {
                self.retry_after = retry_after;
                Asked::Offline
            }
        }
    }

    /// One question that needs this device's key, with the challenge answered if one comes.
    pub(in crate::app) async fn ask_as(
        &mut self,
        path: &str,
        notebook: NotebookId,
        keys: &SecretKeys,
        token: Option<Ticket>,
        body: impl Fn(Caller) -> Vec<u8>,
    ) -> Asked {
        let author = keys.id();
        let mut proof = token.map_or(Proof::None, Proof::Token);
        for _ in 0..2 {
            match self.ask(path, body(Caller { notebook, author, proof })).await {
                Asked::Challenged(challenge) => proof = answer(keys, &challenge, notebook, author),
                other => return other,
            }
        }
        Asked::Offline
    }
}

/// The proof for a challenge.
pub(in crate::app) fn answer(keys: &SecretKeys, challenge: &Challenge, notebook: NotebookId, author: KeyId) -> Proof {
    let bytes = session_bytes(&challenge.challenge, notebook, author);
    Proof::Signed { challenge: challenge.challenge, signature: keys.sign(SESSION_PURPOSE, &bytes) }
}

impl Asked {
    /// An answer, or what a shell is told.
    pub(in crate::app) fn or_error(self) -> Result<Vec<u8>> {
        match self {
            Self::Answer(bytes) => Ok(bytes),
            Self::NotAHolder | Self::NoNotebook => Err(Error::NotFound { what: Thing::NotebookAtServer }),
            Self::Full | Self::Offline | Self::Challenged(_) => Err(Error::Offline),
        }
    }
}
