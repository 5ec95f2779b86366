//! ぴよログ's text: a heading, for each day a line with the day, one with name and age, lines with a time, sums, a diary.

use chrono::{Days, Months, NaiveDate, NaiveTime, TimeDelta};

use super::told::{Told, What};
use crate::model::date::parse_date;
use crate::model::kind::Record;
use crate::model::kinds::{Diary, Feeding, Growth, Sleep, Temperature};
use crate::model::times::read_time;
use crate::model::value::TIME;
use crate::model::{Reason, amount};

const HEADINGS: [&str; 2] = ["【ぴよログ】", "[PiyoLog]"];
const RULE: &str = "----------";

pub(super) fn is_one(text: &str) -> bool {
    HEADINGS.iter().any(|heading| text.trim_start().starts_with(heading))
}

/// When the child was born, from the first day and the age beside the name: `テスト (0歳2か月10日)`, `baby (0y0m22d)`.
pub(super) fn born(text: &str) -> Option<NaiveDate> {
    let mut lines =
        text.lines().map(|line| HEADINGS.iter().fold(line.trim(), |line, head| line.trim_start_matches(head)));
    let day = lines.by_ref().find_map(day_of)?;
    let age = lines.next()?.trim().strip_suffix(')')?.rsplit_once('(')?.1;
    let numbers: Vec<u32> = age
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .map_while(|part| part.parse().ok())
        .collect();
    let [years, months, days] = numbers[..] else { return None };
    let months = years.checked_mul(12)?.checked_add(months)?;
    day.checked_sub_days(Days::new(days.into()))?.checked_sub_months(Months::new(months))
}

/// Where in a day's part the reader is.
#[derive(Debug, Default, PartialEq)]
enum Part {
    #[default]
    Lines,
    Sums,
    Diary,
}

#[derive(Debug, Default)]
struct Reading {
    day: Option<NaiveDate>,
    part: Part,
    diary: Vec<String>,
    diary_row: u64,
    /// Who fell asleep and has not woken: the row, the day, the time.
    asleep: Option<(u64, NaiveDate, NaiveTime)>,
    told: Vec<Told>,
}

pub(super) fn read(text: &str) -> Vec<Told> {
    let mut reading = Reading::default();
    for (row, line) in (1..).zip(text.lines()) {
        let line = HEADINGS.iter().fold(line.trim_end(), |line, heading| line.trim_start_matches(heading));
        reading.line(row, line);
    }
    reading.end_day();
    if let Some((row, ..)) = reading.asleep.take() {
        reading.leave_out(row, "寝る", Reason::NoEnd);
    }
    reading.told
}

impl Reading {
    fn line(&mut self, row: u64, line: &str) {
        if line.starts_with(RULE) {
            self.end_day();
            self.day = None;
            return;
        }
        if self.day.is_none() {
            self.day = day_of(line);
            return;
        }
        let timed = timed(line);
        match (&self.part, timed) {
            (Part::Lines, Some((time, rest))) => self.timed(row, time, rest),
            (Part::Lines | Part::Sums, _) if is_sum(line) => self.part = Part::Sums,
            // Behind the sums, and a blank line, comes the diary.
            (Part::Sums, _) if line.trim().is_empty() => self.part = Part::Diary,
            (Part::Diary, _) => {
                if self.diary.is_empty() {
                    self.diary_row = row;
                }
                self.diary.push(line.to_owned());
            }
            // The line with name and age, and blank ones.
            (Part::Lines, None) if line.trim().is_empty() || line.ends_with(')') => {}
            _ => self.leave(row, line.trim()),
        }
    }

    fn end_day(&mut self) {
        let text = std::mem::take(&mut self.diary).join("\n").trim().to_owned();
        if let (Some(day), false) = (self.day, text.is_empty()) {
            self.entry(self.diary_row, Diary::KIND.id, day, vec![("text", text)]);
        }
        self.part = Part::Lines;
    }

    fn entry(&mut self, row: u64, kind: &'static str, day: NaiveDate, fields: Vec<(&'static str, String)>) {
        self.told.push(Told { row, what: What::Entry { kind, on: day.to_string(), fields } });
    }

    fn leave(&mut self, row: u64, what: &str) {
        self.leave_out(row, what, Reason::NoPlaceHere);
    }

    fn leave_out(&mut self, row: u64, what: &str, why: Reason) {
        let name: String = what.chars().take(20).collect();
        self.told.push(Told { row, what: What::LeftOut(name, why) });
    }

    /// A line with a time: what happened, how much, and a note behind three blanks.
    fn timed(&mut self, row: u64, time: NaiveTime, rest: &str) {
        let Some(day) = self.day else { return };
        let (first, note) = rest.split_once("   ").unwrap_or((rest, ""));
        let (name, content) = name_of(first.trim());
        let at = ("at", time.format(TIME).to_string());
        let note = ("note", note.trim().to_owned());
        let feed =
            |what: &str| vec![at.clone(), ("what", what.to_owned()), ("amount_ml", content.to_owned()), note.clone()];
        match name {
            "ミルク" | "Formula" => self.entry(row, Feeding::KIND.id, day, feed("formula")),
            "搾母乳" | "Expressed Breast Milk" => self.entry(row, Feeding::KIND.id, day, feed("expressed")),
            "母乳" | "Nursing" => {
                let (sides, drunk) = content.split_once('(').unwrap_or((content, ""));
                let fields = vec![
                    at,
                    ("what", "breast".to_owned()),
                    ("minutes", minutes(sides)),
                    ("amount_ml", drunk.trim_end_matches(')').to_owned()),
                    note,
                ];
                self.entry(row, Feeding::KIND.id, day, fields);
            }
            "離乳食" | "Solid" => {
                let words: Vec<&str> = [content, note.1.as_str()].into_iter().filter(|text| !text.is_empty()).collect();
                let fields = vec![at, ("what", "weaning_food".to_owned()), ("note", words.join(" "))];
                self.entry(row, Feeding::KIND.id, day, fields);
            }
            "体温" | "Body Temp." => {
                self.entry(row, Temperature::KIND.id, day, vec![at, ("value", content.to_owned()), note]);
            }
            "体重" | "Weight" => self.measured(row, day, "weight", content, note),
            "身長" | "Height" => self.measured(row, day, "length", content, note),
            "頭囲" | "Head Size" => self.measured(row, day, "head", content, note),
            "胸囲" | "Chest Size" => self.measured(row, day, "chest", content, note),
            "寝る" | "Sleep" => {
                if let Some((earlier, ..)) = self.asleep.replace((row, day, time)) {
                    self.leave_out(earlier, name, Reason::NoEnd);
                }
            }
            "起きる" | "Wake-up" => self.woke(row, day, time, content, note),
            other => self.leave(row, other),
        }
    }

    fn measured(&mut self, row: u64, day: NaiveDate, key: &'static str, content: &str, note: (&'static str, String)) {
        self.entry(row, Growth::KIND.id, day, vec![(key, content.to_owned()), note]);
    }

    /// One sleep: from when it was said, else from how long it was.
    fn woke(&mut self, row: u64, day: NaiveDate, time: NaiveTime, content: &str, note: (&'static str, String)) {
        let length = amount::read(content.trim_matches(['(', ')']), "min").ok().and_then(|all| all.first().copied());
        let length = length.map(|length| TimeDelta::minutes(length.number as i64));
        let asleep = self.asleep.take().filter(|(earlier, from_day, from)| {
            // A waking that nobody wrote down lies between: this sleep began later.
            let span = day.and_time(time) - from_day.and_time(*from);
            let fits = length.is_none_or(|length| (span - length).num_minutes().abs() <= 1);
            if !fits {
                self.leave_out(*earlier, "寝る", Reason::NoEnd);
            }
            fits
        });
        let began = asleep.map(|(_, day, time)| (day, time)).or_else(|| {
            let from = day.and_time(time).checked_sub_signed(length?)?;
            Some((from.date(), from.time()))
        });
        match began {
            Some((day, from)) => {
                let to = ("to", time.format(TIME).to_string());
                self.entry(row, Sleep::KIND.id, day, vec![("from", from.format(TIME).to_string()), to, note]);
            }
            None => self.leave(row, "起きる"),
        }
    }
}

/// The day of a heading: `2024/8/1(木)`, `Thu, Aug 1, 2024`. What day of the week the app wrote beside it is its own matter.
fn day_of(line: &str) -> Option<NaiveDate> {
    let line = line.trim();
    let english = line.split_once(", ").and_then(|(_, date)| parse_date(date));
    english.or_else(|| parse_date(line.split('(').next().unwrap_or_default()))
}

/// A time in front of a line, and the rest behind it.
fn timed(line: &str) -> Option<(NaiveTime, &str)> {
    let (clock, rest) = line.split_once(' ')?;
    if !clock.contains(':') {
        return None;
    }
    let (half, rest) = match rest.trim_start().split_once(' ') {
        Some((half @ ("AM" | "PM"), behind)) => (half, behind),
        _ => ("", rest),
    };
    Some((read_time(&format!("{clock} {half}"))?, rest.trim_start()))
}

/// What happened, and what is said of it. English names hold blanks.
fn name_of(text: &str) -> (&str, &str) {
    let long = ["Expressed Breast Milk", "Body Temp.", "Head Size", "Chest Size"];
    let long = long.iter().find_map(|name| Some((*name, text.strip_prefix(name)?)));
    let (name, content) = long.or_else(|| text.split_once(' ')).unwrap_or((text, ""));
    (name, content.trim())
}

/// `左 7分 / 右 5分` is twelve minutes, `左 1時間5分 ▶ 右 5分` is seventy. What is no time stays, so that the error shows it.
fn minutes(sides: &str) -> String {
    let mut sum = 0.0;
    for side in
        sides.split(['/', '▶', '◀', '→', '←']).map(|side| side.trim_start_matches(|c: char| !c.is_ascii_digit()))
    {
        match amount::read(side, "min") {
            _ if side.is_empty() => {}
            Ok(all) if all.len() == 1 => sum += all[0].number,
            _ => return sides.trim().to_owned(),
        }
    }
    if sum == 0.0 { String::new() } else { sum.to_string() }
}

/// Sums of a day follow from its lines.
fn is_sum(line: &str) -> bool {
    line.contains("合計") || line.starts_with("Total ")
}
