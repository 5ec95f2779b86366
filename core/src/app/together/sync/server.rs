//! The server that this handbook knows. Another one starts from scratch.

use ayumi_protocol::NotebookId;

use super::run::{Sync, forget_failures};
use crate::app::error::Result;
use crate::app::pinned::forget_pins;
use crate::model::{Invalid, Reason};
use crate::store::settings::{SERVER, TICKETS};
use crate::store::{StoreError, Tx, channel, outbox};
use crate::sync::ticket::TicketCode;

impl Sync {
    /// Returns the server's address, if one is known.
    ///
    /// # Errors
    /// Any [store error](crate::app::Error#store-errors).
    pub fn server(&self) -> Result<Option<String>> {
        Ok(SERVER.get(self.handbook.db().reader())?)
    }

    /// Remembers the server. Changing it starts from scratch: all data is sent to the new one, and tickets of the old one
    /// are forgotten. The old one keeps what it has until it is asked to delete it.
    ///
    /// # Errors
    /// Any [store error](crate::app::Error#store-errors).
    pub fn set_server(&self, address: &str) -> Result<()> {
        let mut db = self.handbook.db();
        let known = SERVER.get(db.reader())?;
        if known.as_deref() == Some(address) {
            return Ok(());
        }
        let ids = channel::all(db.reader())?;
        db.write(|tx| {
            begin_elsewhere(tx, ids)?;
            forget_failures(tx)?;
            forget_pins(tx)?;
            TICKETS.clear(tx)?;
            SERVER.set(tx, &address.to_owned())
        })?;
        Ok(())
    }

    /// Remembers a municipality's ticket, as typed or scanned: the next notebook that begins at its server uses it. Call it
    /// behind [`Sync::set_server`], which forgets the tickets of another server.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::app::Error::Invalid) if it is no ticket; any [store error](crate::app::Error#store-errors).
    pub fn add_ticket(&self, code: &str) -> Result<()> {
        let wrong = |_| {
            Invalid::new("ticket", code, "a ticket from the municipality, which begins with T")
                .because(Reason::NotACode)
        };
        let ticket = TicketCode::from_text(code).map_err(wrong)?;
        let mut db = self.handbook.db();
        let mut tickets = TICKETS.get(db.reader())?.unwrap_or_default();
        tickets.add(ticket.expose());
        Ok(db.write(|tx| {
            forget_failures(tx)?;
            TICKETS.set(tx, &tickets)
        })?)
    }

    /// Notes that the next sync is against a different server.
    #[cfg(feature = "nearby")]
    pub(in crate::app) fn begin_elsewhere(&self) -> Result<()> {
        let mut db = self.handbook.db();
        let ids = channel::all(db.reader())?;
        Ok(db.write(|tx| begin_elsewhere(tx, ids))?)
    }
}

/// Puts another log in the place of the one that is known: everything waits until it is seen there.
fn begin_elsewhere(tx: &Tx<'_>, ids: Vec<NotebookId>) -> std::result::Result<(), StoreError> {
    outbox::collect_new(tx)?;
    for id in ids {
        if let Some(mut channel) = channel::find(tx, id)? {
            (channel.store_epoch, channel.server_key, channel.gone) = (None, None, None);
            channel::begin_again(tx, &mut channel)?;
        }
    }
    Ok(())
}
