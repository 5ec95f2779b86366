//! Which dose of which series each record is, judged by the rules of its day.

use chrono::NaiveDate;

use super::plan::{Given, Person};
use super::season::{extension, season_start};
use super::walk::{Walk, walk};
use crate::content::moment::Moment;
use crate::content::series::{ProductKind, Series, Subject, VaccineRules};

/// Assessment of an administered dose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "DoseVerdict"))]
pub enum Verdict {
    /// A routine dose (定期接種).
    Routine,
    /// Counts, but was outside the routine programme (任意接種).
    Private,
    /// Before its first age: does not count.
    TooEarly,
    /// Too soon after another dose: a doctor says whether it counts.
    TooSoon,
    /// More than the series has.
    Extra,
    /// A date that cannot be.
    Inconsistent,
    /// How it counts is for a doctor to say.
    Unclear,
}

impl Verdict {
    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Routine => "routine",
            Self::Private => "private",
            Self::TooEarly => "too_early",
            Self::TooSoon => "too_soon",
            Self::Extra => "extra",
            Self::Inconsistent => "inconsistent",
            Self::Unclear => "unclear",
        }
    }

    /// Whether it takes its place in the series.
    pub const fn counts(self) -> bool {
        matches!(self, Self::Routine | Self::Private)
    }
}

/// A dose that was given, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "JudgedDose"))]
pub struct Judged {
    /// The record.
    pub given: Given,
    /// Key of its series; empty for a product that no series asks for.
    pub series: String,
    /// Its number in the series, if it has a place there.
    pub dose: Option<u8>,
    /// Its assessment.
    pub verdict: Verdict,
    /// Keys of the rules that decided.
    pub because: Vec<String>,
}

/// A person's records in order, each once.
#[derive(Debug, Clone)]
pub struct History {
    given: Vec<Given>,
    /// Records of days that are still to come: they are no doses yet.
    later: Vec<Given>,
}

impl History {
    /// Orders records and takes out what was typed twice, so that the order of typing never matters. What lies after the
    /// asked day is kept apart.
    pub fn new(rules: &VaccineRules, given: &[Given], today: NaiveDate) -> Self {
        let mut given: Vec<Given> =
            given.iter().filter(|dose| rules.product(&dose.product).is_some()).cloned().collect();
        given.sort();
        given.dedup();
        let later = given.split_off(given.partition_point(|dose| dose.on <= today));
        Self { given, later }
    }

    /// All records up to the asked day.
    pub fn given(&self) -> &[Given] {
        &self.given
    }

    /// Whether any of these products was given.
    pub(super) fn has_any(&self, products: &[String]) -> bool {
        self.given.iter().any(|dose| products.contains(&dose.product))
    }

    /// Whether any of these products was given between two days.
    pub(super) fn has_any_within(&self, products: &[String], days: Option<(NaiveDate, NaiveDate)>) -> bool {
        let within = |dose: &Given| days.is_none_or(|(first, last)| first <= dose.on && dose.on <= last);
        self.given.iter().any(|dose| products.contains(&dose.product) && within(dose))
    }

    /// Every record with its verdict, in order. One that belongs to no series is for a doctor to say, unless its product is
    /// only kept as a record.
    pub fn judge(&self, rules: &VaccineRules, person: &Person, today: NaiveDate) -> Vec<Judged> {
        let life = Life { rules, person, history: self, today };
        let mut judged: Vec<Judged> = Vec::new();
        for series in rules.series.iter().filter(|series| series.subject == person.subject) {
            // A seasonal series begins anew each season; all of its seasons are judged.
            for season in life.seasons(series) {
                judged.extend(Life { today: season, ..life }.walk(series).judged);
            }
        }
        judged.iter_mut().for_each(|dose| self.judge_old_gap(rules, dose));
        // One too many for a series may be the first of the one that follows it.
        let placed: Vec<Given> =
            judged.iter().filter(|dose| dose.verdict != Verdict::Extra).map(|dose| dose.given.clone()).collect();
        judged.retain(|dose| dose.verdict != Verdict::Extra || !placed.contains(&dose.given));
        for given in &self.given {
            if !judged.iter().any(|dose| dose.given == *given) {
                judged.push(life.outside_every_series(given));
            }
        }
        judged.extend(self.later.iter().map(|given| Judged {
            given: given.clone(),
            series: String::new(),
            dose: None,
            verdict: Verdict::Inconsistent,
            because: vec![AFTER_TODAY.into()],
        }));
        judged.sort_by(|a, b| (&a.given, &a.series).cmp(&(&b.given, &b.series)));
        judged
    }

    /// Judges a record of before 2020-10-01 by the rule of that time: every vaccine kept a gap to every other one.
    fn judge_old_gap(&self, rules: &VaccineRules, dose: &mut Judged) {
        let Some(old) = rules.rule("OLD_GAP") else { return };
        if old.until.is_none_or(|until| dose.given.on > until.0) {
            return;
        }
        let too_near = |earlier: &Given| {
            let gap = match rules.product(&earlier.product).map(|product| product.kind) {
                Some(ProductKind::Antibody) => None,
                Some(ProductKind::Inactivated) => old.gap_after_inactivated,
                _ => old.gap,
            };
            let allowed = gap.and_then(|gap| gap.after(earlier.on));
            allowed.is_some_and(|allowed| dose.given.on < allowed)
        };
        let mut others =
            self.given.iter().filter(|other| other.product != dose.given.product && other.on < dose.given.on);
        if others.any(too_near) && dose.verdict == Verdict::Routine {
            dose.verdict = Verdict::TooSoon;
            dose.because.push("OLD_GAP".into());
        }
    }
}

/// The rule that a date lies after the asked day.
pub(super) const AFTER_TODAY: &str = "after_today";

/// One person's records under the rules, asked on a day.
#[derive(Debug, Clone, Copy)]
pub(super) struct Life<'a> {
    pub(super) rules: &'a VaccineRules,
    pub(super) person: &'a Person,
    pub(super) history: &'a History,
    pub(super) today: NaiveDate,
}

impl<'a> Life<'a> {
    /// The day of a moment that may decide something.
    pub(super) fn on(&self, moment: Option<Moment>) -> Option<NaiveDate> {
        moment.filter(|at| at.is_sure()).and_then(|at| at.on(&self.person.anchors))
    }

    /// A series' walk up to the day.
    pub(super) fn walk(&self, series: &'a Series) -> Walk<'a> {
        walk(self, series)
    }

    /// The series that another one continues by the order of doses, for those whom a special measure counts so.
    pub(super) fn followed_in_order(&self, series: &Series) -> Option<&'a Series> {
        self.rules.series(series.follows.as_deref().filter(|_| self.counts_in_order(series))?)
    }

    fn counts_in_order(&self, series: &Series) -> bool {
        extension(series, self.person).is_some_and(|measure| measure.in_order)
    }

    /// Records of a series.
    pub(super) fn of_series(&self, series: &'a Series) -> Vec<&'a Given> {
        let history = self.history;
        // Some products continue another series instead of beginning this one.
        if history.has_any(&series.gives_way_to) || (series.legacy && !history.has_any(&series.products)) {
            return Vec::new();
        }
        if let Some(before) = self.followed_in_order(series) {
            // What the series before has no place for.
            let walk = self.walk(before);
            let over =
                |one: &Given| walk.judged.iter().any(|dose| dose.verdict == Verdict::Extra && dose.given == *one);
            return history.given.iter().filter(|one| over(one)).collect();
        }
        history.given.iter().filter(|one| self.fits(series, one)).collect()
    }

    /// Whether a record of a series lies in the future.
    pub(super) fn has_later(&self, series: &Series) -> bool {
        self.history.later.iter().any(|one| self.fits(series, one))
    }

    fn fits(&self, series: &Series, one: &Given) -> bool {
        let product = series.products.contains(&one.product) || self.counts_as(series, one);
        product && (self.counts_in_order(series) || self.is_of_its_age(series, one))
    }

    fn counts_as(&self, series: &Series, one: &Given) -> bool {
        let from = self.on(series.counts_from);
        series.counts.contains(&one.product) && from.is_none_or(|from| one.on >= from)
    }

    /// Products that two series share go by age.
    fn is_of_its_age(&self, series: &Series, one: &Given) -> bool {
        let day = |moment: Option<Moment>| moment.and_then(|at| at.on(&self.person.anchors));
        day(series.records_from).is_none_or(|from| one.on >= from)
            && day(series.records_before).is_none_or(|before| one.on < before)
    }

    /// The last record of a series that has a place there.
    pub(super) fn last_of(&self, id: &str) -> Option<NaiveDate> {
        let series = self.rules.series(id)?;
        if self.counts_in_order(series) {
            return self.walk(series).counted.values().next_back().copied();
        }
        self.of_series(series).last().map(|dose| dose.on)
    }

    fn is_live(&self, product: &str) -> bool {
        self.rules.product(product).is_some_and(|product| product.kind == ProductKind::LiveInjectable)
    }

    /// Live injectable vaccines that a dose of a series must keep its distance from: all other ones, and its own that did
    /// not count.
    pub(super) fn live_before(&self, series: &Series, walk: &Walk<'_>) -> Vec<NaiveDate> {
        if !series.products.iter().any(|product| self.is_live(product)) {
            return Vec::new();
        }
        let early = walk.judged.iter().filter(|dose| dose.verdict == Verdict::TooEarly).map(|dose| dose.given.on);
        let others = self
            .history
            .given
            .iter()
            .filter(|dose| self.is_live(&dose.product) && !series.products.contains(&dose.product));
        others.map(|dose| dose.on).chain(early).collect()
    }

    /// The rule by which a live injectable record came too near to another one before it, if it did.
    pub(super) fn too_near(&self, one: &Given) -> Option<String> {
        let rule = self.rules.rule("LIVE27").filter(|_| self.is_live(&one.product))?;
        let near = |other: &Given| {
            let free = rule.gap.and_then(|gap| gap.after(other.on));
            other.product != one.product && other.on < one.on && free.is_some_and(|free| one.on < free)
        };
        let found = self.history.given.iter().any(|other| self.is_live(&other.product) && near(other));
        // Between live vaccines the rule of before was the same.
        let old = rule.since.is_some_and(|since| one.on < since.0);
        found.then(|| if old { "OLD_GAP".to_owned() } else { rule.id.clone() })
    }

    /// A day of each season that has records; of a series without seasons, the day asked.
    fn seasons(&self, series: &Series) -> Vec<NaiveDate> {
        if series.season.is_none() {
            return vec![self.today];
        }
        let records = self.history.given.iter().filter(|one| series.products.contains(&one.product));
        let mut seasons: Vec<NaiveDate> = records.filter_map(|one| season_start(one.on)).collect();
        seasons.dedup();
        seasons
    }

    fn outside_every_series(&self, given: &Given) -> Judged {
        // A mother's own vaccinations are hers; only what the pregnancy asks for has a series.
        let kept = self.person.subject == Subject::Pregnant
            || self.rules.product(&given.product).is_some_and(|product| product.recorded_only);
        let led = self.rules.series.iter().any(|series| series.led_by_doctor.contains(&given.product));
        let (verdict, because) = match self.too_near(given) {
            _ if self.person.anchors.born.is_some_and(|born| given.on < born) => {
                (Verdict::Inconsistent, "before_birth".to_owned())
            }
            Some(rule) => (Verdict::TooSoon, rule),
            None if kept => (Verdict::Private, "recorded".to_owned()),
            None if led => (Verdict::Private, "led_by_doctor".to_owned()),
            None => (Verdict::Unclear, "unclear".to_owned()),
        };
        Judged { given: given.clone(), series: String::new(), dose: None, verdict, because: vec![because] }
    }
}
