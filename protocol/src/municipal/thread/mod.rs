//! One consultation between a carer and a desk: its ids, its states as the phone sees them, what is said and asked.
//!
//! | module | idea |
//! |---|---|
//! | [`id`] | threads and what is said in them, named at random |
//! | [`time`] | the office's clock |
//! | [`lists`] | closed lists: urgency, topics, professions, states |
//! | [`said`] | a parent's line and a reply, which carries how far its author had read |
//! | [`standing`] | what a parent is told of a thread |
//! | [`outgoing`] | a line that is still on the phone |
//!
//! The office's own rules (who may answer, until when, who is told) are the crate `ayumi-municipal`.

pub mod id;
pub mod lists;
pub mod outgoing;
pub mod said;
pub mod standing;
pub mod time;

pub use id::{MessageId, RandomId, ThreadId};
pub use lists::{HandoffState, MessageState, Profession, ThreadState, Topic, Urgency};
pub use said::{Line, Reply};
pub use standing::Standing;
pub use time::UnixMs;
