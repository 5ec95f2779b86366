//! Several devices and carers: sync with a server, members, two devices side by side.

mod erase;
pub(in crate::app) mod members;
#[cfg(feature = "nearby")]
pub(in crate::app) mod nearby;
pub mod sync;
