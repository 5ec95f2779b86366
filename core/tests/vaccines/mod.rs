//! Vaccination: every published example, every figure of the rules file, cases from the sources, laws over random
//! lives.

mod cases;
mod dates;
mod judged;
mod laws;
mod life;
mod rules_file;
mod vectors;

use ayumi_core::content::Content;
use ayumi_core::content::moment::Anchors;
use ayumi_core::content::series::{Subject, VaccineRules};
use ayumi_core::model::notebook::Sex;
use ayumi_core::vaccines::{Given, NextDose, Person, next_doses};
use chrono::NaiveDate;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_else(|_| panic!("{text} is no date"))
}

fn child(born: &str, sex: Sex) -> Person {
    Person { anchors: Anchors { born: Some(day(born)), ..Anchors::default() }, sex, subject: Subject::Child }
}

fn pregnant(due: &str) -> Person {
    let anchors = Anchors { due: Some(day(due)), ..Anchors::default() };
    Person { anchors, sex: Sex::Female, subject: Subject::Pregnant }
}

/// `hepb@2026-03-14 pcv20@2026-03-14`
fn given(text: &str) -> Vec<Given> {
    let one = |word: &str| {
        let (product, on) = word.split_once('@').unwrap();
        Given { product: product.into(), on: day(on) }
    };
    text.split_whitespace().map(one).collect()
}

fn content() -> Content {
    Content::default()
}

fn rules(content: &Content) -> &VaccineRules {
    content.vaccines().unwrap()
}

fn find(person: &Person, history: &[Given], today: &str, series: &str) -> Option<NextDose> {
    next_doses(rules(&content()), person, history, day(today)).into_iter().find(|next| next.series == series)
}
