//! JSON: our own export, with or without history.
//!
//! An entry comes in as it was shown, as this device's own; what its changes say is told as its history. So the same file
//! twice writes nothing twice, an older file never undoes a newer edit, and nobody's name stands under words that only a
//! file says they wrote. A notebook that this device does not have begins anew, with an id of its own.
//!
//! What is written passes the same rules as what is typed.

use std::collections::BTreeSet;

use ayumi_protocol::Past;

use super::json_entry;
use super::json_file::{File, FileEntry};
use super::json_photos::{Photos, Pixels};
use super::json_place::{Coming, Place};
use super::plan::{Founded, ImportPlan, ImportRow, LeftOut, Outcome, RowFields};
use crate::app::error::Result;
use crate::app::founding::found;
use crate::app::handbook::Handbook;
use crate::app::view::NotebookView;
use crate::model::kind::Record;
use crate::model::kinds::{Photo, Profile};
use crate::model::naming::EntryKey;
use crate::model::value::Fields;
use crate::model::{Invalid, Reason, Role, days};
use crate::store::{entries, photos};

pub(super) fn plan(handbook: &Handbook, text: &str) -> Result<ImportPlan> {
    let file = File::read(text)?;
    let (place, founded) = place_of(handbook, &file)?;
    let mut plan = ImportPlan { place: Some(place.view.clone()), founded, ..ImportPlan::default() };
    begin_notebook(handbook, &file, &place, &mut plan)?;
    let pictures = Photos::of(&file);
    let mut left = Left { absent: 0, without_entry: pictures.without_entry(&file) as u64 };
    let mut seen = BTreeSet::new();
    for (i, entry) in file.entries.iter().enumerate() {
        let again = entry.id.is_some_and(|id| !seen.insert((entry.kind.as_str(), id)));
        let outcome = if again {
            let id = entry.id.map(|id| id.to_string()).unwrap_or_default();
            let why = Invalid::new("id", &id, "each entry once in a file").because(Reason::TwiceInFile);
            Outcome::Problem(why)
        } else {
            take(handbook, &place, entry, &pictures, &mut left, &mut plan)?
        };
        let fields = match (&outcome, plan.changes.len().checked_sub(1)) {
            (Outcome::Add, Some(change)) if plan.changes[change].history.is_empty() => {
                RowFields::Begun { fields: entry.fields.clone(), change }
            }
            _ => RowFields::Own(entry.fields.clone()),
        };
        let (kind, on) = (entry.kind.clone(), entry.on);
        plan.rows.push(ImportRow { row: i as u64 + 1, outcome, kind, on, exactly: None, fields });
    }
    left.say(&mut plan);
    Ok(plan)
}

/// Photos that do not come, or not whole.
struct Left {
    absent: u64,
    without_entry: u64,
}

impl Left {
    fn say(&self, plan: &mut ImportPlan) {
        for (rows, why) in [(self.absent, Reason::PhotoNotThere), (self.without_entry, Reason::NoPlaceHere)] {
            if rows > 0 {
                plan.left_out.push(LeftOut { what: Photo::KIND.id.to_owned(), rows, why });
            }
        }
    }
}

/// Plans one entry, its pixels with it.
fn take(
    handbook: &Handbook,
    place: &Place,
    entry: &FileEntry,
    pictures: &Photos<'_>,
    left: &mut Left,
    plan: &mut ImportPlan,
) -> Result<Outcome> {
    let Some(key) = entry.id.map(|id| place.key(entry, id)).filter(|_| entry.kind == Photo::KIND.id) else {
        return json_entry::take(handbook, place, entry, plan);
    };
    let here = photos::data(handbook.db().reader(), &key)?.is_some();
    match pictures.pixels(entry) {
        Pixels::Damaged(why) if !here => Ok(Outcome::Problem(why)),
        Pixels::Absent if !here => {
            left.absent += 1;
            json_entry::take(handbook, place, entry, plan)
        }
        Pixels::Whole(data, thumb) if !here => {
            let outcome = json_entry::take(handbook, place, entry, plan)?;
            if !matches!(outcome, Outcome::Problem(_)) {
                plan.photos.push((key, data, thumb));
            }
            Ok(outcome)
        }
        _ => json_entry::take(handbook, place, entry, plan),
    }
}

/// The notebook of the file, the one that began anew from it, or a new one.
fn place_of(handbook: &Handbook, file: &File) -> Result<(Place, Option<Founded>)> {
    let in_file = file.notebook.id;
    let known = entries::notebook_or_its_heir(handbook.db().reader(), in_file)?;
    if let Some(notebook) = known {
        let view = handbook.notebooks().find(notebook)?;
        handbook.check_may_write(&view)?;
        let device = handbook.db().device(notebook)?;
        return Ok((Place { view, device, in_file }, None));
    }
    let notebook_type = file.notebook.notebook_type;
    let profile = facts_in(file)?;
    match days::check_profile(&profile, notebook_type, handbook.clock().today()) {
        // What was never answered, or could not be read, is not answered by a file either.
        Err(why) if why.reason != Reason::Missing => return Err(why.into()),
        _ => {}
    }
    let (channel, founding) = found(&handbook.db().carer()?, notebook_type)?;
    let name = profile.name.clone().unwrap_or_else(|| file.notebook.name.clone());
    let view = NotebookView { id: channel.notebook, notebook_type, name, role: Some(Role::Owner), profile };
    let place = Place { view, device: channel.device, in_file };
    Ok((place, Some(Founded { channel, founding, former: in_file })))
}

/// The notebook's own facts, as the file has them.
fn facts_in(file: &File) -> Result<Profile> {
    let own = EntryKey::profile(file.notebook.id);
    let is_own =
        |entry: &&FileEntry| entry.id.is_some_and(|id| EntryKey::new(file.notebook.id, &entry.kind, id) == own);
    let Some(entry) = file.entries.iter().find(is_own) else { return Ok(Profile::default()) };
    Ok(Profile::from_fields(&Profile::KIND.validate(&entry.fields)?))
}

/// If neither the device nor the file has the notebook's own facts, they begin here.
fn begin_notebook(handbook: &Handbook, file: &File, place: &Place, plan: &mut ImportPlan) -> Result<()> {
    let own = EntryKey::profile(place.view.id);
    let is_profile = |entry: &FileEntry| entry.id.map(|id| place.key(entry, id)) == Some(own.clone());
    if file.entries.iter().any(is_profile) || entries::find(handbook.db().reader(), &own)?.is_some() {
        return Ok(());
    }
    let profile = Profile {
        notebook_type: Some(file.notebook.notebook_type.key().into()),
        name: Some(file.notebook.name.clone()).filter(|name| !name.is_empty()),
        ..Profile::default()
    };
    let fields: Fields = Profile::KIND.validate(&profile.to_fields())?;
    let history: Vec<Past> = Vec::new();
    plan.changes.push(place.fresh(handbook, Coming { id: own.id, kind: Profile::KIND.id, fields: &fields, history })?);
    Ok(())
}
