//! Tickets with which notebooks begin at a server: which one is shown, and what becomes of one that is not taken.

use ayumi_protocol::exchange::Admission;

use super::round::Round;
use super::session::Session;
use crate::app::error::Result;
use crate::store::settings::TICKETS;

impl Session<'_> {
    /// Returns the ticket with which a notebook begins at a server, if one is kept. None is shown to a phone nearby.
    pub(super) fn ticket_for(&self, round: &Round) -> Result<Option<Admission>> {
        if self.transport.origin().is_empty() || !round.founds() {
            return Ok(None);
        }
        let mut db = self.handbook.db();
        let before = TICKETS.get(db.reader())?.unwrap_or_default();
        let mut tickets = before.clone();
        let ticket = tickets.of(round.channel.notebook);
        if tickets != before {
            db.write(|tx| TICKETS.set(tx, &tickets))?;
        }
        Ok(ticket)
    }

    /// Forgets a ticket that the server did not take: the next one is tried.
    pub(super) fn forget_ticket(&self, shown: Option<Admission>) -> Result<()> {
        let Some(shown) = shown else { return Ok(()) };
        let mut db = self.handbook.db();
        let mut tickets = TICKETS.get(db.reader())?.unwrap_or_default();
        tickets.forget(&shown);
        Ok(db.write(|tx| TICKETS.set(tx, &tickets))?)
    }
}
