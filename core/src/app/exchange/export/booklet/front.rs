//! The cover, and the contents with the page of each chapter.

use std::fmt::Write as _;
use std::rc::Rc;

use super::page::Page;
use super::sheet::{Block, Chapter, Frame};
use crate::app::insight::chart_svg::escape;
use crate::app::records::words::{printed_date, shown};
use crate::model::kind::Record;
use crate::model::kinds::Profile;
use crate::model::value::FieldValue;

/// Room between two lines of the contents, mm.
const BETWEEN: f64 = 1.0;

pub(super) fn cover(page: &Page<'_>, count: usize) -> String {
    let (profile, locale) = (&page.view.profile, page.locale);
    let mut facts: Vec<(&str, String)> = Vec::new();
    if let Some(born) = profile.born {
        facts.push((page.word("born"), printed_date(born, locale)));
    }
    if let (None, Some(due)) = (profile.born, profile.due.filter(|_| !page.view.baby_silent())) {
        facts.push((page.word("due"), printed_date(due, locale)));
    }
    if let (Some(_), Some(gestation)) = (profile.born, profile.gestation_at_birth()) {
        facts.push((page.word("gestation"), shown(Some(&Profile::KIND), "gestation", &gestation.to_json(), locale)));
    }
    facts.push((page.word("entries"), count.to_string()));
    facts.push((page.word("printed"), printed_date(page.handbook.clock().today(), locale)));
    let mut html = format!(
        "<header class=\"cover\">\n<p class=\"mark\">{}</p>\n<h1>{}</h1>\n<p class=\"name\">{}</p>\n<dl>",
        page.word("subtitle"),
        page.word("title"),
        escape(&page.view.name)
    );
    for (label, value) in facts {
        let _ = writeln!(html, "<div><dt>{label}</dt><dd>{}</dd></div>", escape(&value));
    }
    html.push_str("</dl>\n</header>\n");
    html
}

/// A page number that is known only when all sheets are filled.
fn later(id: &str) -> String {
    format!("\u{2}{id}\u{2}")
}

/// The contents: a line for each chapter, anchor and title.
pub(super) fn contents(page: &Page<'_>, chapters: &[Chapter]) -> Chapter {
    let frame = Rc::new(Frame {
        open: "<nav class=\"contents\"><ul>\n".into(),
        close: "</ul></nav>\n",
        head: String::new(),
        head_height: 2.0,
    });
    let line = |chapter: &Chapter| {
        let (id, title) = (&chapter.id, escape(&chapter.title));
        let html = format!(
            "<li><a href=\"#{id}\">{title}</a><span class=\"page\" data-for=\"{id}\">{}</span></li>\n",
            later(id)
        );
        Block::row(html, page.letters.line + BETWEEN, &frame)
    };
    Chapter { id: "contents".into(), title: page.word("contents").into(), blocks: chapters.iter().map(line).collect() }
}

/// Writes the pages into the contents, as the chapters fell on sheets.
pub(super) fn fill_in(sheets: &mut [String], pages: &[(String, usize)]) {
    for sheet in sheets.iter_mut().filter(|sheet| sheet.contains('\u{2}')) {
        for (id, number) in pages {
            *sheet = sheet.replace(&later(id), &number.to_string());
        }
    }
}
