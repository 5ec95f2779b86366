//! Every row of `fixtures/vaccines/cases_from_life.json`: what real records showed, each with the source of what is right.

use std::collections::BTreeSet;

use ayumi_core::agenda::{AgendaLine, doses, remind};
use ayumi_core::model::notebook::Sex;
use ayumi_core::vaccines::history::History;
use ayumi_core::vaccines::next_doses;
use ayumi_core::vaccines::visits::visits;
use chrono::Days;
use serde_json::Value;

use super::{child, content, day, find, given, pregnant, rules};
use crate::fixture_text;

/// What is wrong with one case; empty where it holds.
fn problems(case: &Value) -> Vec<String> {
    let text = |key: &str| case[key].as_str().unwrap_or_default();
    let sex = Sex::from_key(text("sex")).unwrap();
    let person = case["born"].as_str().map_or_else(|| pregnant(text("due")), |born| child(born, sex));
    let (history, right) = (given(text("given")), &case["right"]);
    let Some(next) = find(&person, &history, text("today"), text("series")) else { return vec!["no row".to_owned()] };
    let mut found = Vec::new();
    let mut differs = |key: &str, got: String| {
        let wanted = &right[key];
        let wanted = wanted.as_str().map_or_else(|| wanted.to_string(), str::to_owned);
        if !right[key].is_null() && wanted != got {
            found.push(format!("{key}: {wanted} is right, got {got}"));
        }
    };
    differs("status", next.status.key().to_owned());
    differs("dose", next.dose.to_string());
    differs("earliest", next.earliest.map(|day| day.to_string()).unwrap_or_default());
    differs("last", next.last_routine_day.map(|day| day.to_string()).unwrap_or_default());
    if right["not_status"] == next.status.key() {
        found.push(format!("status must not be {}", next.status.key()));
    }
    let because =
        |key: &str| right[key].as_str().is_some_and(|rule| next.because.iter().any(|one| one.ends_with(rule)));
    if (right["has"].is_string() && !because("has")) || because("lacks") {
        found.push(format!("because: {:?}", next.because));
    }
    if let Some(line) = right["history"].as_str() {
        let content = content();
        let today = day(text("today"));
        let judged = History::new(rules(&content), &history, today).judge(rules(&content), &person, today);
        let mut words = line.split(' ');
        let (product, verdict, rule) = (words.next().unwrap(), words.next().unwrap(), words.next());
        let holds = judged.iter().any(|dose| {
            let ruled = rule.is_none_or(|rule| dose.because.iter().any(|one| one == rule));
            dose.given.product == product && dose.verdict.key() == verdict && ruled
        });
        if !holds {
            found.push(format!("history: {line} is right, got {judged:?}"));
        }
    }
    found
}

#[test]
fn every_case_from_life_holds() {
    let cases: Value = serde_json::from_str(&fixture_text("vaccines/cases_from_life.json")).unwrap();
    let mut wrong = Vec::new();
    let mut count = 0;
    for case in cases.as_array().unwrap() {
        count += 1;
        let found = problems(case);
        if !found.is_empty() {
            let (id, why) = (&case["id"], case["expected"].as_str().unwrap());
            wrong.push(format!("{id}: {}\n  {why}\n  {}", found.join("; "), case["source"].as_str().unwrap()));
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(count, 32, "no case is left out");
}

/// The agenda's lines of a girl, and whether a series stands at her visits within two months, and in her reminders.
fn stands(born: &str, history: &str, today: &str, series: &str) -> (Option<AgendaLine>, bool, bool) {
    let (content, today, history) = (content(), day(today), given(history));
    let (rules, person) = (rules(&content), child(born, Sex::Female));
    let plan = next_doses(rules, &person, &history, today);
    let mut lines = doses::lines(rules, &plan, today, &BTreeSet::new());
    lines.retain(|line| line.topic.key().starts_with(series));
    let until = today + Days::new(60);
    let planned = visits(rules, &person, &history, today, until, false);
    let at_a_visit = planned.iter().flat_map(|visit| visit.doses.iter().chain(&visit.ask)).any(|(id, _)| id == series);
    let reminded = !remind::times(&lines, today.and_hms_opt(12, 0, 0).unwrap(), until, 10).is_empty();
    (lines.pop(), at_a_visit, reminded)
}

/// K3c: a dose that does not count, and what a doctor must decide, vanish from nowhere. Source: Gyoda medical association
/// Q3-[1] after NIID; the notice of 2025-07-25 by Hirosaki.
#[test]
fn k3c_what_is_due_or_to_be_asked_stands_in_agenda_visits_and_reminders() {
    let early = stands("2025-05-01", "mr@2026-03-01", "2026-06-01", "JP-MR1");
    assert_eq!(early.0.unwrap().topic.key(), "JP-MR1/1");
    assert!(early.1 && early.2, "at visits and in reminders");
    let four_in_one = "dpt_ipv@2024-01-15 dpt_ipv@2024-02-15 dpt_ipv@2024-03-15";
    let decided = stands("2023-11-10", four_in_one, "2026-11-25", "JP-DPTIPV-LEGACY");
    let line = decided.0.unwrap();
    assert_eq!((line.topic.key().as_str(), line.to), ("JP-DPTIPV-LEGACY/4", Some(day("2031-05-09"))));
    assert!(decided.1 && decided.2, "at visits and in reminders");
}

/// A question that the family has answered with their clinic is not asked again; another one is.
#[test]
fn a_question_that_is_settled_leaves_the_agenda() {
    let content = content();
    let (rules, person, today) = (rules(&content), child("2026-01-15", Sex::Female), day("2026-04-20"));
    let plan = next_doses(rules, &person, &given("pcv20@2026-03-13 hepb@2026-03-14 hepb@2026-04-10"), today);
    let keys = |settled: &[&str]| -> Vec<String> {
        let settled = settled.iter().map(|key| (*key).to_owned()).collect();
        doses::lines(rules, &plan, today, &settled).iter().map(|line| line.topic.key()).collect()
    };
    assert!(keys(&[]).contains(&"JP-PCV/1".to_owned()) && keys(&[]).contains(&"JP-HEPB/2".to_owned()));
    let left = keys(&["JP-PCV/1"]);
    assert!(!left.contains(&"JP-PCV/1".to_owned()) && left.contains(&"JP-HEPB/2".to_owned()));
}

/// The last day that leaves room for the rest: hepatitis B needs 139 full days from the first dose to the third, which must
/// come by the day before the first birthday; rotavirus 27 full days by 24 weeks.
#[test]
fn the_last_day_on_which_a_series_can_be_finished_is_told() {
    for (born, history, today, series, by) in [
        ("2026-01-15", "", "2026-06-01", "JP-HEPB", Some("2026-08-27")),
        ("2026-01-15", "hepb@2026-03-14", "2026-06-01", "JP-HEPB", Some("2027-01-13")),
        ("2026-01-15", "", "2026-09-01", "JP-HEPB", None),
        ("2026-06-10", "", "2026-08-09", "JP-ROTA1", Some("2026-10-28")),
        ("2025-05-01", "", "2026-06-01", "JP-VAR", Some("2028-01-30")),
        ("2013-01-20", "", "2026-06-01", "JP-HPV", Some("2028-11-30")),
        ("2026-01-15", "", "2026-06-20", "JP-BCG", None),
    ] {
        let next = find(&child(born, Sex::Female), &given(history), today, series).unwrap();
        assert_eq!(next.finish_by, by.map(day), "{series} of {born}: {next:?}");
    }
}
