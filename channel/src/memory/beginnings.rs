//! Which notebooks may begin: tickets, and notebooks whose time is over.

use std::collections::{BTreeMap, BTreeSet};

use ayumi_protocol::NotebookId;
use ayumi_protocol::key::Hash;

use crate::log::{LogError, LogResult, OpenTerms, Terms};

/// Tickets and what became of them.
#[derive(Clone, Default)]
pub(super) struct Beginnings {
    /// Hashes of tickets, and the notebooks that began with them.
    tickets: BTreeMap<Hash, Option<NotebookId>>,
    /// Notebooks whose time is over.
    expired: BTreeSet<NotebookId>,
}

impl Beginnings {
    pub(super) fn add_tickets(&mut self, hashes: &[Hash]) {
        self.tickets.extend(hashes.iter().map(|hash| (*hash, None)));
    }

    /// Lets a notebook begin on its terms, and uses its ticket up.
    pub(super) fn admit(&mut self, notebook: NotebookId, terms: Terms) -> LogResult<Option<OpenTerms>> {
        match terms {
            Terms::Whole => Ok(None),
            Terms::Ticket(hash) => {
                let used = self.tickets.get_mut(&hash).ok_or(LogError::NoTicket)?;
                if used.is_some_and(|used| used != notebook) {
                    return Err(LogError::NoTicket);
                }
                *used = Some(notebook);
                self.expired.remove(&notebook);
                Ok(None)
            }
            Terms::Open(_) if self.expired.contains(&notebook) => Err(LogError::NoTicket),
            Terms::Open(open) => Ok(Some(open)),
        }
    }

    /// Remembers notebooks whose time is over.
    pub(super) fn end(&mut self, notebooks: &BTreeSet<NotebookId>) {
        self.expired.extend(notebooks);
    }
}
