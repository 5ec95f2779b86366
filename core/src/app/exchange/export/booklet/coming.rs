//! The booklet's page of what comes next: the agenda, as it was on the day of printing.

use super::page::{GAP, Page};
use super::sheet::{Block, Chapter};
use crate::app::error::Result;
use crate::app::insight::chart_svg::escape;

/// When, what, who offers it, mm.
const COLUMNS: [f64; 3] = [36.0, 54.0, 32.0];

pub(super) fn chapter(page: &Page<'_>) -> Result<Option<Chapter>> {
    let items = page.handbook.agenda().list(page.view.id, None, None)?;
    if items.is_empty() {
        return Ok(None);
    }
    let content = page.handbook.content()?;
    let word = |key: &str| content.word(key, page.locale).into_owned();
    let frame = page.table("agenda", &COLUMNS, &[]);
    // What would stand under many lines stands once, below.
    let mut notes: Vec<&str> = Vec::new();
    for (n, item) in items.iter().enumerate() {
        let again = items[n + 1..].iter().any(|other| other.how == item.how);
        if again && !item.how.is_empty() && !notes.contains(&item.how.as_str()) {
            notes.push(&item.how);
        }
    }
    let mut blocks: Vec<Block> = Vec::new();
    for item in &items {
        let note = notes.iter().position(|note| *note == item.how).map(|n| format!(" {}", mark(n))).unwrap_or_default();
        let how = if note.is_empty() { item.how.as_str() } else { "" };
        let small = if how.is_empty() { String::new() } else { format!("<br><small>{}</small>", escape(how)) };
        let html = format!(
            "<tr><th scope=\"row\">{}</th><td>{}{note}{small}</td><td class=\"by\"><small>{}<br>{}</small></td></tr>\n",
            escape(&item.when),
            escape(&item.title),
            escape(&item.by),
            escape(&item.force)
        );
        let what =
            if how.is_empty() { format!("{}{note}", item.title) } else { format!("{}{note}\n{how}", item.title) };
        let by = format!("{}\n{}", item.by, item.force);
        let height =
            page.row_height(&[(&item.when, COLUMNS[0] - GAP), (&what, COLUMNS[1] - GAP), (&by, COLUMNS[2] - GAP)]);
        blocks.push(Block::row(html, height, &frame));
    }
    for (n, note) in notes.iter().enumerate() {
        blocks.push(page.words("p class=\"note\"", &format!("{} {note}", mark(n))));
    }
    blocks.push(page.words("p class=\"note\"", &word("agenda.source")));
    Ok(Some(Chapter { id: "agenda".into(), title: word("agenda.title"), blocks }))
}

/// The mark of a footnote.
fn mark(n: usize) -> String {
    format!("※{}", n + 1)
}
