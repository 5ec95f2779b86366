//! A notice beside sample families: who would see it, and why each of them does or does not.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::audience::{Because, Finding, of_household, of_life};
use super::household::{Household, Life};
use super::list::{may_be_shown, reasons};
use super::words::because_words;
use crate::content::notice::Notice;
use crate::content::{Content, Words, in_locale};
use crate::furigana;
use crate::model::notebook::NotebookType;
use crate::texts::Locale;

/// A family that does not exist, as a file of samples has it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// What it is called in the preview.
    pub name: Words,
    /// The carer's language.
    pub language: String,
    /// The carer's area, if one is chosen.
    #[serde(default)]
    pub area: Option<String>,
    /// Its children and pregnancies.
    #[serde(default)]
    pub lives: Vec<SampleLife>,
}

/// A child or a pregnancy of a sample family; days are counted from the day of the preview.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleLife {
    /// A child's age in days.
    #[serde(default)]
    pub age_days: Option<u32>,
    /// Days until the due date of a pregnancy.
    #[serde(default)]
    pub due_in_days: Option<u32>,
    /// Twins or more, or one child.
    #[serde(default)]
    pub multiple: Option<bool>,
    /// A first child, or a later one.
    #[serde(default)]
    pub first_child: Option<bool>,
    /// Keys of the events that are done.
    #[serde(default)]
    pub done: Vec<String>,
    /// A loss or a death.
    #[serde(default)]
    pub silent: bool,
    /// Which children are of one pregnancy.
    #[serde(default)]
    pub pregnancy: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Samples {
    family: Vec<Sample>,
}

/// Reads a file of sample families.
///
/// # Errors
/// What is wrong with it.
pub fn read_samples(text: &str) -> Result<Vec<Sample>, String> {
    let value: serde_json::Value =
        toml::from_str(&furigana::plain(text)).map_err(|error| error.message().to_owned())?;
    serde_json::from_value(value).map(|samples: Samples| samples.family).map_err(|error| error.to_string())
}

impl Sample {
    /// Returns what its handbook would know on a day.
    pub fn household(&self, today: NaiveDate) -> Household {
        let life = |sample: &SampleLife| Life {
            notebook: if sample.due_in_days.is_some() { NotebookType::Pregnancy } else { NotebookType::Child },
            name: None,
            born: sample.age_days.and_then(|days| today.checked_sub_days(Days::new(days.into()))),
            due: sample.due_in_days.and_then(|days| today.checked_add_days(Days::new(days.into()))),
            multiple: sample.multiple,
            first_child: sample.first_child,
            done: sample.done.iter().cloned().collect(),
            pregnancy: sample.pregnancy.clone(),
            silent: sample.silent,
        };
        let lives = self.lives.iter().map(life).collect();
        Household { language: self.language.clone(), area: self.area.clone(), lives }
    }
}

/// What a notice would be for one sample family.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// The family.
    pub family: String,
    /// Whether it would see the notice.
    pub shown: bool,
    /// Each predicate: of the household first, then of each child or pregnancy.
    pub reasons: Vec<Reason>,
    /// The title as this family would read it.
    pub title: String,
    /// Whether it reads Japanese for want of its language.
    pub only_japanese: bool,
}

/// One predicate in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// Which child or pregnancy was asked, from 1; without it the household.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub life: Option<usize>,
    /// Whether it holds.
    pub holds: bool,
    /// Why.
    pub words: String,
}

/// Evaluates a notice for sample families, with a reason for each predicate.
pub fn preview(
    content: &Content,
    notice: &Notice,
    samples: &[Sample],
    today: NaiveDate,
    locale: Locale,
) -> Vec<Preview> {
    samples.iter().map(|sample| of_sample(content, notice, sample, today, locale)).collect()
}

fn of_sample(content: &Content, notice: &Notice, sample: &Sample, today: NaiveDate, locale: Locale) -> Preview {
    let household = sample.household(today);
    let say = |life: Option<usize>, Finding { holds, because }: Finding| Reason {
        life,
        holds,
        words: because_words(content, &because, holds, today, locale),
    };
    let mut reasons_in_words = Vec::new();
    if let Err(because) = may_be_shown(notice, &household, today) {
        reasons_in_words.push(say(None, Finding { holds: false, because }));
    }
    let own = of_household(&notice.audience, &household);
    reasons_in_words.extend(own.into_iter().map(|finding| say(None, finding)));
    if notice.audience.asks_of_a_child() {
        for (number, life) in household.lives.iter().enumerate() {
            let found = match household.is_silent(life) {
                true => vec![Finding { holds: false, because: Because::Loss }],
                false => of_life(&notice.audience, &household, life, today),
            };
            reasons_in_words.extend(found.into_iter().map(|finding| say(Some(number + 1), finding)));
        }
    }
    let shown = reasons(notice, &household, today).is_some();
    if reasons_in_words.is_empty() {
        let because = if shown { Because::Everyone } else { Because::NoChild };
        reasons_in_words.push(say(None, Finding { holds: shown, because }));
    }
    let title = notice.title.in_language(&sample.language);
    Preview {
        family: in_locale(&sample.name, locale).to_owned(),
        shown,
        reasons: reasons_in_words,
        title: title.text.to_owned(),
        only_japanese: title.only_japanese,
    }
}
