//! The periods of a series: special measures by birth date, seasons of the year.

use chrono::{Datelike, NaiveDate};

use super::plan::Person;
use crate::content::series::{Extension, Series};

/// The special measure for a person's birth date.
pub(super) fn extension<'r>(series: &'r Series, person: &Person) -> Option<&'r Extension> {
    let born = person.anchors.born?;
    series.extension.iter().find(|extension| extension.born.0.0 <= born && born <= extension.born.1.0)
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
