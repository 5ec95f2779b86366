//! Whom a notice is for: a closed list of predicates. All that are written must hold; the phone evaluates them, and nobody
//! learns what came out.

use serde::Deserialize;

/// Whom a notice is for. Without any predicate it is for every family.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audience {
    /// A child's age in days, from and to; the day of birth is 0.
    #[serde(default)]
    pub age_days: Option<(u32, u32)>,
    /// Completed weeks of a pregnancy, from and to.
    #[serde(default)]
    pub pregnancy_weeks: Option<(u32, u32)>,
    /// Parts of the municipality; any of them.
    #[serde(default)]
    pub area: Vec<String>,
    /// The language that the carer chose; any of them.
    #[serde(default)]
    pub language: Vec<String>,
    /// A first child, or a later one.
    #[serde(default)]
    pub first_child: Option<bool>,
    /// Twins or more, or one child.
    #[serde(default)]
    pub multiple: Option<bool>,
    /// A check-up of which nothing is written from an age on.
    #[serde(default)]
    pub missing: Option<Missing>,
}

/// A check-up of which nothing is written from a month of age on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Missing {
    /// Key of the check-up in the national list, such as `WC_18M`.
    pub event: String,
    /// Completed months of age from which on its entry is missed.
    pub months: u32,
}

impl Audience {
    /// Whether anything of it is asked of a child or a pregnancy.
    pub fn asks_of_a_child(&self) -> bool {
        self.age_days.is_some()
            || self.pregnancy_weeks.is_some()
            || self.first_child.is_some()
            || self.multiple.is_some()
            || self.missing.is_some()
    }
}
