//! A simple picture of the self-check's history: a footprint for each check at which something new was seen. No norm,
//! no count, no line that one could be above or below.

use std::fmt::Write as _;

use crate::app::insight::chart_svg::escape;
use crate::app::insight::check_views::TrendStep;

const LABEL: usize = 84;
const STEP: usize = 76;
const ROW: usize = 70;
/// Steps on one line; the next begin a new one.
const ON_A_LINE: usize = 9;
/// Soft earth colours, one per area; none of them red.
const COLOURS: [&str; 4] = ["#7a9e7e", "#6c8ebf", "#c49a4a", "#9a7fb0"];

/// Draws areas, each with its name and steps.
pub fn draw(title: &str, areas: &[(String, Vec<TrendStep>)]) -> String {
    let lines = |steps: &[TrendStep]| steps.len().div_ceil(ON_A_LINE).max(1);
    let rows: usize = areas.iter().map(|(_, steps)| lines(steps)).sum();
    let (width, height) = (LABEL + ON_A_LINE * STEP + 16, 44 + rows * ROW);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" role=\"img\">\n\
         <title>{0}</title>\n<text x=\"8\" y=\"24\" font-size=\"17\" fill=\"#444\">{0}</text>\n",
        escape(title)
    );
    let mut top = 44;
    for (area, (name, steps)) in areas.iter().enumerate() {
        let colour = COLOURS[area % COLOURS.len()];
        let _ =
            writeln!(svg, "<text x=\"8\" y=\"{}\" font-size=\"15\" fill=\"#555\">{}</text>", top + 26, escape(name));
        for (i, step) in steps.iter().enumerate() {
            // Left and right foot in turn.
            let (line, place) = (i / ON_A_LINE, i % ON_A_LINE);
            let x = LABEL + place * STEP + STEP / 2;
            let y = top + line * ROW + 20 + if i % 2 == 0 { 0 } else { 8 };
            let new: Vec<String> = step.new.iter().map(|words| escape(words)).collect();
            let _ = writeln!(
                svg,
                "<g transform=\"translate({x} {y})\" fill=\"{colour}\"><title>{0}: {1}</title>\
                 <ellipse rx=\"15\" ry=\"10\"/><circle cx=\"17\" cy=\"-9\" r=\"4\"/><circle cx=\"21\" cy=\"-2\" r=\"3.4\"/>\
                 <circle cx=\"21\" cy=\"5\" r=\"3\"/></g>\n\
                 <text x=\"{x}\" y=\"{2}\" font-size=\"11\" fill=\"#666\" text-anchor=\"middle\">{3}</text>",
                escape(&step.name),
                new.join(" / "),
                y + 25,
                escape(&step.age)
            );
        }
        top += lines(steps) * ROW;
    }
    svg.push_str("</svg>\n");
    svg
}
