//! Words of a member that no honest phone writes so. They are kept and passed on; a carer is told of them once.

use std::collections::BTreeMap;

use ayumi_protocol::NotebookId;
use ayumi_protocol::key::KeyId;

use crate::app::membership::name_of;
use crate::sync::reader::Reader;
use crate::texts::{self, Locale};

/// What came from one member's phone in one sync and does not count in its line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct OddWords {
    /// The notebook.
    pub notebook: NotebookId,
    /// The member's id, as in the list of members.
    pub member: String,
    /// The member's name; empty if it cannot be read.
    pub name: String,
    /// Changes under a stamp under which the same phone wrote something else: every phone shows the same one.
    pub doubled: u64,
    /// Changes stamped below what the same phone had written before: shown to nobody.
    pub back_dated: u64,
    /// Two envelopes under one number: the phone, or a copy of it, told two things at once. Both are shown.
    pub two_tongues: bool,
    /// A server took an envelope in whose place the phone put another one afterwards: a server, put back or lying, let it do so.
    /// What was put aside is kept, and not shown.
    pub displaced: bool,
}

impl OddWords {
    /// What to tell a parent, line by line.
    pub fn told(&self, locale: Locale) -> Vec<String> {
        let name = match self.name.as_str() {
            "" => texts::members("odd_somebody", locale).to_owned(),
            name => texts::members("odd_member", locale).replace("{name}", name),
        };
        let two_tongues = ("odd_two_tongues", u64::from(self.two_tongues));
        let displaced = ("odd_displaced", u64::from(self.displaced));
        let counts = [two_tongues, displaced, ("odd_doubled", self.doubled), ("odd_back_dated", self.back_dated)];
        let told = counts.into_iter().filter(|(_, count)| *count > 0).map(|(key, count)| {
            texts::members(key, locale).replace("{name}", &name).replace("{count}", &count.to_string())
        });
        told.collect()
    }
}

/// How many of an author's changes do not count in its line, whether there are two lines, and whether one gave way that was taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Aside {
    pub(super) doubled: u64,
    pub(super) back_dated: u64,
    pub(super) two_tongues: bool,
    pub(super) displaced: bool,
}

impl Aside {
    /// Adds what came of the same author.
    pub(super) fn add(&mut self, more: Self) {
        self.doubled += more.doubled;
        self.back_dated += more.back_dated;
        self.two_tongues |= more.two_tongues;
        self.displaced |= more.displaced;
    }
}

/// Adds to a report what a page brought.
pub(super) fn add(odd: &mut Vec<OddWords>, reader: &Reader, came: &BTreeMap<KeyId, Aside>) {
    for (author, aside) in came {
        let (notebook, member) = (reader.notebook(), format!("{author:?}"));
        let known = odd.iter().position(|one| one.notebook == notebook && one.member == member);
        let at = known.unwrap_or_else(|| {
            let holder = reader.state().and_then(|state| state.holder(author));
            let name = holder.map(|holder| name_of(reader, holder)).unwrap_or_default();
            odd.push(OddWords {
                notebook,
                member,
                name,
                doubled: 0,
                back_dated: 0,
                two_tongues: false,
                displaced: false,
            });
            odd.len() - 1
        });
        if let Some(one) = odd.get_mut(at) {
            one.doubled += aside.doubled;
            one.back_dated += aside.back_dated;
            one.two_tongues |= aside.two_tongues;
            one.displaced |= aside.displaced;
        }
    }
}
