//! Which notebooks may begin: tickets, and notebooks that are gone.

use std::collections::BTreeMap;

use ayumi_protocol::NotebookId;
use ayumi_protocol::gone::{WhyGone, gone_hash};
use ayumi_protocol::key::Hash;

use crate::beginning::may_begin;
use crate::gone::Trace;
use crate::log::{LogError, LogResult, OpenTerms, Terms};

/// Tickets and what became of them.
#[derive(Clone, Default)]
pub(super) struct Beginnings {
    /// Hashes of tickets, and the notebooks that began with them.
    tickets: BTreeMap<Hash, Option<NotebookId>>,
    /// What is left of notebooks that are gone.
    gone: BTreeMap<Hash, (WhyGone, u64)>,
}

impl Beginnings {
    pub(super) fn add_tickets(&mut self, hashes: &[Hash]) {
        self.tickets.extend(hashes.iter().map(|hash| (*hash, None)));
    }

    /// Lets a notebook begin on its terms, and uses its ticket up.
    pub(super) fn admit(&mut self, notebook: NotebookId, terms: Terms) -> LogResult<Option<OpenTerms>> {
        may_begin(self.trace(notebook).map(|trace| trace.why), terms)?;
        if let Terms::Ticket(hash) = terms {
            let used = self.tickets.get_mut(&hash).ok_or(LogError::NoTicket)?;
            if used.is_some_and(|used| used != notebook) {
                return Err(LogError::NoTicket);
            }
            *used = Some(notebook);
        }
        self.gone.remove(&gone_hash(notebook));
        Ok(match terms {
            Terms::Open(open) => Some(open),
            Terms::Whole | Terms::Ticket(_) => None,
        })
    }

    /// Remembers that a notebook is gone. A ticket is good again for one that may begin again only.
    pub(super) fn end(&mut self, notebook: NotebookId, why: WhyGone, when_ms: u64) -> Trace {
        if !why.may_begin_again() {
            self.tickets.retain(|_, used| *used != Some(notebook));
        }
        let trace = Trace { hash: gone_hash(notebook), why, when_ms };
        self.remember(trace);
        self.trace(notebook).unwrap_or(trace)
    }

    /// Remembers a trace; one that is there already keeps its time, unless it may begin again.
    pub(super) fn remember(&mut self, trace: Trace) {
        let there = self.gone.entry(trace.hash).or_insert((trace.why, trace.when_ms));
        if there.0.may_begin_again() {
            *there = (trace.why, trace.when_ms);
        }
    }

    /// Returns all stored bytes.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let tickets = self.tickets.iter().flat_map(|(hash, used)| {
            hash.iter().copied().chain(used.iter().flat_map(|id| *id.as_bytes()).collect::<Vec<_>>())
        });
        tickets.chain(self.gone.keys().flatten().copied()).collect()
    }

    pub(super) fn trace(&self, notebook: NotebookId) -> Option<Trace> {
        let hash = gone_hash(notebook);
        self.gone.get(&hash).map(|(why, when_ms)| Trace { hash, why: *why, when_ms: *when_ms })
    }

    pub(super) fn traces(&self) -> impl Iterator<Item = Trace> {
        let all = self.gone.iter().map(|(hash, (why, when_ms))| Trace { hash: *hash, why: *why, when_ms: *when_ms });
        all.filter(|trace| !trace.why.may_begin_again())
    }
}
