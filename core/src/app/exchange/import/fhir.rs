//! FHIR R4 and SMART Health Cards: our own documents, and what others gave a family.
//!
//! A document of ours finds the notebook that began with it, or the one that its entries stand in, or begins anew. What stands
//! here already is left alone, whatever the file says. A file of others goes into the notebook that was named, and tells nothing that
//! stands there already.

use std::collections::{BTreeMap, HashMap, HashSet};

use ayumi_protocol::{EntryId, NotebookId};
use chrono::NaiveDate;
use serde_json::Value;

use super::json_entry::plan_one;
use super::json_place::{Coming, Place};
use super::plan::{Founded, ImportPlan, ImportRow, LeftOut, Outcome, RowFields};
use crate::app::error::{Error, Result};
use crate::app::founding::found;
use crate::app::handbook::Handbook;
use crate::app::records::entries::NewEntry;
use crate::app::view::{EntryView, ListFilter, NotebookView};
use crate::crypto::sha256_hex;
use crate::fhir::names::{in_file, references};
use crate::fhir::open::{Resource, Unopened, open};
use crate::fhir::read::{OwnFile, Taken, entries as entries_of, own, read};
use crate::fhir::why::Why;
use crate::model::kind::{COMMON, ON, Record};
use crate::model::kinds::{self, Immunisation, Photo, Profile};
use crate::model::naming::EntryKey;
use crate::model::value::Fields;
use crate::model::{Invalid, Reason, Role, days, limits};
use crate::store::entries;
use crate::texts::{self, Locale};

pub(super) fn plan(handbook: &Handbook, wanted: Option<NotebookId>, bytes: &[u8]) -> Result<ImportPlan> {
    let all = open(bytes).map_err(unopened)?;
    let target = Target::of(handbook, wanted, own(&all), &all)?;
    let reading = read(&all, target.place.view.profile.born);
    let mut planner = Planner {
        handbook,
        known: Known::of(handbook, &target)?,
        plan: ImportPlan {
            place: Some(target.place.view.clone()),
            left_out: reading.unused.into_iter().map(|what| LeftOut { what, rows: 0, why: Reason::NoField }).collect(),
            ..ImportPlan::default()
        },
        target,
        left: BTreeMap::new(),
    };
    for taken in reading.taken {
        planner.take(taken)?;
    }
    for left in reading.left {
        planner.push(left.place, because(left.why, &left.resource), left.resource, None, RowFields::Own(Fields::new()));
    }
    planner.plan.rows.sort_by_key(|row| row.row);
    let left = planner.left.into_iter().map(|((what, _), (rows, why))| LeftOut { what, rows, why });
    planner.plan.left_out.extend(left);
    planner.plan.founded = planner.target.founded;
    Ok(planner.plan)
}

fn unopened(why: Unopened) -> Error {
    let cannot = |given: &str, allowed: &str, reason| Invalid::new("file", given, allowed).because(reason).into();
    match why {
        // Line and column help; the words of the parser may repeat what a family wrote.
        Unopened::NotFhir(line, column) => {
            let given = if line == 0 { String::new() } else { format!("line {line}, column {column}") };
            cannot(&given, "FHIR R4 as JSON, or a SMART Health Card", Reason::NotAFile)
        }
        Unopened::TooLarge => {
            let allowed = "a smaller file (a card holds at most 1 MB, a document at most 100,000 resources)";
            cannot("", allowed, Reason::TooLarge)
        }
        Unopened::PartMissing => cannot("", "all parts of the QR code", Reason::PartMissing),
    }
}

fn no_notebook() -> Error {
    Invalid::new("notebook", "", "the notebook that it goes into").because(Reason::WhichNotebook).into()
}

/// What becomes of an entry or a resource.
enum Said {
    Plainly(Outcome),
    /// A resource of this type is not taken.
    Because(Why, String),
}

fn because(why: Why, resource: &str) -> Said {
    Said::Because(why, resource.to_owned())
}

/// The notebook that a file goes into.
struct Target {
    place: Place,
    founded: Option<Founded>,
}

impl Target {
    fn of(handbook: &Handbook, wanted: Option<NotebookId>, own: Option<OwnFile>, all: &[Resource]) -> Result<Self> {
        let there = match (&own, wanted) {
            (_, Some(wanted)) => Some(wanted),
            (Some(own), None) => Self::find(handbook, own, all)?,
            (None, None) => return Err(no_notebook()),
        };
        match (there, own) {
            (Some(notebook), _) => {
                let view = handbook.notebooks().find(notebook)?;
                handbook.check_may_write(&view)?;
                let device = handbook.db().device(notebook)?;
                Ok(Self { place: Place { view, device, in_file: notebook }, founded: None })
            }
            (None, Some(own)) => Self::begin(handbook, &own),
            (None, None) => Err(no_notebook()),
        }
    }

    /// The notebook that began with this file, else the one of its type in which most of its entries stand.
    fn find(handbook: &Handbook, own: &OwnFile, all: &[Resource]) -> Result<Option<NotebookId>> {
        let former = former_of(own.person)?;
        if let Some(heir) = entries::notebook_or_its_heir(handbook.db().reader(), former)? {
            return Ok(Some(heir));
        }
        let named = entries_of(all);
        let facts = Profile::KIND.validate(&own.profile).unwrap_or_default();
        let mut best = None;
        for view in handbook.notebooks().list()?.into_iter().filter(|view| view.notebook_type == own.notebook) {
            let here = all_entries(handbook, view.id)?;
            let count =
                here.iter().filter(|entry| named.contains(&entry.id) || named.contains(&in_file(entry.id))).count();
            if count > best.map_or(0, |(most, _)| most) {
                best = Some((count, view.id));
            } else if best.is_none() && named.is_empty() && same_facts(&view, &facts) {
                // Without entries the facts are all there is.
                best = Some((0, view.id));
            }
        }
        Ok(best.map(|(_, notebook)| notebook))
    }

    /// Founds the notebook of a file.
    fn begin(handbook: &Handbook, own: &OwnFile) -> Result<Self> {
        let profile = Profile::from_fields(&Profile::KIND.validate(&own.profile)?);
        match days::check_profile(&profile, own.notebook, handbook.clock().today()) {
            // What was never answered is not answered by a file either.
            Err(why) if why.reason != Reason::Missing => return Err(why.into()),
            _ => {}
        }
        let (channel, founding) = found(&handbook.db().carer()?, own.notebook)?;
        let (notebook, notebook_type) = (channel.notebook, own.notebook);
        let former = former_of(own.person)?;
        let name = profile.name.clone().unwrap_or_default();
        let view = NotebookView { id: notebook, notebook_type, name, role: Some(Role::Owner), profile };
        let place = Place { view, device: channel.device, in_file: former };
        Ok(Self { place, founded: Some(Founded { channel, founding, former }) })
    }
}

/// Whether a notebook has all these facts.
fn same_facts(view: &NotebookView, facts: &Fields) -> bool {
    let mut here = view.profile.to_fields();
    here.retain(|key, _| facts.contains_key(key));
    here == *facts
}

/// The id that a notebook is noted to have had before: the person's name in the file.
fn former_of(person: EntryId) -> Result<NotebookId> {
    NotebookId::from_slice(person.as_bytes()).map_err(|_| unopened(Unopened::NotFhir(0, 0)))
}

/// All entries of a notebook, deleted ones too, whatever is silent.
fn all_entries(handbook: &Handbook, notebook: NotebookId) -> Result<Vec<EntryView>> {
    let filter = |deleted| ListFilter { limit: u32::MAX, about_baby_too: true, deleted, ..ListFilter::default() };
    let mut all = handbook.entries().list(notebook, &filter(false))?;
    all.extend(handbook.entries().list(notebook, &filter(true))?);
    Ok(all)
}

/// What a notebook holds already.
#[derive(Default)]
struct Known {
    /// By kind and name in files.
    entries: HashMap<(String, EntryId), EntryView>,
    /// Ids here by names in files, whatever the kind.
    ids: HashMap<EntryId, EntryId>,
    /// What is said of a day: kind, day, field, value.
    said: HashSet<(String, NaiveDate, String, String)>,
}

impl Known {
    fn of(handbook: &Handbook, target: &Target) -> Result<Self> {
        let mut known = Self::default();
        if target.founded.is_some() {
            return Ok(known);
        }
        for entry in all_entries(handbook, target.place.view.id)? {
            if !entry.deleted {
                known.say(&entry.kind, entry.on, &entry.fields);
            }
            for name in [entry.id, in_file(entry.id)] {
                known.ids.insert(name, entry.id);
                known.entries.insert((entry.kind.clone(), name), entry.clone());
            }
        }
        Ok(known)
    }

    fn say(&mut self, kind: &str, on: Option<NaiveDate>, fields: &Fields) {
        self.said.extend(on.into_iter().flat_map(|on| sayings(kind, on, fields)));
    }

    /// Whether everything that counts of an entry is said already of its day.
    fn says(&self, kind: &str, on: NaiveDate, fields: &Fields) -> bool {
        let mut sayings = sayings(kind, on, fields).peekable();
        sayings.peek().is_some() && sayings.all(|saying| self.said.contains(&saying))
    }
}

/// What counts of an entry: not its words, and of a dose the vaccine alone.
fn sayings(kind: &str, on: NaiveDate, fields: &Fields) -> impl Iterator<Item = (String, NaiveDate, String, String)> {
    let dose = kind == Immunisation::KIND.id;
    let other = fields.get("vaccine").and_then(Value::as_str) == Some("other");
    let counts = move |key: &str| match key {
        "vaccine" => true,
        "maker_lot" => !dose || other,
        "note" | "remark" | "posture" => false,
        key => !dose && key != ON.key && !COMMON.iter().any(|field| field.key == key),
    };
    let kept = fields.iter().filter(move |(key, value)| counts(key) && !value.is_null());
    kept.map(move |(key, value)| (kind.to_owned(), on, key.clone(), value.to_string()))
}

struct Planner<'a> {
    handbook: &'a Handbook,
    known: Known,
    plan: ImportPlan,
    target: Target,
    /// How many resources are left out, by type and reason.
    left: BTreeMap<(String, &'static str), (u64, Reason)>,
}

impl Planner<'_> {
    fn push(&mut self, row: u64, said: Said, kind: String, on: Option<NaiveDate>, fields: RowFields) {
        let (outcome, exactly) = match said {
            Said::Plainly(outcome) => (outcome, None),
            Said::Because(why, resource) => {
                let key = format!("why.{}", why.key());
                let outcome = if why.is_problem() {
                    let allowed = texts::fhir(&key, Locale::En);
                    Outcome::Problem(Invalid::new(&resource, &resource, allowed).because(why.reason()))
                } else {
                    let reason = why.reason();
                    self.left.entry((resource, reason.key())).or_insert((0, reason)).0 += 1;
                    Outcome::LeftOut(reason)
                };
                (outcome, Some(texts::fhir(&key, self.handbook.locale())))
            }
        };
        self.plan.rows.push(ImportRow { row, outcome, kind, on, exactly, fields });
    }

    fn take(&mut self, taken: Taken) -> Result<()> {
        let (row, on, foreign) = (taken.place, taken.on, taken.own.is_none());
        let (kind, shown) = (taken.kind.clone(), taken.fields.clone());
        let done = if taken.kind == Profile::KIND.id { self.profile(&taken) } else { self.entry(taken) };
        let (said, fields) = match done {
            Ok((said, fields)) => (said, fields.unwrap_or(shown)),
            Err(Error::Invalid { why }) => (Said::Plainly(Outcome::Problem(why)), shown),
            Err(error) => return Err(error),
        };
        let fields = match (&said, self.plan.changes.len().checked_sub(1)) {
            (Said::Plainly(Outcome::Add), Some(change)) if foreign => RowFields::Begun { fields, change },
            _ => RowFields::Own(fields),
        };
        self.push(row, said, kind, on, fields);
        Ok(())
    }

    /// The notebook's own facts: they begin with it, and are never changed by a file.
    fn profile(&mut self, taken: &Taken) -> Result<(Said, Option<Fields>)> {
        let fields = Profile::KIND.validate(&taken.fields)?;
        let place = &self.target.place;
        if self.target.founded.is_some() && taken.own.is_some_and(|own| own.as_bytes() == place.in_file.as_bytes()) {
            let (id, kind, history) = (place.view.id.into(), Profile::KIND.id, Vec::new());
            let change = place.fresh(self.handbook, Coming { id, kind, fields: &fields, history })?;
            return Ok((Said::Plainly(plan_one(&mut self.plan, place, change, Outcome::Add)?), None));
        }
        let said = if same_facts(&place.view, &fields) {
            Said::Plainly(Outcome::AlreadyThere)
        } else {
            because(Why::OtherHere, Profile::KIND.id)
        };
        Ok((said, None))
    }

    fn entry(&mut self, mut taken: Taken) -> Result<(Said, Option<Fields>)> {
        self.rename(&mut taken);
        if taken.own.is_none() {
            self.mark(&mut taken);
        }
        let Some(on) = taken.on else { return Ok((because(Why::NoDay, &taken.kind), None)) };
        let view = &self.target.place.view;
        let new = NewEntry::checked(view.id, &taken.kind, on, &taken.fields)?;
        self.handbook.entries().check_fields(&taken.kind, &new.fields, view)?;
        let mut fields = new.fields.clone();
        fields.remove(ON.key);
        let there = taken.own.and_then(|own| self.known.entries.get(&(taken.kind.clone(), own)));
        let id = match there {
            Some(there) => there.id,
            None => taken.own.map_or_else(|| self.handbook.new_entry_id(), Ok)?,
        };
        let said = match there {
            Some(there) if there.deleted => because(Why::DeletedHere, &taken.kind),
            Some(there) if there.on == Some(on) && there.fields == fields => Said::Plainly(Outcome::AlreadyThere),
            Some(_) => because(Why::OtherHere, &taken.kind),
            None if taken.own.is_none() && self.known.says(&taken.kind, on, &fields) => {
                Said::Plainly(Outcome::AlreadyThere)
            }
            None => Said::Plainly(Outcome::Add),
        };
        let Said::Plainly(outcome) = said else { return Ok((said, Some(fields))) };
        // Our own was asked where it was typed.
        if outcome == Outcome::Add && taken.own.is_none() {
            self.handbook.growth().ask_back(&self.target.place.view, &new)?;
        }
        if let Some(picture) = taken.picture {
            let key = EntryKey::new(self.target.place.view.id, &taken.kind, id);
            if !self.picture(key, picture, &fields) {
                return Ok((because(Why::OtherPicture, &taken.kind), Some(fields)));
            }
        }
        if outcome != Outcome::Add {
            return Ok((Said::Plainly(outcome), Some(fields)));
        }
        self.known.say(&taken.kind, Some(on), &fields);
        let coming = Coming { id, kind: &taken.kind, fields: &new.fields, history: Vec::new() };
        let change = self.target.place.fresh(self.handbook, coming)?;
        let outcome = plan_one(&mut self.plan, &self.target.place, change, outcome)?;
        Ok((Said::Plainly(outcome), Some(fields)))
    }

    /// What an entry points at, by its id here.
    fn rename(&self, taken: &mut Taken) {
        for field in references(&taken.kind) {
            let named = taken.fields.get(field).and_then(Value::as_str).and_then(|id| id.parse().ok());
            if let Some(here) = named.and_then(|named: EntryId| self.known.ids.get(&named)) {
                taken.fields.insert(field.to_owned(), here.to_string().into());
            }
        }
    }

    /// Marks what others say: it was imported, and of a card that nobody checked the signature.
    fn mark(&self, taken: &mut Taken) {
        taken.fields.insert("source".into(), "imported".into());
        let Some(issuer) = &taken.card else { return };
        let words = texts::fhir("card.unchecked", self.handbook.locale()).replace("{issuer}", issuer);
        let kind = kinds::find(&taken.kind);
        let Some(field) =
            ["remark", "note"].into_iter().find(|field| kind.is_some_and(|kind| kind.field(field).is_some()))
        else {
            return;
        };
        let there = taken.fields.get(field).and_then(Value::as_str);
        let both = there.map_or_else(|| words.clone(), |there| format!("{there}\n{words}"));
        taken.fields.insert(field.to_owned(), both.into());
    }

    /// Plans to keep a picture, if it is the one that its entry names.
    fn picture(&mut self, key: EntryKey, picture: Vec<u8>, fields: &Fields) -> bool {
        let named = fields.get("sha256").and_then(Value::as_str);
        let fits = key.kind == Photo::KIND.id && picture.len() <= limits::PHOTO_BYTES;
        if !fits || named != Some(sha256_hex(&picture).as_str()) {
            return false;
        }
        let Ok(thumb) = crate::photo::thumbnail_of(&picture) else { return false };
        self.plan.photos.push((key, picture, thumb));
        true
    }
}
