//! Vaccination rules as data: products, series, paths by age at the first dose, doses, gaps.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;

use super::moment::{Confidence, Distance, Moment};
use crate::model::law::iso_day;

/// How a vaccine is made and given; decides the gap to other vaccines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProductKind {
    /// No gap to other vaccines.
    Inactivated,
    /// 27 days to another injectable live vaccine (LIVE27).
    LiveInjectable,
    /// Live, but free of LIVE27.
    LiveOral,
    /// Live, but free of LIVE27.
    LiveNasal,
    /// Antibodies, not a vaccine; no gap to any.
    Antibody,
}

/// One product, as a clinic records it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// Stable key, as in the `immunisation` entry.
    pub id: String,
    /// How it is made and given.
    pub kind: ProductKind,
    /// First day in the routine programme (定期接種), where the source gives one.
    #[serde(default)]
    pub routine_from: Option<Day>,
    /// Last day in the routine programme.
    #[serde(default)]
    pub routine_to: Option<Day>,
    /// First day by age or week that the licence (添付文書) allows, where that is before the programme.
    #[serde(default)]
    pub licensed_from: Option<Moment>,
    /// Last day that the licence allows; after it nobody gives it, at whatever cost.
    #[serde(default)]
    pub licensed_to: Option<Moment>,
    /// Kept as a record only: no series asks for it. Live ones keep their distance all the same.
    #[serde(default)]
    pub recorded_only: bool,
    /// How sure the entry is.
    #[serde(default)]
    pub confidence: Confidence,
    /// Source keys of its licence, as in `content/sources.toml`.
    #[serde(default)]
    pub sources: Vec<String>,
}

/// A day written as `2027-03-31`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub NaiveDate);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: serde::de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        iso_day(&text)
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom(format!("\"{text}\" is no day: write \"2027-03-31\"")))
    }
}

/// A rule that holds for every vaccine.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GlobalRule {
    /// Stable key.
    pub id: String,
    /// Full days between, where the rule is a gap.
    #[serde(default)]
    pub gap: Option<Distance>,
    /// Full days after an inactivated vaccine (the rule of before 2020-10-01).
    #[serde(default)]
    pub gap_after_inactivated: Option<Distance>,
    /// First day on which it holds.
    #[serde(default)]
    pub since: Option<Day>,
    /// Last day on which it held.
    #[serde(default)]
    pub until: Option<Day>,
    /// How sure it is; C drives nothing.
    #[serde(default)]
    pub confidence: Confidence,
    /// Source keys, as in `content/sources.toml`.
    #[serde(default)]
    pub sources: Vec<String>,
}

/// Who pays, under which relief scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Programme {
    /// 定期接種 A類
    Routine,
    /// 任意接種
    Voluntary,
}

/// Whose body it is given to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The child.
    Child,
    /// The pregnant woman; the record is hers.
    Pregnant,
}

/// Part that a dose plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DoseRole {
    /// 初回
    #[default]
    Initial,
    /// 追加
    Booster,
    /// One dose is all.
    Single,
}

/// A distance from an earlier dose.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// `prev`, `last_initial`, `dose:1`, or `series:ID` (the last dose of another series).
    pub after: String,
    /// Hard minimum.
    #[serde(default)]
    pub min: Option<Distance>,
    /// Shorter minimum where the doctor finds it necessary: judges what was given, proposes nothing.
    #[serde(default)]
    pub min_by_doctor: Option<Distance>,
    /// Hard minimum instead, for a dose of one of these products.
    #[serde(default)]
    pub min_of: BTreeMap<String, Distance>,
    /// Where the standard window begins.
    #[serde(default)]
    pub std_min: Option<Distance>,
    /// Where it ends.
    #[serde(default)]
    pub std_max: Option<Distance>,
    /// Hard minimum instead, if a dose before it was dropped.
    #[serde(default)]
    pub min_if_dropped: Option<Distance>,
}

/// One dose of a path.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dose {
    /// Number within the series.
    pub n: u8,
    /// Its part.
    #[serde(default)]
    pub role: DoseRole,
    /// First day by age.
    #[serde(default)]
    pub from: Option<Moment>,
    /// Standard window (標準的な接種期間).
    #[serde(default)]
    pub std_from: Option<Moment>,
    /// End of the standard window.
    #[serde(default)]
    pub std_to: Option<Moment>,
    /// Last day on which it is advised, though it stays legal longer.
    #[serde(default)]
    pub advised_to: Option<Moment>,
    /// Last routine day by age.
    #[serde(default)]
    pub to: Option<Moment>,
    /// Distances from earlier doses.
    #[serde(default)]
    pub gaps: Vec<Gap>,
    /// Dropped if not given by this day.
    #[serde(default)]
    pub dropped_after: Option<Moment>,
    /// Dropped if the dose before it was given after this day.
    #[serde(default)]
    pub dropped_if_previous_after: Option<Moment>,
    /// What is needed besides, if this dose came too soon.
    #[serde(default)]
    pub if_too_soon: Option<Box<Dose>>,
    /// The distance from the dose before below which even that is not said.
    #[serde(default)]
    pub if_too_soon_from: Option<Distance>,
    /// The path that the series goes on with then.
    #[serde(default)]
    pub if_too_soon_path: Option<String>,
}

/// A way through a series, chosen by the age at the first dose.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Path {
    /// Stable key within the series.
    pub id: String,
    /// First day of a first dose that takes this path.
    #[serde(default)]
    pub start_from: Option<Moment>,
    /// Last day of a first dose that takes this path.
    #[serde(default)]
    pub start_to: Option<Moment>,
    /// Or: the series was begun with one of these products.
    #[serde(default)]
    pub prior: Vec<String>,
    /// Its doses in order.
    pub doses: Vec<Dose>,
}

/// A special measure with an end.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    /// Stable key.
    pub id: String,
    /// First and last birth date.
    pub born: (Day, Day),
    /// First day.
    #[serde(default)]
    pub from: Option<Moment>,
    /// Last day.
    pub to: Moment,
    /// Doses count by their order, over the series that follow each other, and not by age.
    #[serde(default)]
    pub in_order: bool,
    /// Hard minimum before a dose given under the measure, if the series was begun before it.
    #[serde(default)]
    pub rest_gap: Option<Distance>,
    /// First day from which that minimum holds within the usual ages, too, for a series begun before it.
    #[serde(default)]
    pub rest_since: Option<Day>,
    /// Only for those who had a dose of the series between these days.
    #[serde(default)]
    pub begun: Option<(Day, Day)>,
}

/// What was another rule for the first dose before.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Earlier {
    /// Last day of the older rule.
    pub until: Day,
    /// First day by age then.
    pub from: Moment,
}

/// The months of a seasonal vaccine, as `10-01`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Season {
    /// First day.
    pub from: String,
    /// Last day.
    pub to: String,
}

/// One series.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Series {
    /// Stable key, `JP-…`.
    pub id: String,
    /// Routine or voluntary.
    pub programme: Programme,
    /// Whose body.
    pub subject: Subject,
    /// Only for one sex.
    #[serde(default)]
    pub sex: Option<String>,
    /// What is given now.
    pub products: Vec<String>,
    /// Older or continuing products that count.
    #[serde(default)]
    pub counts: Vec<String>,
    /// First day from which those others count.
    #[serde(default)]
    pub counts_from: Option<Moment>,
    /// Changes of product that are accepted, from one to the other; empty: any.
    #[serde(default)]
    pub switches: Vec<(String, String)>,
    /// Products whose meaning for the series a doctor must say.
    #[serde(default)]
    pub unclear: Vec<String>,
    /// Once one of these was given, a doctor leads and the programme does not.
    #[serde(default)]
    pub led_by_doctor: Vec<String>,
    /// Only one of these series; of a seasonal one, only one a season.
    #[serde(default)]
    pub exclusive_with: Vec<String>,
    /// Key of the words for "either of them", where one is to be chosen.
    #[serde(default)]
    pub either: Option<String>,
    /// The series that this one continues.
    #[serde(default)]
    pub follows: Option<String>,
    /// A dose before the first age does not count and is given again: no question is left.
    #[serde(default)]
    pub early_is_given_again: bool,
    /// A dose too soon after the one before it does not count and is given again: no question is left.
    #[serde(default)]
    pub soon_is_given_again: bool,
    /// Records before this day belong to another series with the same product.
    #[serde(default)]
    pub records_from: Option<Moment>,
    /// Records from this day on belong to another series with the same product.
    #[serde(default)]
    pub records_before: Option<Moment>,
    /// Not begun if one of these products was: the series that it opened goes on instead.
    #[serde(default)]
    pub gives_way_to: Vec<String>,
    /// Shown only if it was begun; the open rest is for clinic and municipality to decide.
    #[serde(default)]
    pub legacy: bool,
    /// For legacy: the rest is not computed but decided by clinic and municipality.
    #[serde(default)]
    pub rest_is_decided: bool,
    /// First day of the programme with the present products.
    #[serde(default)]
    pub valid_from: Option<Day>,
    /// First day of the programme with the older products that count, where that was before.
    #[serde(default)]
    pub since: Option<Day>,
    /// Last day of the programme.
    #[serde(default)]
    pub valid_to: Option<Day>,
    /// First birth date of the programme.
    #[serde(default)]
    pub born_from: Option<Day>,
    /// Legal eligibility (公費の対象期間).
    pub from: Moment,
    /// Its end; voluntary vaccines may have none.
    #[serde(default)]
    pub to: Option<Moment>,
    /// Older rules for the first dose.
    #[serde(default)]
    pub earlier: Vec<Earlier>,
    /// Seasonal vaccines.
    #[serde(default)]
    pub season: Option<Season>,
    /// Paths.
    pub path: Vec<Path>,
    /// Special measures.
    #[serde(default)]
    pub extension: Vec<Extension>,
    /// Source keys, as in `content/sources.toml`.
    pub sources: Vec<String>,
}

/// All rules of vaccination.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VaccineRules {
    /// First and last day for which the file was checked.
    pub checked_for: (Day, Day),
    /// A dose counts as "soon" this many days ahead. A choice of this project.
    pub soon_days: u32,
    /// How long a visit may wait for other doses of the same day. A choice of this project.
    pub wait_days: u32,
    /// So many days ahead, the last day on which a series can still be finished in time is told. A choice of this project.
    pub finish_days: u32,
    /// What waits, or is to be asked, is reminded of again after so many days. A choice of this project.
    pub remind_again_days: u32,
    /// What holds for all.
    pub rule: Vec<GlobalRule>,
    /// Products.
    pub products: Vec<Product>,
    /// Series.
    pub series: Vec<Series>,
}

impl VaccineRules {
    /// A product by its key.
    pub fn product(&self, id: &str) -> Option<&Product> {
        self.products.iter().find(|product| product.id == id)
    }

    /// A series by its key.
    pub fn series(&self, id: &str) -> Option<&Series> {
        self.series.iter().find(|series| series.id == id)
    }

    /// A rule by its key, if it is sure enough to decide anything.
    pub fn rule(&self, id: &str) -> Option<&GlobalRule> {
        self.rule.iter().find(|rule| rule.id == id && rule.confidence < Confidence::C)
    }
}
