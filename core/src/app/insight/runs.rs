//! A child's measurements as runs, one of each measure: which of them cannot follow each other.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};

use crate::app::insight::growth_question::{Beside, GrowthQuestion};
use crate::app::insight::measure::Measure;
use crate::app::view::NotebookView;
use crate::growth::change::{Taken, cannot_be, doubtful};
use crate::growth::improbable::{improbable, meant};
use crate::model::date::Gestation;
use crate::model::notebook::NotebookType;
use crate::texts::Locale;

/// The runs of a child, each measurement with what it belongs to.
pub(in crate::app) struct Runs<T> {
    born: NaiveDate,
    gestation: Option<Gestation>,
    by_measure: BTreeMap<Measure, Vec<(Taken, T)>>,
}

impl<T: Copy> Runs<T> {
    /// Empty ones; `None` where nobody was born.
    pub(in crate::app) fn of(notebook: &NotebookView) -> Option<Self> {
        let born = notebook.profile.born.filter(|_| notebook.notebook_type == NotebookType::Child)?;
        Some(Self { born, gestation: notebook.profile.gestation_at_birth(), by_measure: BTreeMap::new() })
    }

    /// Adds a measurement. One that no child of that age has is a question by itself, and nothing is held against it.
    pub(in crate::app) fn add(&mut self, on: NaiveDate, measure: Measure, value: f64, open: bool, whose: T) {
        let day = (on - self.born).num_days();
        let Some(quantity) = measure.quantity() else { return };
        if improbable(quantity, value, day, self.gestation).is_none() {
            self.by_measure.entry(measure).or_default().push((Taken { day, value, open }, whose));
        }
    }

    /// The questions, each with what its measurement belongs to.
    pub(in crate::app) fn questions(self, locale: Locale) -> Vec<(T, GrowthQuestion)> {
        let (born, gestation) = (self.born, self.gestation);
        let of_measure = |(measure, mut run): (Measure, Vec<(Taken, T)>)| {
            let Some(quantity) = measure.quantity() else { return Vec::new() };
            run.sort_by_key(|(taken, _)| taken.day);
            let taken: Vec<Taken> = run.iter().map(|(taken, _)| *taken).collect();
            let question = |(at, other): (usize, usize)| {
                let (now, beside) = (taken[at], taken[other]);
                let fits = |value: f64| {
                    let meant = Taken { value, ..now };
                    let (first, then) = if at < other { (meant, beside) } else { (beside, meant) };
                    !cannot_be(quantity, first, then) && improbable(quantity, value, now.day, gestation).is_none()
                };
                let likely = meant(quantity, now.value, beside.value, fits);
                let beside = Beside { on: born + TimeDelta::days(beside.day), value: beside.value };
                (run[at].1, GrowthQuestion::of_run(measure, now.value, beside, at > other, likely, locale))
            };
            doubtful(quantity, &taken).into_iter().map(question).collect()
        };
        self.by_measure.into_iter().flat_map(of_measure).collect()
    }
}
