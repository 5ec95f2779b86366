//! A phone is lost, or somebody must go everywhere: one act over all notebooks.

use std::collections::BTreeSet;

use ayumi_protocol::NotebookId;
use ayumi_protocol::control::{Holder, Person, State};
use ayumi_protocol::key::KeyId;

use super::list::{MemberView, Members, view};
use crate::app::error::{Error, Result};
use crate::app::membership::{load, name_of};
use crate::store::{channel, entries};
use crate::sync::reader::Reader;
use crate::sync::transport::Transport;

/// What "lost" did in one notebook.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct LostInNotebook {
    /// The notebook.
    pub notebook: NotebookId,
    /// How it ended.
    pub outcome: LostOutcome,
    /// The devices that were taken out. Every recovery sheet of the notebook is void with them.
    pub removed: Vec<MemberView>,
}

/// How "lost" ended in one notebook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum LostOutcome {
    /// All devices are out.
    Removed,
    /// No such device is there.
    NotThere,
    /// Several persons have this name there: take out the right one by its id.
    SeveralOfThisName,
    /// This device is no owner there: ask one.
    NotAnOwner,
    /// They have been an owner for longer there: begin that notebook anew without them.
    Senior,
    /// The server was not reached: do it again.
    Offline,
    /// The notebook has stopped, or this device is no member there any more: look at its sync.
    Stopped,
}

impl LostOutcome {
    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::NotThere => "not_there",
            Self::SeveralOfThisName => "several_of_this_name",
            Self::NotAnOwner => "not_an_owner",
            Self::Senior => "senior",
            Self::Offline => "offline",
            Self::Stopped => "stopped",
        }
    }
}

/// Whom "lost" means.
enum Whom<'a> {
    /// The other devices of this device's own person.
    MyOthers,
    /// Everybody who is known by one of these: names, or ids in a notebook.
    Known(&'a BTreeSet<String>),
}

impl Members {
    /// Takes a lost phone, or a person with all devices, out of every notebook where this device may. Without `who` it is every
    /// other device of this carer's own; else a name as in the list of members, or the id of a member or a person in any
    /// notebook, whose name then counts in the others. What one notebook refuses keeps no other one back.
    ///
    /// # Errors
    /// Any [store error](crate::app::Error#store-errors); what a server or a notebook refuses is an outcome.
    pub async fn lost(&self, who: Option<&str>, transport: &dyn Transport) -> Result<Vec<LostInNotebook>> {
        let ids = entries::notebooks(self.handbook.db().reader())?;
        let known = who.map(|who| self.known_as(&ids, who)).transpose()?;
        let mut all = Vec::new();
        for notebook in ids {
            let whom = known.as_ref().map_or(Whom::MyOthers, Whom::Known);
            all.push(self.lost_in(notebook, &whom, transport).await?);
        }
        Ok(all)
    }

    /// What somebody is known by: what was given, and the names that go with it as an id.
    fn known_as(&self, ids: &[NotebookId], who: &str) -> Result<BTreeSet<String>> {
        let mut known = BTreeSet::from([who.trim().to_owned()]);
        for id in ids {
            let db = self.handbook.db();
            let Some(channel) = channel::find(db.reader(), *id)? else { continue };
            let reader = load(db.reader(), &channel)?;
            for (key, holder) in reader.state().into_iter().flat_map(State::holders) {
                let name = name_of(&reader, holder);
                if is_id(key, holder, who.trim()) && !name.is_empty() {
                    known.insert(name);
                }
            }
        }
        Ok(known)
    }

    async fn lost_in(
        &self,
        notebook: NotebookId,
        whom: &Whom<'_>,
        transport: &dyn Transport,
    ) -> Result<LostInNotebook> {
        let mut removed = Vec::new();
        let outcome = match self.take_out(notebook, whom, &mut removed, transport).await {
            Ok(outcome) => outcome,
            Err(Error::Offline) => LostOutcome::Offline,
            Err(Error::Senior) => LostOutcome::Senior,
            Err(Error::NotFound { .. } | Error::Invalid { .. }) => LostOutcome::Stopped,
            Err(error) => return Err(error),
        };
        Ok(LostInNotebook { notebook, outcome, removed })
    }

    async fn take_out(
        &self,
        notebook: NotebookId,
        whom: &Whom<'_>,
        removed: &mut Vec<MemberView>,
        transport: &dyn Transport,
    ) -> Result<LostOutcome> {
        self.bring_up_to_date(notebook, transport).await?;
        let (found, owner) = {
            let db = self.handbook.db();
            let Some(channel) = channel::find(db.reader(), notebook)?.filter(|c| !c.removed && c.halted.is_none())
            else {
                return Ok(LostOutcome::Stopped);
            };
            let reader = load(db.reader(), &channel)?;
            let Some(state) = reader.state() else { return Ok(LostOutcome::NotThere) };
            let persons = persons(&reader, state, whom);
            if persons.len() > 1 {
                return Ok(LostOutcome::SeveralOfThisName);
            }
            let devices =
                persons.into_iter().flat_map(|person| state.devices_of(person)).filter(|id| **id != reader.id());
            let shown = devices.filter_map(|id| state.holder(id).map(|holder| view(&channel, &reader, id, holder)));
            let owner = reader.is_owner();
            (shown.collect::<Vec<_>>(), owner)
        };
        if found.is_empty() {
            return Ok(LostOutcome::NotThere);
        }
        if !owner {
            return Ok(LostOutcome::NotAnOwner);
        }
        for member in found {
            match self.remove(notebook, &member.id, transport).await {
                Ok(()) => removed.push(member),
                // Gone meanwhile.
                Err(Error::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(LostOutcome::Removed)
    }
}

/// Whether an id names this holder, or its person.
fn is_id(key: &KeyId, holder: &Holder, text: &str) -> bool {
    [format!("{key:?}"), format!("{:?}", KeyId(holder.person.0))].iter().any(|id| id.eq_ignore_ascii_case(text))
}

/// The persons that are meant in a notebook. An id means one person, whoever else has the same name.
fn persons(reader: &Reader, state: &State, whom: &Whom<'_>) -> BTreeSet<Person> {
    let Whom::Known(known) = whom else { return state.person_of(&reader.id()).into_iter().collect() };
    let by_id = |(key, holder): &(&KeyId, &Holder)| known.iter().any(|text| is_id(key, holder, text));
    let named: BTreeSet<Person> = state.members().filter(by_id).map(|(_, holder)| holder.person).collect();
    if !named.is_empty() {
        return named;
    }
    state
        .members()
        .filter(|(_, holder)| known.contains(&name_of(reader, holder)))
        .map(|(_, holder)| holder.person)
        .collect()
}
