//! Readings that lead to a person: which answers and weights must not stay silent, and what settles them.
//!
//! | module | idea |
//! |---|---|
//! | [`answers`] | an answer that leads somewhere, until a later one settles it |
//! | [`weight`] | the newest weight against the one at birth and the ones before |
//!
//! The rules are data (`content/leads/rules.toml`). Nothing here names an illness, counts or compares with others.

pub mod answers;
mod known;
pub mod weight;

use chrono::NaiveDate;

use crate::content::lead::{LeadRule, LeadRules};
use crate::model::law::attain;

use known::MARK;
pub use known::{Known, Lead, Noted, Weighing, key};

/// What is open on a day: of each rule the newest, unless `marks` or a later answer has settled it.
pub fn open<'c, 'm>(
    rules: &'c LeadRules,
    known: &Known<'_>,
    marks: impl Iterator<Item = &'m str> + Clone,
    today: NaiveDate,
) -> Vec<Lead<'c>> {
    let of_answers = rules.rule.iter().filter_map(|rule| answers::newest(rule, &known.noted));
    let all = weight::newest(rules, known).into_iter().chain(of_answers);
    let is_open = |lead: &Lead<'_>| {
        let marked = |mark: &str| {
            let (rule, day) = mark.strip_prefix(MARK)?.split_once('/')?;
            Some(rule == lead.rule.id && day.parse::<NaiveDate>().is_ok_and(|day| day >= lead.on))
        };
        stands(lead.rule, known.born, today) && !marks.clone().any(|mark| marked(mark) == Some(true))
    };
    all.filter(is_open).collect()
}

/// Whether a rule's line may stand at this age.
fn stands(rule: &LeadRule, born: Option<NaiveDate>, today: NaiveDate) -> bool {
    let until = rule.until_months.zip(born).and_then(|(months, born)| attain(born, months));
    until.is_none_or(|until| today <= until)
}
