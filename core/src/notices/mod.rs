//! Notices that concern a household today, and why. Pure: content, what the handbook knows, a day and the marks go in.
//!
//! | module | idea |
//! |---|---|
//! | [`household`] | what a handbook knows that a notice may ask |
//! | [`audience`] | each predicate of an audience, for one child or pregnancy |
//! | [`standing`] | what a message is now: replaced, cancelled, over |
//! | [`list`] | the notices of today |
//! | [`words`] | the reasons, in three languages |
//! | [`preview`] | a notice beside sample families, for who writes it |
//!
//! Whom a notice concerns is decided here, on the phone; nobody learns what came out. After a loss nothing about a baby is
//! shown, whatever matches.

pub mod audience;
pub mod household;
pub mod list;
pub mod preview;
pub mod standing;
#[cfg(test)]
mod tests;
pub mod words;
