//! The small things of a twin's days: what was drunk, slept and noted, at the age at which a child born nine weeks early does so.

use super::family::{Family, on_curve};
use ayumi_core::app::{Indicator, NotebookId, Sex};
use chrono::{Days, NaiveDate};

/// Notes by age in days after the due date: from that day on, one after the other.
const NOTES: [(i64, &[&str]); 6] = [
    (
        -100,
        &["面会。小さな手で指をにぎってくれた。", "はじめてカンガルーケアをした。", "呼吸が落ち着いてきたと聞いた。"],
    ),
    (0, &["ミルクをのみながら眠った。", "みるくのあと、ごきげん。", "おふろで気持ちよさそうにしていた。"]),
    (60, &["あやすとよく笑った。", "みるくのあと、ごきげん。", "さんぽで花を見た。"]),
    (120, &["声をあげてよく笑った。", "足をさわって遊んでいた。", "さんぽで犬をじっと見た。"]),
    (180, &["離乳食をよく食べた。", "夜泣きが続いた。抱っこで落ち着いた。", "いないいないばあで大笑い。"]),
    (270, &["えほんをめくろうとした。", "離乳食をよく食べた。", "つかまって立とうとした。"]),
];
/// Days of life of a fever that passed.
const FEVER: u64 = 251;
/// Weeks in which every feed and sleep was noted: the first at home.
const NOTED_IN_FULL: std::ops::Range<u64> = 62..83;
const FEEDS: [&str; 8] = ["00:30", "03:30", "06:30", "09:30", "12:30", "15:30", "18:30", "21:30"];
const SLEEPS: [(&str, &str); 4] = [("01:00", "03:20"), ("04:00", "06:20"), ("10:00", "12:10"), ("22:00", "00:20")];
/// Weights of a child that was born at 31 weeks, before its curve begins: day of life and share of the birth weight.
const BEFORE_TERM: [(u64, f64); 6] = [(0, 1.0), (6, 0.94), (14, 1.02), (28, 1.27), (42, 1.55), (56, 1.86)];

impl Family {
    /// Feeds, sleeps, notes and a photo now and then.
    pub(super) fn days(
        &mut self,
        child: NotebookId,
        sex: Sex,
        born: NaiveDate,
        today: NaiveDate,
        early: u64,
        grams: u32,
    ) {
        for (day, on) in (0_u64..).zip(born.iter_days().take_while(|on| *on < today)) {
            let corrected = day as i64 - early as i64;
            self.feeds(child, on, day, milk_ml(day, early, grams, sex));
            if corrected >= 165 && day % 3 == 0 {
                self.push(child, "feeding", on, &[("at", "11:00"), ("what", "weaning_food")]);
            }
            if day % 4 == 1 {
                let of_age = NOTES.iter().rfind(|(from, _)| *from <= corrected).map(|(_, notes)| *notes);
                if let Some(text) = of_age.and_then(|notes| notes.get(day as usize / 4 % notes.len())) {
                    self.push(child, "diary", on, &[("text", text)]);
                }
            }
            if day == FEVER {
                self.push(child, "temperature", on, &[("at", "19:00"), ("value", "37.9")]);
                self.push(child, "diary", on, &[("text", "少し熱が出た。小児科で見てもらい、翌日には下がった。")]);
            }
            if day >= early && day % 90 == 75 {
                self.push(child, "diary", on, &[("text", "庭の花をいっしょに見た。")]);
                self.with_picture();
            }
        }
        for (day, share) in BEFORE_TERM.into_iter().skip(1) {
            let weight = format!("{:.2}", f64::from(grams) * share / 1000.0);
            self.push(child, "growth", born + Days::new(day), &[("weight", &weight)]);
        }
    }

    fn feeds(&mut self, child: NotebookId, on: NaiveDate, day: u64, ml: u32) {
        // Milk that was expressed in hospital, later formula; at home in full for some weeks, then a feed every other day.
        let what = if day < NOTED_IN_FULL.start { "expressed" } else { "formula" };
        let amount = ml.to_string();
        if NOTED_IN_FULL.contains(&day) {
            for at in FEEDS {
                self.push(child, "feeding", on, &[("at", at), ("what", what), ("amount_ml", &amount)]);
            }
            for (from, to) in SLEEPS {
                self.push(child, "sleep", on, &[("from", from), ("to", to)]);
            }
        } else if day.is_multiple_of(2) {
            self.push(child, "feeding", on, &[("at", "06:30"), ("what", what), ("amount_ml", &amount)]);
        }
    }
}

/// A feed of eight a day: 150 mL for each kg and day at most, built up slowly over the first days of a small newborn.
fn milk_ml(day: u64, early: u64, grams: u32, sex: Sex) -> u32 {
    let kg = match day.checked_sub(early) {
        Some(age) => on_curve(Indicator::Wfa, sex, age, 0.3),
        None => {
            let after = BEFORE_TERM.iter().position(|(at, _)| *at > day).unwrap_or(BEFORE_TERM.len() - 1);
            let ((from, a), (to, b)) = (BEFORE_TERM[after - 1], BEFORE_TERM[after]);
            let share = a + (b - a) * (day - from) as f64 / (to - from) as f64;
            f64::from(grams) * share / 1000.0
        }
    };
    let of_a_day = kg * (20.0 * (day + 1) as f64).min(150.0);
    (of_a_day / 8.0).round().min(200.0) as u32
}
