//! The error of every reader of a wire form or a text.

/// A text from outside is not what it should be: an id, a stamp or a change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {what}")]
pub struct FormatError {
    /// What was expected, in one word.
    pub what: &'static str,
}

/// Reads a whole number in its one spelling: digits only, and none of them a zero before the others.
pub(crate) fn plain_number<N: std::str::FromStr>(text: &str) -> Option<N> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    plain.then(|| text.parse().ok()).flatten()
}

/// Gives a type that is read from its text and shown as it the two conversions by which serde does the same.
macro_rules! text_in_json {
    ($name:ty) => {
        impl TryFrom<String> for $name {
            type Error = $crate::FormatError;

            fn try_from(text: String) -> Result<Self, $crate::FormatError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.to_string()
            }
        }
    };
}
pub(crate) use text_in_json;
