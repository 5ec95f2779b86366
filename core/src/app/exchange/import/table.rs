//! A table as text: its encoding, its rows, and which of them do not fit.
//!
//! UTF-8, or Shift_JIS as older spreadsheets write; comma, semicolon or tab.

use std::borrow::Cow;

use ::csv::{ReaderBuilder, StringRecord};

use crate::app::error::{Error, Result};
use crate::model::{Invalid, Reason};

/// A row of a table.
#[derive(Debug)]
pub(super) struct Row {
    /// Its number; the header is row 1.
    pub(super) number: u64,
    pub(super) cells: StringRecord,
    /// Why its cells cannot be told apart, if so.
    trouble: Option<Reason>,
}

impl Row {
    /// A cell; empty where the row ends before it.
    pub(super) fn cell(&self, column: usize) -> &str {
        self.cells.get(column).unwrap_or_default()
    }

    /// Says why this row cannot be taken at all, if so.
    pub(super) fn trouble(&self) -> Option<Invalid> {
        let allowed = match self.trouble? {
            Reason::RowTooLong => "at most as many cells as the header; a number with a comma in it stands in quotes",
            _ => "quotes around a whole cell, closed, and doubled inside it",
        };
        Some(Invalid::new("row", self.cells.get(0).unwrap_or_default(), allowed).because(self.trouble?))
    }
}

/// A table that was read.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) header: StringRecord,
    /// The rows that are not empty.
    pub(super) rows: Vec<Row>,
}

impl Table {
    /// Reads a table from the text of a file.
    ///
    /// # Errors
    /// [`Error::Invalid`] if it is none.
    pub(super) fn read(text: &str) -> Result<Self> {
        let (hint, sign) = delimiter(text);
        // The line of the hint is no row; its line end stays, so that places and rows are counted as in the file.
        let text = if hint { Cow::Owned(without_first_line(text)) } else { Cow::Borrowed(text) };
        let mut reader = ReaderBuilder::new().flexible(true).delimiter(sign).from_reader(text.as_bytes());
        let header = reader.headers().map_err(|_| not_csv(1))?.clone();
        let mut wrong = misquoted(&text, sign).into_iter().peekable();
        let mut rows = Vec::new();
        for number in 2.. {
            let mut cells = StringRecord::new();
            if !reader.read_record(&mut cells).map_err(|_| not_csv(number))? {
                break;
            }
            let end = reader.position().byte();
            let misquoted = std::iter::from_fn(|| wrong.next_if(|at| *at < end)).count() > 0;
            let too_long = cells.iter().skip(header.len()).any(|cell| !cell.trim().is_empty());
            let trouble = match (misquoted, too_long) {
                (true, _) => Some(Reason::BadQuotes),
                (_, true) => Some(Reason::RowTooLong),
                _ => None,
            };
            if cells.iter().any(|cell| !cell.trim().is_empty()) {
                rows.push(Row { number, cells, trouble });
            }
        }
        Ok(Self { header, rows })
    }

    /// Returns where a column of this name stands.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|cell| cell.trim() == name)
    }

    /// Whether there are columns of all these names.
    pub(super) fn has_all(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.place(name).is_some())
    }

    /// A row's cell in the column of this name; empty where there is none.
    pub(super) fn cell<'a>(&self, row: &'a Row, name: &str) -> &'a str {
        self.place(name).map_or("", |at| row.cell(at)).trim()
    }
}

/// Says that the bytes are no table.
fn not_csv(row: u64) -> Error {
    let allowed = "a table with commas (CSV), UTF-8 or Shift_JIS";
    Invalid::new("file", &format!("row {row}"), allowed).because(Reason::NotAFile).into()
}

/// Returns the text of a file.
///
/// # Errors
/// [`Error::Invalid`] if it is none.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>> {
    decoded(bytes).ok_or_else(|| not_csv(1))
}

/// A mark at the beginning says what follows; without one it is UTF-8 if it can be, else Shift_JIS.
fn decoded(bytes: &[u8]) -> Option<Cow<'_, str>> {
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => std::str::from_utf8(rest).ok().map(Cow::Borrowed),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => Some(Cow::Borrowed(text)),
            Err(_) => super::shift_jis::decode(bytes).map(Cow::Owned),
        },
    }
}

/// "Unicode text", as spreadsheets call it.
fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<Cow<'_, str>> {
    let (units, rest) = bytes.as_chunks::<2>();
    let text: std::result::Result<String, _> = char::decode_utf16(units.iter().map(|pair| unit(*pair))).collect();
    text.ok().filter(|_| rest.is_empty()).map(Cow::Owned)
}

/// The sign between cells, and whether a line of its own says it, as spreadsheets write and read it (`sep=;`).
fn delimiter(text: &str) -> (bool, u8) {
    let mut lines = text.split(['\n', '\r']).filter(|line| !line.trim().is_empty());
    let header = lines.next().unwrap_or_default();
    if let Some([sign]) = header.strip_prefix("sep=").map(str::as_bytes) {
        return (true, *sign);
    }
    // A sign in quotes parts nothing.
    let bare = || header.split('"').step_by(2).flat_map(str::bytes);
    let count = |sign: u8| bare().filter(|b| *b == sign).count();
    (false, [b',', b'\t', b';'].into_iter().max_by_key(|sign| (count(*sign), *sign == b',')).unwrap_or(b','))
}

fn without_first_line(text: &str) -> String {
    let begin = text.find(|c: char| !c.is_whitespace()).unwrap_or(text.len());
    let end = text[begin..].find(['\n', '\r']).map_or(text.len(), |at| begin + at);
    text[end..].to_owned()
}

/// Places of quotes that do not fit: behind one that closes a cell stands something else than the cell's end, or the text ends
/// within quotes. The reader of tables takes both without a word, and a whole row may have gone into a cell. A quote inside a cell
/// that does not begin with one is a sign like any other: `25.5"` is inches.
fn misquoted(text: &str, delimiter: u8) -> Vec<u64> {
    #[derive(PartialEq)]
    enum At {
        CellBegin,
        Plain,
        Quoted,
        /// Behind a quote inside a quoted cell: it is doubled, or it closed the cell.
        Closed,
    }
    let mut at = At::CellBegin;
    let mut wrong = Vec::new();
    let mut opened = 0;
    for (place, byte) in (0_u64..).zip(text.bytes()) {
        let ends = byte == delimiter || matches!(byte, b'\n' | b'\r');
        at = match at {
            At::CellBegin if byte == b'"' => {
                opened = place;
                At::Quoted
            }
            At::Quoted if byte == b'"' => At::Closed,
            At::Quoted => At::Quoted,
            At::Closed if byte == b'"' => At::Quoted,
            At::CellBegin | At::Plain | At::Closed if ends => At::CellBegin,
            At::Closed => {
                wrong.push(place);
                At::Plain
            }
            At::CellBegin | At::Plain => At::Plain,
        };
    }
    if at == At::Quoted {
        wrong.push(opened);
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected: the WHATWG standard's `decode`, by the library that implements it.
    #[test]
    fn a_mark_says_what_follows_and_nothing_is_guessed_behind_it() {
        let pair = |unit: u16| (unit.to_le_bytes(), unit.to_be_bytes());
        let (mut little, mut big) = (vec![0xff, 0xfe], vec![0xfe, 0xff]);
        for unit in "日付,体重\n2024-05-03,3.1𠮷".encode_utf16() {
            little.extend(pair(unit).0);
            big.extend(pair(unit).1);
        }
        let half = &little[..little.len() - 2];
        let odd = &little[..little.len() - 1];
        for bytes in [
            &little[..],
            &big,
            half,
            odd,
            &[0xff, 0xfe],
            &[0xef, 0xbb, 0xbf],
            "\u{feff}日付".as_bytes(),
            b"\xef\xbb\xbf\x93\xfa",
            b"\x93\xfa\x95t,weight",
            b"\x93",
        ] {
            let (text, _, broken) = encoding_rs::SHIFT_JIS.decode(bytes);
            assert_eq!(decoded(bytes), (!broken).then_some(text), "{bytes:02x?}");
        }
    }

    /// Expected: RFC 4180, section 2, rules 5 to 7.
    #[test]
    fn rows_and_quotes_that_do_not_fit_are_seen() {
        let troubles = |text: &str| -> Vec<(u64, Option<Reason>)> {
            Table::read(text).unwrap().rows.iter().map(|row| (row.number, row.trouble)).collect()
        };
        let header = "date,weight,note\n";
        for (rows, expected) in [
            ("2024-11-05,7,35\n", &[(2, None)][..]),
            ("2024-11-05,7,35,66,5\n", &[(2, Some(Reason::RowTooLong))]),
            ("2024-11-05,7.35,ok,,\n", &[(2, None)]),
            ("2024-11-05,\"7,35\",\"a \"\"b\"\" c\"\n", &[(2, None)]),
            ("2024-11-05,25.5\",x\n2024-11-06,7,\n", &[(2, None), (3, None)]),
            ("2024-11-05,7,\"two\nlines\"\n2024-11-06,7,\n", &[(2, None), (3, None)]),
            ("2024-11-05,\"7\"35,x\n2024-11-06,7,\n", &[(2, Some(Reason::BadQuotes)), (3, None)]),
            ("2024-11-05,7,\"ok\n2024-11-06,7.4,\"good\"\n", &[(2, Some(Reason::BadQuotes))]),
            ("2024-11-04,7,\n2024-11-05,7,\"open\n2024-11-06,8,\n", &[(2, None), (3, Some(Reason::BadQuotes))]),
        ] {
            assert_eq!(troubles(&format!("{header}{rows}")), expected, "{rows}");
        }
        assert_eq!(troubles("a,b\r\n\r\n1,2\r\n\"3\",4\r\n"), [(2, None), (3, None)], "line ends of Windows");
    }

    #[test]
    fn the_sign_between_cells_is_told_by_the_header() {
        let cells = |text: &str| -> Vec<String> {
            let table = Table::read(text).unwrap();
            let row = table.rows.first().unwrap();
            table.header.iter().chain(&row.cells).map(str::to_owned).collect()
        };
        let wanted = ["date", "weight", "2024-11-05", "7,35"];
        for text in [
            "date;weight\n2024-11-05;7,35\n",
            "date\tweight\n2024-11-05\t7,35\n",
            "date,weight\r2024-11-05,\"7,35\"\r",
            "\n\ndate;weight\n2024-11-05;7,35\n",
            "sep=;\r\ndate;weight\r\n2024-11-05;7,35\r\n",
        ] {
            assert_eq!(cells(text), wanted, "{text:?}");
        }
        let quoted = cells("\"Date, local\";\"Weight, kg\"\n2024-11-05;7,35\n");
        assert_eq!(quoted, ["Date, local", "Weight, kg", "2024-11-05", "7,35"], "a comma in quotes parts nothing");
    }
}
