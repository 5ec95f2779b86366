//! The words that devices and servers of Ayumi share.
//!
//! Ids, the hybrid logical clock, and the *change*: what one carer did to one entry. A server never sees a change in
//! clear; the types stand here because every device, whatever its version, must read them alike. The crate knows no
//! storage and no network.
//!
//! | module | idea |
//! |---|---|
//! | [`id`] | entries, notebooks, devices |
//! | [`clock`] | stamps that order changes across devices with wrong clocks |
//! | [`change`] | one user action on one entry |
//! | [`accept`] | whether an envelope may be appended: the same for server and phones |
//! | [`batch`] | changes as they are sealed: column by column |
//! | [`blob`] | photos and snapshots, in chunks |
//! | [`drawer`] | where a recovery print finds its notebooks |
//! | [`envelope`] | what a device sends; receipts |
//! | [`exchange`] | one round trip between a device and a server |
//! | [`control`] | who may read and write: the control chain |
//! | [`key`] | keys of a device in one notebook |
//! | [`prefix`] | names a log up to a place |
//! | [`snapshot`] | what is sealed in a part of a snapshot |
//! | [`limits`] | how big things may be |

pub mod accept;
pub mod batch;
pub mod blob;
mod bytes;
pub mod change;
pub mod clock;
pub mod control;
pub mod drawer;
pub mod envelope;
pub mod exchange;
#[cfg(test)]
mod frozen;
pub mod id;
pub mod key;
pub mod limits;
pub mod prefix;
pub mod snapshot;

pub use change::{Change, FieldChange};
pub use clock::{Hlc, Stamp};
pub use id::{DeviceId, EntryId, NotebookId};

/// A text from outside is not what it should be: an id, a stamp or a change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {what}")]
pub struct FormatError {
    /// What was expected, in one word.
    pub what: &'static str,
}
