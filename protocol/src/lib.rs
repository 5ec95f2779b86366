//! The words that devices and servers of Ayumi share.
//!
//! Ids, the hybrid logical clock, and the *change*: what one carer did to one entry. A server never sees a change in
//! clear; the types stand here because every device, whatever its version, must read them alike. The crate knows no
//! storage and no network.
//!
//! What every channel needs stands at the root:
//!
//! | module | idea |
//! |---|---|
//! | [`id`] | entries, notebooks, devices |
//! | [`clock`] | stamps that order changes across devices with wrong clocks |
//! | [`key`] | keys of a device in one notebook |
//! | [`limits`] | how big things may be |
//! | [`purpose`] | what keys, hashes and signatures are for |
//!
//! The notebook channel stands in the folder `notebook`; its modules are re-exported here:
//!
//! | module | idea |
//! |---|---|
//! | [`change`] | one user action on one entry |
//! | [`batch`] | changes as they are sealed: column by column |
//! | [`author_hash`] | what all of an author's changes are, in one signed hash |
//! | [`envelope`] | what a device sends |
//! | [`end`] | the end of a log, signed by its server: everybody's receipt |
//! | [`prefix`] | names a log up to a place |
//! | [`receipt`] | an end that is shown to its server again |
//! | [`control`] | who may read and write: the control chain |
//! | [`words`] | six words by which two people compare what their phones show |
//! | [`accept`] | whether an envelope may be appended: the same for server and phones |
//! | [`lines`] | which of an author's envelopes stand |
//! | [`endpoint`] | paths of requests, and why there is no reply |
//! | [`exchange`] | one round trip between a device and a server |
//! | [`gone`] | a server's word that it has a notebook no more |
//! | [`opening`] | what is left of an envelope of which words were erased |
//! | [`snapshot`] | what authors wrote, packed for who comes anew |
//! | [`archive`] | what a notebook held before it began anew |
//! | [`blob`] | photos, snapshots and archives, in chunks |
//! | [`release`] | what a server gives to who proves the key of a code |
//! | [`drawer`] | where a recovery sheet finds its notebooks |
//!
//! What families and a municipality say to each other stands apart, in [`municipal`], and shares nothing with it.

mod bytes;
pub mod clock;
mod format;
#[cfg(test)]
mod frozen;
mod hex;
pub mod id;
pub mod key;
pub mod limits;
pub mod municipal;
mod notebook;
pub mod purpose;

pub use clock::{Hlc, Stamp};
pub use format::FormatError;
pub use hex::Hex;
pub use id::{DeviceId, EntryId, NotebookId};
pub use notebook::Origin;
pub use notebook::change::{Change, FieldChange, Past};
pub use notebook::{
    accept, archive, author_hash, batch, blob, change, control, drawer, end, endpoint, envelope, exchange, gone, line,
    lines, opening, prefix, receipt, release, snapshot, words,
};
