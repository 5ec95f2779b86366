//! The printable handbook: one HTML file with everything in it, made to be kept.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ayumi_protocol::NotebookId;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::insight;
use crate::app::error::Result;
use crate::app::handbook::Handbook;
use crate::app::insight::chart_svg::{self, PRINTED, escape};
use crate::app::records::words::{Line, age_words, long_date, shown};
use crate::app::view::{EntryView, NotebookView};
use crate::furigana;
use crate::growth::age::{Ages, THREE_YEARS};
use crate::model::kind::Record;
use crate::model::kinds::Profile;
use crate::model::kinds::{AgendaMark, Growth, KINDS, Photo, SelfCheck, Wellchild};
use crate::model::naming::EntryName;
use crate::model::value::FieldValue;
use crate::texts::{self, Locale};

const STYLE: &str = include_str!("../../../../content/texts/booklet.css");

/// More entries of a kind than this stand in a table.
const LONG_LIST: usize = 16;

/// Kinds that have a place of their own in the booklet.
const APART: [&str; 4] = [Photo::KIND.id, Profile::KIND.id, SelfCheck::KIND.id, AgendaMark::KIND.id];

/// Photos by the entry that they belong to.
type Photos = BTreeMap<String, Vec<EntryName>>;

pub(super) fn write(handbook: &Handbook, notebook: NotebookId) -> Result<String> {
    let locale = handbook.locale();
    let word = |key: &str| texts::booklet(key, locale);
    let view = handbook.notebooks().find(notebook)?;
    let entries = handbook.entries().all(notebook)?;
    let name = escape(&view.name);
    let language = if locale == Locale::En { "en" } else { "ja" };
    let mut html = format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{name} {}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n",
        word("title")
    );
    cover(&mut html, handbook, &view, entries.len());
    insight::sections(&mut html, handbook, notebook)?;
    charts(&mut html, handbook, notebook)?;
    records(&mut html, handbook, &view, &entries)?;
    let _ = writeln!(html, "<footer><p>{}</p><p>{}</p></footer>\n</body>\n</html>", word("keep"), word("source"));
    Ok(if locale == Locale::JaEasy { furigana::ruby(&html) } else { html })
}

fn cover(html: &mut String, handbook: &Handbook, found: &NotebookView, count: usize) {
    let word = |key: &str| texts::booklet(key, handbook.locale());
    let profile = &found.profile;
    let mut facts: Vec<(&str, String)> = Vec::new();
    if let Some(born) = profile.born {
        facts.push((word("born"), long_date(born, handbook.locale())));
    }
    if let (None, Some(due)) = (profile.born, profile.due.filter(|_| !found.baby_silent())) {
        facts.push((word("due"), long_date(due, handbook.locale())));
    }
    if let (Some(_), Some(gestation)) = (profile.born, profile.gestation_at_birth()) {
        facts.push((
            word("gestation"),
            shown(Some(&Profile::KIND), "gestation", &gestation.to_json(), handbook.locale()),
        ));
    }
    facts.push((word("entries"), count.to_string()));
    facts.push((word("printed"), long_date(handbook.clock().today(), handbook.locale())));
    let _ = writeln!(
        html,
        "<header class=\"cover\">\n<p class=\"mark\">{}</p>\n<h1>{}</h1>\n<p class=\"name\">{}</p>\n<dl>",
        word("subtitle"),
        word("title"),
        escape(&found.name)
    );
    for (label, value) in facts {
        let _ = writeln!(html, "<div><dt>{label}</dt><dd>{}</dd></div>", escape(&value));
    }
    html.push_str("</dl>\n</header>\n");
}

fn charts(html: &mut String, handbook: &Handbook, notebook: NotebookId) -> Result<()> {
    let mut drawn = String::new();
    for (measure, reference) in PRINTED {
        let Ok(chart) = handbook.growth().chart(notebook, measure, reference) else { continue };
        if !chart.points.is_empty() {
            let svg = chart_svg::draw(&chart, "", handbook.locale());
            let _ = writeln!(drawn, "<figure>{svg}</figure>");
        }
    }
    if !drawn.is_empty() {
        let title = texts::booklet("growth", handbook.locale());
        let _ = writeln!(html, "<section class=\"charts\"><h2>{title}</h2>\n{drawn}</section>");
    }
    Ok(())
}

fn records(html: &mut String, handbook: &Handbook, found: &NotebookView, entries: &[EntryView]) -> Result<()> {
    let locale = handbook.locale();
    let mut photos = Photos::new();
    for photo in entries.iter().filter(|entry| entry.kind == Photo::KIND.id) {
        let of = photo.photo_of();
        // A photo whose entry is not shown stands by itself.
        let host = if entries.iter().any(|entry| entry.id.to_string() == of) { of } else { "" };
        photos.entry(host.to_owned()).or_default().push(photo.name());
    }
    let mut sections: Vec<(&str, Vec<&EntryView>)> = Vec::new();
    let known = KINDS.iter().map(|kind| kind.id).filter(|id| !APART.contains(id));
    for id in known {
        let of_kind: Vec<&EntryView> = entries.iter().filter(|entry| entry.kind == id).collect();
        if !of_kind.is_empty() {
            sections.push((id, of_kind));
        }
    }
    if sections.is_empty() && photos.is_empty() {
        let _ = writeln!(html, "<section><p>{}</p></section>", texts::booklet("empty", locale));
        return Ok(());
    }
    let _ = writeln!(html, "<nav><h2>{}</h2><ul>", texts::booklet("contents", locale));
    for (id, of_kind) in &sections {
        let label = texts::kind_label(id, locale);
        let _ = writeln!(html, "<li><a href=\"#{id}\">{label}</a> <small>{}</small></li>", of_kind.len());
    }
    html.push_str("</ul></nav>\n");
    for (id, of_kind) in &sections {
        let _ = writeln!(html, "<section id=\"{id}\"><h2>{}</h2>", texts::kind_label(id, locale));
        let with_photo = |entry: &&&EntryView| photos.contains_key(&entry.id.to_string());
        if of_kind.len() > LONG_LIST {
            // The small things of every day: a line each; those with a photo after it.
            rows(html, handbook, found, of_kind);
            for entry in of_kind.iter().filter(with_photo) {
                record(html, handbook, found, entry, &photos);
            }
        } else {
            for entry in of_kind {
                record(html, handbook, found, entry, &photos);
            }
        }
        html.push_str("</section>\n");
    }
    if let Some(alone) = photos.get("") {
        let _ = writeln!(html, "<section class=\"album\"><h2>{}</h2>", texts::booklet("photos", locale));
        for id in alone {
            let photo = entries.iter().find(|entry| entry.name() == *id);
            let caption = photo.and_then(|p| p.fields.get("caption")).and_then(serde_json::Value::as_str).unwrap_or("");
            let on = photo.and_then(|p| p.on).map(|on| long_date(on, locale)).unwrap_or_default();
            picture(html, handbook, id, &format!("{on} {caption}"));
        }
        html.push_str("</section>\n");
    }
    Ok(())
}

/// Entries as a table.
fn rows(html: &mut String, handbook: &Handbook, found: &NotebookView, entries: &[&EntryView]) {
    let locale = handbook.locale();
    html.push_str("<table>\n");
    for entry in entries {
        let on = entry.on.map(|on| long_date(on, locale)).unwrap_or_default();
        let age =
            found.profile.born.zip(entry.on).and_then(|(born, on)| age_words(born, on, locale)).unwrap_or_default();
        let cell = |line: Line| {
            let text = escape(&line.text).replace('\n', "<br>");
            // Words speak for themselves; anything else has its label.
            if line.key == "text" { text } else { format!("{} {text}", line.label) }
        };
        let cells: Vec<String> = entry.lines(handbook).into_iter().map(cell).collect();
        let _ = writeln!(html, "<tr><th>{on}<br><small>{age}</small></th><td>{}</td></tr>", cells.join(" / "));
    }
    html.push_str("</table>\n");
}

fn record(html: &mut String, handbook: &Handbook, found: &NotebookView, entry: &EntryView, photos: &Photos) {
    let locale = handbook.locale();
    html.push_str("<article>\n");
    if let Some(on) = entry.on {
        let age = found.profile.born.and_then(|born| age_words(born, on, locale));
        let corrected = found
            .profile
            .born
            .and_then(|born| Ages::on(born, found.profile.gestation_at_birth(), on, THREE_YEARS).corrected)
            .filter(|_| [Growth::KIND.id, Wellchild::KIND.id].contains(&entry.kind.as_str()));
        let age = age.unwrap_or_default();
        let corrected = corrected
            .and_then(|days| age_words(on - chrono::TimeDelta::days(days), on, locale))
            .map(|words| format!(" ({})", texts::booklet("age.corrected", locale).replace("{age}", &words)))
            .unwrap_or_default();
        let _ = writeln!(html, "<h3>{} <small>{age}{corrected}</small></h3>", long_date(on, locale));
    }
    html.push_str("<dl>\n");
    for line in entry.lines(handbook) {
        let (label, text) = (line.label, escape(&line.text).replace('\n', "<br>"));
        let _ = writeln!(html, "<div><dt>{label}</dt><dd>{text}</dd></div>");
    }
    html.push_str("</dl>\n");
    for photo in photos.get(&entry.id.to_string()).into_iter().flatten() {
        picture(html, handbook, photo, "");
    }
    html.push_str("</article>\n");
}

fn picture(html: &mut String, handbook: &Handbook, photo: &EntryName, caption: &str) {
    let Ok(data) = handbook.entries().photo(photo) else { return };
    let caption = escape(caption.trim());
    let _ = writeln!(
        html,
        "<figure class=\"photo\"><img alt=\"{caption}\" src=\"data:image/jpeg;base64,{}\">\
         <figcaption>{caption}</figcaption></figure>",
        STANDARD.encode(data)
    );
}
