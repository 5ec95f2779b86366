//! A weight against the one at birth and the ones before. Only the newest leads anywhere: with it somebody can do something.

use chrono::{Days, NaiveDate};

use super::known::{Known, Lead, Weighing, day_of_life};
use crate::content::lead::{LeadRule, LeadRules, Lost, NoGain};
use crate::model::law::attain;

/// The newest weight, if a rule holds for it.
pub fn newest<'c>(rules: &'c LeadRules, known: &Known<'_>) -> Option<Lead<'c>> {
    let newest = known.weighed.iter().copied().max()?;
    of(rules, known, newest).map(|rule| Lead { rule, on: newest.on })
}

/// The first rule that holds for a weight, seen from the weights before it.
pub fn of<'c>(rules: &'c LeadRules, known: &Known<'_>, weighing: Weighing) -> Option<&'c LeadRule> {
    let born = known.born.filter(|born| *born <= weighing.on)?;
    let holds = |rule: &&LeadRule| {
        rule.lost.is_some_and(|lost| is_lost(lost, born, known.birth_weight, weighing))
            || rule.no_gain.is_some_and(|no_gain| is_no_gain(no_gain, born, &known.weighed, weighing))
    };
    rules.rule.iter().filter(|rule| rule.is_of_weight()).find(holds)
}

fn is_lost(lost: Lost, born: NaiveDate, birth_weight: Option<u32>, now: Weighing) -> bool {
    let from = day_of_life(born, lost.from_days).is_some_and(|from| from <= now.on);
    let to = lost.to_days.is_none_or(|days| day_of_life(born, days).is_some_and(|to| now.on <= to));
    let kept = u64::from(100_u32.saturating_sub(lost.percent));
    from && to && birth_weight.is_some_and(|birth| u64::from(now.grams) * 100 < u64::from(birth) * kept)
}

fn is_no_gain(rule: NoGain, born: NaiveDate, weighed: &[Weighing], now: Weighing) -> bool {
    let young = attain(born, rule.until_months).is_some_and(|until| now.on <= until);
    let (since, apart) =
        (day_of_life(born, rule.since_days), now.on.checked_sub_days(Days::new(rule.apart_days.into())));
    let Some((since, apart)) = since.zip(apart).filter(|_| young) else { return false };
    // Of two weights of one day the greater one: a baby is weighed before and after a feed.
    let before = weighed.iter().filter(|before| since <= before.on && before.on <= apart).max();
    before.is_some_and(|before| now.grams <= before.grams)
}
