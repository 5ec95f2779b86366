//! What every chapter is written with: words in the booklet's language, headings, rows and their heights, the file around the
//! sheets.

use std::fmt::Write as _;
use std::rc::Rc;

use ayumi_protocol::NotebookId;
use chrono::NaiveDate;

use super::letters::Letters;
use super::sheet::{Block, Frame, Paper, WIDTH};
use crate::app::error::Result;
use crate::app::handbook::Handbook;
use crate::app::insight::chart_svg::escape;
use crate::app::records::words::{both_ages, printed_date};
use crate::app::view::NotebookView;
use crate::furigana;
use crate::texts::{self, Locale};

const STYLE: &str = include_str!("../../../../../content/texts/booklet.css");
/// The space between two columns, mm.
pub(super) const GAP: f64 = 3.0;

/// What every chapter is written with.
pub(super) struct Page<'a> {
    pub(super) handbook: &'a Handbook,
    pub(super) view: NotebookView,
    pub(super) locale: Locale,
    pub(super) letters: Letters,
}

impl<'a> Page<'a> {
    pub(super) fn of(handbook: &'a Handbook, notebook: NotebookId) -> Result<Self> {
        let locale = handbook.locale();
        let view = handbook.notebooks().find(notebook)?;
        Ok(Self { handbook, view, locale, letters: Letters::of(locale) })
    }

    pub(super) fn word(&self, key: &str) -> &'static str {
        texts::booklet(key, self.locale)
    }

    /// The day and the age on it, as a line over an entry.
    pub(super) fn day(&self, on: NaiveDate) -> (String, String) {
        let profile = &self.view.profile;
        let gestation = profile.gestation_at_birth();
        let age = profile.born.and_then(|born| both_ages(born, gestation, on, self.locale)).unwrap_or_default();
        (printed_date(on, self.locale), age)
    }

    pub(super) fn heading_height(&self, title: &str) -> f64 {
        self.letters.height(title, WIDTH / 1.3) * 1.3 + 7.0
    }

    /// A day as [`Self::day`] writes it, broken behind the year only.
    pub(super) fn unbroken(day: &str) -> String {
        match day.split_once(')') {
            Some((year, day)) => {
                format!("<span class=\"nb\">{})</span><wbr><span class=\"nb\">{}</span>", escape(year), escape(day))
            }
            None => escape(day),
        }
    }

    /// A heading within a chapter, with something small behind it.
    pub(super) fn heading(&self, title: &str, small: &str) -> Block {
        let height = self.letters.height(&format!("{title} {small}"), WIDTH) + 3.0;
        Block::heading(format!("<h3>{} <small>{}</small></h3>\n", escape(title), escape(small)), height)
    }

    /// A paragraph: `p`, or `p class="note"`.
    pub(super) fn words(&self, tag: &str, text: &str) -> Block {
        let name = tag.split(' ').next().unwrap_or(tag);
        let html = format!("<{tag}>{}</{name}>\n", escape(text).replace('\n', "<br>"));
        Block::new(html, self.letters.height(text, WIDTH) + 2.0)
    }

    /// The height of a row of cells, each with its text and the width of its column in mm.
    pub(super) fn row_height(&self, cells: &[(&str, f64)]) -> f64 {
        cells.iter().map(|(text, width)| self.letters.height(text, *width)).fold(self.letters.line, f64::max) + 1.6
    }

    /// A table with heads; widths of its columns in mm, the narrow space between them included.
    pub(super) fn table(&self, class: &str, columns: &[f64], heads: &[&str]) -> Rc<Frame> {
        let whole: f64 = columns.iter().sum();
        let cols: String = columns.iter().fold(String::new(), |mut cols, width| {
            let _ = write!(cols, "<col style=\"width:{:.1}%\">", width / whole * 100.0);
            cols
        });
        let head = if heads.is_empty() {
            String::new()
        } else {
            let cells: String = heads.iter().map(|head| format!("<th scope=\"col\">{}</th>", escape(head))).collect();
            format!("<tr>{cells}</tr>")
        };
        let cells: Vec<(&str, f64)> = heads.iter().copied().zip(columns.iter().map(|width| width - GAP)).collect();
        let head_height = if heads.is_empty() { 0.0 } else { self.row_height(&cells) };
        Rc::new(Frame {
            open: format!("<table class=\"{class}\"><colgroup>{cols}</colgroup>\n"),
            close: "</table>\n",
            head,
            head_height: head_height + 2.0,
        })
    }

    pub(super) fn footer(&self) -> Block {
        let (keep, source) = (self.word("keep"), self.word("source"));
        let height = self.letters.height(keep, WIDTH) + self.letters.height(source, WIDTH) + 8.0;
        Block::new(format!("<footer><p>{}</p><p>{}</p></footer>\n", escape(keep), escape(source)), height)
    }

    /// The file around the sheets. `covered`: the first sheet is a cover and has no number.
    pub(super) fn file(&self, title: &str, sheets: &[String], paper: Paper, covered: bool) -> String {
        let language = if self.locale == Locale::En { "en" } else { "ja" };
        let mut html = format!(
            "<!doctype html>\n<html lang=\"{language}\" class=\"{} {}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{} {title}</title>\n<style>\n{STYLE}{}\n</style>\n</head>\n<body>\n",
            paper.key(),
            self.locale.key(),
            escape(&self.view.name),
            paper.rule(),
        );
        for (pair, two) in sheets.chunks(2).enumerate() {
            html.push_str("<div class=\"pair\">\n");
            for (place, sheet) in two.iter().enumerate() {
                let number = pair * 2 + place + 1;
                let folio = match covered && number == 1 || sheets.len() == 1 {
                    true => String::new(),
                    false => format!("<p class=\"folio\">{number}</p>\n"),
                };
                let _ = writeln!(html, "<div class=\"sheet\">\n{sheet}{folio}</div>");
            }
            html.push_str("</div>\n");
        }
        html.push_str("</body>\n</html>\n");
        if self.locale == Locale::JaEasy { furigana::ruby(&html) } else { html }
    }
}
