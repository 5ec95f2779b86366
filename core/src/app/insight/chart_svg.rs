//! A growth chart as SVG, drawn from a chart's series: quiet colours, never red; readable in grey, by a screen reader, on a
//! small phone and on A5.

use std::fmt::Write as _;

use crate::app::insight::growth::{Chart, Span};
use crate::app::insight::lettering::{FONTS, wrap};
use crate::app::insight::measure::Measure;
use crate::growth::Reference;
use crate::growth::chart::Point;
use crate::model::date::DAYS_PER_MONTH;
use crate::texts::{self, Locale, counted};

const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 620.0;
/// Height over width.
pub(crate) const SHAPE: f64 = HEIGHT / WIDTH;
/// Size of the letters: 9 pt on a page of A5, 8 px on a phone of 320.
const LETTERS: f64 = 13.0;
/// Between two lines of words.
const LINE_HEIGHT: f64 = 17.0;
/// Left, right.
const MARGIN: (f64, f64) = (44.0, 74.0);
/// Where the words under the title begin.
const LEGEND: f64 = 46.0;
/// Below the plot: the ages, and which ages they are.
const AGES: f64 = 40.0;
/// Fills between neighbouring percentiles, from 3–10 to 90–97.
const FILLS: [&str; 6] = ["#e3f0ee", "#d0e6e2", "#bcdcd6", "#bcdcd6", "#d0e6e2", "#e3f0ee"];
const INK: &str = "#27413d";
const LINE: &str = "#7fb0a8";
const GRID: &str = "#dfe7e5";
const POINT: &str = "#b35408";

/// Places of ages and values on the paper.
struct Axes<'a> {
    chart: &'a Chart,
    /// Where the plot begins.
    top: f64,
    /// Where it ends.
    bottom: f64,
}

impl Axes<'_> {
    fn x(&self, day: f64) -> f64 {
        let Span { from: first, to: last } = self.chart.days;
        MARGIN.0 + (day - first) / (last - first) * (WIDTH - MARGIN.0 - MARGIN.1)
    }

    fn y(&self, value: f64) -> f64 {
        let Span { from: low, to: high } = self.chart.values;
        self.bottom - (value - low) / (high - low) * (self.bottom - self.top)
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
    let measure = texts::growth(&format!("measure.{}", chart.measure.key()), locale);
    let title = if name.is_empty() { measure.to_owned() } else { format!("{} — {measure}", escape(name)) };
    let below = words_below(chart, locale);
    let rows = if chart.born_early.is_some() { 2.0 } else { 1.0 };
    let room = AGES + (rows - 1.0) * LINE_HEIGHT + below.len() as f64 * LINE_HEIGHT + 6.0;
    let legend = match chart.bands.is_empty() {
        true => Vec::new(),
        false => wrap(texts::growth("chart.percentiles", locale), (WIDTH - 16.0) / LETTERS),
    };
    let axes = Axes { chart, top: LEGEND + legend.len() as f64 * LINE_HEIGHT, bottom: HEIGHT - room };
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         role=\"img\" font-family=\"{FONTS}\" font-size=\"{LETTERS}\" fill=\"{INK}\">\n\
         <title>{title}</title>\n<desc>{}</desc>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"8\" y=\"24\" font-size=\"18\">{title} ({})</text>\n",
        escape(&describe(chart, locale)),
        chart.measure.sign(),
    );
    for (n, line) in legend.iter().enumerate() {
        let y = LEGEND + n as f64 * LINE_HEIGHT;
        let _ = writeln!(svg, "<text x=\"8\" y=\"{y}\">{}</text>", escape(line));
    }
    draw_bands(&mut svg, &axes, locale);
    draw_axes(&mut svg, &axes, locale);
    draw_points(&mut svg, &axes);
    draw_asked(&mut svg, &axes, locale);
    for (n, line) in below.iter().rev().enumerate() {
        let y = HEIGHT - 8.0 - n as f64 * LINE_HEIGHT;
        let _ = writeln!(svg, "<text x=\"8\" y=\"{y}\">{}</text>", escape(line));
    }
    svg.push_str("</svg>\n");
    svg
}

/// Where the bands come from and what else is to be known, in lines as wide as the chart.
fn words_below(chart: &Chart, locale: Locale) -> Vec<String> {
    let mut words = Vec::new();
    if !chart.bands.is_empty() {
        words.push(texts::growth(&format!("chart.source.{}", chart.reference.key()), locale));
    }
    let notes = [
        (chart.corrected, "chart.corrected"),
        (!chart.asked.is_empty(), "chart.asked"),
        (!chart.bands.is_empty(), "chart.others"),
    ];
    words.extend(notes.into_iter().filter(|(shown, _)| *shown).map(|(_, key)| texts::growth(key, locale)));
    words.into_iter().flat_map(|words| wrap(words, (WIDTH - 16.0) / LETTERS)).collect()
}

/// The points in words, for a screen reader.
fn describe(chart: &Chart, locale: Locale) -> String {
    let point = |Point { day, value }: &Point| {
        let age = age_of(*day, locale);
        texts::growth("chart.point", locale)
            .replace("{age}", &age)
            .replace("{value}", &format!("{value:.*} {}", chart.measure.places(), chart.measure.sign()))
    };
    let points: Vec<String> = chart.points.iter().map(point).collect();
    let age = if chart.corrected { texts::growth("chart.corrected", locale) } else { "" };
    format!("{age}{}", points.join(if locale == Locale::En { ", " } else { "、" }))
}

fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// An age in words from its days: days in the first month, then months, then years and months.
fn age_of(day: f64, locale: Locale) -> String {
    let months = (day / DAYS_PER_MONTH).floor().max(0.0) as u32;
    let (key, years) = match months {
        0 => ("age.days", 0),
        1..=11 => ("age.months", 0),
        _ if months.is_multiple_of(12) => ("age.years", months / 12),
        _ => ("age.years_months", months / 12),
    };
    let words = texts::booklet(key, locale).replace("{d}", &format!("{day:.0}"));
    counted(words.replace("{m}", &(months % 12).to_string()).replace("{y}", &years.to_string()), locale)
}

/// Which of the curves is named first where there is not room for all.
const NAMED: [f64; 7] = [50.0, 3.0, 97.0, 10.0, 90.0, 25.0, 75.0];

fn draw_bands(svg: &mut String, axes: &Axes<'_>, locale: Locale) {
    for (pair, fill) in axes.chart.bands.windows(2).zip(FILLS) {
        let around = pair[0].line.iter().chain(pair[1].line.iter().rev());
        let _ = writeln!(svg, "<path d=\"{}Z\" fill=\"{fill}\"/>", axes.path(around));
    }
    for band in &axes.chart.bands {
        let width = if band.percentile == 50.0 { 1.8 } else { 0.8 };
        let _ = writeln!(
            svg,
            "<path d=\"{}\" fill=\"none\" stroke=\"{LINE}\" stroke-width=\"{width}\"/>",
            axes.path(band.line.iter())
        );
    }
    let mut named: Vec<f64> = Vec::new();
    for percentile in NAMED {
        let band = axes.chart.bands.iter().find(|band| band.percentile == percentile);
        let Some(Point { day, value }) = band.and_then(|band| band.line.last()) else { continue };
        let y = axes.y(*value) + 4.0;
        if named.iter().any(|other| (other - y).abs() < LETTERS) {
            continue;
        }
        named.push(y);
        let words = texts::growth("chart.percentile", locale).replace("{p}", &percentile.to_string());
        let _ = writeln!(svg, "<text x=\"{:.1}\" y=\"{y:.1}\">{words}</text>", axes.x(*day) + 4.0);
    }
}

/// A row of ages: whole months or years, `shift` days after the day they are drawn at.
fn draw_ages(svg: &mut String, axes: &Axes<'_>, y: f64, shift: f64, lines: bool) {
    let Span { from: first, to: last } = axes.chart.days;
    let (unit, per_step) =
        if in_months(last) { (DAYS_PER_MONTH, if last < 200.0 { 1 } else { 3 }) } else { (365.25, 1) };
    for step in (0..).step_by(per_step) {
        let day = f64::from(step) * unit - shift;
        if day > last + 1.0 {
            break;
        }
        if day < first {
            continue;
        }
        let x = axes.x(day);
        if lines {
            let _ = write!(
                svg,
                "<path d=\"M{x:.1} {}V{}\" stroke=\"{GRID}\" stroke-width=\"0.6\"/>",
                axes.bottom, axes.top
            );
        }
        let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y}\" text-anchor=\"middle\">{step}</text>");
    }
}

fn in_months(last: f64) -> bool {
    last <= 732.0
}

fn draw_axes(svg: &mut String, axes: &Axes<'_>, locale: Locale) {
    let Span { from: low, to: high } = axes.chart.values;
    let gap = nice_step((high - low) / 10.0);
    let mut value = (low / gap).ceil() * gap;
    while value <= high {
        let y = axes.y(value);
        let _ = writeln!(
            svg,
            "<path d=\"M{} {y:.1}H{}\" stroke=\"{GRID}\" stroke-width=\"0.6\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            MARGIN.0,
            WIDTH - MARGIN.1,
            MARGIN.0 - 6.0,
            y + 4.5,
            rounded(value)
        );
        value += gap;
    }
    let unit = if in_months(axes.chart.days.to) { "months" } else { "years" };
    let label = |svg: &mut String, key: &str, y: f64| {
        let words = texts::growth(key, locale);
        let _ = writeln!(svg, "<text x=\"{WIDTH}\" dx=\"-4\" y=\"{y}\" text-anchor=\"end\">{words}</text>");
    };
    let y = axes.bottom + 17.0;
    draw_ages(svg, axes, y, 0.0, true);
    match axes.chart.born_early {
        // A child born early has both ages: from the due date, where the points stand, and from birth.
        Some(days) => {
            label(svg, &format!("chart.corrected_{unit}"), y);
            draw_ages(svg, axes, y + LINE_HEIGHT, days, false);
            label(svg, &format!("chart.age_{unit}"), y + LINE_HEIGHT);
        }
        None => label(svg, &format!("chart.age_{unit}"), y),
    }
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
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.5\" fill=\"{POINT}\" stroke=\"#ffffff\" stroke-width=\"1.2\"/>"
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
            "<g><title>{words}</title><circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"7\" fill=\"#ffffff\" stroke=\"{INK}\" \
             stroke-width=\"1.2\"/><text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">?</text></g>",
            y + 4.5
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
