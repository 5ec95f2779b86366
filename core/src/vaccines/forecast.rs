//! The next dose of a series.

use chrono::{Days, NaiveDate};

use super::judge::AFTER_TODAY;
use super::plan::{Given, NextDose, Status};
use super::season::{is_for, season as season_of, season_year};
use super::verdict::Verdict;
use super::walk::{Life, Walk};
use super::window::{DoseWindow, Windows};
use crate::content::series::{Dose, ProductKind, Series, VaccineRules};

/// The next dose of a series; `None` where the series is not for this person.
pub(super) fn next<'a>(life: &Life<'a>, series: &'a Series) -> Option<NextDose> {
    let opens = series.from.on(&life.person.anchors).filter(|_| is_for(series, life.person))?;
    let begun = !life.of_series(series).is_empty();
    if series.legacy && !begun && !life.has_later(series) {
        return None;
    }
    let walk = life.walk(series);
    let case = Case { life, series, windows: Windows { life, series, walk: &walk, opens }, begun, walk: &walk };
    let forecast = case.blank();
    if let Some((status, rules)) = case.stopped_before() {
        return Some(forecast.stopped(status, rules));
    }
    Some(match walk.next {
        None => case.complete(forecast),
        Some(dose) => case.dose(forecast, dose),
    })
}

impl NextDose {
    fn stopped(mut self, status: Status, rules: Vec<String>) -> Self {
        self.status = status;
        self.because.extend(rules);
        self
    }
}

/// One series of one person on one day.
struct Case<'c, 'a> {
    life: &'c Life<'a>,
    series: &'a Series,
    windows: Windows<'c, 'a>,
    begun: bool,
    walk: &'c Walk<'a>,
}

impl<'a> Case<'_, 'a> {
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
            finish_by: None,
            path: self.walk.path.id.clone(),
            because: Vec::new(),
        }
    }

    fn rule(&self, name: &str) -> String {
        format!("{}/{name}", self.series.id)
    }

    /// What ends the question before any day is looked at.
    fn stopped_before(&self) -> Option<(Status, Vec<String>)> {
        let history = self.life.history;
        if self.walk.judged.iter().any(|dose| dose.verdict == Verdict::Inconsistent) {
            return Some((Status::RecordInconsistent, vec!["before_birth".to_owned()]));
        }
        if self.life.has_later(self.series) {
            return Some((Status::RecordInconsistent, vec![AFTER_TODAY.to_owned()]));
        }
        let begun = !self.walk.judged.is_empty();
        // This season's own doses are complete, whatever else was given.
        if self.series.season.is_some() && begun && self.walk.next.is_none() {
            return None;
        }
        let season = season_year(self.series, self.life.today);
        let of_others = |other: &&Series| {
            self.series.exclusive_with.contains(&other.id) && history.has_any_within(&other.products, season)
        };
        let others: Vec<&Series> = self.life.rules.series.iter().filter(of_others).collect();
        if !others.is_empty() {
            // What was given outside its own age was perhaps no choice at all.
            let chosen =
                self.series.season.is_none() || others.iter().any(|other| !self.life.walk(other).counted.is_empty());
            if !begun && chosen {
                return Some((Status::DroppedByRule, vec![self.rule("exclusive")]));
            }
            if begun && self.is_past_licence(self.life.today) {
                return Some((Status::EligibilityEnded, vec![self.rule("mixed"), AGE_LIMIT.to_owned()]));
            }
            if begun || season_of(self.series, self.life.today).is_none_or(|(_, last)| self.windows.opens <= last) {
                return Some((Status::NeedsClinicianDecision, vec![self.rule("mixed")]));
            }
        }
        history.has_any(&self.series.gives_way_to).then(|| (Status::DroppedByRule, vec![self.rule("exclusive")]))
    }

    /// Whether no product of the series may be given on a day, at whatever cost.
    fn is_past_licence(&self, day: NaiveDate) -> bool {
        let last = |id: &String| self.life.rules.product(id).and_then(|product| self.life.on(product.licensed_to));
        self.series.products.iter().all(|id| last(id).is_some_and(|last| day > last))
    }

    /// Every dose has its place; a question about them may be left.
    fn complete(&self, mut found: NextDose) -> NextDose {
        match self.undecided() {
            Some(rule) => {
                // How many are needed is the question: one more is in it.
                found.dose += u8::from(rule == "mixed");
                found.last_routine_day = self.life.on(self.series.to).filter(|last| self.life.today <= *last);
                found.stopped(Status::NeedsClinicianDecision, vec![self.rule(rule)])
            }
            None => found,
        }
    }

    fn dose(&self, mut found: NextDose, dose: &Dose) -> NextDose {
        let window = self.windows.of(dose);
        let today = self.life.today;
        found.because.extend(self.walk.dropped.iter().map(|n| self.windows.dose_rule(*n, "dropped")));
        let past_licence = self.is_past_licence(today.max(window.possible));
        let over = window.last.is_some_and(|last| today > last || window.earliest > last);
        // What nobody could give is no question; nor is what another record means for a series that never opened.
        let undecided = self.undecided();
        let never = window.last.is_some_and(|last| window.earliest > last) && !self.begun;
        let no_question = match undecided {
            None | Some(DECIDED) => true,
            Some(UNCLEAR) => never || !self.has_unclear(),
            Some(_) => false,
        };
        if past_licence || (over && no_question) {
            found.last_routine_day = window.last;
            found.because.extend(window.ends);
            found.because.extend(window.special);
            let limit = past_licence.then(|| AGE_LIMIT.to_owned());
            return found.stopped(Status::EligibilityEnded, limit.into_iter().collect());
        }
        if over && undecided == Some(LED_BY_DOCTOR) {
            return found.stopped(Status::DroppedByRule, vec![self.rule(LED_BY_DOCTOR)]);
        }
        if let Some(before) = self.life.followed_in_order(self.series).filter(|before| !self.is_complete(before)) {
            return self.waits_for(found, before, window);
        }
        (found.earliest, found.last_routine_day) = (Some(window.earliest), window.last);
        (found.standard_from, found.standard_to) = (window.standard.from, window.standard.to);
        found.finish_by = window.finish_by;
        found.because.extend(window.rest_is_late.then(|| self.rule("rest_not_free")));
        found.because.extend(window.because.iter().cloned());
        if let Some((status, rule)) = self.stopped_within(dose, &window) {
            found.because.extend(window.special);
            if status == Status::NotYet {
                // No day is named before somebody has spoken.
                (found.earliest, found.standard_from, found.standard_to, found.finish_by) = (None, None, None, None);
            }
            return found.stopped(status, vec![rule]);
        }
        found.status = self.status(&window);
        found.because.extend(window.special);
        found
    }

    fn is_complete(&self, series: &'a Series) -> bool {
        self.life.walk(series).next.is_none()
    }

    /// A dose that comes after those of another series: on what day at the earliest, if those come as early as they may.
    fn waits_for(&self, mut found: NextDose, before: &'a Series, window: DoseWindow) -> NextDose {
        let mut given = self.life.history.given().to_vec();
        let rules = self.life.rules;
        let (mut earliest, mut never) = (None, false);
        for _ in 0..8 {
            let on = given.iter().map(|dose| dose.on).max().map_or(self.life.today, |last| last.max(self.life.today));
            let history = super::history::History::new(rules, &given, on);
            let life = Life { rules, person: self.life.person, history: &history, today: on };
            let Some(next) = next(&life, before) else { break };
            if next.status == Status::Completed {
                let walk = life.walk(self.series);
                let windows = Windows { life: &life, series: self.series, walk: &walk, opens: self.windows.opens };
                earliest = walk.next.map(|dose| windows.of(dose).earliest);
                break;
            }
            // The ones before it would not all fit.
            never = next.status == Status::EligibilityEnded;
            let Some(product) = before.products.first().filter(|_| next.status.is_open()) else { break };
            let Some(day) = next.earliest else { break };
            given.push(Given { on: day.max(on), product: product.clone() });
        }
        found.because.push(self.rule("order"));
        never |= earliest.zip(window.last).is_some_and(|(first, last)| first > last);
        if never {
            found.last_routine_day = window.last;
            found.because.extend(window.special);
            return found.stopped(Status::EligibilityEnded, window.ends);
        }
        (found.earliest, found.last_routine_day) = (earliest, window.last);
        found.because.extend(window.special);
        found.stopped(Status::NotYet, Vec::new())
    }

    /// Whether a doctor or the municipality must speak first, whatever the day.
    fn undecided(&self) -> Option<&'static str> {
        let history = self.life.history;
        let open = self.walk.next.is_some();
        if open && history.has_any(&self.series.led_by_doctor) {
            return Some(LED_BY_DOCTOR);
        }
        // One more of the series before than it has: nobody has said that it stands for this one.
        if open && (self.has_unclear() || (!self.begun && self.has_one_too_many_before())) {
            return Some(UNCLEAR);
        }
        if open && self.series.rest_is_decided {
            return Some(DECIDED);
        }
        self.walk.question().map(super::walk::Question::key)
    }

    /// Whether a product was given whose meaning for the series a doctor must say. A record of after the series' own time
    /// does not speak of it.
    fn has_unclear(&self) -> bool {
        let own_time = self.life.on(self.series.to).map(|to| (NaiveDate::MIN, to));
        self.life.history.has_any_within(&self.series.unclear, own_time)
    }

    fn has_one_too_many_before(&self) -> bool {
        let before = self.series.follows.as_deref().and_then(|id| self.life.rules.series(id));
        before.is_some_and(|before| self.life.walk(before).judged.iter().any(|dose| dose.verdict == Verdict::Extra))
    }

    /// What ends the question with the days known.
    fn stopped_within(&self, dose: &Dose, window: &DoseWindow) -> Option<(Status, String)> {
        let day = self.life.today.max(window.earliest);
        if let Some(rule) = self.undecided() {
            // What another record means for a series that opens years from now need not be asked yet.
            let soon = day.checked_sub_days(Days::new(u64::from(self.life.rules.soon_days)));
            let early = rule == UNCLEAR && !self.begun && soon.is_some_and(|soon| self.life.today < soon);
            let status = if early { Status::NotYet } else { Status::NeedsClinicianDecision };
            return Some((status, self.rule(rule)));
        }
        // A gap that nobody has confirmed makes no date, but inside it nothing is proposed either.
        if self.windows.is_inside_unconfirmed(dose, day) {
            return Some((Status::NeedsClinicianDecision, self.rule("unconfirmed")));
        }
        let late = self.life.on(dose.advised_to).is_some_and(|advised| day > advised);
        late.then(|| (Status::NotRecommended, self.windows.dose_rule(dose.n, "advised_to")))
    }

    fn status(&self, window: &DoseWindow) -> Status {
        let (today, earliest) = (self.life.today, window.earliest);
        let from = window.standard.from.unwrap_or(earliest);
        let late = window.special.is_some() || window.standard.missed || self.windows.starts_late(window.standard);
        if today >= earliest && late {
            return Status::PastStandardStillEligible;
        }
        if today >= from {
            let over = window.standard.to.is_some_and(|to| today > to);
            return if over { Status::PastStandardStillEligible } else { Status::RecommendedNow };
        }
        if today >= earliest {
            return Status::Eligible;
        }
        let soon = from.checked_sub_days(Days::new(u64::from(self.life.rules.soon_days)));
        if soon.is_some_and(|soon| today >= soon) { Status::DueSoon } else { Status::NotYet }
    }
}

/// The rule that nobody gives it any more, at whatever cost.
const AGE_LIMIT: &str = "age_limit";
/// The rule that a doctor leads and not the programme.
const LED_BY_DOCTOR: &str = "led_by_doctor";
/// The rule that a doctor says what a record means for the series.
const UNCLEAR: &str = "unclear";
/// The rule that clinic and municipality decide about the rest.
const DECIDED: &str = "decided";

/// The gap that rules ask between two products, and the rule: the next day at the earliest.
pub fn gap_between(rules: &VaccineRules, given: &str, on: NaiveDate, next: &str) -> Option<(NaiveDate, String)> {
    let live = |id: &str| rules.product(id).is_some_and(|product| product.kind == ProductKind::LiveInjectable);
    if given != next && live(given) && live(next) {
        let rule = rules.rule("LIVE27")?;
        return Some((rule.gap?.after(on)?, rule.id.clone()));
    }
    Some((on.succ_opt()?, "NO_OTHER_GAP".to_owned()))
}
