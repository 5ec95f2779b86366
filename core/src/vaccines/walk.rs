//! The walk through a series: each of its records in order, judged where it stands, and what it leaves open.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::history::History;
use super::plan::{Given, Person};
use super::season::{extension, is_extended, is_for, season, season_year};
use super::verdict::{Judged, Verdict};
use crate::content::moment::{Distance, Moment};
use crate::content::series::{Dose, DoseRole, Gap, Path, ProductKind, Programme, Series, Subject, VaccineRules};

/// What only a doctor or the municipality can answer about a series' records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Question {
    /// Products that are not exchanged for each other.
    Mixed,
    /// A dose too soon after another.
    TooSoon,
    /// A dose before its first age.
    TooEarly,
    /// A dose inside a distance that nobody has confirmed.
    Unconfirmed,
}

impl Question {
    /// The rule's key within its series.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Mixed => "mixed",
            Self::TooSoon => "too_soon",
            Self::TooEarly => "too_early",
            Self::Unconfirmed => "unconfirmed",
        }
    }

    /// Whether it stays although every dose has its place.
    pub(super) const fn outlives_the_series(self) -> bool {
        matches!(self, Self::Mixed | Self::Unconfirmed)
    }
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
    /// What a doctor must answer.
    pub(super) questions: BTreeSet<Question>,
}

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
        extension(series, self.person, self.history.given()).is_some_and(|measure| measure.in_order)
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

    /// Whether a record of a series lies in the future. What another series gives opens no older one.
    pub(super) fn has_later(&self, series: &Series) -> bool {
        let own = |one: &Given| series.products.contains(&one.product);
        let begun = !series.legacy || self.history.given().iter().chain(&self.history.later).any(own);
        begun && self.history.later.iter().any(|one| self.fits(series, one))
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
}

/// Walks a series' path through its records.
pub(super) fn walk<'a>(life: &Life<'a>, series: &'a Series) -> Walk<'a> {
    let mut records = life.of_series(series);
    if let Some((first, last)) = season_year(series, life.today) {
        records.retain(|dose| first <= dose.on && dose.on <= last);
    }
    // The first record that is not too early decides on the path.
    let opens = life.on(Some(series.from));
    let start = records.iter().find(|dose| !is_before_its_age(life, series, dose)).map(|dose| dose.on);
    let begun_with = records.first().map(|dose| dose.product.as_str());
    let season = season(series, life.today).map(|(from, _)| from);
    // Without one, the first day that is possible does.
    let start = start.unwrap_or([opens, season].into_iter().flatten().fold(life.today, NaiveDate::max));
    let path = choose_path(life, series, begun_with, start);
    let mut walk = Walk {
        path,
        next: path.doses.first(),
        counted: BTreeMap::new(),
        previous: None,
        last_initial: None,
        dropped: Vec::new(),
        judged: Vec::new(),
        questions: BTreeSet::new(),
    };
    for one in records {
        walk.step(life, series, one);
    }
    walk.drop_until(life, walk.soonest(life, series));
    walk
}

fn choose_path<'a>(life: &Life<'a>, series: &'a Series, begun_with: Option<&str>, start: NaiveDate) -> &'a Path {
    let day = |moment: Option<crate::content::moment::Moment>| moment.and_then(|at| at.on(&life.person.anchors));
    let prior = |path: &&Path| begun_with.is_some_and(|product| path.prior.iter().any(|known| known == product));
    let by_start = |path: &&Path| {
        path.prior.is_empty()
            && day(path.start_from).is_none_or(|from| from <= start)
            && day(path.start_to).is_none_or(|to| start <= to)
    };
    let path = series.path.iter().find(prior).or_else(|| series.path.iter().find(by_start));
    // Before the first path's start its first dose comes; after the last one's end nothing is proposed anyway.
    path.or_else(|| series.path.iter().rfind(|path| path.prior.is_empty())).unwrap_or(&series.path[0])
}

/// First day of a series by age on the day of a record.
fn opens_for(life: &Life<'_>, series: &Series, on: NaiveDate) -> Option<NaiveDate> {
    let opens = series.earlier.iter().find(|old| on <= old.until.0).map_or(series.from, |old| old.from);
    opens.on(&life.person.anchors)
}

/// Whether a record came before the programme's first day, and before its own licence's too.
fn is_before_its_age(life: &Life<'_>, series: &Series, one: &Given) -> bool {
    opens_for(life, series, one.on).is_some_and(|from| one.on < from) && !is_licensed_before(life, one)
}

/// Whether a record lies within a licence that begins before the programme.
fn is_licensed_before(life: &Life<'_>, one: &Given) -> bool {
    let licensed = life.rules.product(&one.product).and_then(|product| life.on(product.licensed_from));
    licensed.is_some_and(|from| from <= one.on)
}

impl<'r> Walk<'r> {
    fn place(&self, dose: &Dose) -> Option<usize> {
        self.path.doses.iter().position(|known| known.n == dose.n)
    }

    fn advance(&mut self) {
        let at = self.next.and_then(|dose| self.place(dose));
        self.next = at.and_then(|at| self.path.doses.get(at + 1));
    }

    /// The first day on which the distances allow the next dose; the day asked, if that is later.
    fn soonest(&self, life: &Life<'_>, series: &Series) -> NaiveDate {
        let product = series.products.first().map(String::as_str).unwrap_or_default();
        let free = |gap: &Gap| {
            let least = self.least(life, series, gap, product, life.today)?;
            least.after(self.anchor(life, series, gap)?)
        };
        let gaps = self.next.iter().flat_map(|dose| &dose.gaps);
        gaps.filter_map(free).fold(life.today, NaiveDate::max)
    }

    /// Drops doses that would come too late on a day.
    fn drop_until(&mut self, life: &Life<'_>, day: NaiveDate) {
        while let Some(dose) = self.next {
            let late = life.on(dose.dropped_after).is_some_and(|by| day > by);
            let by = life.on(dose.dropped_if_previous_after);
            let skipped = by.zip(self.last_initial).is_some_and(|(by, last)| last > by);
            if !late && !skipped {
                return;
            }
            self.dropped.push(dose.n);
            self.advance();
        }
    }

    fn step(&mut self, life: &Life<'_>, series: &'r Series, one: &Given) {
        self.drop_until(life, one.on);
        let (mut verdict, mut because) = self.verdict(life, series, one);
        let mut number = None;
        match verdict {
            Verdict::Routine | Verdict::Private => number = self.count(life, series, one),
            Verdict::Unclear => {
                self.questions.insert(Question::Mixed);
                number = self.count(life, series, one);
            }
            Verdict::TooSoon => {
                number = self.too_soon(series, one, &because);
                if number.is_some() {
                    (verdict, because) = in_programme(life, series, one);
                }
            }
            Verdict::TooEarly if !series.early_is_given_again => _ = self.questions.insert(Question::TooEarly),
            Verdict::TooEarly | Verdict::Extra | Verdict::Inconsistent => {}
        }
        if verdict != Verdict::Inconsistent {
            self.previous = Some(one.on);
        }
        self.judged.push(Judged { given: one.clone(), series: series.id.clone(), dose: number, verdict, because });
    }

    /// Gives a record the next place.
    fn count(&mut self, life: &Life<'_>, series: &Series, one: &Given) -> Option<u8> {
        let dose = self.next?;
        let unconfirmed = |gap: &Gap| {
            let least = gap.min.filter(|least| !least.is_sure());
            let free = least.zip(self.anchor(life, series, gap)).and_then(|(least, from)| least.after(from));
            free.is_some_and(|free| one.on < free)
        };
        if dose.gaps.iter().any(unconfirmed) {
            self.questions.insert(Question::Unconfirmed);
        }
        self.counted.insert(dose.n, one.on);
        if dose.role == DoseRole::Initial {
            self.last_initial = Some(one.on);
        }
        self.advance();
        Some(dose.n)
    }

    /// The rules themselves may say what is needed after a dose that came too soon, so that it keeps its number; else a
    /// doctor does.
    fn too_soon(&mut self, series: &'r Series, one: &Given, because: &[String]) -> Option<u8> {
        let added = self.next.and_then(|dose| dose.if_too_soon.as_deref().map(|more| (dose, more)));
        let by_gap = because.iter().all(|rule| rule.contains("/gap:"));
        if by_gap && series.soon_is_given_again {
            return None;
        }
        if let Some((dose, more)) = added.filter(|_| by_gap) {
            let from = dose.if_too_soon_from.zip(self.previous).and_then(|(least, previous)| least.after(previous));
            if from.is_none_or(|from| from <= one.on) {
                self.counted.insert(dose.n, one.on);
                self.next = Some(more);
                let other = series.path.iter().find(|path| dose.if_too_soon_path.as_ref() == Some(&path.id));
                self.path = other.unwrap_or(self.path);
                return Some(dose.n);
            }
        }
        self.questions.insert(Question::TooSoon);
        None
    }

    fn verdict(&self, life: &Life<'_>, series: &Series, one: &Given) -> (Verdict, Vec<String>) {
        let person = life.person;
        if person.subject == Subject::Child && person.anchors.born.is_some_and(|born| one.on < born) {
            return (Verdict::Inconsistent, vec!["before_birth".into()]);
        }
        let Some(dose) = self.next else { return (Verdict::Extra, Vec::new()) };
        if self.is_unaccepted_change(series, one) {
            return (Verdict::Unclear, vec![format!("{}/mixed", series.id)]);
        }
        let place = format!("{}/{}/{}", series.id, self.path.id, dose.n);
        if is_before_its_age(life, series, one) {
            return (Verdict::TooEarly, vec![format!("{}/eligible", series.id)]);
        }
        if life.on(dose.from).is_some_and(|from| one.on < from) && !is_licensed_before(life, one) {
            return (Verdict::TooEarly, vec![format!("{place}/from")]);
        }
        for gap in &dose.gaps {
            let Some(anchor) = self.anchor(life, series, gap) else { continue };
            let least = self.least(life, series, gap, &one.product, one.on);
            let least = if self.doctor_may_shorten(gap) { gap.min_by_doctor.or(least) } else { least };
            if least.and_then(|least| least.after(anchor)).is_some_and(|allowed| one.on < allowed) {
                return (Verdict::TooSoon, vec![format!("{place}/gap:{}", gap.after)]);
            }
        }
        if let Some(rule) = life.too_near(one) {
            return (Verdict::TooSoon, vec![rule]);
        }
        in_programme(life, series, one)
    }

    /// Whether a record changes to a product that nothing allows after the one before it.
    fn is_unaccepted_change(&self, series: &Series, one: &Given) -> bool {
        let before = self.judged.iter().rfind(|dose| dose.verdict != Verdict::Inconsistent);
        before.is_some_and(|before| {
            let from = &before.given.product;
            let accepted = |(known, to): &(String, String)| known == from && *to == one.product;
            *from != one.product && !series.switches.is_empty() && !series.switches.iter().any(accepted)
        })
    }

    /// The hard minimum of a gap for a dose of a product on a day.
    pub(super) fn least(
        &self,
        life: &Life<'_>,
        series: &Series,
        gap: &Gap,
        product: &str,
        on: NaiveDate,
    ) -> Option<Distance> {
        let closed = life.on(series.to);
        let begun = self.counted.values().next().zip(closed).is_some_and(|(first, closed)| *first <= closed);
        if let Some((measure, rest)) =
            extension(series, life.person, life.history.given()).and_then(|measure| Some((measure, measure.rest_gap?)))
        {
            let first = self.counted.values().next();
            let in_time =
                measure.rest_since.is_some_and(|day| first.is_some_and(|first| *first < day.0) && on >= day.0);
            if in_time || (begun && closed.is_some_and(|closed| on > closed)) {
                return Some(rest);
            }
        }
        let usual = if self.dropped.is_empty() { gap.min } else { gap.min_if_dropped.or(gap.min) };
        gap.min_of.get(product).copied().or(usual).filter(|least| least.is_sure())
    }

    /// A doctor may shorten the distance in days, not the months of a booster.
    fn doctor_may_shorten(&self, gap: &Gap) -> bool {
        gap.min_if_dropped.is_none() || !self.dropped.is_empty()
    }

    /// The day that a gap counts from.
    pub(super) fn anchor(&self, life: &Life<'_>, series: &Series, gap: &Gap) -> Option<NaiveDate> {
        match gap.after.split_once(':') {
            None if gap.after == "prev" => self.previous,
            None => self.last_initial.or(self.previous),
            Some(("dose", n)) => self.counted.get(&n.parse().ok()?).copied(),
            Some(("series", id)) if id != series.id => life.last_of(id),
            Some(_) => None,
        }
    }

    /// What a doctor must answer, the first of it.
    pub(super) fn question(&self) -> Option<Question> {
        let complete = self.next.is_none();
        self.questions.iter().copied().find(|question| !complete || question.outlives_the_series())
    }
}

/// The verdict on a record that counts.
fn in_programme(life: &Life<'_>, series: &Series, one: &Given) -> (Verdict, Vec<String>) {
    if is_routine(life, series, one) {
        (Verdict::Routine, Vec::new())
    } else {
        (Verdict::Private, vec![format!("{}/eligible", series.id)])
    }
}

/// Whether a record that counts was a routine dose on its day.
fn is_routine(life: &Life<'_>, series: &Series, one: &Given) -> bool {
    let Some(product) = life.rules.product(&one.product) else { return false };
    // An older product that counts was routine before the series had its present form.
    let own = series.products.contains(&one.product);
    let began = product.routine_from.or(series.valid_from.filter(|_| own)).or(series.since);
    let from = began.is_none_or(|from| one.on >= from.0);
    let to = product.routine_to.or(series.valid_to).is_none_or(|to| one.on <= to.0);
    let opened = opens_for(life, series, one.on).is_none_or(|from| one.on >= from);
    let closed = series.to.and_then(|to| to.on(&life.person.anchors)).is_some_and(|to| one.on > to);
    let in_age = opened && (!closed || is_extended(series, life.person, life.history.given(), one.on));
    // Another vaccine in place of the programme's own is not its product, though it counts.
    let substitute = !own && series.counts_from.is_some();
    from && to && in_age && !substitute && is_for(series, life.person) && series.programme == Programme::Routine
}
