//! Transports, packing, and verifying a log; trusts nothing the server says.
//!
//! Knows no SQLite; [`crate::app`] joins it with the store.
//!
//! | module | idea |
//! |---|---|
//! | [`transport`] | one question, one answer; the shell's network behind a trait |
//! | [`http`] | the transport over HTTPS |
//! | [`feed`] | the transport of a municipality's feed: what is the same for everybody |
//! | [`socket`] | the transport between two devices |
//! | [`reader`] | checks and opens what stands in a log |
//! | [`halt`] | why a notebook stops until a carer decides |
//! | [`opened`] | what stands in an envelope, without what was erased |
//! | [`remedy`] | decides what a device does about a refusal |
//! | [`pack`] | changes into envelopes |
//! | [`snapshot`] | what authors wrote, for who comes anew: packed, sealed, believed where it is proven |
//! | [`archive`] | what a notebook held before it began anew: packed and sealed |
//! | [`statement`] | statements of the control chain, made and signed |
//! | [`label`] | members' names, sealed |
//! | [`blob`] | photos into sealed chunks and back |
//! | [`ticket`] | a municipality's ticket |
//! | [`code`] | invitations, recovery sheets, transfer files as text |
//! | [`pins`] | which server is believed |
//! | [`backoff`] | how long to wait after a failure |

pub mod archive;
pub mod backoff;
pub mod blob;
pub mod code;
pub mod feed;
pub mod halt;
#[cfg(feature = "http")]
pub mod http;
pub mod label;
#[cfg(feature = "nearby")]
pub mod meeting;
#[cfg(feature = "nearby")]
pub mod noise;
pub mod opened;
pub mod pack;
pub mod pins;
pub mod reader;
pub mod remedy;
pub mod snapshot;
#[cfg(feature = "nearby")]
pub mod socket;
pub mod statement;
pub mod ticket;
pub mod transport;
