//! Items of the self-check and the rules of its offer, as data.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::words::Words;

/// The four areas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// 運動
    Motor,
    /// 言葉
    Language,
    /// 社会性
    Social,
    /// 生活
    DailyLife,
}

impl Area {
    /// All of them, in the order they are shown.
    pub const ALL: [Self; 4] = [Self::Motor, Self::Language, Self::Social, Self::DailyLife];

    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Motor => "motor",
            Self::Language => "language",
            Self::Social => "social",
            Self::DailyLife => "daily_life",
        }
    }
}

/// One thing that a child can do.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckItem {
    /// Stable key: small letters, digits, `_`.
    pub id: String,
    /// Its area.
    pub area: Area,
    /// Rows of `content/checks/milestones.csv` that its ages come from.
    #[serde(default)]
    pub rows: Vec<String>,
    /// Or, for an item of a municipality: its source in words.
    #[serde(default)]
    pub source: String,
    /// Ages in completed months between which most children come to it.
    pub range: (u32, u32),
    /// The last completed months in which "not yet" leads nowhere: beside another item of its area, and alone. By then
    /// nine, and ninety-nine, of a hundred children have come to it (`content/checks/README.md`). Without it, the end
    /// of the range.
    #[serde(default)]
    pub late: Option<(u32, u32)>,
    /// Checks that ask it, by their first month.
    pub bands: Vec<u32>,
    /// Name of the drawing that a shell shows beside it.
    #[serde(default)]
    pub picture: String,
    /// `sound`: no response to sound is seen by it.
    #[serde(default)]
    pub signal: Option<String>,
    /// Whether a child who has stopped doing it should be seen: words, turning to the name, pointing, walking, smiling
    /// back, use of a hand. Only these are asked about when an answer goes back.
    #[serde(default)]
    pub core: bool,
    /// Remark for editors.
    #[serde(default)]
    pub note: String,
    /// What the child does.
    pub text: Words,
    /// How to look.
    pub look: Words,
    /// How to play.
    pub play: Words,
}

/// What is offered. A greater one wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferKind {
    /// Nothing needed.
    #[default]
    None,
    /// Look again in some weeks.
    Repeat,
    /// The desk, whenever it suits.
    Desk,
    /// The desk or a doctor, soon.
    Soon,
    /// A doctor, within days; the desk after that.
    Doctor,
}

impl OfferKind {
    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Repeat => "repeat",
            Self::Desk => "desk",
            Self::Soon => "soon",
            Self::Doctor => "doctor",
        }
    }
}

/// Where an age lies against an item's range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgeBand {
    /// Any age.
    Any,
    /// In the last month of the range, or later.
    Reached,
    /// The range is over.
    Passed,
    /// Nine of ten children have come to it.
    Late,
    /// Ninety-nine of a hundred have.
    LongLate,
}

/// What was answered earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Before {
    /// The same carer had seen it, and says that the child has stopped.
    Gone,
    /// It was "not yet" with the range over, long enough ago.
    StillNotYet,
}

/// One row of the table that leads to an offer: all its conditions must hold.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferRule {
    /// Stable key; words stand under `check.because.ID`.
    pub id: String,
    /// The row whose words it shares, if it has none of its own.
    #[serde(default)]
    pub words_of: Option<String>,
    /// The item is answered so.
    #[serde(default)]
    pub answer: Option<String>,
    /// Where the age lies against the range.
    #[serde(default)]
    pub age: Option<AgeBand>,
    /// What was answered earlier.
    #[serde(default)]
    pub before: Option<Before>,
    /// How many items of one area must hold; 0 and 1 are the same.
    #[serde(default)]
    pub together: usize,
    /// The item's signal.
    #[serde(default)]
    pub signal: Option<String>,
    /// A box ticked beside the items.
    #[serde(default)]
    pub notice: Option<String>,
    /// Something is written in the worry box.
    #[serde(default)]
    pub worry: bool,
    /// What it leads to.
    pub offer: OfferKind,
    /// Which professional has signed it: name, profession, day. Empty until somebody has.
    #[serde(default)]
    pub signed_by: String,
}

impl OfferRule {
    /// Key of the words that say why.
    pub fn words_key(&self) -> String {
        format!("check.because.{}", self.words_of.as_ref().unwrap_or(&self.id))
    }
}

/// Bands and rules of the self-check.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckRules {
    /// First months of the checks; each lasts to the next.
    pub bands: Vec<u32>,
    /// The month in which the last one ends.
    pub end: u32,
    /// Corrected age is used up to this month, for children born before 37 weeks.
    pub corrected_until: u32,
    /// "Some weeks": full days between two looks.
    pub repeat_after_days: u32,
    /// How many questions are asked first; the rest is there for who wants it.
    pub first: usize,
    /// How many items of an area that were "not yet" with their range over come again in the next check.
    pub carried: usize,
    /// Boxes to tick beside the items.
    pub notices: Vec<String>,
    /// Words that no text of an item may hold: diagnosis, comparison, numbers that look like scores.
    pub avoid: Vec<String>,
    /// The rule table.
    pub rule: Vec<OfferRule>,
}

/// What the ages of an item rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// A source names these ages.
    Cited,
    /// A rule derives them from a source's ages.
    Derived,
    /// The municipality added the item.
    Municipality,
}

impl Basis {
    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Cited => "cited",
            Self::Derived => "derived",
            Self::Municipality => "municipality",
        }
    }

    /// Reads a source's basis from its key; `None` for an unknown one, such as an interpolated age.
    pub fn from_source(key: &str) -> Option<Self> {
        [Self::Cited, Self::Derived].into_iter().find(|basis| basis.key() == key)
    }
}

/// A row of a source: which skill, which ages, by which rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Milestone {
    /// Stable key.
    pub id: String,
    /// Its area.
    pub area: Area,
    /// In short English.
    pub skill: String,
    /// How its ages are known.
    pub basis: Basis,
    /// How the ages follow from the source: see `content/checks/README.md`.
    pub rule: String,
    /// First completed month.
    pub from_months: u32,
    /// Last completed month.
    pub to_months: u32,
    /// The source.
    pub source: String,
}

/// Columns of the table of rows.
const COLUMNS: [&str; 8] = ["id", "area", "skill", "basis", "rule", "from_months", "to_months", "source"];

/// Reads the table of rows.
///
/// # Errors
/// The line, and what is wrong with it.
pub fn read_milestones(text: &str) -> Result<BTreeMap<String, Milestone>, String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    if reader.headers().map_err(|error| error.to_string())?.iter().ne(COLUMNS) {
        return Err(format!("the columns are {}", COLUMNS.join(", ")));
    }
    let mut rows = BTreeMap::new();
    for (row, record) in reader.records().enumerate() {
        let record = record.map_err(|error| error.to_string())?;
        let row = milestone(&record).ok_or_else(|| format!("row {} cannot be read", row + 1))?;
        rows.insert(row.id.clone(), row);
    }
    Ok(rows)
}

fn milestone(record: &csv::StringRecord) -> Option<Milestone> {
    let text = |column: usize| record.get(column).map(str::to_owned);
    Some(Milestone {
        id: text(0)?,
        area: Area::ALL.into_iter().find(|area| Some(area.key()) == record.get(1))?,
        skill: text(2)?,
        basis: Basis::from_source(record.get(3)?)?,
        rule: text(4)?,
        from_months: record.get(5)?.parse().ok()?,
        to_months: record.get(6)?.parse().ok()?,
        source: text(7)?,
    })
}
