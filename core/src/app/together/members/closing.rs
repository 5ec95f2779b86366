//! Closing a notebook at its server, and taking that back.

use ayumi_protocol::NotebookId;
use ayumi_protocol::control::{EVERYWHERE, ServerKey, State};

use super::list::Members;
use crate::app::error::{Error, Result, Thing};
use crate::app::membership::load;
use crate::app::pinned::keys_of_server;
use crate::app::together::sync::{channel_of, closed_until};
use crate::sync::reader::Reader;
use crate::sync::statement::Decision;
use crate::sync::transport::Transport;

/// A notebook that is closed at its server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Closed {
    /// The notebook.
    pub notebook: NotebookId,
    /// Until when an owner can open it again, in milliseconds since 1970 by the server's clock; `None` if the server has
    /// deleted it already.
    pub until: Option<u64>,
}

impl Members {
    /// Closes a notebook at its server: nothing of it is served there any more, and after thirty days it is deleted. It stays
    /// on this device and on those of the other members. `at_once` deletes it now, if this device is the only owner or all
    /// owners said so.
    ///
    /// # Errors
    /// [`Error::Offline`]; [`Error::Invalid`] if this device is no owner; [`Error::NotFound`] if it is not at the server.
    pub async fn close(&self, notebook: NotebookId, at_once: bool, transport: &dyn Transport) -> Result<Closed> {
        let server = self.server_of_notebook(notebook, transport).await?;
        self.close_at(notebook, server, at_once, transport).await?;
        self.closed(notebook)
    }

    pub(in crate::app::together) async fn close_at(
        &self,
        notebook: NotebookId,
        server: ServerKey,
        at_once: bool,
        transport: &dyn Transport,
    ) -> Result<()> {
        self.decide(notebook, &Decision::Close { server, at_once }, transport).await
    }

    /// Takes a closing back, whoever of the owners closed it, within thirty days.
    ///
    /// # Errors
    /// [`Error::Offline`]; [`Error::Invalid`] if this device is no owner, or nothing is closed; [`Error::NotFound`] if the
    /// server has deleted it.
    pub async fn undo_close(&self, notebook: NotebookId, transport: &dyn Transport) -> Result<()> {
        let server = self.server_of_notebook(notebook, transport).await?;
        let names = {
            let mut db = self.handbook.db();
            let channel = channel_of(&mut db, notebook)?;
            let reader = load(db.reader(), &channel)?;
            let closed = |name: &ServerKey| reader.state().is_some_and(|state| state.is_closed_by_name(name));
            // What was closed before the server changed its key names that one.
            let keys = keys_of_server(db.reader(), &channel)?;
            keys.into_iter().chain([EVERYWHERE]).filter(closed).collect::<Vec<_>>()
        };
        // Nothing is closed: the chain says so.
        let names = if names.is_empty() { vec![server] } else { names };
        for name in names {
            self.decide(notebook, &Decision::Reopen(name), transport).await?;
        }
        // What waited meanwhile goes now.
        self.bring_up_to_date(notebook, transport).await
    }

    /// Returns the key of the server that has a notebook.
    pub(in crate::app::together) async fn server_of_notebook(
        &self,
        notebook: NotebookId,
        transport: &dyn Transport,
    ) -> Result<ServerKey> {
        let missing = Error::NotFound { what: Thing::NotebookAtServer };
        // One that was never there is not brought there to be closed.
        if channel_of(&mut self.handbook.db(), notebook)?.store_epoch.is_none() {
            return Err(missing);
        }
        self.bring_up_to_date(notebook, transport).await?;
        channel_of(&mut self.handbook.db(), notebook)?.server_key.ok_or(missing)
    }

    fn closed(&self, notebook: NotebookId) -> Result<Closed> {
        let mut db = self.handbook.db();
        let channel = channel_of(&mut db, notebook)?;
        let reader: Reader = load(db.reader(), &channel)?;
        let server = keys_of_server(db.reader(), &channel)?;
        let at_once = |state: &State| state.closing_at(&server).is_some_and(|closing| closing.at_once);
        let until = match reader.state().is_some_and(at_once) {
            true => None,
            false => closed_until(db.reader(), notebook, &server)?,
        };
        Ok(Closed { notebook, until })
    }
}
