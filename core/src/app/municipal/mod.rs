//! A municipality that speaks: its feed is followed, and its notices are shown to whom they concern.
//!
//! | module | idea |
//! |---|---|
//! | `municipality` | [`Municipality`]: follow, show, choose an area, leave |
//! | `asking` | asks for one text after the other |
//! | `look` | one look at the feed: fetch, judge, take whole or not at all |
//! | `kept` | what the file keeps of a municipality, and what is told of it |
//! | `notices` | [`Notices`]: which of them concern this family, and why |
//! | `household` | what notices may ask of the handbook |
//!
//! Nothing that a carer has or does changes a request: every phone asks for the same texts, all of them.

mod asking;
mod household;
mod kept;
pub(in crate::app) mod look;
pub(in crate::app) mod municipality;
pub(in crate::app) mod notices;
