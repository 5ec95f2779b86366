//! The pages of the self-check: what was new at each look, a footprint beside it. Nothing is counted, and no gap is drawn where
//! nothing was asked. Offers are for the day they are made; a booklet keeps none.

use std::fmt::Write as _;

use super::page::Page;
use super::sheet::{Block, Chapter, WIDTH};
use crate::app::error::Result;
use crate::app::insight::chart_svg::escape;
use crate::app::insight::check_views::{CheckState, TrendStep};
use crate::app::insight::steps_svg;
use crate::content::item::Area;

/// Room for the footprint, mm.
const FOOT: f64 = 11.0;

pub(super) fn chapter(page: &Page<'_>) -> Result<Option<Chapter>> {
    let checks = page.handbook.checks();
    let answered: Vec<_> = checks
        .due(page.view.id)?
        .into_iter()
        .filter(|check| check.answered > 0 && check.state != CheckState::Later)
        .collect();
    let Some(last) = answered.last() else { return Ok(None) };
    let content = page.handbook.content()?;
    let word = |key: &str| content.word(key, page.locale).into_owned();
    let mut blocks = vec![page.words("p class=\"note\"", page.word("steps.note"))];
    for (place, area) in Area::ALL.into_iter().enumerate() {
        let steps = checks.trend(page.view.id, area)?;
        if steps.is_empty() {
            continue;
        }
        blocks.push(page.heading(&word(&format!("check.area.{}", area.key())), ""));
        blocks.extend(steps.iter().enumerate().map(|(n, step)| block(page, place, n, step)));
    }
    // What was on its way at the last look.
    let result = checks.result(page.view.id, &last.check)?;
    if !result.beginning.is_empty() {
        blocks.push(page.heading(&word("check.beginning"), &last.name));
        let items: Vec<&str> = result.beginning.iter().map(|item| item.text.as_str()).collect();
        let (html, height) = list(page, &items, WIDTH);
        blocks.push(Block::new(html, height + 2.0));
    }
    Ok(Some(Chapter { id: "checks".into(), title: word("check.title"), blocks }))
}

fn block(page: &Page<'_>, area: usize, n: usize, step: &TrendStep) -> Block {
    let items: Vec<&str> = step.new.iter().map(String::as_str).collect();
    let (list, height) = list(page, &items, WIDTH - FOOT);
    let foot = steps_svg::foot(area, n);
    let html = format!("<div class=\"step\">{foot}<div><b>{}</b>{list}</div></div>\n", escape(&step.name));
    Block::new(html, height + page.letters.line + 3.0)
}

pub(super) fn list(page: &Page<'_>, items: &[&str], width: f64) -> (String, f64) {
    let mut html = String::from("<ul class=\"short\">");
    let mut height = 0.0;
    for item in items {
        let _ = write!(html, "<li>{}</li>", escape(item));
        height += page.letters.height(item, width - 6.0);
    }
    html.push_str("</ul>\n");
    (html, height)
}
