//! What a handbook knows that a notice may ask.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::content::notice::valid::LAST_WEEK;
use crate::model::date::Gestation;
use crate::model::notebook::NotebookType;

/// Days of a child's first year.
const FIRST_YEAR_DAYS: u32 = 366;

/// A carer, and the children and pregnancies of the handbook.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Household {
    /// The language that the carer chose: `ja`, `vi`.
    pub language: String,
    /// The part of the municipality that the carer chose, if any.
    pub area: Option<String>,
    /// The notebooks of children and pregnancies; private ones are never among them.
    pub lives: Vec<Life>,
}

/// A child, or a pregnancy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Life {
    /// Which of the two.
    pub notebook: NotebookType,
    /// The child's name, if it has one.
    pub name: Option<String>,
    /// Day of birth: of a pregnancy, once it has been.
    pub born: Option<NaiveDate>,
    /// Due date.
    pub due: Option<NaiveDate>,
    /// Whether twins or more are expected or were born; unknown without it.
    pub multiple: Option<bool>,
    /// Whether it is the first child; unknown without it.
    pub first_child: Option<bool>,
    /// Keys of the events that are done or not needed.
    pub done: BTreeSet<String>,
    /// The pregnancy that it is of, or is: children of one pregnancy have the same.
    pub pregnancy: Option<String>,
    /// A loss or a death.
    pub silent: bool,
}

impl Life {
    /// Returns the age in days of a born child.
    pub fn age_days(&self, today: NaiveDate) -> Option<u32> {
        let born = self.born.filter(|_| self.notebook == NotebookType::Child)?;
        u32::try_from((today - born).num_days()).ok()
    }

    /// Returns the completed weeks of a pregnancy that goes on.
    pub fn pregnancy_weeks(&self, today: NaiveDate) -> Option<u32> {
        let goes_on = self.notebook == NotebookType::Pregnancy && self.born.is_none();
        let days = (today - self.due.filter(|_| goes_on)?).num_days() + i64::from(Gestation::TERM.days());
        u32::try_from(days.div_euclid(7)).ok().filter(|weeks| *weeks <= LAST_WEEK)
    }
}

impl Household {
    /// Whether a loss or a death stands anywhere in the handbook: no notice then says which child is the first.
    pub fn has_loss(&self) -> bool {
        self.lives.iter().any(|life| life.silent)
    }

    /// Whether another child of the same pregnancy was lost: no notice then speaks of twins.
    pub fn lost_beside(&self, life: &Life) -> bool {
        let same = |other: &&Life| other.pregnancy.is_some() && other.pregnancy == life.pregnancy;
        self.lives.iter().filter(same).any(|other| other.silent)
    }

    /// Whether nothing is said of a child or a pregnancy: it was lost, or is the pregnancy of a child who was.
    pub fn is_silent(&self, life: &Life) -> bool {
        life.silent || (life.notebook == NotebookType::Pregnancy && self.lost_beside(life))
    }

    /// Whether somebody is pregnant, or has a child in its first year.
    pub fn has_baby(&self, today: NaiveDate) -> bool {
        self.living(today).any(|life| life.age_days(today).is_none_or(|days| days < FIRST_YEAR_DAYS))
    }

    /// Lists the children who live and the pregnancies that go on.
    pub fn living(&self, today: NaiveDate) -> impl Iterator<Item = &Life> {
        self.lives.iter().filter(move |life| {
            let there = life.age_days(today).is_some() || life.pregnancy_weeks(today).is_some();
            there && !self.is_silent(life)
        })
    }
}
