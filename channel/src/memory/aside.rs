//! Puts a chain that was there first in the place of the one that came since.

use std::collections::btree_map;
use std::sync::Arc;

use ayumi_protocol::accept::{Bearer, Taken};
use ayumi_protocol::control::{ServerKey, State, Statement};
use ayumi_protocol::end::SignedEnd;
use ayumi_protocol::envelope::Frame;

use super::NotebookLog;
use crate::log::{Earlier, Entry, LogError, LogResult, Stored};

impl NotebookLog {
    /// As [`crate::log::Log::put_aside`] says.
    pub(super) fn put_aside(
        &mut self,
        earlier: Earlier,
        quota: u64,
        server: &[ServerKey],
        now_ms: u64,
    ) -> LogResult<bool> {
        let Earlier { instead_of, from, closes_at, statements, receipts } = earlier;
        if self.state.as_ref().is_none_or(|state| state.head() != instead_of) {
            return Ok(false);
        }
        let mut other = self.up_to(from.saturating_sub(1))?;
        other.closes_at = closes_at;
        for statement in statements {
            other.take(&Entry::Statement(statement, Bearer::Carrier), quota, server, now_ms)?;
        }
        for item in self.items.iter().filter(|item| item.position >= from && !item.control) {
            // What names a head that was put aside counts nowhere: its author makes it again.
            let carried = Stored { remnant: item.remnant, bytes: &item.bytes }.carried()?;
            let _ = other.take(&carried, quota, server, now_ms);
        }
        other.receipts = std::mem::take(&mut self.receipts);
        other.keep_receipts(receipts);
        let state = other.chain()?;
        other.receipts.retain(|head, _| state.knows_head(head));
        *self = other;
        Ok(true)
    }

    /// Keeps for each head the earliest receipt.
    pub(super) fn keep_receipts(&mut self, receipts: Vec<SignedEnd>) {
        for receipt in receipts {
            match self.receipts.entry(receipt.end.head) {
                btree_map::Entry::Occupied(kept) if kept.get().end.taken_at <= receipt.end.taken_at => {}
                btree_map::Entry::Occupied(mut kept) => _ = kept.insert(receipt),
                btree_map::Entry::Vacant(free) => _ = free.insert(receipt),
            }
        }
    }

    /// The log as it was up to a position.
    fn up_to(&self, position: u64) -> LogResult<Self> {
        let mut log = Self { open: self.open, visited_at: self.visited_at, ..Self::default() };
        for item in self.items.iter().take_while(|item| item.position <= position) {
            if item.control {
                let statement = Statement::from_bytes(&item.bytes).map_err(|_| LogError::Unavailable)?;
                log.state = Some(Arc::new(match &log.state {
                    None => State::founded(&statement)?,
                    Some(state) => state.after(&statement)?,
                }));
            } else {
                let frame = Frame::from_start_of(&item.bytes).map_err(|_| LogError::Unavailable)?;
                let rival = log.of(item.author, item.sequence).any(|tail| tail.attempt == frame.header.attempt);
                let taken = if rival { Taken::Second } else { Taken::New };
                log.tails.insert(item.author, log.tail_of(&item.author).with(&frame, taken));
            }
            log.end = log.end.then(&item.hash, item.control, item.taken_at);
            log.prefixes.push(log.end.prefix);
            log.bytes += item.bytes.len() as u64;
            log.items.push(item.clone());
        }
        Ok(log)
    }
}
