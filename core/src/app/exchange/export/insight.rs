//! The booklet's pages about what comes next: agenda, vaccinations, self-checks.

use std::fmt::Write as _;

use ayumi_protocol::NotebookId;

use crate::app::error::Result;
use crate::app::handbook::Handbook;
use crate::app::insight::chart_svg::escape;
use crate::app::insight::check_views::CheckState;
use crate::app::insight::steps_svg;
use crate::content::item::Area;
use crate::vaccines::Status;

/// A section for each that has something in it. After a loss only what is the mother's is there, because nothing else
/// is made.
pub(super) fn sections(html: &mut String, handbook: &Handbook, notebook: NotebookId) -> Result<()> {
    agenda(html, handbook, notebook)?;
    vaccines(html, handbook, notebook)?;
    checks(html, handbook, notebook)
}

fn agenda(html: &mut String, handbook: &Handbook, notebook: NotebookId) -> Result<()> {
    let items = handbook.agenda().list(notebook, None, None)?;
    if items.is_empty() {
        return Ok(());
    }
    let content = handbook.content()?;
    let word = |key: &str| content.word(key, handbook.locale()).into_owned();
    let _ = writeln!(html, "<section id=\"agenda\"><h2>{}</h2>\n<table>", word("agenda.title"));
    for item in items {
        let how = if item.how.is_empty() { String::new() } else { format!("<br><small>{}</small>", escape(&item.how)) };
        let _ = writeln!(
            html,
            "<tr><th>{}</th><td>{}{how}</td><td><small>{}<br>{}</small></td></tr>",
            escape(&item.when),
            escape(&item.title),
            escape(&item.by),
            escape(&item.force)
        );
    }
    let _ = writeln!(html, "</table>\n<p><small>{}</small></p></section>", word("agenda.source"));
    Ok(())
}

fn vaccines(html: &mut String, handbook: &Handbook, notebook: NotebookId) -> Result<()> {
    let plan = handbook.vaccines().plan(notebook)?;
    // A booklet is no place for what is over.
    let shown: Vec<_> = plan
        .iter()
        .filter(|dose| !matches!(dose.next.status, Status::EligibilityEnded | Status::DroppedByRule))
        .collect();
    if shown.is_empty() {
        return Ok(());
    }
    let content = handbook.content()?;
    let word = |key: &str| content.word(key, handbook.locale()).into_owned();
    let _ = writeln!(html, "<section id=\"vaccines\"><h2>{}</h2>\n<table>", word("vaccine.title"));
    for one in shown {
        let window = if one.next.status == Status::Completed { "" } else { &one.window_words };
        let _ = writeln!(
            html,
            "<tr><th>{}</th><td>{}</td><td>{}</td></tr>",
            escape(&one.title),
            escape(&one.status_words),
            escape(window)
        );
    }
    html.push_str("</table>\n");
    if let Some(words) = handbook.vaccines().paper_note(notebook)? {
        let _ = writeln!(html, "<p>{}</p>", escape(&words));
    }
    if let Some(words) = handbook.vaccines().mother_rsv(notebook)? {
        let _ = writeln!(html, "<p>{}</p>", escape(&words));
    }
    if let Some(words) = handbook.vaccines().rules_note()? {
        let _ = writeln!(html, "<p>{}</p>", escape(&words));
    }
    let _ = writeln!(html, "<p><small>{}</small></p></section>", word("vaccine.clinic"));
    Ok(())
}

/// What the child did at each check, and the steps so far. Offers are for the day they are made; a booklet keeps none.
fn checks(html: &mut String, handbook: &Handbook, notebook: NotebookId) -> Result<()> {
    let answered: Vec<_> = handbook
        .checks()
        .due(notebook)?
        .into_iter()
        .filter(|check| check.answered > 0 && check.state != CheckState::Later)
        .collect();
    if answered.is_empty() {
        return Ok(());
    }
    let content = handbook.content()?;
    let word = |key: &str| content.word(key, handbook.locale()).into_owned();
    let _ = writeln!(html, "<section id=\"checks\"><h2>{}</h2>", word("check.title"));
    let mut areas = Vec::new();
    for area in Area::ALL {
        areas.push((word(&format!("check.area.{}", area.key())), handbook.checks().trend(notebook, area)?));
    }
    let _ = writeln!(html, "<figure>{}</figure>", steps_svg::draw(&word("check.trend"), &areas));
    // What was new at each check, whatever the area.
    for check in &answered {
        let new: Vec<&String> = areas
            .iter()
            .flat_map(|(_, steps)| steps.iter().filter(|step| step.check == check.check).flat_map(|step| &step.new))
            .collect();
        list(html, &check.name, new.into_iter());
    }
    // What was on its way at the last one.
    if let Some(last) = answered.last() {
        let result = handbook.checks().result(notebook, &last.check)?;
        let coming = result.next.iter().filter(|item| item.answer.is_some()).map(|item| &item.text);
        list(html, &word("check.next"), coming);
    }
    html.push_str("</section>\n");
    Ok(())
}

fn list<'a>(html: &mut String, title: &str, items: impl Iterator<Item = &'a String>) {
    let items: String = items.map(|words| format!("<li>{}</li>", escape(words))).collect();
    if !items.is_empty() {
        let _ = writeln!(html, "<article><h3>{}</h3><ul class=\"short\">{items}</ul></article>", escape(title));
    }
}
