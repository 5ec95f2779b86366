//! Items name their sources, and their ages agree with them.

use std::collections::{BTreeMap, BTreeSet};

use crate::fixture_text;
use ayumi_core::content::item::{Area, Basis, Milestone};
use ayumi_core::content::{Content, milestones};

/// Rows of a CSV fixture by column name.
fn table(name: &str) -> Vec<BTreeMap<String, String>> {
    let text = fixture_text(&format!("development/{name}.csv"));
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(|row| row.unwrap_or_else(|error| panic!("{name}: {error}"))).collect()
}

fn area(domain: &str) -> Area {
    Area::ALL.into_iter().find(|area| area.key() == domain).unwrap()
}

/// `core/content/checks/README.md`, made again from the sources.
#[test]
fn the_table_of_ages_follows_from_the_sources_by_the_stated_rules() {
    const CHECKLISTS: [u32; 13] = [0, 2, 4, 6, 9, 12, 15, 18, 24, 30, 36, 48, 60];
    let before = |age: u32| *CHECKLISTS.iter().rfind(|known| **known < age).unwrap();
    let mut expected: BTreeMap<String, (Area, &str, u32, u32)> = BTreeMap::new();
    for row in table("milestone_facts") {
        let age = row["typical_age_months"].parse::<u32>().unwrap();
        let (basis, source) = (row["basis"].as_str(), row["source"].as_str());
        let (from, to) = match (basis, source) {
            ("interpolated", _) => continue,
            (_, source) if source.starts_with("National growth survey") => continue,
            ("derived", _) => {
                let half: f64 = row["age_50pct_months"].parse().unwrap();
                // Where the reference ends before 90 %, its end at 42 months stands.
                let most = row["age_90pct_months"].parse::<f64>().map_or(42.0, f64::ceil);
                (half.floor() as u32, (most as u32).max(age))
            }
            (_, source) if source.starts_with("CDC") => (before(age), age),
            (_, source) if source.starts_with("5-year check-up") => (54, 66),
            _ if age < 36 => (age - 3, age + 3),
            _ => (age - 6, age + 6),
        };
        let basis = if basis == "derived" { "derived" } else { "cited" };
        expected.insert(row["skill_id"].clone(), (area(&row["domain"]), basis, from, to));
    }
    for row in table("cdc_ltsae_2022") {
        let age: u32 = row["age_months"].parse().unwrap();
        if age < 12 {
            let id = format!("cdc:{}", row["skill_id"]);
            expected.insert(id, (area(&row["domain"]), "cited", before(age), age));
        }
    }
    let rates = table("jp2023_motor_pass_rates");
    let skills: BTreeSet<&String> = rates.iter().map(|row| &row["skill"]).collect();
    for skill in skills {
        let reach = |percent: f64| {
            let able = |row: &&BTreeMap<String, String>| {
                row["skill"] == *skill && row["pass_percent"].parse::<f64>().unwrap() >= percent
            };
            rates.iter().find(able).unwrap()
        };
        let from = reach(50.0)["age_months_from"].parse().unwrap();
        let to = reach(90.0)["age_months_to_excl"].parse().unwrap();
        expected.insert(format!("jp2023:{skill}"), (Area::Motor, "cited", from, to));
    }
    for row in table("who_motor_windows") {
        let months = |column: &str| row[column].parse::<f64>().unwrap();
        let (from, to) = (months("p1_months").floor() as u32, months("p99_months").ceil() as u32);
        expected.insert(format!("who:{}", row["milestone"]), (Area::Motor, "cited", from, to));
    }
    let ours = milestones();
    let shape = |row: &Milestone| (row.area, row.basis.key(), row.from_months, row.to_months);
    for (id, (area, basis, from, to)) in &expected {
        let row = ours.get(id).unwrap_or_else(|| panic!("{id} is not there"));
        assert_eq!(shape(row), (*area, *basis, *from, *to), "{id}");
    }
    assert_eq!(ours.len(), expected.len(), "nothing is left over");
}

#[test]
fn every_item_names_its_rows_and_its_range_is_their_hull() {
    let (content, rows) = (Content::default(), milestones());
    for item in content.items() {
        assert!(!item.rows.is_empty(), "{}: a row of a source", item.id);
        let named: Vec<&Milestone> =
            item.rows.iter().map(|id| rows.get(id).unwrap_or_else(|| panic!("{}: {id}", item.id))).collect();
        let from = named.iter().map(|row| row.from_months).min().unwrap();
        let to = named.iter().map(|row| row.to_months).max().unwrap();
        assert_eq!(item.range, (from, to), "{}", item.id);
        assert!(named.iter().all(|row| row.area == item.area), "{}", item.id);
    }
    assert_eq!(Basis::from_source("interpolated"), None, "never a norm: such a row is not read at all");
}

/// Three to five items in each area of each check from 12 to 72 months, so that it takes two minutes.
#[test]
fn every_check_is_full_and_short() {
    let content = Content::default();
    for band in &content.checks().bands {
        for area in Area::ALL {
            let count = content.items_of(*band).filter(|item| item.area == area).count();
            assert!(
                (if *band >= 12 { 3..=5 } else { 1..=5 }).contains(&count),
                "{band} months, {}: {count}",
                area.key()
            );
        }
    }
    let bands: Vec<u32> = content.checks().bands.iter().copied().filter(|band| *band >= 12).collect();
    let steps: BTreeSet<u32> = bands.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!((bands.first(), bands.last(), steps), (Some(&12), Some(&72), BTreeSet::from([2, 3])));
}

/// Items that are asked far from their ages say why.
#[test]
fn items_carried_over_say_so() {
    for item in Content::default().items() {
        let far = item.bands.iter().any(|band| *band > item.range.1 + 6 || band + 3 < item.range.0);
        assert!(!far || item.note.contains("carried over"), "{}: {:?} for {:?}", item.id, item.bands, item.range);
    }
}
