//! A server that forgot (wiped, put back from a backup, another one): its log is read again from the beginning, and what this
//! device has and the log lacks is sent again, whoever wrote it, as new envelopes.

use rusqlite::Transaction;

use crate::store::channel::{self, Channel};
use crate::store::{StoreError, outbox};

/// Everything waits until it is seen there.
pub(super) fn forget(tx: &Transaction<'_>, channel: &mut Channel) -> Result<(), StoreError> {
    channel::begin_again(tx, channel)?;
    if channel.removed { Ok(()) } else { outbox::send_all_again(tx, channel.notebook) }
}
