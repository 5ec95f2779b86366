//! What engines need to know of a notebook, gathered in one reading.

use std::collections::BTreeSet;

use ayumi_protocol::NotebookId;
use chrono::{DateTime, NaiveDate, NaiveDateTime};
use chrono_tz::Asia::Tokyo;

use super::{Handbook, NotebookView, Result};
use crate::agenda::Family;
use crate::agenda::events::is_done_by;
use crate::checks::{Answer, Child, Sitting};
use crate::content::moment::Anchors;
use crate::content::series::Subject;
use crate::model::kind::Record;
use crate::model::kinds::{AgendaMark, Immunisation, SelfCheck};
use crate::model::notebook::{NotebookType, Sex};
use crate::store::entries::{self, Entry};
use crate::vaccines::{Given, Person};

/// A notebook's facts.
pub(super) struct Facts {
    pub(super) notebook: NotebookView,
    pub(super) entries: Vec<Entry>,
    /// Born children of a pregnancy, or the child itself.
    pub(super) born: Option<NaiveDate>,
    pub(super) multiple: bool,
    /// The day on which the handbook of a pregnancy was begun.
    begun: Option<NaiveDate>,
}

/// A check's key: `18m`.
pub(super) fn check_key(months: u32) -> String {
    format!("{months}m")
}

/// A check from its key.
pub(super) fn check_months(key: &str) -> Option<u32> {
    key.trim().trim_end_matches('m').parse().ok()
}

impl Handbook {
    pub(super) fn facts(&self, id: NotebookId) -> Result<Facts> {
        let notebook = self.notebooks().find(id)?;
        let entries = entries::for_agenda(self.db().reader(), id)?;
        let (mut born, mut multiple) = (notebook.profile.born, notebook.profile.multiple.is_some_and(|n| n > 1));
        if notebook.notebook_type == NotebookType::Pregnancy {
            let children: Vec<NaiveDate> = self
                .notebooks()
                .list()?
                .iter()
                .filter(|other| other.profile.pregnancy.as_deref() == Some(&*id.to_string()))
                .filter_map(|child| child.profile.born)
                .collect();
            multiple |= children.len() > 1;
            born = children.into_iter().min();
        }
        // A clock that has been set back cannot put the beginning into the future.
        let begun = begun_on(id).map(|day| day.min(self.clock().today()));
        Ok(Facts { notebook, entries, born, multiple, begun })
    }

    /// Today in Japan with the time of day.
    pub(super) fn now(&self) -> NaiveDateTime {
        let millis = i64::try_from(self.clock().now_ms()).unwrap_or(0);
        let time = DateTime::from_timestamp_millis(millis).unwrap_or_default().with_timezone(&Tokyo).time();
        self.clock().today().and_time(time)
    }
}

impl Facts {
    fn of<R: Record>(&self) -> impl Iterator<Item = (&Entry, R)> {
        self.entries.iter().filter(|entry| entry.kind == R::KIND.id).map(|entry| (entry, R::from_fields(&entry.fields)))
    }

    /// Doses that were given. A record without a day cannot be judged and is left out.
    pub(super) fn given(&self) -> Vec<Given> {
        let given = |(entry, record): (&Entry, Immunisation)| Some(Given { on: entry.on?, product: record.vaccine? });
        self.of::<Immunisation>().filter_map(given).collect()
    }

    /// Sittings of the self-check.
    pub(super) fn sittings(&self) -> Vec<Sitting> {
        let sitting = |(entry, record): (&Entry, SelfCheck)| {
            let answer = |(item, answer): (String, String)| Some((item, Answer::from_key(&answer)?));
            Some(Sitting {
                check: check_months(&record.check?)?,
                on: entry.on?,
                carer: record.carer.unwrap_or_default(),
                answers: record.answers.into_iter().filter_map(answer).collect(),
                notices: record.notices.unwrap_or_default(),
                worry: record.worry.unwrap_or_default(),
            })
        };
        self.of::<SelfCheck>().filter_map(sitting).collect()
    }

    /// The child, if this is a child's notebook with a birth date.
    pub(super) fn child(&self) -> Option<Child> {
        let born = self.notebook.profile.born.filter(|_| self.notebook.notebook_type == NotebookType::Child)?;
        Some(Child { born, gestation: self.notebook.profile.gestation_at_birth() })
    }

    fn anchors(&self) -> Anchors {
        Anchors {
            born: self.born,
            due: self.notebook.profile.due,
            ended: self.notebook.profile.ended_on.filter(|_| self.notebook.baby_silent()),
            notice: self.begun,
        }
    }

    /// Whose vaccinations; `None` where nothing is to be shown.
    pub(super) fn person(&self) -> Option<Person> {
        if self.notebook.baby_silent() {
            return None;
        }
        let (subject, sex) = match self.notebook.notebook_type {
            NotebookType::Child => (Subject::Child, self.notebook.profile.sex_or_unspecified()),
            NotebookType::Pregnancy if self.born.is_none() => (Subject::Pregnant, Sex::Female),
            _ => return None,
        };
        Some(Person { anchors: self.anchors(), sex, subject })
    }

    /// What the agenda is made for.
    pub(super) fn family(&self, content: &crate::content::Content) -> Family {
        let mut done: BTreeSet<String> = self.of::<AgendaMark>().filter_map(|(_, mark)| mark.topic).collect();
        for event in content.agenda().iter().flat_map(|rules| &rules.event) {
            let value =
                |entry: &Entry, field: &str| entry.fields.get(field).and_then(|v| v.as_str()).map(str::to_owned);
            if self.entries.iter().any(|entry| is_done_by(event, &entry.kind, |field| value(entry, field))) {
                done.insert(event.id.clone());
            }
        }
        Family {
            notebook: self.notebook.notebook_type,
            anchors: self.anchors(),
            multiple: self.multiple,
            silent: self.notebook.baby_silent(),
            mother_elsewhere: self.notebook.profile.pregnancy.is_some(),
            done,
            last_prenatal: self.entries.iter().filter(|e| e.kind == "prenatal_visit").filter_map(|e| e.on).max(),
        }
    }
}

/// The day on which a notebook was begun: the first 48 bits of its id are the time (UUIDv7, RFC 9562).
fn begun_on(id: NotebookId) -> Option<NaiveDate> {
    let millis = id.as_bytes().iter().take(6).fold(0_i64, |time, byte| (time << 8) | i64::from(*byte));
    Some(DateTime::from_timestamp_millis(millis)?.with_timezone(&Tokyo).date_naive())
}
