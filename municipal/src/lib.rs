//! What only a municipality's office decides: who is there, who may answer, whose a thread is, until when.
//!
//! Everything here is a pure function of values and a moment: no sockets, no pages, no database, no clock of its own. The
//! office's server asks, writes what comes back in one transaction, and does the duties.
//!
//! | module | idea |
//! |---|---|
//! | [`calendar`] | days and times of day in Japan, holidays |
//! | [`hours`] | when a desk is open, by its published hours |
//! | [`limits`] | how long things may take |
//! | [`staff`] | people, their professions, capabilities and sessions |
//! | [`roster`] | who is on at which desk, from when to when |
//! | [`office`] | all of it as one value, and who is present |
//! | [`access`] | who may do what: a table |
//! | [`thread`] | one consultation: its row, and what every event makes of it |
//! | [`moves`] | a change of the office, with the threads that it moves |
//!
//! The wire forms, and what a phone decides by itself, stand in `ayumi_protocol::municipal`.

pub mod access;
pub mod calendar;
pub mod hours;
pub mod limits;
pub mod moves;
pub mod office;
pub mod roster;
pub mod staff;
pub mod thread;

pub use limits::Limits;
pub use office::{Desk, Office};
pub use staff::{Staff, StaffId};
pub use thread::{Duty, Event, Place, Refusal, Row};
