//! The pages of the self-check: what was new at each look, a footprint beside it, and what each thing looks like. Nothing is counted, and no gap is drawn where
//! nothing was asked. Offers are for the day they are made; a booklet keeps none.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::page::{GAP, Page};
use super::sheet::{Block, Chapter, WIDTH};
use crate::app::error::Result;
use crate::app::insight::chart_svg::escape;
use crate::app::insight::check_views::{CheckState, TrendStep};
use crate::app::insight::steps_svg;
use crate::content::drawings::drawing;
use crate::content::item::Area;
use crate::texts::Locale;

/// Room for the footprint, mm.
const FOOT: f64 = 11.0;
/// A drawing with the space beside it, mm.
const DRAWING: f64 = 12.0;

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
    let mut drawn = BTreeSet::new();
    for (place, area) in Area::ALL.into_iter().enumerate() {
        let steps = checks.drawn_trend(page.view.id, area)?;
        if steps.is_empty() {
            continue;
        }
        blocks.push(page.heading(&word(&format!("check.area.{}", area.key())), ""));
        let step = |(n, (step, drawings)): (usize, &(TrendStep, Vec<String>))| {
            block(page, steps_svg::foot(place, n), step, drawings, &mut drawn)
        };
        blocks.extend(steps.iter().enumerate().map(step));
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

fn block(
    page: &Page<'_>,
    foot: String,
    step: &TrendStep,
    drawings: &[String],
    drawn: &mut BTreeSet<&'static str>,
) -> Block {
    let columns = columns(page.locale);
    let width = (WIDTH - FOOT - GAP * (columns - 1) as f64) / columns as f64 - DRAWING;
    let mut list = String::from("<ul class=\"acts\">");
    let mut heights = Vec::new();
    for (text, picture) in step.new.iter().zip(drawings) {
        let _ = write!(list, "<li>{}<span>{}</span></li>", act(picture, drawn), escape(text));
        heights.push(page.letters.height(text, width).max(DRAWING - 2.0) + 1.0);
    }
    list.push_str("</ul>\n");
    let height: f64 = heights.chunks(columns).map(|row| row.iter().copied().fold(0.0, f64::max)).sum();
    let html = format!("<div class=\"step\">{foot}<div><b>{}</b>{list}</div></div>\n", escape(&step.name));
    Block::new(html, height + page.letters.line + 3.0)
}

/// How many things stand side by side on paper; with readings above the kanji they need the whole width.
const fn columns(locale: Locale) -> usize {
    match locale {
        Locale::JaEasy => 1,
        Locale::Ja | Locale::En => 2,
    }
}

/// A drawing. Its lines are in the file once, where it stands first.
fn act(name: &str, drawn: &mut BTreeSet<&'static str>) -> String {
    let Some((svg, lines)) = drawing(name).and_then(|svg| Some((svg, svg.split_once('>')?.1.strip_suffix("</svg>")?)))
    else {
        return "<i></i>".into();
    };
    let symbol = if drawn.insert(svg) {
        format!("<symbol id=\"act-{name}\" viewBox=\"0 0 120 120\">{lines}</symbol>")
    } else {
        String::new()
    };
    format!("<svg class=\"act\" viewBox=\"0 0 120 120\" aria-hidden=\"true\">{symbol}<use href=\"#act-{name}\"/></svg>")
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
