//! Where each notebook stands, and what a carer decides about one that has halted.

use ayumi_protocol::NotebookId;
use ayumi_protocol::control::Role;

use super::report::SyncState;
use super::run::Sync;
use crate::app::error::{Error, Result, Thing};
use crate::app::membership::{load, role_in, waiting_for};
use crate::app::pinned::forget_pins;
use crate::store::{apart, channel, early, frames, outbox};
use crate::sync::halt::Halt;

impl Sync {
    /// Returns where each notebook stands.
    ///
    /// # Errors
    /// Any [store error](crate::app::Error#store-errors).
    pub fn states(&self) -> Result<Vec<SyncState>> {
        let ids = self.notebooks()?;
        ids.into_iter().map(|id| self.state(id)).collect()
    }

    /// Returns where one notebook stands.
    ///
    /// # Errors
    /// Any [store error](crate::app::Error#store-errors).
    pub fn state(&self, notebook: NotebookId) -> Result<SyncState> {
        let mut db = self.handbook.db();
        if outbox::is_behind(db.reader())? {
            db.write(outbox::collect_new)?;
        }
        let (waiting, refused) = outbox::counts(db.reader(), notebook)?;
        let provisional = early::count(db.reader(), notebook)?;
        let (role, halted, apart) = (Some(Role::Owner), None, apart::count(db.reader(), notebook)?);
        let mut state =
            SyncState { notebook, role, halted, waiting_for: None, waiting, refused, unread: 0, apart, provisional };
        if let Some(channel) = channel::find(db.reader(), notebook)? {
            let reader = load(db.reader(), &channel)?;
            state.role = role_in(&reader).filter(|_| !channel.removed);
            state.halted = channel.halted.as_deref().and_then(Halt::from_key);
            state.waiting_for = waiting_for(&channel, &reader);
            state.unread = frames::unread_count(db.reader(), notebook)?;
            state.apart += frames::apart_count(db.reader(), notebook)?;
        }
        Ok(state)
    }

    /// Lets a halted notebook go on, as a carer decided, and believes the server: its log is read again from the
    /// beginning, what is missing there is sent again, and the chain of members that it shows counts. Look at the
    /// list of members afterwards: a removed member may reappear in it.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the notebook was never synced.
    pub fn go_on(&self, notebook: NotebookId) -> Result<()> {
        let mut db = self.handbook.db();
        let mut channel = channel::find(db.reader(), notebook)?.ok_or(Error::NotFound { what: Thing::Notebook })?;
        (channel.halted, channel.gone) = (None, None);
        Ok(db.write(|tx| {
            forget_pins(tx)?;
            outbox::collect_new(tx)?;
            channel::begin_again(tx, &mut channel)?;
            channel::doubt_statements(tx, notebook)
        })?)
    }
}
