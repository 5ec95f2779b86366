//! What must be true at the end of every story.

use std::collections::{BTreeMap, BTreeSet};

use ayumi_core::app::{Handbook, ListFilter};
use ayumi_core::model::naming::EntryName;
use ayumi_core::model::{EntryId, NotebookId};
use ayumi_core::store::changes::Delivery;
use ayumi_protocol::control::Role;
use serde_json::{Value, json};

use super::story::{Phone, Story, WORD, poll, tell};

impl Story {
    /// Every change of an entry on every phone.
    fn dump(&self, id: EntryId) {
        for (who, phone) in self.phones.iter().enumerate() {
            let view = phone.book().entries().history(id);
            let shown = phone.book().entries().show(id).map(|entry| (entry.fields, entry.deleted));
            tell(|| format!("  {id} on phone {who}: {shown:?}\n    {view:#?}"));
        }
    }

    fn members(&self) -> Vec<usize> {
        (0..self.phones.len())
            .filter(|who| {
                let state = self.phones[*who].book().sync().state(self.notebook);
                let there = self.phones[*who].book().notebooks().find(self.notebook).is_ok();
                there && state.is_ok_and(|state| state.role.is_some() && state.halted.is_none())
            })
            .collect()
    }

    pub(crate) fn check(&mut self) {
        let members = self.members();
        for (who, phone) in self.phones.iter().enumerate() {
            tell(|| {
                format!(
                    "phone {who}: member {}, {:?}",
                    members.contains(&who),
                    phone.book().sync().state(self.notebook)
                )
            });
        }
        // A reader may still hold what it wrote while it was a writer, marked refused.
        let refused = |who: &usize| self.phones[*who].book().sync().state(self.notebook).is_ok_and(|s| s.refused > 0);
        let writers: Vec<usize> = members.iter().copied().filter(|who| !refused(who)).collect();
        // Everybody was shut out only if nobody is left who could read: then there is nothing to compare.
        let shown: Vec<(usize, BTreeMap<EntryName, Value>)> =
            writers.iter().map(|who| (*who, everything(self.phones[*who].book(), self.notebook))).collect();
        for (who, shown) in &shown {
            let found = self.phones[*who].book().notebooks().find(self.notebook);
            tell(|| format!("  phone {who} shows {} entries, {found:?}", shown.len()));
        }
        for pair in shown.windows(2) {
            assert_eq!(pair[0].1, pair[1].1, "phones {} and {} show the same", pair[0].0, pair[1].0);
        }
        let Some((who, entries)) = shown.first() else { return };
        self.told.conflicts += entries.values().filter(|entry| entry["conflicts"].as_u64() > Some(0)).count() as u64;
        let book = self.phones[*who].book();
        for (id, values) in &self.confirmed {
            let known = texts(book, *id);
            for (text, by) in values {
                let phone = &self.phones[*by];
                // Who is out keeps what was not sent before, marked refused.
                let kept_there = !writers.contains(by)
                    && texts(phone.book(), *id).contains(text)
                    && phone.book().entries().delivery(*id).is_ok_and(|delivery| delivery != Delivery::Waiting);
                if !known.contains(text) && !kept_there {
                    self.dump(*id);
                }
                assert!(known.contains(text) || kept_there, "\"{text}\" of phone {by} is lost");
            }
        }
        // A deletion by somebody who was taken out before it was sent stays on that phone.
        for (id, _) in self.surely_deleted.iter().filter(|(_, by)| writers.contains(by)) {
            let shown = entries.iter().find(|(name, _)| name.id == *id).map(|(_, entry)| entry);
            if shown.is_some_and(|entry| entry["deleted"] != true) {
                self.dump(*id);
            }
            assert!(shown.is_none_or(|entry| entry["deleted"] == true), "{id} came back by itself");
        }
        for (who, phone) in self.phones.iter().enumerate() {
            assert!(
                phone.book().doctor().examine(&mut |_, _| ()).unwrap().findings.is_empty(),
                "phone {who} is healthy"
            );
            let Some(known) = phone.gone_at.as_ref().filter(|_| !members.contains(&who)) else { continue };
            for EntryName { id, .. } in everything(phone.book(), self.notebook).keys() {
                let granted = known.contains(id) || phone.own.contains(id);
                // A municipality that forgot the removal, and a writer who had not heard of it: then what was written
                // was for both.
                let unknowing = phone.forgotten && !phone.not_for.contains(id);
                assert!(granted || unknowing, "phone {who} reads what came after it was out");
            }
        }
        let bytes = self.net.municipality.contents().bytes();
        assert!(!bytes.windows(WORD.len()).any(|window| window == WORD.as_bytes()), "the server holds no word");
        assert!(self.phones.iter().all(|phone| phone.folder.path().exists()));
    }
}

impl Story {
    /// Somebody who comes when all is over sees what the others see.
    pub(crate) fn one_comes_last(&mut self) {
        let members = self.members();
        let owner = members.into_iter().find(|who| {
            let state = self.phones[*who].book().sync().state(self.notebook);
            state.is_ok_and(|state| state.role == Some(Role::Owner) && state.refused == 0)
        });
        let Some(owner) = owner else { return };
        let book = self.phones[owner].book().clone();
        let invited = poll(book.members().invite(self.notebook, Role::Reader, "", &self.net)).unwrap().unwrap();
        let last = Phone::new(&self.time);
        assert_eq!(poll(last.book().members().join(&invited.code, &self.net)).unwrap(), Ok(self.notebook));
        let (theirs, mine) = (everything(&book, self.notebook), everything(last.book(), self.notebook));
        assert_eq!(theirs, mine, "who comes last sees the same");
        self.told.came_last += 1;
    }
}

/// Every text that an entry has or had on a phone.
pub(crate) fn texts(book: &Handbook, entry: impl Into<EntryName>) -> BTreeSet<String> {
    let entries = book.entries();
    let name = entry.into();
    let versions = entries.history(&name).unwrap_or_default();
    let mut all: BTreeSet<String> =
        versions.iter().filter_map(|version| version.fields.get("text")?.as_str().map(str::to_owned)).collect();
    // A value that lost as soon as it came was never shown: it stands in the conflict.
    let conflicts = entries.conflicts_of(&name).unwrap_or_default();
    all.extend(conflicts.iter().flat_map(|c| &c.values).filter_map(|value| value.value.as_str().map(str::to_owned)));
    all
}

/// Everything that a phone shows of a notebook.
pub(crate) fn everything(book: &Handbook, notebook: NotebookId) -> BTreeMap<EntryName, Value> {
    let list = |deleted| {
        let filter = ListFilter { limit: 10_000, deleted, ..ListFilter::default() };
        book.entries().list(notebook, &filter).unwrap_or_default()
    };
    let view = |entry: ayumi_core::app::EntryView| {
        (entry.name(), json!({"fields": entry.fields, "deleted": entry.deleted, "conflicts": entry.conflicts}))
    };
    list(false).into_iter().chain(list(true)).map(view).collect()
}
