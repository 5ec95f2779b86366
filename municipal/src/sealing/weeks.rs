//! Which week's key wraps. Keys lie outside of the database; whoever keeps them is told what to do.

use std::collections::BTreeMap;

use super::key::WeekKey;
use super::week::Week;

/// The keys of weeks that are there.
#[derive(Debug, Default)]
pub struct Weeks(pub BTreeMap<Week, WeekKey>);

impl Weeks {
    /// Returns the newest key, by which everything is wrapped from now on.
    pub fn newest(&self) -> Option<(Week, &WeekKey)> {
        self.0.last_key_value().map(|(week, key)| (*week, key))
    }
}
