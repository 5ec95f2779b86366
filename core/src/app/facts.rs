//! What engines need to know of a notebook, gathered in one reading and kept until something is written.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use ayumi_protocol::{Change, EntryId};
use chrono::NaiveDate;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::agenda::Family;
use crate::agenda::events::is_done_by;
use crate::app::view::NotebookView;
use crate::checks::{Answer, Became, Child, Sitting};
use crate::content::Content;
use crate::content::moment::Anchors;
use crate::content::series::Subject;
use crate::leads::{self, Known, Lead, Noted, Weighing};
use crate::model::kind::Record;
use crate::model::kinds::{AgendaMark, Cover, Delivery, Immunisation, PrenatalVisit, SelfCheck};
use crate::model::notebook::{NotebookType, Sex};
use crate::model::value::Fields;
use crate::store::entries::AgendaRow;
use crate::vaccines::{Given, Person};

/// A notebook's facts.
#[derive(Debug)]
pub(in crate::app) struct Facts {
    pub(in crate::app) notebook: NotebookView,
    /// Doses that were given. A record without a day cannot be judged and is left out.
    pub(in crate::app) given: Vec<Given>,
    /// Sittings of the self-check, with their entries.
    pub(in crate::app) sittings: Vec<Sitting>,
    pub(in crate::app) sitting_ids: Vec<EntryId>,
    /// Born children of a pregnancy, or the child itself.
    born: Option<NaiveDate>,
    multiple: bool,
    /// The day on which the handbook of a pregnancy was begun.
    begun: Option<NaiveDate>,
    /// A weight in grams that was taken on the day of birth, beside what the page of the birth says.
    weighed_at_birth: Option<u32>,
    /// Marks on the agenda.
    marks: BTreeSet<String>,
    /// Other entries: for events that they make done, and for answers that lead to a person.
    others: Vec<Other>,
    /// Weights of the first year.
    pub(in crate::app) weighed: Vec<Weighing>,
    /// After a loss or a death, also of a child whose pregnancy this is: nothing leads anywhere.
    pub(in crate::app) leads_silent: bool,
}

/// An entry that may make an event done.
#[derive(Debug)]
struct Other {
    kind: String,
    on: Option<NaiveDate>,
    fields: Fields,
}

/// A check's key: `18m`.
pub(in crate::app) fn check_key(months: u32) -> String {
    format!("{months}m")
}

/// A check from its key.
pub(in crate::app) fn check_months(key: &str) -> Option<u32> {
    key.trim().trim_end_matches('m').parse().ok()
}

impl Facts {
    /// Facts of a notebook before its entries are read.
    pub(in crate::app) fn new(
        notebook: NotebookView,
        born: Option<NaiveDate>,
        multiple: bool,
        begun: NaiveDate,
    ) -> Self {
        Self {
            notebook,
            given: Vec::new(),
            sittings: Vec::new(),
            sitting_ids: Vec::new(),
            born,
            multiple,
            begun: Some(begun),
            weighed_at_birth: None,
            marks: BTreeSet::new(),
            others: Vec::new(),
            weighed: Vec::new(),
            leads_silent: false,
        }
    }

    /// Takes a weight of the day of birth.
    pub(in crate::app) fn weighed_at_birth(&mut self, grams: Option<u32>) {
        self.weighed_at_birth = grams;
    }

    /// The weight at birth in grams: as the page of the birth says, else as it was weighed on that day.
    pub(in crate::app) fn birth_weight(&self) -> Option<u32> {
        let page = self.others.iter().find(|other| other.kind == Delivery::KIND.id);
        let written = page.and_then(|page| page.fields.get("weight")?.as_u64());
        written.and_then(|grams| u32::try_from(grams).ok()).or(self.weighed_at_birth)
    }

    /// Reads one entry.
    pub(in crate::app) fn take(&mut self, row: AgendaRow) {
        match (row.kind.as_str(), row.on) {
            (kind, Some(on)) if kind == Immunisation::KIND.id => {
                let dose: Dose<'_> = serde_json::from_str(&row.fields).unwrap_or_default();
                self.given.extend(dose.vaccine.map(|product| Given { on, product: product.into_owned() }));
            }
            (kind, Some(on)) if kind == SelfCheck::KIND.id => {
                let body: Body = serde_json::from_str(&row.fields).unwrap_or_default();
                if let Some(check) = body.check {
                    self.sittings.push(Sitting { check, on, ..body.sitting });
                    self.sitting_ids.push(row.id);
                }
            }
            (kind, _) if kind == AgendaMark::KIND.id => {
                let mark: Mark = serde_json::from_str(&row.fields).unwrap_or_default();
                self.marks.extend(mark.topic);
            }
            _ => {
                let fields = serde_json::from_str(&row.fields).unwrap_or_default();
                self.others.push(Other { kind: row.kind, on: row.on, fields });
            }
        }
    }

    /// Whether it is the first child, as the cover of the handbook says.
    pub(in crate::app) fn is_first_child(&self) -> Option<bool> {
        let cover = self.others.iter().find(|other| other.kind == Cover::KIND.id)?;
        cover.fields.get("birth_order")?.as_i64().map(|order| order == 1)
    }

    /// What is known, for the rules of what leads to a person.
    pub(in crate::app) fn known(&self) -> Known<'_> {
        let noted = self.others.iter().filter_map(|other| Some((other, other.on?)));
        Known {
            born: self.born,
            birth_weight: self.birth_weight(),
            noted: noted.map(|(other, on)| Noted { kind: &other.kind, on, fields: &other.fields }).collect(),
            weighed: self.weighed.clone(),
        }
    }

    /// What somebody should look at; nothing after a loss or a death.
    pub(in crate::app) fn leads<'c>(&self, content: &'c Content, today: NaiveDate) -> Vec<Lead<'c>> {
        if self.leads_silent || self.notebook.baby_silent() {
            return Vec::new();
        }
        leads::open(content.leads(), &self.known(), self.marks.iter().map(String::as_str), today)
    }

    /// The child, if this is a child's notebook with a birth date.
    pub(in crate::app) fn child(&self) -> Option<Child> {
        let born = self.notebook.profile.born.filter(|_| self.notebook.notebook_type == NotebookType::Child)?;
        let profile = &self.notebook.profile;
        Some(Child { born, gestation: profile.gestation_at_birth(), without_ages: profile.hides_age_ranges() })
    }

    /// Whether the child was born outside Japan.
    pub(in crate::app) fn is_born_abroad(&self) -> bool {
        self.notebook.profile.is_born_abroad()
    }

    fn anchors(&self) -> Anchors {
        Anchors {
            born: self.born,
            due: self.notebook.profile.due,
            ended: self.notebook.profile.ended_on.filter(|_| self.notebook.baby_silent()),
            notified: self.begun,
        }
    }

    /// Whose vaccinations; `None` where nothing is to be shown.
    pub(in crate::app) fn person(&self) -> Option<Person> {
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
    pub(in crate::app) fn family(&self, content: &Content) -> Family {
        let mut done = self.marks.clone();
        for event in content.agenda().iter().flat_map(|rules| &rules.event).filter(|event| event.done_by.is_some()) {
            let is_done = |other: &Other| {
                is_done_by(event, &other.kind, |field| other.fields.get(field).and_then(|value| value.as_str()))
            };
            if self.others.iter().any(is_done) {
                done.insert(event.id.clone());
            }
        }
        Family {
            notebook: self.notebook.notebook_type,
            anchors: self.anchors(),
            multiple: self.multiple,
            born_abroad: self.is_born_abroad(),
            birth_weight: self.birth_weight(),
            silent: self.notebook.baby_silent(),
            mother_elsewhere: self.notebook.profile.pregnancy.is_some(),
            done,
            last_prenatal: self
                .others
                .iter()
                .filter(|other| other.kind == PrenatalVisit::KIND.id)
                .filter_map(|other| other.on)
                .max(),
        }
    }
}

/// The moment at which a notebook was begun, in milliseconds since 1970: when the first of its own facts was written, also before
/// it came by a file or began anew. Which day that was, the carer's own calendar tells.
pub(in crate::app) fn begun_at(own: &[Change]) -> Option<u64> {
    let told = own.iter().flat_map(|change| change.history.iter().map(|past| past.stamp).chain([change.stamp]));
    told.map(|stamp| stamp.hlc.millis()).min()
}

#[derive(Default, Deserialize)]
struct Dose<'a> {
    #[serde(borrow, default)]
    vaccine: Option<Cow<'a, str>>,
}

#[derive(Default, Deserialize)]
struct Mark {
    #[serde(default)]
    topic: Option<String>,
}

/// A sitting as it is kept; read in one pass, because a child has hundreds of answers.
#[derive(Default)]
struct Body {
    check: Option<u32>,
    sitting: Sitting,
}

#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Body;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the fields of a sitting")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Body, A::Error> {
                let mut body = Body::default();
                while let Some(Text(key)) = map.next_key()? {
                    match key.strip_prefix("answer.") {
                        Some(item) => {
                            let Text(answer) = map.next_value()?;
                            let answer = Answer::from_key(&answer);
                            body.sitting.answers.extend(answer.map(|answer| (item.to_owned(), answer)));
                        }
                        None if key.starts_with("became.") => {
                            let item = key["became.".len()..].to_owned();
                            let Text(became) = map.next_value()?;
                            body.sitting.became.extend(Became::from_key(&became).map(|became| (item, became)));
                        }
                        None => match &*key {
                            "check" => body.check = check_months(&map.next_value::<Text<'_>>()?.0),
                            "carer" => body.sitting.carer = map.next_value()?,
                            "worry" => body.sitting.worry = map.next_value()?,
                            "notices" => body.sitting.notices = map.next_value()?,
                            _ => _ = map.next_value::<IgnoredAny>()?,
                        },
                    }
                }
                Ok(body)
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

#[cfg(test)]
mod tests {
    use ayumi_protocol::{DeviceId, Hlc, NotebookId, Stamp};

    use super::*;

    /// The id of a notebook is of its founding, and tells no day.
    #[test]
    fn a_notebook_was_begun_when_the_first_of_its_own_facts_was_written() {
        let notebook = NotebookId::from_slice(&[0; 16]).unwrap();
        let change = |ms: u64, body: &str| {
            let stamp = Stamp { hlc: Hlc(ms << 16), device: DeviceId(1) };
            Change::from_parts(notebook.into(), notebook, "profile", stamp, body).unwrap()
        };
        let (at, hours_later) = (1_795_269_600_000, 1_795_276_800_000);
        let (first, later) = (change(at, "{}"), change(hours_later, "{}"));
        assert_eq!(begun_at(&[later.clone(), first.clone()]), Some(at));
        assert_eq!(begun_at(std::slice::from_ref(&later)), Some(hours_later));
        assert_eq!(begun_at(&[]), None);
        let past = ayumi_protocol::Past {
            stamp: first.stamp,
            field: "name".into(),
            value: serde_json::Value::Null,
            origin: None,
        };
        assert_eq!(begun_at(&[Change { history: vec![past], ..later }]), Some(at), "before it came by a file");
    }
}
