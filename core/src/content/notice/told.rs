//! A text in the languages in which it was written: Japanese always, others where somebody wrote them.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The language that is always there.
pub const JAPANESE: &str = "ja";

/// A text by language: `{ ja = "…", ja-easy = "…", en = "…", vi = "…" }`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(transparent)]
pub struct Told(pub BTreeMap<String, String>);

/// A text in one language, and whether it is the one that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InLanguage<'a> {
    /// The text.
    pub text: &'a str,
    /// Whether only Japanese was there, and another language asked for.
    pub only_japanese: bool,
}

impl Told {
    /// Returns it in a language, else in Japanese.
    pub fn in_language(&self, language: &str) -> InLanguage<'_> {
        match self.0.get(language) {
            Some(text) => InLanguage { text, only_japanese: false },
            None => InLanguage {
                text: self.0.get(JAPANESE).map(String::as_str).unwrap_or_default(),
                only_japanese: language != JAPANESE,
            },
        }
    }
}

/// Whether a text is a language's code: `ja`, `ja-easy`, `vi`, `zh-hant`.
pub(crate) fn is_language(code: &str) -> bool {
    let (language, rest) = code.split_once('-').unwrap_or((code, "x"));
    let plain = |part: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_lowercase())
    };
    plain(language, 2..=3) && plain(rest, 1..=8)
}
