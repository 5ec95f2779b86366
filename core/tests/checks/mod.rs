//! The self-check: its content against the sources, its rule table row by row, children from 12 to 72 months.

mod ages;
mod content;
mod days;
mod drawings;
mod families;
mod hidden;
mod rows;
mod walks;

use std::collections::BTreeMap;

use ayumi_core::checks::{Answer, Child, Sitting};
use ayumi_core::model::date::Gestation;
use chrono::NaiveDate;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_else(|_| panic!("{text} is no date"))
}

fn child(born: &str, gestation: &str) -> Child {
    Child { born: day(born), gestation: Gestation::parse(gestation), without_ages: false }
}

/// A sitting with `item=answer` pairs.
fn sitting(check: u32, on: &str, carer: &str, answers: &str) -> Sitting {
    let answers: BTreeMap<String, Answer> = answers
        .split_whitespace()
        .map(|pair| {
            let (item, answer) = pair.split_once('=').unwrap();
            (item.to_owned(), Answer::from_key(answer).unwrap())
        })
        .collect();
    Sitting { check, on: day(on), carer: carer.into(), answers, ..Sitting::default() }
}
