//! Laws over 100,000 random lives. The bounds come from the JSON of the sources by a calendar of the test's own.

use std::collections::{BTreeMap, BTreeSet};

use crate::fixture_text;
use ayumi_core::agenda::doses::lines;
use ayumi_core::agenda::{AgendaLine, Subject};
use ayumi_core::content::series::VaccineRules;
use ayumi_core::model::notebook::Sex;
use ayumi_core::vaccines::visits::visits;
use ayumi_core::vaccines::{Given, NextDose, Person, Status, next_doses};
use chrono::{Datelike, Days, NaiveDate};
use serde_json::Value;

use super::{child, content, rules};

const LIVES: u64 = 100_000;
const SEED: u64 = 0x00A1_00A1_2026;

/// SplitMix64: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }
}

fn month_length(year: i32, month: u32) -> u32 {
    let next =
        if month == 12 { NaiveDate::from_ymd_opt(year + 1, 1, 1) } else { NaiveDate::from_ymd_opt(year, month + 1, 1) };
    next.unwrap().pred_opt().unwrap().day()
}

/// Year, month, day so many months later; the day may not exist.
fn months_later(from: NaiveDate, months: u32) -> (i32, u32, u32) {
    let count = from.year() * 12 + i32::try_from(from.month0() + months).unwrap();
    (count.div_euclid(12), u32::try_from(count.rem_euclid(12)).unwrap() + 1, from.day())
}

fn attained(born: NaiveDate, months: u32) -> NaiveDate {
    let (year, month, day) = months_later(born, months);
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(birthday) => birthday.pred_opt().unwrap(),
        None => NaiveDate::from_ymd_opt(year, month, month_length(year, month)).unwrap(),
    }
}

fn fiscal_year(day: NaiveDate) -> i32 {
    if day.month() >= 4 { day.year() } else { day.year() - 1 }
}

fn bound(value: &Value, born: NaiveDate) -> Option<NaiveDate> {
    let number = |key: &str| u32::try_from(value[key].as_u64().unwrap()).unwrap();
    let april = |year: i32| NaiveDate::from_ymd_opt(year, 4, 1).unwrap();
    // Primary school begins on the first 1 April at which six years are complete.
    let school = || fiscal_year(attained(born, 72).succ_opt().unwrap().pred_opt().unwrap()) + 1;
    Some(match value["kind"].as_str()? {
        "birth" => born,
        "attain" => attained(born, number("months")),
        "birth_week" => born + Days::new(u64::from(number("w") * 7 + number("d"))),
        "preschool_year_start" => april(school() - 1),
        "preschool_year_end" => april(school()).pred_opt().unwrap(),
        "fy_of_age_start" => april(fiscal_year(attained(born, number("age") * 12))),
        "fy_of_age_end" => april(fiscal_year(attained(born, number("age") * 12)) + 1).pred_opt().unwrap(),
        other => panic!("{other}"),
    })
}

struct Oracle {
    series: BTreeMap<String, Value>,
    live: Vec<String>,
}

impl Oracle {
    fn new() -> Self {
        let json: Value = serde_json::from_str(&fixture_text("vaccines/vaccine_rules.json")).unwrap();
        let series = json["series"].as_array().unwrap().iter();
        let live = json["products"].as_array().unwrap().iter().filter(|p| p["kind"] == "live_injectable");
        Self {
            live: live.map(|p| p["id"].as_str().unwrap().to_owned()).collect(),
            series: series.map(|s| (s["id"].as_str().unwrap().to_owned(), s.clone())).collect(),
        }
    }

    fn products(&self, series: &str) -> Vec<&str> {
        self.series[series]["products"].as_array().unwrap().iter().filter_map(Value::as_str).collect()
    }

    /// What must hold of a dose that is proposed for a day.
    fn check(&self, next: &NextDose, on: NaiveDate, born: NaiveDate, given: &[Given], seed: &str) {
        let source = &self.series[&next.series];
        let special = next.because.iter().any(|rule| rule.contains("SHORTAGE") || rule.contains("TOKUREI"));
        let start = bound(&source["eligibility"]["start"], born).unwrap();
        assert!(on >= start, "{seed}: {next:?} on {on}, eligible from {start}");
        if let (Some(end), false) = (bound(&source["eligibility"]["end"], born), special) {
            assert!(on <= end, "{seed}: {next:?} on {on}, eligible to {end}");
        }
        let mine = self.products(&next.series);
        if mine.iter().any(|product| self.live.iter().any(|live| live == product)) {
            for other in given.iter().filter(|g| self.live.contains(&g.product) && !mine.contains(&g.product.as_str()))
            {
                let days = (on - other.on).num_days();
                assert!(!(1..28).contains(&days), "{seed}: {next:?} on {on}, {} on {}", other.product, other.on);
            }
        }
        // The dose as the source has it, by path and number.
        let path = next.path.as_str();
        let paths = source["paths"].as_array().unwrap();
        let Some(dose) = paths
            .iter()
            .find(|p| p["id"] == path)
            .and_then(|p| p["doses"].as_array().unwrap().iter().find(|dose| dose["n"] == u64::from(next.dose)))
        else {
            assert_eq!(next.series, "JP-HPV", "{seed}: only HPV has a dose beside its path: {next:?}");
            return;
        };
        if let Some(least) = bound(&dose["min"], born) {
            assert!(on >= least, "{seed}: {next:?} on {on}, not before {least}");
        }
        let shared = ["JP-MR1", "JP-MR2", "JP-JE1", "JP-JE2", "JP-FLU-INJ"].contains(&next.series.as_str());
        let previous = given.iter().filter(|g| mine.contains(&g.product.as_str()) && g.on <= on).map(|g| g.on).max();
        let dropped = next.because.iter().any(|rule| rule.ends_with("/dropped"));
        if let (Some(previous), false, false) = (previous, shared, dropped) {
            for gap in dose["intervals"].as_array().unwrap().iter().filter(|gap| gap["from"] == "prev") {
                if let Some(days) = gap["min"]["days"].as_u64().filter(|_| gap["conf"] != "C") {
                    assert!(
                        (on - previous).num_days() > i64::try_from(days).unwrap(),
                        "{seed}: {next:?} on {on} after {previous}"
                    );
                }
            }
        }
    }
}

/// Doses as lives bring them: mostly in time, some early, late, twice, of other brands.
fn random_life(random: &mut Random, products: &[String]) -> (Person, NaiveDate, Vec<Given>, NaiveDate) {
    let born = NaiveDate::from_ymd_opt(2012, 1, 1).unwrap() + Days::new(random.below(15 * 365));
    let sex = if random.below(2) == 0 { Sex::Female } else { Sex::Male };
    let age = if random.below(3) == 0 { random.below(17 * 365) } else { random.below(900) };
    let today = born + Days::new(age);
    let count = random.below(22);
    let mut given = Vec::new();
    for _ in 0..count {
        let product = products[random.below(products.len() as u64) as usize].clone();
        let mut on = born + Days::new(random.below(age + 1));
        for _ in 0..=random.below(3) {
            if on <= today {
                given.push(Given { on, product: product.clone() });
            }
            on = on + Days::new([7, 21, 27, 28, 29, 56, 90, 140, 190][random.below(9) as usize]);
        }
    }
    (child(&born.to_string(), sex), born, given, today)
}

#[test]
fn no_dose_is_ever_proposed_outside_its_bounds_and_order_never_matters() {
    let lives = ayumi_play::rounds(LIVES);
    ayumi_play::show(&format!("{lives} of {LIVES} lives; --long plays all. Seed {SEED:#x}"));
    let parts = 4;
    let found: Vec<(BTreeMap<&str, u64>, u64)> = std::thread::scope(|scope| {
        let run = |part| scope.spawn(move || live(part * lives / parts..(part + 1) * lives / parts));
        let threads: Vec<_> = (0..parts).map(run).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    let planned: u64 = found.iter().map(|(_, planned)| planned).sum();
    let mut proposed = BTreeMap::<&str, u64>::new();
    for (status, count) in found.into_iter().flat_map(|(proposed, _)| proposed) {
        *proposed.entry(status).or_default() += count;
    }
    println!("{proposed:?}, {planned} planned doses");
    assert!(proposed.len() >= 9 && planned > lives / 10, "every kind of answer was met: {proposed:?}");
}

fn live(lives: std::ops::Range<u64>) -> (BTreeMap<&'static str, u64>, u64) {
    let (content, oracle) = (content(), Oracle::new());
    let rules = rules(&content);
    let products: Vec<String> = rules.products.iter().map(|p| p.id.clone()).filter(|id| id != "rsv_maternal").collect();
    let mut proposed = BTreeMap::new();
    let mut planned = 0;
    for life in lives {
        let mut random = Random(SEED ^ life.wrapping_mul(0x2545_F491_4F6C_DD1D));
        let (person, born, mut given, today) = random_life(&mut random, &products);
        let next = next_doses(rules, &person, &given, today);
        let seed = format!("life {life}");
        let agenda = lines(rules, &next, today, &BTreeSet::new());
        for one in &next {
            stands_in_the_agenda(rules, one, &agenda, &seed);
            *proposed.entry(one.status.key()).or_default() += 1;
            if let (true, Some(earliest)) = (one.status.is_open(), one.earliest) {
                let last = one.last_routine_day.unwrap_or(NaiveDate::MAX);
                assert!(earliest <= last && today <= last, "{seed}: {one:?}");
                let now =
                    matches!(one.status, Status::Eligible | Status::RecommendedNow | Status::PastStandardStillEligible);
                assert_eq!(now, earliest <= today, "{seed}: {one:?} on {today}");
                oracle.check(one, earliest, born, &given, &seed);
                if now {
                    oracle.check(one, today, born, &given, &seed);
                }
            }
        }
        // Typed in another order, some of it twice: the same plan.
        for i in (1..given.len()).rev() {
            given.swap(i, random.below(i as u64 + 1) as usize);
        }
        let again: Vec<Given> = given.iter().take(3).cloned().collect();
        given.extend(again);
        assert!(next == next_doses(rules, &person, &given, today), "{seed}: order matters");
        if life % 20 == 0 {
            planned += check_visits(&oracle, &person, born, &given, today, &seed);
        }
    }
    (proposed, planned)
}

/// What the plan calls due, or to be asked, stands in the agenda, or another series of which only one is chosen does.
fn stands_in_the_agenda(rules: &VaccineRules, next: &NextDose, agenda: &[AgendaLine], seed: &str) {
    let nothing = [Status::NotYet, Status::EligibilityEnded, Status::Completed, Status::DroppedByRule];
    if nothing.contains(&next.status) {
        return;
    }
    let others = &rules.series(&next.series).unwrap().exclusive_with;
    let asked = !matches!(
        next.status,
        Status::DueSoon | Status::Eligible | Status::RecommendedNow | Status::PastStandardStillEligible
    );
    let speaks_of = |line: &AgendaLine| match &line.topic {
        Subject::Dose(series, n) => !asked && *series == next.series && *n == next.dose,
        Subject::Ask(series, _) => asked && *series == next.series,
        _ => false,
    };
    let instead = |line: &AgendaLine| match &line.topic {
        Subject::Dose(series, _) | Subject::Ask(series, _) => others.contains(series),
        _ => false,
    };
    let stands = agenda.iter().any(|line| speaks_of(line) || (next.dose <= 1 && instead(line)));
    assert!(stands, "{seed}: {next:?} is not in the agenda");
}

fn check_visits(
    oracle: &Oracle,
    person: &Person,
    born: NaiveDate,
    given: &[Given],
    today: NaiveDate,
    seed: &str,
) -> u64 {
    let content = content();
    let rules = rules(&content);
    let mut so_far = given.to_vec();
    let mut count = 0;
    let mut before = today;
    let planned = visits(rules, person, given, today, today + Days::new(730), true);
    let asked: BTreeSet<&String> = planned.iter().flat_map(|visit| &visit.ask).map(|(series, _)| series).collect();
    for next in next_doses(rules, person, given, today).iter().filter(|next| next.status.is_question()) {
        if next.status == Status::RecordInconsistent {
            continue;
        }
        assert!(asked.contains(&next.series), "{seed}: {next:?} is not asked at a visit");
    }
    for visit in planned {
        assert!(visit.on >= before, "{seed}: visits rise");
        before = visit.on;
        let open = next_doses(rules, person, &so_far, visit.on);
        for (series, dose) in &visit.doses {
            let next = open.iter().find(|next| next.series == *series && next.dose == *dose);
            let next = next.unwrap_or_else(|| panic!("{seed}: {series} {dose} on {} is not open", visit.on));
            assert!(next.earliest.is_some_and(|from| from <= visit.on), "{seed}: {next:?} on {}", visit.on);
            assert!(next.last_routine_day.is_none_or(|to| visit.on <= to), "{seed}: {next:?} on {}", visit.on);
            oracle.check(next, visit.on, born, &so_far, seed);
            count += 1;
        }
        for (series, _) in &visit.doses {
            let begun = so_far.iter().rev().find(|dose| oracle.products(series).contains(&dose.product.as_str()));
            let product = begun.map_or(oracle.products(series)[0].to_owned(), |dose| dose.product.clone());
            so_far.push(Given { on: visit.on, product });
        }
    }
    count
}

/// A newborn's plan as parents wish it: the first visit at two months, few visits, everything of the first year in it.
#[test]
fn the_first_year_takes_few_visits() {
    let content = content();
    let rules = rules(&content);
    let person = child("2026-01-15", Sex::Female);
    let born = super::day("2026-01-15");
    let plan = visits(rules, &person, &[], born, born + Days::new(364), false);
    let doses: usize = plan.iter().map(|visit| visit.doses.len()).sum();
    println!("{plan:#?}");
    assert_eq!(plan[0].on, super::day("2026-03-14"), "two months are attained");
    assert_eq!(plan[0].doses.len(), 4, "hepatitis B, pneumococcus, 5-in-1, rotavirus on one day");
    assert!(plan.len() <= 7, "{} visits", plan.len());
    assert!(
        doses >= 14,
        "{doses} doses: 3 hepatitis B, 3 + 1 pneumococcus, 3 + 1 5-in-1, 2 rotavirus, BCG, MR, varicella"
    );
}
