//! The notebook channel: what members' devices and servers say to each other about one notebook (docs/protocol.md).
//!
//! | module | idea |
//! |---|---|
//! | [`accept`] | whether an envelope may be appended: the same for server and phones |
//! | [`archive`] | what a notebook held before it began anew: proves who wrote what |
//! | [`author_hash`] | what all of an author's changes are, in one signed hash |
//! | [`batch`] | changes as they are sealed: column by column |
//! | [`blob`] | photos, in chunks |
//! | [`change`] | one user action on one entry |
//! | `columns` | changes of one author, column by column |
//! | [`control`] | who may read and write: the control chain |
//! | [`drawer`] | where a recovery sheet finds its notebooks |
//! | [`end`] | the end of a log, signed by its server: everybody's receipt |
//! | [`envelope`] | what a device sends |
//! | [`exchange`] | one round trip between a device and a server |
//! | [`gone`] | a server's word that it has a notebook no more |
//! | [`line`](mod@line) | which changes count, as their author's line says |
//! | [`lines`] | which of an author's envelopes stand |
//! | [`opening`] | what is left of an envelope of which words were erased |
//! | `origin` | where a word stood before the notebook began anew |
//! | [`prefix`] | names a log up to a place |
//! | [`receipt`] | an end that is shown to its server again |
//! | [`snapshot`] | what authors wrote, packed for who comes anew |
//! | `refusal` | the macro that writes tables of refusals |
//! | [`words`] | six words by which two people compare what their phones show |

pub mod accept;
pub mod archive;
pub mod author_hash;
pub mod batch;
pub mod blob;
pub mod change;
mod columns;
pub mod control;
pub mod drawer;
pub mod end;
pub mod endpoint;
pub mod envelope;
pub mod exchange;
pub mod gone;
pub mod line;
pub mod lines;
pub mod opening;
mod origin;
pub mod prefix;
pub mod receipt;
mod refusal;
pub mod release;
pub mod snapshot;
pub mod words;

pub use origin::Origin;
