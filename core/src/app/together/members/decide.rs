//! Deciding who reads and writes: invitations, roles, removal, leaving. Each needs the server.

use ayumi_protocol::NotebookId;
use ayumi_protocol::control::{Coming, Refusal, Role, State, held_back};

use super::list::{Members, NewInvitation, key_id};
use crate::app::error::{Error, Result, Thing};
use crate::app::founding::add_pending;
use crate::app::membership::load;
use crate::app::observe::Topic;
use crate::app::pinned::{keys_of_server, known_fingerprint};
use crate::app::together::sync::{NotebookOutcome, Session, SyncReport, channel_of, cutoffs};
use crate::model::{Invalid, Reason};
use crate::store::channel;
use crate::sync::code::Invitation;
use crate::sync::reader::Reader;
use crate::sync::statement::{self, Decision};
use crate::sync::transport::Transport;

/// How long an invitation is open.
const OPEN_MS: u64 = 24 * 60 * 60 * 1000;
/// How often a statement is made anew because another came first.
pub(super) const TRIES: u32 = 8;

impl Members {
    /// Opens an invitation. What its code opens is at the server when this returns: who is invited needs nothing but
    /// the code.
    ///
    /// # Errors
    /// [`Error::Offline`]; [`Error::Invalid`] if this device is no owner.
    pub async fn invite(
        &self,
        notebook: NotebookId,
        role: Role,
        name: &str,
        transport: &dyn Transport,
    ) -> Result<NewInvitation> {
        self.open(notebook, role, name, false, transport).await
    }

    /// Opens an invitation for another device of this carer's own: whoever comes in by it is the same person, as safe from
    /// other owners as this device, and takes this device out if it is lost. Never for somebody else.
    ///
    /// # Errors
    /// As [`Self::invite`].
    pub async fn invite_own_device(
        &self,
        notebook: NotebookId,
        role: Role,
        name: &str,
        transport: &dyn Transport,
    ) -> Result<NewInvitation> {
        self.open(notebook, role, name, true, transport).await
    }

    async fn open(
        &self,
        notebook: NotebookId,
        role: Role,
        name: &str,
        mine: bool,
        transport: &dyn Transport,
    ) -> Result<NewInvitation> {
        let server = self.handbook.sync().server()?;
        let invitation = Invitation::generate(notebook, server)?;
        let now_ms = self.handbook.clock().now_ms();
        let expires_at = self.handbook.db().corrected(now_ms)?.saturating_add(OPEN_MS);
        let keys = invitation.keys().public();
        let proof = invitation.proof();
        let decision = Decision::Invite { keys, proof, role, mine, expires_at, name: name.to_owned() };
        self.decide(notebook, &decision, transport).await?;
        // The server was asked just now: its key is known.
        let code = invitation.at(known_fingerprint(self.handbook.db().reader())?).to_text();
        Ok(NewInvitation { code, expires_at })
    }

    /// Takes a member (a lost phone, somebody who should not read on), an invitation or the recovery sheet out. A new
    /// key is made for those who stay; with a member go all open invitations and the recovery sheet, since who is
    /// removed may know them.
    ///
    /// # Errors
    /// [`Error::Offline`]; [`Error::NotFound`]; [`Error::Invalid`] if this device is no owner; [`Error::Senior`].
    pub async fn remove(&self, notebook: NotebookId, member: &str, transport: &dyn Transport) -> Result<()> {
        self.decide(notebook, &Decision::Remove(key_id(member)?), transport).await
    }

    /// Changes what a member may do.
    ///
    /// # Errors
    /// As [`Self::remove`]; also for the last owner.
    pub async fn set_role(
        &self,
        notebook: NotebookId,
        member: &str,
        role: Role,
        transport: &dyn Transport,
    ) -> Result<()> {
        self.decide(notebook, &Decision::Role(key_id(member)?, role), transport).await
    }

    /// This device leaves. What is in it stays on it; the last owner cannot leave.
    ///
    /// # Errors
    /// [`Error::Offline`]; [`Error::Invalid`] for the last owner.
    pub async fn leave(&self, notebook: NotebookId, transport: &dyn Transport) -> Result<()> {
        self.decide(notebook, &Decision::Leave, transport).await
    }

    /// Reads the chain, makes the statement behind it, sends it; if another came first, once more.
    pub(in crate::app) async fn decide(
        &self,
        notebook: NotebookId,
        decision: &Decision,
        transport: &dyn Transport,
    ) -> Result<()> {
        let opens = matches!(decision, Decision::Invite { .. } | Decision::Print(..));
        for _ in 0..TRIES {
            self.bring_up_to_date(notebook, transport).await?;
            // A new key ends every open code: one that is due goes before a code is made.
            let first;
            let statement = {
                let mut db = self.handbook.db();
                let channel = channel_of(&mut db, notebook)?;
                let reader = load(db.reader(), &channel)?;
                let ends = cutoffs(db.reader(), &reader)?;
                let reader = reader.with_cutoffs(ends);
                if channel.awaits.is_some() && *decision != Decision::Leave {
                    return Err(still_waiting());
                }
                let state =
                    reader.state().filter(|_| !channel.removed).ok_or(Error::NotFound { what: Thing::Notebook })?;
                first = opens && reader.is_owner() && (state.wants_new_epoch() || reader.must_make_a_key());
                let decision = if first { &Decision::NewEpoch } else { decision };
                let statement = statement::decide(&reader, state, decision)?;
                state.after(&statement).map_err(|refusal| not_allowed(&reader, state, refusal))?;
                let server = keys_of_server(db.reader(), &channel)?;
                if held_back(Some(state), &[Coming::Statement(&statement)], &server).is_some() {
                    return Err(closed());
                }
                db.write(|tx| add_pending(tx, &statement))?;
                statement
            };
            let body = statement.to_bytes();
            let sent = self.bring_up_to_date(notebook, transport).await;
            let mut db = self.handbook.db();
            let stored = channel::statements(db.reader(), notebook)?;
            if stored.iter().any(|stored| stored.body == body && stored.position > 0) {
                drop(db);
                if first {
                    continue;
                }
                // A code is shown when it opens.
                if opens {
                    sent?;
                }
                self.handbook.changed(&[Topic::Members]);
                return Ok(());
            }
            // Not sent, or another came first: it must not go out later by itself.
            db.write(|tx| channel::drop_statement(tx, notebook, &body))?;
            sent?;
        }
        Err(Error::Offline)
    }

    pub(in crate::app) async fn bring_up_to_date(&self, notebook: NotebookId, transport: &dyn Transport) -> Result<()> {
        let mut report = SyncReport::default();
        let mut session = Session::new(self.handbook.clone(), transport, None, &mut report);
        match session.notebook(notebook, &|_, _| ()).await? {
            NotebookOutcome::Done | NotebookOutcome::Full | NotebookOutcome::Removed | NotebookOutcome::Closed => {
                Ok(())
            }
            NotebookOutcome::Gone => Err(Error::NotFound { what: Thing::NotebookAtServer }),
            NotebookOutcome::More
            | NotebookOutcome::Early
            | NotebookOutcome::NoTicket
            | NotebookOutcome::NotThere
            | NotebookOutcome::Failed
            | NotebookOutcome::Offline => Err(Error::Offline),
            NotebookOutcome::NotUnderstood => Err(newer_app()),
            NotebookOutcome::Halted => {
                Err(Invalid::new("notebook", "stopped", "a notebook that is not stopped: see \"sync\"")
                    .because(Reason::Stopped)
                    .into())
            }
        }
    }
}

/// A notebook that is closed takes no decision but those that open it or protect its members.
pub(super) fn closed() -> Error {
    Invalid::new("notebook", "closed", "a notebook that is open: an owner can take the closing back")
        .because(Reason::Closed)
        .into()
}

/// Who came in by a code and waits for a word of its maker's phone decides nothing for others.
fn still_waiting() -> Error {
    Invalid::new("notebook", "waiting", "a notebook whose maker's phone has answered, or whose six words were compared")
        .because(Reason::NotConfirmed)
        .into()
}

/// The server refuses something for a reason that this version does not know.
pub(super) fn newer_app() -> Error {
    Invalid::new("app", "an older version", "a newer version of the app, which knows what the server asks for")
        .because(Reason::AppTooOld)
        .into()
}

/// Why the chain does not take what a carer wants, in words.
fn not_allowed(reader: &Reader, state: &State, refusal: Refusal) -> Error {
    let role = state.holder(&reader.id()).map_or("no member", |holder| holder.role.key());
    match refusal {
        Refusal::NoSuchHolder => Error::NotFound { what: Thing::Member },
        Refusal::Senior => Error::Senior,
        Refusal::LastOwner => {
            Invalid::new("role", role, "a notebook needs an owner: name another one first, or take the notebook out")
                .because(Reason::LastOwner)
                .into()
        }
        Refusal::Limit => Invalid::new("members", "too many", "at most 64 members and open invitations")
            .because(Reason::TooMany)
            .into(),
        Refusal::HeadMoved
        | Refusal::OtherNotebook
        | Refusal::NotAHolder
        | Refusal::Signature
        | Refusal::NotAllowed
        | Refusal::Expired
        | Refusal::KnownKeys
        | Refusal::WeakKeys
        | Refusal::Wraps
        | Refusal::Unknown(_) => {
            Invalid::new("role", role, "only an owner decides who reads and writes").because(Reason::OwnersOnly).into()
        }
    }
}
