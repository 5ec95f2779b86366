//! What a server says of a notebook that it has no more. Its signed word binds for that server only: another one that a carer
//! chooses is told everything.

use ayumi_protocol::exchange::server_key_hash;
use ayumi_protocol::gone::{Gone, WhyGone};

use super::round::Round;
use super::session::{NotebookOutcome, Session};
use crate::app::error::Result;
use crate::app::pinned::pins;
use crate::store::channel::{self, AtServer};
use crate::store::settings::SERVER_KEY;
use crate::store::{View, outbox};
use crate::sync::halt::Halt;
use crate::sync::pins::Pins;

/// Whether a word is of the server that is known, or under the key of which that server said that it follows; about this notebook,
/// and not older than what it said later.
fn counts(view: &View, round: &Round, dialled: bool, gone: &Gone) -> Result<bool> {
    let channel = &round.channel;
    let follows = |pins: Pins| pins.next == server_key_hash(&gone.server_key);
    let pinned = match dialled {
        true if pins(view)?.is_some_and(follows) => Some(gone.server_key),
        true => SERVER_KEY.get(view)?,
        false => channel.server_key,
    };
    // At the first contact its key is the first that it shows.
    let is_its_own = gone.is_of(&pinned.unwrap_or(gone.server_key), channel.notebook);
    let placed = channel::statements(view, channel.notebook)?;
    let taken = placed.iter().filter(|stored| stored.position > 0).map(|stored| stored.taken_at);
    Ok(is_its_own && taken.chain([channel.taken_at]).all(|taken_at| taken_at <= gone.when_ms))
}

impl Session<'_> {
    /// Takes a server's word that it has the notebook no more. One that does not count is no answer. `None` if the notebook
    /// may begin there again.
    pub(super) fn on_gone(&mut self, round: &Round, body: &[u8]) -> Result<Option<NotebookOutcome>> {
        let mut db = self.handbook.db();
        let dialled = !self.transport.origin().is_empty();
        let said = Gone::from_bytes(body).ok();
        let counting = said.map(|gone| Ok::<_, crate::app::Error>((counts(db.reader(), round, dialled, &gone)?, gone)));
        let Some((true, gone)) = counting.transpose()? else { return Ok(Some(NotebookOutcome::Offline)) };
        let mut channel = round.channel.clone();
        let asked_again = channel.again && channel.position == 0;
        channel.gone = Some(AtServer::Gone { why: gone.why, when_ms: gone.when_ms });
        channel.server_key = Some(gone.server_key);
        let first_contact = dialled && SERVER_KEY.get(db.reader())?.is_none();
        db.write(|tx| {
            if gone.why.may_begin_again() {
                outbox::collect_new(tx)?;
                channel::begin_again(tx, &mut channel)?;
            }
            if first_contact {
                SERVER_KEY.set(tx, &gone.server_key)?;
            }
            channel.save(tx)
        })?;
        Ok(match gone.why {
            WhyGone::Closed | WhyGone::Forgotten => Some(NotebookOutcome::Gone),
            WhyGone::Expired if asked_again => Some(NotebookOutcome::NoTicket),
            WhyGone::Expired => None,
        })
    }

    /// A server that showed a notebook, and says without its signature that it has none, has lost it or hides it: halts. A
    /// server that lost data says so by another store epoch, and then nothing of the notebook is known to be there.
    pub(super) fn on_missing(&mut self, round: &Round) -> Result<Option<NotebookOutcome>> {
        if round.channel.position == 0 {
            return self.on_unknown_notebook(round);
        }
        let mut channel = round.channel.clone();
        channel.halted = Some(Halt::Missing.key().into());
        self.handbook.db().write(|tx| channel.save(tx))?;
        Ok(Some(NotebookOutcome::Halted))
    }
}
