//! An entry that is here, and that a file shows otherwise.
//!
//! What was never shown here is an edit: somebody changed the file by hand. What stood here earlier was changed here since the file
//! was written, and is not undone by it.

use ayumi_protocol::Change;
use serde_json::Value;

use crate::app::error::{Error, Result};
use crate::app::handbook::Handbook;
use crate::app::view::{EntryView, VersionView};
use crate::model::days;
use crate::model::kind::Record;
use crate::model::kinds::{self, Profile};
use crate::model::merge::merge;
use crate::model::value::{Fields, typed};
use crate::model::{Invalid, Reason};
use crate::store::changes;

/// How a file's values stand to those of the entry.
pub(super) enum Differs {
    /// They are the same.
    Not,
    /// They are new: an edit.
    Edited,
    /// They cannot be taken.
    Cannot(Invalid),
}

/// Judges values that differ from those that an entry shows.
pub(super) fn judged(handbook: &Handbook, known: &EntryView, differs: &Fields) -> Result<Differs> {
    if known.deleted {
        let why = Invalid::new("id", &known.id.to_string(), "an entry that was not deleted here: restore it first");
        return Ok(Differs::Cannot(why.because(Reason::DeletedHere)));
    }
    let Some((key, value)) = differs.first_key_value() else { return Ok(Differs::Not) };
    if let Some(Err(why)) = kinds::find(&known.kind).map(|kind| days::by_hand(kind, differs.keys().map(String::as_str)))
    {
        return Ok(Differs::Cannot(why));
    }
    let earlier = |version: &VersionView| {
        differs.iter().all(|(key, value)| version.fields.get(key).unwrap_or(&Value::Null) == value)
    };
    if handbook.entries().history(known.name())?.iter().any(earlier) {
        let now = known.fields.get(key).map_or_else(String::new, typed);
        let allowed = format!("what stands here now ({now}): it was changed here after this file was written");
        return Ok(Differs::Cannot(Invalid::new(key, &typed(value), allowed).because(Reason::ChangedSince)));
    }
    let notebook = handbook.notebooks().find(known.notebook)?;
    let checked = if known.kind == Profile::KIND.id {
        let mut facts = notebook.profile.to_fields();
        facts.extend(differs.clone());
        facts.retain(|_, value| !value.is_null());
        days::check_profile(&Profile::from_fields(&facts), notebook.notebook_type, handbook.clock().today())
    } else {
        match handbook.entries().check_fields(&known.kind, differs, &notebook) {
            Err(Error::Invalid { why }) => Err(why),
            Err(error) => return Err(error),
            // A number that somebody typed into the file is asked back like any other.
            Ok(()) => match handbook.growth().ask_back_change(known, differs) {
                Err(Error::Invalid { why }) => Err(why),
                other => return other.map(|()| Differs::Edited),
            },
        }
    };
    Ok(checked.map_or_else(Differs::Cannot, |()| Differs::Edited))
}

/// The change that shows these values; `None` if they are shown.
pub(super) fn edit(handbook: &Handbook, known: &EntryView, differs: &Fields) -> Result<Option<Change>> {
    let key = known.key();
    let mut db = handbook.db();
    let fields = merge(&changes::of_entry(db.reader(), &key)?).edit(differs);
    if fields.is_empty() {
        return Ok(None);
    }
    let stamp = db.next_stamp(known.notebook, handbook.clock().now_ms())?;
    let (deletes, history) = (None, Vec::new());
    Ok(Some(Change { entry: key.id, notebook: key.notebook, kind: key.kind, stamp, fields, deletes, history }))
}
