//! A growth chart as SVG, drawn from a chart's series: quiet colours, never red; readable in grey and by a screen
//! reader.

use std::fmt::Write as _;

use crate::app::insight::growth::{Chart, Span};
use crate::app::insight::measure::Measure;
use crate::growth::Reference;
use crate::growth::chart::Point;
use crate::texts::{self, Locale};

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 480.0;
/// Left, top, right, bottom.
const MARGIN: (f64, f64, f64, f64) = (56.0, 44.0, 44.0, 70.0);
/// Fills between neighbouring percentiles, from 3–10 to 90–97.
const FILLS: [&str; 6] = ["#e3f0ee", "#d0e6e2", "#bcdcd6", "#bcdcd6", "#d0e6e2", "#e3f0ee"];
const INK: &str = "#27413d";
const LINE: &str = "#7fb0a8";
const POINT: &str = "#c2620d";

/// Places of ages and values on the paper.
struct Axes<'a> {
    chart: &'a Chart,
}

impl Axes<'_> {
    fn x(&self, day: f64) -> f64 {
        let Span { from: first, to: last } = self.chart.days;
        MARGIN.0 + (day - first) / (last - first) * (WIDTH - MARGIN.0 - MARGIN.2)
    }

    fn y(&self, value: f64) -> f64 {
        let Span { from: low, to: high } = self.chart.values;
        HEIGHT - MARGIN.3 - (value - low) / (high - low) * (HEIGHT - MARGIN.1 - MARGIN.3)
    }

    fn path<'p>(&self, points: impl Iterator<Item = &'p Point>) -> String {
        let mut path = String::new();
        for (i, Point { day, value }) in points.enumerate() {
            let _ = write!(path, "{}{:.1} {:.1}", if i == 0 { "M" } else { "L" }, self.x(*day), self.y(*value));
        }
        path
    }
}

/// Draws a chart. `name` stands in its title; empty leaves it out.
pub fn draw(chart: &Chart, name: &str, locale: Locale) -> String {
    let axes = Axes { chart };
    let measure = texts::growth(&format!("measure.{}", chart.measure.key()), locale);
    let title = if name.is_empty() { measure.to_owned() } else { format!("{} — {measure}", escape(name)) };
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         role=\"img\" font-family=\"'Noto Sans JP','Noto Sans CJK JP','Hiragino Sans','Yu Gothic',sans-serif\">\n\
         <title>{title}</title>\n<desc>{}</desc>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"{}\" y=\"26\" font-size=\"16\" fill=\"{INK}\">{title} ({})</text>\n",
        describe(chart),
        MARGIN.0,
        chart.measure.unit(),
    );
    draw_bands(&mut svg, &axes);
    draw_axes(&mut svg, &axes, locale);
    draw_points(&mut svg, &axes);
    draw_asked(&mut svg, &axes, locale);
    if !chart.bands.is_empty() {
        let source = texts::growth(&format!("chart.source.{}", chart.reference.key()), locale);
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" font-size=\"10\" fill=\"{INK}\">{source}</text>",
            MARGIN.0,
            HEIGHT - 24.0
        );
    }
    let notes = [(chart.corrected, "chart.corrected"), (!chart.bands.is_empty(), "chart.others")];
    let notes: Vec<&str> =
        notes.into_iter().filter(|(shown, _)| *shown).map(|(_, key)| texts::growth(key, locale)).collect();
    if !notes.is_empty() {
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" font-size=\"9\" fill=\"{INK}\">{}</text>",
            MARGIN.0,
            HEIGHT - 10.0,
            notes.join(" ")
        );
    }
    svg.push_str("</svg>\n");
    svg
}

/// The points in words, for a screen reader.
fn describe(chart: &Chart) -> String {
    let points: Vec<String> = chart
        .points
        .iter()
        .map(|Point { day, value }| format!("{day:.0} d: {value} {}", chart.measure.unit()))
        .collect();
    points.join(", ")
}

fn draw_bands(svg: &mut String, axes: &Axes<'_>) {
    for (pair, fill) in axes.chart.bands.windows(2).zip(FILLS) {
        let around = pair[0].line.iter().chain(pair[1].line.iter().rev());
        let _ = writeln!(svg, "<path d=\"{}Z\" fill=\"{fill}\"/>", axes.path(around));
    }
    for band in &axes.chart.bands {
        let width = if band.percentile == 50.0 { 1.6 } else { 0.7 };
        let _ = writeln!(
            svg,
            "<path d=\"{}\" fill=\"none\" stroke=\"{LINE}\" stroke-width=\"{width}\"/>",
            axes.path(band.line.iter())
        );
        if let Some(Point { day, value }) = band.line.last() {
            let _ = writeln!(
                svg,
                "<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"10\" fill=\"{INK}\">{}</text>",
                axes.x(*day) + 4.0,
                axes.y(*value) + 3.0,
                band.percentile
            );
        }
    }
}

fn draw_axes(svg: &mut String, axes: &Axes<'_>, locale: Locale) {
    let Span { from: first, to: last } = axes.chart.days;
    let Span { from: low, to: high } = axes.chart.values;
    let bottom = HEIGHT - MARGIN.3;
    let in_months = last <= 732.0;
    let (unit, per_step) = if in_months { (30.4375, if last < 200.0 { 1 } else { 3 }) } else { (365.25, 1) };
    let mut step = 0;
    while f64::from(step) * unit <= last + 1.0 {
        let x = axes.x(f64::from(step) * unit);
        if f64::from(step) * unit >= first {
            let _ = writeln!(
                svg,
                "<path d=\"M{x:.1} {bottom}V{}\" stroke=\"#dfe7e5\" stroke-width=\"0.6\"/>\
                 <text x=\"{x:.1}\" y=\"{}\" font-size=\"11\" text-anchor=\"middle\" fill=\"{INK}\">{step}</text>",
                MARGIN.1,
                bottom + 16.0
            );
        }
        step += per_step;
    }
    let gap = nice_step((high - low) / 8.0);
    let mut value = (low / gap).ceil() * gap;
    while value <= high {
        let y = axes.y(value);
        let shown = (value * 100.0).round() / 100.0;
        let _ = writeln!(
            svg,
            "<path d=\"M{} {y:.1}H{}\" stroke=\"#dfe7e5\" stroke-width=\"0.6\"/>\
             <text x=\"{}\" y=\"{:.1}\" font-size=\"11\" text-anchor=\"end\" fill=\"{INK}\">{shown}</text>",
            MARGIN.0,
            WIDTH - MARGIN.2,
            MARGIN.0 - 6.0,
            y + 4.0
        );
        value += gap;
    }
    let label = texts::growth(if in_months { "chart.age_months" } else { "chart.age_years" }, locale);
    let _ = writeln!(
        svg,
        "<text x=\"{}\" y=\"{}\" font-size=\"11\" text-anchor=\"end\" fill=\"{INK}\">{label}</text>",
        WIDTH - MARGIN.2,
        bottom + 32.0
    );
}

fn draw_points(svg: &mut String, axes: &Axes<'_>) {
    let chart = axes.chart;
    if chart.points.len() > 1 {
        let path = axes.path(chart.points.iter());
        let _ = writeln!(svg, "<path d=\"{path}\" fill=\"none\" stroke=\"{POINT}\" stroke-width=\"1.8\"/>");
    }
    for Point { day, value } in &chart.points {
        let (x, y) = (axes.x(*day), axes.y(*value));
        let _ = writeln!(
            svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"{POINT}\" stroke=\"#ffffff\" stroke-width=\"1.2\"/>"
        );
    }
}

/// A value that is asked back stands as an open circle at the edge where it would leave the paper, with a question mark.
fn draw_asked(svg: &mut String, axes: &Axes<'_>, locale: Locale) {
    let Span { from: low, to: high } = axes.chart.values;
    for Point { day, value } in &axes.chart.asked {
        let (x, y) = (axes.x(*day), axes.y(value.clamp(low, high)));
        let words = texts::growth("chart.asked", locale);
        let _ = writeln!(
            svg,
            "<g><title>{words}</title><circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\" fill=\"#ffffff\" stroke=\"{INK}\" \
             stroke-width=\"1.2\"/><text x=\"{x:.1}\" y=\"{:.1}\" font-size=\"9\" text-anchor=\"middle\" \
             fill=\"{INK}\">?</text></g>",
            y + 3.0
        );
    }
}

/// 1, 2 or 5 times a power of ten, at least `wanted`.
fn nice_step(wanted: f64) -> f64 {
    let power = 10_f64.powf(wanted.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|n| n * power).find(|step| *step >= wanted).unwrap_or(power)
}

/// Text as it may stand in XML.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c if c.is_control() && c != '\n' && c != '\t' => {}
            c => safe.push(c),
        }
    }
    safe
}

/// Measures and reference of the printed handbook's charts.
pub(crate) const PRINTED: [(Measure, Reference); 3] =
    [(Measure::Weight, Reference::Jp2023), (Measure::Length, Reference::Jp2023), (Measure::Head, Reference::Jp2023)];
