//! How much room words need on paper. Estimated from the widths of letters, always a little too much, so that a sheet that
//! is full here is never more than full on paper, whatever the font.

use crate::app::insight::lettering::ems;
use crate::furigana;
use crate::texts::Locale;

/// Room that breaking a line leaves empty, em: a mark that may not begin one …
const RAGGED: f64 = 1.0;
/// … and the part of a line that Latin words leave, which are not torn.
const TORN: f64 = 0.14;

/// The letters of the printed pages in one language.
#[derive(Debug, Clone, Copy)]
pub(super) struct Letters {
    /// Height of a letter, mm.
    em: f64,
    /// Height of a line, mm.
    pub(super) line: f64,
    /// Readings above kanji make words wider.
    wider: f64,
}

impl Letters {
    /// The letters of `booklet.css`: 9.5 pt on lines of 1.6; with readings 11.5 pt on lines of 2.1.
    pub(super) const fn of(locale: Locale) -> Self {
        match locale {
            Locale::JaEasy => Self { em: 4.057, line: 8.6, wider: 1.2 },
            Locale::Ja | Locale::En => Self { em: 3.352, line: 5.4, wider: 1.0 },
        }
    }

    /// How many lines a text fills in a column.
    pub(super) fn lines(self, text: &str, width_mm: f64) -> usize {
        let whole = width_mm / self.em;
        let bare = furigana::without(text);
        let of_line = |line: &str| {
            let latin = line.chars().filter(char::is_ascii_alphabetic).count() * 2 > line.chars().count();
            let width = whole * if latin { 1.0 - TORN } else { 1.0 } - RAGGED;
            lines_of(ems(line) * self.wider, width.max(whole / 2.0))
        };
        bare.split('\n').map(of_line).sum()
    }

    /// The height of a text in a column, mm.
    pub(super) fn height(self, text: &str, width_mm: f64) -> f64 {
        self.lines(text, width_mm) as f64 * self.line
    }

    /// Cuts a long text where it can be continued on another sheet: after so many lines of a column.
    pub(super) fn pieces(self, text: &str, width_mm: f64, lines: usize) -> Vec<String> {
        let mut pieces: Vec<String> = vec![String::new()];
        for part in text.split_inclusive(['\n', '。', '.', ' ']) {
            for part in short(part) {
                let full = pieces
                    .last()
                    .is_some_and(|last| !last.is_empty() && self.lines(&format!("{last}{part}"), width_mm) > lines);
                match pieces.last_mut() {
                    Some(last) if !full => last.push_str(part),
                    _ => pieces.push(part.to_owned()),
                }
            }
        }
        pieces.iter_mut().for_each(|piece| piece.truncate(piece.trim_end().len()));
        pieces
    }
}

/// A part without any place to break is cut all the same.
fn short(part: &str) -> Vec<&str> {
    let ends: Vec<usize> = part.char_indices().map(|(at, _)| at).step_by(200).skip(1).chain([part.len()]).collect();
    let starts = std::iter::once(0).chain(ends.iter().copied());
    starts.zip(&ends).map(|(from, to)| &part[from..*to]).collect()
}

fn lines_of(ems: f64, width: f64) -> usize {
    // A text of a few thousand letters at most.
    ((ems / width).ceil() as usize).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_fills_as_many_lines_as_its_letters_need() {
        let letters = Letters::of(Locale::Ja);
        let column = 3.352 * 12.0;
        assert_eq!(letters.lines("", column), 1);
        assert_eq!(letters.lines(&"あ".repeat(11), column), 1);
        assert_eq!(letters.lines(&"あ".repeat(12), column), 2);
        assert_eq!(letters.lines("あ\nい", column), 2);
        assert_eq!((letters.lines(&"a".repeat(16), column), letters.lines(&"1".repeat(18), column)), (1, 1));
        assert_eq!(letters.lines("漢字(かんじ)", column), letters.lines("漢字", column), "a reading stands above");
    }

    #[test]
    fn a_long_text_is_cut_and_nothing_is_lost() {
        let letters = Letters::of(Locale::Ja);
        for text in ["あいうえお。".repeat(400), "あ".repeat(5000), "word ".repeat(900), "短い".to_owned()] {
            let pieces = letters.pieces(&text, 80.0, 20);
            assert!(pieces.iter().all(|piece| letters.lines(piece, 80.0) <= 20), "{}", pieces.len());
            let without = |text: &str| text.replace(' ', "");
            assert_eq!(without(&pieces.concat()), without(&text));
        }
    }
}
