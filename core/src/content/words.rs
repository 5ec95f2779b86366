//! A text of content, in three languages.

/// A text in 日本語, やさしい日本語, English.
pub type Words = [String; 3];
