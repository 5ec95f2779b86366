//! What an entry shows, as a function of the **set** of its changes.
//!
//! Each field is a multi-value register. A change's value is a *head* while no other change replaces it; the head with
//! the greatest stamp is shown, other heads are the *conflict*, everything else is history. An entry is deleted only
//! while deletions cover every head, so an edit that the deleter had not seen brings it back. Nothing depends on the
//! order in which changes came: the function is commutative, associative and idempotent, and the tests prove it.

use std::collections::{BTreeMap, BTreeSet};

use ayumi_protocol::key::Hash;
use ayumi_protocol::{Change, FieldChange, Stamp};
use serde_json::Value;

use super::past::{Version, past};
use super::value::Fields;

/// One value that a field has or had.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    /// Who wrote it, when.
    pub stamp: Stamp,
    /// The value; `null` is "cleared".
    pub value: Value,
}

/// The state of one field: its heads, greatest stamp first. Never empty.
#[derive(Debug, Clone, PartialEq)]
pub struct Register {
    heads: Vec<Head>,
}

impl Register {
    /// The value shown.
    pub fn shown(&self) -> &Value {
        self.heads.first().map_or(&Value::Null, |head| &head.value)
    }

    /// All values that nobody has replaced, the shown one first.
    pub fn heads(&self) -> &[Head] {
        &self.heads
    }

    /// Whether carers wrote different values without seeing each other's. The same value twice is no conflict.
    pub fn in_conflict(&self) -> bool {
        self.heads.iter().any(|head| head.value != *self.shown())
    }
}

/// The state of one entry.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Merged {
    /// State by field.
    pub registers: BTreeMap<String, Register>,
    /// Whether deletions cover every head.
    pub deleted: bool,
}

impl Merged {
    /// The shown fields; cleared ones are left out.
    pub fn fields(&self) -> Fields {
        let shown = self.registers.iter().map(|(key, register)| (key.clone(), register.shown().clone()));
        shown.filter(|(_, value)| !value.is_null()).collect()
    }

    /// Keys of the fields in conflict.
    pub fn conflicts(&self) -> impl Iterator<Item = (&str, &Register)> {
        self.registers.iter().filter(|(_, register)| register.in_conflict()).map(|(key, r)| (key.as_str(), r))
    }

    /// The stamps of a field's heads: what a new change of that field replaces.
    pub fn head_stamps(&self, key: &str) -> BTreeSet<Stamp> {
        self.registers.get(key).into_iter().flat_map(|r| r.heads.iter().map(|head| head.stamp)).collect()
    }

    /// The stamps of all heads: what a deletion covers.
    pub fn all_heads(&self) -> BTreeSet<Stamp> {
        self.registers.values().flat_map(|r| r.heads.iter().map(|head| head.stamp)).collect()
    }

    /// What has to be written so that these fields show these values. Fields that already do, without conflict, are
    /// left out; a field in conflict is settled by writing it.
    pub fn edit(&self, wanted: &Fields) -> BTreeMap<String, FieldChange> {
        let differs = |key: &str, value: &Value| match self.registers.get(key) {
            Some(register) => register.shown() != value || register.in_conflict(),
            None => !value.is_null(),
        };
        wanted
            .iter()
            .filter(|(key, value)| differs(key, value))
            .map(|(key, value)| (key.clone(), FieldChange { value: value.clone(), replaces: self.head_stamps(key) }))
            .collect()
    }
}

/// Folds a set of changes of one entry. Order and repetition do not matter.
pub fn merge<'a>(changes: impl IntoIterator<Item = &'a Change>) -> Merged {
    let by_stamp: BTreeMap<Stamp, &Change> = changes.into_iter().map(|change| (change.stamp, change)).collect();
    let mut replaced: BTreeMap<&str, BTreeSet<Stamp>> = BTreeMap::new();
    let mut covered: BTreeSet<Stamp> = BTreeSet::new();
    let mut any_deletion = false;
    for change in by_stamp.values() {
        for (key, field) in &change.fields {
            replaced.entry(key).or_default().extend(&field.replaces);
        }
        if let Some(heads) = &change.deletes {
            any_deletion = true;
            covered.extend(heads);
        }
    }
    let mut merged = Merged::default();
    // Greatest stamp first, so that heads come out in the order they are shown.
    for (stamp, change) in by_stamp.iter().rev() {
        for (key, field) in &change.fields {
            if !replaced.get(key.as_str()).is_some_and(|stamps| stamps.contains(stamp)) {
                let register = merged.registers.entry(key.clone()).or_insert_with(|| Register { heads: Vec::new() });
                register.heads.push(Head { stamp: *stamp, value: field.value.clone() });
            }
        }
    }
    merged.deleted = any_deletion && merged.all_heads().is_subset(&covered);
    merged
}

/// By stamp, and each after all that its author had seen: also when a clock was wrong, a value stands before the one
/// that replaced it.
fn in_order(changes: &[Change]) -> Vec<&Change> {
    let by_stamp: BTreeMap<Stamp, &Change> = changes.iter().map(|change| (change.stamp, change)).collect();
    let mut done = BTreeSet::new();
    let mut order = Vec::with_capacity(by_stamp.len());
    for first in by_stamp.keys() {
        // A change is left on the stack until all that it saw are done; the second time it is reached it is done
        // itself.
        let mut stack = vec![(*first, false)];
        while let Some((stamp, seen_are_done)) = stack.pop() {
            let Some(change) = by_stamp.get(&stamp).filter(|_| !done.contains(&stamp)) else { continue };
            if seen_are_done {
                done.insert(stamp);
                order.push(*change);
                continue;
            }
            stack.push((stamp, true));
            let replaced = change.fields.values().flat_map(|field| &field.replaces);
            let seen: BTreeSet<Stamp> = replaced.chain(change.deletes.iter().flatten()).copied().collect();
            // What claims to have seen itself, or a circle, comes from no device of ours; it ends here.
            let open = |stamp: &Stamp| stack.iter().any(|(other, _)| other == stamp);
            let seen: Vec<(Stamp, bool)> =
                seen.into_iter().rev().filter(|stamp| !open(stamp)).map(|stamp| (stamp, false)).collect();
            stack.extend(seen);
        }
    }
    order
}

/// The history of an entry: what came with it by a file or from the notebook before, then for each action what the changes up to it
/// show. What it was in the notebook before is told by who says so.
pub fn versions(changes: &[Change]) -> Vec<Version> {
    versions_proven(changes, &BTreeSet::new())
}

/// As [`versions`], with words that an archive proves under who wrote them: those with one of these marks.
pub fn versions_proven(changes: &[Change], proven: &BTreeSet<Hash>) -> Vec<Version> {
    let sorted = in_order(changes);
    let mut versions = past(changes, proven);
    for count in 1..=sorted.len() {
        let change = sorted[count - 1];
        let state = merge(sorted[..count].iter().copied());
        let (stamp, told_by) = (change.stamp, None);
        let version = Version { stamp, told_by, fields: state.fields(), deleted: state.deleted };
        // A change that only tells history shows nothing of its own, and neither does one whose own history ends so.
        let told = past(std::slice::from_ref(change), proven);
        let repeats = told.last().is_some_and(|last| change.fields.is_empty() || last.fields == version.fields);
        if !repeats {
            versions.push(version);
        }
    }
    versions
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
