//! The page of vaccinations, in the handbook's own grid: vaccine, number, day, lot, who gave it. What comes next stands below.

use std::collections::BTreeMap;

use super::page::{GAP, Page};
use super::sheet::{Block, Chapter};
use crate::app::error::Result;
use crate::app::insight::chart_svg::escape;
use crate::app::records::words::printed_date;
use crate::app::view::EntryView;
use crate::content::Content;
use crate::content::series::Programme;
use crate::model::kind::Record;
use crate::model::kinds::{Immunisation, KINDS};
use crate::model::value::Fields;
use crate::texts;
use crate::vaccines::Status;
use crate::vaccines::history::Verdict;

/// Vaccine, number, day, lot, who gave it, mm.
const GIVEN: [f64; 5] = [30.0, 12.0, 31.0, 22.0, 27.0];
/// Which of them is the day.
const DAY: usize = 2;
/// Vaccine and number, state, when, mm.
const COMING: [f64; 3] = [42.0, 38.0, 42.0];

/// A dose as the grid shows it.
struct Dose {
    vaccine: String,
    number: String,
    on: String,
    lot: String,
    by: String,
    remark: String,
}

pub(super) fn chapter(page: &Page<'_>, entries: &[EntryView]) -> Result<Option<Chapter>> {
    let content = page.handbook.content()?;
    let word = |key: &str| content.word(key, page.locale).into_owned();
    let doses = given(page, &content, entries)?;
    let plan = page.handbook.vaccines().plan(page.view.id)?;
    // A booklet is no place for what is over; what is complete stands in the grid.
    let over = [Status::EligibilityEnded, Status::DroppedByRule, Status::Completed];
    let coming: Vec<_> = plan.iter().filter(|dose| !over.contains(&dose.next.status)).collect();
    if doses.is_empty() && coming.is_empty() {
        return Ok(None);
    }
    let mut blocks = Vec::new();
    if !doses.is_empty() {
        blocks.push(page.heading(page.word("vaccines.given"), ""));
        grid(page, &doses, &mut blocks);
    }
    if !coming.is_empty() {
        blocks.push(page.heading(page.word("vaccines.coming"), ""));
        let frame = page.table("doses", &COMING, &[]);
        for dose in coming {
            let html = format!(
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>\n",
                escape(&dose.title),
                escape(&dose.status_words),
                escape(&dose.window_words)
            );
            let cells = [&dose.title, &dose.status_words, &dose.window_words];
            let cells: Vec<(&str, f64)> =
                cells.into_iter().map(String::as_str).zip(COMING.map(|width| width - GAP)).collect();
            blocks.push(Block::row(html, page.row_height(&cells), &frame));
        }
        let vaccines = page.handbook.vaccines();
        let id = page.view.id;
        for words in [vaccines.paper_note(id)?, vaccines.mother_rsv(id)?, vaccines.rules_note()?].into_iter().flatten()
        {
            blocks.push(page.words("p class=\"note\"", &words));
        }
        blocks.push(page.words("p class=\"note\"", &word("vaccine.clinic")));
    }
    let title = texts::kind_label(Immunisation::KIND.id, page.locale);
    Ok(Some(Chapter { id: Immunisation::KIND.id.into(), title, blocks }))
}

fn grid(page: &Page<'_>, doses: &[Dose], blocks: &mut Vec<Block>) {
    let heads = ["grid.vaccine", "grid.dose", "grid.date", "grid.lot", "grid.by"].map(|key| page.word(key));
    let frame = page.table("grid", &GIVEN, &heads);
    for dose in doses {
        let texts = [&dose.vaccine, &dose.number, &dose.on, &dose.lot, &dose.by];
        let cells: Vec<(&str, f64)> =
            texts.into_iter().map(String::as_str).zip(GIVEN.map(|width| width - GAP)).collect();
        let mut height = page.row_height(&cells);
        let mut row = format!("<tr><th scope=\"row\">{}</th>", escape(&dose.vaccine).replace('\n', "<br>"));
        for (n, (text, head)) in texts.into_iter().zip(heads).enumerate().skip(1) {
            let text = if n == DAY { Page::unbroken(text) } else { escape(text) };
            row += &format!("<td data-label=\"{}\">{text}</td>", escape(head));
        }
        row += "</tr>\n";
        if !dose.remark.is_empty() {
            row +=
                &format!("<tr class=\"remark\"><td colspan=\"5\"><small>{}</small></td></tr>\n", escape(&dose.remark));
            height += page.row_height(&[(&dose.remark, GIVEN.iter().sum::<f64>() - GAP)]);
        }
        blocks.push(Block::row(row, height, &frame));
    }
}

/// The doses that were given, those of one vaccine together, each with its number.
fn given(page: &Page<'_>, content: &Content, entries: &[EntryView]) -> Result<Vec<Dose>> {
    let judged = page.handbook.vaccines().history(page.view.id)?;
    let of_kind: Vec<&EntryView> = entries.iter().filter(|entry| entry.kind == Immunisation::KIND.id).collect();
    let text = |fields: &Fields, key: &str| {
        fields.get(key).and_then(serde_json::Value::as_str).unwrap_or_default().replace('\n', " ")
    };
    let mut by_vaccine: BTreeMap<usize, Vec<(&EntryView, Dose)>> = BTreeMap::new();
    for entry in of_kind {
        let product = text(&entry.fields, "vaccine");
        let known = judged.iter().find(|dose| Some(dose.given.on) == entry.on && dose.given.product == product);
        let name = match product.as_str() {
            "" => String::new(),
            product => texts::option_label(Immunisation::KIND.id, "vaccine", product, page.locale),
        };
        let private = is_voluntary(content, &product) || known.is_some_and(|dose| dose.verdict == Verdict::Private);
        let vaccine = if private { format!("{name}\n{}", page.word("voluntary")) } else { name };
        let typed = entry.fields.get("dose_no").and_then(serde_json::Value::as_i64);
        let number = typed.or_else(|| known.and_then(|dose| dose.dose).map(i64::from));
        let other: Vec<String> = ["site_note", "remark"]
            .iter()
            .map(|key| text(&entry.fields, key))
            .filter(|text| !text.is_empty())
            .collect();
        let dose = Dose {
            vaccine,
            number: number.map(|n| page.word("grid.number").replace("{n}", &n.to_string())).unwrap_or_default(),
            on: entry.on.map(|on| printed_date(on, page.locale)).unwrap_or_default(),
            lot: text(&entry.fields, "maker_lot"),
            by: text(&entry.fields, "doctor"),
            remark: other.join(" / "),
        };
        by_vaccine.entry(place(&product)).or_default().push((entry, dose));
    }
    let mut doses = Vec::new();
    for (_, mut of_vaccine) in by_vaccine {
        of_vaccine.sort_by_key(|(entry, _)| entry.on);
        doses.extend(of_vaccine.into_iter().map(|(_, dose)| dose));
    }
    Ok(doses)
}

/// The place of a vaccine in the form.
fn place(product: &str) -> usize {
    let kind = KINDS.iter().find(|kind| kind.id == Immunisation::KIND.id);
    let options =
        kind.and_then(|kind| kind.field("vaccine")).map(|field| field.field_type.options()).unwrap_or_default();
    options.iter().position(|option| *option == product).unwrap_or(options.len())
}

/// Whether no series of the routine programme asks for a product.
fn is_voluntary(content: &Content, product: &str) -> bool {
    let Some(rules) = content.vaccines() else { return false };
    let mut series =
        rules.series.iter().filter(|series| series.products.iter().any(|known| known == product)).peekable();
    series.peek().is_some() && series.all(|series| series.programme == Programme::Voluntary)
}
