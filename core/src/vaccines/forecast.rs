//! The next dose of a series.

use chrono::{Datelike, Days, NaiveDate};

use super::history::{History, Verdict, Walk};
use super::{Next, Person, Status};
use crate::content::moment::Moment;
use crate::content::series::{Dose, Extension, Gap, ProductKind, Programme, Series, VaccineRules};
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

/// The special measure for a person's birth date.
pub(super) fn extension<'r>(series: &'r Series, person: &Person) -> Option<&'r Extension> {
    let born = person.anchors.born?;
    series.extension.iter().find(|extension| extension.born.0.0 <= born && born <= extension.born.1.0)
}

/// First and last day of the months that count as one season, for seasonal vaccines: July to June around it.
pub(super) fn season_year(series: &Series, today: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    let (_, to) = season(series, today)?;
    Some((NaiveDate::from_ymd_opt(to.year() - 1, 7, 1)?, NaiveDate::from_ymd_opt(to.year(), 6, 30)?))
}

/// The season that is on, or the next one.
fn season(series: &Series, today: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    let season = series.season.as_ref()?;
    let day = |year: i32, text: &str| NaiveDate::parse_from_str(&format!("{year}-{text}"), "%Y-%m-%d").ok();
    let end = day(today.year(), &season.to)?;
    let end = if today <= end { end } else { day(today.year() + 1, &season.to)? };
    Some((day(end.year() - 1, &season.from)?, end))
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
) -> Option<Next> {
    if series.subject != person.subject {
        return None;
    }
    if series.sex.as_deref() == Some("female") && person.sex == Sex::Male {
        return None;
    }
    if series.born_from.is_some_and(|from| person.anchors.born.is_some_and(|born| born < from.0)) {
        return None;
    }
    let opens = series.from.on(&person.anchors)?;
    let own = history.of_series(series, person);
    if series.legacy && own.is_empty() {
        return None;
    }
    let walk = history.walk(rules, series, person, today);
    let number = walk.next.map_or_else(|| walk.counted.keys().last().copied().unwrap_or(0), |dose| dose.n);
    let several = series.path.len() > 1;
    let mut found = Next {
        series: series.id.clone(),
        dose: number,
        status: Status::Completed,
        earliest: None,
        standard_from: None,
        standard_to: None,
        last_routine_day: None,
        path: walk.path.id.clone(),
        because: Vec::new(),
    };
    let stop = |mut found: Next, status: Status, rule: &str| {
        found.status = status;
        found.because.push(rule.to_owned());
        Some(found)
    };
    if walk.judged.iter().any(|one| one.verdict == Verdict::Inconsistent) {
        return stop(found, Status::RecordInconsistent, "before_birth");
    }
    let others = rules.series.iter().filter(|other| series.exclusive_with.contains(&other.id));
    if others.into_iter().any(|other| history.has_any(&other.products)) {
        let (status, rule) = match own.is_empty() {
            true => (Status::DroppedByRule, "exclusive"),
            false => (Status::NeedsClinicianDecision, "mixed"),
        };
        return stop(found, status, &format!("{}/{rule}", series.id));
    }
    if history.has_any(&series.gives_way_to) {
        return stop(found, Status::DroppedByRule, &format!("{}/exclusive", series.id));
    }
    let Some(dose) = walk.next else { return Some(found) };
    found.because.extend(walk.dropped.iter().map(|n| format!("{}/{}/{n}/dropped", series.id, walk.path.id)));

    let (lower, upper) =
        (lower_bounds(rules, person, series, history, &walk, dose), upper_bounds(person, series, &walk, dose));
    let mut earliest = lower.last().unwrap_or(opens);
    let mut last = upper.first();
    let mut extended = None;
    // A special measure opens again what has closed for these birth dates.
    if let Some(special) = extension(series, person)
        && last.is_some_and(|last| today > last || earliest > last)
    {
        earliest = earliest.max(special.from.map_or(earliest, |from| from.0));
        last = special.to.on(&person.anchors);
        extended = Some(special.id.clone());
    }
    // A first dose that comes into reach after this season waits for the next one; a second one does not.
    let season = season(series, if walk.counted.is_empty() { today.max(earliest) } else { today });
    if let Some((from, _)) = season {
        earliest = earliest.max(from);
        found.because.push(format!("{}/season", series.id));
    }
    found.because.extend(lower.rules_of(Some(earliest)));
    if several && walk.counted.is_empty() {
        found.because.push(format!("{}/{}/path", series.id, walk.path.id));
    }
    let anchor = |gap: &Gap| gap_anchor(person, gap, &walk, history, rules);
    (found.standard_from, found.standard_to) = standard(person, dose, &anchor, earliest, last);
    if let Some((_, to)) = season {
        (found.standard_from, found.standard_to) = (Some(earliest), Some(to).filter(|to| *to >= earliest));
    }
    (found.earliest, found.last_routine_day) = (Some(earliest), last);

    if history.has_any(&series.unclear) {
        return stop(found, Status::NeedsClinicianDecision, &format!("{}/unclear", series.id));
    }
    if series.rest_is_decided {
        return stop(found, Status::NeedsClinicianDecision, &format!("{}/decided", series.id));
    }
    if let Some(taint) = taint(&walk) {
        return stop(found, Status::NeedsClinicianDecision, &format!("{}/{taint}", series.id));
    }
    if last.is_some_and(|last| today > last || earliest > last) {
        (found.earliest, found.standard_from, found.standard_to) = (None, None, None);
        found.because.retain(|rule| rule.ends_with("/dropped"));
        found.because.extend(upper.rules_of(upper.first()));
        found.because.extend(extended);
        found.status = Status::EligibilityEnded;
        return Some(found);
    }
    // A gap that nobody has confirmed makes no date, but inside it nothing is proposed either.
    let unconfirmed = dose.gaps.iter().filter(|gap| gap.min.is_some_and(|least| !least.is_sure()));
    let inside = |gap: &Gap| {
        let anchor = gap_anchor(person, gap, &walk, history, rules);
        gap.min.zip(anchor).and_then(|(least, anchor)| least.after(anchor)).is_some_and(|day| today.max(earliest) < day)
    };
    if unconfirmed.into_iter().any(inside) {
        return stop(found, Status::NeedsClinicianDecision, &format!("{}/unconfirmed", series.id));
    }
    if let Some(advised) = open_on(dose.advised_to, person)
        && today.max(earliest) > advised
    {
        return stop(found, Status::NotRecommended, &format!("{}/{}/{}/advised_to", series.id, walk.path.id, dose.n));
    }
    // A later start has no standard window of its own: the one of the first path is over then.
    let first_window =
        |path: &crate::content::series::Path| path.doses.first().and_then(|dose| open_on(dose.std_to, person));
    let late = walk.counted.is_empty()
        && found.standard_from.is_none()
        && series.path.iter().filter_map(first_window).max().is_some_and(|to| today > to);
    found.status = status(&found, today, rules.soon_days, late || extended.is_some());
    found.because.extend(extended);
    Some(found)
}

/// What makes a doctor's word necessary: a dose too soon, or one too early with none after it.
fn taint(walk: &Walk<'_>) -> Option<&'static str> {
    let planned = walk.next.is_some_and(|dose| !walk.path.doses.contains(dose));
    if !planned && walk.judged.iter().any(|one| one.verdict == Verdict::TooSoon) {
        return Some("too_soon");
    }
    let last = walk.judged.last().map(|one| one.verdict);
    (last == Some(Verdict::TooEarly)).then_some("too_early")
}

fn gap_anchor(
    person: &Person,
    gap: &Gap,
    walk: &Walk<'_>,
    history: &History,
    rules: &VaccineRules,
) -> Option<NaiveDate> {
    match gap.after.strip_prefix("series:") {
        Some(id) => history.of_series(rules.series(id)?, person).last().map(|one| one.on),
        None => walk.anchor(&gap.after),
    }
}

fn lower_bounds(
    rules: &VaccineRules,
    person: &Person,
    series: &Series,
    history: &History,
    walk: &Walk<'_>,
    dose: &Dose,
) -> Bounds {
    let place = format!("{}/{}/{}", series.id, walk.path.id, dose.n);
    let mut bounds = Bounds::default();
    bounds.add(series.from.on(&person.anchors), format!("{}/eligible", series.id));
    if series.programme == Programme::Routine {
        bounds.add(series.valid_from.map(|day| day.0), format!("{}/programme", series.id));
    }
    bounds.add(open_on(dose.from, person), format!("{place}/from"));
    bounds.add(walk.previous.and_then(|day| day.succ_opt()), format!("{place}/order"));
    for gap in &dose.gaps {
        let anchor = gap_anchor(person, gap, walk, history, rules);
        let least = if walk.dropped.is_empty() { gap.min } else { gap.min_if_dropped.or(gap.min) };
        let day = least.filter(|least| least.is_sure()).zip(anchor).and_then(|(least, from)| least.after(from));
        bounds.add(day, format!("{place}/gap:{}", gap.after));
    }
    let live = |id: &String| rules.product(id).is_some_and(|product| product.kind == ProductKind::LiveInjectable);
    if series.products.iter().any(live)
        && let Some(gap) = rules.rule("LIVE27").and_then(|rule| rule.gap)
    {
        // On the same day is allowed; from the next day on it is too near.
        bounds.add(history.other_live(rules, series).filter_map(|one| gap.after(one.on)).max(), "LIVE27");
    }
    bounds
}

fn upper_bounds(person: &Person, series: &Series, walk: &Walk<'_>, dose: &Dose) -> Bounds {
    let mut bounds = Bounds::default();
    bounds.add(open_on(series.to, person), format!("{}/eligible", series.id));
    bounds.add(series.valid_to.map(|day| day.0), format!("{}/programme", series.id));
    // The end of a first dose is where another path begins, unless there is none.
    let other_path = walk.counted.is_empty()
        && series.path.iter().any(|path| {
            path.prior.is_empty() && open_on(path.start_from, person) > open_on(walk.path.start_to, person)
        });
    if !(other_path && dose.n == 1) {
        bounds.add(open_on(dose.to, person), format!("{}/{}/{}/to", series.id, walk.path.id, dose.n));
    }
    bounds
}

/// The standard window: from the age and from the doses before, never before the hard rules allow.
fn standard(
    person: &Person,
    dose: &Dose,
    anchor: &dyn Fn(&Gap) -> Option<NaiveDate>,
    earliest: NaiveDate,
    last: Option<NaiveDate>,
) -> (Option<NaiveDate>, Option<NaiveDate>) {
    let from_gap = |pick: fn(&Gap) -> Option<crate::content::moment::Distance>| {
        let day = move |gap: &Gap| {
            let distance = pick(gap).filter(|distance| distance.is_sure())?;
            distance.after(anchor(gap)?)
        };
        dose.gaps.iter().filter_map(day).collect::<Vec<_>>()
    };
    let mut from = from_gap(|gap| gap.std_min);
    from.extend(open_on(dose.std_from, person));
    let mut to = from_gap(|gap| gap.std_max);
    to.extend(open_on(dose.std_to, person));
    if from.is_empty() && to.is_empty() {
        return (None, None);
    }
    let from = from.into_iter().max().map_or(earliest, |from| from.max(earliest));
    let to = to.into_iter().filter(|to| *to >= from).min().map(|to| last.map_or(to, |last| to.min(last)));
    // A window that is over before the dose can be given says nothing.
    if last.is_some_and(|last| from > last) { (None, None) } else { (Some(from), to) }
}

fn status(found: &Next, today: NaiveDate, soon_days: u32, past: bool) -> Status {
    let earliest = found.earliest.unwrap_or(today);
    let from = found.standard_from.unwrap_or(earliest);
    if past && today >= earliest {
        return Status::PastStandardStillEligible;
    }
    if today < from {
        let soon = from.checked_sub_days(Days::new(u64::from(soon_days))).is_some_and(|day| today >= day);
        return match (soon, today >= earliest) {
            (_, true) => Status::Eligible,
            (true, false) => Status::DueSoon,
            (false, false) => Status::NotYet,
        };
    }
    match found.standard_to {
        Some(to) if today > to => Status::PastStandardStillEligible,
        _ => Status::RecommendedNow,
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
