//! A simple picture of the self-check's history: a footprint for each check at which something new was seen. No norm, no
//! count, no line that one could be above or below.

use std::fmt::Write as _;

use super::TrendStep;
use super::chart_svg::escape;

const LABEL: usize = 96;
const STEP: usize = 78;
const ROW: usize = 92;
/// Soft earth colours, one per area; none of them red.
const COLOURS: [&str; 4] = ["#7a9e7e", "#6c8ebf", "#c49a4a", "#9a7fb0"];

/// Draws areas, each with its name and steps.
pub fn draw(title: &str, areas: &[(String, Vec<TrendStep>)]) -> String {
    let longest = areas.iter().map(|(_, steps)| steps.len()).max().unwrap_or(0).max(3);
    let (width, height) = (LABEL + longest * STEP + 24, 44 + areas.len() * ROW);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" role=\"img\">\n\
         <title>{0}</title>\n<text x=\"12\" y=\"26\" font-size=\"16\" fill=\"#444\">{0}</text>\n",
        escape(title)
    );
    for (row, (name, steps)) in areas.iter().enumerate() {
        let (y, colour) = (44 + row * ROW + 30, COLOURS[row % COLOURS.len()]);
        let _ = writeln!(svg, "<text x=\"12\" y=\"{}\" font-size=\"14\" fill=\"#555\">{}</text>", y + 4, escape(name));
        for (i, step) in steps.iter().enumerate() {
            // Left and right foot in turn.
            let (x, dy) = (LABEL + i * STEP + STEP / 2, if i % 2 == 0 { 0 } else { 12 });
            let new: Vec<String> = step.new.iter().map(|words| escape(words)).collect();
            let _ = writeln!(
                svg,
                "<g transform=\"translate({x} {})\" fill=\"{colour}\"><title>{}: {}</title>\
                 <ellipse rx=\"15\" ry=\"10\"/><circle cx=\"17\" cy=\"-9\" r=\"4\"/><circle cx=\"21\" cy=\"-2\" r=\"3.4\"/>\
                 <circle cx=\"21\" cy=\"5\" r=\"3\"/></g>\n\
                 <text x=\"{x}\" y=\"{}\" font-size=\"10\" fill=\"#666\" text-anchor=\"middle\">{}</text>",
                y + dy,
                escape(&step.name),
                new.join(" / "),
                y + dy + 26,
                escape(&step.name)
            );
        }
    }
    svg.push_str("</svg>\n");
    svg
}
