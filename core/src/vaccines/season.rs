//! Whom a series is for, and its periods: special measures by birth date, seasons of the year.

use chrono::{Datelike, NaiveDate};

use super::plan::{Given, Person};
use crate::content::series::{Extension, Series};
use crate::model::notebook::Sex;

/// Whether the programme has a series for a person.
pub(super) fn is_for(series: &Series, person: &Person) -> bool {
    let born_in_time = || person.anchors.born.is_none_or(|born| series.born_from.is_none_or(|from| born >= from.0));
    series.subject == person.subject
        && !(series.sex.as_deref() == Some("female") && person.sex == Sex::Male)
        && born_in_time()
}

/// The special measure for a person's birth date, and for what was begun in its time.
pub(super) fn extension<'r>(series: &'r Series, person: &Person, given: &[Given]) -> Option<&'r Extension> {
    let born = person.anchors.born?;
    let of_series = |one: &&Given| series.products.contains(&one.product) || series.counts.contains(&one.product);
    let begun_in_time = |measure: &Extension| {
        let within = |one: &Given| measure.begun.is_none_or(|(first, last)| first.0 <= one.on && one.on <= last.0);
        measure.begun.is_none() || given.iter().filter(of_series).any(within)
    };
    let for_birth = |measure: &&Extension| measure.born.0.0 <= born && born <= measure.born.1.0;
    series.extension.iter().filter(for_birth).find(|measure| begun_in_time(measure))
}

/// Whether a special measure opens the series on a day.
pub(super) fn is_extended(series: &Series, person: &Person, given: &[Given], on: NaiveDate) -> bool {
    extension(series, person, given).is_some_and(|measure| {
        let from = measure.from.and_then(|from| from.on(&person.anchors));
        let to = measure.to.on(&person.anchors);
        from.is_none_or(|from| from <= on) && to.is_some_and(|to| on <= to)
    })
}

/// The first day of the year of seasons that a day lies in: 1 July.
pub(super) fn season_start(on: NaiveDate) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(if on.month() >= 7 { on.year() } else { on.year() - 1 }, 7, 1)
}

/// First and last day of the months that count as one season, for seasonal vaccines: July to June around it.
pub(super) fn season_year(series: &Series, today: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    let (_, to) = season(series, today)?;
    Some((NaiveDate::from_ymd_opt(to.year() - 1, 7, 1)?, NaiveDate::from_ymd_opt(to.year(), 6, 30)?))
}

/// The season that is on, or the next one.
pub(super) fn season(series: &Series, today: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    let season = series.season.as_ref()?;
    let day = |year: i32, text: &str| NaiveDate::parse_from_str(&format!("{year}-{text}"), "%Y-%m-%d").ok();
    let end = day(today.year(), &season.to)?;
    let end = if today <= end { end } else { day(today.year() + 1, &season.to)? };
    Some((day(end.year() - 1, &season.from)?, end))
}
