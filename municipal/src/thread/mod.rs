//! One consultation: its row, what is read from it at any moment, and what every event makes of it.
//!
//! | module | idea |
//! |---|---|
//! | [`row`] | what the office keeps of a thread besides its words |
//! | [`place`] | where a thread is: a function of its row and a moment |
//! | [`said`] | the lines of a thread, in the server's order |
//! | [`seen`] | whether a reply has seen what it answers |
//! | [`event`] | what can happen |
//! | [`duty`] | what is to be done because of it |
//! | [`refusal`] | why something may not be done |
//! | `after` | the table of states |
//! | [`kept`] | rows as the database keeps them |
//!
//! Nothing here knows of the form "someone may be in danger": it is a document of its own, and no state, event or deadline of a
//! thread depends on one.

mod after;
pub mod duty;
pub mod event;
pub mod kept;
pub mod place;
pub mod refusal;
pub mod row;
pub mod said;
pub mod seen;

pub use duty::{Duty, Telling};
pub use event::{Event, OfficeAct, ParentAct, StaffAct};
pub use place::Place;
pub use refusal::Refusal;
pub use row::{Opened, Row};
