//! The printed handbook: one HTML file with everything in it, made to be kept. A phone shows it as one long page; on paper it
//! is sheets of A5, which the contents number.

mod coming;
mod doses;
mod front;
mod letters;
pub(in crate::app) mod nursery;
mod page;
mod records;
mod sheet;
mod steps;
mod sums;

use ayumi_protocol::NotebookId;

use crate::app::error::Result;
use crate::app::handbook::Handbook;
use crate::app::insight::chart_svg::{self, PRINTED};
use page::Page;
pub use sheet::Paper;
use sheet::{Block, Chapter, STYLE_HERE, Sheets, WIDTH};

/// Height of a chart of the full width, with its margins, mm.
const CHART_HEIGHT: f64 = WIDTH * chart_svg::SHAPE + 4.0;

/// Smaller than this, its letters would be below 7 pt.
const LEAST_CHART: f64 = CHART_HEIGHT * 0.75;

pub(super) fn write(handbook: &Handbook, notebook: NotebookId, paper: Paper) -> Result<String> {
    let page = Page::of(handbook, notebook)?;
    let entries = handbook.entries().all(notebook)?;
    let mut chapters = Vec::new();
    chapters.extend(coming::chapter(&page)?);
    chapters.extend(doses::chapter(&page, &entries)?);
    chapters.extend(charts(&page));
    chapters.extend(steps::chapter(&page)?);
    let records = records::chapters(&page, &entries);
    if records.is_empty() {
        let empty = page.word("empty");
        chapters.push(Chapter {
            id: "empty".into(),
            title: page.word("records").into(),
            blocks: vec![page.words("p", empty)],
        });
    }
    chapters.extend(records);
    if let Some(last) = chapters.last_mut() {
        last.blocks.push(page.footer());
    }
    let mut sheets = Sheets::default();
    // Pages are known once all is on sheets; the cover is the first.
    chapters.insert(0, front::contents(&page, &chapters));
    let mut pages = Vec::new();
    for chapter in chapters {
        let (id, height) = (chapter.id.clone(), page.heading_height(&chapter.title));
        pages.push((id, sheets.put(chapter, height) + 2));
    }
    let mut all = sheets.finish();
    front::fill_in(&mut all, &pages);
    all.insert(0, front::cover(&page, entries.len()));
    Ok(page.file(page.word("title"), &all, paper, true))
}

/// A chart on a sheet of its own, as in the handbook.
fn charts(page: &Page<'_>) -> Option<Chapter> {
    let mut blocks = Vec::new();
    for (measure, reference) in PRINTED {
        let Ok(chart) = page.handbook.growth().chart(page.view.id, measure, reference) else { continue };
        if !chart.points.is_empty() {
            let svg = chart_svg::draw(&chart, "", page.locale);
            let html = format!("<figure class=\"chart\"{STYLE_HERE}>{svg}</figure>\n");
            blocks.push(Block { shrinks_to: Some(LEAST_CHART), ..Block::new(html, CHART_HEIGHT) });
        }
    }
    (!blocks.is_empty()).then(|| Chapter { id: "charts".into(), title: page.word("growth").into(), blocks })
}
