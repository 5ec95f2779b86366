//! `cases.txt`: derived by hand from the sources, one sentence each.

use ayumi_core::model::notebook::Sex;
use chrono::NaiveDate;

use super::{child, find, given, pregnant};

fn shown(day: Option<NaiveDate>) -> String {
    day.map_or_else(|| "none".to_owned(), |day| day.to_string())
}

fn same(expected: &str, got: &str) -> bool {
    expected == "=" || expected == got
}

#[test]
fn every_case_holds() {
    let mut count = 0;
    let mut wrong = Vec::new();
    for line in include_str!("cases.txt").lines().filter(|line| !line.starts_with('#')) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [who, sex, history, today, series, dose, status, earliest, standard, last, because, why] = cells[..] else {
            panic!("twelve cells: {line}")
        };
        let sex = Sex::from_key(sex).unwrap();
        let person = who.strip_prefix("due:").map_or_else(|| child(who, sex), pregnant);
        let forecast = find(&person, &given(history), today, series);
        count += 1;
        let Some(forecast) = forecast else {
            if dose != "absent" {
                wrong.push(format!("{line}\n  got nothing"));
            }
            continue;
        };
        let (from, to) = match standard {
            "=" => ("=", "="),
            "none" => ("none", "none"),
            both => both.split_once("..").unwrap(),
        };
        let fits = [
            same(dose, &forecast.dose.max(1).to_string()),
            same(status, forecast.status.key()),
            same(earliest, &shown(forecast.earliest)),
            same(from, &shown(forecast.standard_from)),
            same(to, &shown(forecast.standard_to)),
            same(last, &shown(forecast.last_routine_day)),
            because == "=" || forecast.because.iter().any(|rule| rule.ends_with(because) || rule == because),
        ];
        if fits.contains(&false) {
            wrong.push(format!("{why}\n  {line}\n  {forecast:?}\n  {fits:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count >= 60, "{count} cases");
}
