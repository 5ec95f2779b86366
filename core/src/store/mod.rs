//! What the device remembers: one encrypted SQLite file. Knows no network.
//!
//! Unless it says otherwise, what returns a [`StoreError`] here fails as the read or write of the file itself fails.
//!
//! | module | idea |
//! |---|---|
//! | `db` | the open file: reading, writing, the clock |
//! | [`open`] | one process, the right key, the right version |
//! | [`migrate`] | the schema's steps, stamped by one runner |
//! | [`absent`] | what envelopes name and is not here |
//! | [`anew`] | a notebook that begins anew under another id |
//! | [`apart`] | what may not stand in its notebook |
//! | [`archives`] | what a notebook held before it began anew |
//! | [`changes`] | the log of what carers did, and the entries that follow from it |
//! | [`channel`] | what is known of each notebook's log at the server |
//! | [`forget`] | taking a notebook off this device |
//! | [`ends`] | what servers signed: the ends of the log |
//! | [`former_log`] | which envelopes a server had, before another log was read |
//! | [`frames`] | the log itself, envelope by envelope |
//! | [`lines`] | where the authors' lines end |
//! | [`early`] | what a snapshot showed before its envelopes came |
//! | `own` | which files are the handbook's own |
//! | [`outbox`] | what waits to be sent; correcting the clock |
//! | [`devices`] | this device in stamps |
//! | [`entries`] | reading entries by page, kind, day |
//! | [`search`] | finding Japanese text by substring |
//! | [`photos`] | pixels and thumbnails |
//! | [`thumbnails`] | which thumbnails are to be fetched, and when again |
//! | `settings` | one list of the file's settings, typed |
//! | `tickets` | with which notebooks begin at a server |
//! | [`packs`] | installed content |
//! | [`municipality`] | the municipality whose feed is read, its files, what the carer did with notices |
//! | [`moving`] | the whole file under another key, for another device |
//! | [`check`] | what the doctor looks at |
//! | `tables` | every table's rows, and whether salvage reads them |
//! | `touched` | which tables were written, for observers |
//! | `trees` | which table each page of a damaged file belongs to |
//! | [`salvage`], `membership` | reading what can be read of a damaged file |
//! | `pages`, [`leaf`] | the stored pages, and the rows of one page |

pub mod absent;
pub mod anew;
pub mod apart;
pub mod archives;
pub mod changes;
pub mod channel;
pub mod check;
mod db;
pub mod devices;
pub mod early;
pub mod ends;
pub mod entries;
mod error;
pub mod forget;
pub mod former_log;
pub mod frames;
pub mod leaf;
pub mod lines;
mod membership;
pub mod migrate;
pub mod moving;
pub mod municipality;
pub mod open;
pub mod outbox;
mod own;
pub mod packs;
mod pages;
pub mod photos;
pub mod salvage;
pub mod search;
pub(crate) mod settings;
mod tables;
pub mod thumbnails;
mod tickets;
mod touched;
mod trees;

pub use db::{Db, Tx, View};
pub use error::StoreError;
pub use own::is_own_file;
pub use touched::Touched;

#[cfg(test)]
mod tests;
