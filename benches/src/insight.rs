//! What comes next: a whole agenda, a self-check's result, the first reading of content; beside what SQLite needs to
//! read the same rows.

use std::time::Instant;

use ayumi_core::app::{Handbook, NewChild, NewEntry};
use ayumi_core::content::Content;
use ayumi_core::content::item::Area;
use ayumi_core::model::NotebookId;
use ayumi_core::model::notebook::Sex;
use chrono::{Days, NaiveDate};

use crate::store::config_on;
use crate::table::{Outcome, median, row, shown};

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 4, 20).unwrap_or_default()
}

/// A child of nearly six with everything: all doses in time, every check by two carers, check-ups, and 10,000 entries
/// of other kinds that the agenda must not pay for.
fn full_history(folder: &std::path::Path) -> Outcome<(Handbook, NotebookId)> {
    let book = Handbook::create(&config_on(folder, today()), "母")?;
    let born = NaiveDate::from_ymd_opt(2020, 6, 10).unwrap_or_default();
    let child = NewChild { name: "さくら".into(), sex: Sex::Female, born, ..NewChild::default() };
    let id = book.notebooks().add_child(&child)?;
    let mut entries = Vec::new();
    for (days, vaccine) in [
        (62, "hepb"),
        (62, "pcv20"),
        (62, "dpt_ipv_hib"),
        (62, "rotarix"),
        (92, "hepb"),
        (92, "pcv20"),
        (92, "dpt_ipv_hib"),
        (92, "rotarix"),
        (122, "pcv20"),
        (122, "dpt_ipv_hib"),
        (160, "bcg"),
        (230, "hepb"),
        (370, "mr"),
        (370, "varicella"),
        (370, "pcv20"),
        (400, "dpt_ipv_hib"),
        (560, "varicella"),
        (1110, "je"),
        (1120, "je"),
        (1500, "je"),
        (400, "mumps"),
        (880, "flu_inj"),
        (900, "flu_inj"),
        (2126, "mr"),
    ] {
        let on = (born + Days::new(days)).to_string();
        entries.push(NewEntry::typed(id, "immunisation", &on, &[("vaccine", vaccine)])?);
    }
    for (days, checkup) in [(32, "1m"), (110, "3-4m"), (200, "6-7m"), (290, "9-10m"), (560, "1y6m"), (1200, "3y")] {
        let on = (born + Days::new(days)).to_string();
        entries.push(NewEntry::typed(id, "wellchild", &on, &[("checkup", checkup), ("weight", "9.1")])?);
    }
    let content = Content::default();
    for (band, carer) in content.checks().bands.iter().filter(|band| **band <= 69).flat_map(|b| [(b, "母"), (b, "父")])
    {
        let on = (born + Days::new(u64::from(*band) * 31)).min(today()).to_string();
        let items = content.items_of(*band);
        let keys: Vec<String> = items.map(|item| format!("answer.{}", item.id)).collect();
        let check = format!("{band}m");
        let mut fields: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), "yes")).collect();
        fields.extend([("check", check.as_str()), ("carer", carer)]);
        entries.push(NewEntry::typed(id, "self_check", &on, &fields)?);
    }
    for i in 0..10_000_u64 {
        let on = (born + Days::new(i / 6)).to_string();
        entries.push(NewEntry::typed(id, "feeding", &on, &[("at", "06:30"), ("amount_ml", "120")])?);
    }
    book.entries().add_all(&entries)?;
    Ok((book, id))
}

pub(crate) fn run() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let (book, id) = full_history(folder.path())?;
    drop(book);
    // As a phone does it: the first screen, then the first agenda, which reads the content.
    let book = Handbook::open(&config_on(folder.path(), today()))?;
    let start = Instant::now();
    let items = book.agenda().list(id, None, None)?.len();
    row(
        &format!("the first agenda after opening, content read once ({items} items)"),
        &shown(start.elapsed()),
        "",
        None,
        "",
    );
    let agenda = median(300, || {
        book.agenda().list(id, None, None)?;
        Ok(())
    })?;
    row("a whole agenda, full history and 10,000 other entries", &shown(agenda), "", None, "≤ 1 ms");
    let result = median(300, || {
        book.checks().result(id, "63m")?;
        Ok(())
    })?;
    row("a self-check's result, with all sittings read", &shown(result), "", None, "≤ 0.2 ms");
    // After something was written everything is read anew; the writing itself is not counted.
    let (mut agendas, mut results) = (Vec::new(), Vec::new());
    for i in 0..200 {
        let on = today().to_string();
        let weight = format!("{}", 9.0 + f64::from(i) / 1000.0);
        book.entries().add(&NewEntry::typed(id, "growth", &on, &[("weight", &weight)])?)?;
        let start = Instant::now();
        book.agenda().list(id, None, None)?;
        agendas.push(start.elapsed());
        book.entries().add(&NewEntry::typed(id, "growth", &on, &[("weight", &weight)])?)?;
        let start = Instant::now();
        book.checks().result(id, "63m")?;
        results.push(start.elapsed());
    }
    agendas.sort_unstable();
    results.sort_unstable();
    row("a whole agenda, right after something was written", &shown(agendas[100]), "", None, "≤ 1 ms");
    row("a self-check's result, right after something was written", &shown(results[100]), "", None, "");
    let trend = median(100, || {
        book.checks().trend(id, Area::Language)?;
        Ok(())
    })?;
    row("an area's history", &shown(trend), "", None, "");
    let plan = median(300, || {
        book.vaccines().plan(id)?;
        Ok(())
    })?;
    row("a vaccination plan of 19 series", &shown(plan), "", None, "");
    Ok(())
}
