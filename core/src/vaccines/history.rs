//! Which dose of which series each record is, judged by the rules of its day.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::plan::{Given, Person};
use crate::content::series::{Dose, DoseRole, Path, ProductKind, Series, Subject, VaccineRules};

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
    /// Key of its series.
    pub series: String,
    /// Its number in the series, if it counts.
    pub dose: Option<u8>,
    /// Its assessment.
    pub verdict: Verdict,
    /// Keys of the rules that decided.
    pub because: Vec<String>,
}

/// The walk through a series' path so far.
#[derive(Debug, Clone)]
pub(super) struct Walk<'r> {
    /// The path, chosen by the first dose or by the day.
    pub(super) path: &'r Path,
    /// The next dose to give; `None` if complete.
    pub(super) next: Option<&'r Dose>,
    /// Dates of doses that count, by number.
    pub(super) counted: BTreeMap<u8, NaiveDate>,
    /// The last dose given, counting or not.
    pub(super) previous: Option<NaiveDate>,
    /// The last initial dose.
    pub(super) last_initial: Option<NaiveDate>,
    /// Doses that were dropped.
    pub(super) dropped: Vec<u8>,
    /// Records with their verdicts.
    pub(super) judged: Vec<Judged>,
}

/// A person's records in order, each once.
#[derive(Debug, Clone)]
pub struct History {
    given: Vec<Given>,
}

impl History {
    /// Orders records and takes out what was typed twice, so that the order of typing never matters.
    pub fn new(rules: &VaccineRules, given: &[Given]) -> Self {
        let mut given: Vec<Given> =
            given.iter().filter(|dose| rules.product(&dose.product).is_some()).cloned().collect();
        given.sort();
        given.dedup();
        Self { given }
    }

    /// All records.
    pub fn given(&self) -> &[Given] {
        &self.given
    }

    /// Whether any of these products was given.
    pub(super) fn has_any(&self, products: &[String]) -> bool {
        self.given.iter().any(|dose| products.contains(&dose.product))
    }

    /// Records of a series.
    pub(super) fn of_series(&self, series: &Series, person: &Person) -> Vec<&Given> {
        let begun = !series.legacy || self.has_any(&series.products);
        let mine = |one: &&Given| {
            let fits = series.products.contains(&one.product) || series.counts.contains(&one.product);
            fits && begun && self.belongs(series, person, one)
        };
        self.given.iter().filter(mine).collect()
    }

    /// Products that two series share go by age; some products continue another series instead of beginning this one.
    fn belongs(&self, series: &Series, person: &Person, one: &Given) -> bool {
        let day = |moment: Option<crate::content::moment::Moment>| moment.and_then(|at| at.on(&person.anchors));
        !self.has_any(&series.gives_way_to)
            && day(series.records_from).is_none_or(|from| one.on >= from)
            && day(series.records_before).is_none_or(|before| one.on < before)
    }

    /// Live injectable vaccines of other kinds than a series' own.
    pub(super) fn other_live<'a>(
        &'a self,
        rules: &'a VaccineRules,
        series: &'a Series,
    ) -> impl Iterator<Item = &'a Given> + 'a {
        self.given.iter().filter(move |dose| {
            let live = rules.product(&dose.product).is_some_and(|p| p.kind == ProductKind::LiveInjectable);
            live && !series.products.contains(&dose.product)
        })
    }

    /// Every record with its verdict, in order. One that belongs to no series is for a doctor to say.
    pub fn judge(&self, rules: &VaccineRules, person: &Person, today: NaiveDate) -> Vec<Judged> {
        let mut judged: Vec<Judged> = Vec::new();
        for series in rules.series.iter().filter(|series| series.subject == person.subject) {
            let mut doses = self.walk(rules, series, person, today).judged;
            doses.iter_mut().for_each(|dose| self.judge_old_gap(rules, dose));
            judged.extend(doses);
        }
        for given in &self.given {
            if !judged.iter().any(|dose| dose.given == *given) {
                judged.push(Judged {
                    given: given.clone(),
                    series: String::new(),
                    dose: None,
                    verdict: Verdict::Unclear,
                    because: vec!["unclear".into()],
                });
            }
        }
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

    /// Walks a series' path through its records.
    pub(super) fn walk<'r>(
        &self,
        rules: &'r VaccineRules,
        series: &'r Series,
        person: &Person,
        today: NaiveDate,
    ) -> Walk<'r> {
        let mut records = self.of_series(series, person);
        if let Some((first, last)) = super::season::season_year(series, today) {
            records.retain(|dose| first <= dose.on && dose.on <= last);
        }
        // The first record that is not before the first age of the series decides on the path.
        let opens = series.from.on(&person.anchors);
        let start = records.iter().map(|dose| dose.on).find(|on| opens.is_none_or(|from| *on >= from));
        let path = choose_path(series, person, &records, start.unwrap_or(opens.map_or(today, |from| from.max(today))));
        let mut walk = Walk {
            path,
            next: path.doses.first(),
            counted: BTreeMap::new(),
            previous: None,
            last_initial: None,
            dropped: Vec::new(),
            judged: Vec::new(),
        };
        for one in records {
            walk.step(rules, series, person, one);
        }
        walk.drop_until(person, today);
        walk
    }
}

fn choose_path<'r>(series: &'r Series, person: &Person, records: &[&Given], start: NaiveDate) -> &'r Path {
    let on = |moment: Option<crate::content::moment::Moment>| moment.and_then(|at| at.on(&person.anchors));
    let prior = |path: &&Path| records.iter().any(|dose| path.prior.contains(&dose.product));
    let by_start = |path: &&Path| {
        path.prior.is_empty()
            && on(path.start_from).is_none_or(|from| from <= start)
            && on(path.start_to).is_none_or(|to| start <= to)
    };
    let path = series.path.iter().find(prior).or_else(|| series.path.iter().find(by_start));
    // Before the first path's start its first dose comes; after the last one's end nothing is proposed anyway.
    path.or_else(|| series.path.iter().rfind(|path| path.prior.is_empty())).unwrap_or(&series.path[0])
}

impl<'r> Walk<'r> {
    fn place(&self, dose: &Dose) -> Option<usize> {
        self.path.doses.iter().position(|known| known.n == dose.n)
    }

    fn advance(&mut self) {
        let at = self.next.and_then(|dose| self.place(dose));
        self.next = at.and_then(|at| self.path.doses.get(at + 1));
    }

    /// Drops doses that would come too late on a day.
    fn drop_until(&mut self, person: &Person, day: NaiveDate) {
        while let Some(dose) = self.next {
            let on = |moment: Option<crate::content::moment::Moment>| {
                moment.filter(|at| at.is_sure()).and_then(|at| at.on(&person.anchors))
            };
            let late = on(dose.dropped_after).is_some_and(|by| day > by);
            let skipped = on(dose.dropped_if_previous_after).zip(self.last_initial).is_some_and(|(by, last)| last > by);
            if !late && !skipped {
                return;
            }
            self.dropped.push(dose.n);
            self.advance();
        }
    }

    fn step(&mut self, rules: &VaccineRules, series: &Series, person: &Person, one: &Given) {
        self.drop_until(person, one.on);
        let (verdict, because) = self.verdict(rules, series, person, one);
        let prior = self.path.prior.contains(&one.product);
        let mut number = None;
        if verdict.counts() {
            let n = if prior && self.counted.is_empty() { 1 } else { self.next.map_or(1, |dose| dose.n) };
            let initial = self.next.is_none_or(|dose| dose.role == DoseRole::Initial);
            self.counted.insert(n, one.on);
            number = Some(n);
            if initial {
                self.last_initial = Some(one.on);
            }
            // A path for people who began with another product has no first dose of its own.
            if n > 1 || self.path.doses.first().is_some_and(|dose| dose.n == 1) {
                self.advance();
            }
        } else if verdict == Verdict::TooSoon
            && let Some(more) = self.next.and_then(|dose| dose.if_too_soon.as_deref().map(|more| (dose.n, more)))
        {
            // The rules themselves say what is needed then.
            self.counted.insert(more.0, one.on);
            self.next = Some(more.1);
        }
        if verdict != Verdict::Inconsistent {
            self.previous = Some(one.on);
        }
        self.judged.push(Judged { given: one.clone(), series: series.id.clone(), dose: number, verdict, because });
    }

    fn verdict(&self, rules: &VaccineRules, series: &Series, person: &Person, one: &Given) -> (Verdict, Vec<String>) {
        let day = |moment: Option<crate::content::moment::Moment>| moment.and_then(|at| at.on(&person.anchors));
        if person.subject == Subject::Child && person.anchors.born.is_some_and(|born| one.on < born) {
            return (Verdict::Inconsistent, vec!["before_birth".into()]);
        }
        let Some(dose) = self.next else { return (Verdict::Extra, Vec::new()) };
        let place = format!("{}/{}/{}", series.id, self.path.id, dose.n);
        let opens = series.earlier.iter().find(|old| one.on <= old.until.0).map_or(series.from, |old| old.from);
        if day(Some(opens)).is_some_and(|from| one.on < from) {
            return (Verdict::TooEarly, vec![format!("{}/eligible", series.id)]);
        }
        if day(dose.from.filter(|at| at.is_sure())).is_some_and(|from| one.on < from) {
            return (Verdict::TooEarly, vec![format!("{place}/from")]);
        }
        for gap in &dose.gaps {
            let Some(anchor) = self.anchor(&gap.after) else { continue };
            let least = if self.dropped.is_empty() { gap.min } else { gap.min_if_dropped.or(gap.min) };
            let allowed = least.filter(|least| least.is_sure()).and_then(|least| least.after(anchor));
            if allowed.is_some_and(|allowed| one.on < allowed) {
                return (Verdict::TooSoon, vec![format!("{place}/gap:{}", gap.after)]);
            }
        }
        let routine = rules.product(&one.product).is_some_and(|product| {
            // An older product that counts was routine before the series had its present form.
            let begun = series.valid_from.filter(|_| series.products.contains(&one.product));
            let from = product.routine_from.or(begun).is_none_or(|from| one.on >= from.0);
            let to = product.routine_to.or(series.valid_to).is_none_or(|to| one.on <= to.0);
            from && to
        });
        let extended = super::season::extension(series, person).is_some_and(|extension| {
            let to = extension.to.on(&person.anchors);
            to.is_some_and(|to| one.on <= to) && extension.from.is_none_or(|from| one.on >= from.0)
        });
        let within = day(series.to).is_none_or(|to| one.on <= to) || extended;
        let programme = series.programme == crate::content::series::Programme::Routine;
        if routine && within && programme {
            (Verdict::Routine, Vec::new())
        } else {
            (Verdict::Private, vec![format!("{}/eligible", series.id)])
        }
    }

    /// The day that a gap counts from, within the series.
    pub(super) fn anchor(&self, after: &str) -> Option<NaiveDate> {
        match after.split_once(':') {
            None if after == "prev" => self.previous,
            None => self.last_initial.or(self.previous),
            Some(("dose", n)) => self.counted.get(&n.parse().ok()?).copied(),
            Some(_) => None,
        }
    }
}
