//! A session with one server: proves this device's keys, and sends one request after the other until nothing is left.

use std::collections::BTreeMap;

use ayumi_protocol::NotebookId;
use ayumi_protocol::endpoint::{self, Endpoint, Problem};
use ayumi_protocol::exchange::{
    Admission, Caller, Challenge, Proof, Reply, Request, SESSION_PURPOSE, Token, nearby_session_bytes, session_bytes,
};
use ayumi_protocol::key::KeyId;
use ayumi_protocol::limits;

use super::apply::{Applied, apply};
use super::prepare::{Knows, prepare};
use super::provisional::settle;
use super::report::{Progress, SyncReport};
use super::round::Round;
use crate::app::error::{Error, Result, Thing};
use crate::app::handbook::Handbook;
use crate::app::pinned::{keep_pins, named_by_pack, pins};
use crate::crypto::keys::SecretKeys;
use crate::model::{Invalid, Reason};
use crate::store::channel::{self, AtServer, Channel};
use crate::store::outbox;
use crate::sync::halt::Halt;
use crate::sync::pins::{AnotherServer, Fingerprint, Pins, believe};
use crate::sync::transport::{RawResponse, Transport};

/// Requests about one notebook in a row at most: a server that never comes to an end does not keep a phone busy.
const REQUESTS: u32 = 10_000;
/// Bytes of items in the first reply about a log of which nothing is here.
const FIRST_PAGE: usize = 64 * 1024;
/// Consecutive replies without progress at most.
const IDLE: u32 = 8;

/// Result of syncing one notebook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::app) enum NotebookOutcome {
    Done,
    More,
    Offline,
    Full,
    /// The server wants a ticket, and this device has none that it takes.
    NoTicket,
    Halted,
    Removed,
    /// The other device, which is visited, does not have the notebook.
    NotThere,
    /// An owner closed the notebook at this server; it can be opened again for a time.
    Closed,
    /// The notebook is gone at this server, and does not begin there again.
    Gone,
    /// Something was refused for a reason that only a newer version knows; it waits.
    NotUnderstood,
    /// A snapshot shows what was written; the log follows when there is time.
    Early,
    /// A defect of ours ended it.
    Failed,
}

/// Response to one request.
pub(in crate::app) enum Response {
    /// The body of the reply.
    Reply(Vec<u8>),
    /// A challenge to sign; the request is sent again with the proof.
    Challenged(Challenge),
    /// This device's key holds nothing there.
    NotAHolder,
    /// The server has no such notebook.
    NoNotebook,
    /// The server has the notebook no more, and this is its signed word.
    Gone(Vec<u8>),
    /// The notebook has no room.
    Full,
    /// The notebook may not begin there without a ticket.
    NoTicket,
    /// It is not the server that is known, or that a code names.
    AnotherServer,
    /// No reply, or none that can be used now.
    Offline,
}

/// A session with one server.
pub(in crate::app) struct Session<'a> {
    pub(in crate::app) handbook: Handbook,
    pub(super) transport: &'a dyn Transport,
    end_ms: Option<u64>,
    pub(in crate::app) report: &'a mut SyncReport,
    /// Seconds that the server asked to wait.
    pub(in crate::app) retry_after: Option<u64>,
    /// The server cannot be reached, or asks to wait: nothing more is asked in this session.
    pub(super) unreachable: bool,
    /// Whether the server sent its time in this session.
    clock_is_known: bool,
    /// The server said that this device was taken out, by a chain that came later than the one that is known here.
    contradicts: bool,
    /// The key that the server showed last.
    pub(in crate::app) shown_key: Option<[u8; 32]>,
    /// The life of its store that it showed last.
    pub(in crate::app) shown_epoch: Option<[u8; 16]>,
    /// What a code says of the server's key.
    named: Option<Fingerprint>,
    /// Whether snapshots show what is still to be read.
    pub(in crate::app) lane: Lane,
    /// How many items of a log were still to be read after the last reply.
    to_read: u64,
    /// When the server would have deleted notebooks, had nobody come.
    pub(super) told_ends: BTreeMap<NotebookId, u64>,
}

/// Whether a session takes the fast lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::app) enum Lane {
    /// It reads the log alone.
    Log,
    /// A snapshot shows words first, and the log is left for another time.
    SnapshotFirst,
    /// A snapshot shows words first, and then the log is read.
    SnapshotThenLog,
}

impl<'a> Session<'a> {
    pub(in crate::app) fn new(
        handbook: Handbook,
        transport: &'a dyn Transport,
        end_ms: Option<u64>,
        report: &'a mut SyncReport,
    ) -> Self {
        let (retry_after, unreachable, clock_is_known, shown_key, named) = (None, false, false, None, None);
        let (lane, to_read) = (Lane::Log, 0);
        let told_ends = BTreeMap::new();
        Self {
            handbook,
            transport,
            end_ms,
            report,
            retry_after,
            unreachable,
            clock_is_known,
            contradicts: false,
            shown_key,
            shown_epoch: None,
            named,
            lane,
            to_read,
            told_ends,
        }
    }

    /// Believes no server but the one whose key a code names.
    #[must_use]
    pub(in crate::app) fn naming(self, named: Option<Fingerprint>) -> Self {
        Self { named, ..self }
    }

    pub(super) fn is_over(&self) -> bool {
        self.end_ms.is_some_and(|end| self.handbook.clock().now_ms() >= end)
    }

    /// Syncs one notebook until nothing is left or the budget is used up.
    pub(in crate::app) async fn notebook(&mut self, id: NotebookId, progress: Progress<'_>) -> Result<NotebookOutcome> {
        let mut proof: Option<Proof> = None;
        self.contradicts = false;
        let (mut idle, mut behind, mut asked) = (0, false, self.lane == Lane::Log);
        for _ in 0..REQUESTS {
            if self.is_over() {
                return Ok(NotebookOutcome::More);
            }
            let now_ms = self.handbook.clock().now_ms();
            let round =
                prepare(&mut self.handbook.db(), id, now_ms, Knows { clock: self.clock_is_known, end: !behind })?;
            let halted = round.channel.halted.is_some();
            if halted && !may_recover(&round.channel) {
                return Ok(NotebookOutcome::Halted);
            }
            if round.channel.removed {
                return Ok(NotebookOutcome::Removed);
            }
            // It binds for that server, and between two devices each meeting has one of its own.
            if is_gone_for_good(&round.channel) && !self.transport.origin().is_empty() {
                return Ok(NotebookOutcome::Gone);
            }
            let useful = match self.round(round, &mut proof, progress).await? {
                Next::End(outcome) => return Ok(outcome),
                Next::Proven => continue,
                Next::Done => {
                    if halted {
                        self.recovered(id)?;
                    }
                    return self.put_releases(id).await;
                }
                Next::GoOn { useful, behind: now_behind } => {
                    behind = now_behind;
                    useful
                }
            };
            if !asked {
                asked = true;
                if self.fast_lane(id, self.to_read).await? && self.lane == Lane::SnapshotFirst {
                    return Ok(NotebookOutcome::Early);
                }
            }
            idle = if useful { 0 } else { idle + 1 };
            if idle > IDLE {
                return Ok(NotebookOutcome::Offline);
            }
        }
        Ok(NotebookOutcome::More)
    }

    /// Notes that a halted notebook goes on: the server shows the chain that stands.
    fn recovered(&self, id: NotebookId) -> Result<()> {
        let mut db = self.handbook.db();
        let Some(mut channel) = channel::find(db.reader(), id)? else { return Ok(()) };
        channel.halted = None;
        db.write(|tx| channel.save(tx))?;
        drop(db);
        // What a snapshot showed before it stopped was kept till now.
        settle(&self.handbook, id, 0)
    }

    /// Sends one request and applies its reply.
    async fn round(&mut self, round: Round, proof: &mut Option<Proof>, progress: Progress<'_>) -> Result<Next> {
        let known = proof.take().or_else(|| round.channel.token.map(Proof::Token));
        // Without proof nothing is sent yet: first the clock is learnt. But to be told that it was taken out costs no proof, and so
        // does what shows that this came later.
        let bare = known.is_none() && !self.contradicts;
        let ticket = if known.is_none() { None } else { self.ticket_for(&round)? };
        // Who comes anew looks first how long the log is.
        let first = self.lane != Lane::Log && round.channel.position == 0;
        let request = request_of(&round, bare, known, ticket, if first { FIRST_PAGE } else { limits::PAGE_BYTES });
        let bytes = match self.request(Endpoint::Sync.path(), request.to_bytes()).await {
            Response::Reply(bytes) => bytes,
            Response::Challenged(challenge) => {
                if !self.on_challenge(&round, &challenge)? {
                    return Ok(Next::End(NotebookOutcome::Halted));
                }
                let (notebook, author) = (request.caller.notebook, round.reader.id());
                *proof = Some(answer(round.reader.me(), &challenge, self.transport, notebook, author));
                return Ok(Next::Proven);
            }
            Response::Offline | Response::AnotherServer => return Ok(Next::End(NotebookOutcome::Offline)),
            Response::Full => return Ok(Next::End(NotebookOutcome::Full)),
            // Two devices exchange what both have.
            Response::NoTicket | Response::NoNotebook if self.transport.handshake().is_some() => {
                return Ok(Next::End(NotebookOutcome::NotThere));
            }
            Response::NoTicket if ticket.is_none() => return Ok(Next::End(NotebookOutcome::NoTicket)),
            Response::NoTicket => {
                self.forget_ticket(ticket)?;
                return Ok(Next::GoOn { useful: true, behind: false });
            }
            Response::Gone(body) => {
                return Ok(self.on_gone(&round, &body)?.map_or(AGAIN, Next::End));
            }
            Response::NoNotebook => {
                return Ok(self.on_missing(&round)?.map_or(AGAIN, Next::End));
            }
            // The log was never there for these keys.
            Response::NotAHolder => {
                return Ok(self.on_unknown_notebook(&round)?.map_or(AGAIN, Next::End));
            }
        };
        let Ok(reply) = Reply::from_bytes(&bytes) else { return Ok(Next::End(NotebookOutcome::Offline)) };
        self.told_ends.extend(reply.ends_at.map(|ends_at| (round.channel.notebook, ends_at)));
        // An unauthenticated request is answered only if this device was removed.
        let round = if bare { Round { outgoing: Vec::new(), ..round } } else { round };
        self.clock_is_known = true;
        let applied = apply(&self.handbook, round, &reply, self.report)?;
        self.contradicts = reply.gone;
        progress(applied.position().min(reply.end.position), reply.end.position);
        self.to_read = reply.end.position.saturating_sub(applied.position());
        settle(&self.handbook, request.caller.notebook, reply.end.position)?;
        Ok(match applied {
            Applied::Done => Next::Done,
            Applied::GoOn { useful, behind, .. } => Next::GoOn { useful, behind },
            Applied::Halted => Next::End(NotebookOutcome::Halted),
            Applied::Removed => Next::End(NotebookOutcome::Removed),
            Applied::Closed => Next::End(NotebookOutcome::Closed),
            Applied::Full => Next::End(NotebookOutcome::Full),
            Applied::NotUnderstood => Next::End(NotebookOutcome::NotUnderstood),
        })
    }

    /// Reads the log from its beginning: the server has no such notebook, or does not know this device's key in it.
    pub(super) fn on_unknown_notebook(&mut self, round: &Round) -> Result<Option<NotebookOutcome>> {
        let mut db = self.handbook.db();
        let mut channel = round.channel.clone();
        if channel.token.is_none() && channel.position == 0 && channel.again {
            // Read from the beginning and still not known: it is another notebook's log, or somebody else began it
            // there.
            channel.halted = Some(Halt::Elsewhere.key().into());
            db.write(|tx| channel.save(tx))?;
            return Ok(Some(NotebookOutcome::Halted));
        }
        if channel.position == 0 && !channel.again && round.outgoing.is_empty() {
            return Ok(Some(NotebookOutcome::Offline));
        }
        db.write(|tx| {
            outbox::collect_new(tx)?;
            channel::begin_again(tx, &mut channel)
        })?;
        Ok(None)
    }

    /// Decides whether a challenge is of the server that is meant; `None` between two devices, where each meeting has a key of
    /// its own.
    fn believe(&self, challenge: &Challenge) -> Result<std::result::Result<Option<Pins>, AnotherServer>> {
        if self.transport.origin().is_empty() {
            return Ok(if challenge.is_genuine() { Ok(None) } else { Err(AnotherServer) });
        }
        let (known, of_pack) = {
            let db = self.handbook.db();
            (pins(db.reader())?, named_by_pack(db.reader(), self.transport.origin())?)
        };
        // Keys that follow the one in the pack are known by what was kept meanwhile.
        let another = |print: Fingerprint| known.is_none() && print != Fingerprint::of(&challenge.server_key);
        if of_pack.is_some_and(another) {
            return Ok(Err(AnotherServer));
        }
        Ok(believe(known.as_ref(), self.named, challenge).map(Some))
    }

    /// Learns the server's clock, its store epoch and its key from a challenge. Returns whether it is of the server that is
    /// known: another one halts the notebook, until a carer goes on.
    fn on_challenge(&mut self, round: &Round, challenge: &Challenge) -> Result<bool> {
        let believed = self.believe(challenge)?;
        let mut db = self.handbook.db();
        let mut channel = round.channel.clone();
        let Ok(pins) = believed else {
            channel.halted = Some(Halt::Server.key().into());
            db.write(|tx| channel.save(tx))?;
            return Ok(false);
        };
        let now_ms = self.handbook.clock().now_ms();
        let lost_data = channel.store_epoch.is_some_and(|known| known != challenge.store_epoch);
        db.write(|tx| {
            if lost_data {
                outbox::collect_new(tx)?;
                channel::begin_again(tx, &mut channel)?;
            }
            channel.store_epoch = Some(challenge.store_epoch);
            channel.server_key = Some(challenge.server_key);
            channel.token = None;
            if let Some(pins) = &pins {
                keep_pins(tx, pins)?;
            }
            channel.save(tx)
        })?;
        db.correct_clock(challenge.server_ms, now_ms)?;
        self.clock_is_known = true;
        Ok(true)
    }

    /// Sends one request to the server.
    pub(in crate::app) async fn request(&mut self, path: &str, body: Vec<u8>) -> Response {
        self.report.bytes_up += body.len() as u64;
        self.report.round_trips += 1;
        let Ok(RawResponse { status, body, retry_after }) = self.transport.post(path, body).await else {
            self.unreachable = true;
            return Response::Offline;
        };
        self.report.bytes_down += body.len() as u64;
        if status == endpoint::OK {
            return Response::Reply(body);
        }
        let problem = Problem::from_status(status, body, retry_after);
        self.unreachable |= matches!(problem, Problem::TooMany(_) | Problem::Unavailable | Problem::NoRoom);
        match problem {
            Problem::Challenge(bytes) => Challenge::from_bytes(&bytes).map_or(Response::Offline, Response::Challenged),
            Problem::NotAHolder | Problem::NotAllowed => Response::NotAHolder,
            Problem::NoNotebook => Response::NoNotebook,
            Problem::Gone(body) => Response::Gone(body),
            Problem::Quota => Response::Full,
            Problem::NoTicket => Response::NoTicket,
            Problem::Malformed
            | Problem::TooMany(_)
            | Problem::Unavailable
            | Problem::NoRoom
            | Problem::Misdirected => {
                self.retry_after = retry_after;
                Response::Offline
            }
        }
    }

    /// Sends one request that needs this device's key; answers the challenge if one comes.
    pub(in crate::app) async fn request_as(
        &mut self,
        path: &str,
        notebook: NotebookId,
        keys: &SecretKeys,
        token: Option<Token>,
        body: impl Fn(Caller) -> Vec<u8>,
    ) -> Response {
        let author = keys.id();
        let mut proof = token.map_or(Proof::None, Proof::Token);
        for _ in 0..2 {
            match self.request(path, body(Caller { notebook, author, proof })).await {
                Response::Challenged(challenge) => match self.believe(&challenge) {
                    Ok(Ok(_)) => {
                        self.shown_key = Some(challenge.server_key);
                        self.shown_epoch = Some(challenge.store_epoch);
                        proof = answer(keys, &challenge, self.transport, notebook, author);
                    }
                    Ok(Err(AnotherServer)) => return Response::AnotherServer,
                    Err(_) => return Response::Offline,
                },
                other => return other,
            }
        }
        Response::Offline
    }
}

/// Whether a server has a notebook no more, and lets it not begin again.
const fn is_gone_for_good(channel: &Channel) -> bool {
    matches!(channel.gone, Some(AtServer::Gone { why, .. }) if !why.may_begin_again())
}

/// Whether a notebook that halted goes on by itself, once the server shows the chain that stands: nothing was believed since.
fn may_recover(channel: &Channel) -> bool {
    channel.halted.as_deref() == Some(Halt::Chain.key())
}

/// The notebook is read from its beginning.
const AGAIN: Next = Next::GoOn { useful: false, behind: false };

/// What follows from one request.
enum Next {
    /// Nothing is left to send or to read.
    Done,
    /// Another request follows, now with a proof.
    Proven,
    /// Another request follows.
    GoOn {
        /// Whether progress was made.
        useful: bool,
        /// Whether the log goes on behind what was read.
        behind: bool,
    },
    End(NotebookOutcome),
}

fn request_of(round: &Round, bare: bool, proof: Option<Proof>, ticket: Option<Admission>, page: usize) -> Request {
    let pieces = if bare { Vec::new() } else { round.pieces() };
    let (notebook, author) = (round.channel.notebook, round.reader.id());
    Request {
        caller: Caller { notebook, author, proof: proof.unwrap_or(Proof::None) },
        wanted: round.wanted,
        after: round.channel.position,
        prefix: round.channel.prefix,
        page_bytes: page as u64,
        ticket,
        ends: if pieces.is_empty() { Vec::new() } else { round.receipts.clone() },
        pieces,
    }
}

/// Signs a challenge.
pub(in crate::app) fn answer(
    keys: &SecretKeys,
    challenge: &Challenge,
    transport: &dyn Transport,
    notebook: NotebookId,
    author: KeyId,
) -> Proof {
    let origin = transport.origin();
    let bytes = match transport.handshake() {
        Some(handshake) => nearby_session_bytes(challenge, &handshake, notebook, author),
        None => session_bytes(challenge, origin, notebook, author),
    };
    let signature = keys.sign(SESSION_PURPOSE, &bytes);
    Proof::Signed { challenge: challenge.challenge, origin: origin.to_owned(), signature }
}

impl Response {
    /// Returns the reply's body, or the error for a shell.
    pub(in crate::app) fn or_error(self) -> Result<Vec<u8>> {
        match self {
            Self::Reply(bytes) => Ok(bytes),
            Self::NotAHolder | Self::NoNotebook | Self::Gone(_) => {
                Err(Error::NotFound { what: Thing::NotebookAtServer })
            }
            Self::AnotherServer => Err(another_server()),
            Self::Full | Self::NoTicket | Self::Offline | Self::Challenged(_) => Err(Error::Offline),
        }
    }
}

/// Another server answers than the one that is known, or that a code names.
fn another_server() -> Error {
    let allowed = "the server that the code was made at: ask your municipality whether it has another key now";
    Invalid::new("server", "another key", allowed).because(Reason::NotAServer).into()
}
