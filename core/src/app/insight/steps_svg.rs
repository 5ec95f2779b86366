//! A simple picture of the self-check's history: for each look at which something new was seen a footprint, and under its age
//! what it was. No norm, no count, no line that one could be above or below; areas stand one under the other, each by itself.

use std::fmt::Write as _;

use crate::app::insight::chart_svg::escape;
use crate::app::insight::check_views::TrendStep;
use crate::app::insight::lettering::{FONTS, wrap};

const WIDTH: usize = 480;
/// Where words begin beside a footprint.
const WORDS: usize = 64;
const LETTERS: usize = 14;
const LINE: usize = 20;
const INK: &str = "#27413d";
/// Soft earth colours, one per area; none of them red.
const COLOURS: [&str; 4] = ["#4f7a55", "#48699c", "#8a6a1f", "#76598f"];

/// A footprint: left and right in turn.
pub(crate) fn foot(area: usize, n: usize) -> String {
    let colour = COLOURS[area % COLOURS.len()];
    let side = if n.is_multiple_of(2) { 1 } else { -1 };
    format!(
        "<svg class=\"foot\" viewBox=\"-20 -24 40 48\" aria-hidden=\"true\"><g transform=\"scale({side} 1)\" fill=\"{colour}\">{FOOT}</g></svg>"
    )
}

const FOOT: &str = "<ellipse cx=\"0\" cy=\"6\" rx=\"9\" ry=\"14\"/><circle cx=\"-8\" cy=\"-14\" r=\"4.6\"/>\
    <circle cx=\"0\" cy=\"-17\" r=\"3.6\"/><circle cx=\"6.5\" cy=\"-15\" r=\"3\"/><circle cx=\"11\" cy=\"-10.5\" r=\"2.6\"/>";

/// Draws areas, each with its name and steps; `note` stands under the title.
pub fn draw(title: &str, note: &str, areas: &[(String, Vec<TrendStep>)]) -> String {
    let width = (WIDTH - WORDS - 12) as f64 / LETTERS as f64;
    let mut body = String::new();
    let mut y = 58;
    let text = |body: &mut String, x: usize, y: usize, size: usize, words: &str| {
        let _ = writeln!(body, "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\">{}</text>", escape(words));
    };
    text(&mut body, 8, 28, 19, title);
    for line in wrap(note, (WIDTH - 16) as f64 / LETTERS as f64) {
        text(&mut body, 8, y, LETTERS, &line);
        y += LINE;
    }
    for (area, (name, steps)) in areas.iter().enumerate().filter(|(_, (_, steps))| !steps.is_empty()) {
        y += 26;
        text(&mut body, 8, y, 17, name);
        let _ = writeln!(
            body,
            "<path d=\"M8 {0}H{1}\" stroke=\"{2}\" stroke-width=\"1.5\"/>",
            y + 8,
            WIDTH - 8,
            COLOURS[area % COLOURS.len()]
        );
        y += 16;
        for (n, step) in steps.iter().enumerate() {
            let top = y;
            y += LINE + 4;
            let side = if n.is_multiple_of(2) { 1 } else { -1 };
            let _ = writeln!(
                body,
                "<g transform=\"translate({} {}) scale({side} 1)\" fill=\"{}\">{FOOT}</g>",
                if side == 1 { 24 } else { 36 },
                top + 30,
                COLOURS[area % COLOURS.len()]
            );
            text(&mut body, WORDS, y, LETTERS, &step.name);
            for item in &step.new {
                for (n, line) in wrap(item, width - 1.0).iter().enumerate() {
                    y += LINE;
                    text(&mut body, WORDS, y, LETTERS, &format!("{}{line}", if n == 0 { "・" } else { "\u{3000}" }));
                }
            }
            y = (y + 8).max(top + 58);
        }
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {0}\" width=\"{WIDTH}\" height=\"{0}\" \
         font-family=\"{FONTS}\" fill=\"{INK}\" role=\"img\">\n<title>{1}</title>\n<desc>{2}</desc>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n{body}</svg>\n",
        y + 12,
        escape(title),
        escape(note)
    )
}
