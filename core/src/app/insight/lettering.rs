//! Words in pictures and on paper: which letters, how wide they are, where a line may end.

/// The families of the letters; the first is made to be read easily.
pub(in crate::app) const FONTS: &str =
    "'BIZ UDPGothic','BIZ UDPゴシック','Noto Sans JP','Noto Sans CJK JP','Hiragino Sans','Yu Gothic',sans-serif";

/// A letter that is not full-width, in em: wider than the mean of common fonts.
const NARROW: f64 = 0.58;

/// Returns the width of a text in em, rather too much than too little.
pub(in crate::app) fn ems(text: &str) -> f64 {
    text.chars().map(|c| if is_narrow(c) { NARROW } else { 1.0 }).sum()
}

fn is_narrow(c: char) -> bool {
    c.is_ascii() || ('\u{a0}'..'\u{250}').contains(&c)
}

/// Breaks words into lines of so many em: between letters, but a Latin word or a number stays whole and no mark begins a line.
pub(in crate::app) fn wrap(words: &str, width: f64) -> Vec<String> {
    let mut lines = vec![String::new()];
    for part in unbroken(words) {
        let full = lines.last().is_some_and(|line| !line.is_empty() && ems(line) + ems(part.trim_end()) > width);
        match lines.last_mut() {
            Some(line) if !full => line.push_str(&part),
            _ => lines.push(part),
        }
    }
    lines.iter().map(|line| line.trim().to_owned()).collect()
}

/// Parts that stand on one line: a letter with the marks behind it, a Latin word with its blank.
fn unbroken(words: &str) -> Vec<String> {
    let latin = |c: char| is_narrow(c) && !c.is_whitespace();
    let ends = |c: char| "、。,.)」』・ー〜!? ".contains(c);
    let mut parts: Vec<String> = Vec::new();
    for c in words.chars() {
        let sticks =
            |last: &String| ends(c) || last.ends_with(['(', '「', '『']) || (latin(c) && last.ends_with(latin));
        match parts.last_mut().filter(|last| sticks(last)) {
            Some(last) => last.push(c),
            None => parts.push(c.to_string()),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_no_wider_than_they_may_be_and_nothing_is_lost() {
        for words in [
            "ことばがとても長いので、三つの行に分かれます。",
            "Bands: national survey 2023, percentiles 3 to 97",
            "短い",
            "",
        ] {
            let lines = wrap(words, 8.0);
            assert!(lines.iter().all(|line| ems(line) <= 9.0), "{lines:?}");
            assert!(!lines.iter().any(|line| line.starts_with(['、', '。', ')'])), "{lines:?}");
            assert_eq!(lines.concat().replace(' ', ""), words.replace(' ', ""));
        }
        assert_eq!(wrap("one two", 2.5), ["one", "two"], "a word stays whole");
    }
}
