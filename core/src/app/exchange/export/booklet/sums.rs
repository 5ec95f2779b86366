//! Feeding and sleep on paper: a line of sums for each month, and each day's sum in a few letters.

use std::fmt::Write as _;

use chrono::{Datelike, NaiveDate};

use super::page::Page;
use super::sheet::{Block, WIDTH};
use crate::app::records::daily::{self, Month, Sums};
use crate::app::records::words::printed_month;
use crate::app::view::EntryView;
use crate::texts::Locale;

/// Days side by side.
const fn abreast(locale: Locale) -> usize {
    if matches!(locale, Locale::JaEasy) { 2 } else { 3 }
}

/// The months of one kind of entry.
pub(super) fn blocks(page: &Page<'_>, entries: &[&EntryView]) -> Vec<Block> {
    daily::months(entries.iter().copied()).iter().flat_map(|month| of_month(page, month)).collect()
}

fn of_month(page: &Page<'_>, month: &Month) -> Vec<Block> {
    let days = month.days.len();
    let sums = month.sums();
    let counted = page.word("sum.days").replace("{n}", &days.to_string());
    let mut blocks = vec![page.heading(&printed_month(month.first, page.locale), &counted)];
    let total = page.word("sum.month").replace("{sums}", &words(page, &sums, 1));
    let mean = page.word("sum.mean").replace("{sums}", &words(page, &sums, i64::try_from(days).unwrap_or(1)));
    let mut head = page.words("p class=\"sum\"", &format!("{total}\n{mean}"));
    head.holds_next = true;
    blocks.push(head);
    let abreast = abreast(page.locale);
    for row in month.days.chunks(abreast) {
        let mut html = String::from("<div class=\"days\">");
        let mut height: f64 = page.letters.line;
        for (on, sums) in row {
            let (day, sums) = (day_of(page, *on), words(page, sums, 1));
            let _ = write!(html, "<span><b>{day}</b> {sums}</span>");
            height = height.max(page.letters.height(&format!("{day} {sums}"), WIDTH / abreast as f64 - 3.0));
        }
        html.push_str("</div>\n");
        blocks.push(Block::new(html, height + 0.6));
    }
    blocks
}

/// `3日`
pub(super) fn day_of(page: &Page<'_>, on: NaiveDate) -> String {
    match page.locale {
        Locale::En => on.day().to_string(),
        _ => format!("{}日", on.day()),
    }
}

/// Sums in words, or the mean of so many days.
fn words(page: &Page<'_>, sums: &Sums, days: i64) -> String {
    let mean = |value: i64| {
        let value = value as f64 / days.max(1) as f64;
        // As many places as matter: 6.5 times, 640 mL.
        if days <= 1 || value >= 20.0 { format!("{value:.0}") } else { format!("{value:.1}") }
    };
    let mut parts = Vec::new();
    let times = [
        ("sum.feeds", sums.feeds),
        ("sum.meals", sums.meals),
        ("sum.others", sums.others),
        ("sum.sleeps", sums.sleeps),
    ];
    for (key, count) in times.into_iter().filter(|(_, count)| *count > 0) {
        parts.push(page.word(key).replace("{n}", &mean(count.into())));
    }
    if sums.ml > 0 {
        parts.push(format!("{} mL", mean(sums.ml)));
    }
    if sums.asleep > 0 {
        let minutes = sums.asleep / days.max(1);
        let words = page.word("sum.asleep").replace("{h}", &(minutes / 60).to_string());
        parts.push(words.replace("{m}", &(minutes % 60).to_string()));
    }
    parts.join(" ")
}
