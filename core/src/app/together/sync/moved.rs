//! What a page moved, as a report counts it.

use std::collections::BTreeMap;

use ayumi_protocol::key::KeyId;

use super::odd::Aside;
use super::report::SyncReport;

/// How many changes a page moved.
#[derive(Default)]
pub(super) struct Moved {
    /// That the server has now.
    pub(super) pushed: u64,
    /// That this device did not have before.
    pub(super) pulled: u64,
    /// Something was erased.
    pub(super) erased: bool,
    /// That came and may not stand in the notebook, or do not count in their author's line.
    pub(super) apart: u64,
    /// Those that do not count in their author's line, by author.
    pub(super) odd: BTreeMap<KeyId, Aside>,
}

impl SyncReport {
    pub(super) fn add(&mut self, moved: &Moved) {
        self.pushed += moved.pushed;
        self.pulled += moved.pulled;
        self.apart += moved.apart;
    }
}
