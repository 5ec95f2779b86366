//! How Japanese text is folded for search: width, case and kana do not matter.

use unicode_normalization::UnicodeNormalization;

use crate::furigana;

/// Folds for comparing: NFKC (full-width letters, half-width kana), small letters, katakana to hiragana. What nobody sees goes:
/// variation selectors, zero-width signs, marks of direction.
///
/// ```
/// use ayumi_core::model::text::fold_for_search;
/// assert_eq!(fold_for_search("ﾐﾙｸを１２０ML"), fold_for_search("みるくを120ml"));
/// ```
pub fn fold_for_search(text: &str) -> String {
    let seen = || text.chars().filter(|c| !is_invisible(*c));
    // Marks may come together only once what stood between them is gone.
    seen().nfkc().flat_map(char::to_lowercase).filter(|c| !is_invisible(*c)).map(hiragana).collect()
}

/// The same with the readings taken out that stand behind their kanji: `頭(あたま)を 上げる`, `{頭|あたま}を 上げる` or
/// `頭（アタマ）を 上げる` is `頭を 上げる`. Blanks stay.
///
/// ```
/// use ayumi_core::model::text::fold_without_readings;
/// assert_eq!(fold_without_readings("頭（アタマ）を"), "頭を");
/// ```
pub fn fold_without_readings(text: &str) -> String {
    furigana::without(&fold_for_search(&furigana::plain(text)))
}

/// Characters without a shape of their own: Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt), and the byte order
/// mark among them.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

fn hiragana(c: char) -> char {
    match c {
        // The katakana block from ァ to ヶ lies 0x60 above hiragana.
        'ァ'..='ヶ' => char::from_u32(c as u32 - 0x60).unwrap_or(c),
        _ => c,
    }
}

/// Pairs of neighbouring characters of each run of letters and digits in a folded text; a run's last character also
/// alone, so that every character begins a gram. They are what the search index holds.
pub fn grams(folded: &str) -> impl Iterator<Item = String> + '_ {
    folded.split(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric()).flat_map(|run| {
        let characters: Vec<char> = run.chars().collect();
        (0..characters.len()).map(move |i| characters[i..characters.len().min(i + 2)].iter().collect::<String>())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_is_not_searched_for() {
        for (written, typed) in [
            ("夜\u{200b}泣き", "夜泣き"),
            ("葛\u{e0100}飾", "葛飾"),
            ("❤\u{fe0f}", "❤"),
            ("よ\u{2060}る\u{200d}", "ﾖﾙ"),
            ("ミル\u{ad}ク\u{feff}", "みるく"),
            ("か\u{200b}\u{3099}", "が"),
            ("①㎏", "1kg"),
            ("\u{202e}まつり\u{202c}", "マツリ"),
        ] {
            assert_eq!(fold_for_search(written), fold_for_search(typed), "{written:?}");
        }
    }

    #[test]
    fn grams_of_runs() {
        let bigrams: Vec<String> = grams(&fold_for_search("夜泣き 38.5度")).collect();
        assert_eq!(bigrams, ["夜泣", "泣き", "き", "38", "8", "5度", "度"]);
    }
}
