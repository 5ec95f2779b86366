//! What only a municipality's office decides: who is there, who may answer, whose a thread is, until when.
//!
//! What is decided is a pure function of values and a moment: no sockets, no pages, no clock of its own. What is kept stands
//! beside it in modules called `kept`, as statements of SQL that run on two databases. The office's server brings the
//! drivers, asks, writes what comes back in one transaction, and does the duties.
//!
//! | module | idea |
//! |---|---|
//! | [`calendar`] | days and times of day in Japan, holidays |
//! | [`feed`] | root statements and editions of its own feed |
//! | [`hours`] | when a desk is open, by its published hours |
//! | [`limits`] | how long things may take |
//! | [`staff`] | people, their professions, capabilities and sessions |
//! | [`roster`] | who is on at which desk, from when to when |
//! | [`office`] | all of it as one value, and who is present |
//! | [`access`] | who may do what: a table |
//! | [`thread`] | one consultation: its row, and what every event makes of it |
//! | [`moves`] | a change of the office, with the threads that it moves |
//! | [`audit`] | who looked at what, and how a missing row is found out |
//! | [`sealing`] | words under their thread's key, that key under a week's |
//! | [`tenant`] | municipalities, found by host |
//! | [`database`] | what a rule needs of a database, the tables |
//! | [`statements`] | every statement there is |
//!
//! The wire forms, and what a phone decides by itself, stand in `ayumi_protocol::municipal`.

pub mod access;
pub mod audit;
pub mod calendar;
pub mod database;
pub mod feed;
pub mod hours;
pub mod limits;
pub mod moves;
pub mod office;
pub mod roster;
pub mod sealing;
pub mod staff;
pub mod statements;
pub mod tenant;
pub mod thread;

pub use limits::Limits;
pub use office::{Desk, Office};
pub use staff::{Staff, StaffId};
pub use tenant::Tenant;
pub use thread::{Duty, Event, Place, Refusal, Row};
