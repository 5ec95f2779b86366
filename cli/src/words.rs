//! The shell's own words, in three languages. What stands in code is a key, or the English sentence itself.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::sync::LazyLock;

use ayumi_core::app::{Error, Invalid, Locale, Thing, texts};

static WORDS: LazyLock<HashMap<String, [String; 3]>> =
    LazyLock::new(|| serde_json::from_str(include_str!("words.json")).unwrap_or_default());
/// English sentences, and what they are in Japanese and in easy Japanese.
static SAID: LazyLock<HashMap<String, [String; 2]>> =
    LazyLock::new(|| serde_json::from_str(include_str!("said.json")).unwrap_or_default());

/// Several things after each other, as the language writes them.
pub(crate) fn list(locale: Locale, things: &[impl Borrow<str>]) -> String {
    things.join(if locale == Locale::En { ", " } else { "、" })
}

/// Words of a key with its blanks filled in.
pub(crate) fn say(locale: Locale, key: &str, blanks: &[(&str, &str)]) -> String {
    fill(WORDS.get(key).map_or(key, |three| &three[locale as usize]), blanks)
}

/// An English sentence with blanks in the language that was chosen, and its blanks filled in.
pub(crate) fn tell(locale: Locale, english: &str, blanks: &[(&str, &str)]) -> String {
    fill(&said(locale, english), blanks)
}

/// Words with their blanks filled in.
pub(crate) fn fill(words: &str, blanks: &[(&str, &str)]) -> String {
    // What is filled in comes from outside and may hold braces: each blank is filled where it stands in the words.
    let mut text = String::new();
    let mut rest = words;
    while let Some((before, behind)) = rest.split_once('{') {
        let (name, after) = behind.split_once('}').unwrap_or((behind, ""));
        text.push_str(before);
        text.push_str(blanks.iter().find(|(blank, _)| *blank == name).map_or("", |(_, value)| value));
        rest = after;
    }
    text + rest
}

/// An English sentence of the shell in the language that was chosen; as it is where nobody translated it.
pub(crate) fn said(locale: Locale, english: &str) -> String {
    let at = match locale {
        Locale::Ja => 0,
        Locale::JaEasy => 1,
        Locale::En => return english.to_owned(),
    };
    SAID.get(english).map_or(english, |two| &two[at]).to_owned()
}

/// What the core says of an error. In English with all that a script's author wants to know; else as a parent is told.
pub(crate) fn error(locale: Locale, error: &Error) -> String {
    match error {
        Error::NotFound { what: Thing::Handbook } => say(locale, "no_handbook", &[]),
        Error::Damaged => say(locale, "damaged", &[]),
        error if locale == Locale::En => error.to_string(),
        Error::Invalid { why } => format!("{}{}", place(locale, why), why.words(locale)),
        error => error.words(locale),
    }
}

/// Where something stands that was not taken: a field, perhaps of a row (`row 3, weight`).
fn place(locale: Locale, why: &Invalid) -> String {
    match why.field.strip_prefix("row ").and_then(|rest| rest.split_once(", ")) {
        Some((row, field)) => {
            say(locale, "import.where", &[("row", row), ("field", &texts::field_label("", field, locale))])
        }
        None => format!("{}: ", texts::field_label("", &why.field, locale)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_there_in_every_language_with_the_same_blanks() {
        let words: HashMap<String, [String; 3]> = serde_json::from_str(include_str!("words.json")).unwrap();
        let blanks = |text: &str| {
            let mut names: Vec<String> =
                text.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0.to_owned())).collect();
            names.sort_unstable();
            names
        };
        for (key, three) in &words {
            assert!(three.iter().all(|text| !text.trim().is_empty()), "{key}");
            assert!(three.iter().all(|text| blanks(text) == blanks(&three[2])), "{key}");
        }
        let said: HashMap<String, [String; 2]> = serde_json::from_str(include_str!("said.json")).unwrap();
        assert!(said.values().flatten().all(|text| !text.is_empty() && !text.is_ascii()));
        for (english, two) in &said {
            assert!(two.iter().all(|text| blanks(text) == blanks(english)), "{english}");
        }
    }

    /// Each sentence that a command says in the chosen language is there in it.
    #[test]
    fn every_sentence_of_a_command_is_translated() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/commands");
        let mut seen = 0;
        for file in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file())
        {
            let text = std::fs::read_to_string(&file).unwrap();
            // However the lines are broken.
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            for call in [
                "said(args.locale, \"",
                "said( args.locale, \"",
                "tell(args.locale, \"",
                "tell( args.locale, \"",
                "said(locale, \"",
                "Wrong(\"",
                "Wrong( \"",
            ] {
                for sentence in text.split(call).skip(1).map(literal) {
                    let known = SAID.keys().any(|english| english.trim() == sentence.trim());
                    assert!(known, "{}: {sentence}", file.display());
                    seen += 1;
                }
            }
        }
        assert!(seen >= 20, "{seen} sentences");
    }

    /// A string of the source up to the quote that closes it.
    fn literal(source: &str) -> String {
        let mut signs = source.chars();
        let mut text = String::new();
        while let Some(sign) = signs.next().filter(|sign| *sign != '"') {
            match (sign, sign == '\\') {
                (_, true) => text.extend(signs.next().map(|sign| if sign == 'n' { '\n' } else { sign })),
                _ => text.push(sign),
            }
        }
        text
    }

    #[test]
    fn what_is_filled_in_fills_nothing_else() {
        let words = say(Locale::En, "usage.value", &[("what", "{given}"), ("given", "{allowed}"), ("allowed", "x")]);
        assert_eq!(words, "{given}: \"{allowed}\" does not fit; allowed: x");
    }
}
