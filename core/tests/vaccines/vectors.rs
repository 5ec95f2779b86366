//! Every row of `fixtures/vaccines/vaccine_test_vectors.json`: published examples and what follows from them.

use crate::fixture_text;
use ayumi_core::model::law;
use ayumi_core::model::notebook::Sex;
use ayumi_core::vaccines::forecast::gap_between;
use chrono::NaiveDate;
use serde_json::Value;

use super::{child, content, day, find, given, rules};

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("{key} in {value}"))
}

fn number(value: &Value, key: &str) -> u32 {
    u32::try_from(value[key].as_u64().unwrap()).unwrap()
}

fn calculated(vector: &Value) -> Vec<Option<NaiveDate>> {
    let given = &vector["in"];
    let both = |pair: Option<(NaiveDate, NaiveDate)>| vec![pair.map(|p| p.0), pair.map(|p| p.1)];
    match text(vector, "fn") {
        "attain" => vec![law::attain(day(text(given, "birth")), number(given, "months"))],
        "earliest_after_days" => vec![law::after_days(day(text(given, "previous")), number(given, "n"))],
        "earliest_after_months" => vec![law::after_months(day(text(given, "previous")), number(given, "n"))],
        "birth_week" => vec![law::birth_week(day(text(given, "birth")), number(given, "w"), number(given, "d"))],
        "gest_week" => vec![law::pregnancy_week(day(text(given, "edd")), number(given, "w"), number(given, "d"))],
        "preschool_year" => both(law::preschool_year(day(text(given, "birth")))),
        "fy_window_12_16" => {
            let year = |age| law::fiscal_year_of_age(day(text(given, "birth")), age);
            vec![year(12).map(|y| y.0), year(16).map(|y| y.1)]
        }
        other => panic!("no such function: {other}"),
    }
}

#[test]
fn every_vector_holds() {
    let vectors: Value = serde_json::from_str(&fixture_text("vaccines/vaccine_test_vectors.json")).unwrap();
    let lists: Vec<&Value> = vectors.as_object().unwrap().values().filter_map(Value::as_array).flatten().collect();
    let (mut dates, mut cases) = (0, 0);
    for vector in lists {
        let id = text(vector, "id");
        if vector.get("fn").is_some() {
            let out = &vector["out"];
            let expected: Vec<Option<NaiveDate>> = match out.as_array() {
                Some(pair) => pair.iter().map(|date| Some(day(date.as_str().unwrap()))).collect(),
                None => vec![Some(day(out.as_str().unwrap()))],
            };
            assert_eq!(calculated(vector), expected, "{id}: {}", text(vector, "basis"));
            dates += 1;
        } else {
            one_case(id, vector);
            cases += 1;
        }
    }
    assert_eq!((dates, cases), (32, 8), "no vector is left out");
}

fn one_case(id: &str, vector: &Value) {
    let (given_in, expect) = (&vector["in"], &vector["expect"]);
    let content = content();
    match id {
        "live27" | "live-oral-free" | "live-same-day" => {
            let first = &given_in["given"][0];
            let (product, on) = (first[0].as_str().unwrap(), day(first[1].as_str().unwrap()));
            let (earliest, rule) = gap_between(rules(&content), product, on, text(given_in, "next")).unwrap();
            let expected = expect.get("earliest").or_else(|| expect.get("else_earliest")).unwrap();
            assert_eq!(earliest, day(expected.as_str().unwrap()), "{id}");
            if let Some(by) = expect.get("by_rule") {
                assert_eq!(rule, by.as_str().unwrap());
            }
            if expect.get("same_day_ok").is_some() {
                // Both on one day: nothing is said against it.
                let both = given("mr@2026-05-08 varicella@2026-05-08");
                let next = find(&child("2025-05-01", Sex::Male), &both, "2026-05-09", "JP-VAR").unwrap();
                assert_eq!((next.dose, next.earliest), (2, Some(day("2026-08-08"))), "{id}: the first dose counts");
            }
        }
        "pcv-start-edge-A" => {
            let history = given(&format!("pcv20@{}", text(given_in, "dose1")));
            let next = find(&child(text(given_in, "birth"), Sex::Female), &history, "2026-08-15", "JP-PCV").unwrap();
            assert_eq!(next.path, text(expect, "path"));
            let series = rules(&content).series("JP-PCV").unwrap();
            let path = series.path.iter().find(|path| path.id == text(expect, "path")).unwrap();
            assert_eq!(path.doses.len() as u64, expect["doses_total"].as_u64().unwrap());
        }
        "hepb3" => {
            let history = given(&format!("hepb@{} hepb@{}", text(given_in, "dose1"), text(given_in, "dose2")));
            let next = find(&child(text(given_in, "birth"), Sex::Male), &history, "2026-05-01", "JP-HEPB").unwrap();
            assert_eq!(next.earliest, Some(day(text(expect, "dose3_earliest"))));
            assert_eq!(next.last_routine_day, Some(day(text(expect, "last_routine_day"))));
        }
        "rota-late-first" => {
            let next =
                find(&child(text(given_in, "birth"), Sex::Male), &[], text(given_in, "dose1"), "JP-ROTA1").unwrap();
            assert_eq!(next.status.key(), text(expect, "status"));
            assert!(next.last_routine_day.unwrap() >= day(text(given_in, "dose1")), "still legal");
        }
        "je-3" => {
            // Born so that the standard age does not come after the distance.
            let history = given(&format!("je@{} je@{}", text(given_in, "dose1"), text(given_in, "dose2")));
            let next = find(&child("2023-01-10", Sex::Male), &history, "2026-05-01", "JP-JE1").unwrap();
            assert_eq!(next.dose, 3, "the second dose one week later is in order");
            assert_eq!(next.earliest, Some(day(text(expect, "d3_earliest"))));
            assert_eq!(next.standard_from, Some(day(text(expect, "d3_standard_about"))));
        }
        "var-2" => {
            let history = given(&format!("varicella@{}", text(given_in, "dose1")));
            let next = find(&child("2025-05-01", Sex::Male), &history, "2026-06-01", "JP-VAR").unwrap();
            assert_eq!(next.earliest, Some(day(text(expect, "d2_earliest"))));
            assert_eq!(next.standard_from, Some(day(text(expect, "d2_std_from"))));
        }
        other => panic!("no test for {other}"),
    }
}
