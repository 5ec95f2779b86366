//! Sync: what this device wrote goes to the municipality's server, what others wrote comes from it, sealed end to end.
//!
//! Everything works without it. It runs in a budget, goes on where it stopped, and never holds up an entry: the file
//! is locked only for the moments in which a page is written.
//!
//! | module | idea |
//! |---|---|
//! | `run` | [`Sync`]: all notebooks, within a budget |
//! | `session` | one request after the other with one server |
//! | `prepare`, `round` | what a request carries |
//! | `had` | what proves that a server had what it is told again |
//! | `tickets` | with which a notebook begins |
//! | `page` | verifies a reply |
//! | `gone` | a notebook that a server has no more |
//! | `apply` | decides what follows from a reply |
//! | `write` | writes it, in one transaction |
//! | `lines` | which envelopes stand, and what follows from it |
//! | `kept` | opens what is kept |
//! | `early` | the fast lane: asks for a snapshot, or offers one |
//! | `provisional` | what a snapshot shows before the log is here |
//! | `archive` | the archive of a notebook that began anew: put, fetched |
//! | `archived` | which words it proves here, and how an erased one leaves it |
//! | `erasing` | lets what was erased leave this device |
//! | `reopen` | what an earlier version could not read |
//! | `absent` | what others name and is not here |
//! | `odd` | words that no honest phone writes so |
//! | `thumbnails` | fetches thumbnails |
//! | `photos` | sends pictures, fetches photos |
//! | `places` | where they may lie |
//! | `releases` | what lets open codes open |
//! | `server`, `connection` | the server that is known, over HTTPS |
//! | `report`, `outcome`, `status` | what a shell shows |

mod absent;
mod apply;
mod archive;
mod archived;
#[cfg(feature = "http")]
mod connection;
mod early;
mod erasing;
mod gone;
mod had;
mod judgement;
mod kept;
mod lines;
mod moved;
mod odd;
mod outcome;
mod page;
mod parted;
mod photos;
mod places;
mod prepare;
mod provisional;
mod rekey;
mod releases;
mod reopen;
mod report;
mod round;
mod run;
mod server;
mod session;
mod status;
mod thumbnails;
mod tickets;
mod write;

pub use absent::Absent;
pub(in crate::app) use archived::{forget_in_archive, words_of};
pub(in crate::app) use kept::{before, changes_in};
pub(in crate::app) use lines::cutoffs;
pub use odd::OddWords;
pub(in crate::app) use outcome::closed_until;
pub(in crate::app) use prepare::channel_of;
pub use report::{Budget, LastHeard, NotebookSync, Progress, SyncOutcome, SyncReport, SyncState, SyncWhy};
pub use run::Sync;
pub(in crate::app) use session::{Lane, NotebookOutcome, Response, Session};
