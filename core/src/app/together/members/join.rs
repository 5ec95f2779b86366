//! Using an invitation: the device reads the chain with the code's keys, comes in with its own, and fetches everything.

use std::collections::BTreeSet;

use ayumi_protocol::control::{Refusal, State, What};
use ayumi_protocol::{NotebookId, Stamp};

use super::decide::{TRIES, closed, newer_app};
use super::list::Members;
use super::opener::{By, Opener, Reads, no_code, read_chain};
use crate::app::error::{Error, Result, Thing};
use crate::app::founding::add_pending;
use crate::app::membership::load;
use crate::app::observe::Topic;
use crate::app::together::sync::{Lane, NotebookOutcome, Session, SyncReport, before, changes_in};
use crate::crypto::keys::SecretKeys;
use crate::model::naming::EntryKey;
use crate::model::{Invalid, Reason};
use crate::store::channel::{self, Channel};
use crate::store::frames::{self, KeptFrame};
use crate::store::{StoreError, Tx, changes, outbox};
use crate::sync::code::Invitation;
use crate::sync::reader::Reader;
use crate::sync::statement::{join, recover};
use crate::sync::transport::Transport;

impl Members {
    /// Where an invitation's notebook is, if its code says so.
    ///
    /// # Errors
    /// [`Error::Invalid`] if it is no code, or a letter of it is wrong.
    pub fn server_of(code: &str) -> Result<Option<String>> {
        let invitation = Invitation::from_text(code).map_err(|_| no_code(code))?;
        Ok(invitation.server().map(str::to_owned))
    }

    /// Returns the connection to the server of an invitation, and remembers the one that its code names.
    ///
    /// # Errors
    /// [`Error::Invalid`] if it is no code; as [`crate::app::Sync::server_connection`].
    #[cfg(feature = "http")]
    pub fn connection_of(&self, code: &str) -> Result<crate::sync::http::Https> {
        if let Some(server) = Self::server_of(code)? {
            self.handbook.sync().use_server(&server)?;
        }
        self.handbook.sync().server_connection()
    }

    /// Joins a notebook by an invitation, and fetches it. The code is used up.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a code that is wrong, used or expired; [`Error::AlreadyThere`]; [`Error::Offline`]: try
    /// again with the same code.
    pub async fn join(&self, code: &str, transport: &dyn Transport) -> Result<NotebookId> {
        let invitation = Invitation::from_text(code).map_err(|_| no_code(code))?;
        let notebook = invitation.notebook();
        if self.is_member(notebook)? {
            return Err(Error::AlreadyThere { what: Thing::Notebook });
        }
        let (keys, proof, server) = (invitation.keys(), invitation.proof(), invitation.server_key());
        let opener = Opener { keys, proof, server, by: By::Invitation };
        self.come_in(notebook, &opener, transport).await?;
        Ok(notebook)
    }

    fn is_member(&self, notebook: NotebookId) -> Result<bool> {
        let db = self.handbook.db();
        let Some(known) =
            channel::find(db.reader(), notebook)?.filter(|channel| !channel.removed && channel.halted.is_none())
        else {
            return Ok(false);
        };
        let reader = load(db.reader(), &known)?;
        Ok(reader.state().is_some_and(|state| state.may_read(&reader.id())))
    }

    /// Comes into a notebook with keys that open it, as a member with keys of its own.
    pub(super) async fn come_in(&self, notebook: NotebookId, opener: &Opener, transport: &dyn Transport) -> Result<()> {
        let mut report = SyncReport::default();
        for _ in 0..TRIES {
            let session = Session::new(self.handbook.clone(), transport, None, &mut report);
            let mut session = session.naming(opener.server);
            session.lane = Lane::SnapshotFirst;
            // An earlier try may have come through although its answer did not.
            if self.is_waiting_to_come_in(notebook)? {
                match session.notebook(notebook, &|_, _| ()).await? {
                    NotebookOutcome::Done | NotebookOutcome::Early | NotebookOutcome::Full => {
                        self.handbook.changed(&[Topic::Members]);
                        return Ok(());
                    }
                    NotebookOutcome::Offline
                    | NotebookOutcome::NoTicket
                    | NotebookOutcome::NotThere
                    | NotebookOutcome::More => {
                        return Err(Error::Offline);
                    }
                    NotebookOutcome::NotUnderstood => return Err(newer_app()),
                    NotebookOutcome::Closed => return Err(closed()),
                    NotebookOutcome::Gone => return Err(Error::NotFound { what: Thing::NotebookAtServer }),
                    NotebookOutcome::Halted | NotebookOutcome::Removed | NotebookOutcome::Failed => {}
                }
            }
            let (mut reader, server_ms) = read_chain(&mut session, notebook, opener, Reads::Chain).await?;
            if reader.state().is_some_and(|state| !opener.by.leaves_out(state).is_empty()) {
                // Whoever is left out counts up to the last word that is in the log.
                reader = read_chain(&mut session, notebook, opener, Reads::Log).await?.0;
            }
            let state = reader.state().ok_or_else(|| no_code("used"))?;
            // A server whose clock stands still must not keep an old code open.
            let own_ms = self.handbook.clock().now_ms();
            let end = state.holder(&reader.id()).and_then(|holder| holder.what.expires_at());
            if end.is_some_and(|end| server_ms <= end && own_ms > end) {
                let allowed = "a code that is open by this device's clock, too: are its date and time right?";
                return Err(Invalid::new("code", "this code", allowed).because(Reason::NotACode).into());
            }
            let fits = |what: What| match (what, &opener.by) {
                (What::Invitation { expires_at, .. }, By::Invitation) => server_ms <= expires_at,
                (What::Recovery, By::Print { .. }) => true,
                _ => false,
            };
            if !state.holder(&reader.id()).is_some_and(|holder| fits(holder.what)) {
                return Err(no_code("used"));
            }
            self.begin_to_come_in(&reader, state, &opener.by)?;
        }
        Err(Error::Offline)
    }

    fn is_waiting_to_come_in(&self, notebook: NotebookId) -> Result<bool> {
        let db = self.handbook.db();
        let known =
            channel::find(db.reader(), notebook)?.is_some_and(|channel| !channel.removed && channel.halted.is_none());
        Ok(known && channel::statements(db.reader(), notebook)?.iter().any(|stored| stored.position == 0))
    }

    /// Keeps new keys and the statement that brings them in; the next session sends it.
    fn begin_to_come_in(&self, reader: &Reader, state: &State, by: &By) -> Result<()> {
        let notebook = reader.notebook();
        let keys = SecretKeys::generate()?;
        let mut db = self.handbook.db();
        let name = db.carer()?;
        let statement = match by {
            By::Invitation => join(reader, state, &keys, &name)?,
            By::Print { .. } => recover(reader, state, &keys, &name, &by.leaves_out(state))?,
        };
        if state.after(&statement) == Err(Refusal::Senior) {
            return Err(Error::Senior);
        }
        let former = channel::find(db.reader(), notebook)?;
        // A recovery waits for nobody: it makes a new key for those whom the carer knows.
        let awaits = match by {
            By::Invitation => state.holder(&reader.id()).and_then(|code| code.by),
            By::Print { .. } => None,
        };
        // Then this device keeps a log already: what the server lacks of it is known when the server's was read.
        let channel = Channel { again: former.is_some(), awaits, ..Channel::new(notebook, keys) };
        // Its own reader may have keys of epochs that the server's log does not know; behind the server's chain, nothing that was
        // erased since comes back with it.
        let own = |former| Ok::<_, Error>((load(db.reader(), &former)?.knowing(state.clone()), former));
        let former = former.map(own).transpose()?;
        db.write(|tx| {
            let cut_off = match &former {
                Some((own, former)) => forget_former(tx, own, former)?,
                None => BTreeSet::new(),
            };
            channel::delete(tx, notebook)?;
            channel.save(tx)?;
            channel::keep_keys(tx, notebook, reader.keys())?;
            add_pending(tx, &statement)?;
            // What this device wrote here before it was removed waits again.
            outbox::requeue_refused(tx, notebook)?;
            outbox::take_over_cut_off(tx, &cut_off)
        })?;
        // It has another name in stamps now.
        db.forget_known();
        Ok(())
    }
}

/// What this device wrote under the keys that it had here before waits until it is seen in the log, or is sent under the new
/// ones. Returns what was cut off: it counts under the old ones nowhere.
fn forget_former(
    tx: &Tx<'_>,
    own: &Reader,
    former: &Channel,
) -> std::result::Result<BTreeSet<(EntryKey, Stamp)>, StoreError> {
    let (notebook, author) = (former.notebook, former.keys.id());
    outbox::collect_new(tx)?;
    let (mut counted, mut cut_off) = (Vec::new(), BTreeSet::new());
    for KeptFrame { counts, held, .. } in frames::of_author(tx, notebook, author, None)? {
        let changes = changes_in(tx, own, &held)?.unwrap_or_default();
        if let Some(previous) = before(tx, own, held.header())?.filter(|_| counts) {
            changes::erase(tx, &own.gone_of(&held, &previous))?;
        }
        if counts {
            counted.extend(changes);
        } else {
            cut_off.extend(changes.iter().map(|change| (EntryKey::of(change), change.stamp)));
        }
    }
    // What was sealed anew is in both.
    for change in &counted {
        cut_off.remove(&(EntryKey::of(change), change.stamp));
    }
    outbox::requeue(tx, &counted)?;
    frames::forget(tx, notebook, author)?;
    channel::begin_again(tx, &mut former.clone())?;
    Ok(cut_off)
}
