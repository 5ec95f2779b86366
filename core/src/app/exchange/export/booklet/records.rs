//! The records, in the order of the form: what was filled in, photos with it, and the small things of every day as lists.

use std::collections::BTreeMap;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{Datelike, NaiveDate};
use serde_json::Value;

use super::page::{GAP, Page};
use super::sheet::{Block, Chapter, Frame, WIDTH};
use super::sums;
use crate::app::insight::chart_svg::escape;
use crate::app::records::daily::is_summed;
use crate::app::records::words::printed_month;
use crate::app::view::EntryView;
use crate::model::kind::{KindDef, Record};
use crate::model::kinds::{
    AgendaMark, Growth, Immunisation, KINDS, Milestone, MotherSelfPostpartum, Photo, Profile, SelfCheck, Temperature,
    Tooth,
};
use crate::texts;

/// More entries of a kind than this stand in a table.
const LONG_LIST: usize = 16;
/// Lines of a cell that stay together.
const CELL_LINES: usize = 18;
/// So many lines stay with a photo.
const WITH_PHOTO: usize = 4;
/// A photo is at most so high, mm.
const PHOTO_HEIGHT: f64 = 64.0;

/// Kinds that have a place of their own in the booklet.
const APART: [&str; 5] =
    [Photo::KIND.id, Profile::KIND.id, SelfCheck::KIND.id, AgendaMark::KIND.id, Immunisation::KIND.id];
/// Kinds of a few words each, which always stand in a table.
const SHORT: [&str; 4] = [Growth::KIND.id, Milestone::KIND.id, Tooth::KIND.id, Temperature::KIND.id];
/// Day and age, and what was written, mm.
const ROW: [f64; 2] = [47.0, 75.0];
/// Day of a month that stands above, and what was written, mm.
const MONTH_ROW: [f64; 2] = [14.0, 108.0];

/// Photos by the entry that they belong to.
type Photos<'a> = BTreeMap<String, Vec<&'a EntryView>>;

/// A chapter for each kind that has an entry, and one for photos that stand by themselves.
pub(super) fn chapters(page: &Page<'_>, entries: &[EntryView]) -> Vec<Chapter> {
    let mut photos = Photos::new();
    for photo in entries.iter().filter(|entry| entry.kind == Photo::KIND.id) {
        let of = photo.photo_of();
        // A photo whose entry is not shown stands by itself; so does one of a vaccination, whose place is the grid.
        let host = entries.iter().find(|entry| entry.id.to_string() == of && !APART.contains(&entry.kind.as_str()));
        photos.entry(host.map(|_| of.to_owned()).unwrap_or_default()).or_default().push(photo);
    }
    let mut chapters = Vec::new();
    for kind in KINDS.iter().filter(|kind| !APART.contains(&kind.id)) {
        let of_kind: Vec<&EntryView> = entries.iter().filter(|entry| entry.kind == kind.id).collect();
        if !of_kind.is_empty() {
            let blocks = of_one_kind(page, kind, &of_kind, &photos);
            chapters.push(Chapter { id: kind.id.into(), title: texts::kind_label(kind.id, page.locale), blocks });
        }
    }
    if let Some(alone) = photos.get("") {
        let blocks = alone.iter().flat_map(|photo| picture(page, photo, true)).collect();
        chapters.push(Chapter { id: "album".into(), title: page.word("photos").into(), blocks });
    }
    chapters
}

fn of_one_kind(page: &Page<'_>, kind: &KindDef, entries: &[&EntryView], photos: &Photos<'_>) -> Vec<Block> {
    let mut blocks = Vec::new();
    let in_full = |entry: &EntryView| {
        photos.contains_key(&entry.id.to_string()) || (is_summed(kind.id) && entry.fields.contains_key("note"))
    };
    if is_summed(kind.id) {
        blocks = sums::blocks(page, entries);
    } else if SHORT.contains(&kind.id) && kind.id != Temperature::KIND.id {
        let frame = page.table("rows", &ROW, &[]);
        for entry in entries.iter().filter(|entry| !in_full(entry)) {
            let (day, age) = entry.on.map(|on| page.day(on)).unwrap_or_default();
            rows(page, entry, (&day, &age), ROW, &frame, &mut blocks);
        }
    } else if entries.len() > LONG_LIST {
        by_month(page, entries.iter().copied().filter(|entry| !in_full(entry)), &mut blocks);
    } else {
        for entry in entries {
            record(page, kind, entry, photos, &mut blocks);
        }
        return blocks;
    }
    // What a sum or a table has no room for: words beside a feed, and photos.
    for entry in entries.iter().filter(|entry| in_full(entry)) {
        record(page, kind, entry, photos, &mut blocks);
    }
    blocks
}

/// Many entries: the month and the age as a line of its own, the day beside what was written.
fn by_month<'e>(page: &Page<'_>, entries: impl Iterator<Item = &'e EntryView>, blocks: &mut Vec<Block>) {
    let mut open: Option<(NaiveDate, Rc<Frame>)> = None;
    for entry in entries {
        let first = entry.on.and_then(|on| on.with_day(1)).unwrap_or_default();
        let frame = match &open {
            Some((month, frame)) if *month == first => Rc::clone(frame),
            _ => {
                let age = entry.on.map(|on| page.day(on).1).unwrap_or_default();
                blocks.push(page.heading(&printed_month(first, page.locale), &age));
                page.table("rows days-of-month", &MONTH_ROW, &[])
            }
        };
        let day = entry.on.map(|on| sums::day_of(page, on)).unwrap_or_default();
        rows(page, entry, (&day, ""), MONTH_ROW, &frame, blocks);
        open = Some((first, frame));
    }
}

/// An entry in a table; a long one goes on in further rows.
fn rows(
    page: &Page<'_>,
    entry: &EntryView,
    head: (&str, &str),
    columns: [f64; 2],
    frame: &Rc<Frame>,
    blocks: &mut Vec<Block>,
) {
    let text = entry.in_a_line(page.handbook);
    for (n, piece) in page.letters.pieces(&text, columns[1] - GAP, CELL_LINES).into_iter().enumerate() {
        let (day, age) = if n == 0 { head } else { ("", "") };
        let (small, lines) = match age {
            "" => (String::new(), day.to_owned()),
            age => (format!("<br><small>{}</small>", escape(age)), format!("{day}\n{age}")),
        };
        let html = format!(
            "<tr><th scope=\"row\">{}{small}</th><td>{}</td></tr>\n",
            Page::unbroken(day),
            escape(&piece).replace('\n', "<br>")
        );
        let height = page.row_height(&[(&lines, columns[0] - GAP), (&piece, columns[1] - GAP)]);
        blocks.push(Block::row(html, height, frame));
    }
}

/// An entry with a line for each answer.
fn record(page: &Page<'_>, kind: &KindDef, entry: &EntryView, photos: &Photos<'_>, blocks: &mut Vec<Block>) {
    let first = blocks.len();
    if let Some(on) = entry.on {
        let (day, age) = page.day(on);
        blocks.push(page.heading(&day, &age));
    }
    // A question needs more room than its answer, a name less.
    let asks = kind.id.starts_with("guardian_") || kind.id == MotherSelfPostpartum::KIND.id;
    let (class, columns) =
        if asks { ("asks", [WIDTH * 0.6, WIDTH * 0.4]) } else { ("record", [WIDTH * 0.36, WIDTH * 0.64]) };
    let open = format!("<dl class=\"{class}\">\n");
    let frame = Rc::new(Frame { open, close: "</dl>\n", head: String::new(), head_height: 3.0 });
    for line in entry.lines(page.handbook) {
        // Words speak for themselves.
        if line.key == "text" {
            let pieces = page.letters.pieces(&line.text, WIDTH, CELL_LINES);
            blocks.extend(pieces.iter().map(|piece| page.words("p", piece)));
            continue;
        }
        for (n, piece) in page.letters.pieces(&line.text, columns[1] - GAP, CELL_LINES).into_iter().enumerate() {
            let label = if n == 0 { line.label.as_str() } else { "" };
            let html =
                format!("<div><dt>{}</dt><dd>{}</dd></div>\n", escape(label), escape(&piece).replace('\n', "<br>"));
            let height = page.row_height(&[(label, columns[0] - GAP), (&piece, columns[1] - GAP)]);
            blocks.push(Block::row(html, height, &frame));
        }
    }
    let pictures =
        photos.get(&entry.id.to_string()).into_iter().flatten().filter_map(|photo| picture(page, photo, false));
    let pictures: Vec<Block> = pictures.collect();
    // A few words stay with their photo.
    if !pictures.is_empty() && blocks.len() - first <= WITH_PHOTO {
        blocks[first..].iter_mut().for_each(|block| block.holds_next = true);
    }
    blocks.extend(pictures);
}

/// A photo, under its own day if it stands alone.
fn picture(page: &Page<'_>, photo: &EntryView, alone: bool) -> Option<Block> {
    let data = page.handbook.entries().photo(photo.name()).ok()?;
    let on = photo.on.filter(|_| alone).map(|on| page.day(on).0).unwrap_or_default();
    let caption = photo.fields.get("caption").and_then(Value::as_str).unwrap_or_default();
    let caption = format!("{on} {caption}");
    let caption = caption.trim();
    let side = |key: &str| photo.fields.get(key).and_then(Value::as_f64).filter(|side| *side > 0.0);
    let shape = side("height").zip(side("width")).map_or(1.0, |(height, width)| height / width);
    let height = (WIDTH * shape).min(PHOTO_HEIGHT) + page.letters.height(caption, WIDTH) + 5.0;
    let html = format!(
        "<figure class=\"photo\"><img alt=\"{0}\" src=\"data:image/jpeg;base64,{1}\"><figcaption>{0}</figcaption></figure>\n",
        escape(caption),
        STANDARD.encode(data)
    );
    Some(Block::new(html, height))
}
