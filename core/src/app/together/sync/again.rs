//! A server that lost data (wiped, restored from a backup, replaced): its log is read again from the beginning, and
//! what this device has and the log lacks is sent again, whoever wrote it, as new envelopes.

use crate::store::channel::{self, Channel};
use crate::store::{StoreError, Tx, outbox};

/// Everything waits until it is seen there.
pub(super) fn forget(tx: &Tx<'_>, channel: &mut Channel) -> Result<(), StoreError> {
    channel::begin_again(tx, channel)?;
    if channel.removed { Ok(()) } else { outbox::requeue_all(tx, channel.notebook) }
}
