//! The error of every reader of a wire form or a text.

/// A text from outside is not what it should be: an id, a stamp or a change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {what}")]
pub struct FormatError {
    /// What was expected, in one word.
    pub what: &'static str,
}
