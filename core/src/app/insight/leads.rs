//! What was written and must not stay silent, as people see it: words, who looks, how soon, then the desk.

use ayumi_protocol::NotebookId;
use chrono::NaiveDate;

use crate::app::error::Result;
use crate::app::facts::Facts;
use crate::app::handbook::Handbook;
use crate::app::insight::desks::{self, DeskView, WayView};
use crate::app::insight::lead_words::{clinics, words};
use crate::app::insight::measure::Measure;
use crate::app::insight::occasions::occasions;
use crate::app::view::{EntryView, ListFilter};
use crate::content::Content;
use crate::content::desk::Topic;
use crate::content::item::OfferKind;
use crate::content::lead::{Clinic, LeadRule};
use crate::growth::Reference;
use crate::growth::reading::Reading;
use crate::leads::{Noted, answers};
use crate::model::kind::Record;
use crate::model::kinds::{self, Contact};
use crate::model::{EntryId, EntryName};

/// What leads to a person.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/handbook.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let (handbook, child) = handbook(folder.path())?;
/// use ayumi_core::app::{NewEntry, OfferKind};
/// let card = NewEntry::typed(child, "stool", "2024-05-20", &[("colour_no", "2")])?;
/// let written = handbook.leads().written(handbook.entries().add(&card)?)?;
/// assert_eq!(written.leads[0].offer, OfferKind::Doctor);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Leads {
    pub(in crate::app) handbook: Handbook,
}

/// What somebody should look at, ready to show. No class, no number.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "Lead"))]
pub struct LeadView {
    /// Key of the rule.
    pub rule: String,
    /// Key of its line in the agenda, to mark it done; empty if it has none.
    pub key: String,
    /// The day of what was written.
    pub on: NaiveDate,
    /// What it leads to.
    pub offer: OfferKind,
    /// What to do, in words.
    pub words: String,
    /// How soon, in words.
    pub within: String,
    /// Who looks, in words, the first one first.
    pub clinics: Vec<String>,
    /// The family's own contacts among them, as they were written.
    pub own: Vec<WayView>,
    /// The municipality's desk, after them.
    pub desk: Option<DeskView>,
}

/// What follows from writing an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Written {
    /// The entry.
    pub id: EntryId,
    /// Whom it leads to; mostly nobody.
    pub leads: Vec<LeadView>,
    /// A topic of desks whose way stands beside this kind of entry, whatever is in it. The answers are not looked at.
    pub topic: Option<String>,
}

impl Leads {
    /// What follows from an entry that has just been written or changed. Nothing after a loss or a death.
    ///
    /// # Errors
    /// [`crate::app::Error::NotFound`].
    pub fn written(&self, entry: impl Into<EntryName>) -> Result<Written> {
        let entry = self.handbook.entries().show(entry)?;
        let topic = self.handbook.content()?.own_topic(&entry.kind).map(|topic| topic.key().to_owned());
        let leads = if entry.deleted { Vec::new() } else { self.of_entry(&entry)? };
        Ok(Written { id: entry.id, leads, topic })
    }

    /// All that is open in a notebook.
    ///
    /// # Errors
    /// [`crate::app::Error::NotFound`].
    pub fn open(&self, notebook: NotebookId) -> Result<Vec<LeadView>> {
        let (facts, content) = (self.handbook.facts(notebook)?, self.handbook.content()?);
        let all = facts.leads(&content, self.handbook.clock().today());
        all.iter().map(|lead| self.view(&content, &facts, lead.rule, lead.on)).collect()
    }

    fn of_entry(&self, entry: &EntryView) -> Result<Vec<LeadView>> {
        let (facts, content) = (self.handbook.facts(entry.notebook)?, self.handbook.content()?);
        let (Some(on), Some(kind)) = (entry.on, kinds::find(&entry.kind)) else { return Ok(Vec::new()) };
        if facts.leads_silent || facts.notebook.baby_silent() {
            return Ok(Vec::new());
        }
        let noted = Noted { kind: &entry.kind, on, fields: &entry.fields };
        let weighed = occasions(kind, Some(on), &entry.fields);
        let here = |rule: &LeadRule, day: NaiveDate| {
            let weighs = |measures: &[(Measure, f64)]| measures.iter().any(|(measure, _)| *measure == Measure::Weight);
            match rule.is_of_weight() {
                true => weighed.iter().any(|occasion| occasion.on == day && weighs(&occasion.values)),
                false => day == on && answers::leads(rule, &noted),
            }
        };
        let open = facts.leads(&content, self.handbook.clock().today());
        let found = open.iter().filter(|lead| here(lead.rule, lead.on));
        let mut found =
            found.map(|lead| self.view(&content, &facts, lead.rule, lead.on)).collect::<Result<Vec<_>>>()?;
        if found.is_empty() && kind.measured().next().is_some() {
            found.extend(self.lower(
                &content,
                entry,
                &weighed.iter().map(|occasion| occasion.on).collect::<Vec<_>>(),
            )?);
        }
        Ok(found)
    }

    /// A newest measurement that lies lower among the curves than the one before: the desk, and no line in the agenda.
    fn lower(&self, content: &Content, entry: &EntryView, days: &[NaiveDate]) -> Result<Option<LeadView>> {
        let all = self.handbook.growth().measurements(entry.notebook, Reference::default())?;
        let newest = |one: &&crate::app::Measurement| !all.iter().any(|m| m.measure == one.measure && m.on > one.on);
        let mut here = all.iter().filter(|one| days.contains(&one.on)).filter(newest);
        let Some(lower) = here.find(|one| one.reading_key == Reading::Lower.key()) else { return Ok(None) };
        let topic = if lower.measure == Measure::FetalWeight { Topic::Pregnancy } else { Topic::Development };
        Ok(Some(LeadView {
            rule: Reading::Lower.key().to_owned(),
            key: String::new(),
            on: lower.on,
            offer: OfferKind::Desk,
            words: lower.reading.clone(),
            within: String::new(),
            clinics: Vec::new(),
            own: Vec::new(),
            desk: desks::find(content, topic, self.handbook.now_in_japan(), self.handbook.locale()),
        }))
    }

    fn view(&self, content: &Content, facts: &Facts, rule: &LeadRule, on: NaiveDate) -> Result<LeadView> {
        let locale = self.handbook.locale();
        let desk = (rule.offer > OfferKind::Repeat)
            .then(|| desks::find(content, Topic::Development, self.handbook.now_in_japan(), locale))
            .flatten();
        Ok(LeadView {
            rule: rule.id.clone(),
            key: crate::leads::key(&rule.id, on),
            on,
            offer: rule.offer,
            words: words(content, facts, rule, locale),
            within: content.word(&format!("lead.within.{}", rule.within.key()), locale).into_owned(),
            clinics: clinics(content, rule, locale),
            own: self.own_contacts(facts.notebook.id, rule)?,
            desk,
        })
    }

    /// Contacts that the family has written for these clinics.
    fn own_contacts(&self, notebook: NotebookId, rule: &LeadRule) -> Result<Vec<WayView>> {
        let roles: &[&str] = match rule.clinics.first() {
            None => return Ok(Vec::new()),
            Some(Clinic::Birth) => &["midwife", "clinic", "doctor"],
            Some(_) => &["doctor", "clinic"],
        };
        let filter = ListFilter { kind: Some(Contact::KIND.id.into()), limit: u32::MAX, ..ListFilter::default() };
        let all = self.handbook.entries().list(notebook, &filter)?;
        let of_role = |role: &&str| -> Vec<WayView> {
            let contacts = all.iter().map(|entry| Contact::from_fields(&entry.fields));
            contacts.filter(|contact| contact.role.as_deref() == Some(*role)).filter_map(way).collect()
        };
        Ok(roles.iter().flat_map(of_role).collect())
    }
}

fn way(contact: Contact) -> Option<WayView> {
    let value = contact.tel?;
    Some(WayView {
        kind: "phone".into(),
        label: contact.name.unwrap_or_default(),
        value,
        note: contact.hours.unwrap_or_default(),
    })
}
