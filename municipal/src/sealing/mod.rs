//! Words are kept sealed under their thread's key, and that key wrapped under the key of a week, which lies outside of the
//! database. To erase a thread is to delete its wrapped key; what a backup still has of it opens nothing once the week's key is
//! destroyed.
//!
//! | module | idea |
//! |---|---|
//! | [`key`] | keys of threads and weeks, and what they seal |
//! | [`week`] | weeks, and when a week's key is destroyed |
//! | [`weeks`] | which week's key wraps |
//! | [`kept`] | wrapped keys and sealed words as the database keeps them |

pub mod kept;
pub mod key;
pub mod week;
pub mod weeks;

pub use key::{NotOpened, ThreadKey, WeekKey};
pub use week::Week;
pub use weeks::Weeks;
