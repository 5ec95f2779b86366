//! Words are kept sealed under their thread's key, and that key wrapped under the key of a week, which lies outside of the
//! database. To erase a thread is to delete its wrapped key; what a backup still has of it opens nothing once the week's key is
//! destroyed.
//!
//! | module | idea |
//! |---|---|
//! | [`key`] | keys of threads and weeks, and what they seal |
//! | [`week`] | which week's key wraps, and which is destroyed |
//! | [`kept`] | wrapped keys and sealed words as the database keeps them |

pub mod kept;
pub mod key;
pub mod week;

pub use key::{NotOpened, ThreadKey, WeekKey};
pub use week::{Week, Weeks};
