//! Which dose of which series each record is, judged by the rules of its day.

use chrono::NaiveDate;

use super::history::History;
use super::plan::{Given, Person};
use super::season::season_start;
use super::verdict::{Judged, Verdict};
use super::walk::Life;
use crate::content::series::{ProductKind, Series, Subject, VaccineRules};

/// The rule that a date lies after the asked day.
pub(super) const AFTER_TODAY: &str = "after_today";

impl History {
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

impl Life<'_> {
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
