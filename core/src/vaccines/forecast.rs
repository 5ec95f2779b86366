//! The next dose of a series.

use chrono::{Days, NaiveDate};

use super::history::{History, Verdict, Walk};
use super::plan::{NextDose, Person, Status};
use super::season::{extension, season};
use crate::content::moment::{Distance, Moment};
use crate::content::series::{Day, Dose, Gap, Path, ProductKind, Programme, Series, VaccineRules};
use crate::model::notebook::Sex;

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

fn open_on(moment: Option<Moment>, person: &Person) -> Option<NaiveDate> {
    moment.filter(|at| at.is_sure()).and_then(|at| at.on(&person.anchors))
}

/// The next dose of a series; `None` where the series is not for this person.
pub(super) fn next(
    rules: &VaccineRules,
    person: &Person,
    series: &Series,
    history: &History,
    today: NaiveDate,
) -> Option<NextDose> {
    let opens = series.from.on(&person.anchors).filter(|_| is_for(series, person))?;
    let begun = !history.of_series(series, person).is_empty();
    if series.legacy && !begun {
        return None;
    }
    let walk = history.walk(rules, series, person, today);
    let case = Case { rules, person, series, history, today, opens, begun, walk: &walk };
    let forecast = case.blank();
    if let Some((status, rule)) = case.stopped_before() {
        return Some(forecast.stopped(status, rule));
    }
    Some(match walk.next {
        None => forecast,
        Some(dose) => case.dose(forecast, dose),
    })
}

fn is_for(series: &Series, person: &Person) -> bool {
    let old_enough = |from: Day| person.anchors.born.is_none_or(|born| born >= from.0);
    series.subject == person.subject
        && !(series.sex.as_deref() == Some("female") && person.sex == Sex::Male)
        && series.born_from.is_none_or(old_enough)
}

impl NextDose {
    fn stopped(mut self, status: Status, rule: String) -> Self {
        self.status = status;
        self.because.push(rule);
        self
    }
}

/// The days of a dose.
struct DoseWindow {
    earliest: NaiveDate,
    last: Option<NaiveDate>,
    standard: (Option<NaiveDate>, Option<NaiveDate>),
    /// The special measure that opened it again.
    special: Option<String>,
    because: Vec<String>,
    /// Rules that end it.
    ends: Vec<String>,
}

/// One series of one person on one day.
struct Case<'a> {
    rules: &'a VaccineRules,
    person: &'a Person,
    series: &'a Series,
    history: &'a History,
    today: NaiveDate,
    opens: NaiveDate,
    begun: bool,
    walk: &'a Walk<'a>,
}

impl Case<'_> {
    /// Without anything open: complete.
    fn blank(&self) -> NextDose {
        let given = self.walk.counted.keys().last().copied().unwrap_or(0);
        NextDose {
            series: self.series.id.clone(),
            dose: self.walk.next.map_or(given, |dose| dose.n),
            status: Status::Completed,
            earliest: None,
            standard_from: None,
            standard_to: None,
            last_routine_day: None,
            path: self.walk.path.id.clone(),
            because: Vec::new(),
        }
    }

    fn rule(&self, name: &str) -> String {
        format!("{}/{name}", self.series.id)
    }

    fn dose_rule(&self, dose: u8, name: &str) -> String {
        format!("{}/{}/{dose}/{name}", self.series.id, self.walk.path.id)
    }

    /// What ends the question before any day is looked at.
    fn stopped_before(&self) -> Option<(Status, String)> {
        if self.walk.judged.iter().any(|dose| dose.verdict == Verdict::Inconsistent) {
            return Some((Status::RecordInconsistent, "before_birth".to_owned()));
        }
        let mut others = self.rules.series.iter().filter(|other| self.series.exclusive_with.contains(&other.id));
        if others.any(|other| self.history.has_any(&other.products)) {
            return Some(if self.begun {
                (Status::NeedsClinicianDecision, self.rule("mixed"))
            } else {
                (Status::DroppedByRule, self.rule("exclusive"))
            });
        }
        let replaced = self.history.has_any(&self.series.gives_way_to);
        replaced.then(|| (Status::DroppedByRule, self.rule("exclusive")))
    }

    fn dose(&self, mut found: NextDose, dose: &Dose) -> NextDose {
        let window = self.window(dose);
        found.because.extend(self.walk.dropped.iter().map(|n| self.dose_rule(*n, "dropped")));
        if window.last.is_some_and(|last| self.today > last || window.earliest > last) && !self.is_undecided() {
            found.last_routine_day = window.last;
            found.status = Status::EligibilityEnded;
            found.because.extend(window.ends);
            found.because.extend(window.special);
            return found;
        }
        (found.earliest, found.last_routine_day) = (Some(window.earliest), window.last);
        (found.standard_from, found.standard_to) = window.standard;
        found.because.extend(window.because.iter().cloned());
        if let Some((status, rule)) = self.stopped_within(dose, &window) {
            return found.stopped(status, rule);
        }
        found.status = self.status(&window);
        found.because.extend(window.special);
        found
    }

    fn window(&self, dose: &Dose) -> DoseWindow {
        let (lower, upper) = (self.lower_bounds(dose), self.upper_bounds(dose));
        let mut earliest = lower.last().unwrap_or(self.opens);
        let mut last = upper.first();
        let mut special = None;
        // A special measure opens again what has closed for these birth dates.
        if let Some(measure) = extension(self.series, self.person)
            && last.is_some_and(|last| self.today > last || earliest > last)
        {
            earliest = earliest.max(measure.from.map_or(earliest, |from| from.0));
            last = measure.to.on(&self.person.anchors);
            special = Some(measure.id.clone());
        }
        let first = self.walk.counted.is_empty();
        // A first dose that comes into reach after this season waits for the next one; a second one does not.
        let season = season(self.series, if first { self.today.max(earliest) } else { self.today });
        earliest = season.map_or(earliest, |(from, _)| earliest.max(from));
        let mut because: Vec<String> = season.iter().map(|_| self.rule("season")).collect();
        because.extend(lower.rules_of(Some(earliest)));
        if first && self.series.path.len() > 1 {
            because.push(format!("{}/{}/path", self.series.id, self.walk.path.id));
        }
        let standard = match season {
            Some((_, to)) => (Some(earliest), Some(to).filter(|to| *to >= earliest)),
            None => self.standard(dose, earliest, last),
        };
        let ends = upper.rules_of(upper.first()).collect();
        DoseWindow { earliest, last, standard, special, because, ends }
    }

    /// Whether a doctor or the municipality must speak first, whatever the day.
    fn undecided(&self) -> Option<&'static str> {
        if self.history.has_any(&self.series.unclear) {
            return Some("unclear");
        }
        if self.series.rest_is_decided {
            return Some("decided");
        }
        // A dose too soon stays a question, unless the rules themselves say what follows; one too early only until
        // another came after it.
        let planned = self.walk.next.is_some_and(|dose| !self.walk.path.doses.contains(dose));
        if !planned && self.walk.judged.iter().any(|dose| dose.verdict == Verdict::TooSoon) {
            return Some("too_soon");
        }
        let last = self.walk.judged.last().map(|dose| dose.verdict);
        (last == Some(Verdict::TooEarly)).then_some("too_early")
    }

    fn is_undecided(&self) -> bool {
        self.undecided().is_some()
    }

    /// What ends the question with the days known.
    fn stopped_within(&self, dose: &Dose, window: &DoseWindow) -> Option<(Status, String)> {
        if let Some(rule) = self.undecided() {
            return Some((Status::NeedsClinicianDecision, self.rule(rule)));
        }
        let day = self.today.max(window.earliest);
        // A gap that nobody has confirmed makes no date, but inside it nothing is proposed either.
        let inside = |gap: &Gap| {
            let least = gap.min.filter(|least| !least.is_sure());
            let free = least.zip(self.anchor(gap)).and_then(|(least, anchor)| least.after(anchor));
            free.is_some_and(|free| day < free)
        };
        if dose.gaps.iter().any(inside) {
            return Some((Status::NeedsClinicianDecision, self.rule("unconfirmed")));
        }
        let late = open_on(dose.advised_to, self.person).is_some_and(|advised| day > advised);
        late.then(|| (Status::NotRecommended, self.dose_rule(dose.n, "advised_to")))
    }

    fn status(&self, window: &DoseWindow) -> Status {
        let (today, earliest) = (self.today, window.earliest);
        let from = window.standard.0.unwrap_or(earliest);
        if today >= earliest && (window.special.is_some() || self.starts_late(window)) {
            return Status::PastStandardStillEligible;
        }
        if today >= from {
            let over = window.standard.1.is_some_and(|to| today > to);
            return if over { Status::PastStandardStillEligible } else { Status::RecommendedNow };
        }
        if today >= earliest {
            return Status::Eligible;
        }
        let soon = from.checked_sub_days(Days::new(u64::from(self.rules.soon_days)));
        if soon.is_some_and(|soon| today >= soon) { Status::DueSoon } else { Status::NotYet }
    }

    /// A later start has no standard window of its own: the one of the first path is over then.
    fn starts_late(&self, window: &DoseWindow) -> bool {
        let first_window = |path: &Path| open_on(path.doses.first()?.std_to, self.person);
        self.walk.counted.is_empty()
            && window.standard.0.is_none()
            && self.series.path.iter().filter_map(first_window).max().is_some_and(|to| self.today > to)
    }

    /// The day that a gap counts from.
    fn anchor(&self, gap: &Gap) -> Option<NaiveDate> {
        match gap.after.strip_prefix("series:") {
            Some(id) => self.history.of_series(self.rules.series(id)?, self.person).last().map(|dose| dose.on),
            None => self.walk.anchor(&gap.after),
        }
    }

    fn lower_bounds(&self, dose: &Dose) -> Bounds {
        let mut bounds = Bounds::default();
        bounds.add(Some(self.opens), self.rule("eligible"));
        if self.series.programme == Programme::Routine {
            bounds.add(self.series.valid_from.map(|day| day.0), self.rule("programme"));
        }
        bounds.add(open_on(dose.from, self.person), self.dose_rule(dose.n, "from"));
        bounds.add(self.walk.previous.and_then(|day| day.succ_opt()), self.dose_rule(dose.n, "order"));
        for gap in &dose.gaps {
            let least = if self.walk.dropped.is_empty() { gap.min } else { gap.min_if_dropped.or(gap.min) };
            let least = least.filter(|least| least.is_sure());
            let day = least.zip(self.anchor(gap)).and_then(|(least, from)| least.after(from));
            bounds.add(day, self.dose_rule(dose.n, &format!("gap:{}", gap.after)));
        }
        let live =
            |id: &String| self.rules.product(id).is_some_and(|product| product.kind == ProductKind::LiveInjectable);
        if self.series.products.iter().any(live)
            && let Some(gap) = self.rules.rule("LIVE27").and_then(|rule| rule.gap)
        {
            // On the same day is allowed; from the next day on it is too near.
            let others = self.history.other_live(self.rules, self.series);
            bounds.add(others.filter_map(|dose| gap.after(dose.on)).max(), "LIVE27");
        }
        bounds
    }

    fn upper_bounds(&self, dose: &Dose) -> Bounds {
        let mut bounds = Bounds::default();
        bounds.add(open_on(self.series.to, self.person), self.rule("eligible"));
        bounds.add(self.series.valid_to.map(|day| day.0), self.rule("programme"));
        // The end of a first dose is where another path begins, unless there is none.
        let ends = open_on(self.walk.path.start_to, self.person);
        let later = |path: &Path| path.prior.is_empty() && open_on(path.start_from, self.person) > ends;
        let other_path = self.walk.counted.is_empty() && self.series.path.iter().any(later);
        if !(other_path && dose.n == 1) {
            bounds.add(open_on(dose.to, self.person), self.dose_rule(dose.n, "to"));
        }
        bounds
    }

    /// The standard window: from the age and from the doses before, never before the hard rules allow.
    fn standard(
        &self,
        dose: &Dose,
        earliest: NaiveDate,
        last: Option<NaiveDate>,
    ) -> (Option<NaiveDate>, Option<NaiveDate>) {
        let from_gaps = |pick: fn(&Gap) -> Option<Distance>| {
            let day = move |gap: &Gap| pick(gap).filter(|least| least.is_sure())?.after(self.anchor(gap)?);
            dose.gaps.iter().filter_map(day)
        };
        let from = from_gaps(|gap| gap.std_min).chain(open_on(dose.std_from, self.person)).max();
        let ends: Vec<NaiveDate> = from_gaps(|gap| gap.std_max).chain(open_on(dose.std_to, self.person)).collect();
        if from.is_none() && ends.is_empty() {
            return (None, None);
        }
        let from = from.map_or(earliest, |from| from.max(earliest));
        let to = ends.into_iter().filter(|to| *to >= from).min().map(|to| last.map_or(to, |last| to.min(last)));
        // A window that is over before the dose can be given says nothing.
        if last.is_some_and(|last| from > last) { (None, None) } else { (Some(from), to) }
    }
}

/// The gap that rules ask between two products, and the rule: the next day at the earliest.
pub fn gap_between(rules: &VaccineRules, given: &str, on: NaiveDate, next: &str) -> Option<(NaiveDate, String)> {
    let live = |id: &str| rules.product(id).is_some_and(|product| product.kind == ProductKind::LiveInjectable);
    if given != next && live(given) && live(next) {
        let rule = rules.rule("LIVE27")?;
        return Some((rule.gap?.after(on)?, rule.id.clone()));
    }
    Some((on.succ_opt()?, "NO_OTHER_GAP".to_owned()))
}
