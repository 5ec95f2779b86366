//! What cannot be between two measurements: a fall or a rise to ask back, "12.9 kg in May, 9.0 now?".
//!
//! The second half of the rule of [`super::improbable`]: there a value stands alone, here beside its neighbours. Nothing is
//! refused and nothing is judged. The limits are data (`content/growth/change_limits.csv`, each with its source and how sure
//! it is), wide on purpose. A rise is held against the fastest line of the curves (+3 SD, the faster sex), times a factor,
//! with an allowance for measuring; where no table reaches, only a fall is asked about. Chest, BMI and the weights of a baby
//! not yet born are never compared: no source says what cannot be.

use once_cell::sync::Lazy;

use super::improbable::lines;
use super::lms::Lms;
use super::table::Table;
use crate::model::field::Quantity;

/// A measurement of a run: age in days, and the value in kg or cm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Taken {
    /// Days since birth.
    pub day: i64,
    /// Value.
    pub value: f64,
    /// Whether somebody can be asked about it now. Of two that do not fit, and nothing else to tell, it is this one.
    pub open: bool,
}

/// A limit from an age on.
#[derive(Debug, Clone, Copy)]
struct Limit {
    quantity: Quantity,
    from_days: i64,
    /// A fall: this part of the former value, and so much more.
    fall_share: f64,
    fall: f64,
    /// A rise: so many times that of the fastest line, this part of the former value, and so much more.
    rise_times: f64,
    rise_share: f64,
    rise: f64,
}

static LIMITS: Lazy<Vec<Limit>> = Lazy::new(|| {
    let table = Table::parse(&crate::packed::packed_text!("growth/change_limits.csv"));
    [(Quantity::Weight, "weight"), (Quantity::Length, "length"), (Quantity::Head, "head")]
        .into_iter()
        .flat_map(|(quantity, name)| {
            let limit = |row: super::table::Row<'_>| {
                Some(Limit {
                    quantity,
                    from_days: row.number("from_days")? as i64,
                    fall_share: row.number("fall_share")?,
                    fall: row.number("fall")?,
                    rise_times: row.number("rise_times")?,
                    rise_share: row.number("rise_share")?,
                    rise: row.number("rise")?,
                })
            };
            table.rows(&[("measure", name)]).into_iter().filter_map(limit).collect::<Vec<_>>()
        })
        .collect()
});

/// Floating point is not a reason to ask: 80.0 − 77.0 cm is 3 cm.
const HAIR: f64 = 1e-6;

/// Whether no child goes from one measurement to another.
///
/// ```
/// use ayumi_core::growth::change::{Taken, cannot_be};
/// use ayumi_core::model::field::Quantity::{Length, Weight};
/// let at = |day, value| Taken { day, value, open: true };
/// assert!(cannot_be(Weight, at(518, 12.9), at(610, 9.0)));
/// assert!(!cannot_be(Weight, at(518, 9.4), at(610, 9.0)), "an illness");
/// assert!(cannot_be(Length, at(610, 82.0), at(700, 78.5)));
/// assert!(!cannot_be(Length, at(610, 82.0), at(700, 81.3)), "a measuring error");
/// ```
pub fn cannot_be(quantity: Quantity, before: Taken, after: Taken) -> bool {
    let limit = LIMITS.iter().rev().find(|limit| limit.quantity == quantity && limit.from_days <= before.day);
    let Some(limit) = limit else { return false };
    let change = after.value - before.value;
    if change < 0.0 {
        return -change > before.value * limit.fall_share + limit.fall + HAIR;
    }
    let fastest = fastest(quantity, before.day, after.day);
    fastest.is_some_and(|gain| change > gain * limit.rise_times + before.value * limit.rise_share + limit.rise + HAIR)
}

/// What a child on the line of +3 SD gains between two ages, of the faster sex; `None` where no table reaches.
fn fastest(quantity: Quantity, from: i64, to: i64) -> Option<f64> {
    let high = |lms: Lms| lms.value_adjusted(3.0);
    let gain = |(before, after): (Lms, Lms)| (high(after) - high(before)).max(0.0);
    lines(quantity, from, to).into_iter().map(gain).reduce(f64::max)
}

/// Which measurements of a run, oldest first, are to be asked back, each with the neighbour that it does not fit.
///
/// Of two neighbours that cannot follow each other the doubtful one is the one that nothing else supports: its other
/// neighbour does not fit it either, or is not there. If both are supported something happened (a scale, an illness, a long
/// time), and nobody is asked.
pub fn doubtful(quantity: Quantity, run: &[Taken]) -> Vec<(usize, usize)> {
    let fits = |a: usize, b: usize| match (run.get(a), run.get(b)) {
        (Some(a), Some(b)) => !cannot_be(quantity, *a, *b),
        _ => false,
    };
    let mut found: Vec<(usize, usize)> = Vec::new();
    for now in 1..run.len() {
        let (past, next) = (now - 1, now + 1);
        if fits(past, now) {
            continue;
        }
        let before = past.checked_sub(1);
        let pair = match (before.is_some_and(|before| fits(before, past)), fits(now, next)) {
            (true, true) => continue,
            (true, false) => (now, past),
            (false, true) => (past, now),
            // Which of the two the measurement beyond it leaves in place.
            (false, false) if fits(past, next) => (now, past),
            (false, false) if before.is_some_and(|before| fits(before, now)) => (past, now),
            (false, false) if run[past].open && !run[now].open => (past, now),
            (false, false) => (now, past),
        };
        if !found.iter().rev().take(2).any(|(doubted, _)| *doubted == pair.0) {
            found.push(pair);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use Quantity::{Chest, Head, Length, Weight};

    fn at(day: i64, value: f64) -> Taken {
        Taken { day, value, open: true }
    }

    /// The examples of the critical reading, and what lies around them.
    #[test]
    fn a_fall_or_a_rise_that_cannot_be_is_known() {
        for (quantity, before, after, why) in [
            (Weight, (518, 12.9), (610, 9.0), "12.9 to 9.0 kg in three months"),
            (Weight, (518, 9.0), (610, 12.9), "and back"),
            (Weight, (186, 7.35), (217, 5.37), "two digits in the wrong order"),
            (Weight, (0, 3.4), (4, 2.4), "30 % in the first days"),
            (Weight, (30, 4.2), (30, 6.9), "the same day"),
            (Weight, (1500, 16.0), (1530, 21.0), "five kilograms in a month"),
            (Weight, (4000, 40.0), (4030, 30.0), "ten kilograms in a month at eleven"),
            (Length, (610, 82.0), (700, 78.0), "shrinks"),
            (Length, (610, 82.0), (640, 92.0), "ten centimetres in a month"),
            (Length, (2000, 112.0), (2200, 109.5), "shrinks at five years"),
            (Length, (4400, 150.0), (4500, 167.0), "17 centimetres in three months at twelve"),
            (Head, (186, 44.0), (217, 41.0), "a head does not shrink"),
            (Head, (400, 46.0), (430, 51.0), "five centimetres in a month"),
        ] {
            assert!(cannot_be(quantity, at(before.0, before.1), at(after.0, after.1)), "{why}");
        }
    }

    /// What children do: an illness, a puberty, a baby born early, another scale, another hand at the tape.
    #[test]
    fn what_children_do_is_not_asked() {
        for (quantity, before, after, why) in [
            (Weight, (0, 3.4), (4, 2.9), "-15 % in the first days: its own words, no slip"),
            (Weight, (0, 0.62), (90, 2.3), "born at 24 weeks"),
            (Weight, (0, 1.0), (30, 1.7), "born at 28 weeks"),
            (Weight, (90, 2.3), (180, 5.0), "the same, after term"),
            (Weight, (10, 3.2), (40, 4.9), "the fastest first month"),
            (Weight, (610, 11.0), (613, 9.6), "-13 %, days of vomiting"),
            (Weight, (610, 9.6), (620, 11.0), "and well again"),
            (Weight, (610, 11.0), (1400, 19.0), "two years later"),
            (Weight, (4600, 40.0), (4960, 55.0), "a growing boy"),
            (Weight, (7300, 60.0), (7400, 75.0), "no table"),
            (Length, (0, 49.0), (30, 55.5), "the fastest first month"),
            (Length, (0, 33.0), (90, 45.0), "born at 24 weeks"),
            (Length, (28, 52.0), (29, 50.0), "two hands at the tape"),
            (Length, (730, 86.0), (731, 85.3), "from lying to standing"),
            (Length, (4600, 150.0), (4960, 162.0), "a boy of 13"),
            (Length, (2000, 112.0), (2001, 110.5), "evening and morning"),
            (Head, (0, 33.0), (5, 34.5), "moulded by birth"),
            (Head, (0, 35.0), (3, 33.5), "a swelling that goes"),
            (Head, (0, 33.0), (90, 41.0), "three months"),
            (Chest, (0, 33.0), (10, 90.0), "no table"),
        ] {
            assert!(!cannot_be(quantity, at(before.0, before.1), at(after.0, after.1)), "{why}");
        }
    }

    /// A child that stays on any line of WHO's, -3 to +3 SD, at any distance of days, is never asked; nor one of the survey.
    #[test]
    fn nobody_who_follows_a_line_is_asked() {
        use crate::growth::query::Indicator;
        use crate::growth::who;
        use crate::model::notebook::Sex;
        for (quantity, indicator, until) in
            [(Weight, Indicator::Wfa, 3650), (Length, Indicator::Lhfa, 6930), (Head, Indicator::Hcfa, 1850)]
        {
            for (sex, z) in [Sex::Female, Sex::Male].into_iter().flat_map(|sex| [-3.0, 0.0, 3.0].map(|z| (sex, z))) {
                let value = |day| who::lms_at_day(indicator, sex, day).unwrap().value_adjusted(z);
                for (day, gap) in (0..until).step_by(13).flat_map(|day| [1, 30, 92, 400].map(|gap| (day, gap))) {
                    let to = (day + gap).min(until);
                    assert!(
                        !cannot_be(quantity, at(day, value(day)), at(to, value(to))),
                        "{quantity:?} {sex:?} {z} {day} {to}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_one_that_nothing_supports_is_asked() {
        let run = |values: &[f64]| -> Vec<Taken> {
            values.iter().enumerate().map(|(i, value)| at(500 + 30 * i as i64, *value)).collect()
        };
        for (values, asked, why) in [
            (&[8.5, 8.8, 12.9, 9.1, 9.3][..], &[2][..], "one in the middle"),
            (&[8.5, 12.9, 9.0], &[1], "of three, the middle"),
            (&[12.9, 9.0, 9.1], &[0], "the first"),
            (&[8.8, 9.0, 12.9], &[2], "the last"),
            (&[12.9, 9.0], &[1], "of two, the later"),
            (&[12.6, 12.9, 9.0, 9.1], &[], "both sides agree with themselves: it happened"),
            (&[12.9, 8.8, 9.0, 14.0], &[0, 3], "both ends"),
            (&[9.0], &[], "one"),
            (&[], &[], "none"),
        ] {
            let found: Vec<usize> = doubtful(Weight, &run(values)).into_iter().map(|(at, _)| at).collect();
            assert_eq!(found, asked, "{why}");
        }
        let closed = [at(518, 12.9), Taken { open: false, ..at(610, 9.0) }];
        assert_eq!(doubtful(Weight, &closed), [(0, 1)], "the one that somebody can be asked about");
    }
}
