//! Writes a verified page, its receipts and the remedy of a refusal, with the cursor, in one transaction.

use ayumi_protocol::accept::{CLOCK_TOLERANCE_MS, Tail};
use ayumi_protocol::control::Statement;
use ayumi_protocol::exchange::{Item, ItemBody};
use ayumi_protocol::key::hash;
use ayumi_protocol::{Change, Hlc, NotebookId};

use super::page::{Page, SignedReceipt, Step};
use crate::app::error::Result;
use crate::store::changes::{Delivery, Taken, apply_all, note_clock};
use crate::store::channel::{self, Channel, StoredStatement};
use crate::store::{Db, StoreError, Tx, outbox};
use crate::sync::reader::Reader;
use crate::sync::remedy::Remedy;

type Stored<T> = std::result::Result<T, StoreError>;

/// What is to be written.
pub(super) struct Verified<'a> {
    /// As it is behind the page.
    pub(super) channel: &'a Channel,
    pub(super) reader: &'a Reader,
    pub(super) page: &'a Page,
    /// The page as it came.
    pub(super) items: &'a [Item],
    pub(super) remedy: Option<Remedy>,
    /// The page removed this device.
    pub(super) removed: bool,
}

/// How many changes a page moved.
pub(super) struct Moved {
    /// That the server has now.
    pub(super) pushed: u64,
    /// That this device did not have before.
    pub(super) pulled: u64,
}

/// Writes all of it, or nothing.
pub(super) fn write(db: &mut Db, verified: &Verified<'_>, server_ms: u64) -> Result<Moved> {
    // No stamp of others pulls this device's clock far ahead.
    let most = Hlc((server_ms + CLOCK_TOLERANCE_MS) << 16);
    let (moved, greatest) = db.write(|tx| {
        // Enqueued before the mark moves over what comes.
        outbox::collect_new(tx)?;
        let mut writing = Writing::new(tx, verified);
        for step in &verified.page.steps {
            writing.step(step)?;
        }
        // A receipt stands behind what came: a snapshot that came does not hold its envelope.
        for receipt in &verified.page.receipts {
            writing.receipt(receipt)?;
        }
        let greatest = writing.greatest.min(most);
        note_clock(tx, greatest)?;
        writing.finish()?;
        Ok((writing.moved, greatest))
    })?;
    db.advance_clock(greatest)?;
    Ok(moved)
}

/// A page that is being written.
struct Writing<'a> {
    tx: &'a Tx<'a>,
    verified: &'a Verified<'a>,
    notebook: NotebookId,
    channel: Channel,
    moved: Moved,
    /// Changes came, new or known.
    came: bool,
    greatest: Hlc,
}

impl<'a> Writing<'a> {
    fn new(tx: &'a Tx<'a>, verified: &'a Verified<'a>) -> Self {
        Self {
            tx,
            verified,
            notebook: verified.channel.notebook,
            channel: verified.channel.clone(),
            moved: Moved { pushed: 0, pulled: 0 },
            came: false,
            greatest: Hlc::default(),
        }
    }

    fn step(&mut self, step: &Step) -> Stored<()> {
        let (tx, notebook) = (self.tx, self.notebook);
        match step {
            Step::Known { body, taken_at, position } => {
                channel::place_statement(tx, notebook, body, *taken_at, *position)
            }
            Step::Statement { body, taken_at, position } => {
                if channel::has_statement(tx, notebook, body)? {
                    return channel::place_statement(tx, notebook, body, *taken_at, *position);
                }
                let stored = StoredStatement { taken_at: *taken_at, position: *position, body: body.clone() };
                channel::add_statement(tx, notebook, &stored)
            }
            Step::Changes { changes, position } => self.changes(changes, *position),
            Step::Part { changes, first, whole, position } => {
                if *first {
                    outbox::begin_snapshot(tx, notebook)?;
                }
                self.changes(changes, *position)?;
                outbox::note_snapshot(tx, notebook, changes)?;
                if *whole {
                    let send = self.verified.reader.may_write() && !self.channel.again;
                    outbox::end_snapshot(tx, notebook, send)?;
                    self.channel.snapshot = *position;
                }
                Ok(())
            }
            Step::Unread { body, taken_at, position } => channel::keep_unread(tx, notebook, *position, *taken_at, body),
        }
    }

    fn changes(&mut self, changes: &[Change], position: u64) -> Stored<()> {
        let Taken { new, foreign } = apply_all(self.tx, changes, Delivery::Sent)?;
        if foreign > 0 {
            self.keep(position)?;
        }
        if new < changes.len() {
            outbox::mark_confirmed(self.tx, changes)?;
        }
        self.came = true;
        self.moved.pulled += new as u64;
        self.greatest = changes.iter().map(|change| change.stamp.hlc).fold(self.greatest, Hlc::max);
        Ok(())
    }

    /// Keeps an envelope of the page as it came: something in it was not taken, and is counted until it is understood.
    fn keep(&self, position: u64) -> Stored<()> {
        for item in self.verified.items.iter().filter(|item| item.position == position) {
            if let ItemBody::Envelope(body) = &item.body {
                channel::keep_unread(self.tx, self.notebook, position, item.taken_at, body)?;
            }
        }
        Ok(())
    }

    fn receipt(&mut self, receipt: &SignedReceipt) -> Stored<()> {
        let SignedReceipt { sequence, position, hash, signature, ends_snapshot } = receipt;
        channel::keep_receipt(self.tx, self.notebook, *sequence, *position, hash, signature)?;
        self.moved.pushed += outbox::mark_sent(self.tx, self.notebook, *sequence)? as u64;
        if *ends_snapshot {
            self.channel.snapshot = self.channel.snapshot.max(*position);
        }
        Ok(())
    }

    fn finish(&mut self) -> Stored<()> {
        let (tx, notebook, reader) = (self.tx, self.notebook, self.verified.reader);
        if self.came {
            outbox::mark_current_as_scanned(tx)?;
            outbox::drop_confirmed(tx, notebook)?;
        }
        channel::keep_keys(tx, notebook, reader.keys())?;
        channel::keep_tails(tx, notebook, reader.tails())?;
        if let Some(remedy) = self.verified.remedy {
            self.remedy(remedy)?;
        }
        if self.verified.removed {
            outbox::mark_refused(tx, notebook)?;
        }
        self.channel.save(tx)
    }

    fn remedy(&mut self, remedy: Remedy) -> Stored<()> {
        let (tx, notebook, reader) = (self.tx, self.notebook, self.verified.reader);
        match remedy {
            Remedy::ResealFrom { sequence, restamp } => {
                outbox::unseal_from(tx, notebook, sequence, restamp)?;
                self.channel.own = own_end(tx, notebook, reader)?;
            }
            Remedy::KeepRefused => {
                outbox::mark_refused(tx, notebook)?;
                self.channel.own = own_end(tx, notebook, reader)?;
            }
            Remedy::DropPending => {
                drop_statements(tx, notebook, reader)?;
                outbox::unseal_from(tx, notebook, 1, false)?;
                self.channel.own = own_end(tx, notebook, reader)?;
            }
            // A halt is written by itself, and nothing of its page. With the others everything stays pending as it is.
            Remedy::Halt(_) | Remedy::WaitForRoom | Remedy::AskAgain | Remedy::KeepPending { .. } => {}
        }
        Ok(())
    }
}

/// Returns the end of this device's own chain after envelopes were unsealed: the last that has a receipt, or was read.
fn own_end(tx: &Tx<'_>, notebook: NotebookId, reader: &Reader) -> Stored<Tail> {
    let sealed = outbox::sealed(tx, notebook)?;
    if let Some((sequence, body)) = sealed.last() {
        return Ok(Tail { sequence: *sequence, hash: hash(body) });
    }
    let receipted = channel::last_receipt(tx, notebook)?;
    let read = reader.tail(&reader.id());
    Ok(if read.sequence > receipted.sequence { read } else { receipted })
}

/// Drops control statements that the chain does not accept any more; whoever made them decides again.
fn drop_statements(tx: &Tx<'_>, notebook: NotebookId, reader: &Reader) -> Stored<()> {
    for stored in channel::statements(tx, notebook)?.into_iter().filter(|stored| stored.position == 0) {
        let there = Statement::from_bytes(&stored.body)
            .is_ok_and(|statement| reader.state().is_some_and(|state| state.knows_head(&statement.hash())));
        if !there {
            channel::drop_statement(tx, notebook, &stored.body)?;
        }
    }
    Ok(())
}
