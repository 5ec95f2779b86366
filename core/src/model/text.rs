//! How Japanese text is folded for search: width, case and kana do not matter.

use unicode_normalization::UnicodeNormalization;

/// Folds for comparing: NFKC (full-width letters, half-width kana), small letters, katakana to hiragana.
///
/// ```
/// use ayumi_core::model::text::fold_for_search;
/// assert_eq!(fold_for_search("ﾐﾙｸを１２０ML"), fold_for_search("みるくを120ml"));
/// ```
pub fn fold_for_search(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).map(hiragana).collect()
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
    fn grams_of_runs() {
        let bigrams: Vec<String> = grams(&fold_for_search("夜泣き 38.5度")).collect();
        assert_eq!(bigrams, ["夜泣", "泣き", "き", "38", "8", "5度", "度"]);
    }
}
