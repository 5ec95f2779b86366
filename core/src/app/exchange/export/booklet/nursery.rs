//! A page to take to nursery or to a check-up: what the child likes, what helps, what the child can do. In the carer's own
//! words and from the self-check; nothing is graded, and what is still to come is not on it.

use std::collections::BTreeSet;

use ayumi_protocol::NotebookId;

use super::page::Page;
use super::sheet::{Block, HEIGHT, Paper, WIDTH};
use super::steps;
use crate::app::error::{Error, Result, Thing};
use crate::app::handbook::Handbook;
use crate::app::insight::chart_svg::escape;
use crate::app::insight::check_views::CheckState;
use crate::content::item::Area;
use crate::model::notebook::NotebookType;
use crate::model::{Invalid, Reason};

/// Of each area at most so many.
const OF_AN_AREA: usize = 6;

/// What a carer wants others to know of a child, in own words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct OwnWords {
    /// What the child likes.
    pub likes: Vec<String>,
    /// What helps: how to comfort, how to ask, what to have at hand.
    pub helps: Vec<String>,
}

pub(in crate::app) fn write(handbook: &Handbook, notebook: NotebookId, own: &OwnWords) -> Result<String> {
    let page = Page::of(handbook, notebook)?;
    if page.view.notebook_type != NotebookType::Child || page.view.baby_silent() {
        return Err(Error::NotFound { what: Thing::Notebook });
    }
    let mut blocks = vec![title(&page)];
    for (key, words) in [("likes", &own.likes), ("helps", &own.helps)] {
        section(&page, page.word(&format!("nursery.{key}")), words, &mut blocks);
    }
    let footer = page.words("p class=\"note\"", page.word("nursery.note"));
    let used = |blocks: &[Block]| blocks.iter().map(|block| block.height).sum::<f64>() + footer.height;
    if used(&blocks) > HEIGHT {
        let allowed = "words that fit on one page";
        return Err(Invalid::new("likes", "more than a page", allowed).because(Reason::TooLong).into());
    }
    let written = blocks.len() > 1;
    // What the child can do fills the rest of the page: the newest of each area, as many as there is room for.
    let (can, beginning) = seen(&page)?;
    if !written && can.iter().all(Vec::is_empty) {
        let allowed = "an answered self-check, or words of your own";
        return Err(Invalid::new("notebook", &notebook.to_string(), allowed).because(Reason::NothingToDraw).into());
    }
    for most in (1..=OF_AN_AREA).rev() {
        let mut more: Vec<Block> = Vec::new();
        let mut all = Vec::new();
        for area in &can {
            all.extend(area.iter().take(most).cloned());
        }
        section(&page, page.word("nursery.can"), &all, &mut more);
        section(
            &page,
            page.word("nursery.beginning"),
            &beginning.iter().take(most).cloned().collect::<Vec<_>>(),
            &mut more,
        );
        if used(&blocks) + used(&more) - footer.height <= HEIGHT {
            blocks.append(&mut more);
            break;
        }
    }
    blocks.push(footer);
    let sheet: String = blocks.into_iter().map(|block| block.html).collect();
    Ok(page.file(page.word("nursery.title"), &[sheet], Paper::A5, false))
}

fn title(page: &Page<'_>) -> Block {
    let today = page.handbook.clock().today();
    let (day, age) = page.day(today);
    let title = page.word("nursery.of").replace("{name}", &page.view.name);
    let height = page.heading_height(&title) + page.letters.line + 4.0;
    let html = format!(
        "<h1 class=\"nursery\">{}</h1>\n<p class=\"note\">{} {}</p>\n",
        escape(&title),
        escape(&age),
        escape(&page.word("nursery.on").replace("{date}", &day))
    );
    Block::new(html, height)
}

/// A heading with a list; nothing if there is nothing to list.
fn section(page: &Page<'_>, title: &str, items: &[String], blocks: &mut Vec<Block>) {
    let items: Vec<&str> = items.iter().map(|item| item.trim()).filter(|item| !item.is_empty()).collect();
    if items.is_empty() {
        return;
    }
    let (list, height) = steps::list(page, &items, WIDTH);
    let html = format!("<h2>{}</h2>\n{list}", escape(title));
    blocks.push(Block::new(html, page.heading_height(title) + height + 2.0));
}

/// What was seen, newest first, by area; and what was seen sometimes at the last look.
fn seen(page: &Page<'_>) -> Result<(Vec<Vec<String>>, Vec<String>)> {
    let checks = page.handbook.checks();
    let due = checks.due(page.view.id)?;
    let last = due.iter().rfind(|check| check.answered > 0 && check.state != CheckState::Later);
    let Some(last) = last else { return Ok((Vec::new(), Vec::new())) };
    let result = checks.result(page.view.id, &last.check)?;
    let beginning: Vec<String> = result.beginning.iter().map(|item| item.text.clone()).collect();
    // What was asked back is not said to be there.
    let now: BTreeSet<&String> = result.next.iter().chain(&result.asked_back).map(|item| &item.text).collect();
    let mut can = Vec::new();
    for area in Area::ALL {
        let mut newest: Vec<String> = Vec::new();
        for step in checks.trend(page.view.id, area)?.iter().rev() {
            let new = step.new.iter().filter(|text| !now.contains(text) && !beginning.contains(text));
            newest.extend(new.cloned());
        }
        can.push(newest);
    }
    Ok((can, beginning))
}
