//! Each predicate of an audience, for a household and one child or pregnancy of it.

use chrono::NaiveDate;

use super::household::{Household, Life};
use crate::content::notice::audience::{Audience, Missing};
use crate::model::law::attain;

/// What one predicate asked, and what it found. Its words are those of [`super::words`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Because {
    /// A child's age: name and day of birth.
    Age(Option<String>, NaiveDate),
    /// Nobody is born here.
    NoChild,
    /// Completed weeks of a pregnancy.
    Pregnancy(u32),
    /// Nobody is pregnant here.
    NoPregnancy,
    /// The area that the carer chose, or, where none is chosen, those of the notice.
    Area(String),
    /// No area is chosen; those of the notice.
    AreaUnknown(Vec<String>),
    /// The language that the carer chose.
    Language(String),
    /// A first child was asked for.
    FirstChild,
    /// A later child was asked for.
    LaterChild,
    /// Twins or more were asked for.
    Multiple,
    /// One child was asked for.
    Single,
    /// A check-up of which nothing is written; key of the event.
    Missing(String),
    /// It is for everybody.
    Everyone,
    /// The message before it was shown here.
    SeenBefore,
    /// After a loss nothing about a baby is shown.
    Loss,
}

/// A predicate and whether it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether it holds.
    pub holds: bool,
    /// What it asked and found.
    pub because: Because,
}

/// Evaluates what an audience asks of the household: area and language. An area that nobody chose keeps no notice away.
pub fn of_household(audience: &Audience, household: &Household) -> Vec<Finding> {
    let mut found = Vec::new();
    if !audience.area.is_empty() {
        found.push(match &household.area {
            Some(area) => Finding { holds: audience.area.contains(area), because: Because::Area(area.clone()) },
            None => Finding { holds: true, because: Because::AreaUnknown(audience.area.clone()) },
        });
    }
    if !audience.language.is_empty() {
        let holds = audience.language.contains(&household.language);
        found.push(Finding { holds, because: Because::Language(household.language.clone()) });
    }
    found
}

/// Evaluates what an audience asks of one child or pregnancy. What is not known does not hold.
pub fn of_life(audience: &Audience, household: &Household, life: &Life, today: NaiveDate) -> Vec<Finding> {
    let within = |(from, to): (u32, u32), number: u32| (from..=to).contains(&number);
    let mut found = Vec::new();
    if let Some(days) = audience.age_days {
        found.push(match (life.age_days(today), life.born) {
            (Some(age), Some(born)) => {
                Finding { holds: within(days, age), because: Because::Age(life.name.clone(), born) }
            }
            _ => Finding { holds: false, because: Because::NoChild },
        });
    }
    if let Some(weeks) = audience.pregnancy_weeks {
        found.push(match life.pregnancy_weeks(today) {
            Some(week) => Finding { holds: within(weeks, week), because: Because::Pregnancy(week) },
            None => Finding { holds: false, because: Because::NoPregnancy },
        });
    }
    if let Some(first) = audience.first_child {
        let because = if first { Because::FirstChild } else { Because::LaterChild };
        // After a loss nobody is told which child is the first.
        found.push(Finding { holds: life.first_child == Some(first) && !household.has_loss(), because });
    }
    if let Some(multiple) = audience.multiple {
        let because = if multiple { Because::Multiple } else { Because::Single };
        found.push(Finding { holds: life.multiple == Some(multiple) && !household.lost_beside(life), because });
    }
    if let Some(missing) = &audience.missing {
        found.push(Finding { holds: misses(missing, life, today), because: Because::Missing(missing.event.clone()) });
    }
    found
}

/// Whether a child is old enough for a check-up's entry to be missed, and has none.
fn misses(missing: &Missing, life: &Life, today: NaiveDate) -> bool {
    let reached = life.born.filter(|_| life.age_days(today).is_some()).and_then(|born| attain(born, missing.months));
    reached.is_some_and(|day| day < today) && !life.done.contains(&missing.event)
}
