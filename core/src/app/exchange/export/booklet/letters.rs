//! How much room words need on paper. Estimated from the widths of letters, always a little too much, so that a sheet that
//! is full here is never more than full on paper, whatever the font.

use crate::app::insight::lettering::ems;
use crate::furigana;
use crate::texts::Locale;

/// Room that breaking a line leaves empty, em: a mark that may not begin one …
const RAGGED: f64 = 1.0;
/// … and the part of a line that Latin words leave, which are not torn.
const TORN: f64 = 0.14;
/// A letter of a reading, in em of the text: 7 of 11.5 pt.
const READING: f64 = 0.61;

/// The letters of the printed pages in one language.
#[derive(Debug, Clone, Copy)]
pub(super) struct Letters {
    /// Height of a letter, mm.
    em: f64,
    /// Height of a line, mm.
    pub(super) line: f64,
    /// Whether readings stand above kanji: they may be wider than these, and keep them together.
    readings: bool,
}

impl Letters {
    /// The letters of `booklet.css`: 9.5 pt on lines of 1.6; with readings 11.5 pt on lines of 2.1.
    pub(super) const fn of(locale: Locale) -> Self {
        match locale {
            Locale::JaEasy => Self { em: 4.057, line: 8.6, readings: true },
            Locale::Ja | Locale::En => Self { em: 3.352, line: 5.4, readings: false },
        }
    }

    /// How many lines a text fills in a column.
    pub(super) fn lines(self, text: &str, width_mm: f64) -> usize {
        let whole = width_mm / self.em;
        let of_line = |line: &str| {
            let latin = line.chars().filter(char::is_ascii_alphabetic).count() * 2 > line.chars().count();
            let width = whole * if latin { 1.0 - TORN } else { 1.0 } - RAGGED;
            let width = width.max(whole / 2.0);
            if self.readings { with_readings(line, width) } else { lines_of(ems(line), width) }
        };
        text.split('\n').map(of_line).sum()
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

/// Lines of words with readings: kanji and their reading stand on one line.
fn with_readings(text: &str, width: f64) -> usize {
    let (mut lines, mut at) = (1, 0.0);
    let mut put = |wide: f64| {
        if at > 0.0 && at + wide > width {
            lines += 1;
            at = 0.0;
        }
        at += wide;
    };
    furigana::walk(text, |words, reading| match reading {
        Some(reading) => put(ems(words).max(ems(reading) * READING)),
        None => words.chars().for_each(|c| put(ems(c.encode_utf8(&mut [0; 4])))),
    });
    lines
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
        let easy = Letters::of(Locale::JaEasy);
        let column = 4.057 * 6.0;
        assert_eq!(easy.lines(&"漢字(かんじ)".repeat(2), column), 1, "a reading stands above");
        assert_eq!(easy.lines("あああ新生児(しんせいじ)あ", column), 2, "and stays with its kanji");
        assert_eq!((easy.lines("心心心", column), easy.lines("心(こころ)心(こころ)心(こころ)", column)), (1, 2));
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
