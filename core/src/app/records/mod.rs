//! What is written: notebooks, entries, the form, words for values.

pub(in crate::app) mod daily;
pub(in crate::app) mod entries;
pub(in crate::app) mod form;
pub(in crate::app) mod notebooks;
pub(in crate::app) mod typing;
pub(in crate::app) mod words;
