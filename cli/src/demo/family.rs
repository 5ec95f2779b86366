//! The demo's family: what they typed in a year. The same every time; no real person.

use std::borrow::Cow;

use ayumi_core::app::{
    CheckItem, Child, Content, Gestation, Handbook, Indicator, NewChild, NewEntry, NotebookId, Reference, Sex, bands,
};
use chrono::{Days, NaiveDate};
use indicatif::ProgressBar;

use super::doses;
use crate::output::Failure;

const PICTURE: &[u8] = include_bytes!("../../../fixtures/photos/garden.jpg");
/// One typed entry.
struct Typed {
    notebook: NotebookId,
    kind: &'static str,
    on: NaiveDate,
    fields: Vec<(Cow<'static, str>, String)>,
    picture: bool,
}

/// The family's notebooks and what they typed.
pub(super) struct Family {
    pub(super) pregnancy: NotebookId,
    pub(super) twins: Vec<NotebookId>,
    pub(super) older: NotebookId,
    typed: Vec<Typed>,
}

/// Begins the notebooks and makes up the year.
pub(super) fn begin(handbook: &Handbook, today: NaiveDate) -> Result<Family, Failure> {
    let notebooks = handbook.notebooks();
    let twins_born = today - Days::new(365);
    let early = Gestation::from_days(31 * 7 + 4);
    let due = twins_born + Days::new(u64::from(280 - (31 * 7 + 4_u16)));
    let older_born = today - Days::new(4 * 365 + 60);
    let older = notebooks.add_child(&NewChild {
        name: "はな".into(),
        sex: Sex::Female,
        born: older_born,
        gestation: Gestation::from_days(39 * 7 + 3),
        ..NewChild::default()
    })?;
    let pregnancy = notebooks.add_pregnancy(due)?;
    let baby = |name: &str, sex| NewChild {
        name: name.into(),
        sex,
        born: twins_born,
        gestation: early,
        ..NewChild::default()
    };
    let twins = notebooks.birth(pregnancy, &[baby("そら", Sex::Male), baby("うみ", Sex::Female)])?;
    let mut family = Family { pregnancy, twins: twins.clone(), older, typed: Vec::new() };
    family.pregnancy_months(due);
    family.childhood(older, Sex::Female, older_born, today, 0.62, 0);
    family.self_checks(older, older_born, today);
    for (twin, sex, place) in [(twins[0], Sex::Male, 0.30), (twins[1], Sex::Female, 0.45)] {
        let days_early = 280 - (31 * 7 + 4);
        let (grams, length, head) = if sex == Sex::Male { (1480, "40.5", "28.2") } else { (1390, "39.5", "27.8") };
        family.birth(twin, twins_born, grams, length, head);
        family.childhood(twin, sex, twins_born, today, place, days_early);
        family.days(twin, sex, twins_born, today, days_early, grams);
    }
    Ok(family)
}

impl Family {
    /// How much there is to write.
    pub(super) fn entries(&self) -> &[impl Sized] {
        &self.typed
    }

    /// Writes everything, entry by entry, as a person would.
    pub(super) fn write(&self, handbook: &Handbook, bar: &ProgressBar) -> Result<usize, Failure> {
        for typed in &self.typed {
            let fields: Vec<(&str, &str)> = typed.fields.iter().map(|(key, text)| (&**key, text.as_str())).collect();
            let mut entry = NewEntry::typed(typed.notebook, typed.kind, &typed.on.to_string(), &fields)?;
            if typed.picture {
                entry = entry.with_photo(PICTURE)?;
            }
            handbook.entries().add(&entry)?;
            bar.inc(1);
        }
        Ok(self.typed.len())
    }

    /// The last entry has a photo.
    pub(super) fn with_picture(&mut self) {
        if let Some(last) = self.typed.last_mut() {
            last.picture = true;
        }
    }

    pub(super) fn push(
        &mut self,
        notebook: NotebookId,
        kind: &'static str,
        on: NaiveDate,
        fields: &[(&'static str, &str)],
    ) {
        let fields = fields.iter().map(|(key, text)| (Cow::Borrowed(*key), (*text).to_owned())).collect();
        self.typed.push(Typed { notebook, kind, on, fields, picture: false });
    }

    fn pregnancy_months(&mut self, due: NaiveDate) {
        let notebook = self.pregnancy;
        for (week, weight, height, bp, grams) in [
            (12_u64, "52.1", "", "108/64", ""),
            (16, "53.0", "", "110/66", ""),
            (20, "54.6", "20.5", "112/68", "305"),
            (24, "56.4", "24", "114/70", "640"),
            (28, "58.3", "28.5", "118/72", "1120"),
            (30, "59.2", "31", "120/74", "1390"),
        ] {
            let on = due - Days::new(280 - week * 7);
            let ga = format!("{week}w0d");
            let mut fields =
                vec![("ga", ga.as_str()), ("weight", weight), ("bp", bp), ("u_protein", "-"), ("u_sugar", "-")];
            fields.extend([("fundal_height", height), ("efw", grams)].into_iter().filter(|(_, text)| !text.is_empty()));
            self.push(notebook, "prenatal_visit", on, &fields);
        }
        self.push(notebook, "preg_diary", due - Days::new(120), &[("feelings", "ふたりに会える日が楽しみ。")]);
    }

    fn birth(&mut self, child: NotebookId, born: NaiveDate, grams: u32, length: &str, head: &str) {
        let (weight, time) = (grams.to_string(), format!("{born}T04:12"));
        self.push(
            child,
            "delivery",
            born,
            &[
                ("ga", "31w4d"),
                ("datetime", &time),
                ("weight", &weight),
                ("length", length),
                ("head", head),
                ("plurality", "multiple"),
            ],
        );
        self.push(
            child,
            "guardian_2w",
            born + Days::new(14),
            &[("own_sleep_trouble", "yes"), ("someone_to_ask", "yes")],
        );
        self.push(child, "stool", born + Days::new(16), &[("colour_no", "5")]);
    }

    /// Check-ups, vaccinations and measurements along one line of the curves.
    fn childhood(&mut self, child: NotebookId, sex: Sex, born: NaiveDate, today: NaiveDate, place: f64, early: u64) {
        let mut steps: Vec<u64> = vec![45, 76, 106, 137, 182, 228, 274, 320, 365];
        steps.extend((1..10).map(|i| 365 + i * 120));
        for (i, days) in steps.into_iter().enumerate() {
            let on = born + Days::new(days);
            let Some(age) = days.checked_sub(early).filter(|_| on <= today) else { continue };
            let wobble = [0.0, 0.04, -0.03, 0.05, -0.05, 0.02][i % 6];
            let value = |indicator| on_curve(indicator, sex, age, place + wobble);
            let (weight, length) = (format!("{:.2}", value(Indicator::Wfa)), format!("{:.1}", value(Indicator::Lhfa)));
            let head = format!("{:.1}", value(Indicator::Hcfa));
            let mut fields = vec![("weight", weight.as_str()), ("length", length.as_str())];
            if age < 1000 {
                fields.push(("head", head.as_str()));
            }
            self.push(child, "growth", on, &fields);
        }
        for (vaccine, dose, on, lot) in doses::until(born, today) {
            let fields =
                [("vaccine", vaccine), ("dose_no", dose), ("maker_lot", &lot), ("doctor", "みほんこどもクリニック")];
            self.push(child, "immunisation", on, &fields);
        }
        self.check_ups(child, sex, born, today, place, early);
        let achieved = (born + Days::new(early + 105)).format("%Y-%m").to_string();
        self.push(
            child,
            "guardian_3-4m",
            born + Days::new(early + 118),
            &[
                ("head_control", &achieved),
                ("smiles_when_played_with", "yes"),
                ("looks_for_voice", "yes"),
                ("worry", "unsure"),
            ],
        );
        self.push(
            child,
            "milestone",
            born + Days::new(early + 160),
            &[("what", "rolling_over"), ("achieved", &format!("{}~", born + Days::new(early + 158)))],
        );
    }

    /// Check-ups of the municipality, with what was measured there.
    fn check_ups(&mut self, child: NotebookId, sex: Sex, born: NaiveDate, today: NaiveDate, place: f64, early: u64) {
        for (days, checkup) in [(115_u64, "3-4m"), (290, "9-10m"), (565, "1y6m"), (1130, "3y")] {
            let on = doses::on_a_weekday(born + Days::new(days));
            let age = days.saturating_sub(early);
            if on > today {
                break;
            }
            let weight = format!("{:.2}", on_curve(Indicator::Wfa, sex, age, place));
            let length = format!("{:.1}", on_curve(Indicator::Lhfa, sex, age, place));
            let fields = [
                ("checkup", checkup),
                ("weight", weight.as_str()),
                ("length", length.as_str()),
                ("eyes_finding", "no"),
                ("ears_finding", "no"),
                ("obs", "healthy"),
                ("facility", "見本市保健センター"),
            ];
            self.push(child, "wellchild", on, &fields);
        }
    }

    /// A sitting at each check so far: what the child did then, most of it, and what was on its way.
    fn self_checks(&mut self, child: NotebookId, born: NaiveDate, today: NaiveDate) {
        let content = Content::default();
        let child_of_check = Child { born, gestation: None, without_ages: false };
        for window in child_of_check.windows(content.checks()) {
            let on = window.from + Days::new(12);
            if on > today {
                break;
            }
            let answer = |item: &CheckItem| if item.range.1 <= window.check + 2 { "yes" } else { "sometimes" };
            let mut fields =
                vec![(Cow::Borrowed("check"), format!("{}m", window.check)), (Cow::Borrowed("carer"), "母".into())];
            fields.extend(
                content
                    .items_of(window.check)
                    .map(|item| (format!("answer.{}", item.id).into(), answer(item).to_owned())),
            );
            self.typed.push(Typed { notebook: child, kind: "self_check", on, fields, picture: false });
        }
    }
}

/// The value at a place between the 3rd (0) and 97th (1) percentile of the survey of 2023.
pub(super) fn on_curve(indicator: Indicator, sex: Sex, age_days: u64, place: f64) -> f64 {
    let bands = bands(Reference::Jp2023, indicator, sex, age_days as f64);
    let ends: Vec<f64> = bands.iter().filter_map(|band| band.line.last()).map(|point| point.value).collect();
    match (ends.first(), ends.last()) {
        (Some(low), Some(high)) => low + (high - low) * place.clamp(0.0, 1.0),
        _ => 0.0,
    }
}
