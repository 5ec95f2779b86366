//! An area's history over the checks: what was seen first when. Nothing is counted, nothing compared.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::answers::{Answer, Sitting};
use crate::content::Content;
use crate::content::item::{Area, CheckItem};

/// What was seen for the first time at one check.
#[derive(Debug, Clone, PartialEq)]
pub struct TrendStep<'c> {
    /// The check.
    pub check: u32,
    /// The day it was first said.
    pub on: NaiveDate,
    /// The items.
    pub new: Vec<&'c CheckItem>,
}

/// An area's steps, oldest first.
pub fn steps<'c>(content: &'c Content, area: Area, sittings: &[Sitting]) -> Vec<TrendStep<'c>> {
    let mut order: Vec<&Sitting> = sittings.iter().collect();
    order.sort_by_key(|sitting| (sitting.on, sitting.check));
    let mut known: BTreeSet<&str> = BTreeSet::new();
    let mut steps: Vec<TrendStep<'c>> = Vec::new();
    for sitting in order {
        let yes = sitting.answers.iter().filter(|(_, answer)| **answer == Answer::Yes);
        for item in yes.filter_map(|(id, _)| content.item(id)).filter(|item| item.area == area) {
            if !known.insert(&item.id) {
                continue;
            }
            match steps.iter_mut().find(|step| step.check == sitting.check) {
                Some(step) => step.new.push(item),
                None => steps.push(TrendStep { check: sitting.check, on: sitting.on, new: vec![item] }),
            }
        }
    }
    steps
}
