//! What opens a notebook to a new device, and what it reads by it before it comes in.

use std::collections::BTreeSet;
use std::convert::Infallible;

use ayumi_protocol::control::{State, Statement};
use ayumi_protocol::end::End;
use ayumi_protocol::endpoint::Endpoint;
use ayumi_protocol::envelope::Tail;
use ayumi_protocol::exchange::{Item, ItemBody, Reply, Request, Stated, Wanted};
use ayumi_protocol::key::{Hash, KeyId};
use ayumi_protocol::opening::Held;
use ayumi_protocol::release::{ReleaseAction, ReleaseKey, ReleaseReply, ReleaseRequest};
use ayumi_protocol::{NotebookId, limits};

use super::decide::closed;
use crate::app::error::{Error, Result};
use crate::app::together::sync::{Response, Session};
use crate::crypto::keys::{ProofKey, SecretKeys};
use crate::model::{Invalid, Reason};
use crate::sync::pins::Fingerprint;
use crate::sync::reader::{Kept, Reader};
use crate::sync::statement::wraps_for;

/// The keys of a code, and what proves the statement that made it valid.
pub(super) struct Opener {
    pub(super) keys: SecretKeys,
    pub(super) proof: ProofKey,
    /// What the code says of its server's key.
    pub(super) server: Option<Fingerprint>,
    pub(super) by: By,
}

/// What opens a notebook to a new device.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum By {
    Invitation,
    Print {
        /// Who stays, of those who are in there; `None` for all.
        keep: Option<BTreeSet<KeyId>>,
    },
}

impl By {
    /// Returns who does not stay.
    pub(super) fn leaves_out(&self, state: &State) -> Vec<KeyId> {
        let Self::Print { keep: Some(keep) } = self else { return Vec::new() };
        state.members().map(|(id, _)| *id).filter(|id| !keep.contains(id)).collect()
    }
}

pub(super) fn no_code(text: &str) -> Error {
    // The code is a secret: it is not repeated.
    let given = if text.trim().is_empty() { "" } else { "this code" };
    Invalid::new("code", given, "a code that is still open, exactly as it was given").because(Reason::NotACode).into()
}

/// What a code's keys read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reads {
    /// Who is in there.
    Chain,
    /// Where everybody's words end, too.
    Log,
}

/// A device that keeps nothing of a log yet.
struct Nothing;

impl Kept for Nothing {
    type Error = Infallible;

    fn tail_of(&self, _: KeyId, _: u64, _: &Hash) -> std::result::Result<Option<Tail>, Infallible> {
        Ok(None)
    }
}

/// The chain as a code's keys see it, and the server's time.
///
/// Only who knew the code's secret could write the statement that made it valid, and it names the whole chain before it: a
/// notebook that a server made up around the code's public keys is refused.
pub(super) async fn read_chain(
    session: &mut Session<'_>,
    notebook: NotebookId,
    opener: &Opener,
    reads: Reads,
) -> Result<(Reader, u64)> {
    let released = released(session, notebook, opener).await;
    let mut reader = Reader::new(notebook, opener.keys.clone()).released(released);
    let (mut after, mut reached, mut token) = (0, End::default(), None);
    loop {
        let response = session.request_as(Endpoint::Sync.path(), notebook, &opener.keys, token, |caller| {
            let wanted = Wanted { control_only: reads == Reads::Chain, mine_too: false };
            Request {
                caller,
                wanted,
                after,
                prefix: reached.prefix,
                page_bytes: limits::PAGE_BYTES as u64,
                ticket: None,
                ends: Vec::new(),
                pieces: Vec::new(),
            }
            .to_bytes()
        });
        let bytes = match response.await {
            Response::NotAHolder | Response::NoNotebook => {
                return Err(no_code("used"));
            }
            other => other.or_error()?,
        };
        let reply = Reply::from_bytes(&bytes).map_err(|_| Error::Offline)?;
        if reply.gone {
            return Err(no_code("used"));
        }
        if reply.closed {
            return Err(closed());
        }
        token = reply.token.or(token);
        if !reply.agrees {
            return Err(Error::Offline);
        }
        for Item { body, taken_at, .. } in &reply.items {
            let (hash, is_statement) = match body {
                ItemBody::Statement(bytes) => (opener.statement(&mut reader, bytes)?, true),
                ItemBody::Envelope(bytes) => (envelope(&mut reader, false, bytes)?, false),
                ItemBody::Remnant(bytes) => (envelope(&mut reader, true, bytes)?, false),
                ItemBody::Own(..) | ItemBody::Brought(_) => return Err(no_code("forged")),
            };
            reached = reached.then(&hash, is_statement, *taken_at);
        }
        // The whole chain, or the whole log, as the server signs it, and nothing less.
        let known = || Some(Stated { store_epoch: session.shown_epoch?, end: reached });
        let signed = reply.signed_end(notebook, known);
        let signed = signed.filter(|signed| session.shown_key.is_some_and(|key| signed.is_signed_by(key)));
        let end = signed.ok_or_else(|| no_code("forged"))?.end;
        let Some(last) = reply.items.last() else {
            let whole = match reads {
                Reads::Chain => reached.head == end.head,
                Reads::Log => reached == end,
            };
            if !whole {
                return Err(no_code("forged"));
            }
            // Without a release key the code opens nothing: this server was not told it yet.
            let opens = released.is_some() || reader.key(1).is_some() || !is_open(&reader);
            return if opens { Ok((reader, reply.server_ms)) } else { Err(not_yet()) };
        };
        after = last.position;
    }
}

/// Asks the server for the release key of a code; `None` if it has none, or gives none.
async fn released(session: &mut Session<'_>, notebook: NotebookId, opener: &Opener) -> Option<ReleaseKey> {
    let body = |caller| ReleaseRequest { caller, action: ReleaseAction::Get }.to_bytes();
    let response = session.request_as(Endpoint::Release.path(), notebook, &opener.keys, None, body).await;
    let Response::Reply(bytes) = response else { return None };
    ReleaseReply::from_bytes(&bytes).ok()?.key
}

/// Whether the code whose keys a reader has is open in the chain that it read.
fn is_open(reader: &Reader) -> bool {
    reader.state().is_some_and(|state| state.holder(&reader.id()).is_some())
}

/// The server does not have what lets this code open.
fn not_yet() -> Error {
    let allowed = "a code whose keys are at this server: not possible here yet. As soon as an owner's phone has synced with this \
                   server, try again with the same code";
    Invalid::new("code", "this code", allowed).into()
}

impl Opener {
    /// Reads a statement; the one that made the code valid must prove that its author knew the code.
    fn statement(&self, reader: &mut Reader, bytes: &[u8]) -> Result<Hash> {
        let forged = |_| no_code("forged");
        let hash = Statement::from_bytes(bytes).map_err(|_| no_code("forged"))?.hash();
        let Some(statement) = reader.statement(bytes).map_err(forged)? else { return Ok(hash) };
        if let Some(wraps) = wraps_for(&statement, &reader.id()) {
            if !statement.proven().is_some_and(|(bytes, mac)| self.proof.verifies(&bytes, mac)) {
                return Err(no_code("forged"));
            }
            reader.unwrap_all(&wraps, statement.author);
        }
        Ok(hash)
    }
}

/// Reads where an author's words end behind an envelope.
fn envelope(reader: &mut Reader, remnant: bool, bytes: &[u8]) -> Result<Hash> {
    let held = Held::from_bytes(remnant, bytes).map_err(|_| no_code("forged"))?;
    let hash = held.frame().hash();
    reader.envelope(held, &Nothing).map_err(|_| no_code("forged"))?;
    Ok(hash)
}
