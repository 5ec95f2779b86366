//! The days of one dose: earliest, standard window, last routine day, and the last day that leaves room for the rest.

use chrono::NaiveDate;

use super::season::{extension, season};
use super::walk::{Life, Walk};
use crate::content::moment::{Distance, Moment};
use crate::content::series::{Dose, Gap, Path, Programme, Series};

/// Days that bound a dose, each with the rule that says so.
#[derive(Debug, Default)]
struct Bounds {
    days: Vec<(NaiveDate, String)>,
}

impl Bounds {
    fn add(&mut self, day: Option<NaiveDate>, rule: impl Into<String>) {
        self.days.extend(day.map(|day| (day, rule.into())));
    }

    fn last(&self) -> Option<NaiveDate> {
        self.days.iter().map(|(day, _)| *day).max()
    }

    fn first(&self) -> Option<NaiveDate> {
        self.days.iter().map(|(day, _)| *day).min()
    }

    fn rules_of(&self, day: Option<NaiveDate>) -> impl Iterator<Item = String> + '_ {
        self.days.iter().filter(move |(known, _)| Some(*known) == day).map(|(_, rule)| rule.clone())
    }
}

/// The days of a dose.
pub(super) struct DoseWindow {
    pub(super) earliest: NaiveDate,
    /// The same without what only the programme asks.
    pub(super) possible: NaiveDate,
    pub(super) last: Option<NaiveDate>,
    pub(super) standard: Standard,
    /// The special measure that opened it again.
    pub(super) special: Option<String>,
    pub(super) because: Vec<String>,
    /// Rules that end it.
    pub(super) ends: Vec<String>,
    /// The last day on which the ones that follow still fit before their own last days.
    pub(super) finish_by: Option<NaiveDate>,
    /// That day is over.
    pub(super) rest_is_late: bool,
}

/// The standard window of a dose.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standard {
    pub(super) from: Option<NaiveDate>,
    pub(super) to: Option<NaiveDate>,
    /// It was over before the dose became possible.
    pub(super) missed: bool,
}

/// The next dose of one walk.
pub(super) struct Windows<'c, 'a> {
    pub(super) life: &'c Life<'a>,
    pub(super) series: &'a Series,
    pub(super) walk: &'c Walk<'a>,
    /// First day of the series by age.
    pub(super) opens: NaiveDate,
}

impl Windows<'_, '_> {
    fn rule(&self, name: &str) -> String {
        format!("{}/{name}", self.series.id)
    }

    pub(super) fn dose_rule(&self, dose: u8, name: &str) -> String {
        format!("{}/{}/{dose}/{name}", self.series.id, self.walk.path.id)
    }

    /// The days of a dose.
    pub(super) fn of(&self, dose: &Dose) -> DoseWindow {
        let today = self.life.today;
        let (lower, upper) = (self.lower_bounds(dose), self.upper_bounds(dose));
        let mut earliest = lower.last().unwrap_or(self.opens);
        let by_nature = lower.days.iter().filter(|(_, rule)| !rule.ends_with("/programme")).map(|(day, _)| *day).max();
        let mut last = upper.first();
        let mut special = None;
        // A special measure opens again what has closed for these birth dates.
        if let Some(measure) = extension(self.series, self.life.person, self.life.history.given())
            && last.is_some_and(|last| today > last || earliest > last)
        {
            let from = self.life.on(measure.from);
            earliest = from.map_or(earliest, |from| earliest.max(from));
            last = measure.to.on(&self.life.person.anchors);
            special = Some(measure.id.clone());
        }
        let first = self.walk.counted.is_empty();
        // A first dose that comes into reach after this season waits for the next one; a second one does not.
        let season = season(self.series, if first { today.max(earliest) } else { today });
        earliest = season.map_or(earliest, |(from, _)| earliest.max(from));
        let mut because: Vec<String> = season.iter().map(|_| self.rule("season")).collect();
        because.extend(lower.rules_of(Some(earliest)));
        if first && self.series.path.len() > 1 {
            because.push(format!("{}/{}/path", self.series.id, self.walk.path.id));
        }
        let standard = match season {
            Some((_, to)) => {
                Standard { from: Some(earliest), to: Some(to).filter(|to| *to >= earliest), missed: false }
            }
            None => self.standard(dose, earliest, last),
        };
        let ends = upper.rules_of(upper.first()).collect();
        let finish_by = last.and_then(|last| self.finish_by(dose, last, special.is_some()).filter(|day| *day < last));
        DoseWindow {
            earliest,
            possible: by_nature.unwrap_or(self.opens),
            last,
            standard,
            special,
            because,
            ends,
            finish_by: finish_by.filter(|day| *day >= earliest.max(today)),
            rest_is_late: finish_by.is_some_and(|day| day < earliest.max(today)),
        }
    }

    /// A later start has no standard window of its own: the one of the first path is over then.
    pub(super) fn starts_late(&self, standard: Standard) -> bool {
        let first_window = |path: &Path| self.life.on(path.doses.first()?.std_to);
        self.walk.counted.is_empty()
            && standard.from.is_none()
            && self.series.path.iter().filter_map(first_window).max().is_some_and(|to| self.life.today > to)
    }

    /// The distance inside which nothing may be proposed though nobody has confirmed it.
    pub(super) fn is_inside_unconfirmed(&self, dose: &Dose, day: NaiveDate) -> bool {
        let inside = |gap: &Gap| {
            let least = gap.min.filter(|least| !least.is_sure());
            let free = least.zip(self.anchor(gap)).and_then(|(least, anchor)| least.after(anchor));
            free.is_some_and(|free| day < free)
        };
        dose.gaps.iter().any(inside)
    }

    fn anchor(&self, gap: &Gap) -> Option<NaiveDate> {
        self.walk.anchor(self.life, self.series, gap)
    }

    fn on(&self, moment: Option<Moment>) -> Option<NaiveDate> {
        self.life.on(moment)
    }

    /// The product that the series goes on with: the last one for as long as the programme has it.
    fn product(&self) -> &str {
        let begun = self.walk.judged.last().map(|dose| dose.given.product.as_str());
        let still = |product: &&str| {
            let known = self.life.rules.product(product);
            known.is_some_and(|known| known.routine_to.is_none_or(|to| self.life.today <= to.0))
        };
        begun.filter(still).or(self.series.products.first().map(String::as_str)).unwrap_or_default()
    }

    fn lower_bounds(&self, dose: &Dose) -> Bounds {
        let mut bounds = Bounds::default();
        bounds.add(Some(self.opens), self.rule("eligible"));
        if self.series.programme == Programme::Routine {
            let began = self.series.since.or(self.series.valid_from);
            bounds.add(began.map(|day| day.0), self.rule("programme"));
        }
        bounds.add(self.on(dose.from), self.dose_rule(dose.n, "from"));
        bounds.add(self.walk.previous.and_then(|day| day.succ_opt()), self.dose_rule(dose.n, "order"));
        for gap in &dose.gaps {
            let least = self.walk.least(self.life, self.series, gap, self.product(), self.life.today);
            let day = least.zip(self.anchor(gap)).and_then(|(least, from)| least.after(from));
            bounds.add(day, self.dose_rule(dose.n, &format!("gap:{}", gap.after)));
        }
        if let Some(gap) = self.life.rules.rule("LIVE27").and_then(|rule| rule.gap) {
            // On the same day is allowed; from the next day on it is too near.
            let before = self.life.live_before(self.series, self.walk);
            bounds.add(before.into_iter().filter_map(|on| gap.after(on)).max(), "LIVE27");
        }
        bounds
    }

    fn upper_bounds(&self, dose: &Dose) -> Bounds {
        let mut bounds = Bounds::default();
        bounds.add(self.on(self.series.to), self.rule("eligible"));
        bounds.add(self.series.valid_to.map(|day| day.0), self.rule("programme"));
        // The end of a first dose is where another path begins, unless there is none.
        let ends = self.on(self.walk.path.start_to);
        let later = |path: &Path| path.prior.is_empty() && self.on(path.start_from) > ends;
        let other_path = self.walk.counted.is_empty() && self.series.path.iter().any(later);
        if !(other_path && dose.n == 1) {
            bounds.add(self.on(dose.to), self.dose_rule(dose.n, "to"));
        }
        bounds
    }

    /// The standard window: from the age and from the doses before, never before the hard rules allow.
    fn standard(&self, dose: &Dose, earliest: NaiveDate, last: Option<NaiveDate>) -> Standard {
        let from_gaps = |pick: fn(&Gap) -> Option<Distance>| {
            let day = move |gap: &Gap| pick(gap).filter(|least| least.is_sure())?.after(self.anchor(gap)?);
            dose.gaps.iter().filter_map(day)
        };
        let (by_age, by_gap) = (self.on(dose.std_from), from_gaps(|gap| gap.std_min).max());
        let to = from_gaps(|gap| gap.std_max).chain(self.on(dose.std_to)).min();
        if by_age.or(by_gap).or(to).is_none() {
            return Standard::default();
        }
        let from = [by_age, by_gap].into_iter().flatten().fold(earliest, NaiveDate::max);
        let Some(to) = to else { return within(Standard { from: Some(from), to: None, missed: false }, last) };
        // Where the usual distance would pass the usual age, the age stands.
        let from = if from <= to { from } else { by_age.map_or(earliest, |by_age| by_age.max(earliest)) };
        if from > to {
            return Standard { missed: true, ..Standard::default() };
        }
        within(Standard { from: Some(from), to: Some(last.map_or(to, |last| to.min(last))), missed: false }, last)
    }

    /// The last day for a dose after which the ones that follow it still fit before their own last days. Nothing where
    /// none follows, or where none of them has a last day.
    fn finish_by(&self, dose: &Dose, last: NaiveDate, special: bool) -> Option<NaiveDate> {
        // Where a first dose may still come by a later start, the last such path is what binds.
        let later = self.series.path.iter().rfind(|path| path.prior.is_empty() && path.start_from.is_some());
        let begins = self.walk.counted.is_empty() && dose.n == 1;
        let path = later.filter(|_| begins).unwrap_or(self.walk.path);
        let dose = if begins { path.doses.first()? } else { dose };
        let doses = &path.doses;
        let at = doses.iter().position(|known| known == dose)?;
        let rest = doses.get(at..).filter(|rest| rest.len() > 1)?;
        // Last day of each dose from this one on, tightened from the end.
        let own = |dose: &Dose| self.on(dose.to).filter(|_| !special).map_or(last, |to| to.min(last.max(to)));
        let series_end = if special { Some(last) } else { self.on(self.series.to) };
        let mut days: Vec<NaiveDate> =
            rest.iter().map(|dose| series_end.map_or(own(dose), |end| own(dose).min(end))).collect();
        days[0] = days[0].min(last);
        for i in (1..rest.len()).rev() {
            // A dose that is left out when it is late binds nothing.
            if rest[i].dropped_after.is_some() {
                continue;
            }
            let order = days[i].pred_opt()?;
            let before = i - 1;
            days[before] = days[before].min(order);
            for gap in &rest[i].gaps {
                let from = match gap.after.split_once(':') {
                    None => Some(before),
                    Some(("dose", n)) => rest.iter().position(|dose| n.parse() == Ok(dose.n)),
                    Some(_) => None,
                };
                let least = self.walk.least(self.life, self.series, gap, self.product(), days[before]);
                if let (Some(from), Some(least)) = (from, least) {
                    days[from] = days[from].min(least.before(days[i])?);
                }
            }
        }
        Some(days[0])
    }
}

/// A window that begins after the last day says nothing.
fn within(standard: Standard, last: Option<NaiveDate>) -> Standard {
    let after = standard.from.zip(last).is_some_and(|(from, last)| from > last);
    if after { Standard::default() } else { standard }
}
